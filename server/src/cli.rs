//! The command line: its commands, and their dispatch.

use crate::commands::{
    backup, check, export, fixture, group, import, key, refuse, serve, tail, user, webhook,
};
use crate::config::{self, Options};
use crate::demo;
use crate::ops::logging;
use clap::{Parser, Subcommand};
use std::collections::HashMap;
use std::process::ExitCode;

/// Self-hosted chat in one program.
#[derive(Debug, Parser)]
#[command(name = "rapport", version)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (the default command)
    Serve(serve::Options),
    /// Test a running server as its users reach it, and report faults
    Check(check::Options),
    /// Write a verified backup into a new folder, while the server runs
    Backup(backup::BackupOptions),
    /// Verify a backup and put it into a new data folder
    Restore(backup::RestoreOptions),
    /// Import people, conversations and messages from JSON lines, while the server runs or not
    Import(import::Options),
    /// Write all people, conversations and messages as JSON lines, while the server runs or not
    Export(export::Options),
    /// Fill an empty installation with people, a room and pairs for measurements, and write their tokens to a file
    Fixture(fixture::Options),
    /// Print the messages of a conversation as they come, as a person of a running server
    Tail(tail::Options),
    /// Manage accounts
    User {
        #[command(subcommand)]
        command: user::UserCommand,
    },
    /// Manage groups
    Group {
        #[command(subcommand)]
        command: group::GroupCommand,
    },
    /// Manage webhooks: endpoints of other programs, which are told of events
    Webhook {
        #[command(subcommand)]
        command: webhook::WebhookCommand,
    },
    /// Manage service keys, by which products use the API
    Key {
        #[command(subcommand)]
        command: key::KeyCommand,
    },
}

/// Runs the command of the command line.
#[must_use]
pub fn main() -> ExitCode {
    // Exits with 2 if flags are invalid.
    let cli = Cli::parse();
    let environment: HashMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let token = environment.get(tail::TOKEN).cloned();
    let command = cli.command.unwrap_or(Command::Serve(serve::Options::default()));
    let configured = match command {
        Command::Serve(serve::Options { demo: true, demo_public }) => {
            demo::configure(&cli.options, environment, demo_public)
                .map_err(|error| refuse(&error))
                .map(|(config, any_port)| (config, Some(any_port)))
        }
        _ => config::read(&cli.options, environment)
            .map_err(|error| refuse(&error))
            .map(|config| (config, None)),
    };
    let (config, demo) = match configured {
        Ok(configured) => configured,
        Err(code) => return code,
    };
    if let Err(why) = logging::init(&config, matches!(command, Command::Serve(_))) {
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
            Command::Serve(_) => match demo {
                Some(any_port) => serve::demo(config, any_port).await,
                None => serve::serve(config).await,
            },
            Command::Check(options) => check::check(&config, options).await,
            Command::Backup(options) => backup::backup(&config, &options).await,
            Command::Restore(options) => backup::restore(&config, &options).await,
            Command::Import(options) => import::import(&config, &options).await,
            Command::Export(options) => export::export(&config, &options).await,
            Command::Fixture(options) => fixture::fixture(&config, &options).await,
            Command::Tail(options) => tail::tail(&config, options, token).await,
            Command::User { command } => user::user(&config, command).await,
            Command::Group { command } => group::group(&config, command).await,
            Command::Webhook { command } => webhook::webhook(&config, command).await,
            Command::Key { command } => key::key(&config, command).await,
        }
    });
    // Does not wait for blocking tasks, such as password hashing.
    runtime.shutdown_background();
    done
}
