//! Values of all types of the wire, drawn by chance.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use protocol::*;

pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        any::<String>(),
        Just("\u{0}\u{1f}\"\\/\u{7f}\n\r\t\u{8}\u{c}é👩\u{200d}🚀".to_owned())
    ]
}

pub(crate) fn person() -> impl Strategy<Value = Person> {
    (any::<i64>(), text(), text(), text(), of(any::<u8>()), any::<bool>(), of(text())).prop_map(
        |(id, username, first_name, last_name, hue, suspended, name_key)| Person {
            id: UserId(id),
            username,
            first_name,
            last_name,
            hue,
            suspended,
            name_key,
        },
    )
}

pub(crate) fn moment() -> impl Strategy<Value = Timestamp> {
    (0i64..253_402_300_799_999_999).prop_map(Timestamp)
}

pub(crate) fn client_id() -> impl Strategy<Value = ClientId> {
    any::<u128>().prop_map(|bits| ClientId(uuid::Uuid::from_u128(bits)))
}

pub(crate) fn message() -> impl Strategy<Value = Message> {
    let ids = (any::<i64>(), any::<i64>(), any::<i64>(), any::<i64>(), of(any::<i64>()));
    let times = (moment(), of(moment()), of(moment()));
    (ids, client_id(), person(), text(), any::<bool>(), times).prop_map(
        |(
            (id, room, seq, rev, reply),
            client_id,
            sender,
            content,
            system,
            (timestamp, edited_at, deleted_at),
        )| Message {
            id: MessageId(id),
            conversation_id: ConversationId(room),
            seq,
            rev,
            client_id,
            sender,
            content,
            message_type: if system { MessageType::System } else { MessageType::Text },
            timestamp,
            edited_at,
            deleted_at,
            reply_to: reply.map(MessageId),
        },
    )
}

pub(crate) fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Member), Just(Role::Moderator), Just(Role::Owner)]
}

pub(crate) fn member() -> impl Strategy<Value = Member> {
    (person(), role(), any::<[i64; 4]>(), any::<bool>()).prop_map(
        |(user, role, [rev, joined, read, got], left)| Member {
            user,
            role,
            rev,
            joined_seq: joined,
            read_seq: read,
            delivered_seq: got,
            left,
        },
    )
}

pub(crate) fn conversation() -> impl Strategy<Value = Conversation> {
    let rest = (of(text()), vec(member(), 0..3), of(message()), any::<u32>(), moment(), any::<bool>());
    (any::<[i64; 4]>(), rest).prop_map(
        |([id, rev, member_count, read_seq], (title, members, last_message, unread, created_at, group))| {
            Conversation {
                id: ConversationId(id),
                kind: if group { ConversationKind::Group } else { ConversationKind::Direct },
                title,
                rev,
                members,
                member_count,
                last_message,
                unread,
                read_seq,
                created_at,
            }
        },
    )
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![Just(Status::Online), Just(Status::Away), Just(Status::Offline)]
}

pub(crate) fn presence() -> impl Strategy<Value = PersonStatus> {
    (any::<i64>(), text(), status(), of(moment())).prop_map(|(id, username, status, last_seen_at)| {
        PersonStatus { user_id: UserId(id), username, status, last_seen_at }
    })
}

pub(crate) fn page() -> impl Strategy<Value = Page> {
    (vec(message(), 0..3), any::<i64>(), any::<bool>(), any::<bool>())
        .prop_map(|(messages, as_of, at_start, at_end)| Page { messages, as_of, at_start, at_end })
}

pub(crate) fn changes() -> impl Strategy<Value = Changes> {
    (any::<[i64; 3]>(), vec(message(), 0..3), vec(member(), 0..2), any::<bool>(), of(page())).prop_map(
        |([room, after, cursor], rows, members, more, reset)| Changes {
            conversation_id: ConversationId(room),
            after,
            rows,
            members,
            cursor,
            more,
            reset,
        },
    )
}

pub(crate) fn position() -> impl Strategy<Value = ListPosition> {
    (moment(), moment(), any::<i64>()).prop_map(|(as_of, active_at, id)| ListPosition {
        as_of,
        active_at,
        id: ConversationId(id),
    })
}

