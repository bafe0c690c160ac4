//! One value of every frame, all fields set, and one with everything left out that may be.

use protocol::*;
use uuid::Uuid;

const ROOM: ConversationId = ConversationId(7);

pub(crate) fn client_id() -> ClientId {
    ClientId(Uuid::from_u128(0x0189_0a5d_ac96_774b_bcce_b302_099a_8057))
}

fn anna() -> Person {
    Person {
        id: UserId(1),
        username: "anna".into(),
        first_name: "Änne".into(),
        last_name: "O'Neil \"A\"".into(),
        hue: Some(5),
        suspended: false,
        name_key: None,
    }
}

fn ben() -> Person {
    Person {
        id: UserId(2),
        username: "ben".into(),
        first_name: String::new(),
        last_name: String::new(),
        hue: None,
        suspended: false,
        name_key: None,
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp(1_767_225_600_000_000 + seconds * 1_000_000)
}

fn plain() -> Message {
    Message {
        id: MessageId(31),
        conversation_id: ROOM,
        seq: 3,
        rev: 3,
        client_id: client_id(),
        sender: ben(),
        content: "Hello\n\t\"world\" \u{1f680} \u{1}".into(),
        message_type: MessageType::Text,
        timestamp: at(1),
        edited_at: None,
        deleted_at: None,
        reply_to: None,
    }
}

fn changed() -> Message {
    Message {
        rev: 4,
        content: String::new(),
        message_type: MessageType::System,
        edited_at: Some(at(2)),
        deleted_at: Some(Timestamp(at(3).0 + 5)),
        reply_to: Some(MessageId(30)),
        sender: anna(),
        ..plain()
    }
}

fn member(user: Person, role: Role, left: bool) -> Member {
    Member { user, role, rev: 1, joined_seq: 1, read_seq: 2, delivered_seq: 3, left }
}

fn here() -> PersonStatus {
    PersonStatus { user_id: UserId(2), username: "ben".into(), status: Status::Online, last_seen_at: None }
}

fn gone() -> PersonStatus {
    PersonStatus { status: Status::Offline, last_seen_at: Some(at(4)), ..here() }
}

fn group() -> Conversation {
    Conversation {
        id: ROOM,
        kind: ConversationKind::Group,
        title: Some("Club".into()),
        rev: 4,
        members: vec![member(anna(), Role::Owner, false), member(ben(), Role::Moderator, true)],
        member_count: 1,
        last_message: Some(plain()),
        unread: 2,
        read_seq: 1,
        created_at: at(0),
    }
}

fn direct() -> Conversation {
    Conversation {
        kind: ConversationKind::Direct,
        title: None,
        members: vec![member(anna(), Role::Member, false)],
        last_message: None,
        ..group()
    }
}

fn position() -> ListPosition {
    ListPosition { as_of: plain().timestamp, active_at: group().created_at, id: ROOM }
}

fn page() -> Page {
    Page { messages: vec![plain()], as_of: 4, at_start: true, at_end: false }
}

fn changes() -> Changes {
    Changes {
        conversation_id: ROOM,
        after: 2,
        rows: vec![plain(), changed()],
        members: vec![member(ben(), Role::Member, false)],
        cursor: 4,
        more: true,
        reset: None,
    }
}

fn reset() -> Changes {
    Changes { after: 0, rows: vec![], members: vec![], more: false, reset: Some(page()), ..changes() }
}

/// Frames of the server.
pub(crate) fn server_frames() -> Vec<ServerFrame> {
    vec![
        ServerFrame::ConnectionEstablished(ConnectionEstablished {
            message: "Connected to chat".into(),
            user: anna(),
            conversation_id: Some(ROOM),
            cursor: Some(4),
            presence: vec![here(), gone()],
        }),
        ServerFrame::ConnectionEstablished(ConnectionEstablished {
            message: "Connected to chat".into(),
            user: ben(),
            conversation_id: None,
            cursor: None,
            presence: vec![],
        }),
        ServerFrame::NewMessage(NewMessage {
            conversation_id: ROOM,
            rev: 3,
            message: plain(),
            members: vec![member(ben(), Role::Member, false)],
        }),
        ServerFrame::NewMessage(NewMessage {
            conversation_id: ROOM,
            rev: 3,
            message: plain(),
            members: vec![],
        }),
        ServerFrame::MessageUpdated(MessageUpdated { conversation_id: ROOM, rev: 4, message: changed() }),
        ServerFrame::MessageDeleted(MessageDeleted {
            conversation_id: ROOM,
            message_id: MessageId(31),
            rev: Some(4),
            user_rev: Some(9),
            message: Some(changed()),
        }),
        ServerFrame::MessageDeleted(MessageDeleted {
            conversation_id: ROOM,
            message_id: MessageId(31),
            rev: None,
            user_rev: None,
            message: None,
        }),
        ServerFrame::MessageRestored(MessageRestored {
            conversation_id: ROOM,
            message_id: MessageId(31),
            user_rev: 10,
        }),
        ServerFrame::Typing(Typing {
            conversation_id: ROOM,
            user_id: UserId(2),
            username: "ben".into(),
            is_typing: true,
        }),
        ServerFrame::MessageRead(MessageRead {
            conversation_id: ROOM,
            message_id: MessageId(31),
            reader_id: UserId(1),
            seq: 3,
            user_rev: Some(11),
        }),
        ServerFrame::MessageRead(MessageRead {
            conversation_id: ROOM,
            message_id: MessageId(31),
            reader_id: UserId(2),
            seq: 3,
            user_rev: None,
        }),
        ServerFrame::MessageDelivered(MessageDelivered {
            conversation_id: ROOM,
            message_id: MessageId(31),
            user_id: UserId(2),
            seq: 3,
        }),
        ServerFrame::UserJoin(UserJoin { conversation_id: ROOM, user_id: UserId(2), username: "ben".into() }),
        ServerFrame::UserLeave(UserLeave {
            conversation_id: ROOM,
            user_id: UserId(2),
            username: "ben".into(),
        }),
        ServerFrame::UserStatus(here()),
        ServerFrame::UserStatus(gone()),
        ServerFrame::UserUpdated(UserUpdated { user: anna() }),
        ServerFrame::UserUpdated(UserUpdated {
            user: Person {
                first_name: "Веn".into(), suspended: true, name_key: Some("ben".into()), ..ben()
            },
        }),
        ServerFrame::Ack(Ack { client_id: client_id(), message: plain() }),
        ServerFrame::Error(ErrorBody::rate_limited(1.5).about(Some(client_id()))),
        ServerFrame::Error(ErrorBody::new(ErrorCode::NotFound)),
        ServerFrame::Synced(SyncAnswer {
            user_rev: 11,
            user: anna(),
            list: Some(vec![group(), direct()]),
            next: None,
            unread_after: 0,
            open: vec![changes(), reset()],
            gone: vec![ConversationId(8)],
            hidden: vec![Hidden { conversation_id: ROOM, message_id: MessageId(30), hidden: true }],
            presence: vec![here()],
            typing: vec![TypingNow { conversation_id: ROOM, user_id: UserId(2), username: "ben".into() }],
        }),
        ServerFrame::Synced(SyncAnswer {
            user_rev: 0,
            user: ben(),
            list: None,
            next: None,
            unread_after: 0,
            open: vec![],
            gone: vec![],
            hidden: vec![],
            presence: vec![],
            typing: vec![],
        }),
        ServerFrame::Synced(SyncAnswer {
            user_rev: 11,
            user: anna(),
            list: Some(vec![direct()]),
            next: Some(position()),
            unread_after: 3,
            open: vec![],
            gone: vec![],
            hidden: vec![],
            presence: vec![],
            typing: vec![],
        }),
        ServerFrame::List(ListPage {
            user_rev: 11,
            after: position(),
            conversations: vec![direct()],
            next: None,
            unread_after: 0,
        }),
        ServerFrame::Changes(changes()),
        ServerFrame::Changes(reset()),
        ServerFrame::Page(PageAnswer { conversation_id: ROOM, before: Some(4), after: None, page: page() }),
        ServerFrame::Page(PageAnswer {
            conversation_id: ROOM,
            before: None,
            after: Some(2),
            page: Page { messages: vec![], as_of: 4, at_start: false, at_end: true },
        }),
        ServerFrame::ConversationUpdated(ConversationUpdated { conversation: group(), user_rev: 12 }),
        ServerFrame::ConversationRemoved(ConversationRemoved { conversation_id: ROOM, user_rev: 13 }),
        ServerFrame::Ping,
        ServerFrame::Pong,
    ]
}

/// Frames of a client.
pub(crate) fn client_frames() -> Vec<ClientFrame> {
    vec![
        ClientFrame::ChatMessage {
            conversation_id: Some(ROOM),
            content: "Hé \"du\"\n".into(),
            client_id: Some(client_id()),
            reply_to: Some(MessageId(30)),
        },
        ClientFrame::ChatMessage {
            conversation_id: None,
            content: String::new(),
            client_id: None,
            reply_to: None,
        },
        ClientFrame::Typing { conversation_id: Some(ROOM), is_typing: true },
        ClientFrame::MarkRead { conversation_id: Some(ROOM), message_id: Some(MessageId(31)) },
        ClientFrame::MarkRead { conversation_id: None, message_id: None },
        ClientFrame::MarkDelivered { conversation_id: Some(ROOM), message_id: Some(MessageId(31)) },
        ClientFrame::DeleteMessage {
            conversation_id: Some(ROOM),
            message_id: Some(MessageId(31)),
            audience: DeleteFor::Everyone,
        },
        ClientFrame::DeleteMessage { conversation_id: None, message_id: None, audience: DeleteFor::Me },
        ClientFrame::RestoreMessage { conversation_id: Some(ROOM), message_id: Some(MessageId(31)) },
        ClientFrame::UserStatus { status: Status::Away },
        ClientFrame::Sync(SyncRequest {
            user_rev: 3,
            list: true,
            open: OpenCursors([(ROOM, 4), (ConversationId(12), 0)].into_iter().collect()),
        }),
        ClientFrame::Sync(SyncRequest::default()),
        ClientFrame::Changes { conversation_id: Some(ROOM), after: 4 },
        ClientFrame::List { after: position() },
        ClientFrame::Page { conversation_id: Some(ROOM), before: Some(4), after: None },
        ClientFrame::Page { conversation_id: None, before: None, after: Some(4) },
        ClientFrame::Ping,
        ClientFrame::Pong,
    ]
}

/// A poll, and its answer.
pub(crate) fn poll() -> (PollRequest, PollAnswer) {
    let request = PollRequest {
        mailbox: Some(Uuid::from_u128(5)),
        batch: 9_007_199_254_740_993,
        wait: true,
        sync: SyncRequest { user_rev: 3, list: false, open: OpenCursors([(ROOM, 4)].into_iter().collect()) },
    };
    let frames =
        vec![ServerFrame::Ping, ServerFrame::Error(ErrorBody::new(ErrorCode::Malformed)), ServerFrame::Pong];
    (request, PollAnswer { mailbox: Uuid::from_u128(5), batch: 2, frames })
}
