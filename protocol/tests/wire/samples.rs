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
        bot: false,
        name_key: None,
        picture: None,
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
        bot: false,
        name_key: None,
        picture: None,
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
        event: None,
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

fn of_group() -> Message {
    let event = GroupEvent {
        kind: GroupEventKind::RoleChanged,
        members: vec![anna()],
        others: 2,
        title: Some("Club".into()),
        role: Some(Role::Moderator),
        hue: Some(5),
        emoji: Some("\u{1f3b2}".into()),
        history: Some(History::FromJoining),
        subject: Some(Box::new(subject())),
        by_sender: true,
    };
    Message {
        content: "made Änne a moderator".into(),
        message_type: MessageType::System,
        event: Some(Box::new(event)),
        ..plain()
    }
}

fn member(user: Person, role: Role, left: bool) -> Member {
    Member { user, role, rev: 1, joined_seq: 1, read_seq: 2, delivered_seq: 3, left, subject_role: None }
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
        muted_until: None,
        archived: false,
        pinned: None,
        marked_unread: false,
        notify: NotificationLevel::Default,
        draft: None,
        hue: Some(5),
        emoji: Some("\u{1f3b2}".into()),
        history: History::FromJoining,
        subject: Some(Box::new(subject())),
    }
}

fn subject() -> Subject {
    Subject {
        kind: "listing".into(),
        id: "42".into(),
        kind_name: "Listing".into(),
        title: "A bicycle".into(),
        url: Some("https://shop.example/42".into()),
        image: Some("https://img.example/42.jpg".into()),
        fields: vec![SubjectField { name: "Price".into(), value: "40 €".into() }],
        closed: Some("Sold".into()),
        closed_by: Some(ClosedBy::Participant),
    }
}

fn direct() -> Conversation {
    Conversation {
        kind: ConversationKind::Direct,
        title: None,
        members: vec![member(anna(), Role::Member, false)],
        last_message: None,
        hue: None,
        emoji: None,
        history: History::Whole,
        subject: None,
        ..group()
    }
}

fn preferences() -> Preferences {
    Preferences {
        theme: "dark".into(),
        language: "de".into(),
        time_zone: AUTO.into(),
        device_time_zone: Some("Europe/Berlin".into()),
        notify_direct: false,
        notify_mention: false,
        notify_group: true,
        notify_added: false,
        sound: false,
        push_content: true,
        quiet_from: Some(1_320),
        quiet_to: Some(420),
        show_typing: false,
        send_read_receipts: false,
        addable_by: AddableBy::Nobody,
    }
}

fn preferences_change() -> PreferencesChange {
    PreferencesChange {
        theme: Some("dark".into()),
        language: Some("de".into()),
        time_zone: Some(AUTO.into()),
        device_time_zone: Some("Europe/Berlin".into()),
        notify_direct: Some(false),
        notify_mention: Some(false),
        notify_group: Some(true),
        notify_added: Some(false),
        sound: Some(false),
        push_content: Some(true),
        quiet_from: Some(Some(1_320)),
        quiet_to: Some(Some(420)),
        show_typing: Some(false),
        send_read_receipts: Some(false),
        addable_by: Some(AddableBy::Nobody),
    }
}

