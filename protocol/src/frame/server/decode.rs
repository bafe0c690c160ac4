//! Reads server frames: a dispatch on `type` into the struct of that frame.
//!
//! It replaces serde's derive of a tagged enum, which would buffer every frame in a tree before reading it and add a
//! second deserialiser of every type to the WASM.

use super::*;
use crate::{Changes, ErrorBody, ListPage, MembershipUpdated, NotificationPage, PersonStatus, SyncAnswer};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A frame of the server that this version cannot read, such as one of a newer server. Clients ignore it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableFrame {
    /// The `type` of the frame; `None` if it has none or it is not text.
    pub kind: Option<String>,
    /// Reason why the frame cannot be read.
    pub reason: UnreadableReason,
}

/// Reason why a frame of the server cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadableReason {
    /// The `type` is missing or unknown.
    Unknown,
    /// The `type` is known; a field is missing or of the wrong type.
    Malformed,
}

impl fmt::Display for UnreadableFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.as_deref().unwrap_or("none");
        match self.reason {
            UnreadableReason::Unknown => write!(f, "a frame of the unknown type {kind:?}"),
            UnreadableReason::Malformed => write!(f, "a malformed frame of the type {kind:?}"),
        }
    }
}

impl std::error::Error for UnreadableFrame {}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
}

/// The dispatch from `type` to the variant and its struct. A variant without a line here is a compile error.
macro_rules! dispatch {
    ($($kind:literal => $variant:ident $(($body:ty))?,)*) => {
        impl ServerFrame {
            /// The frame of this `type`; `None` if the type is unknown.
            fn of_kind(kind: &str, text: &str) -> Option<serde_json::Result<Self>> {
                Some(match kind {
                    $($kind => dispatch!(@read text $variant $(($body))?),)*
                    _ => return None,
                })
            }
        }
        const _: fn(&ServerFrame) = |frame| match frame {
            $(ServerFrame::$variant { .. } => (),)*
            ServerFrame::Unreadable(_) => (),
        };
    };
    (@read $text:ident $variant:ident) => { Ok(Self::$variant) };
    (@read $text:ident $variant:ident ($body:ty)) => { serde_json::from_str::<$body>($text).map(Self::$variant) };
}

dispatch! {
    "connection_established" => ConnectionEstablished(ConnectionEstablished),
    "new_message" => NewMessage(NewMessage),
    "message_updated" => MessageUpdated(MessageUpdated),
    "message_deleted" => MessageDeleted(MessageDeleted),
    "message_restored" => MessageRestored(MessageRestored),
    "typing" => Typing(Typing),
    "message_read" => MessageRead(MessageRead),
    "message_delivered" => MessageDelivered(MessageDelivered),
    "user_join" => UserJoin(UserJoin),
    "user_leave" => UserLeave(UserLeave),
    "user_status" => UserStatus(PersonStatus),
    "user_updated" => UserUpdated(UserUpdated),
    "ack" => Ack(Ack),
    "error" => Error(ErrorBody),
    "synced" => Synced(SyncAnswer),
    "list" => List(ListPage),
    "changes" => Changes(Changes),
    "page" => Page(PageAnswer),
    "conversation_updated" => ConversationUpdated(ConversationUpdated),
    "conversation_removed" => ConversationRemoved(ConversationRemoved),
    "preferences_updated" => PreferencesUpdated(PreferencesUpdated),
    "notification" => Notification(NotificationAdded),
    "notifications_read" => NotificationsRead(NotificationsRead),
    "notifications" => Notifications(NotificationPage),
    "membership_updated" => MembershipUpdated(MembershipUpdated),
    "done" => Done(Done),
    "invitation_added" => InvitationAdded(InvitationAdded),
    "invitation_removed" => InvitationRemoved(InvitationRemoved),
    "invitation_link_created" => InvitationLinkCreated(InvitationLinkCreated),
    "invitation_links" => InvitationLinks(InvitationLinks),
    "ping" => Ping,
    "pong" => Pong,
}

impl ServerFrame {
    /// Reads the text of one frame. JSON that is no frame of this version becomes [`ServerFrame::Unreadable`].
    ///
    /// # Errors
    /// The text is not JSON.
    pub fn decode(text: &str) -> serde_json::Result<Self> {
        let unreadable = |kind, reason| Self::Unreadable(UnreadableFrame { kind, reason });
        let kind = match serde_json::from_str::<Head<'_>>(text) {
            Ok(head) => head.kind,
            Err(_) => {
                serde_json::from_str::<IgnoredAny>(text)?;
                return Ok(unreadable(None, UnreadableReason::Unknown));
            }
        };
        Ok(match Self::of_kind(&kind, text) {
            Some(Ok(frame)) => frame,
            Some(Err(_)) => unreadable(Some(kind.into_owned()), UnreadableReason::Malformed),
            None => unreadable(Some(kind.into_owned()), UnreadableReason::Unknown),
        })
    }

    /// The frame itself, for a client that expects a server of its own version.
    ///
    /// # Errors
    /// The frame is [`ServerFrame::Unreadable`].
    pub fn readable(self) -> Result<Self, UnreadableFrame> {
        match self {
            Self::Unreadable(unreadable) => Err(unreadable),
            frame => Ok(frame),
        }
    }
}

