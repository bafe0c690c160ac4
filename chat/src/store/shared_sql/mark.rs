//! Receipts: they only grow.

use super::Connection;
use super::mark_sql::{look, raise, write};
use crate::store::{Mark, Marked, Outcome, missing};
use crate::{Error, Result};
use protocol::{ConversationId, MessageId, Timestamp, UserId};
use std::collections::HashMap;

/// How far a member is, before and after this run.
struct Position {
    read: i64,
    delivered: i64,
    /// Read and delivered, before.
    before: (i64, i64),
}

/// A member of the conversation, and the message they mean (none: the conversation has none, or not this one).
pub(super) struct Known {
    pub(super) read: i64,
    pub(super) delivered: i64,
    pub(super) target: Option<(MessageId, i64)>,
}

/// A member's new positions.
pub(super) struct Grown {
    pub(super) conversation: ConversationId,
    pub(super) user: UserId,
    pub(super) read: i64,
    pub(super) delivered: i64,
}

/// A position that moved.
pub(super) struct Move {
    pub(super) conversation: ConversationId,
    pub(super) user: UserId,
    pub(super) is_read: bool,
    pub(super) to: i64,
    pub(super) from: i64,
}

/// All of these, in order.
pub(super) async fn all(c: &mut Connection, marks: &[Mark], now: Timestamp) -> Result<Vec<Result<Outcome>>> {
    let known = look(c, marks).await?;
    let mut positions: HashMap<(ConversationId, UserId), Position> = HashMap::new();
    let mut outcomes = Vec::with_capacity(marks.len());
    for (mark, known) in marks.iter().zip(known) {
        let outcome = match known {
            None => Err(Error::not_found()),
            Some(Known { target: None, .. }) if mark.message.is_some() => Err(Error::not_found()),
            Some(Known { target: None, .. }) => Ok(Outcome::Marked(None)),
            Some(Known { read, delivered, target: Some((message, seq)) }) => {
                let position = positions.entry((mark.conversation, mark.user)).or_insert(Position {
                    read,
                    delivered,
                    before: (read, delivered),
                });
                Ok(Outcome::Marked(position.merge(mark, message, seq)))
            }
        };
        outcomes.push(outcome);
    }
    let (grown, moves) = growth(&positions);
    if !grown.is_empty() {
        write(c, &grown, &moves, now).await?;
    }
    number(c, marks, &mut outcomes).await?;
    Ok(outcomes)
}

/// Gives each that grew its reader's position the next value of that person's own counter, in order.
async fn number(c: &mut Connection, marks: &[Mark], outcomes: &mut [Result<Outcome>]) -> Result<()> {
    let mut read: Vec<(UserId, &mut Marked)> = Vec::new();
    for (mark, outcome) in marks.iter().zip(outcomes) {
        if let Ok(Outcome::Marked(Some(marked))) = outcome
            && marked.read
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
    let raised = raise(c, &counts.iter().map(|(user, by)| (user.0, *by)).collect::<Vec<_>>()).await?;
    let mut next: HashMap<UserId, i64> = raised
        .into_iter()
        .map(|(user, rev)| (UserId(user), rev - counts.get(&UserId(user)).copied().unwrap_or(0)))
        .collect();
    for (user, marked) in read {
        let next = next.get_mut(&user).ok_or_else(|| missing("a reader"))?;
        *next += 1;
        marked.user_rev = Some(*next);
    }
    Ok(())
}

impl Position {
    fn merge(&mut self, mark: &Mark, message: MessageId, seq: i64) -> Option<Marked> {
        let read = mark.read && seq > self.read;
        let delivered = seq > self.delivered;
        if !read && !delivered {
            return None;
        }
        if read {
            self.read = seq;
        }
        if delivered {
            self.delivered = seq;
        }
        Some(Marked { message, seq, read, delivered, user_rev: None })
    }
}

/// What is to be written: the members' new positions, and each move.
fn growth(positions: &HashMap<(ConversationId, UserId), Position>) -> (Vec<Grown>, Vec<Move>) {
    let (mut grown, mut moves) = (Vec::new(), Vec::new());
    for (&(conversation, user), &Position { read, delivered, before }) in positions {
        if (read, delivered) != before {
            grown.push(Grown { conversation, user, read, delivered });
        }
        for (is_read, to, from) in [(false, delivered, before.1), (true, read, before.0)] {
            if to > from {
                moves.push(Move { conversation, user, is_read, to, from });
            }
        }
    }
    (grown, moves)
}
