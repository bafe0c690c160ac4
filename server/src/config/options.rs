//! Command-line flags of all commands, which set keys of the configuration.

use clap::Args;
use std::path::PathBuf;

/// Flags; each is also an environment variable (`--public-url` is `RAPPORT_PUBLIC_URL`) and a key of `[rapport]`.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// The configuration file [default: Leptos.toml in the working directory, if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The address to listen on: 127.0.0.1:3000 (port 0 takes any free one) or unix:/path
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// The address of /metrics for Prometheus, different from --listen: 127.0.0.1:9100 or unix:/path
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub metrics_listen: Option<String>,
    /// The folder of the database and the secret [default: data]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data: Option<String>,
    /// The database: sqlite:/path or postgres://user@host/name; use the environment for one with a password [default: a file in the data folder]
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// The Redis that connects several nodes: redis://host:6379 or rediss://…; use the environment for one with a password
    /// [default: none, a single node]
    #[arg(long, global = true, value_name = "URL")]
    pub redis_url: Option<String>,
    /// The exact origin that browsers use, such as https://chat.example.org
    #[arg(long, global = true, value_name = "ORIGIN")]
    pub public_url: Option<String>,
    /// Additional origins whose pages may open sockets, separated by commas
    #[arg(long, global = true, value_name = "ORIGINS")]
    pub allowed_origins: Option<String>,
    /// Origins whose pages may embed conversations in a frame, separated by commas
    #[arg(long, global = true, value_name = "ORIGINS")]
    pub embed_origins: Option<String>,
    /// The wire format of the sockets of one conversation: rapport, 003 or 004 [default: rapport]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub wire: Option<String>,
    /// The wire formats for pages of other origins, such as https://shop.example.org=004, separated by commas
    #[arg(long, global = true, value_name = "ORIGIN=FORMAT")]
    pub wire_by_origin: Option<String>,
    /// Reverse proxies whose X-Forwarded-For or Forwarded is trusted: addresses, networks, or `unix`, separated by commas
    #[arg(long, global = true, value_name = "PROXIES")]
    pub trusted_proxies: Option<String>,
    /// The key that signs tokens, 32 bytes or more; use the environment [default: created in the data folder]
    #[arg(long, global = true, value_name = "SECRET")]
    pub secret: Option<String>,
    /// A file that contains this key, such as a credential of systemd
    #[arg(long, global = true, value_name = "FILE")]
    pub secret_file: Option<String>,
    /// The log level: error, warn, info, debug, or a filter per module
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
    /// The log format: text or json [default: text]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// A separate file for the audit log [default: in the log]
    #[arg(long, global = true, value_name = "FILE")]
    pub audit_file: Option<String>,
    /// How push services reach the operator: mailto:name@example.org or an https URL [default: --public-url]
    #[arg(long, global = true, value_name = "URL")]
    pub push_contact: Option<String>,
    /// 1 allows push services at private addresses and over http, for own ones [default: 0]
    #[arg(long, global = true, value_name = "0|1")]
    pub allow_private_push: Option<String>,
    /// 1 allows webhook endpoints at private addresses and over http, for own ones [default: 0]
    #[arg(long, global = true, value_name = "0|1")]
    pub allow_private_webhooks: Option<String>,
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
            ("embed_origins", &self.embed_origins),
            ("wire", &self.wire),
            ("wire_by_origin", &self.wire_by_origin),
            ("trusted_proxies", &self.trusted_proxies),
            ("secret", &self.secret),
            ("secret_file", &self.secret_file),
            ("log", &self.log),
            ("log_format", &self.log_format),
            ("audit_file", &self.audit_file),
            ("push_contact", &self.push_contact),
            ("allow_private_push", &self.allow_private_push),
            ("allow_private_webhooks", &self.allow_private_webhooks),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value.as_deref()?)))
    }
}
