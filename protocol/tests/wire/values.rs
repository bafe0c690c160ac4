//! Values of all types of the wire, drawn by chance.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use protocol::*;

pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        any::<String>(),
        Just("\u{0}\u{1f}\"\\/\u{7f}\n\r\t\u{8}\u{c}é👩\u{200d}🚀".to_owned())
    ]
}

pub(crate) fn person() -> impl Strategy<Value = Person> {
    (
        any::<i64>(),
        text(),
        text(),
        text(),
        of(any::<u8>()),
        any::<bool>(),
        any::<bool>(),
        of(text()),
        of(text()),
    )
        .prop_map(|(id, username, first_name, last_name, hue, suspended, bot, name_key, picture)| {
            Person { id: UserId(id), username, first_name, last_name, hue, suspended, bot, name_key, picture }
        })
}

pub(crate) fn moment() -> impl Strategy<Value = Timestamp> {
    (0i64..253_402_300_799_999_999).prop_map(Timestamp)
}

pub(crate) fn client_id() -> impl Strategy<Value = ClientId> {
    any::<u128>().prop_map(|bits| ClientId(uuid::Uuid::from_u128(bits)))
}

fn group_event() -> impl Strategy<Value = GroupEvent> {
    let kinds = [
        GroupEventKind::Added,
        GroupEventKind::Joined,
        GroupEventKind::Left,
        GroupEventKind::Removed,
        GroupEventKind::Renamed,
        GroupEventKind::PictureChanged,
        GroupEventKind::RoleChanged,
        GroupEventKind::HistoryChanged,
        GroupEventKind::SubjectUpdated,
        GroupEventKind::Closed,
        GroupEventKind::Reopened,
        GroupEventKind::Other,
    ];
    let picture = (of(any::<u8>()), of(text()));
    (
        select(kinds.to_vec()),
        vec(person(), 0..3),
        any::<u32>(),
        of(text()),
        of(role()),
        picture,
        of(history()),
        (of(subject()), any::<bool>()),
    )
        .prop_map(|(kind, members, others, title, role, (hue, emoji), history, (subject, by_sender))| {
            GroupEvent {
                kind,
                members,
                others,
                title,
                role,
                hue,
                emoji,
                history,
                subject: subject.map(Box::new),
                by_sender,
            }
        })
        .boxed()
}

fn subject() -> impl Strategy<Value = Subject> {
    let fields = vec((text(), text()).prop_map(|(name, value)| SubjectField { name, value }), 0..3);
    let closers = [ClosedBy::Moderator, ClosedBy::Participant, ClosedBy::Product];
    let closed_by = of(proptest::sample::select(closers.to_vec()));
    ([text(), text(), text(), text()], of(text()), of(text()), fields, of(text()), closed_by)
        .prop_map(|([kind, id, kind_name, title], url, image, fields, closed, closed_by)| Subject {
            kind,
            id,
            kind_name,
            title,
            url,
            image,
            fields,
            closed,
            closed_by,
        })
        // Its size would overflow the stack of a test.
        .boxed()
}

pub(crate) fn history() -> impl Strategy<Value = History> {
    prop_oneof![Just(History::Whole), Just(History::FromJoining)]
}

pub(crate) fn message() -> impl Strategy<Value = Message> {
    let ids = (any::<i64>(), any::<i64>(), any::<i64>(), any::<i64>(), of(any::<i64>()));
    let times = (moment(), of(moment()), of(moment()));
    (ids, client_id(), person(), text(), any::<bool>(), times, of(group_event())).prop_map(
        |(
            (id, room, seq, rev, reply),
            client_id,
            sender,
            content,
            system,
            (timestamp, edited_at, deleted_at),
            event,
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
            event: event.map(Box::new),
        },
    )
}

pub(crate) fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Member), Just(Role::Moderator), Just(Role::Owner)]
}

pub(crate) fn member() -> impl Strategy<Value = Member> {
    (person(), role(), any::<[i64; 4]>(), any::<bool>(), of(text())).prop_map(
        |(user, role, [rev, joined, read, got], left, subject_role)| Member {
            user,
            role,
            rev,
            joined_seq: joined,
            read_seq: read,
            delivered_seq: got,
            left,
            subject_role,
        },
    )
}

