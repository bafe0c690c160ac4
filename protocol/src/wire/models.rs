//! The types that travel inside frames.

use super::read::{reads, words};
use crate::{
    ApiError, Changes, Conversation, ConversationKind, DeleteFor, ErrorBody, ErrorCode, Hidden, Member,
    Message, MessageReceipt, MessageType, Page, Person, PersonStatus, Role, Status, SyncAnswer, TypingNow,
};

reads! {
    Person { id, username, hue; first_name, last_name }
    Message {
        id, conversation_id, seq, rev, client_id, sender, content, timestamp, edited_at, deleted_at, reply_to;
        message_type
    }
    MessageReceipt { user, delivered, read, delivered_at, read_at }
    Member { user, role, rev, joined_seq, read_seq, delivered_seq; left }
    Conversation { id, kind, title, rev, members, member_count, last_message, unread, read_seq, created_at }
    PersonStatus { user_id, username, status, last_seen_at }
    SyncAnswer { user_rev, user, list; open, gone, hidden, presence, typing }
    Hidden { conversation_id, message_id, hidden }
    TypingNow { conversation_id, user_id, username }
    Changes { conversation_id, after, rows, members, cursor, more, reset }
    Page { messages, as_of; at_start, at_end }
    ApiError { error }
    ErrorBody { code, message, client_id, retry_after }
}

words! {
    MessageType { Text = "text", System = "system" }
    Role { Member = "member", Moderator = "moderator", Owner = "owner" }
    ConversationKind { Direct = "direct", Group = "group" }
    Status { Online = "online", Away = "away", Offline = "offline" }
    DeleteFor { Me = "me", Everyone = "everyone" }
    ErrorCode {
        EmptyMessage = "empty_message",
        MessageTooLong = "message_too_long",
        InvalidContent = "invalid_content",
        InvalidJson = "invalid_json",
        UnknownType = "unknown_type",
        Malformed = "malformed",
        MessageIdRequired = "message_id_required",
        NotFound = "not_found",
        NotAuthenticated = "not_authenticated",
        Forbidden = "forbidden",
        IdConflict = "id_conflict",
        Conflict = "conflict",
        Invalid = "invalid",
        TooLarge = "too_large",
        RateLimited = "rate_limited",
        Unavailable = "unavailable",
        Internal = "internal",
    }
}
