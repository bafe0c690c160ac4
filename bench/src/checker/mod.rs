//! The history checker: seeded clients use real servers while a seeded nemesis injects faults. Then all faults end, the
//! database is read, and the invariants are checked against the history.

mod client;
mod cluster;
mod final_check;
pub mod history;
pub mod invariants;
mod nemesis;
mod operations;
mod progress;
mod report;
pub mod schedule;
pub mod script;
mod transport;

pub use report::Report;

use crate::{BoxError, api::Api};
use client::{Client, Context};
use cluster::Cluster;
use history::{History, What};
use invariants::Evidence;
use progress::Progress;
use protocol::ConversationId;
use rand::{Rng, SeedableRng, rngs::StdRng};
use schedule::Setup;
use script::{Role, Script};
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
    let (ends, screens) = final_check::wait_until_settled(&mut clients, &readers, SETTLE_TIMEOUT).await?;
    let events = history.events();
    let people: Vec<_> = clients.iter().map(|client| client.state.me.id).collect();
    let grace = if plan.setup == Setup::Alone { Duration::ZERO } else { GRACE };
    let evidence = Evidence { events: &events, nodes: &ends, screens: &screens, people: &people, grace };
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

/// The people of a run and their conversations.
struct Participants {
    people: Vec<Api>,
    /// The first person, a member of all conversations, at each node past the proxies.
    observers: Vec<Api>,
    /// The conversations, each with the number of people in it, counted from the first.
    conversations: Vec<(ConversationId, usize)>,
    club: ConversationId,
}

impl Participants {
    async fn register(cluster: &Cluster, count: usize) -> Result<Self, BoxError> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build()?;
        let addresses: Vec<_> = cluster.nodes.iter().map(cluster::Node::address).collect();
        let first = addresses.first().ok_or("there is no node")?;
        let mut people = Vec::new();
        for n in 0..count.max(4) {
            people.push(Api::register(&http, first, &format!("person{n}")).await?);
        }
        let names: Vec<_> = people.iter().map(|person| person.me.username.clone()).collect();
        let founder = people.first().ok_or("nobody talks")?;
        let mut conversations = Vec::new();
        let sizes = [("The room", names.len()), ("The club", names.len()), ("The corner", 3)];
        for (title, size) in sizes {
            let there = names.get(..size).unwrap_or_default();
            conversations.push((founder.open_conversation(there, Some(title)).await?, size));
        }
        let two = names.get(..2).unwrap_or_default();
        // Opened by both, because the list of the other person shows it only from the first message on.
        let direct = founder.open_conversation(two, None).await?;
        if let Some(other) = people.get(1) {
            other.open_conversation(two, None).await?;
        }
        conversations.push((direct, 2));
        let observers = addresses.iter().map(|address| founder.through(&http, address, address)).collect();
        let club = conversations.get(1).ok_or("there is no club")?.0;
        Ok(Self { people, observers, conversations, club })
    }

    /// The clients: one for each person, and a second one for the first two. Of the last two people one leaves the club and
    /// one is removed from it.
    fn clients(
        &self,
        cluster: &Cluster,
        history: &Arc<History>,
        progress: &Arc<Progress>,
        stop: &Arc<AtomicBool>,
        rng: &mut StdRng,
    ) -> Result<Vec<(usize, Context, Script, u64)>, BoxError> {
        let count = self.people.len();
        let victim = self.people.last().ok_or("nobody talks")?.me.id;
        let (leaves, removes) = (rng.random_range(15..60), rng.random_range(15..60));
        let mut clients = Vec::new();
        for (n, person) in (0..count).chain(0..2).enumerate() {
            let role = match n {
                0 => Role::RemovesAt(removes),
                n if n + 2 == count => Role::LeavesAt(leaves),
                _ => Role::Stays,
            };
            let api = self.people.get(person).ok_or("there is no such person")?;
            let endpoints = cluster.endpoints.iter().map(|endpoint| {
                // Each client has its own connections, which end after 5 s of silence.
                let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
                let (address, host) = endpoint.address_and_host();
                Ok::<_, BoxError>(api.through(&http, &address, host))
            });
            let context = Context {
                endpoints: endpoints.collect::<Result<_, _>>()?,
                conversations: self
                    .conversations
                    .iter()
                    .filter(|(_, size)| person < *size)
                    .map(|(id, _)| *id)
                    .collect(),
                club: self.club,
                victim,
                history: history.clone(),
                progress: progress.clone(),
                stop: stop.clone(),
            };
            clients.push((n, context, Script::new(rng.random(), role), rng.random()));
        }
        Ok(clients)
    }
}
