//! The report of a run.

use super::history::{Event, Kind, What};
use super::invariants::Evidence;
use super::schedule::{Fault, Round};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// Durations by kind of fault.
pub(super) type Times = BTreeMap<&'static str, Vec<Duration>>;

/// The result of one run, or of several.
#[derive(Clone, Debug)]
pub struct Report {
    /// Started operations.
    pub operations: usize,
    /// Acknowledged operations.
    pub acknowledged: usize,
    /// Operations that were refused for good.
    pub refused: usize,
    /// Operations with an unknown result.
    pub unknown: usize,
    /// Acknowledged messages.
    pub sent: usize,
    /// Messages in the database in the end.
    pub stored: usize,
    /// Connections that clients made: sockets, and long-poll sessions.
    pub lines: (usize, usize),
    /// Kills of nodes.
    pub kills: usize,
    /// Messages that were acknowledged during each fault, in order of the faults.
    pub through: Vec<usize>,
    /// Faults by kind.
    pub faults: BTreeMap<&'static str, usize>,
    /// Times until every client had caught up after a fault, by kind.
    pub caught_up: Times,
    /// Faults that were followed by another before all clients had caught up.
    pub overtaken: u32,
    /// The duration of the whole run.
    pub took: Duration,
    /// The violations; empty if all invariants hold.
    pub violations: Vec<String>,
    /// The command that repeats the run.
    pub repeat: String,
}

pub(super) fn of(
    evidence: &Evidence<'_>,
    rounds: &[Round],
    violations: Vec<String>,
    caught_up: Times,
    overtaken: u32,
    took: Duration,
    repeat: String,
) -> Report {
    let events = evidence.events;
    let count = |kind| events.iter().filter(|event| event.kind == kind).count();
    let sent = |event: &&Event| event.kind == Kind::Ok && matches!(event.what, What::Send { .. });
    let lines = |wanted| {
        let is = |what: &What| matches!(what, What::Line { socket, .. } if *socket == wanted);
        events.iter().filter(|event| is(&event.what)).count()
    };
    let mut faults = BTreeMap::new();
    for fault in rounds.iter().flat_map(|round| &round.faults) {
        *faults.entry(fault.kind()).or_default() += 1;
    }
    Report {
        operations: count(Kind::Invoke),
        acknowledged: count(Kind::Ok),
        refused: count(Kind::Fail),
        unknown: count(Kind::Info),
        sent: events.iter().filter(sent).count(),
        stored: evidence.nodes.first().map_or(0, |ends| ends.iter().map(|end| end.messages.len()).sum()),
        lines: (lines(true), lines(false)),
        kills: node_kills(rounds),
        through: through(events),
        faults,
        caught_up,
        overtaken,
        took,
        violations,
        repeat,
    }
}

impl Report {
    /// Adds the result of another run.
    pub fn add(&mut self, other: Self) {
        self.operations += other.operations;
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.sent += other.sent;
        self.stored += other.stored;
        self.lines.0 += other.lines.0;
        self.lines.1 += other.lines.1;
        self.kills += other.kills;
        self.through.extend(other.through);
        for (kind, count) in other.faults {
            *self.faults.entry(kind).or_default() += count;
        }
        for (kind, times) in other.caught_up {
            self.caught_up.entry(kind).or_default().extend(times);
        }
        self.overtaken += other.overtaken;
        self.took += other.took;
        if !other.violations.is_empty() {
            self.repeat = other.repeat;
        }
        self.violations.extend(other.violations);
    }
}

/// The number of times a node is killed in these rounds.
fn node_kills(rounds: &[Round]) -> usize {
    let killed = |fault: &&Fault| matches!(fault, Fault::KillNode(_));
    rounds.iter().flat_map(|round| &round.faults).filter(killed).count()
}

/// The number of messages that were acknowledged between the start and the end of each fault.
fn through(events: &[Event]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut lasts = false;
    for event in events {
        match (&event.what, event.kind) {
            (What::Fault { .. }, _) => {
                found.push(0);
                lasts = true;
            }
            (What::Mended { .. }, _) => lasts = false,
            (What::Send { .. }, Kind::Ok) if lasts => {
                found.last_mut().into_iter().for_each(|count| *count += 1)
            }
            _ => {}
        }
    }
    found
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<_> = self.faults.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        writeln!(
            f,
            "{} operations ({} acknowledged, {} refused, {} unknown), {} messages sent and {} stored, {} kills, faults: {}; {} violations",
            self.operations,
            self.acknowledged,
            self.refused,
            self.unknown,
            self.sent,
            self.stored,
            self.kills,
            if counts.is_empty() { "none".to_owned() } else { counts.join(", ") },
            self.violations.len()
        )?;
        let (sockets, polls) = self.lines;
        writeln!(f, "{sockets} sockets and {polls} times polls, {:.1} s in all", self.took.as_secs_f64())?;
        for (kind, times) in &self.caught_up {
            let mut sorted: Vec<_> = times.iter().map(Duration::as_millis).collect();
            sorted.sort_unstable();
            let median = sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or_default();
            let longest = sorted.last().copied().unwrap_or_default();
            let count = sorted.len();
            writeln!(f, "caught up after {kind}: {count} times, p50 {median} ms, at most {longest} ms")?;
        }
        if self.overtaken > 0 {
            writeln!(f, "{} times the next fault came before all had caught up", self.overtaken)?;
        }
        for violation in self.violations.iter().take(30) {
            writeln!(f, "- {violation}")?;
        }
        if !self.violations.is_empty() {
            write!(f, "again: {}", self.repeat)?;
        }
        Ok(())
    }
}