pub(crate) fn personal() -> impl Strategy<Value = PersonalState> {
    let level = proptest::sample::select(NotificationLevel::ALL.to_vec());
    (of(moment()), any::<bool>(), of(any::<u32>()), any::<bool>(), of(text()), level).prop_map(
        |(muted_until, archived, pinned, marked_unread, draft, notify)| PersonalState {
            muted_until,
            archived,
            pinned,
            marked_unread,
            draft,
            notify,
        },
    )
}

pub(crate) fn conversation() -> impl Strategy<Value = Conversation> {
    let rest = (of(text()), vec(member(), 0..3), of(message()), any::<u32>(), moment(), any::<bool>());
    let looks = (of(any::<u8>()), of(text()), history(), of(subject()));
    (any::<[i64; 4]>(), rest, personal(), looks)
        .prop_map(|(numbers, (title, members, last_message, unread, created_at, group), personal, looks)| {
            let [id, rev, member_count, read_seq] = numbers;
            let PersonalState { muted_until, archived, pinned, marked_unread, draft, notify } = personal;
            let (hue, emoji, history, subject) = looks;
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
                muted_until,
                archived,
                pinned,
                marked_unread,
                draft,
                hue,
                emoji,
                history,
                notify,
                subject: subject.map(Box::new),
            }
        })
        .boxed()
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

fn filter() -> impl Strategy<Value = Option<ListFilter>> {
    of(prop_oneof![
        Just(ListFilter::Unread),
        Just(ListFilter::Archived),
        Just(ListFilter::Open),
        Just(ListFilter::Closed)
    ])
}

fn list_page() -> impl Strategy<Value = ListPage> {
    let part = (filter(), of(text()));
    (any::<i64>(), part, of(position()), vec(conversation(), 0..3), of(position()), any::<u32>()).prop_map(
        |(user_rev, (filter, subject_kind), after, conversations, next, unread_after)| ListPage {
            user_rev,
            filter,
            subject_kind,
            after,
            conversations,
            next,
            unread_after,
        },
    )
}

