//! Notifications of a person: those that are stored, and those that follow from unread messages of direct conversations.

use super::connections::transaction;
use super::create_conversation::increment_user_revs;
use super::dialect::{among, at_most, largest, numbers};
use super::rows::{flag, get, hidden, person, person_columns};
use super::{Backend, Connection, Row};
use crate::Clock as _;
use crate::store::error::{Result, StoreError};
use crate::store::{Notified, Outcome};
use protocol::limits::UNREAD_CAP;
use protocol::{
    ConversationId, Message, MessageId, Notification, NotificationId, NotificationKind, NotificationPage,
    Role, Timestamp, UserId, preview,
};

/// Number of rows that one transaction deletes, so that writers do not wait long.
const TOGETHER: i64 = 10_000;

/// Before all notifications.
const FIRST: NotificationId = NotificationId {
    created_at: Timestamp(i64::MAX),
    conversation_id: ConversationId(i64::MAX),
    seq: i64::MAX,
};

/// The stored rows `n` of the user `$1`, who is the member `w`, with their messages `m`.
macro_rules! stored {
    () => {
        "FROM notification n \
         JOIN member w ON w.conversation_id = n.conversation_id AND w.user_id = n.user_id \
            AND w.has_left = 0 AND w.joined_seq <= n.seq \
         JOIN message m ON m.conversation_id = n.conversation_id AND m.seq = n.seq AND m.deleted_at IS NULL"
    };
}

/// The stored notifications of the user `$1` before the key `($2, $3, $4)`, newest first, at most `$5`. Those up to the time
/// `$6` are read.
pub(super) const STORED: &str = concat!(
    "SELECT n.kind, n.created_at, n.conversation_id, n.seq, m.id, c.title, m.content, \
        (w.read_seq >= n.seq OR n.created_at <= $6), ",
    person_columns!("a"),
    " ",
    stored!(),
    " JOIN conversation c ON c.id = n.conversation_id \
     JOIN account a ON a.id = n.actor_id \
     WHERE n.user_id = $1 AND (n.created_at, n.conversation_id, n.seq) < ($2, $3, $4) AND NOT ",
    hidden!("m"),
    " ORDER BY n.created_at DESC, n.conversation_id DESC, n.seq DESC",
    at_most!("$5")
);

/// Number of unread stored notifications of the user `$1` after the time `$2`, at most 100.
pub(super) const STORED_UNREAD: &str = concat!(
    "SELECT count(*) FROM (SELECT 1 ",
    stored!(),
    " WHERE n.user_id = $1 AND n.created_at > $2 AND n.seq > w.read_seq AND NOT ",
    hidden!("m"),
    " LIMIT 100) t"
);

/// The direct conversations of the user `$1` with unread messages, with the newest of these, before the key `($2, $3, $4)`,
/// newest first, at most `$5`, without those that are muted past `$7`. That message is found by its sender, so that a long run of the user's own costs nothing. The
/// function keeps a planner from beginning with the conversations of a kind, where those are few, and the `+` from the index of all
/// memberships.
pub(super) const DIRECT: &str = concat!(
    "SELECT c.kind, m.created_at, m.conversation_id, m.seq, m.id, c.title, m.content, \
        m.created_at <= $6, ",
    person_columns!("a"),
    " FROM member w \
     JOIN conversation c ON c.id = w.conversation_id AND abs(c.kind) = 0 AND c.rev > w.read_seq \
     JOIN member o ON o.conversation_id = c.id AND o.user_id <> w.user_id \
     JOIN message m ON m.conversation_id = c.id AND m.seq = (SELECT u.seq FROM message u \
        WHERE u.conversation_id = c.id AND u.sender_id = o.user_id AND u.seq > ",
    largest!("w.read_seq", "w.joined_seq"),
    " AND u.message_type = 0 AND u.deleted_at IS NULL AND NOT ",
    hidden!("u"),
    " ORDER BY u.seq DESC LIMIT 1) \
     JOIN account a ON a.id = m.sender_id \
     WHERE w.user_id = $1 AND w.may_be_unread = 1 AND +w.has_left = 0 AND w.listed = 1 \
        AND coalesce(w.muted_until, 0) <= $7 \
        AND (m.created_at, m.conversation_id, m.seq) < ($2, $3, $4) \
     ORDER BY m.created_at DESC, m.conversation_id DESC, m.seq DESC",
    at_most!("$5")
);

