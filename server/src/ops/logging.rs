//! The log: lines on standard error, and the audit log in a file of its own where there is one.

use crate::config::{Config, LogFormat};
use crate::ops::audit_file::AuditFile;
use std::io::IsTerminal as _;
use std::sync::Arc;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Lines that somebody may have to answer for.
const AUDIT: &str = "audit";
/// Our own crates.
const OURS: [&str; 5] = [AUDIT, "app", "chat", "protocol", "server"];

/// Begins to log what the filter lets through. What a command beside the server does is told by the audit log's file alone:
/// whoever types it sees what it does.
///
/// # Errors
/// The audit log's file cannot be written to.
pub(crate) fn begin(config: &Config, serves: bool) -> Result<(), String> {
    let file = match &config.audit_file {
        Some(path) => Some(AuditFile::open(path.clone()).map_err(|error| {
            format!("{}: {error}: the audit log (RAPPORT_AUDIT_FILE) cannot be written there", path.display())
        })?),
        None => None,
    };
    // Whoever wants less of the log has not said less of this.
    let filter = EnvFilter::try_new(format!("{AUDIT}=info,{}", config.log));
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("info"));
    let apart = file.is_some() || !serves;
    let shown = filter_fn(move |line| may_speak(line) && !(apart && line.target() == AUDIT));
    let color = std::io::stderr().is_terminal();
    let lines = layer(config.log_format, color, std::io::stderr).with_filter(filter.and(shown));
    let audit = file.map(|file| {
        let kept = filter_fn(|line| line.target() == AUDIT || (line.is_span() && may_speak(line)));
        layer(config.log_format, false, Arc::new(file)).with_filter(kept)
    });
    // Already begun: then that goes on.
    let _ = tracing_subscriber::registry().with(lines).with(audit).try_init();
    Ok(())
}

/// Other libraries print what passes through them, passwords and messages included, when they are asked for detail. So
/// they are heard from `info` up, whatever the filter says, and their spans are not.
fn may_speak(line: &Metadata<'_>) -> bool {
    let root = line.target().split("::").next().unwrap_or_default();
    OURS.contains(&root) || (!line.is_span() && *line.level() <= Level::INFO)
}

/// Lines for people, or for programs.
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
