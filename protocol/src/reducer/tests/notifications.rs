//! The notifications of the person.

use super::fixtures::*;
use crate::notify::Event;
use crate::reducer::{Need, State};
use crate::{
    ClientFrame, Conversation, ConversationId, ConversationKind, ConversationRemoved, MembershipUpdated,
    Message, MessageDeleted, MessageRead, Notification, NotificationAdded, NotificationId, NotificationKind,
    NotificationPage, NotificationsRead, PersonalState, ServerFrame, SyncAnswer, Timestamp, UserId,
    UserUpdated,
};

const ELSEWHERE: ConversationId = ConversationId(8);

fn mention(conversation_id: ConversationId, seq: i64) -> Notification {
    let created_at = Timestamp(seq);
    Notification {
        id: NotificationId { created_at, conversation_id, seq },
        kind: NotificationKind::Mention,
        conversation_id,
        seq,
        message_id: message(seq, 2).id,
        title: None,
        actor: person(2),
        role: None,
        preview: "@person1".into(),
        created_at,
        read: false,
    }
}

fn direct(rev: i64) -> Conversation {
    Conversation { kind: ConversationKind::Direct, ..entry(rev) }
}

fn group(rev: i64) -> Conversation {
    Conversation { id: ELSEWHERE, ..entry(rev) }
}

fn page_of(items: Vec<Notification>, unread: u32, next: Option<NotificationId>) -> NotificationPage {
    NotificationPage { user_rev: 1, cursor: None, notifications: items, unread, next }
}

fn synced_with(list: Vec<Conversation>, page: NotificationPage) -> ServerFrame {
    let ServerFrame::Synced(answer) = synced(list) else { unreachable!("as it is made") };
    ServerFrame::Synced(SyncAnswer { user_rev: page.user_rev, notifications: Some(page), ..answer })
}

/// A client with a direct conversation of `rev` unread messages, and a group.
fn client(rev: i64) -> State {
    let mut state = State::new(person(1));
    let page = page_of(vec![], 0, None);
    assert_eq!(state.apply(synced_with(vec![direct(rev), group(0)], page), 0), vec![]);
    state
}

fn notified(notification: Notification, user_rev: i64) -> ServerFrame {
    ServerFrame::Notification(NotificationAdded { notification, user_rev })
}

/// Kind, conversation, `seq`, and whether it is read.
fn held(state: &State) -> Vec<(NotificationKind, i64, i64, bool)> {
    let all = state.notifications().iter();
    all.map(|item| (item.kind, item.conversation_id.0, item.seq, item.read)).collect()
}

use NotificationKind::{Direct, Mention};

#[test]
fn n1_a_direct_conversation_has_one_notification_of_its_newest_message() {
    let mut state = client(2);
    assert_eq!(held(&state), [(Direct, 7, 2, false)]);
    state.take_touched();
    state.apply(new_message(message(3, 2)), 0);
    assert_eq!(held(&state), [(Direct, 7, 3, false)]);
    assert_eq!((state.unread_notifications(), state.notifications()[0].preview.as_str()), (1, "message 3"));
    assert!(state.take_touched().notifications);
    // An own message is no news, and does not hide what is unread.
    state.apply(new_message(message(4, 1)), 0);
    assert_eq!(held(&state), [(Direct, 7, 3, false)]);
    assert!(!state.take_touched().notifications);
    state.apply(read(1, 2), 0);
    assert_eq!(held(&state), [(Direct, 7, 3, false)]);
    state.apply(read(1, 4), 0);
    assert_eq!(held(&state), []);
    assert!(state.take_touched().notifications);
}

#[test]
fn n1_a_message_of_a_group_is_no_notification_but_a_mention_is() {
    let mut state = client(0);
    let told = Message { conversation_id: ELSEWHERE, ..message(1, 2) };
    let frame = crate::NewMessage { conversation_id: ELSEWHERE, rev: 1, message: told, members: vec![] };
    state.apply(ServerFrame::NewMessage(frame), 0);
    assert_eq!(held(&state), []);
    state.apply(notified(mention(ELSEWHERE, 1), 2), 0);
    assert_eq!(held(&state), [(Mention, 8, 1, false)]);
    assert_eq!(state.user_rev, 2);
    // A repeat changes nothing.
    state.take_touched();
    state.apply(notified(mention(ELSEWHERE, 1), 2), 0);
    assert_eq!((held(&state).len(), state.take_touched().notifications), (1, false));
}