fn list_page() -> impl Strategy<Value = ListPage> {
    (any::<i64>(), position(), vec(conversation(), 0..3), of(position()), any::<u32>()).prop_map(
        |(user_rev, after, conversations, next, unread_after)| ListPage {
            user_rev,
            after,
            conversations,
            next,
            unread_after,
        },
    )
}

pub(crate) fn synced() -> impl Strategy<Value = SyncAnswer> {
    let typing = (any::<[i64; 2]>(), text()).prop_map(|([room, user], username)| TypingNow {
        conversation_id: ConversationId(room),
        user_id: UserId(user),
        username,
    });
    let hidden = (any::<[i64; 2]>(), any::<bool>()).prop_map(|([room, message], hidden)| Hidden {
        conversation_id: ConversationId(room),
        message_id: MessageId(message),
        hidden,
    });
    let gone = any::<i64>().prop_map(ConversationId);
    let lists =
        (vec(changes(), 0..2), vec(gone, 0..3), vec(hidden, 0..3), vec(presence(), 0..3), vec(typing, 0..3));
    (any::<i64>(), person(), of(vec(conversation(), 0..3)), of(position()), any::<u32>(), lists).prop_map(
        |(user_rev, user, list, next, unread_after, (open, gone, hidden, presence, typing))| SyncAnswer {
            user_rev,
            user,
            list,
            next,
            unread_after,
            open,
            gone,
            hidden,
            presence,
            typing,
        },
    )
}

pub(crate) fn error() -> impl Strategy<Value = ErrorBody> {
    let codes = "\"(empty_message|message_too_long|invalid_content|invalid_json|unknown_type|malformed|message_id_required\
        |not_found|not_authenticated|forbidden|id_conflict|conflict|invalid|too_large|rate_limited|unavailable|internal)\"";
    // Whole eighths are exact in both number systems.
    let seconds = of((0..1_000_000_u32).prop_map(|eighths| f64::from(eighths) / 8.0));
    (codes, text(), of(client_id()), seconds).prop_map(|(code, message, client_id, retry_after)| ErrorBody {
        code: serde_json::from_str(&code).expect("a code"),
        message,
        client_id,
        retry_after,
    })
}

pub(crate) fn server_frame() -> impl Strategy<Value = ServerFrame> {
    let room = || any::<i64>().prop_map(ConversationId);
    let user = || any::<i64>().prop_map(UserId);
    let id = || any::<i64>().prop_map(MessageId);
    prop_oneof![
        (text(), person(), of(room()), of(any::<i64>()), vec(presence(), 0..3)).prop_map(
            |(message, user, conversation_id, cursor, presence)| ServerFrame::ConnectionEstablished(
                ConnectionEstablished { message, user, conversation_id, cursor, presence }
            )
        ),
        (room(), any::<i64>(), message(), vec(member(), 0..2)).prop_map(
            |(conversation_id, rev, message, members)| {
                ServerFrame::NewMessage(NewMessage { conversation_id, rev, message, members })
            }
        ),
        (room(), any::<i64>(), message()).prop_map(|(conversation_id, rev, message)| {
            ServerFrame::MessageUpdated(MessageUpdated { conversation_id, rev, message })
        }),
        (room(), id(), of(any::<i64>()), of(any::<i64>()), of(message())).prop_map(
            |(conversation_id, message_id, rev, user_rev, message)| ServerFrame::MessageDeleted(
                MessageDeleted { conversation_id, message_id, rev, user_rev, message }
            )
        ),
        (room(), id(), any::<i64>()).prop_map(|(conversation_id, message_id, user_rev)| {
            ServerFrame::MessageRestored(MessageRestored { conversation_id, message_id, user_rev })
        }),
        (room(), user(), text(), any::<bool>()).prop_map(
            |(conversation_id, user_id, username, is_typing)| {
                ServerFrame::Typing(Typing { conversation_id, user_id, username, is_typing })
            }
        ),
        (room(), id(), user(), any::<i64>(), of(any::<i64>())).prop_map(
            |(conversation_id, message_id, reader_id, seq, user_rev)| {
                ServerFrame::MessageRead(MessageRead {
                    conversation_id,
                    message_id,
                    reader_id,
                    seq,
                    user_rev,
                })
            }
        ),
        (room(), id(), user(), any::<i64>()).prop_map(|(conversation_id, message_id, user_id, seq)| {
            ServerFrame::MessageDelivered(MessageDelivered { conversation_id, message_id, user_id, seq })
        }),
        (room(), user(), text()).prop_map(|(conversation_id, user_id, username)| ServerFrame::UserJoin(
            UserJoin { conversation_id, user_id, username }
        )),
        (room(), user(), text()).prop_map(|(conversation_id, user_id, username)| ServerFrame::UserLeave(
            UserLeave { conversation_id, user_id, username }
        )),
        presence().prop_map(ServerFrame::UserStatus),
        person().prop_map(|user| ServerFrame::UserUpdated(UserUpdated { user })),
        (client_id(), message())
            .prop_map(|(client_id, message)| ServerFrame::Ack(Ack { client_id, message })),
        error().prop_map(ServerFrame::Error),
        synced().prop_map(ServerFrame::Synced),
        list_page().prop_map(ServerFrame::List),
        changes().prop_map(ServerFrame::Changes),
        (room(), of(any::<i64>()), of(any::<i64>()), page()).prop_map(
            |(conversation_id, before, after, page)| ServerFrame::Page(PageAnswer {
                conversation_id,
                before,
                after,
                page
            })
        ),
        (conversation(), any::<i64>()).prop_map(|(conversation, user_rev)| ServerFrame::ConversationUpdated(
            ConversationUpdated { conversation, user_rev }
        )),
        (room(), any::<i64>()).prop_map(|(conversation_id, user_rev)| ServerFrame::ConversationRemoved(
            ConversationRemoved { conversation_id, user_rev }
        )),
        Just(ServerFrame::Ping),
        Just(ServerFrame::Pong),
    ]
}

