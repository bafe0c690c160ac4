//! The server's frames, and what a poll is answered with.

use super::read::reads;
use super::{Fields, Json, Read};
use crate::{Changes, ErrorBody, PersonStatus, PollAnswer, ServerFrame, SyncAnswer};

/// The variants of a frame by their `type`: with fields (those after the semicolon may be left out), with one type
/// inside, or bare. A variant that is not named here does not compile.
macro_rules! frames {
    (@ $fields:ident $variant:ident { $($field:ident),* $(; $($optional:ident),*)? }) => {
        Self::$variant {
            $($field: Read::read($fields.take(stringify!($field)))?,)*
            $($($optional: $fields.take_or(stringify!($optional), Default::default())?,)*)?
        }
    };
    (@ $fields:ident $variant:ident ($inner:ty)) => { Self::$variant(<$inner>::read($fields.rest())?) };
    (@ $fields:ident $variant:ident) => { Self::$variant };
    ($name:ident: $($kind:literal => $variant:ident $(($inner:ty))? $({ $($parts:tt)* })?,)*) => {
        impl Read for $name {
            fn read(json: Json) -> Option<Self> {
                let mut fields = Fields::of(json)?;
                let kind = String::read(fields.take("type"))?;
                Some(match kind.as_str() {
                    $($kind => frames!(@ fields $variant $(($inner))? $({ $($parts)* })?),)*
                    _ => return None,
                })
            }
        }
        const _: fn(&$name) = |frame| match frame { $($name::$variant { .. } => (),)* };
    };
}

frames! { ServerFrame:
    "connection_established" => ConnectionEstablished { message, user, conversation_id, cursor; presence },
    "new_message" => NewMessage { conversation_id, rev, message; members },
    "message_updated" => MessageUpdated { conversation_id, rev, message },
    "message_deleted" => MessageDeleted { conversation_id, message_id, rev, user_rev, message },
    "message_restored" => MessageRestored { conversation_id, message_id, user_rev },
    "typing" => Typing { conversation_id, user_id, username, is_typing },
    "message_read" => MessageRead { conversation_id, message_id, reader_id, seq, user_rev },
    "message_delivered" => MessageDelivered { conversation_id, message_id, user_id, seq },
    "user_join" => UserJoin { conversation_id, user_id, username },
    "user_leave" => UserLeave { conversation_id, user_id, username },
    "user_status" => UserStatus(PersonStatus),
    "user_updated" => UserUpdated { user },
    "ack" => Ack { client_id, message },
    "error" => Error(ErrorBody),
    "synced" => Synced(SyncAnswer),
    "changes" => Changes(Changes),
    "page" => Page { conversation_id, before, after, page },
    "conversation_updated" => ConversationUpdated { conversation, user_rev },
    "conversation_removed" => ConversationRemoved { conversation_id, user_rev },
    "ping" => Ping,
    "pong" => Pong,
}

reads! {
    PollAnswer { mailbox, batch, frames }
}

impl Read for uuid::Uuid {
    fn read(json: Json) -> Option<Self> {
        Self::try_parse(&String::read(json)?).ok()
    }
}
