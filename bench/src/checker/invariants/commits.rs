//! The times at which system messages were committed.

use super::replay::{Commit, Replays};
use super::{Evidence, changes};
use crate::checker::history::{Kind, What};

/// Narrows the times of the commits down: a message or line is committed after the start of its operation and before the
/// acknowledgement, and in the order of `seq`.
pub(super) fn set(replays: &mut Replays, evidence: &Evidence<'_>) {
    for (id, replay) in &mut replays.0 {
        let mut sends: Vec<(i64, usize, usize)> = Vec::new();
        for (at, event) in evidence.events.iter().enumerate() {
            if let (Kind::Ok, What::Send { conversation, seq: Some(seq), .. }) = (event.kind, &event.what)
                && conversation == id
            {
                sends.push((*seq, event.began, at));
            }
        }
        let asked = changes::asked(evidence, *id);
        for line in &mut replay.lines {
            let earlier = sends.iter().filter(|(seq, ..)| *seq < line.seq).map(|(_, began, _)| *began);
            let later = sends.iter().filter(|(seq, ..)| *seq > line.seq).map(|(.., at)| *at);
            let between = Commit {
                after: earlier.max().unwrap_or_default(),
                before: later.min().unwrap_or(usize::MAX),
            };
            line.commit = between;
            let fitting = || asked.iter().filter(|asked| asked.may_be(line));
            let after = fitting().map(|asked| asked.began).min().unwrap_or_default();
            let before = fitting().map(|asked| asked.ended).max().unwrap_or(usize::MAX);
            line.commit = Commit { after: between.after.max(after), before: between.before.min(before) };
        }
    }
}
