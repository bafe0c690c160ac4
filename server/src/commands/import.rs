//! `rapport import FILE`, which works with and without a running server.

use super::progress::ImportProgress;
use super::{fail, refuse};
use crate::backend::{Backend, ServerError};
use crate::config::Config;
use chat::transfer::{ImportError, Progress};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Arguments of `rapport import`.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// A file of JSON lines, or `-` for standard input
    file: PathBuf,
    /// Create the installation if there is none
    #[arg(long)]
    create: bool,
}

/// Imports the file, and prints what was imported.
pub(crate) async fn import(config: &Config, options: &Options) -> ExitCode {
    let (input, size) = match open(&options.file) {
        Ok(opened) => opened,
        Err(error) => return fail(&format!("{}: {error}", options.file.display())),
    };
    let backend = if options.create { Backend::create(config).await } else { Backend::open(config).await };
    let backend = match backend {
        Ok(backend) => backend,
        Err(error) if error.refuses() => return refuse(&error),
        Err(error) => return fail(&error),
    };
    let begun = Instant::now();
    let mut shown = ImportProgress::start(size);
    let report = |progress: &Progress| shown.show(progress);
    let imported =
        chat::transfer::import(&*backend.store, &*backend.clock, &config.subject_kinds, input, report).await;
    shown.end();
    // Without a server, this moves SQLite's log into the database.
    let closed = backend.store.close().await;
    match imported {
        Err(error) => explain(&error),
        Ok(progress) => {
            print_summary(&progress, begun.elapsed());
            closed.map_or_else(|error| fail(&ServerError::from(error)), |()| ExitCode::SUCCESS)
        }
    }
}

/// The input, and its size in bytes if it is known.
fn open(file: &Path) -> io::Result<(Box<dyn BufRead>, Option<u64>)> {
    if file == Path::new("-") {
        return Ok((Box::new(io::stdin().lock()), None));
    }
    let opened = File::open(file)?;
    let metadata = opened.metadata()?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok((Box::new(BufReader::new(opened)), Some(metadata.len()).filter(|_| metadata.is_file())))
}

/// Reports the error, and how to go on.
fn explain(error: &ImportError) -> ExitCode {
    let code = fail(error);
    match error {
        ImportError::Line { line, kept, .. } => {
            eprintln!(
                "{} Correct line {line} and import the file again: what is in the database already is passed over.",
                kept_lines(*kept)
            );
        }
        ImportError::Database { kept, .. } => {
            eprintln!(
                "{} Import the file again: what is in the database already is passed over.",
                kept_lines(*kept)
            );
        }
        ImportError::Input { .. } => {}
    }
    code
}

fn kept_lines(kept: u64) -> String {
    match kept {
        0 => "Nothing was imported.".into(),
        kept => format!("Lines 1 to {kept} are imported, and nothing from line {} on.", kept + 1),
    }
}

fn print_summary(progress: &Progress, took: Duration) {
    let chat::store::ImportCounts { people, conversations, messages, repeated } = progress.counts;
    let seconds = took.as_secs_f64();
    println!(
        "Imported {people} people, {conversations} conversations and {messages} messages in {seconds:.1} s ({:.0} messages/s).",
        messages as f64 / seconds.max(0.001)
    );
    if repeated > 0 {
        println!("{repeated} lines were in the database already.");
    }
    let (writing, pausing) = (progress.writing.as_secs_f64(), progress.pausing.as_secs_f64());
    println!("The database was written for {writing:.1} s, and left to others for {pausing:.1} s.");
    if people > 0 {
        println!("Imported people have no password: `rapport user password NAME` sets one.");
    }
}