#[test]
fn n1_reading_a_conversation_reads_its_notifications_whether_it_is_listed_or_not() {
    let unlisted = ConversationId(9);
    for id in [ELSEWHERE, unlisted] {
        let mut state = client(0);
        state.apply(notified(mention(id, 1), 2), 0);
        state.apply(notified(mention(id, 3), 3), 0);
        let read = MessageRead {
            conversation_id: id,
            message_id: message(1, 2).id,
            reader_id: UserId(1),
            seq: 1,
            user_rev: Some(4),
        };
        state.apply(ServerFrame::MessageRead(read.clone()), 0);
        assert_eq!(held(&state), [(Mention, id.0, 3, false), (Mention, id.0, 1, true)]);
        // Somebody else's position is no concern.
        let other = MessageRead { reader_id: UserId(2), seq: 3, user_rev: None, ..read };
        state.apply(ServerFrame::MessageRead(other), 0);
        assert_eq!(state.unread_notifications(), 1);
    }
}

#[test]
fn n1_a_notification_of_what_is_read_already_comes_read() {
    let mut state = State::new(person(1));
    let read_before = Conversation { read_seq: 4, unread: 0, ..group(4) };
    state.apply(synced_with(vec![read_before], page_of(vec![], 0, None)), 0);
    state.apply(notified(mention(ELSEWHERE, 4), 2), 0);
    assert_eq!((held(&state), state.unread_notifications()), (vec![(Mention, 8, 4, true)], 0));
}

#[test]
fn n1_marking_all_as_read_leaves_what_came_later() {
    let mut state = client(2);
    state.apply(notified(mention(ELSEWHERE, 5), 2), 0);
    state.apply(ServerFrame::NotificationsRead(NotificationsRead { up_to: Timestamp(2), user_rev: 3 }), 0);
    assert_eq!(held(&state), [(Mention, 8, 5, false), (Direct, 7, 2, true)]);
    assert_eq!((state.unread_notifications(), state.user_rev), (1, 3));
    // The next message of the conversation is news again.
    state.apply(new_message(message(3, 2)), 0);
    assert_eq!(held(&state), [(Mention, 8, 5, false), (Direct, 7, 3, false)]);
}

#[test]
fn n1_what_was_deleted_or_left_has_no_notification() {
    let mut state = client(2);
    state.apply(notified(mention(ELSEWHERE, 5), 2), 0);
    let tombstone = Message {
        id: mention(ELSEWHERE, 5).message_id,
        conversation_id: ELSEWHERE,
        rev: 6,
        deleted_at: Some(Timestamp(6)),
        content: String::new(),
        ..message(5, 2)
    };
    let deleted = ServerFrame::MessageDeleted(MessageDeleted {
        conversation_id: ELSEWHERE,
        message_id: tombstone.id,
        rev: Some(6),
        user_rev: None,
        message: Some(tombstone),
    });
    state.apply(deleted, 0);
    assert_eq!(held(&state), [(Direct, 7, 2, false)]);
    let left = ConversationRemoved { conversation_id: ROOM, user_rev: 3 };
    state.apply(ServerFrame::ConversationRemoved(left), 0);
    assert_eq!(held(&state), []);
}

#[test]
fn n1_pages_are_loaded_once_each_and_the_number_of_unread_ones_counts_all() {
    let mut state = State::new(person(1));
    let items = vec![mention(ELSEWHERE, 9), mention(ELSEWHERE, 8)];
    let next = Some(items[1].id);
    state.apply(synced_with(vec![group(9)], page_of(items, 5, next)), 0);
    assert_eq!((state.unread_notifications(), state.notifications_end()), (5, next));
    let ask = vec![Need::Ask(ClientFrame::Notifications { cursor: next })];
    assert_eq!(state.load_notifications(), ask);
    assert_eq!(state.load_notifications(), vec![]);
    let older = page_of(vec![mention(ELSEWHERE, 4)], 5, None);
    // The answer to another request is none to this one.
    let other = NotificationPage { cursor: Some(mention(ELSEWHERE, 7).id), ..older.clone() };
    state.apply(ServerFrame::Notifications(other), 0);
    assert_eq!(state.notifications().len(), 2);
    let older = NotificationPage { cursor: next, unread: 3, ..older };
    assert_eq!(state.apply(ServerFrame::Notifications(older), 0), vec![]);
    assert_eq!((state.notifications().len(), state.unread_notifications()), (3, 3));
    assert_eq!(state.load_notifications(), vec![]);
    // Older than the loaded ones of a client that has not all: it comes with its page.
    let page = page_of(vec![mention(ELSEWHERE, 9)], 1, Some(mention(ELSEWHERE, 9).id));
    state.apply(synced_with(vec![group(9), direct(2)], page), 0);
    assert_eq!(held(&state), [(Mention, 8, 9, false)]);
}

#[test]
fn n1_a_lost_link_asks_for_the_page_again() {
    let mut state = State::new(person(1));
    let next = Some(mention(ELSEWHERE, 9).id);
    state.apply(synced_with(vec![group(9)], page_of(vec![mention(ELSEWHERE, 9)], 2, next)), 0);
    let ask = state.load_notifications();
    assert_eq!(ask.len(), 1);
    state.link_lost();
    assert_eq!(state.needs(), ask);
}