pub(crate) fn sync_request() -> impl Strategy<Value = SyncRequest> {
    let open = proptest::collection::btree_map(any::<i64>().prop_map(ConversationId), any::<i64>(), 0..4);
    (any::<i64>(), any::<bool>(), open).prop_map(|(user_rev, list, open)| SyncRequest {
        user_rev,
        list,
        open: OpenCursors(open.into_iter().collect()),
    })
}

pub(crate) fn client_frame() -> impl Strategy<Value = ClientFrame> {
    let room = || of(any::<i64>().prop_map(ConversationId));
    let id = || of(any::<i64>().prop_map(MessageId));
    prop_oneof![
        (room(), text(), of(client_id()), id()).prop_map(
            |(conversation_id, content, client_id, reply_to)| {
                ClientFrame::ChatMessage { conversation_id, content, client_id, reply_to }
            }
        ),
        (room(), any::<bool>())
            .prop_map(|(conversation_id, is_typing)| ClientFrame::Typing { conversation_id, is_typing }),
        (room(), id())
            .prop_map(|(conversation_id, message_id)| ClientFrame::MarkRead { conversation_id, message_id }),
        (room(), id()).prop_map(|(conversation_id, message_id)| ClientFrame::MarkDelivered {
            conversation_id,
            message_id
        }),
        (room(), id(), any::<bool>()).prop_map(|(conversation_id, message_id, all)| {
            ClientFrame::DeleteMessage {
                conversation_id,
                message_id,
                audience: if all { DeleteFor::Everyone } else { DeleteFor::Me },
            }
        }),
        (room(), id()).prop_map(|(conversation_id, message_id)| ClientFrame::RestoreMessage {
            conversation_id,
            message_id
        }),
        sync_request().prop_map(ClientFrame::Sync),
        position().prop_map(|after| ClientFrame::List { after }),
        (room(), any::<i64>())
            .prop_map(|(conversation_id, after)| ClientFrame::Changes { conversation_id, after }),
        (room(), of(any::<i64>()), of(any::<i64>())).prop_map(|(conversation_id, before, after)| {
            ClientFrame::Page { conversation_id, before, after }
        }),
        status().prop_map(|status| ClientFrame::UserStatus { status }),
        Just(ClientFrame::Ping),
        Just(ClientFrame::Pong),
    ]
}
