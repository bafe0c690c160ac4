//! Frames that a client sends.

use crate::membership::nullable;
use crate::{
    ClientId, ConversationId, ErrorCode, History, InvitationId, InvitationLinkId, ListFilter, ListPosition,
    MembershipChange, MessageId, NotificationId, NotificationLevel, PreferencesChange, PushKeys, Role,
    Status, SyncRequest, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

/// The audience that a message is deleted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeleteFor {
    /// The sender of the frame alone, on all their devices.
    #[default]
    Me,
    /// Every member; a tombstone stays.
    Everyone,
}

/// A frame from a client. On the socket of one conversation `conversation_id` may be left out and defaults to that one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Send a message.
    ChatMessage {
        /// The conversation to send to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The text as typed; after normalisation 1 to 5,000 Unicode scalar values.
        #[serde(default)]
        content: String,
        /// The id that the client gives the message, a UUIDv7. Without one the server makes it, and sends no `ack`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
        /// The message that this one answers, of the same conversation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<MessageId>,
    },
    /// The person began, goes on or stopped typing.
    Typing {
        /// The conversation that is typed in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// True while typing; the server forgets it after 6 seconds without another such frame.
        #[serde(default)]
        is_typing: bool,
    },
    /// The person read everything up to a message.
    MarkRead {
        /// The conversation that was read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The last message that was read; absent: the newest of the conversation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<MessageId>,
    },
    /// Everything up to a message arrived on this device.
    MarkDelivered {
        /// The conversation whose messages arrived.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The last message that arrived; absent: the newest of the conversation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<MessageId>,
    },
    /// Delete a message.
    DeleteMessage {
        /// The conversation of the message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The message; required.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<MessageId>,
        /// The audience that the message is deleted for; `me` by default.
        #[serde(default, rename = "for")]
        audience: DeleteFor,
    },
    /// Show a message again that the person had deleted for themselves.
    RestoreMessage {
        /// The conversation of the message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The message; required.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<MessageId>,
    },
    /// Change the person's own state of a conversation; told to all their devices by `membership_updated`. Absent fields stay
    /// as they are; `null` removes a value.
    UpdateMembership {
        /// The conversation whose state changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The time until which it is muted, in the future; `9999-12-31T23:59:59Z` for no end; `null` ends the muting.
        #[serde(default, deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<Timestamp>))]
        muted_until: Option<Option<Timestamp>>,
        /// Whether it is in the archive. One that is put there is not pinned any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        archived: Option<bool>,
        /// The new place among the pinned conversations, from 1; the others move. `null` unpins.
        #[serde(default, deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>, minimum = 0, maximum = 4_294_967_295_u64))]
        pinned: Option<Option<u32>>,
        /// Whether it is marked as unread.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unread: Option<bool>,
        /// The text that was typed and not sent, at most 5,000 Unicode scalar values; `null` removes it.
        #[serde(default, deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
        draft: Option<Option<String>>,
        /// The messages to notify of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        notify: Option<NotificationLevel>,
    },
    /// The person is using this client (`online`) or not (`away`). Sent on every change, by every connection for itself.
    UserStatus {
        /// `online` or `away`; `offline` follows from the end of the connection.
        status: Status,
    },
    /// Catch up with everything; answered by `synced`.
    Sync(SyncRequest),
    /// Read a page of the list of conversations; answered by `list`.
    List {
        /// The place that the page before named; absent: the first page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<ListPosition>,
        /// The part of the conversations to read; absent: the list.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filter: Option<ListFilter>,
        /// The kind of the subjects whose conversations to read, such as `listing`; absent: all conversations.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject_kind: Option<String>,
    },
    /// Read what changed in one conversation after a cursor; answered by `changes`.
    Changes {
        /// The conversation to catch up with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The `rev` up to which the client has every change; 0 or below asks for the last page.
        after: i64,
    },
    /// Read a page of history on one side of a position; exactly one of the two is set. Answered by `page`.
    Page {
        /// The conversation to read from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// Asks for the newest messages with a `seq` below this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<i64>,
        /// Asks for the oldest messages with a `seq` above this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<i64>,
    },
    /// Change preferences; answered by `preferences_updated` on all devices of the person if something changed.
    UpdatePreferences(PreferencesChange),
    /// Read a page of the person's notifications; answered by `notifications`.
    Notifications {
        /// The `next` of the page before; absent for the first page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<NotificationId>,
    },
    /// Mark the person's notifications as read.
    ReadNotifications {
        /// The time of the newest one that the person saw; absent: all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        up_to: Option<Timestamp>,
    },
    /// Change title, picture or history of a group. Absent fields stay as they are.
    UpdateConversation {
        /// The group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The new title, at most 120 Unicode scalar values; empty: the group has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// The new colour of the picture, 0 to 7.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hue: Option<u8>,
        /// The new emoji of the picture, one grapheme; empty: letters of the name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        emoji: Option<String>,
        /// The history that newcomers see from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        history: Option<History>,
        /// The id that the client gives the request, a UUIDv7; answered by `done`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
    },
    /// Add people to a group. Those who are members already stay as they are.
    AddMembers {
        /// The group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The people; a group has at most 500 members.
        user_ids: Vec<UserId>,
        /// The id that the client gives the request, a UUIDv7; answered by `done`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
    },
    /// Remove a member of a group, or leave.
    RemoveMember {
        /// The group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The member; the person itself to leave.
        user_id: UserId,
        /// The id that the client gives the request, a UUIDv7; answered by `done`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
    },
    /// Set the role of a member of a group.
    SetRole {
        /// The group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The member.
        user_id: UserId,
        /// The new role.
        role: Role,
        /// The id that the client gives the request, a UUIDv7; answered by `done`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
    },
    /// Close a conversation about a subject, or give another reason. For members whose role in the subject may.
    CloseConversation {
        /// The conversation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The reason, which the members read: one line of 1 to [`crate::limits::MAX_CLOSING_REASON`] Unicode scalar values.
        reason: String,
        /// The id that the client gives the request, a UUIDv7; answered by `done`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
    },
    /// Open a closed conversation about a subject again. For members whose role in the subject may.
    ReopenConversation {
        /// The conversation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The id that the client gives the request, a UUIDv7; answered by `done`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
    },
    /// Create a conversation, or find the direct conversation with one person; answered by `done` with its id.
    CreateConversation {
        /// The usernames of the others, 1 to [`crate::limits::MAX_PARTICIPANTS`] less one; the person itself is implied.
        usernames: Vec<String>,
        /// The title of a group, at most [`crate::limits::MAX_TITLE`] characters. Two people without a title have one direct conversation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// The id that the client gives the request, a UUIDv7: a repeat is answered with the same conversation.
        client_id: ClientId,
    },
    /// Make a link by which people join a group; answered by `invitation_link_created`. For owners and moderators.
    CreateInvitationLink {
        /// The group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The lifetime in seconds, 1 to [`crate::limits::MAX_LINK_SECONDS`]; absent: [`crate::limits::LINK_SECONDS`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_in: Option<i64>,
        /// The number of people who can join by it, 1 to [`crate::limits::MAX_LINK_USES`]; absent: any number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uses: Option<i64>,
        /// The id that the client gives the request, a UUIDv7: a repeat is answered with the same link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
    },
    /// Read the links of a group; answered by `invitation_links`. For owners and moderators.
    ListInvitationLinks {
        /// The group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
    },
    /// Revoke a link of a group; answered by `invitation_links`. For owners and moderators.
    RevokeInvitationLink {
        /// The group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The link.
        link_id: InvitationLinkId,
    },
    /// Accept an invitation, or join a group by the token of a link; exactly one of the two is set.
    AcceptInvitation {
        /// The invitation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invitation_id: Option<InvitationId>,
        /// The token of the link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
    },
    /// Decline an invitation. Nobody is told.
    DeclineInvitation {
        /// The invitation.
        invitation_id: InvitationId,
    },
    /// Change the person's names or colour; told to all who see them by `user_updated` if something changed. Absent fields stay as
    /// they are.
    UpdateProfile {
        /// The new first name, at most 80 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        first_name: Option<String>,
        /// The new last name, at most 80 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_name: Option<String>,
        /// The new colour of the picture, 0 to 7; `null`: derived from the id.
        #[serde(default, deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<u8>, minimum = 0, maximum = 255))]
        hue: Option<Option<u8>>,
        /// The id that the client gives the request, a UUIDv7; answered by `done`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
    },
    /// Have this browser receive web pushes while the sign-in of the connection lasts. A repeat changes nothing.
    SubscribePush {
        /// The https URL at the push service, at most 2,048 characters. All addresses of its host are public.
        endpoint: String,
        /// The keys of the browser.
        keys: PushKeys,
        /// The language of pushes for a person who chose none: `en`, `de` or `ar`; absent: `en`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<String>,
        /// The id that the client gives the request, a UUIDv7; answered by `done`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
    },
    /// Remove the person's push subscription with this endpoint, if there is one.
    UnsubscribePush {
        /// The URL at the push service.
        endpoint: String,
        /// The id that the client gives the request, a UUIDv7; answered by `done`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
    },
    /// Test the connection; answered by `pong`.
    Ping,
    /// The answer to a `ping` of the server; accepted and ignored.
    Pong,
}

