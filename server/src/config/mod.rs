//! The configuration: defaults, then `Leptos.toml`, then the environment, then flags. What is unknown or wrong is
//! refused in words.

mod listen;
mod options;
mod origin;
mod proxies;
mod read;

pub use listen::Listen;
pub use options::Options;
pub use origin::Origin;
pub use proxies::TrustedProxies;
pub use read::{ConfigError, read};

use chat::Limits;
use std::path::PathBuf;

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

/// Everything that a deployment may say.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: Listen,
    /// Where to show metrics; nowhere without one.
    pub metrics_listen: Option<Listen>,
    /// The folder with the database and the secret.
    pub data: PathBuf,
    /// The database; without one it is a file in the data folder.
    pub database_url: Option<String>,
    /// The Redis that carries changes between nodes; without one this node is the only one.
    pub redis_url: Option<String>,
    /// The exact origin that browsers use.
    pub public_url: Option<Origin>,
    /// Other origins whose pages may open sockets with our cookie.
    pub allowed_origins: Vec<Origin>,
    /// Whose word about the client's address counts.
    pub trusted_proxies: TrustedProxies,
    /// Signs tokens; without one it is made in the data folder.
    pub secret: Option<String>,
    /// What is logged, as `tracing` filters say it.
    pub log: String,
    /// How a line of the log looks.
    pub log_format: LogFormat,
    /// A file of its own for the audit log; without one it is in the log.
    pub audit_file: Option<PathBuf>,
    /// What people may do how often.
    pub limits: Limits,
}