/// From the text of a JSON document (`from_str`, `from_slice`), which the frame's own text is borrowed from; not from a
/// reader or a `serde_json::Value`.
impl<'de> Deserialize<'de> for ServerFrame {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?;
        Self::decode(text.get()).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConversationId, PollAnswer, UserId};

    fn unreadable(kind: Option<&str>, reason: UnreadableReason) -> ServerFrame {
        ServerFrame::Unreadable(UnreadableFrame { kind: kind.map(str::to_owned), reason })
    }

    fn typing() -> ServerFrame {
        let (conversation_id, user_id) = (ConversationId(7), UserId(2));
        ServerFrame::Typing(Typing { conversation_id, user_id, username: "ben".into(), is_typing: true })
    }

    const TYPING: &str =
        r#"{"type":"typing","conversation_id":7,"user_id":2,"username":"ben","is_typing":true}"#;

    #[test]
    fn an_unknown_type_is_unreadable() {
        use UnreadableReason::Unknown;
        for (text, kind) in [
            (r#"{"type":"dance","steps":3}"#, Some("dance")),
            (r#"{"type":"d\u0061nce"}"#, Some("dance")),
            (r#"{"type":""}"#, Some("")),
            (r#"{"type":5}"#, None),
            (r#"{"type":null}"#, None),
            (r#"{"rev":5}"#, None),
            ("{}", None),
            ("[]", None),
            ("null", None),
            ("17", None),
        ] {
            assert_eq!(ServerFrame::decode(text).expect("JSON"), unreadable(kind, Unknown), "{text}");
        }
    }

    #[test]
    fn a_missing_field_and_one_of_the_wrong_type_are_unreadable() {
        for (from, to) in
            [(r#","user_id":2"#, ""), (r#""user_id":2"#, r#""user_id":"2""#), ("true", "null"), ("7", "7.5")]
        {
            let text = TYPING.replacen(from, to, 1);
            let malformed = unreadable(Some("typing"), UnreadableReason::Malformed);
            assert_eq!(ServerFrame::decode(&text).expect("JSON"), malformed, "{text}");
        }
    }

    #[test]
    fn extra_fields_and_the_place_of_the_type_do_not_matter() {
        for text in [
            TYPING.replace("}", r#","since":{"type":"dance","at":[1,2]}}"#),
            r#"{"conversation_id":7,"user_id":2,"new":null,"username":"ben","is_typing":true,"type":"typing"}"#
                .to_owned(),
            format!(" {} ", TYPING.replace(':', " : ")),
        ] {
            assert_eq!(ServerFrame::decode(&text).expect("JSON"), typing(), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_not_json_is_an_error() {
        for text in ["", "ping", "{", r#"{"type":"ping""#, r#"{"type":"ping"} x"#, r#"{"type":5,}"#, "\0"] {
            assert!(ServerFrame::decode(text).is_err(), "{text}");
            assert!(serde_json::from_str::<ServerFrame>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_unreadable_frame_is_an_error_where_none_is_expected() {
        let frame = |text| ServerFrame::decode(text).expect("JSON").readable().map_err(|why| why.to_string());
        assert_eq!(frame(TYPING), Ok(typing()));
        assert_eq!(frame(r#"{"type":"dance"}"#), Err(r#"a frame of the unknown type "dance""#.into()));
        assert_eq!(frame(r#"{"type":"ack"}"#), Err(r#"a malformed frame of the type "ack""#.into()));
    }

    #[test]
    fn the_rest_of_a_poll_survives_an_unreadable_frame() {
        let text = format!(
            r#"{{"mailbox":"00000000-0000-0000-0000-000000000005","batch":3,"frames":[
                {TYPING}, {{"type":"dance"}}, {{"type":"ack"}}, [], {{"type":"pong"}}]}}"#
        );
        let frames = [
            typing(),
            unreadable(Some("dance"), UnreadableReason::Unknown),
            unreadable(Some("ack"), UnreadableReason::Malformed),
            unreadable(None, UnreadableReason::Unknown),
            ServerFrame::Pong,
        ];
        assert_eq!(serde_json::from_str::<PollAnswer>(&text).expect("an answer").frames, frames);
        assert_eq!(serde_json::from_slice::<PollAnswer>(text.as_bytes()).expect("an answer").frames, frames);
        assert!(serde_json::from_str::<PollAnswer>(&text.replacen("[]", "[", 1)).is_err());
    }
}
