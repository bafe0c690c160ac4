//! The script of a client, drawn from the seed: its choices do not depend on the answers.

use protocol::{History, Role};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::time::Duration;

/// An operation of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Sends a message.
    Send {
        /// Over HTTP instead of the connection.
        by_request: bool,
        /// Both ways.
        twice: bool,
        /// Waits only briefly for the acknowledgement.
        gives_up: bool,
    },
    /// Sends an acknowledged message again.
    Repeat,
    /// Sends another text under a used id.
    Conflict,
    /// Deletes one of its messages for everyone.
    Delete,
    /// Reads a page of the history.
    Read {
        /// An older page instead of the newest.
        older: bool,
    },
    /// Loads an older page into the reducer.
    LoadOlder,
    /// Marks a message as read, then reads its own read position.
    MarkRead,
    /// Marks all messages as read, over the connection.
    MarkAllRead,
    /// Sends a `sync` over the connection.
    Sync,
    /// Makes a new connection.
    Reconnect {
        /// True for a socket, false for long polls.
        socket: bool,
    },
    /// Stays without a connection for this long.
    Away(Duration),
    /// Leaves the club.
    Leave,
    /// Removes a member from the club.
    Remove,
    /// Changes a group.
    Change {
        /// The kind of the change.
        kind: ChangeKind,
        /// Over HTTP instead of the connection.
        by_request: bool,
        /// Waits only briefly for the answer.
        gives_up: bool,
    },
    /// Requests an acknowledged change of a group again.
    RepeatChange,
    /// Requests another change of a group under a used id.
    ConflictingChange,
}

/// The kind of a change of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Adds a person.
    Add,
    /// Removes a member.
    Remove,
    /// Leaves the group.
    Leave,
    /// Sets the role of a member.
    SetRole(Role),
    /// Makes a member an owner, then leaves or becomes a member without a role.
    HandOver,
    /// Sets the title.
    Rename,
    /// Sets the history that newcomers see.
    SetHistory(History),
}

/// An operation with its random choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The pause before it.
    pub after: Duration,
    /// The operation.
    pub operation: Operation,
    /// The conversation, modulo the number of conversations.
    pub conversation: usize,
    /// The node, modulo the number of nodes.
    pub node: usize,
    /// A number for other choices.
    pub pick: usize,
}

/// The part of a client in the club, the conversation from which members are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Stays a member.
    Stays,
    /// Leaves at this step.
    LeavesAt(usize),
    /// Removes a member at this step.
    RemovesAt(usize),
}

/// The endless steps of one client.
#[derive(Clone, Debug)]
pub struct Script {
    rng: StdRng,
    part: Part,
    at: usize,
}

impl Script {
    /// The script of this seed.
    #[must_use]
    pub fn new(seed: u64, part: Part) -> Self {
        Self { rng: StdRng::seed_from_u64(seed), part, at: 0 }
    }
}

impl Iterator for Script {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let rng = &mut self.rng;
        let after = Duration::from_millis(rng.random_range(0..50));
        let (by_request, gives_up, socket) =
            (rng.random_bool(0.3), rng.random_bool(0.1), rng.random_bool(0.6));
        let (twice, older) = (rng.random_bool(0.1), rng.random_bool(0.4));
        let (conversation, node, pick) =
            (rng.random_range(0..1_000), rng.random_range(0..1_000), rng.random_range(0..1_000));
        let drawn = match rng.random_range(0..100) {
            0..44 => Operation::Send { by_request, twice, gives_up },
            44..57 => Operation::Change { kind: draw_change(rng), by_request, gives_up },
            57..59 => Operation::RepeatChange,
            59 => Operation::ConflictingChange,
            60..65 => Operation::Repeat,
            65..68 => Operation::Conflict,
            68..74 => Operation::Delete,
            74..82 => Operation::Read { older },
            82..84 => Operation::LoadOlder,
            84..90 => Operation::MarkRead,
            90..92 => Operation::MarkAllRead,
            92 => Operation::Sync,
            93 => Operation::Away(Duration::from_millis(rng.random_range(200..2_500))),
            _ => Operation::Reconnect { socket },
        };
        let operation = match self.part {
            Part::LeavesAt(at) if at == self.at => Operation::Leave,
            Part::RemovesAt(at) if at == self.at => Operation::Remove,
            _ => drawn,
        };
        self.at += 1;
        Some(Step { after, operation, conversation, node, pick })
    }
}

/// Draws a change of a group. More people are added than removed, so that the groups stay filled.
fn draw_change(rng: &mut StdRng) -> ChangeKind {
    match rng.random_range(0..100) {
        0..35 => ChangeKind::Add,
        35..47 => ChangeKind::Remove,
        47..52 => ChangeKind::Leave,
        52..62 => ChangeKind::SetRole(Role::Owner),
        62..71 => ChangeKind::SetRole(Role::Moderator),
        71..76 => ChangeKind::SetRole(Role::Member),
        76..82 => ChangeKind::HandOver,
        82..90 => ChangeKind::Rename,
        90..97 => ChangeKind::SetHistory(History::FromJoining),
        _ => ChangeKind::SetHistory(History::Whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_does_the_same() {
        let steps = |seed, part| Script::new(seed, part).take(500).collect::<Vec<_>>();
        assert_eq!(steps(3, Part::Stays), steps(3, Part::Stays));
        assert_ne!(steps(3, Part::Stays), steps(4, Part::Stays));
        let leaves = steps(3, Part::LeavesAt(50));
        assert_eq!(leaves.iter().position(|step| step.operation == Operation::Leave), Some(50));
        assert!(leaves.iter().skip(51).eq(steps(3, Part::Stays).iter().skip(51)));
    }
}
