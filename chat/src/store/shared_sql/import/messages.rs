//! Appends the messages of a batch to their conversations.

use super::super::dialect::{among, bytes, hex, json, json_rows, message_ids, numbers};
use super::super::rest;
use super::super::rows::{flag, get};
use super::super::send::{SenderRun, Tail};
use super::candidates::{Candidate, Key, NO_HASH, conflict};
use super::conversations::Plan;
use super::events;
use super::positions::{self, Members};
use super::{Connection, Refusal};
use crate::store::error::{Result, StoreError};
use crate::store::{ImportCounts, Positions, TransferMessage, content_hash};
use protocol::{ConversationId, MessageId, MessageType, UserId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The ends of the histories of these conversations.
pub(in super::super) const TAILS: &str = concat!(
    "SELECT c.id, c.rev, l.sender_id, coalesce(l.run_seq, l.seq), c.created_at, c.active_at, c.has_resting FROM conversation c \
     LEFT JOIN message l ON l.conversation_id = c.id \
        AND l.seq = (SELECT max(n.seq) FROM message n WHERE n.conversation_id = c.id) \
     WHERE c.id ",
    among!("$1")
);

/// The end of a conversation's history, while messages are appended.
struct End {
    tail: Tail,
    created_at: i64,
    active_at: i64,
    /// The number in the file and the `seq` of each new message, with what the file says about positions.
    lines: Vec<(i64, i64)>,
    was_empty: bool,
    has_resting: bool,
}

/// A row of `message`.
type Cells<'a> = (
    i64,
    i64,
    i64,
    i64,
    i64,
    String,
    String,
    i64,
    i64,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    &'a str,
    Option<String>,
);

