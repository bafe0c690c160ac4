//! What the program is told to do.

mod serve;
mod user;

use crate::cli::{Cli, Command};
use crate::{config, logging};
use clap::Parser as _;
use std::process::ExitCode;

/// Refused: wrong flags or configuration, or something needed is taken.
const REFUSED: u8 = 2;

/// Does what the command line says.
#[must_use]
pub fn main() -> ExitCode {
    // Wrong flags end here, in words, with 2.
    let cli = Cli::parse();
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let config = match config::read(&cli.options, environment) {
        Ok(config) => config,
        Err(error) => return refuse(&error),
    };
    logging::begin(&config.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&error),
    };
    let done = runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::serve(config).await,
            Command::Check { url } => crate::check::check(&config, url).await,
            Command::User { command } => user::user(&config, command).await,
        }
    });
    // Work that cannot be stopped (hashing) is not waited for.
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
