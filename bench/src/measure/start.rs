//! Cold start and idle memory.

use super::quantile;
use crate::{BoxError, process::Server};
use std::path::Path;
use std::time::{Duration, Instant};

/// The result: medians of all starts.
#[derive(Debug)]
pub struct Start {
    /// The time from the start of the process to its first answer, in milliseconds.
    pub first_answer_ms: f64,
    /// Anonymous memory after an idle second, in KiB.
    pub idle_kib: f64,
}

/// Starts the program `times` times on an existing data folder, with one request each.
///
/// # Errors
/// The server could not be started or used.
pub async fn run(program: &Path, times: usize) -> Result<Start, BoxError> {
    let folder = tempfile::tempdir()?;
    let mut server = Server::new(program, folder.path())?;
    // The first start creates the database and is not measured.
    server.start().await?;
    server.kill().await?;
    let (mut answers, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..times {
        let begun = Instant::now();
        server.start().await?;
        reqwest::get(format!("http://{}/healthz", server.address())).await?.error_for_status()?;
        answers.push(begun.elapsed().as_secs_f64() * 1_000.0);
        tokio::time::sleep(Duration::from_secs(1)).await;
        #[allow(clippy::cast_precision_loss)]
        memory.push(server.memory_kib()? as f64);
        server.kill().await?;
    }
    answers.sort_by(f64::total_cmp);
    memory.sort_by(f64::total_cmp);
    Ok(Start { first_answer_ms: quantile(&answers, 0.5), idle_kib: quantile(&memory, 0.5) })
}
