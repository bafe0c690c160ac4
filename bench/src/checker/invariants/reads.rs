//! Each page shows every message in its range that was acknowledged before the read started and that the reader may see, and
//! no other. Nobody reads a page without being a member.

use super::replay::{Replays, Stay};
use super::{Evidence, deletions};
use crate::checker::history::{Event, Kind, Shown, What};
use protocol::limits::PAGE;
use protocol::{ClientId, ConversationId};
use std::collections::{HashMap, HashSet};

/// The acknowledged messages and lines of each conversation: index of the event, `seq`, id.
type Acknowledged = HashMap<ConversationId, Vec<(usize, i64, ClientId)>>;

pub(super) fn check(evidence: &Evidence<'_>, replays: &Replays, broken: &mut Vec<String>) {
    let acknowledged = acknowledged(evidence, replays);
    let deleted: HashMap<ClientId, usize> =
        deletions(evidence.events, Kind::Ok).map(|(at, _, id)| (id, at)).collect();
    for (at, event) in evidence.events.iter().enumerate().filter(|(_, event)| event.kind == Kind::Ok) {
        let What::Read { conversation, shown, .. } = &event.what else { continue };
        let Some(user) = evidence.user(event) else { continue };
        let stays = replays.stays(*conversation, user);
        let known = acknowledged.get(conversation).map_or(&[][..], Vec::as_slice);
        let possible = stays.iter().filter(|stay| is_possible(replays, *conversation, stay, at, event));
        let missing: Vec<_> = possible.map(|stay| missing(stay, event, known)).collect();
        if missing.is_empty() {
            broken.push(format!(
                "person {user} read a page of conversation {conversation} without being a member: {stays:?}"
            ));
        } else if missing.iter().all(Option::is_some)
            && let Some((seq, id)) = missing.into_iter().flatten().next()
        {
            broken.push(format!("acknowledged at place {seq} before a read that did not show it: {id}"));
        }
        for Shown { message, deleted: is_deleted, .. } in shown {
            if !is_deleted && deleted.get(message).is_some_and(|at| *at < event.began) {
                broken.push(format!("deleted for everyone before a read that showed it: {message}"));
            }
        }
    }
}

fn acknowledged(evidence: &Evidence<'_>, replays: &Replays) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    for (at, event) in evidence.events.iter().enumerate() {
        if let (Kind::Ok, What::Send { conversation, message, seq: Some(seq), .. }) =
            (event.kind, &event.what)
        {
            acknowledged.entry(*conversation).or_default().push((at, *seq, *message));
        }
    }
    for (id, replay) in &replays.0 {
        let lines = replay.lines.iter().map(|line| (line.commit.before, line.seq, line.id));
        acknowledged.entry(*id).or_default().extend(lines);
    }
    acknowledged
}

/// Whether the page, whose answer is event `at`, can be from this membership.
fn is_possible(replays: &Replays, id: ConversationId, stay: &Stay, at: usize, event: &Event) -> bool {
    let What::Read { shown, .. } = &event.what else { return false };
    let commit = |seq| replays.0.get(&id).map(|replay| replay.commit(seq));
    let has_begun = stay.joined == 0 || commit(stay.joined).is_none_or(|commit| commit.after < at);
    let goes_on = stay.left.and_then(commit).is_none_or(|commit| commit.before > event.began);
    let is_visible = |row: &Shown| row.seq > stay.from && stay.left.is_none_or(|left| row.seq < left);
    has_begun && goes_on && shown.iter().all(is_visible)
}

/// A message that the page should have shown to a person with this membership.
fn missing(stay: &Stay, event: &Event, known: &[(usize, i64, ClientId)]) -> Option<(i64, ClientId)> {
    let What::Read { before, shown, .. } = &event.what else { return None };
    let below = before.unwrap_or(i64::MAX);
    // A page that is not full reaches the start of the conversation.
    let oldest = shown.first().filter(|_| shown.len() >= PAGE).map_or(0, |oldest| oldest.seq);
    let from = oldest.max(stay.from + 1);
    let there: HashSet<(i64, ClientId)> = shown.iter().map(|row| (row.seq, row.message)).collect();
    let mut due = known.iter().filter(|(at, seq, _)| *at < event.began && (from..below).contains(seq));
    due.find(|(_, seq, id)| !there.contains(&(*seq, *id))).map(|(_, seq, id)| (*seq, *id))
}
