//! The history checker: seeded clients use real servers while a seeded nemesis injects faults. Then all faults end, the
//! database is read, and the invariants are checked against the history.

mod answers;
pub mod change;
mod client;
mod cluster;
mod final_check;
mod group_operations;
pub mod history;
pub mod invariants;
mod nemesis;
mod operations;
mod participants;
mod progress;
mod report;
mod request;
pub mod schedule;
pub mod script;
mod transport;
mod views;

pub use report::Report;

use crate::BoxError;
use client::Client;
use cluster::Cluster;
use history::{History, What};
use invariants::Evidence;
use participants::Participants;
use progress::Progress;
use rand::{SeedableRng, rngs::StdRng};
use schedule::Setup;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The parameters of a run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The server's program.
    pub program: PathBuf,
    /// The seed of all random choices.
    pub seed: u64,
    /// The servers to start.
    pub setup: Setup,
    /// The duration of the faults.
    pub time: Duration,
    /// The number of kills, in place of all kinds of faults.
    pub kills: Option<u32>,
    /// The number of people.
    pub people: usize,
    /// The file for the history, one JSON object a line; `None`: it is not written.
    pub history: Option<PathBuf>,
}

/// The time after the faults within which screens must show what the database holds.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(20);
/// The time within which a removal reaches the other nodes.
const GRACE: Duration = Duration::from_secs(2);
/// The longest run, without the duration of the faults.
const LONGEST: Duration = Duration::from_secs(240);

/// Runs a plan on temporary servers.
///
/// # Errors
/// The servers could not be started or used. Violations are in the report.
pub async fn run(plan: &Plan) -> Result<Report, BoxError> {
    // Restarts take long on a slow machine, so each kill adds to the limit.
    let most = plan.time * 3 + Duration::from_secs(5) * plan.kills.unwrap_or(0) + LONGEST;
    tokio::time::timeout(most, bounded(plan))
        .await
        .map_err(|_| format!("no end after {} s", most.as_secs()))?
}

async fn bounded(plan: &Plan) -> Result<Report, BoxError> {
    let mut rng = StdRng::seed_from_u64(plan.seed);
    let rounds = match plan.kills {
        Some(kills) => schedule::kills(&mut rng, plan.setup, kills),
        None => schedule::draw(&mut rng, plan.setup, plan.time),
    };
    let mut cluster = Cluster::start(&plan.program, plan.setup).await?;
    let history = Arc::new(History::default());
    history.note(None, What::Seed { seed: plan.seed, repeat: plan.repeat() });
    rounds.iter().for_each(|round| history.note(None, What::Planned { fault: round.to_string() }));

    let began = Instant::now();
    let (stop, progress) = (Arc::new(AtomicBool::new(false)), Arc::new(Progress::default()));
    let participants = Participants::register(&cluster, plan.people).await?;
    let mut running = Vec::new();
    for (n, context, script, jitter) in
        participants.clients(&cluster, &history, &progress, &stop, &mut rng)?
    {
        running.push(tokio::spawn(client::run(n, context, script, jitter)));
    }
    nemesis::run(&mut cluster, &rounds, &participants.observers, &progress, &history).await?;
    stop.store(true, Ordering::SeqCst);
    let mut clients: Vec<Client> = Vec::new();
    for client in running {
        clients.push(client.await?);
    }

    let addresses: Vec<_> = cluster.nodes.iter().map(cluster::Node::address).collect();
    let reader = participants.people.first().ok_or("nobody talks")?.me.clone();
    let readers = final_check::sign_in_at_each_node(&addresses, &reader, SETTLE_TIMEOUT).await?;
    let created = participants.created.as_slice();
    let (ends, screens) =
        final_check::wait_until_settled(&mut clients, &readers, created, SETTLE_TIMEOUT).await?;
    let events = history.events();
    let people: Vec<_> = clients.iter().map(|client| client.state.me.id).collect();
    let grace = if plan.setup == Setup::Alone { Duration::ZERO } else { GRACE };
    let evidence =
        Evidence { events: &events, created, nodes: &ends, screens: &screens, people: &people, grace };
    let violations = invariants::check(&evidence);
    plan.write_history(&events, &cluster)?;
    let (caught_up, overtaken) = progress.times();
    Ok(report::of(&evidence, &rounds, violations, caught_up, overtaken, began.elapsed(), plan.repeat()))
}

impl Plan {
    /// The shortest command that repeats the run.
    #[must_use]
    pub fn repeat(&self) -> String {
        let Self { program, seed, setup, time, kills, people, .. } = self;
        let mut words = format!(
            "cargo run --release -p bench -- --program {} check --seed {seed} --people {people}",
            program.display()
        );
        match kills {
            Some(kills) => words += &format!(" --kills {kills}"),
            None => words += &format!(" --seconds {}", time.as_secs()),
        }
        match setup {
            Setup::Alone => {}
            Setup::Cluster => words += " --cluster",
            Setup::BehindNginx => words += " --nginx",
        }
        words
    }

    /// Writes the history, and the logs of the nodes beside it.
    fn write_history(&self, events: &[history::Event], cluster: &Cluster) -> Result<(), BoxError> {
        let Some(path) = &self.history else { return Ok(()) };
        history::write(path, events)?;
        for (n, log) in cluster.logs().iter().enumerate() {
            // A node that logs nothing creates no file.
            let _ = std::fs::copy(log, path.with_extension(format!("node{n}.log")));
        }
        Ok(())
    }
}
