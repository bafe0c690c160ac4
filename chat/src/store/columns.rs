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
            ".bot, ",
            $alias,
            ".name_key, ",
            $alias,
            ".picture"
        )
    };
}

/// Number of columns of [`person_columns`].
pub(crate) const PERSON_COLUMNS: usize = 9;

/// The columns of a message `m` and its sender `a`, for `rows::message`.
macro_rules! message_columns {
    () => {
        concat!(
            "m.id, m.conversation_id, m.seq, m.rev, m.client_id, m.content, m.message_type, m.created_at, \
             m.edited_at, m.deleted_at, m.reply_to, m.event, ",
            $crate::store::columns::person_columns!("a")
        )
    };
}

/// Number of columns of [`message_columns`].
pub(crate) const MESSAGE_COLUMNS: usize = 12 + PERSON_COLUMNS;

/// The columns of a member `o` and their account `a`, for `rows::member`, as all members see them.
macro_rules! member_columns {
    () => {
        concat!(
            $crate::store::columns::person_columns!("a"),
            ", o.role, o.rev, o.joined_seq, o.shown_read_seq, o.delivered_seq, o.has_left, o.subject_role"
        )
    };
}

/// Like [`member_columns`], as the user `$1` sees them: the own read position is the true one, and a user who hides reading
/// does not see others'.
macro_rules! member_columns_for_user {
    () => {
        concat!(
            $crate::store::columns::person_columns!("a"),
            ", o.role, o.rev, o.joined_seq, CASE WHEN o.user_id = $1 THEN o.read_seq \
                WHEN EXISTS (SELECT 1 FROM account v WHERE v.id = $1 AND v.send_read_receipts = 0) THEN 0 \
                ELSE o.shown_read_seq END, o.delivered_seq, o.has_left, o.subject_role"
        )
    };
}

/// Number of columns of [`personal_columns`].
pub(crate) const PERSONAL_COLUMNS: usize = 6;

/// The columns of the personal state of the member `w`, for `rows::personal_state`.
macro_rules! personal_columns {
    () => {
        "w.muted_until, w.archived, w.pinned, w.marked_unread, (SELECT d.content FROM draft d \
            WHERE d.user_id = w.user_id AND d.conversation_id = w.conversation_id), w.notify"
    };
}

/// The columns of the subject of a conversation with this alias, for `rows::subject`.
macro_rules! subject_columns {
    ($alias:literal) => {
        concat!(
            $alias,
            ".subject_kind, ",
            $alias,
            ".subject_id, ",
            $alias,
            ".subject_card, ",
            $alias,
            ".closed_reason, ",
            $alias,
            ".closed_by"
        )
    };
}

/// Number of columns of [`subject_columns`].
pub(crate) const SUBJECT_COLUMNS: usize = 5;

/// True if this person gave this id to a change of a group or to a new conversation.
macro_rules! names_other_request {
    ($person:literal, $client_id:literal) => {
        concat!(
            "(EXISTS (SELECT 1 FROM group_request q WHERE q.user_id = ",
            $person,
            " AND q.client_id = ",
            $client_id,
            ") OR EXISTS (SELECT 1 FROM creation q WHERE q.creator_id = ",
            $person,
            " AND q.client_id = ",
            $client_id,
            "))"
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

/// True if the user `$1` is a member of the conversation of the message with this alias, and sees its part of the history.
macro_rules! may_see {
    ($message:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM member w WHERE w.conversation_id = ",
            $message,
            ".conversation_id AND w.user_id = $1 AND w.has_left = 0 AND w.from_seq < ",
            $message,
            ".seq)"
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

/// True if the member `w` has a draft in the conversation.
macro_rules! has_draft {
    () => {
        "EXISTS (SELECT 1 FROM draft d WHERE d.user_id = w.user_id AND d.conversation_id = w.conversation_id)"
    };
}

pub(crate) use {
    has_draft, hidden, is_member, may_see, member_columns, member_columns_for_user, message_columns,
    names_other_request, partner_is_suspended, person_columns, personal_columns, subject_columns,
};
