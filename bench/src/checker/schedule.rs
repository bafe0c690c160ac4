//! The schedule of the nemesis, drawn from the seed before the run: one seed gives the same faults in the same order and of
//! the same length.

use crate::proxy::Cut;
use rand::{Rng, rngs::StdRng};
use std::fmt;
use std::time::Duration;

/// The servers of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    /// One node on SQLite.
    Alone,
    /// Two nodes on one Postgres and one Redis; clients choose among them.
    Cluster,
    /// The same behind one nginx, through which all clients connect.
    BehindNginx,
}

impl Setup {
    /// The number of nodes.
    #[must_use]
    pub fn nodes(self) -> usize {
        if self == Self::Alone { 1 } else { 2 }
    }

    /// The number of endpoints for clients.
    fn endpoints(self) -> usize {
        if self == Self::Cluster { 2 } else { 1 }
    }
}

/// A link that goes through a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Between the clients and this endpoint, of a node or of nginx.
    Clients(usize),
    /// Between this node and Redis.
    Redis(usize),
    /// Between this node and Postgres.
    Postgres(usize),
}

/// A fault. The names are part of the history file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `kill -9` of a node, which is restarted afterwards.
    KillNode(usize),
    /// `SIGSTOP` of a node, `SIGCONT` afterwards.
    StopNode(usize),
    /// A link delays everything, by so many milliseconds.
    Slow(Link, u64),
    /// A link passes nothing and stays open.
    Silent(Link),
    /// A link resets its connections and refuses new ones.
    Closed(Link),
    /// The connections of a link are cut once.
    Cut(Link, Cut),
    /// `kill -9` of Redis, which is restarted empty afterwards.
    KillRedis,
    /// `FLUSHALL` of Redis.
    EmptyRedis,
    /// `SIGSTOP` of Redis, `SIGCONT` afterwards.
    StopRedis,
    /// `kill -9` of Postgres, which is restarted afterwards.
    KillPostgres,
    /// `SIGSTOP` of all processes of Postgres, `SIGCONT` afterwards.
    StopPostgres,
    /// `kill -9` of nginx, which is restarted afterwards.
    KillNginx,
    /// `SIGSTOP` of nginx, `SIGCONT` afterwards.
    StopNginx,
}

impl Fault {
    /// The kind of the fault, by which the report counts.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::KillNode(_) => "node killed",
            Self::StopNode(_) => "node stopped",
            Self::Slow(Link::Clients(_), _) => "clients' line slow",
            Self::Silent(Link::Clients(_)) => "clients' line silent",
            Self::Closed(Link::Clients(_)) => "clients' line closed",
            Self::Cut(Link::Clients(_), Cut::Reset) => "clients' line reset",
            Self::Cut(Link::Clients(_), _) => "clients' line half closed",
            Self::Slow(Link::Redis(_), _) => "Redis line slow",
            Self::Silent(Link::Redis(_)) => "Redis line silent",
            Self::Closed(Link::Redis(_)) => "Redis line closed",
            Self::Cut(Link::Redis(_), Cut::Reset) => "Redis line reset",
            Self::Cut(Link::Redis(_), _) => "Redis line half closed",
            Self::Slow(Link::Postgres(_), _) => "Postgres line slow",
            Self::Silent(Link::Postgres(_)) => "Postgres line silent",
            Self::Closed(Link::Postgres(_)) => "Postgres line closed",
            Self::Cut(Link::Postgres(_), Cut::Reset) => "Postgres line reset",
            Self::Cut(Link::Postgres(_), _) => "Postgres line half closed",
            Self::KillRedis => "Redis killed",
            Self::EmptyRedis => "Redis emptied",
            Self::StopRedis => "Redis stopped",
            Self::KillPostgres => "Postgres killed",
            Self::StopPostgres => "Postgres stopped",
            Self::KillNginx => "nginx killed",
            Self::StopNginx => "nginx stopped",
        }
    }

    /// The process that the fault affects, directly or by its link. Two faults of one round affect different ones.
    fn subject(self) -> (u8, usize) {
        match self {
            Self::KillNode(n) | Self::StopNode(n) => (0, n),
            Self::Slow(link, _) | Self::Silent(link) | Self::Closed(link) | Self::Cut(link, _) => {
                match link {
                    Link::Clients(n) => (1, n),
                    Link::Redis(_) => (2, 0),
                    Link::Postgres(_) => (3, 0),
                }
            }
            Self::KillRedis | Self::EmptyRedis | Self::StopRedis => (2, 0),
            Self::KillPostgres | Self::StopPostgres => (3, 0),
            Self::KillNginx | Self::StopNginx => (4, 0),
        }
    }
}

/// A round of the nemesis: one fault, or two at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// The time without faults before it.
    pub after: Duration,
    /// The faults.
    pub faults: Vec<Fault>,
    /// The duration of the faults.
    pub lasts: Duration,
}

impl Round {
    /// The kind by which the report counts.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.faults.as_slice() {
            [only] => only.kind(),
            _ => "two at once",
        }
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { after, faults, lasts } = self;
        write!(f, "after {} ms for {} ms:", after.as_millis(), lasts.as_millis())?;
        faults.iter().try_for_each(|fault| write!(f, " {fault:?}"))
    }
}

