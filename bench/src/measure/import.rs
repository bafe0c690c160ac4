//! An import beside a busy server: its rate, and how long the server's own messages take before and meanwhile. Then the list of the
//! person with most conversations, compared with that of somebody with some fifty.

use super::quantile;
use crate::api::Api;
use crate::community::{self, MAIN_PERSON, Size};
use crate::{BoxError, process::Server};
use protocol::ConversationId;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::Command;
use tokio::sync::watch;

/// Number of conversations of the person whose list is compared.
const USUAL_LIST: usize = 50;
/// Number of requests of a list.
const REQUESTS: u32 = 100;

/// The load of the server.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// The number of senders.
    pub pairs: usize,
    /// The messages a second of each.
    pub rate: u32,
    /// The duration before the import.
    pub before: Duration,
}

/// Figures of an import and of the lists after it.
#[derive(Debug)]
pub struct Import {
    /// The output of the import.
    pub summary: String,
    /// Imported messages a second, the pauses included.
    pub messages_per_second: f64,
    /// Times from sending to acknowledgement before the import.
    pub before: Latencies,
    /// The same while it ran.
    pub meanwhile: Latencies,
    /// The page with the list of the main person.
    pub long_list: ListPage,
    /// The page with the list of a person with some fifty conversations.
    pub usual_list: ListPage,
}

/// Times in milliseconds.
#[derive(Debug)]
pub struct Latencies {
    /// The number of messages.
    pub count: usize,
    /// Median of the times, in milliseconds.
    pub p50_ms: f64,
    /// 95th percentile of the times, in milliseconds.
    pub p95_ms: f64,
    /// The 99th percentile.
    pub p99_ms: f64,
}

/// A page with a list of conversations.
#[derive(Debug)]
pub struct ListPage {
    /// The number of conversations in the list.
    pub conversations: usize,
    /// Bytes of the page, not compressed.
    pub bytes: usize,
    /// Processor time of the server for a page, in milliseconds.
    pub cpu_ms: f64,
}

/// Measures on SQLite, or on Postgres at this URL.
///
/// # Errors
/// The server or the import fails.
pub async fn run(
    program: &Path,
    database: Option<&str>,
    load: Load,
    size: &Size,
) -> Result<Import, BoxError> {
    let folder = tempfile::tempdir()?;
    let (data, file) = (folder.path().join("data"), folder.path().join("community.jsonl"));
    let mut lines = Vec::new();
    community::write(&mut lines, 1, size)?;
    std::fs::write(&file, &lines)?;
    let mut server = Server::new(program, &data)?;
    if let Some(url) = database {
        server.set("RAPPORT_DATABASE_URL", url);
    }
    server.start().await?;
    let command = |words: &[&str]| {
        let mut command = Command::new(program);
        command.args(words).env("RAPPORT_DATA", &data).env("RAPPORT_LOG", "warn").stdin(Stdio::null());
        command.envs(database.map(|url| ("RAPPORT_DATABASE_URL", url)));
        command
    };
    let (stop, stopped) = watch::channel(false);
    let senders = senders(&server, load, &stopped).await?;
    tokio::time::sleep(load.before).await;
    let begun = Instant::now();
    let output = command(&["import", path(&file)?]).output().await?;
    let ended = Instant::now();
    stop.send_replace(true);
    let mut times = Vec::new();
    for sender in senders {
        times.extend(sender.await??);
    }
    let summary = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if !output.status.success() {
        return Err(format!("the import failed: {summary}").into());
    }
    let during = |from: Option<Instant>, until: Instant| {
        let begins = |at: &Instant| from.is_none_or(|from| *at >= from) && *at < until;
        Latencies::of(times.iter().filter(|(at, _)| begins(at)).map(|(_, ms)| *ms).collect())
    };
    let counts = community::conversations_by_person(&lines)?;
    let usual = counts.iter().filter(|(name, _)| name.as_str() != MAIN_PERSON);
    let usual = usual.min_by_key(|(_, count)| count.abs_diff(USUAL_LIST)).ok_or("nobody else")?.0;
    let mut lists = Vec::new();
    for username in [MAIN_PERSON, usual] {
        let token = command(&["user", "token", username]).output().await?;
        let token = String::from_utf8(token.stdout)?;
        lists.push(list_page(&server, token.trim(), counts.get(username).copied().unwrap_or(0)).await?);
    }
    let (Some(usual_list), Some(long_list)) = (lists.pop(), lists.pop()) else {
        return Err("a list is missing".into());
    };
    #[allow(clippy::cast_precision_loss)]
    let messages = size.messages as f64;
    Ok(Import {
        summary,
        messages_per_second: messages / (ended - begun).as_secs_f64(),
        before: during(None, begun),
        meanwhile: during(Some(begun), ended),
        long_list,
        usual_list,
    })
}

fn path(file: &Path) -> Result<&str, BoxError> {
    file.to_str().ok_or_else(|| format!("{} is not valid UTF-8", file.display()).into())
}

impl Latencies {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        let of = |fraction| quantile(&times, fraction);
        Self { count: times.len(), p50_ms: of(0.5), p95_ms: of(0.95), p99_ms: of(0.99) }
    }
}

type Times = Vec<(Instant, f64)>;

/// Starts the senders.
async fn senders(
    server: &Server,
    load: Load,
    stopped: &watch::Receiver<bool>,
) -> Result<Vec<tokio::task::JoinHandle<Result<Times, BoxError>>>, BoxError> {
    let http = reqwest::Client::new();
    let mut senders = Vec::new();
    for n in 0..load.pairs {
        let sender = Api::register(&http, &server.address(), &format!("sender{n}")).await?;
        let reader = Api::register(&http, &server.address(), &format!("reader{n}")).await?;
        let id = sender.open_conversation(std::slice::from_ref(&reader.me.username), None).await?;
        senders.push((sender, id));
    }
    let every = Duration::from_secs(1) / load.rate.max(1);
    Ok(senders
        .into_iter()
        .map(|(sender, id)| tokio::spawn(send(sender, id, every, stopped.clone())))
        .collect())
}

/// Sends a message each time; returns when each was sent, and the milliseconds until it was acknowledged.
async fn send(
    sender: Api,
    conversation: ConversationId,
    every: Duration,
    stopped: watch::Receiver<bool>,
) -> Result<Times, BoxError> {
    let mut socket = sender.connect().await?;
    let mut times = Times::new();
    let mut due = tokio::time::interval(every);
    due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !*stopped.borrow() {
        due.tick().await;
        let begun = Instant::now();
        socket
            .send_acknowledged(conversation, "a message of usual length, as people write it".into())
            .await?;
        times.push((begun, begun.elapsed().as_secs_f64() * 1_000.0));
    }
    Ok(times)
}

async fn list_page(server: &Server, token: &str, conversations: usize) -> Result<ListPage, BoxError> {
    let http = reqwest::Client::new();
    let url = format!("http://{}/", server.address());
    let get = async || -> Result<usize, BoxError> {
        let answer = http.get(&url).bearer_auth(token).send().await?.error_for_status()?;
        Ok(answer.bytes().await?.len())
    };
    let bytes = get().await?;
    let cpu = server.cpu()?;
    for _ in 0..REQUESTS {
        get().await?;
    }
    let cpu_ms = server.cpu()?.saturating_sub(cpu).as_secs_f64() * 1_000.0 / f64::from(REQUESTS);
    Ok(ListPage { conversations, bytes, cpu_ms })
}
