//! The sweep for messages that no node pushed: those of a node that died between the commit and its look.

use super::Connection;
use super::dialect::{among, at_most, join, numbers};
use super::rows::get;
use crate::store::error::Result;
use crate::store::{SWEPT_MESSAGES, UnpushedPeople};
use protocol::{Timestamp, UserId};
use std::collections::BTreeSet;

/// The messages after a number.
pub(super) const MESSAGES: &str = concat!(
    "SELECT m.id, m.conversation_id, m.created_at FROM message m WHERE m.id > $1 ORDER BY m.id",
    at_most!("$2")
);

/// The members with something unread whose subscriptions were not pushed to since the conversation was active.
// A scalar subquery: Postgres would read all subscriptions for a join.
pub(super) const PEOPLE: &str = concat!(
    "SELECT DISTINCT w.user_id FROM conversation c ",
    join!(),
    " member w ON w.conversation_id = c.id AND w.has_left = 0 AND w.read_seq < c.rev \
     WHERE c.id ",
    among!("$1"),
    " AND (SELECT min(p.pushed_at) FROM push_subscription p WHERE p.user_id = w.user_id) < c.active_at \
     ORDER BY w.user_id"
);

/// See [`crate::store::PushStore::last_message`].
pub(super) async fn last(c: &mut Connection) -> Result<i64> {
    let last: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM message").fetch_one(c).await?;
    Ok(last.unwrap_or(0))
}

/// See [`crate::store::PushStore::unpushed_people`]. Without subscriptions it passes over all messages: a later one is pushed to
/// from its beginning on.
pub(super) async fn people(c: &mut Connection, after: i64, until: Timestamp) -> Result<UnpushedPeople> {
    if sqlx::query("SELECT 1 FROM push_subscription LIMIT 1").fetch_optional(&mut *c).await?.is_none() {
        return Ok(UnpushedPeople { people: Vec::new(), upto: after.max(last(c).await?), more: false });
    }
    let limit = i64::try_from(SWEPT_MESSAGES).unwrap_or(i64::MAX);
    let rows = sqlx::query(MESSAGES).bind(after).bind(limit).fetch_all(&mut *c).await?;
    let (mut upto, mut read, mut conversations) = (after, 0, BTreeSet::new());
    for row in &rows {
        if get::<i64>(row, 2)? > until.0 {
            break;
        }
        upto = get(row, 0)?;
        conversations.insert(get(row, 1)?);
        read += 1;
    }
    let more = read == SWEPT_MESSAGES;
    if conversations.is_empty() {
        return Ok(UnpushedPeople { people: Vec::new(), upto, more });
    }
    let people: Vec<i64> = sqlx::query_scalar(PEOPLE).bind(numbers(conversations)?).fetch_all(c).await?;
    Ok(UnpushedPeople { people: people.into_iter().map(UserId).collect(), upto, more })
}