/// Stores a notification for each of the members `$1`. Those who have muted the group are told of mentions alone.
const WRITE: &str = concat!(
    "INSERT INTO notification (user_id, conversation_id, seq, kind, actor_id, created_at) \
     SELECT w.user_id, $2, $3, $4, $5, $6 FROM member w WHERE w.conversation_id = $2 AND w.user_id ",
    among!("$1"),
    " AND ($4 = 1 OR coalesce(w.muted_until, 0) <= $6) ON CONFLICT DO NOTHING RETURNING user_id"
);

/// Kind of a stored notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum StoredKind {
    Mention = 1,
    Added = 2,
    Moderator = 3,
    Owner = 4,
}

impl StoredKind {
    /// Kind and role on the wire.
    fn on_wire(self) -> (NotificationKind, Option<Role>) {
        match self {
            Self::Mention => (NotificationKind::Mention, None),
            Self::Added => (NotificationKind::Added, None),
            Self::Moderator => (NotificationKind::Role, Some(Role::Moderator)),
            Self::Owner => (NotificationKind::Role, Some(Role::Owner)),
        }
    }
}

/// Stores a notification that leads to this message for each of these people, and increments their counters. The actor is the
/// sender of the message.
pub(in crate::store) async fn store(
    c: &mut Connection,
    users: &[UserId],
    kind: StoredKind,
    title: Option<&str>,
    message: &Message,
) -> Result<Vec<Notified>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(WRITE)
        .bind(numbers(users.iter().map(|user| user.0))?)
        .bind(message.conversation_id.0)
        .bind(message.seq)
        .bind(kind as i64)
        .bind(message.sender.id.0)
        .bind(message.timestamp.0)
        .fetch_all(&mut *c)
        .await?;
    let users = rows.iter().map(|row| get(row, 0).map(UserId)).collect::<Result<Vec<_>>>()?;
    let (created_at, conversation_id, seq) = (message.timestamp, message.conversation_id, message.seq);
    let (kind, role) = kind.on_wire();
    let notification = Notification {
        id: NotificationId { created_at, conversation_id, seq },
        kind,
        conversation_id,
        seq,
        message_id: message.id,
        title: title.map(str::to_owned),
        actor: message.sender.clone(),
        role,
        preview: preview_of(kind, &message.content),
        created_at,
        read: false,
    };
    let revs = increment_user_revs(c, &users).await?.into_iter();
    Ok(revs.map(|(user, user_rev)| Notified { user, user_rev, notification: notification.clone() }).collect())
}

/// See [`crate::store::Store::notifications`].
pub(super) async fn page(
    c: &mut Connection,
    user: UserId,
    cursor: Option<NotificationId>,
    limit: usize,
) -> Result<NotificationPage> {
    let row = sqlx::query("SELECT user_rev, notifications_read_at FROM account WHERE id = $1")
        .bind(user.0)
        .fetch_optional(&mut *c)
        .await?
        .ok_or_else(StoreError::not_found)?;
    let (user_rev, read_at) = (get(&row, 0)?, get(&row, 1)?);
    let from = cursor.unwrap_or(FIRST);
    let cap = UNREAD_CAP as usize;
    let direct = select(c, DIRECT, user, from, cap.max(limit + 1), read_at).await?;
    // One more than requested shows whether there are more.
    let stored = select(c, STORED, user, from, limit + 1, read_at).await?;
    let unread_of = |direct: &[Notification]| direct.iter().filter(|item| !item.read).count();
    let unread_direct = match cursor {
        None => unread_of(&direct),
        Some(_) => unread_of(&select(c, DIRECT, user, FIRST, cap, read_at).await?),
    };
    let unread_stored: i64 =
        sqlx::query_scalar(STORED_UNREAD).bind(user.0).bind(read_at).fetch_one(c).await?;
    let unread_stored = usize::try_from(unread_stored).unwrap_or(cap);
    let mut notifications = stored;
    notifications.extend(direct);
    notifications.sort_unstable_by_key(|item| std::cmp::Reverse(item.id));
    let more = notifications.len() > limit;
    notifications.truncate(limit);
    let next = notifications.last().map(|item| item.id).filter(|_| more);
    let unread = u32::try_from((unread_direct + unread_stored).min(cap)).unwrap_or(UNREAD_CAP);
    Ok(NotificationPage { user_rev, cursor, notifications, unread, next })
}

