//! Statements about push subscriptions.

use super::connections::transaction;
use super::dialect::{among, join, largest, locked, numbers};
use super::list::{begin, counts};
use super::rows::{get, hidden, notification_level, person, person_columns};
use super::{Backend, Connection, Row};
use crate::store::error::{Result, StoreError};
use crate::store::{MAX_PUSH_SUBSCRIPTIONS, NewPushSubscription, PushCandidate, PushKind, PushSubscription};
use protocol::{ConversationId, ErrorBody, ErrorCode, Timestamp, UserId};

pub(super) async fn add(store: &Backend, new: &NewPushSubscription, now: Timestamp) -> crate::Result<bool> {
    transaction!(store, c => add_one(c, new, now))
}

async fn add_one(c: &mut Connection, new: &NewPushSubscription, now: Timestamp) -> Result<bool> {
    // The lock makes concurrent additions of one person count each other.
    sqlx::query(concat!("SELECT id FROM account WHERE id = $1", locked!()))
        .bind(new.user.0)
        .fetch_optional(&mut *c)
        .await?;
    let same = sqlx::query(
        "UPDATE push_subscription SET language = $5 \
         WHERE endpoint = $1 AND session_id = $2 AND p256dh = $3 AND auth = $4",
    )
    .bind(&new.endpoint)
    .bind(&new.sign_in)
    .bind(new.p256dh.as_slice())
    .bind(new.auth.as_slice())
    .bind(&new.language)
    .execute(&mut *c)
    .await?;
    if same.rows_affected() > 0 {
        return Ok(false);
    }
    sqlx::query("DELETE FROM push_subscription WHERE endpoint = $1")
        .bind(&new.endpoint)
        .execute(&mut *c)
        .await?;
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM push_subscription WHERE user_id = $1")
        .bind(new.user.0)
        .fetch_one(&mut *c)
        .await?;
    if usize::try_from(count).unwrap_or(0) >= MAX_PUSH_SUBSCRIPTIONS {
        let why = format!("endpoint: at most {MAX_PUSH_SUBSCRIPTIONS} browsers of a person receive pushes");
        return Err(StoreError::Refused(ErrorBody::because(ErrorCode::Invalid, why)));
    }
    // In place of one that somebody else adds at the same time, on another node.
    let added = sqlx::query(
        "INSERT INTO push_subscription (session_id, user_id, endpoint, p256dh, auth, language, created_at, pushed_at) \
         SELECT s.id, s.user_id, $3, $4, $5, $6, $7, $7 FROM session s \
         WHERE s.id = $1 AND s.user_id = $2 AND s.expires_at > $7 \
         ON CONFLICT (endpoint) DO UPDATE SET session_id = excluded.session_id, user_id = excluded.user_id, \
            p256dh = excluded.p256dh, auth = excluded.auth, language = excluded.language, \
            created_at = excluded.created_at, pushed_at = excluded.pushed_at, refusals = 0, \
            leased_until = 0",
    )
    .bind(&new.sign_in)
    .bind(new.user.0)
    .bind(&new.endpoint)
    .bind(new.p256dh.as_slice())
    .bind(new.auth.as_slice())
    .bind(&new.language)
    .bind(now.0)
    .execute(c)
    .await?;
    if added.rows_affected() == 0 { Err(ErrorCode::NotAuthenticated.into()) } else { Ok(true) }
}

pub(super) async fn remove(store: &Backend, user: UserId, endpoint: &str) -> crate::Result<()> {
    transaction!(store, c => remove_one(c, user, endpoint))
}

async fn remove_one(c: &mut Connection, user: UserId, endpoint: &str) -> Result<()> {
    sqlx::query("DELETE FROM push_subscription WHERE endpoint = $1 AND user_id = $2")
        .bind(endpoint)
        .bind(user.0)
        .execute(c)
        .await?;
    Ok(())
}

pub(super) async fn drop_some(store: &Backend, ids: &[i64]) -> crate::Result<()> {
    transaction!(store, c => delete_some(c, ids))
}

async fn delete_some(c: &mut Connection, ids: &[i64]) -> Result<()> {
    sqlx::query(concat!("DELETE FROM push_subscription WHERE id ", among!("$1")))
        .bind(numbers(ids.iter().copied())?)
        .execute(c)
        .await?;
    Ok(())
}

pub(super) const OF: &str = "SELECT p.id, p.endpoint, p.p256dh, p.auth, p.language, p.pushed_at, p.refusals, \
        p.leased_until FROM push_subscription p JOIN session s ON s.id = p.session_id AND s.user_id = p.user_id AND s.expires_at > $2 \
     WHERE p.user_id = $1 ORDER BY p.id";

pub(super) async fn of(c: &mut Connection, user: UserId, now: Timestamp) -> Result<Vec<PushSubscription>> {
    let rows = sqlx::query(OF).bind(user.0).bind(now.0).fetch_all(c).await?;
    rows.iter().map(subscription).collect()
}

fn subscription(row: &Row) -> Result<PushSubscription> {
    Ok(PushSubscription {
        id: get(row, 0)?,
        endpoint: get(row, 1)?,
        p256dh: get(row, 2)?,
        auth: get(row, 3)?,
        language: get(row, 4)?,
        pushed_at: Timestamp(get(row, 5)?),
        refusals: get(row, 6)?,
        leased_until: Timestamp(get(row, 7)?),
    })
}

