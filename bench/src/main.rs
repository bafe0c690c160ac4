//! `cargo run --release -p bench -- …`: the history checker and the measurements, on a server that is already built.

use bench::checker::schedule::Setup;
use bench::{BoxError, checker, community, compare, measure};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Checks and measures real Rapport servers over loopback.
#[derive(Parser)]
struct Arguments {
    /// The server's program.
    #[arg(long, global = true, default_value = "target/release/rapport")]
    program: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Checks that no message is lost, doubled or out of order while faults are injected. See docs/checker.md.
    Check {
        /// The seed of all random choices; printed, so that a run can be repeated.
        #[arg(long)]
        seed: Option<u64>,
        /// The number of runs, of this seed and those after it; ends with the first that finds a violation.
        #[arg(long, default_value_t = 1)]
        runs: u64,
        /// The duration of the faults of each run, in seconds.
        #[arg(long, default_value_t = 30)]
        seconds: u64,
        /// The number of kills, in place of all kinds of faults: of nodes, or with --nginx of each process in turn.
        #[arg(long)]
        kills: Option<u32>,
        /// Two nodes on Postgres and Redis, instead of one on SQLite.
        #[arg(long)]
        cluster: bool,
        /// The same behind an nginx, through which all clients connect.
        #[arg(long)]
        nginx: bool,
        /// The number of people.
        #[arg(long, default_value_t = 8)]
        people: usize,
        /// The file for the history, one JSON object a line.
        #[arg(long)]
        history: Option<PathBuf>,
    },
    /// Cold start and idle memory.
    Start {
        /// The number of starts.
        #[arg(long, default_value_t = 9)]
        times: usize,
    },
    /// Memory of an idle socket.
    Idle {
        /// The number of sockets.
        #[arg(long, default_value_t = 5_000)]
        sockets: usize,
    },
    /// Durable messages a second.
    Pairs {
        /// The number of pairs.
        #[arg(long, default_value_t = 100)]
        pairs: usize,
        /// The duration, in seconds.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
    },
    /// The limit of durability: the same rows, written by a bare loop, by size of the commit.
    Durable {
        /// The duration of each size, in seconds.
        #[arg(long, default_value_t = 3)]
        seconds: u64,
    },
    /// Compares the server with a bare limit and with other programs. See docs/performance.md.
    Compare(compare::Arguments),
    /// Instructions for a delivery and for a message, counted by valgrind's callgrind.
    Instructions {
        /// The most instructions for a delivery; more is a failure.
        #[arg(long)]
        delivery_at_most: Option<f64>,
        /// The most instructions for a message; more is a failure.
        #[arg(long)]
        message_at_most: Option<f64>,
    },
    /// Writes a community for `rapport import`: people, conversations and messages as JSON lines.
    Community {
        /// The file to write.
        #[arg(long)]
        out: PathBuf,
        /// The seed of all random choices: the same one gives the same file.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        size: community::Size,
    },
    /// An import beside a busy server, and the list of the person with most conversations.
    Import {
        /// On Postgres instead of SQLite.
        #[arg(long)]
        postgres: bool,
        /// The number of people who send meanwhile.
        #[arg(long, default_value_t = 20)]
        pairs: usize,
        /// The messages a second of each of them.
        #[arg(long, default_value_t = 5)]
        rate: u32,
        /// The duration before the import, in seconds.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        #[command(flatten)]
        size: community::Size,
    },
    /// Bytes of the first load.
    Load {
        /// The most KB (of 1,000 bytes); more is a failure.
        #[arg(long)]
        at_most: Option<usize>,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<bool, BoxError> {
    let program = arguments.program;
    match arguments.command {
        Command::Check { seed, runs, seconds, kills, cluster, nginx, people, history } => {
            let setup = match (nginx, cluster) {
                (true, _) => Setup::BehindNginx,
                (_, true) => Setup::Cluster,
                _ => Setup::Alone,
            };
            let first = seed.unwrap_or_else(|| rand::random::<u32>().into());
            let mut all: Option<checker::Report> = None;
            for seed in first..first.saturating_add(runs) {
                println!("seed {seed}");
                let (program, history) = (program.clone(), history.clone());
                let time = Duration::from_secs(seconds);
                let plan = checker::Plan { program, seed, setup, time, kills, people, history };
                let report = checker::run(&plan).await?;
                println!("{report}");
                let found = !report.violations.is_empty();
                match &mut all {
                    Some(all) => all.add(report),
                    None => all = Some(report),
                }
                if found {
                    break;
                }
            }
            let Some(all) = all else { return Ok(true) };
            if runs > 1 {
                println!("in all: {all}");
            }
            return Ok(all.violations.is_empty());
        }
        Command::Start { times } => {
            let start = measure::start::run(&program, times).await?;
            println!(
                "first answer after {:.0} ms, {:.1} MiB idle",
                start.first_answer_ms,
                start.idle_kib / 1024.0
            );
        }
        Command::Idle { sockets } => {
            let idle = measure::idle::run(&program, sockets).await?;
            println!(
                "{} sockets, {:.1} KiB each, {:.0} connects/s",
                idle.sockets, idle.kib_each, idle.connects_per_second
            );
        }
        Command::Pairs { pairs, seconds } => {
            let found = measure::pairs::run(&program, pairs, Duration::from_secs(seconds)).await?;
            println!(
                "{:.0} messages/s, {:.3} CPU s per 1,000, p50 {:.2} ms, p99 {:.2} ms",
                found.messages_per_second, found.cpu_per_thousand, found.p50_ms, found.p99_ms
            );
        }
        Command::Durable { seconds } => {
            for batch in [1, 10, 100, 1_000] {
                let found = measure::durable::run(&program, 100, batch, Duration::from_secs(seconds)).await?;
                println!(
                    "{batch:>4} a commit: {:.0} messages/s, {:.4} CPU s per 1,000, p50 {:.2} ms, p99 {:.2} ms",
                    found.messages_per_second, found.cpu_per_thousand, found.p50_ms, found.p99_ms
                );
            }
        }
        Command::Compare(arguments) => {
            return tokio::task::spawn_blocking(move || compare::compare(&program, &arguments)).await?;
        }
        Command::Instructions { delivery_at_most, message_at_most } => {
            let found = measure::instructions::run(&program).await?;
            println!(
                "{:.0} instructions for a delivery, {:.0} for a message",
                found.per_delivery, found.per_message
            );
            if delivery_at_most.is_some_and(|most| found.per_delivery > most)
                || message_at_most.is_some_and(|most| found.per_message > most)
            {
                println!("more than the bound");
                return Ok(false);
            }
        }
        Command::Community { out, seed, size } => {
            let mut file = std::io::BufWriter::new(std::fs::File::create(&out)?);
            community::write(&mut file, seed, &size)?;
            let of_whom = community::MAIN_PERSON;
            println!(
                "{}: {} people, {} conversations ({} of {of_whom}), {} messages",
                out.display(),
                size.people,
                size.conversations,
                size.conversations_of_one,
                size.messages
            );
        }
        Command::Import { postgres, pairs, rate, seconds, size } => {
            let before = Duration::from_secs(seconds);
            let services = if postgres { Some(test_servers::Postgres::start()?) } else { None };
            let database = services.as_ref().map(test_servers::Postgres::database).transpose()?;
            let load = measure::import::Load { pairs, rate, before };
            let found = measure::import::run(&program, database.as_deref(), load, &size).await?;
            print!("{}", found.summary);
            println!("{:.0} messages/s in all", found.messages_per_second);
            for (when, times) in [("before", &found.before), ("meanwhile", &found.meanwhile)] {
                println!(
                    "{when}: {} messages of others, p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms",
                    times.count, times.p50_ms, times.p95_ms, times.p99_ms
                );
            }
            for list in [&found.usual_list, &found.long_list] {
                println!(
                    "list of {} conversations: {:.1} KB, {:.2} ms of CPU",
                    list.conversations,
                    list.bytes as f64 / 1_000.0,
                    list.cpu_ms
                );
            }
        }
        Command::Load { at_most } => {
            let parts = measure::load::run(&program).await?;
            for part in &parts {
                println!("{:>8} bytes  {:<5} {}", part.bytes, part.encoding, part.path);
            }
            let all = parts.iter().map(|part| part.bytes).sum::<usize>();
            println!("{all:>8} bytes in all");
            if let Some(most) = at_most.filter(|most| all > most * 1_000) {
                println!("more than the {most} KB that a first load may have");
                return Ok(false);
            }
        }
    }
    Ok(true)
}
