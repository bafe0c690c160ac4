//! Logging: the log on standard error, and the audit log in its own file if one is configured.

use crate::config::{Config, LogFormat};
use crate::ops::audit_file::AuditFile;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Target of the audit log.
const AUDIT_TARGET: &str = "audit";
/// Targets of this workspace.
const OWN_CRATES: [&str; 5] = [AUDIT_TARGET, "app", "chat", "protocol", "server"];

/// The audit file cannot be opened, as a message for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {error}: the audit log (RAPPORT_AUDIT_FILE) cannot be written there")]
pub(crate) struct AuditFileError {
    path: PathBuf,
    error: io::Error,
}

/// Installs the subscriber. Commands other than `serve` write audit events to the audit file only, because their user sees
/// the result anyway.
///
/// # Errors
/// The audit file cannot be opened.
pub(crate) fn init(config: &Config, serves: bool) -> Result<(), AuditFileError> {
    let file = match &config.audit_file {
        Some(path) => Some(
            AuditFile::open(path.clone()).map_err(|error| AuditFileError { path: path.clone(), error })?,
        ),
        None => None,
    };
    // A stricter filter for the log does not apply to audit events.
    let filter = EnvFilter::try_new(format!("{AUDIT_TARGET}=info,{}", config.log));
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("info"));
    let separate = file.is_some() || !serves;
    let shown = filter_fn(move |line| is_allowed(line) && !(separate && line.target() == AUDIT_TARGET));
    let color = std::io::stderr().is_terminal();
    let lines = layer(config.log_format, color, std::io::stderr).with_filter(filter.and(shown));
    let audit = file.map(|file| {
        let kept = filter_fn(|line| line.target() == AUDIT_TARGET || (line.is_span() && is_allowed(line)));
        layer(config.log_format, false, Arc::new(file)).with_filter(kept)
    });
    // Fails if a subscriber is installed already, which then stays.
    let _ = tracing_subscriber::registry().with(lines).with(audit).try_init();
    Ok(())
}

/// Whether the target may log. At debug level other crates print data, passwords and messages included, so they are limited
/// to `info` and above whatever the filter says, and their spans are dropped.
fn is_allowed(line: &Metadata<'_>) -> bool {
    let root = line.target().split("::").next().unwrap_or_default();
    OWN_CRATES.contains(&root) || (!line.is_span() && *line.level() <= Level::INFO)
}

/// The layer that formats lines as text or JSON.
fn layer<S, W>(format: LogFormat, color: bool, writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(color);
    match format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_span_list(false).boxed(),
    }
}