// A scalar subquery: Postgres would read all subscriptions for a join.
pub(super) const MEMBERS: &str = concat!(
    "SELECT DISTINCT w.user_id FROM member w WHERE w.conversation_id ",
    among!("$1"),
    " AND w.has_left = 0 \
     AND (SELECT min(p.id) FROM push_subscription p WHERE p.user_id = w.user_id) IS NOT NULL ORDER BY w.user_id"
);

/// See [`crate::store::PushStore::people_with_push`]. Without subscriptions it costs one look at an empty table.
pub(super) async fn people(c: &mut Connection, among: Option<&[ConversationId]>) -> Result<Vec<UserId>> {
    let Some(conversations) = among else {
        let all: Vec<i64> =
            sqlx::query_scalar("SELECT DISTINCT user_id FROM push_subscription ORDER BY user_id")
                .fetch_all(c)
                .await?;
        return Ok(all.into_iter().map(UserId).collect());
    };
    if sqlx::query("SELECT 1 FROM push_subscription LIMIT 1").fetch_optional(&mut *c).await?.is_none() {
        return Ok(Vec::new());
    }
    let people: Vec<i64> =
        sqlx::query_scalar(MEMBERS).bind(numbers(conversations.iter().map(|id| id.0))?).fetch_all(c).await?;
    Ok(people.into_iter().map(UserId).collect())
}

/// Among the newest 256 messages past the read position of the member `w` in the conversation `c`: those of others that the user
/// `$1` may see, sent up to `$3`.
macro_rules! unread_so_far {
    ($what:literal) => {
        concat!(
            "(SELECT ",
            $what,
            " FROM (SELECT n.id, n.seq, n.sender_id, n.message_type, n.deleted_at, n.created_at FROM message n \
                WHERE n.conversation_id = c.id AND n.seq > ",
            begin!(),
            " ORDER BY n.seq DESC LIMIT 256) t WHERE t.created_at <= $3 AND ",
            counts!("t"),
            ")"
        )
    };
}

/// Conversations with unread messages of the time after `$2`, up to `$3`.
pub(super) const CANDIDATES: &str = concat!(
    "SELECT c.kind, c.id, c.title, ",
    unread_so_far!("count(*)"),
    ", u.seq, u.created_at, u.content, w.muted_until, w.notify, ",
    person_columns!("a"),
    " FROM member w ",
    join!(),
    " account me ON me.id = w.user_id ",
    join!(),
    " conversation c ON c.id = w.conversation_id AND c.rev > w.read_seq AND c.active_at > $2 ",
    join!(),
    " message u ON u.conversation_id = c.id AND u.created_at > $2 AND u.created_at > me.notifications_read_at \
        AND u.seq = ",
    unread_so_far!("max(t.seq)"),
    " JOIN account a ON a.id = u.sender_id \
     WHERE w.user_id = $1 AND w.has_left = 0 AND w.listed = 1 \
     ORDER BY u.created_at DESC, c.id DESC LIMIT 20"
);

/// Unread stored notifications of the time after `$2`, up to `$3`.
pub(super) const NOTIFICATIONS: &str = concat!(
    "SELECT n.kind + 1, n.conversation_id, c.title, CAST(1 AS BIGINT), n.seq, n.created_at, \
        CASE WHEN n.kind = 1 THEN m.content ELSE '' END, w.muted_until, w.notify, ",
    person_columns!("a"),
    " FROM notification n ",
    join!(),
    " account me ON me.id = n.user_id AND n.created_at > me.notifications_read_at ",
    join!(),
    " member w ON w.conversation_id = n.conversation_id AND w.user_id = n.user_id \
        AND w.has_left = 0 AND w.joined_seq <= n.seq AND w.read_seq < n.seq ",
    join!(),
    " message m ON m.conversation_id = n.conversation_id AND m.seq = n.seq AND m.deleted_at IS NULL \
     JOIN conversation c ON c.id = n.conversation_id \
     JOIN account a ON a.id = n.actor_id \
     WHERE n.user_id = $1 AND n.created_at > $2 AND n.created_at <= $3 AND NOT ",
    hidden!("m"),
    " ORDER BY n.created_at DESC, n.conversation_id DESC LIMIT 20"
);

/// See [`crate::store::PushStore::push_candidates`].
pub(super) async fn candidates(
    c: &mut Connection,
    user: UserId,
    after: Timestamp,
    until: Timestamp,
) -> Result<Vec<PushCandidate>> {
    let mut found = Vec::new();
    for sql in [CANDIDATES, NOTIFICATIONS] {
        let rows = sqlx::query(sql).bind(user.0).bind(after.0).bind(until.0).fetch_all(&mut *c).await?;
        for row in &rows {
            found.push(candidate(row)?);
        }
    }
    Ok(found)
}

fn candidate(row: &Row) -> Result<PushCandidate> {
    let kind = match get::<i64>(row, 0)? {
        // Kinds of conversations, then those of stored notifications, each one higher.
        0 => PushKind::Direct,
        1 => PushKind::Group,
        2 => PushKind::Mention,
        3 => PushKind::Added,
        _ => PushKind::Role,
    };
    let count = u32::try_from(get::<i64>(row, 3)?).unwrap_or(0);
    Ok(PushCandidate {
        kind,
        conversation: ConversationId(get(row, 1)?),
        title: get(row, 2)?,
        count: count.min(protocol::limits::UNREAD_CAP),
        seq: get(row, 4)?,
        at: Timestamp(get(row, 5)?),
        content: get(row, 6)?,
        muted_until: get::<Option<i64>>(row, 7)?.map(Timestamp),
        level: notification_level(get(row, 8)?),
        sender: person(row, 9)?,
    })
}
