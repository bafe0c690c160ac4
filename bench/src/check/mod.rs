//! The history checker: seeded clients talk to a real server while it is killed again and again; then everything is
//! read back and held against what the clients were told.

pub mod history;
pub mod invariants;
mod talker;

use crate::{Fault, client::Api, process::Server};
use history::History;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What a run does.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The server's program.
    pub program: PathBuf,
    /// Everything that is drawn by chance is drawn from this.
    pub seed: u64,
    /// How often the server is killed.
    pub kills: u32,
    /// How many people talk.
    pub people: usize,
    /// Where the history is written, one JSON object a line; none: nowhere.
    pub history: Option<PathBuf>,
}

/// What a run found.
#[derive(Debug)]
pub struct Report {
    /// Messages that were acknowledged.
    pub acknowledged: usize,
    /// Messages of which nobody knows.
    pub unknown: usize,
    /// Messages in the database at the end.
    pub stored: usize,
    /// Times the server was killed.
    pub kills: u32,
    /// What was broken, in words; empty when all held.
    pub violations: Vec<String>,
}

/// Runs a plan on a throw-away data folder.
///
/// # Errors
/// The server could not be driven. What it did wrong is in the report.
pub async fn run(plan: &Plan) -> Result<Report, Fault> {
    let folder = tempfile::tempdir()?;
    let mut server = Server::new(&plan.program, folder.path())?;
    server.start().await?;
    let mut rng = StdRng::seed_from_u64(plan.seed);

    let http = reqwest::Client::new();
    let mut people = Vec::new();
    for n in 0..plan.people {
        people.push(Api::register(&http, &server.address(), &format!("person{n}")).await?);
    }
    let names: Vec<String> = people.iter().map(|person| person.me.username.clone()).collect();
    let first = people.first().ok_or("nobody talks")?.clone();
    let room = first.open_conversation(&names, Some("The room")).await?;

    let history = Arc::new(History::new());
    let stop = Arc::new(AtomicBool::new(false));
    let mut talkers = Vec::new();
    for (n, person) in people.iter().enumerate() {
        let seed = rng.random();
        talkers.push(tokio::spawn(talker::talk(
            n,
            person.clone(),
            room,
            history.clone(),
            stop.clone(),
            seed,
        )));
    }

    for _ in 0..plan.kills {
        tokio::time::sleep(Duration::from_millis(rng.random_range(100..700))).await;
        server.kill().await?;
        history.note(history::Kind::Kill);
        server.start().await?;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.store(true, Ordering::SeqCst);
    let mut silent = Vec::new();
    for talker in talkers {
        silent.push(talker.await??);
    }
    let screens = futures::future::try_join_all(silent.into_iter().map(talker::Talker::settle)).await?;

    let stored = first.history(room).await?;
    let events = history.events();
    if let Some(path) = &plan.history {
        write_history(path, &events)?;
    }
    let violations = invariants::check(&events, &stored, &screens);
    let count = |kind| events.iter().filter(|event| event.kind == kind).count();
    Ok(Report {
        acknowledged: count(history::Kind::Ok),
        unknown: count(history::Kind::Info),
        stored: stored.len(),
        kills: plan.kills,
        violations,
    })
}

fn write_history(path: &Path, events: &[history::Event]) -> Result<(), Fault> {
    use std::io::Write;
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for event in events {
        serde_json::to_writer(&mut file, event)?;
        file.write_all(b"\n")?;
    }
    Ok(())
}
