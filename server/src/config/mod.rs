//! The configuration, in order of precedence: flags, environment, `Leptos.toml`, defaults. Unknown keys of the file and
//! invalid values are errors; unknown variables are reported.

mod allowed_origins;
mod comma_list;
mod environment;
mod listen;
mod options;
mod origin;
mod read;
mod sso;
mod subjects;
mod trusted_proxies;
mod wire;

pub(crate) use allowed_origins::AllowedOrigins;
pub use environment::UnknownVariable;
pub use listen::Listen;
pub use options::Options;
pub use origin::Origin;
pub use read::{ConfigError, read};
pub use sso::{SharedKey, SsoConfig, SsoKeys};
pub use trusted_proxies::TrustedProxies;
pub use wire::{Wire, Wires};

use chat::{Limits, SubjectKind};
use std::path::PathBuf;

/// Format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// The validated configuration of a deployment.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address that the server listens on.
    pub listen: Listen,
    /// Address of the metrics; without one they are off.
    pub metrics_listen: Option<Listen>,
    /// The data directory, with the database and the secret.
    pub data: PathBuf,
    /// URL of the database; by default SQLite in the data directory.
    pub database_url: Option<String>,
    /// URL of the Redis that connects the nodes; without it there is a single node.
    pub redis_url: Option<String>,
    /// Origin that browsers use.
    pub public_url: Option<Origin>,
    /// Other origins whose pages may open sockets authenticated by cookie.
    pub allowed_origins: Vec<Origin>,
    /// Origins whose pages may show this server in a frame.
    pub embed_origins: Vec<Origin>,
    /// Wire formats of the sockets of one conversation.
    pub wires: Wires,
    /// Proxies whose `X-Forwarded-For` or `Forwarded` is trusted.
    pub trusted_proxies: TrustedProxies,
    /// Secret that signs tokens; by default it is generated and stored with the data.
    pub secret: Option<String>,
    /// Filter of the log, in the syntax of `tracing`.
    pub log: String,
    /// Format of log lines.
    pub log_format: LogFormat,
    /// File of the audit log; without one it is part of the log.
    pub audit_file: Option<PathBuf>,
    /// `mailto:` or `https:` URL by which push services reach the operator.
    pub push_contact: Option<String>,
    /// Whether pushes may be sent over http, and to other addresses than those of the Internet.
    pub allow_private_push: bool,
    /// Whether endpoints of webhooks may be reached over http, and at other addresses than those of the Internet.
    pub allow_private_webhooks: bool,
    /// The kinds of subjects that conversations are about.
    pub subject_kinds: Vec<SubjectKind>,
    /// Products whose people sign in by tokens.
    pub sso: Vec<SsoConfig>,
    /// Rate limits and capacities.
    pub limits: Limits,
    /// Environment variables that look like settings and are none.
    pub unknown_variables: Vec<UnknownVariable>,
}