/// Error of reading a client's frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// Not JSON (or nested too deeply to be read).
    InvalidJson,
    /// JSON whose `type` is missing or unknown.
    UnknownType,
    /// The frame needs a `message_id`, which is missing or not an integer.
    MessageIdRequired,
    /// The `type` is known; a field is missing or of the wrong type.
    Malformed,
}

impl DecodeError {
    /// The code of the `error` frame that answers it.
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::InvalidJson => ErrorCode::InvalidJson,
            Self::UnknownType => ErrorCode::UnknownType,
            Self::MessageIdRequired => ErrorCode::MessageIdRequired,
            Self::Malformed => ErrorCode::Malformed,
        }
    }
}

const CLIENT_TYPES: [&str; 30] = [
    "chat_message",
    "typing",
    "mark_read",
    "mark_delivered",
    "delete_message",
    "restore_message",
    "update_membership",
    "user_status",
    "sync",
    "list",
    "changes",
    "page",
    "update_preferences",
    "notifications",
    "read_notifications",
    "update_conversation",
    "add_members",
    "remove_member",
    "set_role",
    "create_conversation",
    "create_invitation_link",
    "list_invitation_links",
    "revoke_invitation_link",
    "accept_invitation",
    "decline_invitation",
    "update_profile",
    "subscribe_push",
    "unsubscribe_push",
    "ping",
    "pong",
];

