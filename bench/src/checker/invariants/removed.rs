//! A person who is not a member of a conversation receives no frame of it, reads no page and sends no message. Who joins sees
//! what the setting of the group says.

use super::Evidence;
use super::replay::{Replay, Replays, Stay};
use crate::checker::history::What;
use protocol::{ConversationId, MessageType};
use std::collections::HashMap;

pub(super) fn check(evidence: &Evidence<'_>, replays: &Replays, broken: &mut Vec<String>) {
    for (at, event) in evidence.events.iter().enumerate() {
        let What::Heard { conversation, rev } = &event.what else { continue };
        let (Some(user), Some(replay)) = (evidence.user(event), replays.0.get(conversation)) else {
            continue;
        };
        let stays = replays.stays(*conversation, user);
        if !stays.iter().any(|stay| hears(evidence, replay, stay, at, *rev)) {
            broken.push(format!(
                "person {user} heard of change {rev} of conversation {conversation} without being a member: {stays:?}"
            ));
        }
    }
    for end in evidence.finals() {
        for message in end.messages.iter().filter(|message| message.message_type == MessageType::Text) {
            let (user, seq) = (message.sender.id, message.seq);
            let is_member = |stay: &Stay| stay.joined < seq && stay.left.is_none_or(|left| seq < left);
            let has_replay = replays.0.contains_key(&end.conversation);
            if has_replay && !replays.stays(end.conversation, user).iter().any(is_member) {
                broken.push(format!("person {user} wrote {:?} without being a member", message.content));
            }
        }
    }
    after_notice(evidence, replays, broken);
}

/// Whether event `at`, the arrival of a change, is possible during this membership.
fn hears(evidence: &Evidence<'_>, replay: &Replay, stay: &Stay, at: usize, rev: i64) -> bool {
    let has_begun = stay.joined == 0 || replay.commit(stay.joined).after < at;
    let is_shown = rev > stay.from && has_begun;
    let Some(left) = stay.left else { return is_shown };
    if rev <= left {
        return is_shown;
    }
    // Another node may deliver a little longer.
    let gone = evidence.events.get(replay.commit(left).before);
    let grace = u64::try_from(evidence.grace.as_micros()).unwrap_or(u64::MAX);
    let on_its_way = |event: &crate::checker::history::Event| {
        event.after <= gone.map_or(u64::MAX, |gone| gone.after + grace)
    };
    is_shown && grace > 0 && evidence.events.get(at).is_some_and(on_its_way)
}

/// A client that received the removal receives no change over the same connection, until it joined again.
fn after_notice(evidence: &Evidence<'_>, replays: &Replays, broken: &mut Vec<String>) {
    let mut gone: HashMap<usize, Vec<ConversationId>> = HashMap::new();
    for event in evidence.events {
        let (Some(process), Some(user)) = (event.process, evidence.user(event)) else { continue };
        match &event.what {
            What::Line { .. } => {
                gone.remove(&process);
            }
            What::Gone { conversation } => gone.entry(process).or_default().push(*conversation),
            What::Heard { conversation, rev }
                if gone.get(&process).is_some_and(|all| all.contains(conversation)) =>
            {
                let stays = replays.stays(*conversation, user);
                let is_back = |stay: &Stay| stay.joined <= *rev && stay.left.is_none_or(|left| *rev <= left);
                if !stays.iter().skip(1).any(is_back) {
                    broken.push(format!(
                        "client {process} heard of change {rev} after it was told of the removal"
                    ));
                }
            }
            _ => {}
        }
    }
}
