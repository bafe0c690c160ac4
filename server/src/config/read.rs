//! Putting the sources together.

use super::{Config, Listen, LogFormat, Options, TrustedProxies};
use crate::config::Origin;
use chat::Limits;
use chat::store::Postgres;
use config::{Environment, File, FileFormat, builder::DefaultState};
use serde::{Deserialize, Deserializer};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What is wrong with the configuration, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// As it is written, before it is checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    listen: Option<String>,
    metrics_listen: Option<String>,
    #[serde(default = "default_data")]
    data: PathBuf,
    database_url: Option<String>,
    redis_url: Option<String>,
    public_url: Option<String>,
    #[serde(default, deserialize_with = "list")]
    allowed_origins: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    trusted_proxies: Vec<String>,
    secret: Option<String>,
    secret_file: Option<PathBuf>,
    #[serde(default = "default_log")]
    log: String,
    log_format: Option<String>,
    audit_file: Option<PathBuf>,
    #[serde(default)]
    limits: Limits,
}

fn default_data() -> PathBuf {
    PathBuf::from("data")
}

fn default_log() -> String {
    String::from("info")
}

/// A list, or one text with commas between.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        List(Vec<String>),
        Text(String),
    }
    let split = |text: &str| text.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>();
    let mut list = match Either::deserialize(deserializer)? {
        Either::List(list) => list,
        Either::Text(text) => split(&text),
    };
    list.retain(|part| !part.is_empty());
    Ok(list)
}

/// Reads the configuration of a program with these flags and this environment.
///
/// # Errors
/// What is unknown or wrong, and where it stands.
pub fn read(options: &Options, environment: HashMap<String, String>) -> Result<Config, ConfigError> {
    let path = options.config.clone().or_else(|| environment.get("RAPPORT_CONFIG").map(PathBuf::from));
    let mut builder = config::Config::builder();
    if let Some(table) = table(path.as_deref())? {
        builder = builder.add_source(File::from_str(&table, FileFormat::Toml));
    }
    // Under `cargo leptos watch` the address of that tool counts where ours is not given.
    let watched =
        environment.get("LEPTOS_SITE_ADDR").filter(|_| environment.contains_key("LEPTOS_WATCH")).cloned();
    builder = with_environment(builder, environment);
    for (key, value) in options.given() {
        builder = builder.set_override(key, value).map_err(|error| wrong(format!("--{key}: {error}")))?;
    }
    let written: Written = builder
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|error| wrong(error.to_string()))?;
    check(written, watched)
}

fn with_environment(
    builder: config::ConfigBuilder<DefaultState>,
    environment: HashMap<String, String>,
) -> config::ConfigBuilder<DefaultState> {
    let ours = environment
        .into_iter()
        .filter(|(name, _)| name.starts_with("RAPPORT_") && name != "RAPPORT_CONFIG")
        .collect();
    let source = Environment::with_prefix("RAPPORT").prefix_separator("_").separator("__").ignore_empty(true);
    builder.add_source(source.source(Some(ours)))
}

/// The `[rapport]` table of the file, by itself. The rest of the file is Leptos'.
fn table(path: Option<&Path>) -> Result<Option<String>, ConfigError> {
    let beside = Path::new("Leptos.toml");
    let path = match path {
        Some(path) => path,
        None if beside.exists() => beside,
        None => return Ok(None),
    };
    let named = |error: &dyn std::fmt::Display| wrong(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| named(&error))?;
    let whole: toml::Table = toml::from_str(&text).map_err(|error| named(&error))?;
    match whole.get("rapport") {
        None => Ok(None),
        Some(toml::Value::Table(table)) => toml::to_string(table).map(Some).map_err(|error| named(&error)),
        Some(_) => Err(named(&"`rapport` must be a table")),
    }
}

