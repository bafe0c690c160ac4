//! Conversations about subjects as moderators see them: the list, one conversation, its history; and the reasons of moderators.

use super::connections::transaction;
use super::dialect::at_most;
use super::rows::{
    PERSON_COLUMNS, SUBJECT_COLUMNS, flag, get, message_columns, messages, person, person_columns, subject,
    subject_columns,
};
use super::{Backend, Connection, Row, subjects};
use crate::policy;
use crate::store::error::{Result, StoreError};
use crate::store::{
    ModeratedConversation, ModeratedEntry, ModeratedMember, ModerationAccess, ModerationFilter,
    ModerationPosition, ReadPosition, SubjectKey,
};
use protocol::{ConversationId, Page, Timestamp, UserId};

/// Length of an hour, in the unit of times.
const HOUR: i64 = 3_600_000_000;
/// Before all conversations.
const FIRST: ModerationPosition =
    ModerationPosition { active_at: Timestamp(i64::MAX), id: ConversationId(i64::MAX) };

macro_rules! entry_columns {
    () => {
        concat!(subject_columns!("c"), ", c.id, c.created_at, c.active_at")
    };
}

/// The next `$5` conversations about subjects of the kind `$1` whose reason for closing is so, after the position `($3, $4)` in
/// the hour `$2`. The index has the hours; the conversations of an hour are sorted.
macro_rules! of_state {
    ($reason:literal) => {
        concat!(
            "SELECT ",
            entry_columns!(),
            " FROM conversation c WHERE c.subject_kind = $1 AND c.closed_reason ",
            $reason,
            " AND c.active_hour <= $2 AND (c.active_at < $3 OR (c.active_at = $3 AND c.id < $4)) \
             ORDER BY c.active_hour DESC, c.active_at DESC, c.id DESC",
            at_most!("$5")
        )
    };
}

pub(super) const OPEN: &str = of_state!("IS NULL");
pub(super) const CLOSED: &str = of_state!("IS NOT NULL");

/// The next `$5` conversations about the subject `$1`, `$2` after the position `($3, $4)`: with `$6` the closed (1) or open (0) ones.
pub(super) const OF_SUBJECT: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM conversation c WHERE c.subject_kind = $1 AND c.subject_id = $2 \
        AND (c.active_at < $3 OR (c.active_at = $3 AND c.id < $4)) \
        AND CASE WHEN c.closed_reason IS NULL THEN 0 ELSE 1 END \
            = coalesce(CAST($6 AS BIGINT), CASE WHEN c.closed_reason IS NULL THEN 0 ELSE 1 END) \
     ORDER BY c.active_at DESC, c.id DESC",
    at_most!("$5")
);

/// The conversation `$1`, if it has a subject.
pub(super) const ONE: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM conversation c WHERE c.id = $1 AND c.subject_kind IS NOT NULL"
);

/// The members of the conversation `$1`, with the positions that they show others.
pub(super) const MEMBERS: &str = concat!(
    "SELECT ",
    person_columns!("a"),
    ", w.subject_role, coalesce((SELECT j.created_at FROM message j \
            WHERE j.conversation_id = w.conversation_id AND j.seq = w.joined_seq), c.created_at), \
        a.send_read_receipts, w.shown_read_seq, (SELECT r.created_at FROM message r \
            WHERE r.conversation_id = w.conversation_id AND r.seq <= w.shown_read_seq ORDER BY r.seq DESC LIMIT 1) \
     FROM member w JOIN account a ON a.id = w.user_id JOIN conversation c ON c.id = w.conversation_id \
     WHERE w.conversation_id = $1 AND w.has_left = 0 ORDER BY w.user_id"
);

pub(super) const PAGE: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM message m JOIN account a ON a.id = m.sender_id \
     WHERE m.conversation_id = $1 AND m.seq < $2 ORDER BY m.seq DESC",
    at_most!("$3")
);

pub(super) const ACCESS: &str = "SELECT x.reason, x.created_at FROM moderation_access x \
     WHERE x.moderator_id = $1 AND x.conversation_id = $2 ORDER BY x.created_at DESC LIMIT 1";

pub(super) const ROLE: &str = "SELECT role FROM external_identity WHERE user_id = $1";

/// See [`crate::store::ModerationStore::role_in_product`].
pub(super) async fn role(c: &mut Connection, user: UserId) -> Result<Option<String>> {
    let found: Option<Option<String>> = sqlx::query_scalar(ROLE).bind(user.0).fetch_optional(c).await?;
    Ok(found.flatten())
}

/// See [`crate::store::ModerationStore::moderated_list`].
pub(super) async fn list(
    c: &mut Connection,
    filter: ModerationFilter<'_>,
    after: Option<ModerationPosition>,
    limit: usize,
) -> Result<Vec<ModeratedEntry>> {
    let from = after.unwrap_or(FIRST);
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let states: &[&'static str] = match filter.closed {
        None => &[OPEN, CLOSED],
        Some(false) => &[OPEN],
        Some(true) => &[CLOSED],
    };
    let mut rows = Vec::new();
    for kind in filter.kinds {
        if let Some(subject) = filter.subject {
            let found =
                sqlx::query(OF_SUBJECT).bind(*kind).bind(subject).bind(from.active_at.0).bind(from.id.0);
            rows.extend(found.bind(most).bind(filter.closed.map(i64::from)).fetch_all(&mut *c).await?);
            continue;
        }
        for state in states {
            let hour = from.active_at.0.div_euclid(HOUR);
            let found = sqlx::query(*state).bind(*kind).bind(hour).bind(from.active_at.0).bind(from.id.0);
            rows.extend(found.bind(most).fetch_all(&mut *c).await?);
        }
    }
    let mut entries = rows.iter().map(entry).collect::<Result<Vec<_>>>()?;
    entries.sort_unstable_by_key(|entry| std::cmp::Reverse((entry.active_at, entry.id)));
    entries.truncate(limit);
    let mut participants =
        subjects::participants(c, entries.iter().map(|entry| entry.id.0).collect()).await?;
    for entry in &mut entries {
        entry.participants = participants.remove(&entry.id.0).unwrap_or_default();
    }
    Ok(entries)
}

