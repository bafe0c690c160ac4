//! Command-line flags of all commands, which set keys of the configuration.

use clap::Args;
use std::path::PathBuf;

/// Flags; each is also an environment variable (`--public-url` is `RAPPORT_PUBLIC_URL`) and a key of `[rapport]`.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// The configuration file [default: Leptos.toml in the working directory, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where to listen: 127.0.0.1:3000 (port 0 takes any) or unix:/path
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Where to show metrics for Prometheus (at /metrics): an address of its own, as 127.0.0.1:9100 or unix:/path
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub metrics_listen: Option<String>,
    /// The folder for the database and the secret [default: data]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data: Option<String>,
    /// The database, as sqlite:/path or postgres://user@host/name; one with a password is better given by environment [default: a file in the data folder]
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// The Redis between several nodes, as redis://host:6379 or rediss://…; better given by environment
    /// [default: none, this is the only node]
    #[arg(long, global = true, value_name = "URL")]
    pub redis_url: Option<String>,
    /// The exact origin that browsers use, as https://chat.example.org
    #[arg(long, global = true, value_name = "ORIGIN")]
    pub public_url: Option<String>,
    /// Other origins whose pages may open sockets, with commas between
    #[arg(long, global = true, value_name = "ORIGINS")]
    pub allowed_origins: Option<String>,
    /// Reverse proxies whose X-Forwarded-For counts: addresses, networks, or `unix`, with commas between
    #[arg(long, global = true, value_name = "PROXIES")]
    pub trusted_proxies: Option<String>,
    /// What signs tokens, 32 bytes or more; better given by environment [default: made in the data folder]
    #[arg(long, global = true, value_name = "SECRET")]
    pub secret: Option<String>,
    /// A file with that secret, such as a credential of systemd
    #[arg(long, global = true, value_name = "FILE")]
    pub secret_file: Option<String>,
    /// What is logged: error, warn, info, debug, or a filter per module
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
    /// How a line of the log looks: text or json [default: text]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// A file of its own for the audit log [default: in the log]
    #[arg(long, global = true, value_name = "FILE")]
    pub audit_file: Option<String>,
}

impl Options {
    /// Keys and values of the flags that were given.
    pub(super) fn given(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("listen", &self.listen),
            ("metrics_listen", &self.metrics_listen),
            ("data", &self.data),
            ("database_url", &self.database_url),
            ("redis_url", &self.redis_url),
            ("public_url", &self.public_url),
            ("allowed_origins", &self.allowed_origins),
            ("trusted_proxies", &self.trusted_proxies),
            ("secret", &self.secret),
            ("secret_file", &self.secret_file),
            ("log", &self.log),
            ("log_format", &self.log_format),
            ("audit_file", &self.audit_file),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value.as_deref()?)))
    }
}