impl ClientFrame {
    /// The frame of a change of the person's own state of a conversation.
    #[must_use]
    pub fn update_membership(id: ConversationId, change: MembershipChange) -> Self {
        let MembershipChange { muted_until, archived, pinned, unread, draft, notify } = change;
        Self::UpdateMembership {
            conversation_id: Some(id),
            muted_until,
            archived,
            pinned,
            unread,
            draft,
            notify,
        }
    }

    /// Reads one text frame.
    ///
    /// # Errors
    /// The reason why the text is not a frame. It is determined after the first failure, so that a good frame is read
    /// only once.
    pub fn decode(text: &str) -> Result<Self, DecodeError> {
        serde_json::from_str(text).map_err(|_| Self::why_not(text))
    }

    fn why_not(text: &str) -> DecodeError {
        let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else {
            return DecodeError::InvalidJson;
        };
        match value.get("type").and_then(serde_json::Value::as_str) {
            Some("delete_message" | "restore_message")
                if !value.get("message_id").is_some_and(serde_json::Value::is_i64) =>
            {
                DecodeError::MessageIdRequired
            }
            Some(name) if CLIENT_TYPES.contains(&name) => DecodeError::Malformed,
            _ => DecodeError::UnknownType,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_of_the_guides_are_understood() {
        assert_eq!(
            ClientFrame::decode(r#"{"type": "chat_message", "content": "Hello world"}"#),
            Ok(ClientFrame::ChatMessage {
                conversation_id: None,
                content: "Hello world".into(),
                client_id: None,
                reply_to: None
            })
        );
        assert_eq!(
            ClientFrame::decode(r#"{"type": "delete_message", "message_id": 123}"#),
            Ok(ClientFrame::DeleteMessage {
                conversation_id: None,
                message_id: Some(MessageId(123)),
                audience: DeleteFor::Me
            })
        );
        assert_eq!(
            ClientFrame::decode(r#"{"type": "typing"}"#),
            Ok(ClientFrame::Typing { conversation_id: None, is_typing: false })
        );
    }

    #[test]
    fn w3_says_what_is_wrong() {
        let deep = "[".repeat(10_000);
        for (text, why) in [
            ("{", DecodeError::InvalidJson),
            ("", DecodeError::InvalidJson),
            (deep.as_str(), DecodeError::InvalidJson),
            ("[]", DecodeError::UnknownType),
            ("null", DecodeError::UnknownType),
            (r#"{"type": "dance"}"#, DecodeError::UnknownType),
            (r#"{"type": 5}"#, DecodeError::UnknownType),
            (r#"{"content": "x"}"#, DecodeError::UnknownType),
            (r#"{"type": "chat_message", "content": 5}"#, DecodeError::Malformed),
            (r#"{"type": "typing", "is_typing": "yes"}"#, DecodeError::Malformed),
            (r#"{"type": "user_status", "status": "asleep"}"#, DecodeError::Malformed),
            (r#"{"type": "user_status"}"#, DecodeError::Malformed),
            (r#"{"type": "list", "filter": "muted"}"#, DecodeError::Malformed),
            (r#"{"type": "update_membership", "archived": null, "pinned": 0.5}"#, DecodeError::Malformed),
            (r#"{"type": "update_profile", "hue": 256}"#, DecodeError::Malformed),
            (r#"{"type": "subscribe_push", "endpoint": "https://push.example/"}"#, DecodeError::Malformed),
            (r#"{"type": "unsubscribe_push"}"#, DecodeError::Malformed),
            (r#"{"type": "delete_message", "message_id": "x"}"#, DecodeError::MessageIdRequired),
            (r#"{"type": "restore_message", "message_id": [1]}"#, DecodeError::MessageIdRequired),
            (r#"{"type": "mark_read", "message_id": 99999999999999999999}"#, DecodeError::Malformed),
            (r#"{"type": "mark_read", "message_id": 1e999}"#, DecodeError::InvalidJson),
        ] {
            assert_eq!(ClientFrame::decode(text), Err(why), "{text:.60}");
        }
    }

    #[test]
    fn cursors_survive_the_tag() {
        let sync = ClientFrame::Sync(SyncRequest {
            user_rev: 3,
            list: true,
            open: crate::OpenCursors([(ConversationId(7), 12)].into_iter().collect()),
        });
        let text = serde_json::to_string(&sync).expect("encodes");
        assert!(text.contains(r#""open":{"7":12}"#), "{text}");
        assert_eq!(ClientFrame::decode(&text), Ok(sync));
    }
}