/// Draws rounds that fill `time`.
#[must_use]
pub fn draw(rng: &mut StdRng, setup: Setup, time: Duration) -> Vec<Round> {
    let mut rounds = Vec::new();
    let mut filled = Duration::ZERO;
    loop {
        let after = Duration::from_millis(rng.random_range(200..1_200));
        // Some last longer than the receive timeout of the clients.
        let lasts =
            Duration::from_millis(rng.random_range(50..2_500)) * if rng.random_bool(0.15) { 3 } else { 1 };
        let mut faults = vec![draw_fault(rng, setup)];
        let second = draw_fault(rng, setup);
        if rng.random_bool(0.2) && faults.iter().all(|first| first.subject() != second.subject()) {
            faults.push(second);
        }
        filled += after + lasts;
        if filled > time {
            return rounds;
        }
        rounds.push(Round { after, faults, lasts });
    }
}

/// Draws `count` kills and no other faults: of nodes, or behind nginx of each process in turn. With several nodes a killed
/// process stays down until its clients have failed over.
#[must_use]
pub fn kills(rng: &mut StdRng, setup: Setup, count: u32) -> Vec<Round> {
    let away = if setup == Setup::Alone { 0 } else { 2_500 };
    let turns =
        [Fault::KillNode(0), Fault::KillRedis, Fault::KillPostgres, Fault::KillNginx, Fault::KillNode(1)];
    let mut turns = turns.into_iter().cycle();
    let mut victim = |rng: &mut StdRng| match setup {
        Setup::BehindNginx => turns.next().unwrap_or(Fault::KillNginx),
        _ => Fault::KillNode(rng.random_range(0..setup.nodes())),
    };
    let round = |_| Round {
        after: Duration::from_millis(rng.random_range(100..1_200)),
        faults: vec![victim(rng)],
        lasts: Duration::from_millis(away),
    };
    (0..count).map(round).collect()
}

fn draw_fault(rng: &mut StdRng, setup: Setup) -> Fault {
    let (n, endpoint) = (rng.random_range(0..setup.nodes()), rng.random_range(0..setup.endpoints()));
    let kinds = match setup {
        Setup::Alone => 13,
        Setup::Cluster => 30,
        Setup::BehindNginx => 33,
    };
    // The higher numbers are faults of the services.
    match rng.random_range(0..kinds) {
        0..6 => Fault::KillNode(n),
        6..8 => Fault::StopNode(n),
        8..13 => on_link(rng, Link::Clients(endpoint)),
        13..17 => on_link(rng, Link::Redis(n)),
        17..21 => on_link(rng, Link::Postgres(n)),
        21..23 => Fault::KillRedis,
        23 => Fault::EmptyRedis,
        24..26 => Fault::StopRedis,
        26..28 => Fault::KillPostgres,
        28..30 => Fault::StopPostgres,
        30..32 => Fault::KillNginx,
        _ => Fault::StopNginx,
    }
}

fn on_link(rng: &mut StdRng, link: Link) -> Fault {
    let late = rng.random_range(5..150);
    match rng.random_range(0..6) {
        0 => Fault::Slow(link, late),
        1 => Fault::Silent(link),
        2 => Fault::Closed(link),
        3 => Fault::Cut(link, Cut::Reset),
        4 => Fault::Cut(link, Cut::ServerFallsSilent),
        _ => Fault::Cut(link, Cut::ClientFallsSilent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use std::collections::HashSet;

    fn drawn(seed: u64, setup: Setup) -> Vec<Round> {
        draw(&mut StdRng::seed_from_u64(seed), setup, Duration::from_secs(600))
    }

    #[test]
    fn the_same_seed_draws_the_same_faults() {
        assert_eq!(drawn(7, Setup::Cluster), drawn(7, Setup::Cluster));
        assert_ne!(drawn(7, Setup::Cluster), drawn(8, Setup::Cluster));
    }

    #[test]
    fn every_kind_is_drawn_and_nothing_is_harmed_that_is_not_there() {
        let faults = |setup| -> Vec<Fault> {
            (0..5).flat_map(|seed| drawn(seed, setup)).flat_map(|round| round.faults).collect()
        };
        let kinds = |setup| faults(setup).into_iter().map(Fault::kind).collect::<HashSet<_>>();
        assert_eq!(kinds(Setup::BehindNginx).len(), 24);
        assert_eq!(kinds(Setup::Cluster).len(), 22);
        assert!(kinds(Setup::Cluster).iter().all(|kind| !kind.starts_with("nginx")));
        let alone = kinds(Setup::Alone);
        assert_eq!(alone.len(), 7);
        assert!(alone.iter().all(|kind| kind.starts_with("node") || kind.starts_with("clients")));
        let second_endpoint = |fault: &Fault| fault.subject() == (1, 1);
        assert!(faults(Setup::Cluster).iter().any(second_endpoint));
        assert!(!faults(Setup::BehindNginx).iter().any(second_endpoint), "nginx is the only endpoint");
    }

    #[test]
    fn behind_nginx_everything_is_killed_in_turn() {
        let rounds = kills(&mut StdRng::seed_from_u64(1), Setup::BehindNginx, 5);
        let kinds: Vec<_> = rounds.iter().map(Round::kind).collect();
        assert_eq!(kinds, ["node killed", "Redis killed", "Postgres killed", "nginx killed", "node killed"]);
    }
}
