//! The programs that are compared.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A program. The names are part of `performance.json` and of the command line.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The bare limit: one write for each delivery, and nothing else.
    Limit,
    /// Node with `ws` and better-sqlite3.
    Node,
    /// Django Channels with Redis.
    Channels,
    /// Rapport on SQLite.
    Rapport,
    /// Rapport on Postgres; the processes of Postgres count.
    RapportOnPostgres,
    /// Rapport on SQLite with a very long history.
    RapportOfAMillion,
    /// Rapport, two nodes on Postgres and Redis.
    TwoNodes,
}

impl Kind {
    /// All programs, in the order of the tables.
    pub const ALL: [Self; 7] = [
        Self::Limit,
        Self::Node,
        Self::Channels,
        Self::Rapport,
        Self::RapportOnPostgres,
        Self::RapportOfAMillion,
        Self::TwoNodes,
    ];

    /// Whether it is Rapport. A lost message of Rapport fails the whole run.
    #[must_use]
    pub fn is_rapport(self) -> bool {
        !matches!(self, Self::Limit | Self::Node | Self::Channels)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Limit => "bare limit",
            Self::Node => "Node ws + SQLite",
            Self::Channels => "Django Channels",
            Self::Rapport => "Rapport",
            Self::RapportOnPostgres => "Rapport on Postgres",
            Self::RapportOfAMillion => "Rapport, long history",
            Self::TwoNodes => "Rapport, two nodes",
        })
    }
}