fn check(written: Written, watched: Option<String>) -> Result<Config, ConfigError> {
    let listen = written.listen.or(watched).unwrap_or_else(|| "127.0.0.1:3000".into());
    let listen = listen.parse::<Listen>().map_err(|why| wrong(format!("listen: {why}")))?;
    let metrics_listen = written.metrics_listen.as_deref().map(str::parse::<Listen>).transpose();
    let metrics_listen = metrics_listen.map_err(|why| wrong(format!("metrics_listen: {why}")))?;
    if metrics_listen.as_ref().is_some_and(|metrics| metrics.collides(&listen)) {
        return Err(wrong(format!(
            "metrics_listen: `{listen}` is where the chat itself listens, and metrics are not for its visitors: \
             give them an address of their own"
        )));
    }
    let origin = |key: &str, text: &str| {
        Origin::parse(text).ok_or_else(|| {
            wrong(format!(
                "{key}: `{text}` is no origin; write it as https://chat.example.org, without a path"
            ))
        })
    };
    let public_url =
        written.public_url.map(|text| origin("public_url", text.trim_end_matches('/'))).transpose()?;
    let allowed_origins = written
        .allowed_origins
        .iter()
        .map(|text| origin("allowed_origins", text.trim_end_matches('/')))
        .collect::<Result<_, _>>()?;
    let trusted_proxies = TrustedProxies::parse(&written.trusted_proxies)
        .map_err(|why| wrong(format!("trusted_proxies: {why}")))?;
    let secret = match (written.secret, &written.secret_file) {
        (None, Some(path)) => Some(secret_of(path)?),
        (secret, _) => secret,
    };
    if let Some(secret) = &secret
        && secret.len() < 32
    {
        return Err(wrong(format!("secret: it has {} bytes, and needs 32 or more", secret.len())));
    }
    if let Some(url) = &written.database_url {
        database(url).map_err(|why| wrong(format!("database_url: {why}")))?;
    }
    if let Some(Err(why)) = written.redis_url.as_deref().map(chat::bus::accepts) {
        return Err(wrong(format!("redis_url: {why}")));
    }
    tracing_subscriber::EnvFilter::try_new(&written.log).map_err(|error| wrong(format!("log: {error}")))?;
    let log_format = match written.log_format.as_deref() {
        None | Some("text") => LogFormat::Text,
        Some("json") => LogFormat::Json,
        Some(other) => return Err(wrong(format!("log_format: `{other}` is neither `text` nor `json`"))),
    };
    Ok(Config {
        listen,
        metrics_listen,
        data: written.data,
        database_url: written.database_url,
        redis_url: written.redis_url,
        public_url,
        allowed_origins,
        trusted_proxies,
        secret,
        log: written.log,
        log_format,
        audit_file: written.audit_file,
        limits: sensible(written.limits)?,
    })
}

/// What the file says, without the end of its line.
fn secret_of(path: &Path) -> Result<String, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| wrong(format!("secret_file: {}: {error}", path.display())))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// The address may hold a password, so nothing of it is repeated.
fn database(url: &str) -> Result<(), String> {
    match url.strip_prefix("sqlite:") {
        Some(_) => Ok(()),
        None if Postgres::is_url(url) => Postgres::check_url(url),
        None => Err("use sqlite:/path/of/a/file, or postgres://user:password@host/database".into()),
    }
}

fn sensible(limits: Limits) -> Result<Limits, ConfigError> {
    if !(limits.sends_per_second.is_finite() && limits.sends_per_second > 0.0) {
        return Err(wrong("limits.sends_per_second: must be more than 0".into()));
    }
    let counts = [
        ("send_burst", limits.send_burst as usize),
        ("sockets_per_person", limits.sockets_per_person),
        ("registrations_per_hour", limits.registrations_per_hour as usize),
        ("sign_ins_per_minute", limits.sign_ins_per_minute as usize),
        ("queue", limits.queue),
        ("hashing_permits", limits.hashing_permits),
    ];
    match counts.into_iter().find(|(_, count)| *count == 0) {
        Some((key, _)) => Err(wrong(format!("limits.{key}: must be 1 or more"))),
        None => Ok(limits),
    }
}

fn wrong(why: String) -> ConfigError {
    ConfigError(why)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
