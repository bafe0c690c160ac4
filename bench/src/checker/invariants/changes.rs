//! Changes of groups take effect once if they are acknowledged, at most once if the result is unknown, and never if they are
//! refused.

use super::Evidence;
use super::matching::unmatched;
use super::replay::{Line, Replay, Replays};
use crate::checker::change::Change;
use crate::checker::history::{Kind, What};
use protocol::{ConversationId, UserId};

/// A requested change that was not refused, with the indexes of its first and last event; `usize::MAX`: it may take effect
/// until the end.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    by: UserId,
    change: &'a Change,
    is_acknowledged: bool,
    pub(super) began: usize,
    pub(super) ended: usize,
}

impl Asked<'_> {
    /// Whether the line can be about this change.
    pub(super) fn may_be(&self, line: &Line) -> bool {
        self.by == line.by
            && *self.change == line.change
            && self.began < line.commit.before
            && self.ended > line.commit.after
    }

    /// Whether it may have found the group as it would make it.
    fn may_be_nothing(&self, replay: &Replay) -> bool {
        replay.states().any(|(group, time)| {
            group.has(self.change) && self.began < time.before && self.ended > time.after
        })
    }
}

/// The changes of a group that were acknowledged or have an unknown result.
pub(super) fn asked<'a>(evidence: &Evidence<'a>, id: ConversationId) -> Vec<Asked<'a>> {
    let asked = |(at, event): (usize, &'a crate::checker::history::Event)| match &event.what {
        What::Change { conversation, change, .. }
            if *conversation == id && matches!(event.kind, Kind::Ok | Kind::Info) =>
        {
            let is_acknowledged = event.kind == Kind::Ok;
            let ended = if is_acknowledged { at } else { usize::MAX };
            Some(Asked { by: evidence.user(event)?, change, is_acknowledged, began: event.began, ended })
        }
        _ => None,
    };
    evidence.events.iter().enumerate().filter_map(asked).collect()
}

pub(super) fn check(evidence: &Evidence<'_>, replays: &Replays, broken: &mut Vec<String>) {
    for (id, replay) in &replays.0 {
        let asked = asked(evidence, *id);
        let lines = &replay.lines;
        // Both exist if one matching covers all lines and these changes.
        for at in unmatched(lines.len(), asked.len(), |line, asked_at| asked[asked_at].may_be(&lines[line])) {
            let Line { seq, by, change, .. } = &lines[at];
            broken.push(format!(
                "change {seq} of conversation {id} was refused, or took effect twice, or nobody requested it: {change:?} by person {by}"
            ));
        }
        let must = |asked: &&Asked<'_>| asked.is_acknowledged && !asked.may_be_nothing(replay);
        let due: Vec<_> = asked.iter().filter(must).collect();
        for at in unmatched(due.len(), lines.len(), |due_at, line| due[due_at].may_be(&lines[line])) {
            let Asked { by, change, .. } = due[at];
            broken.push(format!(
                "acknowledged and without a line in conversation {id}: {change:?} by person {by}"
            ));
        }
    }
    for event in evidence.events.iter().filter(|event| event.kind == Kind::Fail) {
        if let What::RepeatChange { request, .. } = &event.what {
            broken.push(format!("a repeat of the acknowledged request {request} was refused"));
        }
    }
}
