//! The counter has no gap, and a message that was acknowledged before another was sent has the lower `seq`.

use super::{Evidence, Final};
use crate::checker::history::{Kind, What};
use protocol::ConversationId;
use std::collections::HashMap;

pub(super) fn check(evidence: &Evidence<'_>, broken: &mut Vec<String>) {
    for end in evidence.finals() {
        counter(end, broken);
    }
    let mut acknowledged: HashMap<ConversationId, i64> = HashMap::new();
    let mut floors = HashMap::new();
    for event in evidence.events {
        let What::Send { conversation, message, body, seq } = &event.what else { continue };
        let newest = acknowledged.entry(*conversation).or_default();
        match (event.kind, seq) {
            (Kind::Invoke, _) => {
                floors.insert(*message, *newest);
            }
            (Kind::Ok, Some(seq)) => {
                if floors.get(message).is_some_and(|floor| seq <= floor) {
                    broken.push(format!("sent after an acknowledgement and placed before it: {body}"));
                }
                *newest = (*newest).max(*seq);
            }
            _ => {}
        }
    }
}

/// Each value of the counter belongs to one change: the creation or the deletion of a message.
fn counter(end: &Final, broken: &mut Vec<String>) {
    let Final { conversation, counter, messages, .. } = end;
    if !messages.is_sorted_by(|a, b| a.seq < b.seq) {
        broken.push(format!("conversation {conversation} is not told in its order"));
    }
    let later = messages.iter().filter(|message| message.rev != message.seq).map(|message| message.rev);
    let mut used: Vec<i64> = messages.iter().map(|message| message.seq).chain(later).collect();
    used.sort_unstable();
    if let Some((value, expected)) = used.iter().zip(1..).find(|(value, expected)| **value != *expected) {
        let what = if *value < expected { "twice" } else { "with a hole" };
        broken.push(format!("the counter of conversation {conversation} was used {what} at {expected}"));
    } else if used.len() as i64 != *counter {
        let used = used.len();
        broken.push(format!("conversation {conversation} counts {counter} changes and has {used}"));
    }
}