/// As its reader changed it.
fn personal() -> Conversation {
    Conversation {
        muted_until: Some(Timestamp(limits::MUTED_FOREVER)),
        archived: true,
        pinned: Some(2),
        marked_unread: true,
        notify: NotificationLevel::Mentions,
        draft: Some("so \"far\"".into()),
        ..direct()
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

fn invitation() -> Invitation {
    Invitation {
        id: InvitationId(3),
        conversation: GroupPreview {
            id: ROOM,
            title: Some("Club".into()),
            hue: Some(2),
            emoji: Some("\u{1f680}".into()),
            member_count: 2,
        },
        by: anna(),
        created_at: at(5),
    }
}

fn untitled_invitation() -> Invitation {
    Invitation {
        conversation: GroupPreview { title: None, hue: None, emoji: None, ..invitation().conversation },
        ..invitation()
    }
}

fn link() -> InvitationLink {
    InvitationLink {
        id: InvitationLinkId(6),
        token_start: "kJ3_x-".into(),
        by: anna(),
        created_at: at(6),
        expires_at: at(7),
        uses_left: Some(5),
    }
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
        ServerFrame::NewMessage(NewMessage {
            conversation_id: ROOM,
            rev: 3,
            message: of_group(),
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
        ServerFrame::UserUpdated(UserUpdated { user: Person { bot: true, ..ben() } }),
        ServerFrame::UserUpdated(UserUpdated {
            user: Person { picture: Some("https://img.example/7.png?size=80&v=2".into()), ..ben() },
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
            archived: vec![],
            open: vec![changes(), reset()],
            gone: vec![ConversationId(8)],
            hidden: vec![Hidden { conversation_id: ROOM, message_id: MessageId(30), hidden: true }],
            presence: vec![here()],
            typing: vec![TypingNow { conversation_id: ROOM, user_id: UserId(2), username: "ben".into() }],
            preferences: Some(preferences()),
            notifications: None,
            invitations: None,
        }),
        ServerFrame::Synced(SyncAnswer {
            user_rev: 0,
            user: ben(),
            list: None,
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
        }),
        ServerFrame::Synced(SyncAnswer {
            user_rev: 11,
            user: anna(),
            list: Some(vec![direct()]),
            next: Some(position()),
            unread_after: 3,
            archived: vec![ConversationId(8), ConversationId(9)],
            open: vec![],
            gone: vec![],
            hidden: vec![],
            presence: vec![],
            typing: vec![],
            preferences: None,
            notifications: None,
            invitations: None,
        }),
        ServerFrame::Synced(SyncAnswer {
            user_rev: 14,
            user: ben(),
            list: Some(vec![]),
            next: None,
            unread_after: 0,
            open: vec![],
            gone: vec![],
            hidden: vec![],
            presence: vec![],
            archived: vec![],
            typing: vec![],
            preferences: None,
            notifications: None,
            invitations: Some(vec![invitation(), untitled_invitation()]),
        }),
        ServerFrame::List(ListPage {
            user_rev: 11,
            filter: None,
            subject_kind: None,
            after: Some(position()),
            conversations: vec![direct()],
            next: None,
            unread_after: 0,
        }),
        ServerFrame::List(ListPage {
            user_rev: 11,
            filter: Some(ListFilter::Archived),
            subject_kind: Some("listing".into()),
            after: None,
            conversations: vec![personal()],
            next: Some(position()),
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
        ServerFrame::PreferencesUpdated(PreferencesUpdated { preferences: preferences(), user_rev: 14 }),
        ServerFrame::PreferencesUpdated(PreferencesUpdated {
            preferences: Preferences::default(),
            user_rev: 15,
        }),
        ServerFrame::MembershipUpdated(MembershipUpdated::new(ROOM, 14, personal().personal())),
        ServerFrame::MembershipUpdated(MembershipUpdated::new(ROOM, 15, PersonalState::default())),
        ServerFrame::Done(Done { client_id: client_id(), invited: vec![], conversation_id: None }),
        ServerFrame::Done(Done { client_id: client_id(), invited: vec![UserId(2)], conversation_id: None }),
        ServerFrame::Done(Done { client_id: client_id(), invited: vec![], conversation_id: Some(ROOM) }),
        ServerFrame::InvitationAdded(InvitationAdded { invitation: invitation(), user_rev: 14 }),
        ServerFrame::InvitationAdded(InvitationAdded { invitation: untitled_invitation(), user_rev: 14 }),
        ServerFrame::InvitationRemoved(InvitationRemoved { invitation_id: InvitationId(3), user_rev: 15 }),
        ServerFrame::InvitationLinkCreated(InvitationLinkCreated {
            conversation_id: ROOM,
            token: "kJ3_x-9aZtQmW7yLr2bVcA".into(),
            link: link(),
        }),
        ServerFrame::InvitationLinks(InvitationLinks {
            conversation_id: ROOM,
            links: vec![link(), InvitationLink { uses_left: None, ..link() }],
        }),
        ServerFrame::Ping,
        ServerFrame::Pong,
        ServerFrame::Notification(NotificationAdded { notification: mention(), user_rev: 14 }),
        ServerFrame::NotificationsRead(NotificationsRead { up_to: at(5), user_rev: 15 }),
        ServerFrame::Notifications(notifications()),
        ServerFrame::Notifications(NotificationPage {
            user_rev: 11,
            cursor: None,
            notifications: vec![],
            unread: 0,
            next: None,
        }),
        ServerFrame::Synced(SyncAnswer {
            user_rev: 11,
            user: ben(),
            list: Some(vec![]),
            next: None,
            unread_after: 0,
            open: vec![],
            gone: vec![],
            archived: vec![],
            hidden: vec![],
            presence: vec![],
            typing: vec![],
            preferences: None,
            notifications: Some(notifications()),
            invitations: None,
        }),
    ]
}

fn notification_id() -> NotificationId {
    NotificationId { created_at: at(1), conversation_id: ROOM, seq: 3 }
}

fn mention() -> Notification {
    Notification {
        id: notification_id(),
        kind: NotificationKind::Mention,
        conversation_id: ROOM,
        seq: 3,
        message_id: MessageId(31),
        title: Some("Räder".into()),
        actor: ben(),
        role: None,
        preview: "Hello @anna".into(),
        created_at: at(1),
        read: true,
    }
}

fn notifications() -> NotificationPage {
    let role = Notification {
        kind: NotificationKind::Role,
        role: Some(Role::Moderator),
        preview: String::new(),
        read: false,
        ..mention()
    };
    let added = Notification { kind: NotificationKind::Added, role: None, title: None, ..role.clone() };
    let direct = Notification { kind: NotificationKind::Direct, preview: "Hello".into(), ..added.clone() };
    NotificationPage {
        user_rev: 11,
        cursor: Some(NotificationId { seq: 4, ..notification_id() }),
        notifications: vec![role, added, direct],
        unread: 2,
        next: Some(notification_id()),
    }
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
        ClientFrame::List { after: Some(position()), filter: None, subject_kind: None },
        ClientFrame::List {
            after: None,
            filter: Some(ListFilter::Unread),
            subject_kind: Some("listing".into()),
        },
        ClientFrame::update_membership(
            ROOM,
            MembershipChange {
                muted_until: Some(Some(at(5))),
                archived: Some(true),
                pinned: Some(Some(1)),
                unread: Some(false),
                draft: Some(Some("so far".into())),
                notify: Some(NotificationLevel::Nothing),
            },
        ),
        ClientFrame::update_membership(
            ROOM,
            MembershipChange {
                muted_until: Some(None),
                pinned: Some(None),
                draft: Some(None),
                ..MembershipChange::default()
            },
        ),
        ClientFrame::Page { conversation_id: Some(ROOM), before: Some(4), after: None },
        ClientFrame::Page { conversation_id: None, before: None, after: Some(4) },
        ClientFrame::UpdatePreferences(preferences_change()),
        ClientFrame::UpdatePreferences(PreferencesChange {
            quiet_from: Some(None),
            quiet_to: Some(None),
            ..PreferencesChange::default()
        }),
        ClientFrame::UpdateConversation {
            conversation_id: Some(ROOM),
            title: Some("Club".into()),
            hue: Some(5),
            emoji: Some("\u{1f3b2}".into()),
            history: Some(History::FromJoining),
            client_id: Some(client_id()),
        },
        ClientFrame::UpdateConversation {
            conversation_id: None,
            title: None,
            hue: None,
            emoji: None,
            history: None,
            client_id: None,
        },
        ClientFrame::AddMembers {
            conversation_id: Some(ROOM),
            user_ids: vec![UserId(2), UserId(3)],
            client_id: Some(client_id()),
        },
        ClientFrame::AddMembers { conversation_id: None, user_ids: vec![], client_id: None },
        ClientFrame::RemoveMember {
            conversation_id: Some(ROOM),
            user_id: UserId(2),
            client_id: Some(client_id()),
        },
        ClientFrame::RemoveMember { conversation_id: None, user_id: UserId(2), client_id: None },
        ClientFrame::CloseConversation {
            conversation_id: Some(ROOM),
            reason: "Sold".into(),
            client_id: Some(client_id()),
        },
        ClientFrame::CloseConversation { conversation_id: None, reason: "Sold".into(), client_id: None },
        ClientFrame::ReopenConversation { conversation_id: Some(ROOM), client_id: Some(client_id()) },
        ClientFrame::ReopenConversation { conversation_id: None, client_id: None },
        ClientFrame::SetRole {
            conversation_id: Some(ROOM),
            user_id: UserId(2),
            role: Role::Moderator,
            client_id: Some(client_id()),
        },
        ClientFrame::SetRole {
            conversation_id: None,
            user_id: UserId(2),
            role: Role::Owner,
            client_id: None,
        },
        ClientFrame::CreateConversation {
            usernames: vec!["ben".into()],
            title: Some("Club".into()),
            client_id: client_id(),
        },
        ClientFrame::CreateConversation {
            usernames: vec!["ben".into()],
            title: None,
            client_id: client_id(),
        },
        ClientFrame::CreateInvitationLink {
            conversation_id: Some(ROOM),
            expires_in: Some(3_600),
            uses: Some(5),
            client_id: None,
        },
        ClientFrame::CreateInvitationLink {
            conversation_id: None,
            expires_in: None,
            uses: None,
            client_id: None,
        },
        ClientFrame::CreateInvitationLink {
            conversation_id: None,
            expires_in: None,
            uses: None,
            client_id: Some(client_id()),
        },
        ClientFrame::ListInvitationLinks { conversation_id: Some(ROOM) },
        ClientFrame::RevokeInvitationLink { conversation_id: Some(ROOM), link_id: InvitationLinkId(6) },
        ClientFrame::AcceptInvitation { invitation_id: Some(InvitationId(3)), token: None },
        ClientFrame::AcceptInvitation { invitation_id: None, token: Some("kJ3_x-9aZtQmW7yLr2bVcA".into()) },
        ClientFrame::DeclineInvitation { invitation_id: InvitationId(3) },
        ClientFrame::UpdateProfile {
            first_name: Some("Änne".into()),
            last_name: Some(String::new()),
            hue: Some(Some(5)),
            client_id: Some(client_id()),
        },
        ClientFrame::UpdateProfile { first_name: None, last_name: None, hue: Some(None), client_id: None },
        ClientFrame::SubscribePush {
            endpoint: "https://push.example/send/abc".into(),
            keys: PushKeys { p256dh: "BHUi4fVNl2F3gJzhQb9nYw".into(), auth: "CQkJCQkJCQkJCQkJCQkJCQ".into() },
            language: Some("de".into()),
            client_id: Some(client_id()),
        },
        ClientFrame::SubscribePush {
            endpoint: "https://push.example/send/abc".into(),
            keys: PushKeys { p256dh: "BHUi4fVNl2F3gJzhQb9nYw".into(), auth: "CQkJCQkJCQkJCQkJCQkJCQ".into() },
            language: None,
            client_id: None,
        },
        ClientFrame::UnsubscribePush {
            endpoint: "https://push.example/send/abc".into(),
            client_id: Some(client_id()),
        },
        ClientFrame::UnsubscribePush { endpoint: "https://push.example/send/abc".into(), client_id: None },
        ClientFrame::Ping,
        ClientFrame::Pong,
        ClientFrame::Notifications { cursor: Some(notification_id()) },
        ClientFrame::Notifications { cursor: None },
        ClientFrame::ReadNotifications { up_to: Some(at(5)) },
        ClientFrame::ReadNotifications { up_to: None },
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
