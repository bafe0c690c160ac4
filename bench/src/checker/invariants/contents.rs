//! ok ⊆ final, once and with the same text; final ⊆ ok ∪ info; fail ∩ final = ∅.

use super::{Evidence, by_id, deletions};
use crate::checker::history::{Kind, What};
use protocol::{ClientId, ConversationId, Message, MessageType};
use std::collections::{HashMap, HashSet};

pub(super) fn check(evidence: &Evidence<'_>, broken: &mut Vec<String>) {
    let stored: HashMap<_, _> =
        evidence.finals().iter().flat_map(by_id).collect::<HashMap<ClientId, Vec<&Message>>>();
    let mut known: HashSet<ClientId> = HashSet::new();
    let none = Vec::new();
    for event in evidence.events {
        let What::Send { conversation, message: id, body, seq } = &event.what else { continue };
        let found = stored.get(id).unwrap_or(&none);
        match event.kind {
            Kind::Ok => {
                known.insert(*id);
                match found.as_slice() {
                    [] => broken.push(format!("acknowledged and lost: {body}")),
                    [message] => same(*conversation, body, *seq, message, broken),
                    more => broken.push(format!("stored {} times: {body}", more.len())),
                }
            }
            Kind::Info => {
                known.insert(*id);
                match found.as_slice() {
                    [] => {}
                    [message] => same(*conversation, body, None, message, broken),
                    more => broken.push(format!("stored {} times: {body}", more.len())),
                }
            }
            Kind::Fail if !found.is_empty() => broken.push(format!("refused and stored: {body}")),
            _ => {}
        }
    }
    for message in evidence.finals().iter().flat_map(|end| &end.messages) {
        if message.message_type == MessageType::Text && !known.contains(&message.client_id) {
            broken.push(format!("stored and never acknowledged nor unknown: {:?}", message.content));
        }
    }
    conflicts(evidence, broken);
    repeats(evidence, &stored, broken);
    deleted(evidence, &stored, broken);
}

/// A stored message is as its sender sent it and as it was acknowledged.
fn same(
    conversation: ConversationId,
    body: &str,
    seq: Option<i64>,
    message: &Message,
    broken: &mut Vec<String>,
) {
    if message.content != body && message.deleted_at.is_none() {
        broken.push(format!("sent as {body:?} and stored as {:?}", message.content));
    }
    if message.conversation_id != conversation {
        broken.push(format!("stored in another conversation: {body}"));
    }
    if let Some(seq) = seq.filter(|seq| *seq != message.seq) {
        broken.push(format!("acknowledged at place {seq} and stored at {}: {body}", message.seq));
    }
}

/// No second text is stored under a used id.
fn conflicts(evidence: &Evidence<'_>, broken: &mut Vec<String>) {
    let bodies: HashSet<&str> = evidence
        .finals()
        .iter()
        .flat_map(|end| &end.messages)
        .map(|message| message.content.as_str())
        .collect();
    for event in evidence.events {
        let What::Conflict { body } = &event.what else { continue };
        if event.kind == Kind::Ok {
            broken.push(format!("accepted under an id that was used: {body}"));
        }
        if bodies.contains(body.as_str()) {
            broken.push(format!("stored under an id that was used: {body}"));
        }
    }
}

/// The answer to a repeat has the `seq` of the stored message.
fn repeats(evidence: &Evidence<'_>, stored: &HashMap<ClientId, Vec<&Message>>, broken: &mut Vec<String>) {
    for event in evidence.events.iter().filter(|event| event.kind == Kind::Ok) {
        let What::Repeat { message: id, seq: Some(seq), .. } = &event.what else { continue };
        if stored.get(id).is_some_and(|found| found.iter().all(|message| message.seq != *seq)) {
            broken.push(format!("a repeat of {id} was told place {seq}, where it is not"));
        }
    }
}

/// Messages deleted for everyone are tombstones, and no others are.
fn deleted(evidence: &Evidence<'_>, stored: &HashMap<ClientId, Vec<&Message>>, broken: &mut Vec<String>) {
    let mut may: HashSet<ClientId> = deletions(evidence.events, Kind::Info).map(|(_, _, id)| id).collect();
    for (_, _, id) in deletions(evidence.events, Kind::Ok) {
        may.insert(id);
        for message in stored.get(&id).into_iter().flatten() {
            if message.deleted_at.is_none() || !message.content.is_empty() {
                broken.push(format!("deleted for everyone and still there: {id} ({:?})", message.content));
            }
        }
    }
    for message in stored.values().flatten() {
        if message.deleted_at.is_some() && !may.contains(&message.client_id) {
            broken.push(format!("deleted by nobody: {} at place {}", message.client_id, message.seq));
        }
    }
}
