//! What one client will do, drawn from the seed: its choices do not depend on what it is answered.

use rand::{Rng, SeedableRng, rngs::StdRng};
use std::time::Duration;

/// One thing that a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Sends a message.
    Send {
        /// By a request of its own rather than over the line.
        by_request: bool,
        /// Both ways at once.
        twice: bool,
        /// Waits for the acknowledgement only shortly.
        gives_up: bool,
    },
    /// Sends again what was acknowledged.
    Repeat,
    /// Sends another body under an id that was used.
    Conflict,
    /// Deletes a message of its own for everyone.
    Delete,
    /// Reads a page.
    Read {
        /// An older one than the newest.
        older: bool,
    },
    /// Loads an older page onto its screen.
    LoadOlder,
    /// Marks a message as read, and asks how far it has read.
    MarkRead,
    /// Says over the line that all is read.
    MarkAllRead,
    /// Asks over the line what it is missing.
    Sync,
    /// Takes a new line.
    Reconnect {
        /// Over a socket; else by polls.
        socket: bool,
    },
    /// Goes out of the conversation from which people go.
    Leave,
    /// Takes somebody out of it.
    Remove,
}

/// An operation with what it needs to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// After a pause.
    pub after: Duration,
    /// What.
    pub operation: Operation,
    /// In which conversation, as a number that is taken modulo how many there are.
    pub conversation: usize,
    /// At which node, likewise.
    pub node: usize,
    /// For whatever else is to be picked.
    pub pick: usize,
}

/// What somebody has to do with the conversation from which people go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Stays.
    Stays,
    /// Leaves it at this step.
    LeavesAt(usize),
    /// Takes somebody out of it at this step.
    RemovesAt(usize),
}

/// The endless list of steps of one client.
#[derive(Clone, Debug)]
pub struct Script {
    rng: StdRng,
    role: Role,
    at: usize,
}

impl Script {
    /// Drawn from this.
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
