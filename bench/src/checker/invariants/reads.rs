//! Each page shows every message in its range that was acknowledged before the read started.

use super::{Evidence, deletions};
use crate::checker::history::{Kind, Shown, What};
use protocol::limits::PAGE;
use protocol::{ClientId, ConversationId};
use std::collections::{HashMap, HashSet};

pub(super) fn check(evidence: &Evidence<'_>, broken: &mut Vec<String>) {
    // In the order of the acknowledgements: index of the event, `seq`, id.
    let mut acknowledged: HashMap<ConversationId, Vec<(usize, i64, ClientId)>> = HashMap::new();
    for (at, event) in evidence.events.iter().enumerate() {
        if let (Kind::Ok, What::Send { conversation, message, seq: Some(seq), .. }) =
            (event.kind, &event.what)
        {
            acknowledged.entry(*conversation).or_default().push((at, *seq, *message));
        }
    }
    let deleted: HashMap<ClientId, usize> =
        deletions(evidence.events, Kind::Ok).map(|(at, _, id)| (id, at)).collect();
    for event in evidence.events.iter().filter(|event| event.kind == Kind::Ok) {
        let What::Read { conversation, before, shown } = &event.what else { continue };
        let below = before.unwrap_or(i64::MAX);
        // A page that is not full reaches the start of the conversation.
        let from = shown.first().map_or(0, |oldest| oldest.seq);
        let from = if shown.len() < PAGE { 0 } else { from };
        let there: HashSet<(i64, ClientId)> = shown.iter().map(|row| (row.seq, row.message)).collect();
        let known = acknowledged.get(conversation).map_or(&[][..], Vec::as_slice);
        for (_, seq, id) in known.iter().take_while(|(at, ..)| *at < event.began) {
            if (from..below).contains(seq) && !there.contains(&(*seq, *id)) {
                broken.push(format!("acknowledged at place {seq} before a read that did not show it: {id}"));
            }
        }
        for Shown { message, deleted: is_deleted, .. } in shown {
            if !is_deleted && deleted.get(message).is_some_and(|at| *at < event.began) {
                broken.push(format!("deleted for everyone before a read that showed it: {message}"));
            }
        }
    }
}