async fn select(
    c: &mut Connection,
    sql: &'static str,
    user: UserId,
    before: NotificationId,
    limit: usize,
    read_at: i64,
) -> Result<Vec<Notification>> {
    let query = sqlx::query(sql)
        .bind(user.0)
        .bind(before.created_at.0)
        .bind(before.conversation_id.0)
        .bind(before.seq)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(read_at);
    // Only the statement of direct conversations has a seventh parameter.
    let query = if sql == DIRECT { query.bind(crate::SystemClock.now().0) } else { query };
    let rows = query.fetch_all(c).await?;
    rows.iter().map(notification).collect()
}

fn notification(row: &Row) -> Result<Notification> {
    let (kind, role) = match get::<i64>(row, 0)? {
        1 => StoredKind::Mention.on_wire(),
        2 => StoredKind::Added.on_wire(),
        3 => StoredKind::Moderator.on_wire(),
        4 => StoredKind::Owner.on_wire(),
        // Of a row without a stored notification: the kind of its conversation, 0.
        _ => (NotificationKind::Direct, None),
    };
    let created_at = Timestamp(get(row, 1)?);
    let (conversation_id, seq) = (ConversationId(get(row, 2)?), get(row, 3)?);
    Ok(Notification {
        id: NotificationId { created_at, conversation_id, seq },
        kind,
        conversation_id,
        seq,
        message_id: MessageId(get(row, 4)?),
        title: get(row, 5)?,
        actor: person(row, 8)?,
        role,
        preview: preview_of(kind, get(row, 6)?),
        created_at,
        read: flag(row, 7)?,
    })
}

fn preview_of(kind: NotificationKind, content: &str) -> String {
    match kind {
        NotificationKind::Direct | NotificationKind::Mention => preview(content),
        NotificationKind::Added | NotificationKind::Role => String::new(),
    }
}

/// See [`crate::store::Write::ReadNotifications`].
pub(super) async fn read(
    c: &mut Connection,
    user: UserId,
    up_to: Option<Timestamp>,
    now: Timestamp,
) -> Result<Outcome> {
    let up_to = up_to.map_or(now, |up_to| up_to.min(now));
    let user_rev: Option<i64> = sqlx::query_scalar(
        "UPDATE account SET notifications_read_at = $2, user_rev = user_rev + 1 \
         WHERE id = $1 AND notifications_read_at < $2 RETURNING user_rev",
    )
    .bind(user.0)
    .bind(up_to.0)
    .fetch_optional(c)
    .await?;
    Ok(Outcome::NotificationsRead { up_to, user_rev })
}

/// See [`crate::store::Store::sweep_notifications`].
pub(super) async fn sweep(store: &Backend, before: Timestamp) -> crate::Result<u64> {
    let mut all = 0;
    loop {
        let swept = transaction!(store, c => sweep_some(c, before))?;
        all += swept;
        if swept == 0 {
            return Ok(all);
        }
    }
}

async fn sweep_some(c: &mut Connection, before: Timestamp) -> Result<u64> {
    let swept = sqlx::query(
        "DELETE FROM notification WHERE created_at < $1 AND created_at <= coalesce( \
            (SELECT created_at FROM notification ORDER BY created_at LIMIT 1 OFFSET $2), $1)",
    )
    .bind(before.0)
    .bind(TOGETHER)
    .execute(c)
    .await?;
    Ok(swept.rows_affected())
}
