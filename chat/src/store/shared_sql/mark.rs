//! Receipts: read and delivered positions, which only grow.

use super::mark_sql::{increment_user_revs, load_context, update};
use super::{Connection, rest};
use crate::Error;
use crate::store::error::{Result, StoreError};
use crate::store::{Mark, Marked, Outcome};
use protocol::{ConversationId, MessageId, Timestamp, UserId};
use std::collections::HashMap;

/// Positions of a member, before and after the batch.
struct Position {
    read: i64,
    shown: i64,
    delivered: i64,
    marked_unread: bool,
    rests_unread: bool,
    /// The unread mark was removed.
    unmarked: bool,
    /// Read, shown and delivered position before the batch.
    before: (i64, i64, i64),
}

/// The member's positions and the marked message (`None`: the conversation is empty, or has no such message).
pub(in crate::store) struct MarkLookup {
    pub(in crate::store) read: i64,
    /// The read position that others see.
    pub(in crate::store) shown: i64,
    pub(in crate::store) delivered: i64,
    /// Whether the member sends read receipts.
    pub(in crate::store) sends_receipts: bool,
    /// The member marked the conversation as unread.
    pub(in crate::store) marked_unread: bool,
    /// The membership is at rest, and there may be unread messages.
    pub(in crate::store) rests_unread: bool,
    pub(in crate::store) target: Option<(MessageId, i64)>,
}

/// A member's new positions.
pub(in crate::store) struct NewPositions {
    pub(in crate::store) conversation: ConversationId,
    pub(in crate::store) user: UserId,
    pub(in crate::store) read: i64,
    /// The read position that others see.
    pub(in crate::store) shown: i64,
    pub(in crate::store) delivered: i64,
    /// Whether the unread mark is removed.
    pub(in crate::store) unmarked: bool,
}

/// A change of one position, as others see it.
pub(in crate::store) struct PositionChange {
    pub(in crate::store) conversation: ConversationId,
    pub(in crate::store) user: UserId,
    pub(in crate::store) is_read: bool,
    pub(in crate::store) to: i64,
    pub(in crate::store) from: i64,
}

/// Applies the marks of a batch, in order.
pub(in crate::store) async fn all(
    c: &mut Connection,
    marks: &[Mark],
    now: Timestamp,
) -> Result<Vec<crate::Result<Outcome>>> {
    let lookups = load_context(c, marks).await?;
    let mut positions: HashMap<(ConversationId, UserId), Position> = HashMap::new();
    let mut outcomes = Vec::with_capacity(marks.len());
    for (mark, lookup) in marks.iter().zip(lookups) {
        let outcome = match lookup {
            None => Err(Error::not_found()),
            Some(MarkLookup { target: None, .. }) if mark.message.is_some() => Err(Error::not_found()),
            Some(MarkLookup { target: None, .. }) => Ok(Outcome::Marked(None)),
            Some(MarkLookup {
                read,
                shown,
                delivered,
                sends_receipts,
                marked_unread,
                rests_unread,
                target: Some((message, seq)),
            }) => {
                let position = positions.entry((mark.conversation, mark.user)).or_insert(Position {
                    read,
                    shown,
                    delivered,
                    marked_unread,
                    rests_unread,
                    unmarked: false,
                    before: (read, shown, delivered),
                });
                Ok(Outcome::Marked(position.merge(mark, message, seq, sends_receipts)))
            }
        };
        outcomes.push(outcome);
    }
    let woken =
        positions.iter().filter(|(_, position)| position.rests_unread && position.read > position.before.0);
    for ((conversation, user), _) in woken {
        rest::wake_one(c, *user, *conversation).await?;
    }
    let (positions, changes) = changed(&positions);
    if !positions.is_empty() {
        update(c, &positions, &changes, now).await?;
    }
    assign_user_revs(c, marks, &mut outcomes).await?;
    Ok(outcomes)
}

/// Assigns the next value of the reader's counter to each mark that moved a read position or removed an unread mark, in order.
async fn assign_user_revs(
    c: &mut Connection,
    marks: &[Mark],
    outcomes: &mut [crate::Result<Outcome>],
) -> Result<()> {
    let mut read: Vec<(UserId, &mut Marked)> = Vec::new();
    for (mark, outcome) in marks.iter().zip(outcomes) {
        if let Ok(Outcome::Marked(Some(marked))) = outcome
            && (marked.read || marked.unmarked)
        {
            read.push((mark.user, marked));
        }
    }
    if read.is_empty() {
        return Ok(());
    }
    let mut counts: HashMap<UserId, i64> = HashMap::new();
    for (user, _) in &read {
        *counts.entry(*user).or_default() += 1;
    }
    let revs =
        increment_user_revs(c, &counts.iter().map(|(user, by)| (user.0, *by)).collect::<Vec<_>>()).await?;
    let mut next: HashMap<UserId, i64> = revs
        .into_iter()
        .map(|(user, rev)| (UserId(user), rev - counts.get(&UserId(user)).copied().unwrap_or(0)))
        .collect();
    for (user, marked) in read {
        let next = next.get_mut(&user).ok_or_else(|| StoreError::missing("a reader"))?;
        *next += 1;
        marked.user_rev = Some(*next);
    }
    Ok(())
}

impl Position {
    fn merge(&mut self, mark: &Mark, message: MessageId, seq: i64, sends_receipts: bool) -> Option<Marked> {
        let read = mark.read && seq > self.read;
        let shown = read && sends_receipts;
        let delivered = seq > self.delivered;
        let unmarked = mark.read && std::mem::take(&mut self.marked_unread);
        self.unmarked |= unmarked;
        if !read && !delivered && !unmarked {
            return None;
        }
        if read {
            self.read = seq;
        }
        if shown {
            self.shown = seq;
        }
        if delivered {
            self.delivered = seq;
        }
        Some(Marked { message, seq, read, shown, delivered, unmarked, user_rev: None })
    }
}

/// The rows to write: the members' new positions, and each change.
fn changed(
    positions: &HashMap<(ConversationId, UserId), Position>,
) -> (Vec<NewPositions>, Vec<PositionChange>) {
    let (mut new, mut changes) = (Vec::new(), Vec::new());
    for (&(conversation, user), &Position { read, shown, delivered, unmarked, before, .. }) in positions {
        if (read, shown, delivered) != before || unmarked {
            new.push(NewPositions { conversation, user, read, shown, delivered, unmarked });
        }
        for (is_read, to, from) in [(false, delivered, before.2), (true, shown, before.1)] {
            if to > from {
                changes.push(PositionChange { conversation, user, is_read, to, from });
            }
        }
    }
    (new, changes)
}
