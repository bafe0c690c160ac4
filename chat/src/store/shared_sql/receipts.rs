//! Receipts of one message, with their times.

use super::connections::transaction;
use super::rows::{PERSON_COLUMNS, flag, get, hidden, may_see, person, person_columns};
use super::{Backend, Connection, Row};
use crate::store::error::{Result, StoreError};
use protocol::{ConversationId, MessageId, MessageReceipt, Timestamp, UserId};

/// Number of rows that one transaction deletes, so that writers do not wait long.
const TOGETHER: i64 = 10_000;

/// The `seq` and the sender of a message that the user may see, and whether the user sends read receipts.
pub(super) const LOOK: &str = concat!(
    "SELECT m.seq, m.sender_id, (SELECT v.send_read_receipts FROM account v WHERE v.id = $1) \
     FROM message m WHERE m.id = $3 AND m.conversation_id = $2 AND ",
    may_see!("m"),
    " AND NOT ",
    hidden!("m")
);

/// The time when a position passed the message: of the first move to it or past it, if that began before it.
macro_rules! passed {
    ($is_read:literal) => {
        concat!(
            "(SELECT CASE WHEN r.after_seq < $2 THEN r.at END FROM receipt r \
              WHERE r.conversation_id = o.conversation_id AND r.user_id = o.user_id AND r.is_read = ",
            $is_read,
            " AND r.seq >= $2 ORDER BY r.seq LIMIT 1)"
        )
    };
}

// $1: the conversation, $2: the `seq` of the message, $3: its sender, $4: the user. The members at the time of sending.
pub(super) const OF: &str = concat!(
    "SELECT ",
    person_columns!("a"),
    ", o.delivered_seq >= $2, CASE WHEN o.user_id = $4 THEN o.read_seq ELSE o.shown_read_seq END >= $2, ",
    passed!("0"),
    ", ",
    passed!("1"),
    " FROM member o JOIN account a ON a.id = o.user_id \
     WHERE o.conversation_id = $1 AND o.user_id <> $3 AND o.joined_seq < $2 AND (o.has_left = 0 OR o.rev > $2) \
     ORDER BY o.user_id"
);

/// See [`crate::store::Store::receipts`].
pub(super) async fn of(
    c: &mut Connection,
    user: UserId,
    conversation: ConversationId,
    message: MessageId,
) -> Result<Vec<MessageReceipt>> {
    let row = sqlx::query(LOOK)
        .bind(user.0)
        .bind(conversation.0)
        .bind(message.0)
        .fetch_optional(&mut *c)
        .await?
        .ok_or_else(StoreError::not_found)?;
    let (seq, sender): (i64, i64) = (get(&row, 0)?, get(&row, 1)?);
    let sees_reads = flag(&row, 2)?;
    let rows = sqlx::query(OF).bind(conversation.0).bind(seq).bind(sender).bind(user.0).fetch_all(c).await?;
    let mut receipts = rows.iter().map(receipt).collect::<Result<Vec<_>>>()?;
    for receipt in receipts.iter_mut().filter(|receipt| !sees_reads && receipt.user.id != user) {
        (receipt.read, receipt.read_at) = (false, None);
    }
    Ok(receipts)
}

fn receipt(row: &Row) -> Result<MessageReceipt> {
    Ok(MessageReceipt {
        user: person(row, 0)?,
        delivered: flag(row, PERSON_COLUMNS)?,
        read: flag(row, PERSON_COLUMNS + 1)?,
        delivered_at: get::<Option<i64>>(row, PERSON_COLUMNS + 2)?.map(Timestamp),
        read_at: get::<Option<i64>>(row, PERSON_COLUMNS + 3)?.map(Timestamp),
    })
}

/// See [`crate::store::Store::sweep_receipts`].
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
        "DELETE FROM receipt WHERE at < $1 \
         AND at <= coalesce((SELECT at FROM receipt ORDER BY at LIMIT 1 OFFSET $2), $1)",
    )
    .bind(before.0)
    .bind(TOGETHER)
    .execute(c)
    .await?;
    Ok(swept.rows_affected())
}
