//! Presence of one person on this node: the connections, and the status that each of them reports.

use protocol::{Person, Status};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// The source of a presence status.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PresenceSource {
    /// A socket, by the id of its subscriber.
    Socket(u64),
    /// All long-poll sessions of one sign-in (their number is limited elsewhere). A client without a socket reports its
    /// status by that sign-in.
    LongPoll(String),
}

/// State of a source.
#[derive(Default)]
struct SourceState {
    connections: usize,
    away: bool,
}

/// Maximum number of sources for which "away" is kept between two long-poll sessions.
const MAX_KEPT: usize = 16;

/// A person who is connected, or was within the grace period.
pub(super) struct LocalPerson {
    pub(super) person: Person,
    sources: BTreeMap<PresenceSource, SourceState>,
    /// The announced status, and the time of the announcement.
    pub(super) announced: Status,
    pub(super) announced_at: Instant,
    /// A change is delayed, since it came too soon after the last announcement.
    pub(super) delayed: bool,
    /// Id of the departure in progress, 0 if there is none: invalidates earlier departures.
    pub(super) departure: u64,
}

impl LocalPerson {
    pub(super) fn new(person: Person, now: Instant) -> Self {
        let sources = BTreeMap::new();
        Self { person, sources, announced: Status::Online, announced_at: now, delayed: false, departure: 0 }
    }

    /// Adds a connection.
    pub(super) fn join(&mut self, source: PresenceSource) {
        self.sources.entry(source).or_default().connections += 1;
    }

    /// Removes a connection; true if it was the last of this person.
    pub(super) fn leave(&mut self, source: &PresenceSource) -> bool {
        if let Some(state) = self.sources.get_mut(source) {
            state.connections = state.connections.saturating_sub(1);
            // When a long-poll session replaces another, its reader is still away.
            let keep =
                state.away && matches!(source, PresenceSource::LongPoll(_)) && self.sources.len() <= MAX_KEPT;
            if !keep && self.sources.get(source).is_some_and(|state| state.connections == 0) {
                self.sources.remove(source);
            }
        }
        self.sources.values().all(|state| state.connections == 0)
    }

    /// Sets the status that a source reports.
    pub(super) fn set(&mut self, source: &PresenceSource, away: bool) {
        if let Some(state) = self.sources.get_mut(source) {
            state.away = away;
        }
    }

    pub(super) fn sockets(&self) -> usize {
        self.sources.keys().filter(|source| matches!(source, PresenceSource::Socket(_))).count()
    }

    /// Online if any connection is. Without connections, the announced status until the grace period ends.
    pub(super) fn status(&self) -> Status {
        let connected = self.sources.values().filter(|state| state.connections > 0);
        match connected.map(|state| state.away).reduce(|all, away| all && away) {
            None => self.announced,
            Some(false) => Status::Online,
            Some(true) => Status::Away,
        }
    }
}
