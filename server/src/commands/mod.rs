//! The commands of the program.

mod backup;
pub(crate) mod check;
pub(crate) mod fixture;
mod serve;
mod user;

use crate::cli::{Cli, Command};
use crate::config;
use crate::demo;
use crate::ops::logging;
use clap::Parser as _;
use std::process::ExitCode;

/// Exit code for invalid flags or configuration, and for resources in use.
const REFUSED: u8 = 2;

/// Runs the command of the command line.
#[must_use]
pub fn main() -> ExitCode {
    // Exits with 2 if flags are invalid.
    let cli = Cli::parse();
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let command = cli.command.unwrap_or(Command::Serve { demo: false, demo_public: false });
    let configured = match command {
        Command::Serve { demo: true, demo_public } => demo::configure(&cli.options, environment, demo_public)
            .map_err(|error| refuse(&error))
            .map(|(config, any_port)| (config, Some(any_port))),
        _ => config::read(&cli.options, environment)
            .map_err(|error| refuse(&error))
            .map(|config| (config, None)),
    };
    let (config, demo) = match configured {
        Ok(configured) => configured,
        Err(code) => return code,
    };
    if let Err(why) = logging::init(&config, matches!(command, Command::Serve { .. })) {
        return refuse(&why);
    }
    for variable in &config.unknown_variables {
        tracing::warn!("{variable}");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&error),
    };
    let done = runtime.block_on(async {
        match command {
            Command::Serve { .. } => match demo {
                Some(any_port) => serve::demo(config, any_port).await,
                None => serve::serve(config).await,
            },
            Command::Check(options) => check::check(&config, options).await,
            Command::Backup { folder } => backup::backup(&config, &folder).await,
            Command::Restore { folder, into } => backup::restore(&config, &folder, &into).await,
            Command::Fixture(options) => fixture::fixture(&config, &options).await,
            Command::User { command } => user::user(&config, command).await,
        }
    });
    // Does not wait for blocking tasks, such as password hashing.
    runtime.shutdown_background();
    done
}

fn refuse(why: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("rapport: {why}");
    ExitCode::from(REFUSED)
}

fn fail(why: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("rapport: {why}");
    ExitCode::FAILURE
}