/// Appends these messages to their conversations, and returns everybody whose list or positions change.
pub(super) async fn append(
    c: &mut Connection,
    candidates: Vec<Candidate<'_>>,
    plan: &Plan<'_>,
    refusal: &mut Refusal,
    counts: &mut ImportCounts,
) -> Result<BTreeSet<UserId>> {
    if candidates.is_empty() {
        return Ok(BTreeSet::new());
    }
    let targets = candidates.iter().filter_map(|candidate| plan.known(&candidate.message.conversation));
    let targets: BTreeSet<ConversationId> = targets.collect();
    let mut ends = ends(c, &targets).await?;
    let members = positions::members(c, &targets).await?;
    let people = events::people(c, &candidates).await?;
    let mut ids = message_ids(c, candidates.len()).await?.into_iter();
    let mut new: HashMap<Key, (MessageId, &Candidate<'_>)> = HashMap::with_capacity(candidates.len());
    let mut cells: Vec<Cells<'_>> = Vec::with_capacity(candidates.len());
    let mut by_conversation: BTreeMap<ConversationId, &Positions> = BTreeMap::new();
    for candidate in &candidates {
        let message = candidate.message;
        let missing = || StoreError::missing("an imported conversation");
        let conversation = plan.known(&message.conversation).ok_or_else(missing)?;
        if !members.get(&conversation).is_some_and(|members| members.contains_key(&candidate.sender)) {
            let TransferMessage { sender, conversation, .. } = message;
            refusal.invalid(
                candidate.index,
                format!("{sender} is not a member of the conversation {conversation}"),
            );
            continue;
        }
        let key = (candidate.sender, message.client_id);
        if let Some((_, other)) = new.get(&key) {
            match same(other.message, message) {
                true => counts.repeated += 1,
                false => refusal.note(candidate.index, conflict(message)),
            }
            continue;
        }
        let in_batch = |key: &Key| {
            let (id, other) = new.get(key)?;
            (plan.known(&other.message.conversation) == Some(conversation)).then_some(*id)
        };
        let reply = match &candidate.reply {
            None => None,
            Some((key, id)) => match id.or_else(|| in_batch(key)) {
                Some(id) => Some(id),
                None => {
                    let why = "The message that this one replies to is not before it in its conversation";
                    refusal.invalid(candidate.index, why.to_owned());
                    continue;
                }
            },
        };
        let end = ends.get_mut(&conversation).ok_or_else(missing)?;
        let at = message.timestamp.0;
        if end.was_empty && end.lines.is_empty() && candidate.positions.undated {
            (end.created_at, end.active_at) = (at, at);
        }
        end.active_at = end.active_at.max(at);
        let (seq, run_seq) = end.tail.push(candidate.sender);
        end.lines.push((candidate.number, seq));
        by_conversation.insert(conversation, candidate.positions);
        let id = MessageId(ids.next().ok_or_else(|| StoreError::missing("an id for a message"))?);
        let is_system = message.message_type == MessageType::System;
        let hash = if is_system { NO_HASH } else { content_hash(conversation, &message.content, reply) };
        cells.push((
            id.0,
            conversation.0,
            seq,
            run_seq,
            candidate.sender.0,
            hex(message.client_id.0.as_bytes()),
            hex(&hash),
            i64::from(is_system),
            at,
            message.edited_at.map(|at| at.0),
            message.deleted_at.map(|at| at.0),
            reply.map(|id| id.0),
            &message.content,
            events::stored(candidate, &people)?,
        ));
        new.insert(key, (id, candidate));
    }
    if refusal.0.is_some() {
        return Ok(BTreeSet::new());
    }
    counts.messages += cells.len() as u64;
    write(c, &cells).await?;
    advance(c, &ends).await?;
    let woken = ends.iter().filter(|(_, end)| end.has_resting && !end.lines.is_empty());
    rest::wake(c, woken.map(|(id, _)| *id)).await?;
    let mut concerned = list(c, &ends).await?;
    concerned.extend(move_positions(c, &by_conversation, &ends, members).await?);
    Ok(concerned)
}

/// Whether two rows of a batch are the same message.
fn same(one: &TransferMessage, other: &TransferMessage) -> bool {
    one.conversation == other.conversation
        && one.message_type == other.message_type
        && one.reply_to == other.reply_to
        && one.content == other.content
}

async fn ends(
    c: &mut Connection,
    conversations: &BTreeSet<ConversationId>,
) -> Result<HashMap<ConversationId, End>> {
    let rows = sqlx::query(TAILS).bind(numbers(conversations.iter().map(|id| id.0))?).fetch_all(c).await?;
    let mut ends = HashMap::with_capacity(rows.len());
    for row in &rows {
        let run = SenderRun::of(get(row, 2)?, get(row, 3)?);
        let end = End {
            tail: Tail { counter: get(row, 1)?, run },
            created_at: get(row, 4)?,
            active_at: get(row, 5)?,
            lines: Vec::new(),
            was_empty: run.is_none(),
            has_resting: flag(row, 6)?,
        };
        ends.insert(ConversationId(get(row, 0)?), end);
    }
    Ok(ends)
}

async fn write(c: &mut Connection, cells: &[Cells<'_>]) -> Result<()> {
    let written = sqlx::query(concat!(
        "INSERT INTO message (id, conversation_id, seq, rev, run_seq, sender_id, client_id, hash, message_type, created_at, \
            edited_at, deleted_at, reply_to, content, event) \
         SELECT CAST(j.value ->> 0 AS BIGINT), CAST(j.value ->> 1 AS BIGINT), CAST(j.value ->> 2 AS BIGINT), \
            CAST(j.value ->> 2 AS BIGINT), CAST(j.value ->> 3 AS BIGINT), CAST(j.value ->> 4 AS BIGINT), ",
        bytes!("j.value ->> 5"),
        ", ",
        bytes!("j.value ->> 6"),
        ", CAST(j.value ->> 7 AS BIGINT), CAST(j.value ->> 8 AS BIGINT), CAST(j.value ->> 9 AS BIGINT), \
            CAST(j.value ->> 10 AS BIGINT), CAST(j.value ->> 11 AS BIGINT), j.value ->> 12, j.value ->> 13 FROM ",
        json_rows!("$1"),
        " WHERE true ON CONFLICT DO NOTHING"
    ))
    .bind(json(cells)?)
    .execute(c)
    .await?;
    if written.rows_affected() < cells.len() as u64 {
        return Err(StoreError::Collision("another server wrote a message of the same id".into()));
    }
    Ok(())
}

/// Writes the counters and times of the conversations.
async fn advance(c: &mut Connection, ends: &HashMap<ConversationId, End>) -> Result<()> {
    let cells: Vec<_> = ends
        .iter()
        .filter(|(_, end)| !end.lines.is_empty())
        .map(|(id, end)| (id.0, end.tail.counter, end.created_at, end.active_at))
        .collect();
    sqlx::query(concat!(
        "UPDATE conversation SET rev = n.rev, created_at = n.created_at, active_at = n.active_at FROM \
            (SELECT CAST(j.value ->> 0 AS BIGINT) AS id, CAST(j.value ->> 1 AS BIGINT) AS rev, \
                CAST(j.value ->> 2 AS BIGINT) AS created_at, CAST(j.value ->> 3 AS BIGINT) AS active_at FROM ",
        json_rows!("$1"),
        ") n WHERE conversation.id = n.id"
    ))
    .bind(json(&cells)?)
    .execute(c)
    .await?;
    Ok(())
}

/// Lists the conversations that got their first message, and returns the members in whose lists one is new.
async fn list(c: &mut Connection, ends: &HashMap<ConversationId, End>) -> Result<BTreeSet<UserId>> {
    let first = ends.iter().filter(|(_, end)| end.was_empty && !end.lines.is_empty());
    let listed: Vec<i64> = sqlx::query_scalar(concat!(
        "UPDATE member SET listed = 1 WHERE conversation_id ",
        among!("$1"),
        " AND listed = 0 RETURNING user_id"
    ))
    .bind(numbers(first.map(|(id, _)| id.0))?)
    .fetch_all(c)
    .await?;
    Ok(listed.into_iter().map(UserId).collect())
}

async fn move_positions(
    c: &mut Connection,
    positions: &BTreeMap<ConversationId, &Positions>,
    ends: &HashMap<ConversationId, End>,
    members: Members,
) -> Result<BTreeSet<UserId>> {
    let mut moves = positions::Moves::default();
    for (conversation, members) in members {
        if let (Some(positions), Some(end)) = (positions.get(&conversation), ends.get(&conversation)) {
            moves.add(conversation, members, positions, &end.lines);
        }
    }
    moves.write(c).await
}
