//! One person who is there: by which connections, and how each of them says they are.

use protocol::{Person, Status};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// What a connection is counted as.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Seat {
    /// A socket, by the id of its subscriber.
    Socket(u64),
    /// The mailboxes of one sign-in, bounded elsewhere. A client without a socket says how it is by that sign-in.
    Mailbox(String),
}

/// What is known of a seat.
#[derive(Default)]
struct Taken {
    connections: usize,
    away: bool,
}

/// Sign-ins without a mailbox whose "away" is remembered, for the next mailbox.
const REMEMBERED: usize = 16;

/// One person who is there, or was a moment ago.
pub(super) struct Here {
    pub(super) person: Person,
    seats: BTreeMap<Seat, Taken>,
    /// What the others were told, and when.
    pub(super) told: Status,
    pub(super) told_at: Instant,
    /// The next change waits for its time.
    pub(super) waits: bool,
    /// Grows when the last connection goes, so that an old farewell does not count.
    pub(super) farewell: u64,
}

impl Here {
    pub(super) fn new(person: Person, now: Instant) -> Self {
        let seats = BTreeMap::new();
        Self { person, seats, told: Status::Online, told_at: now, waits: false, farewell: 0 }
    }

    /// A connection more.
    pub(super) fn take(&mut self, seat: Seat) {
        self.seats.entry(seat).or_default().connections += 1;
    }

    /// One less; true when it was the last of this person.
    pub(super) fn leave(&mut self, seat: &Seat) -> bool {
        if let Some(taken) = self.seats.get_mut(seat) {
            taken.connections = taken.connections.saturating_sub(1);
            // A mailbox that is replaced by another says nothing new about its reader.
            let keep = taken.away && matches!(seat, Seat::Mailbox(_)) && self.seats.len() <= REMEMBERED;
            if !keep && self.seats.get(seat).is_some_and(|taken| taken.connections == 0) {
                self.seats.remove(seat);
            }
        }
        self.seats.values().all(|taken| taken.connections == 0)
    }

    /// A connection says how its reader is.
    pub(super) fn say(&mut self, seat: &Seat, away: bool) {
        if let Some(taken) = self.seats.get_mut(seat) {
            taken.away = away;
        }
    }

    pub(super) fn sockets(&self) -> usize {
        self.seats.keys().filter(|seat| matches!(seat, Seat::Socket(_))).count()
    }

    /// Online on any connection is online; who has none is for the moment as they were.
    pub(super) fn status(&self) -> Status {
        let there = self.seats.values().filter(|taken| taken.connections > 0);
        match there.map(|taken| taken.away).reduce(|all, away| all && away) {
            None => self.told,
            Some(false) => Status::Online,
            Some(true) => Status::Away,
        }
    }
}
