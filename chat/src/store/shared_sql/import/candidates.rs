//! The messages of a batch that are not in the database.

use super::super::dialect::{bytes, hex, join, json, json_rows};
use super::super::rows::get;
use super::conversations::Plan;
use super::names::Names;
use super::{Connection, Refusal};
use crate::store::error::{Result, StoreError};
use crate::store::{ImportCounts, ImportRow, Positions, TransferMessage, content_hash};
use protocol::{ClientId, ConversationId, ErrorBody, ErrorCode, MessageId, MessageType, UserId};
use std::collections::{BTreeSet, HashMap};

/// Messages by their senders and client ids.
pub(in super::super) const SEEN: &str = concat!(
    "SELECT m.sender_id, m.client_id, m.id, m.conversation_id, m.hash, m.message_type, m.deleted_at FROM ",
    json_rows!("$1"),
    " ",
    join!(),
    " message m ON m.client_id = ",
    bytes!("j.value ->> 1"),
    " AND m.sender_id = CAST(j.value ->> 0 AS BIGINT)"
);

/// The hash of a system message, which repeats nothing that a client sent.
pub(super) const NO_HASH: [u8; 16] = [0; 16];

/// Sender and client id.
pub(super) type Key = (UserId, ClientId);

/// A message that is not in the database.
pub(super) struct Candidate<'a> {
    /// The index of its row.
    pub(super) index: usize,
    pub(super) message: &'a TransferMessage,
    pub(super) sender: UserId,
    /// The message that it replies to: with its id, if it is in the database.
    pub(super) reply: Option<(Key, Option<MessageId>)>,
    /// The people whom its event concerns.
    pub(super) concerned: Vec<UserId>,
    pub(super) number: i64,
    pub(super) positions: &'a Positions,
}

/// A message in the database.
struct Seen {
    id: MessageId,
    conversation: ConversationId,
    hash: [u8; 16],
    is_system: bool,
    is_deleted: bool,
}

/// Refuses messages that name nobody, no conversation, or another message; returns those that are not in the database.
pub(super) async fn find<'a>(
    c: &mut Connection,
    rows: &'a [ImportRow],
    names: &Names,
    plan: &Plan<'_>,
    refusal: &mut Refusal,
    counts: &mut ImportCounts,
) -> Result<Vec<Candidate<'a>>> {
    let mut candidates = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let ImportRow::Message { message, number, positions } = row else { continue };
        let TransferMessage { conversation, sender, .. } = message;
        if !plan.has(conversation, index) {
            refusal.invalid(
                index,
                format!("No line before this one has a conversation with the key {conversation}"),
            );
            continue;
        }
        let Some(sender) = names.at(sender, index) else {
            refusal.invalid(index, format!("There is nobody named {sender}"));
            continue;
        };
        let reply = match &message.reply_to {
            None => None,
            Some((name, client_id)) => match names.at(name, index) {
                Some(user) => Some(((user, *client_id), None)),
                None => {
                    refusal.invalid(index, format!("There is nobody named {name}"));
                    continue;
                }
            },
        };
        let people = message.event.iter().flat_map(|event| &event.members);
        let people = people.map(|name| names.at(name, index).ok_or(name)).collect::<Result<_, _>>();
        match people {
            Ok(concerned) => {
                let number = *number;
                candidates.push(Candidate { index, message, sender, reply, concerned, number, positions });
            }
            Err(name) => refusal.invalid(index, format!("There is nobody named {name}")),
        }
    }
    let seen = seen(c, &candidates).await?;
    candidates.retain_mut(|candidate| {
        let TransferMessage { client_id, conversation, .. } = candidate.message;
        if let Some((key, id)) = &mut candidate.reply {
            let conversation = plan.known(conversation);
            *id = seen.get(key).filter(|seen| Some(seen.conversation) == conversation).map(|seen| seen.id);
        }
        match seen.get(&(candidate.sender, *client_id)) {
            None => true,
            Some(seen) => {
                match repeats(seen, candidate, plan) {
                    Ok(()) => counts.repeated += 1,
                    Err(why) => refusal.note(candidate.index, why),
                }
                false
            }
        }
    });
    Ok(candidates)
}

/// Whether the message in the database is this one.
fn repeats(seen: &Seen, candidate: &Candidate<'_>, plan: &Plan<'_>) -> Result<(), ErrorBody> {
    let message = candidate.message;
    let is_system = message.message_type == MessageType::System;
    let is_same = plan.known(&message.conversation) == Some(seen.conversation) && seen.is_system == is_system;
    // A deleted message stays deleted, and has no text to compare. Neither has a system message of its sender.
    let has_text = !is_system && !seen.is_deleted && message.deleted_at.is_none();
    let reply = candidate.reply.and_then(|(_, id)| id);
    if is_same && (!has_text || content_hash(seen.conversation, &message.content, reply) == seen.hash) {
        Ok(())
    } else {
        Err(conflict(message))
    }
}

/// The error for another message under the same client id.
pub(super) fn conflict(message: &TransferMessage) -> ErrorBody {
    let TransferMessage { sender, client_id, .. } = message;
    ErrorBody::because(
        ErrorCode::IdConflict,
        format!("{sender} has another message with the client_id {client_id}"),
    )
}

/// Reads the messages with these client ids, and those that they reply to.
async fn seen(c: &mut Connection, candidates: &[Candidate<'_>]) -> Result<HashMap<Key, Seen>> {
    let own = candidates.iter().map(|candidate| (candidate.sender, candidate.message.client_id));
    let replies = candidates.iter().filter_map(|candidate| Some(candidate.reply?.0));
    let keys: BTreeSet<Key> = own.chain(replies).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let cells: Vec<_> = keys.iter().map(|(user, id)| (user.0, hex(id.0.as_bytes()))).collect();
    let rows = sqlx::query(SEEN).bind(json(&cells)?).fetch_all(c).await?;
    let mut seen = HashMap::with_capacity(rows.len());
    for row in &rows {
        let client_id = uuid::Uuid::from_slice(get(row, 1)?);
        let client_id = ClientId(client_id.map_err(|error| StoreError::Internal(error.to_string()))?);
        let hash: &[u8] = get(row, 4)?;
        let message = Seen {
            id: MessageId(get(row, 2)?),
            conversation: ConversationId(get(row, 3)?),
            // An erased message can have none.
            hash: hash.try_into().unwrap_or(NO_HASH),
            is_system: get::<i64>(row, 5)? != 0,
            is_deleted: get::<Option<i64>>(row, 6)?.is_some(),
        };
        seen.insert((UserId(get(row, 0)?), client_id), message);
    }
    Ok(seen)
}
