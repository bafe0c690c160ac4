//! Column lists and conditions that the statements of both databases share.

/// The columns of an account with this alias, for `rows::person`.
macro_rules! person_columns {
    ($alias:literal) => {
        concat!(
            $alias,
            ".id, ",
            $alias,
            ".username, ",
            $alias,
            ".first_name, ",
            $alias,
            ".last_name, ",
            $alias,
            ".hue, ",
            $alias,
            ".suspended, ",
            $alias,
            ".name_key"
        )
    };
}

/// Number of columns of [`person_columns`].
pub(crate) const PERSON_COLUMNS: usize = 7;

/// The columns of a message `m` and its sender `a`, for `rows::message`.
macro_rules! message_columns {
    () => {
        concat!(
            "m.id, m.conversation_id, m.seq, m.rev, m.client_id, m.content, m.message_type, m.created_at, \
             m.edited_at, m.deleted_at, m.reply_to, ",
            $crate::store::columns::person_columns!("a")
        )
    };
}

/// Number of columns of [`message_columns`].
pub(crate) const MESSAGE_COLUMNS: usize = 11 + PERSON_COLUMNS;

/// The columns of a member `o` and their account `a`, for `rows::member`.
macro_rules! member_columns {
    () => {
        concat!(
            $crate::store::columns::person_columns!("a"),
            ", o.role, o.rev, o.joined_seq, o.read_seq, o.delivered_seq, o.has_left"
        )
    };
}

/// True if the user `$1` has hidden the message with this alias.
macro_rules! hidden {
    ($alias:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM hidden h WHERE h.user_id = $1 AND h.message_id = ",
            $alias,
            ".id AND h.hidden = 1)"
        )
    };
}

/// True if the user `$1` is a member of the conversation that this expression names.
macro_rules! is_member {
    ($conversation:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM member w WHERE w.conversation_id = ",
            $conversation,
            " AND w.user_id = $1 AND w.has_left = 0)"
        )
    };
}

/// True if the conversation `c` is direct, and the account of the other person than its member `w` is suspended.
macro_rules! partner_is_suspended {
    () => {
        "(c.kind = 0 AND EXISTS (SELECT 1 FROM member o JOIN account p ON p.id = o.user_id \
            WHERE o.conversation_id = c.id AND o.user_id <> w.user_id AND p.suspended = 1))"
    };
}

pub(crate) use {hidden, is_member, member_columns, message_columns, partner_is_suspended, person_columns};
