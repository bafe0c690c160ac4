//! The system messages of a group tell its final members, roles and settings, and those that clients saw meanwhile. No group is
//! ever without an owner.

use super::Evidence;
use super::replay::Replays;
use crate::checker::history::What;
use crate::checker::views::there;
use protocol::Role;

pub(super) fn check(evidence: &Evidence<'_>, replays: &Replays, broken: &mut Vec<String>) {
    for (id, replay) in &replays.0 {
        broken.extend(replay.broken.iter().cloned());
        let Some(end) = evidence.finals().iter().find(|end| end.conversation == *id) else { continue };
        let told = replay.at(i64::MAX);
        let members = there(&end.members);
        if members != told.members {
            broken.push(format!(
                "conversation {id} has other members than its lines tell: {members:?} instead of {:?}",
                told.members
            ));
        }
        if (&end.title, end.history) != (&told.title, told.history) {
            broken.push(format!("conversation {id} has another title or history than its lines tell"));
        }
        let has_owner = members.values().any(|role| *role == Role::Owner);
        // Direct conversations have none.
        if replay.created.has_owner() && !members.is_empty() && !has_owner {
            broken.push(format!("conversation {id} ends without an owner"));
        }
    }
    for event in evidence.events {
        let What::Members { conversation, rev, members } = &event.what else { continue };
        let Some(replay) = replays.0.get(conversation) else { continue };
        let process = event.process.unwrap_or_default();
        if !members.is_empty() && !members.values().any(|role| *role == Role::Owner) {
            broken
                .push(format!("client {process} saw conversation {conversation} without an owner at {rev}"));
        }
        let told = &replay.at(*rev).members;
        if members != told {
            broken.push(format!(
                "client {process} saw other members of conversation {conversation} at {rev} than its lines tell: \
                 {members:?} instead of {told:?}"
            ));
        }
    }
}
