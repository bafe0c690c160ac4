//! Reads the configuration from its sources and validates it.

use super::comma_list::list;
use super::environment::{self, UnknownVariable};
use super::sso::{self, RawSso};
use super::subjects::{self, RawSubjectKind};
use super::{Config, Listen, LogFormat, Options, TrustedProxies, Wires};
use crate::config::Origin;
use chat::Limits;
use chat::store::Postgres;
use config::{Environment, File, FileFormat};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// An error of the configuration, as a message for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// The configuration before validation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    listen: Option<String>,
    metrics_listen: Option<String>,
    #[serde(default = "default_data")]
    data: PathBuf,
    database_url: Option<String>,
    redis_url: Option<String>,
    public_url: Option<String>,
    #[serde(default, deserialize_with = "list")]
    allowed_origins: Vec<String>,
    wire: Option<String>,
    #[serde(default, deserialize_with = "list")]
    wire_by_origin: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    embed_origins: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    trusted_proxies: Vec<String>,
    secret: Option<String>,
    secret_file: Option<PathBuf>,
    #[serde(default = "default_log")]
    log: String,
    log_format: Option<String>,
    audit_file: Option<PathBuf>,
    push_contact: Option<String>,
    #[serde(default)]
    allow_private_push: bool,
    #[serde(default)]
    allow_private_webhooks: bool,
    #[serde(default)]
    sso: BTreeMap<String, RawSso>,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    subjects: BTreeMap<String, RawSubjectKind>,
}

fn default_data() -> PathBuf {
    PathBuf::from("data")
}

fn default_log() -> String {
    String::from("info")
}

/// Reads the configuration from flags, environment and file.
///
/// # Errors
/// An unknown key of the file or an invalid value, and its source.
pub fn read(options: &Options, environment: HashMap<String, String>) -> Result<Config, ConfigError> {
    let path = options.config.clone().or_else(|| environment.get("RAPPORT_CONFIG").map(PathBuf::from));
    let mut builder = config::Config::builder();
    if let Some(table) = read_table(path.as_deref())? {
        builder = builder.add_source(File::from_str(&table, FileFormat::Toml));
    }
    // Under `cargo leptos watch` its address is the default.
    let watched =
        environment.get("LEPTOS_SITE_ADDR").filter(|_| environment.contains_key("LEPTOS_WATCH")).cloned();
    let (variables, unknown_variables) = environment::split(environment);
    let source = Environment::with_prefix("RAPPORT").prefix_separator("_").separator("__").ignore_empty(true);
    builder = builder.add_source(source.source(Some(variables)));
    for (key, value) in options.given() {
        builder = builder.set_override(key, value).map_err(|error| invalid(format!("--{key}: {error}")))?;
    }
    let raw: RawConfig = builder
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|error| invalid(error.to_string()))?;
    check(raw, watched, unknown_variables)
}

/// The `[rapport]` table of the file, as TOML. The rest of the file belongs to Leptos.
fn read_table(path: Option<&Path>) -> Result<Option<String>, ConfigError> {
    let beside = Path::new("Leptos.toml");
    let path = match path {
        Some(path) => path,
        None if beside.exists() => beside,
        None => return Ok(None),
    };
    let named = |error: &dyn std::fmt::Display| invalid(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| named(&error))?;
    let whole: toml::Table = toml::from_str(&text).map_err(|error| named(&error))?;
    match whole.get("rapport") {
        None => Ok(None),
        Some(toml::Value::Table(table)) => toml::to_string(table).map(Some).map_err(|error| named(&error)),
        Some(_) => Err(named(&"`rapport` must be a table")),
    }
}