#[test]
fn n1_an_older_snapshot_does_not_lose_a_message_that_came_meanwhile() {
    let mut state = client(2);
    state.apply(new_message(message(3, 2)), 0);
    let stale = page_of(vec![Notification { kind: Direct, ..mention(ROOM, 2) }], 1, None);
    state.apply(synced_with(vec![direct(2), group(0)], stale), 0);
    assert_eq!(held(&state), [(Direct, 7, 3, false)]);
}

#[test]
fn n1_names_follow_their_people_and_titles_their_groups() {
    let mut state = client(2);
    state.apply(notified(mention(ELSEWHERE, 5), 2), 0);
    let renamed = crate::Person { first_name: "Bo".into(), ..person(2) };
    state.apply(ServerFrame::UserUpdated(UserUpdated { user: renamed.clone() }), 0);
    assert!(state.notifications().iter().all(|item| item.actor == renamed));
    let titled = Conversation { title: Some("Bikes".into()), ..group(1) };
    let frame = crate::ConversationUpdated { conversation: titled, user_rev: 3 };
    state.apply(ServerFrame::ConversationUpdated(frame), 0);
    assert_eq!(state.notifications()[0].title.as_deref(), Some("Bikes"));
}

#[test]
fn n1_news_are_what_is_unread_and_later_than_a_time() {
    let mut state = client(3);
    for seq in 1..=5 {
        let told = Message { conversation_id: ELSEWHERE, ..message(seq, 2) };
        let frame =
            crate::NewMessage { conversation_id: ELSEWHERE, rev: seq, message: told, members: vec![] };
        state.apply(ServerFrame::NewMessage(frame), 0);
    }
    let news = |state: &State, since| {
        let all = state.news(Timestamp(since)).into_iter();
        all.map(|one| (one.event, one.conversation_id.0, one.seq)).collect::<Vec<_>>()
    };
    let direct = (Event::Notification(Direct), 7, 3);
    assert_eq!(news(&state, 2), [direct, (Event::GroupMessage, 8, 5)]);
    assert_eq!(news(&state, 3), [(Event::GroupMessage, 8, 5)]);
    // A mention comes in the place of its message.
    state.apply(notified(mention(ELSEWHERE, 5), 2), 0);
    assert_eq!(news(&state, 0), [direct, (Event::Notification(Mention), 8, 5)]);
    assert_eq!(news(&state, 5), []);
    state.apply(read(1, 3), 0);
    assert_eq!(news(&state, 0), [(Event::Notification(Mention), 8, 5)]);
    // One's own message is no news.
    let own = Message { conversation_id: ELSEWHERE, ..message(6, 1) };
    let frame = crate::NewMessage { conversation_id: ELSEWHERE, rev: 6, message: own, members: vec![] };
    state.apply(ServerFrame::NewMessage(frame), 0);
    assert_eq!(news(&state, 5), []);
}

#[test]
fn n1_being_added_is_unread_until_the_group_was_read() {
    let mut state = State::new(person(1));
    state.apply(synced_with(vec![], page_of(vec![], 0, None)), 0);
    // The group's history before the joining counts as read, the joining does not.
    let mut joined = Conversation { id: ELSEWHERE, unread: 0, ..entry(4) };
    joined.members[0].joined_seq = 4;
    let frame = crate::ConversationUpdated { conversation: joined, user_rev: 2 };
    state.apply(ServerFrame::ConversationUpdated(frame), 0);
    let added = Notification { kind: NotificationKind::Added, ..mention(ELSEWHERE, 4) };
    state.apply(notified(added, 3), 0);
    assert_eq!(
        (held(&state), state.unread_notifications()),
        (vec![(NotificationKind::Added, 8, 4, false)], 1)
    );
    let read = MessageRead {
        conversation_id: ELSEWHERE,
        message_id: message(4, 2).id,
        reader_id: UserId(1),
        seq: 4,
        user_rev: Some(4),
    };
    state.apply(ServerFrame::MessageRead(read), 0);
    assert_eq!(state.unread_notifications(), 0);
}

#[test]
fn n1_a_muted_direct_conversation_has_no_notification_until_the_muting_ends() {
    let mut state = client(2);
    state.set_clock(Timestamp(100));
    let muted = |until: Option<i64>, user_rev| {
        let state = PersonalState { muted_until: until.map(Timestamp), ..PersonalState::default() };
        ServerFrame::MembershipUpdated(MembershipUpdated::new(ROOM, user_rev, state))
    };
    state.apply(muted(Some(200), 2), 0);
    assert_eq!((held(&state), state.unread_notifications()), (vec![], 0));
    state.apply(new_message(message(3, 2)), 0);
    assert_eq!(held(&state), []);
    state.set_clock(Timestamp(199));
    assert_eq!(held(&state), []);
    state.set_clock(Timestamp(200));
    assert_eq!(held(&state), [(Direct, 7, 3, false)]);
}
