//! The programs that are compared.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Which program.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One write a delivery, and nothing else.
    Limit,
    /// Node with `ws` and better-sqlite3.
    Node,
    /// Django Channels with Redis.
    Channels,
    /// Rapport on SQLite.
    Rapport,
    /// Rapport on Postgres, whose processes count.
    RapportOnPostgres,
    /// Rapport on SQLite with a very long history.
    RapportOfAMillion,
    /// Two nodes on Postgres and Redis.
    TwoNodes,
}

impl Kind {
    /// All, in the order of the tables.
    pub const ALL: [Self; 7] = [
        Self::Limit,
        Self::Node,
        Self::Channels,
        Self::Rapport,
        Self::RapportOnPostgres,
        Self::RapportOfAMillion,
        Self::TwoNodes,
    ];

    /// Whether it is Rapport, on which a lost message fails the whole run.
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