/// An entry of [`entry_columns`], without the participants.
fn entry(row: &Row) -> Result<ModeratedEntry> {
    Ok(ModeratedEntry {
        id: ConversationId(get(row, SUBJECT_COLUMNS)?),
        subject: subject(row, 0)?.ok_or_else(|| StoreError::missing("a subject"))?,
        participants: Vec::new(),
        created_at: Timestamp(get(row, SUBJECT_COLUMNS + 1)?),
        active_at: Timestamp(get(row, SUBJECT_COLUMNS + 2)?),
    })
}

async fn look(c: &mut Connection, id: ConversationId) -> Result<Option<ModeratedEntry>> {
    sqlx::query(ONE).bind(id.0).fetch_optional(c).await?.as_ref().map(entry).transpose()
}

/// See [`crate::store::ModerationStore::subject_of`].
pub(super) async fn subject_of(c: &mut Connection, id: ConversationId) -> Result<Option<SubjectKey>> {
    let found = look(c, id).await?;
    Ok(found.map(|entry| SubjectKey { kind: entry.subject.kind, id: entry.subject.id }))
}

/// See [`crate::store::ModerationStore::moderated_conversation`].
pub(super) async fn conversation(c: &mut Connection, id: ConversationId) -> Result<ModeratedConversation> {
    let ModeratedEntry { id, subject, created_at, active_at, .. } =
        look(c, id).await?.ok_or_else(StoreError::not_found)?;
    let rows = sqlx::query(MEMBERS).bind(id.0).fetch_all(c).await?;
    let members = rows.iter().map(member).collect::<Result<_>>()?;
    Ok(ModeratedConversation { id, subject, members, created_at, active_at })
}

fn member(row: &Row) -> Result<ModeratedMember> {
    let at = PERSON_COLUMNS;
    let read = ReadPosition { seq: get(row, at + 3)?, at: get::<Option<i64>>(row, at + 4)?.map(Timestamp) };
    Ok(ModeratedMember {
        user: person(row, 0)?,
        role: get::<Option<String>>(row, at)?.unwrap_or_default(),
        since: Timestamp(get(row, at + 1)?),
        read: flag(row, at + 2)?.then_some(read),
    })
}

/// See [`crate::store::ModerationStore::moderated_page`].
pub(super) async fn page(
    c: &mut Connection,
    id: ConversationId,
    before: Option<i64>,
    limit: usize,
) -> Result<Page> {
    let as_of: Option<i64> = sqlx::query_scalar("SELECT rev FROM conversation WHERE id = $1")
        .bind(id.0)
        .fetch_optional(&mut *c)
        .await?;
    let as_of = as_of.ok_or_else(StoreError::not_found)?;
    // One more than requested shows whether there are more.
    let rows = sqlx::query(PAGE)
        .bind(id.0)
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX))
        .fetch_all(c)
        .await?;
    let mut messages = messages(rows.get(..limit).unwrap_or(&rows))?;
    messages.reverse();
    Ok(Page { messages, as_of, at_start: rows.len() <= limit, at_end: before.is_none() })
}

/// See [`crate::store::ModerationStore::moderation_access`].
pub(super) async fn access(
    c: &mut Connection,
    moderator: UserId,
    id: ConversationId,
) -> Result<Option<ModerationAccess>> {
    let row = sqlx::query(ACCESS).bind(moderator.0).bind(id.0).fetch_optional(c).await?;
    let access = |row: &Row| Ok(ModerationAccess { reason: get(row, 0)?, given_at: Timestamp(get(row, 1)?) });
    row.as_ref().map(access).transpose()
}

/// See [`crate::store::ModerationStore::give_moderation_access`].
pub(super) async fn give_access(
    store: &Backend,
    moderator: UserId,
    id: ConversationId,
    reason: &str,
    now: Timestamp,
) -> crate::Result<ModerationAccess> {
    transaction!(store, c => give_one(c, moderator, id, reason, now))
}

async fn give_one(
    c: &mut Connection,
    moderator: UserId,
    id: ConversationId,
    reason: &str,
    now: Timestamp,
) -> Result<ModerationAccess> {
    let newest = access(c, moderator, id).await?;
    if let Some(same) =
        newest.filter(|newest| newest.reason == reason && policy::is_access_good(newest.given_at, now))
    {
        return Ok(same);
    }
    sqlx::query(
        "INSERT INTO moderation_access (moderator_id, conversation_id, reason, created_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(moderator.0)
    .bind(id.0)
    .bind(reason)
    .bind(now.0)
    .execute(c)
    .await?;
    Ok(ModerationAccess { reason: reason.to_owned(), given_at: now })
}
