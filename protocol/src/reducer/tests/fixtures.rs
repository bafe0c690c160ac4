//! Constructors of frames and rows for the tests of the reducer.

use crate::reducer::{Need, Row, State};
use crate::{
    Changes, ClientFrame, ClientId, Conversation, ConversationId, ConversationKind, ErrorBody, History,
    Member, Message, MessageId, MessageRead, MessageType, NewMessage, Page, Person, PersonStatus, Role,
    ServerFrame, Status, SyncAnswer, Timestamp, Typing, UserId,
};

pub(super) const ROOM: ConversationId = ConversationId(7);

pub(super) fn person(id: i64) -> Person {
    Person {
        id: UserId(id),
        username: format!("person{id}"),
        first_name: String::new(),
        last_name: String::new(),
        hue: None,
        suspended: false,
        bot: false,
        name_key: None,
        picture: None,
    }
}

pub(super) fn id(number: u128) -> ClientId {
    ClientId(uuid::Uuid::from_u128(number))
}

pub(super) fn message(seq: i64, sender: i64) -> Message {
    Message {
        id: MessageId(1_000 - seq),
        conversation_id: ROOM,
        seq,
        rev: seq,
        client_id: id(seq as u128),
        sender: person(sender),
        content: format!("message {seq}"),
        message_type: MessageType::Text,
        timestamp: Timestamp(seq),
        edited_at: None,
        deleted_at: None,
        reply_to: None,
        event: None,
    }
}

pub(super) fn member(id: i64) -> Member {
    Member {
        user: person(id),
        role: Role::Member,
        rev: 0,
        joined_seq: 0,
        read_seq: 0,
        delivered_seq: 0,
        left: false,
        subject_role: None,
    }
}

/// As a server with the messages 1 to `rev`, all from person 2, has it.
pub(super) fn entry(rev: i64) -> Conversation {
    Conversation {
        id: ROOM,
        kind: ConversationKind::Group,
        title: None,
        rev,
        members: (1..=3).map(member).collect(),
        member_count: 3,
        last_message: (rev > 0).then(|| message(rev, 2)),
        unread: rev.min(100) as u32,
        read_seq: 0,
        created_at: Timestamp(0),
        muted_until: None,
        archived: false,
        pinned: None,
        marked_unread: false,
        notify: crate::NotificationLevel::Default,
        draft: None,
        hue: None,
        emoji: None,
        history: History::Whole,
        subject: None,
    }
}

pub(super) fn synced(list: Vec<Conversation>) -> ServerFrame {
    ServerFrame::Synced(SyncAnswer {
        user_rev: 1,
        user: person(1),
        list: Some(list),
        next: None,
        unread_after: 0,
        archived: vec![],
        open: vec![],
        gone: vec![],
        hidden: vec![],
        presence: vec![],
        typing: vec![],
        preferences: None,
        notifications: None,
        invitations: None,
    })
}

pub(super) fn page(seqs: std::ops::RangeInclusive<i64>, as_of: i64, at_start: bool) -> Page {
    Page { messages: seqs.map(|seq| message(seq, 2)).collect(), as_of, at_start, at_end: false }
}

pub(super) fn reset(page: Page) -> ServerFrame {
    ServerFrame::Changes(Changes {
        conversation_id: ROOM,
        after: 0,
        rows: vec![],
        members: vec![],
        cursor: page.as_of,
        more: false,
        reset: Some(page),
    })
}

pub(super) fn changes(after: i64, rows: Vec<Message>, cursor: i64) -> ServerFrame {
    let (members, more) = (vec![], false);
    ServerFrame::Changes(Changes { conversation_id: ROOM, after, rows, members, cursor, more, reset: None })
}

pub(super) fn new_message(message: Message) -> ServerFrame {
    ServerFrame::NewMessage(NewMessage { conversation_id: ROOM, rev: message.rev, message, members: vec![] })
}

pub(super) fn read(reader: i64, seq: i64) -> ServerFrame {
    let message_id = MessageId(1_000 - seq);
    ServerFrame::MessageRead(MessageRead {
        conversation_id: ROOM,
        message_id,
        reader_id: UserId(reader),
        seq,
        user_rev: None,
    })
}

pub(super) fn typing(who: i64, is_typing: bool) -> ServerFrame {
    ServerFrame::Typing(Typing {
        conversation_id: ROOM,
        user_id: UserId(who),
        username: format!("person{who}"),
        is_typing,
    })
}

pub(super) fn here(who: i64, status: Status) -> PersonStatus {
    let (user_id, username) = (UserId(who), format!("person{who}"));
    PersonStatus { user_id, username, status, last_seen_at: None }
}

pub(super) fn ask_changes(after: i64) -> Vec<Need> {
    vec![Need::Ask(ClientFrame::Changes { conversation_id: Some(ROOM), after })]
}

pub(super) fn ask_list(state: &State) -> Vec<Need> {
    vec![Need::Ask(ClientFrame::Sync(state.sync_request()))]
}

/// In the list with `rev` messages.
pub(super) fn listed(rev: i64) -> State {
    let mut state = State::new(person(1));
    assert_eq!(state.apply(synced(vec![entry(rev)]), 0), vec![]);
    state
}

/// On screen, loaded from `from` on.
pub(super) fn loaded(from: i64, rev: i64) -> State {
    let mut state = listed(rev);
    assert_eq!(state.open(ROOM), ask_changes(0));
    assert_eq!(state.apply(reset(page(from..=rev, rev, from == 1)), 0), vec![]);
    state
}

pub(super) fn shown(state: &State) -> Vec<String> {
    let text = |row| match row {
        Row::Message(message) => message.content.clone(),
        Row::Pending(pending) => format!("({})", pending.content),
    };
    state.rows(ROOM).into_iter().map(text).collect()
}

pub(super) fn unread(state: &State) -> u32 {
    state.rooms[&ROOM].summary.unread
}

pub(super) fn sent(state: &mut State, now: u64) -> Vec<String> {
    let content = |frame| match frame {
        ClientFrame::ChatMessage { content, .. } => content,
        other => panic!("not a message: {other:?}"),
    };
    state.next_to_send(now).into_iter().map(content).collect()
}

pub(super) fn refuse(state: &mut State, number: u128, error: ErrorBody, now: u64) {
    assert_eq!(state.apply(ServerFrame::Error(error.about(Some(id(number)))), now), vec![]);
}
