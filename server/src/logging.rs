//! The log: lines on standard error.

use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Begins to log what the filter lets through.
pub(crate) fn begin(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Already begun: then that goes on.
    let _ = lines.try_init();
}
