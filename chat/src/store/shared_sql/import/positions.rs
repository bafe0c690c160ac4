//! The members' positions in imported messages.

use super::super::dialect::{among, json, json_rows, numbers};
use super::super::rows::{flag, get};
use super::Connection;
use crate::store::error::Result;
use crate::store::{MemberPositions, Positions};
use protocol::{ConversationId, UserId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const MEMBERS: &str = concat!(
    "SELECT o.conversation_id, o.user_id, o.read_seq, o.delivered_seq, o.joined_seq, o.has_left, a.username_folded, \
        o.from_seq, o.shown_read_seq, a.send_read_receipts \
     FROM member o JOIN account a ON a.id = o.user_id WHERE o.conversation_id ",
    among!("$1")
);

/// A member with the positions in the database.
pub(super) struct Member {
    read: i64,
    delivered: i64,
    joined: i64,
    has_left: bool,
    username_folded: String,
    from: i64,
    /// The read position that others see.
    shown: i64,
    sends_receipts: bool,
}

/// Current and former members by conversation.
pub(super) type Members = HashMap<ConversationId, BTreeMap<UserId, Member>>;

/// Reads the members of these conversations.
pub(super) async fn members(c: &mut Connection, conversations: &BTreeSet<ConversationId>) -> Result<Members> {
    let rows = sqlx::query(MEMBERS).bind(numbers(conversations.iter().map(|id| id.0))?).fetch_all(c).await?;
    let mut members = Members::new();
    for row in &rows {
        let member = Member {
            read: get(row, 2)?,
            delivered: get(row, 3)?,
            joined: get(row, 4)?,
            has_left: flag(row, 5)?,
            username_folded: get(row, 6)?,
            from: get(row, 7)?,
            shown: get(row, 8)?,
            sends_receipts: flag(row, 9)?,
        };
        members.entry(ConversationId(get(row, 0)?)).or_default().insert(UserId(get(row, 1)?), member);
    }
    Ok(members)
}

/// Positions to write.
#[derive(Default)]
pub(super) struct Moves {
    /// Conversation, member, read, delivered and joined position, beginning of what is seen, shown read position.
    cells: Vec<(i64, i64, i64, i64, i64, i64, i64)>,
    concerned: BTreeSet<UserId>,
}

impl Moves {
    /// Adds the members of a conversation whose positions move with these messages: numbers in the file with their `seq`, in
    /// order.
    pub(super) fn add(
        &mut self,
        conversation: ConversationId,
        members: BTreeMap<UserId, Member>,
        positions: &Positions,
        lines: &[(i64, i64)],
    ) {
        for (user, member) in members {
            let given = positions.members.get(&member.username_folded).copied().unwrap_or_default();
            let MemberPositions { joined, unseen, read, delivered } = given;
            let read = member.read.max(seq_at(lines, read));
            let delivered = member.delivered.max(seq_at(lines, delivered)).max(read);
            let joined = member.joined.max(seq_at(lines, Some(joined)));
            let from = member.from.max(seq_at(lines, Some(unseen)));
            let shown = if member.sends_receipts { member.shown.max(read) } else { member.shown };
            let before = (member.read, member.delivered, member.joined, member.from, member.shown);
            if (read, delivered, joined, from, shown) == before {
                continue;
            }
            self.cells.push((conversation.0, user.0, read, delivered, joined, from, shown));
            if !member.has_left {
                self.concerned.insert(user);
            }
        }
    }

    /// Writes the positions, and returns the members.
    pub(super) async fn write(self, c: &mut Connection) -> Result<BTreeSet<UserId>> {
        if !self.cells.is_empty() {
            sqlx::query(concat!(
                "UPDATE member SET read_seq = n.read_seq, delivered_seq = n.delivered_seq, joined_seq = n.joined_seq, \
                    from_seq = n.from_seq, shown_read_seq = n.shown_read_seq FROM \
                    (SELECT CAST(j.value ->> 0 AS BIGINT) AS conversation_id, CAST(j.value ->> 1 AS BIGINT) AS user_id, \
                        CAST(j.value ->> 2 AS BIGINT) AS read_seq, CAST(j.value ->> 3 AS BIGINT) AS delivered_seq, \
                        CAST(j.value ->> 4 AS BIGINT) AS joined_seq, CAST(j.value ->> 5 AS BIGINT) AS from_seq, \
                        CAST(j.value ->> 6 AS BIGINT) AS shown_read_seq FROM ",
                json_rows!("$1"),
                ") n WHERE member.conversation_id = n.conversation_id AND member.user_id = n.user_id"
            ))
            .bind(json(&self.cells)?)
            .execute(c)
            .await?;
        }
        Ok(self.concerned)
    }
}

/// The `seq` of the last of these messages whose number is at most this one (`None`: of the last); 0 if there is none.
fn seq_at(lines: &[(i64, i64)], number: Option<i64>) -> i64 {
    let end = number.map_or(lines.len(), |most| lines.partition_point(|(number, _)| *number <= most));
    end.checked_sub(1).and_then(|at| lines.get(at)).map_or(0, |(_, seq)| *seq)
}