fn preferences() -> impl Strategy<Value = Preferences> {
    let addable_by =
        prop_oneof![Just(AddableBy::Everyone), Just(AddableBy::Contacts), Just(AddableBy::Nobody)];
    (any::<[bool; 8]>(), [text(), text(), text()], of(text()), of(any::<[u16; 2]>()), addable_by).prop_map(
        |(flags, [theme, language, time_zone], device_time_zone, quiet, addable_by)| Preferences {
            theme,
            language,
            time_zone,
            device_time_zone,
            notify_direct: flags[0],
            notify_mention: flags[1],
            notify_group: flags[2],
            notify_added: flags[3],
            sound: flags[4],
            push_content: flags[5],
            quiet_from: quiet.map(|[from, _]| from),
            quiet_to: quiet.map(|[_, to]| to),
            show_typing: flags[6],
            send_read_receipts: flags[7],
            addable_by,
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
    let room = || any::<i64>().prop_map(ConversationId);
    let (gone, archived) = (vec(room(), 0..3), vec(room(), 0..3));
    let lists = (
        vec(changes(), 0..2),
        (archived, gone),
        vec(hidden, 0..3),
        vec(presence(), 0..3),
        vec(typing, 0..3),
        of(preferences()),
        of(notifications()),
        of(vec(invitation(), 0..2)),
    );
    (any::<i64>(), person(), of(vec(conversation(), 0..3)), of(position()), any::<u32>(), lists).prop_map(
        |(user_rev, user, list, next, unread_after, lists)| {
            let (open, (archived, gone), hidden, presence, typing, preferences, notifications, invitations) =
                lists;
            SyncAnswer {
                user_rev,
                user,
                list,
                next,
                unread_after,
                archived,
                open,
                gone,
                hidden,
                presence,
                typing,
                preferences,
                notifications,
                invitations,
            }
        },
    )
}

fn invitation() -> impl Strategy<Value = Invitation> {
    let group = (any::<i64>(), of(text()), of(any::<u8>()), of(text()), any::<i64>()).prop_map(
        |(id, title, hue, emoji, member_count)| GroupPreview {
            id: ConversationId(id),
            title,
            hue,
            emoji,
            member_count,
        },
    );
    (any::<i64>(), group, person(), moment()).prop_map(|(id, conversation, by, created_at)| Invitation {
        id: InvitationId(id),
        conversation,
        by,
        created_at,
    })
}

fn link() -> impl Strategy<Value = InvitationLink> {
    (any::<i64>(), text(), person(), moment(), moment(), of(any::<i64>())).prop_map(
        |(id, token_start, by, created_at, expires_at, uses_left)| InvitationLink {
            id: InvitationLinkId(id),
            token_start,
            by,
            created_at,
            expires_at,
            uses_left,
        },
    )
}

pub(crate) fn error() -> impl Strategy<Value = ErrorBody> {
    let codes = "\"(empty_message|message_too_long|invalid_content|invalid_json|unknown_type|malformed|message_id_required\
        |not_found|not_authenticated|forbidden|id_conflict|conflict|last_owner|invalid|too_large|rate_limited|unavailable|internal)\"";
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
        (preferences(), any::<i64>()).prop_map(|(preferences, user_rev)| ServerFrame::PreferencesUpdated(
            PreferencesUpdated { preferences, user_rev }
        )),
        (room(), any::<i64>(), personal()).prop_map(|(room, user_rev, state)| {
            ServerFrame::MembershipUpdated(MembershipUpdated::new(room, user_rev, state))
        }),
        (client_id(), vec(any::<i64>().prop_map(UserId), 0..3), of(any::<i64>().prop_map(ConversationId)))
            .prop_map(|(client_id, invited, conversation_id)| ServerFrame::Done(Done {
                client_id,
                invited,
                conversation_id
            })),
        (invitation(), any::<i64>()).prop_map(|(invitation, user_rev)| ServerFrame::InvitationAdded(
            InvitationAdded { invitation, user_rev }
        )),
        any::<[i64; 2]>().prop_map(|[id, user_rev]| ServerFrame::InvitationRemoved(InvitationRemoved {
            invitation_id: InvitationId(id),
            user_rev
        })),
        (room(), text(), link()).prop_map(|(conversation_id, token, link)| {
            ServerFrame::InvitationLinkCreated(InvitationLinkCreated { conversation_id, token, link })
        }),
        (room(), vec(link(), 0..3)).prop_map(|(conversation_id, links)| ServerFrame::InvitationLinks(
            InvitationLinks { conversation_id, links }
        )),
        Just(ServerFrame::Ping),
        Just(ServerFrame::Pong),
        (notification(), any::<i64>()).prop_map(|(notification, user_rev)| ServerFrame::Notification(
            NotificationAdded { notification, user_rev }
        )),
        (moment(), any::<i64>()).prop_map(|(up_to, user_rev)| ServerFrame::NotificationsRead(
            NotificationsRead { up_to, user_rev }
        )),
        notifications().prop_map(ServerFrame::Notifications),
    ]
}

fn notification_id() -> impl Strategy<Value = NotificationId> {
    (moment(), any::<[i64; 2]>()).prop_map(|(created_at, [room, seq])| NotificationId {
        created_at,
        conversation_id: ConversationId(room),
        seq,
    })
}

fn notification() -> impl Strategy<Value = Notification> {
    use NotificationKind::{Added, Direct, Mention};
    let kind = select(vec![Direct, Mention, Added, NotificationKind::Role]);
    let role = select(vec![None, Some(Role::Member), Some(Role::Moderator), Some(Role::Owner)]);
    (notification_id(), kind, any::<i64>(), of(text()), person(), (role, text(), any::<bool>())).prop_map(
        |(id, kind, message, title, actor, (role, preview, read))| Notification {
            id,
            kind,
            conversation_id: id.conversation_id,
            seq: id.seq,
            message_id: MessageId(message),
            title,
            actor,
            role,
            preview,
            created_at: id.created_at,
            read,
        },
    )
}

pub(crate) fn notifications() -> impl Strategy<Value = NotificationPage> {
    let page = vec(notification(), 0..3);
    (any::<i64>(), of(notification_id()), page, any::<u32>(), of(notification_id())).prop_map(
        |(user_rev, cursor, notifications, unread, next)| NotificationPage {
            user_rev,
            cursor,
            notifications,
            unread,
            next,
        },
    )
}

pub(crate) fn sync_request() -> impl Strategy<Value = SyncRequest> {
    let open = proptest::collection::btree_map(any::<i64>().prop_map(ConversationId), any::<i64>(), 0..4);
    (any::<i64>(), any::<bool>(), open).prop_map(|(user_rev, list, open)| SyncRequest {
        user_rev,
        list,
        open: OpenCursors(open.into_iter().collect()),
    })
}

fn membership_change() -> impl Strategy<Value = MembershipChange> {
    let level = of(proptest::sample::select(NotificationLevel::ALL.to_vec()));
    (of(of(moment())), of(any::<bool>()), of(of(any::<u32>())), of(any::<bool>()), of(of(text())), level)
        .prop_map(|(muted_until, archived, pinned, unread, draft, notify)| MembershipChange {
            muted_until,
            archived,
            pinned,
            unread,
            draft,
            notify,
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
        (of(position()), filter(), of(text())).prop_map(|(after, filter, subject_kind)| ClientFrame::List {
            after,
            filter,
            subject_kind
        }),
        (any::<i64>(), membership_change())
            .prop_map(|(id, change)| { ClientFrame::update_membership(ConversationId(id), change) }),
        (room(), any::<i64>())
            .prop_map(|(conversation_id, after)| ClientFrame::Changes { conversation_id, after }),
        (room(), of(any::<i64>()), of(any::<i64>())).prop_map(|(conversation_id, before, after)| {
            ClientFrame::Page { conversation_id, before, after }
        }),
        status().prop_map(|status| ClientFrame::UserStatus { status }),
        (room(), of(text()), of(any::<u8>()), of(text()), of(history()), of(client_id())).prop_map(
            |(conversation_id, title, hue, emoji, history, client_id)| ClientFrame::UpdateConversation {
                conversation_id,
                title,
                hue,
                emoji,
                history,
                client_id
            }
        ),
        (room(), vec(any::<i64>().prop_map(UserId), 0..4), of(client_id())).prop_map(
            |(conversation_id, user_ids, client_id)| ClientFrame::AddMembers {
                conversation_id,
                user_ids,
                client_id
            }
        ),
        (room(), any::<i64>(), of(client_id())).prop_map(|(conversation_id, user, client_id)| {
            ClientFrame::RemoveMember { conversation_id, user_id: UserId(user), client_id }
        }),
        (room(), text(), of(client_id())).prop_map(|(conversation_id, reason, client_id)| {
            ClientFrame::CloseConversation { conversation_id, reason, client_id }
        }),
        (room(), of(client_id())).prop_map(|(conversation_id, client_id)| {
            ClientFrame::ReopenConversation { conversation_id, client_id }
        }),
        (room(), any::<i64>(), role(), of(client_id())).prop_map(
            |(conversation_id, user, role, client_id)| ClientFrame::SetRole {
                conversation_id,
                user_id: UserId(user),
                role,
                client_id
            }
        ),
        (vec(text(), 0..3), of(text()), client_id()).prop_map(|(usernames, title, client_id)| {
            ClientFrame::CreateConversation { usernames, title, client_id }
        }),
        (room(), of(any::<i64>()), of(any::<i64>()), of(client_id())).prop_map(
            |(conversation_id, expires_in, uses, client_id)| ClientFrame::CreateInvitationLink {
                conversation_id,
                expires_in,
                uses,
                client_id
            }
        ),
        room().prop_map(|conversation_id| ClientFrame::ListInvitationLinks { conversation_id }),
        (room(), any::<i64>()).prop_map(|(conversation_id, link)| ClientFrame::RevokeInvitationLink {
            conversation_id,
            link_id: InvitationLinkId(link)
        }),
        (of(any::<i64>()), of(text())).prop_map(|(id, token)| ClientFrame::AcceptInvitation {
            invitation_id: id.map(InvitationId),
            token
        }),
        any::<i64>().prop_map(|id| ClientFrame::DeclineInvitation { invitation_id: InvitationId(id) }),
        (of(text()), of(text()), of(of(any::<u8>())), of(client_id())).prop_map(
            |(first_name, last_name, hue, client_id)| ClientFrame::UpdateProfile {
                first_name,
                last_name,
                hue,
                client_id
            }
        ),
        (text(), text(), text(), of(text()), of(client_id())).prop_map(
            |(endpoint, p256dh, auth, language, client_id)| ClientFrame::SubscribePush {
                endpoint,
                keys: PushKeys { p256dh, auth },
                language,
                client_id
            }
        ),
        (text(), of(client_id()))
            .prop_map(|(endpoint, client_id)| ClientFrame::UnsubscribePush { endpoint, client_id }),
        Just(ClientFrame::Ping),
        Just(ClientFrame::Pong),
        of(notification_id()).prop_map(|cursor| ClientFrame::Notifications { cursor }),
        of(moment()).prop_map(|up_to| ClientFrame::ReadNotifications { up_to }),
    ]
}
