//! The script of a client, drawn from the seed: its choices do not depend on the answers.

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
    /// Leaves the club.
    Leave,
    /// Removes a member from the club.
    Remove,
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
pub enum Role {
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
    role: Role,
    at: usize,
}

impl Script {
    /// The script of this seed.
    #[must_use]
    pub fn new(seed: u64, role: Role) -> Self {
        Self { rng: StdRng::seed_from_u64(seed), role, at: 0 }
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
            0..60 => Operation::Send { by_request, twice, gives_up },
            60..65 => Operation::Repeat,
            65..68 => Operation::Conflict,
            68..74 => Operation::Delete,
            74..82 => Operation::Read { older },
            82..84 => Operation::LoadOlder,
            84..90 => Operation::MarkRead,
            90..92 => Operation::MarkAllRead,
            92..94 => Operation::Sync,
            _ => Operation::Reconnect { socket },
        };
        let operation = match self.role {
            Role::LeavesAt(at) if at == self.at => Operation::Leave,
            Role::RemovesAt(at) if at == self.at => Operation::Remove,
            _ => drawn,
        };
        self.at += 1;
        Some(Step { after, operation, conversation, node, pick })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_does_the_same() {
        let steps = |seed, role| Script::new(seed, role).take(500).collect::<Vec<_>>();
        assert_eq!(steps(3, Role::Stays), steps(3, Role::Stays));
        assert_ne!(steps(3, Role::Stays), steps(4, Role::Stays));
        let leaves = steps(3, Role::LeavesAt(50));
        assert_eq!(leaves.iter().position(|step| step.operation == Operation::Leave), Some(50));
        assert!(leaves.iter().skip(51).eq(steps(3, Role::Stays).iter().skip(51)));
    }
}
