//! The command `bench compare`.

use super::kind::Kind;
use super::measures::{Measure, Scale};
use super::results::Results;
use super::subject::Programs;
use super::{Plan, chart, report, run};
use crate::BoxError;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The arguments of `bench compare`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// A short run, to see that everything works; its figures mean nothing.
    #[arg(long)]
    quick: bool,
    /// The number of blocks; each measures everything.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..), default_value_t = 5)]
    blocks: u16,
    /// Only these measures.
    #[arg(long, value_delimiter = ',')]
    measures: Vec<Measure>,
    /// Only these subjects.
    #[arg(long, value_delimiter = ',')]
    subjects: Vec<Kind>,
    /// The program of the bare limit [default: built beside this program]
    #[arg(long)]
    limit: Option<PathBuf>,
    /// The folder with the sources of the peers.
    #[arg(long, default_value = "bench/peers")]
    peers: PathBuf,
    /// The folder in which peers are installed; it is kept.
    #[arg(long, default_value = "target/peers")]
    installed: PathBuf,
    /// A folder with a `performance.md` for the report; chart and results are written beside it.
    #[arg(long)]
    into: Option<PathBuf>,
}

/// Runs and reports; `false` if a measurement of Rapport or of the limit failed.
///
/// # Errors
/// A program does not start, or the report cannot be written.
pub fn compare(rapport: &Path, arguments: &Arguments) -> Result<bool, BoxError> {
    let plan = plan(rapport, arguments)?;
    let results = run(&plan, &|line| eprintln!("{line}"))?;
    match &arguments.into {
        Some(folder) => write(&results, folder)?,
        None => println!("{}", report::markdown(&results, "performance.svg")),
    }
    Ok(results.is_sound())
}

fn plan(rapport: &Path, arguments: &Arguments) -> Result<Plan, BoxError> {
    let all_or = |chosen: &[Measure]| if chosen.is_empty() { Measure::ALL.to_vec() } else { chosen.to_vec() };
    let kinds = if arguments.subjects.is_empty() { Kind::ALL.to_vec() } else { arguments.subjects.clone() };
    let limit = match &arguments.limit {
        Some(limit) => limit.clone(),
        None => limit()?,
    };
    if !rapport.exists() {
        let path = rapport.display();
        return Err(format!("there is no {path}: ./start builds it, and --program names another").into());
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    // Idle memory is always measured first, while the processes are fresh.
    let mut measures = all_or(&arguments.measures);
    measures.sort_unstable();
    Ok(Plan {
        command: format!("cargo run --release -p bench -- {}", words.join(" ")),
        programs: Programs {
            rapport: rapport.to_owned(),
            limit,
            peers: arguments.peers.clone(),
            installed: arguments.installed.clone(),
        },
        scale: if arguments.quick { Scale::QUICK } else { Scale::FULL },
        blocks: usize::from(arguments.blocks),
        measures,
        kinds,
    })
}

/// The limit beside this program. `cargo run` builds only the program that it runs, so the limit is built here.
fn limit() -> Result<PathBuf, BoxError> {
    let beside = std::env::current_exe()?.with_file_name("limit");
    if let Some(cargo) = std::env::var_os("CARGO") {
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "-p", "bench", "--bin", "limit"]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        if !build.status()?.success() {
            return Err("the bare limit could not be built".into());
        }
    }
    Ok(beside)
}

fn write(results: &Results, folder: &Path) -> Result<(), BoxError> {
    let document = folder.join("performance.md");
    let text =
        std::fs::read_to_string(&document).map_err(|error| format!("{}: {error}", document.display()))?;
    let text = report::into_document(&text, &report::markdown(results, "performance.svg"))?;
    std::fs::write(folder.join("performance.json"), serde_json::to_string(results)? + "\n")?;
    std::fs::write(folder.join("performance.svg"), chart::svg(results))?;
    std::fs::write(document, text)?;
    Ok(())
}