fn check(
    raw: RawConfig,
    watched: Option<String>,
    unknown_variables: Vec<UnknownVariable>,
) -> Result<Config, ConfigError> {
    let listen = raw.listen.or(watched).unwrap_or_else(|| "127.0.0.1:3000".into());
    let listen = listen.parse::<Listen>().map_err(|why| invalid(format!("listen: {why}")))?;
    let metrics_listen = raw.metrics_listen.as_deref().map(str::parse::<Listen>).transpose();
    let metrics_listen = metrics_listen.map_err(|why| invalid(format!("metrics_listen: {why}")))?;
    if metrics_listen.as_ref().is_some_and(|metrics| metrics.collides(&listen)) {
        return Err(invalid(format!(
            "metrics_listen: `{listen}` is where the chat itself listens, and metrics are not for its visitors: \
             give them an address of their own"
        )));
    }
    let origin = |key: &str, text: &str| {
        Origin::parse(text).ok_or_else(|| {
            invalid(format!(
                "{key}: `{text}` is no origin; write it as https://chat.example.org, without a path"
            ))
        })
    };
    let public_url =
        raw.public_url.map(|text| origin("public_url", text.trim_end_matches('/'))).transpose()?;
    let origins = |key: &str, texts: &[String]| {
        texts.iter().map(|text| origin(key, text.trim_end_matches('/'))).collect::<Result<Vec<_>, _>>()
    };
    let allowed_origins = origins("allowed_origins", &raw.allowed_origins)?;
    let embed_origins = origins("embed_origins", &raw.embed_origins)?;
    let wires = Wires::parse(raw.wire.as_deref(), &raw.wire_by_origin).map_err(invalid)?;

    let trusted_proxies = TrustedProxies::parse(&raw.trusted_proxies)
        .map_err(|why| invalid(format!("trusted_proxies: {why}")))?;
    let secret = match (raw.secret, &raw.secret_file) {
        (None, Some(path)) => Some(read_secret(path)?),
        (secret, _) => secret,
    };
    if let Some(secret) = &secret
        && secret.len() < 32
    {
        return Err(invalid(format!("secret: it has {} bytes, and needs 32 or more", secret.len())));
    }
    if let Some(url) = &raw.database_url {
        check_database_url(url).map_err(|why| invalid(format!("database_url: {why}")))?;
    }
    if let Some(Err(why)) = raw.redis_url.as_deref().map(chat::bus::accepts) {
        return Err(invalid(format!("redis_url: {why}")));
    }
    tracing_subscriber::EnvFilter::try_new(&raw.log).map_err(|error| invalid(format!("log: {error}")))?;
    let log_format = match raw.log_format.as_deref() {
        None | Some("text") => LogFormat::Text,
        Some("json") => LogFormat::Json,
        Some(other) => return Err(invalid(format!("log_format: `{other}` is neither `text` nor `json`"))),
    };
    if let Some(contact) = &raw.push_contact
        && !["mailto:", "https://"].iter().any(|scheme| contact.starts_with(scheme))
    {
        return Err(invalid(format!(
            "push_contact: `{contact}` is neither a mailto: nor an https: URL; write it as mailto:name@example.org"
        )));
    }
    let sso = sso::check(raw.sso, public_url.as_ref()).map_err(invalid)?;
    Ok(Config {
        listen,
        metrics_listen,
        data: raw.data,
        database_url: raw.database_url,
        redis_url: raw.redis_url,
        public_url,
        allowed_origins,
        embed_origins,
        wires,
        trusted_proxies,
        secret,
        log: raw.log,
        log_format,
        audit_file: raw.audit_file,
        push_contact: raw.push_contact,
        allow_private_push: raw.allow_private_push,
        allow_private_webhooks: raw.allow_private_webhooks,
        subject_kinds: subjects::check(&raw.subjects).map_err(invalid)?,
        sso,
        limits: check_limits(raw.limits)?,
        unknown_variables,
    })
}

/// The content of the file, without the newline at its end.
fn read_secret(path: &Path) -> Result<String, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| invalid(format!("secret_file: {}: {error}", path.display())))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Checks the URL. Errors do not repeat it, because it may hold a password.
fn check_database_url(url: &str) -> Result<(), String> {
    match url.strip_prefix("sqlite:") {
        Some(_) => Ok(()),
        None if Postgres::is_url(url) => Postgres::check_url(url),
        None => Err("use sqlite:/path/of/a/file, or postgres://user:password@host/database".into()),
    }
}

/// Largest value of a limit. What is above it is a mistake, and may be more than memory or a semaphore can hold.
const LARGEST_LIMIT: usize = 1_000_000;
/// Most passwords that are hashed at the same time: 20 GB of memory.
const MOST_HASHING_PERMITS: usize = 1_024;

fn check_limits(limits: Limits) -> Result<Limits, ConfigError> {
    for (key, rate) in [
        ("sends_per_second", limits.sends_per_second),
        ("operations_per_second", limits.operations_per_second),
        ("key_requests_per_second", limits.key_requests_per_second),
    ] {
        if !(rate.is_finite() && rate > 0.0 && rate <= 1_000_000.0) {
            return Err(invalid(format!("limits.{key}: must be more than 0, and at most 1000000")));
        }
    }
    for (key, count, most) in [
        ("send_burst", limits.send_burst as usize, LARGEST_LIMIT),
        ("operation_burst", limits.operation_burst as usize, LARGEST_LIMIT),
        ("key_request_burst", limits.key_request_burst as usize, LARGEST_LIMIT),
        ("sockets_per_person", limits.sockets_per_person, LARGEST_LIMIT),
        ("connections_per_address", limits.connections_per_address, LARGEST_LIMIT),
        ("registrations_per_hour", limits.registrations_per_hour as usize, LARGEST_LIMIT),
        ("sign_ins_per_minute", limits.sign_ins_per_minute as usize, LARGEST_LIMIT),
        ("queue", limits.queue, LARGEST_LIMIT),
        ("hashing_permits", limits.hashing_permits, MOST_HASHING_PERMITS),
    ] {
        if !(1..=most).contains(&count) {
            return Err(invalid(format!("limits.{key}: must be from 1 to {most}")));
        }
    }
    Ok(limits)
}

fn invalid(why: String) -> ConfigError {
    ConfigError(why)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
