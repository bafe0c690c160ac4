//! The command line.

use crate::config::Options;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Self-hosted chat in one program.
#[derive(Debug, Parser)]
#[command(name = "rapport", version)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server (the default command)
    Serve {
        /// Run a demonstration with people, conversations and bots in a temporary folder, deleted when it stops
        #[arg(long)]
        demo: bool,
        /// Allow the demonstration to listen on public addresses, where every visitor can sign in as anybody
        #[arg(long, requires = "demo")]
        demo_public: bool,
    },
    /// Test a running server as its users reach it, and report faults
    Check(crate::commands::check::Options),
    /// Write a verified backup into a new folder, while the server runs
    Backup {
        /// A folder that is new or empty
        folder: PathBuf,
    },
    /// Verify a backup and put it into a new data folder
    Restore {
        /// The folder that `backup` wrote
        folder: PathBuf,
        /// The data folder to create: new or empty
        #[arg(long, value_name = "DATA")]
        into: PathBuf,
    },
    /// Fill an empty installation with people, a room and pairs for measurements, and write their tokens to a file
    Fixture(crate::commands::fixture::Options),
    /// Manage accounts
    User {
        #[command(subcommand)]
        command: User,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Create an account; asks for the password, or reads it from standard input
    Add {
        username: String,
        #[arg(long, default_value = "")]
        first_name: String,
        #[arg(long, default_value = "")]
        last_name: String,
    },
    /// Suspend an account, and end all of its sign-ins
    Suspend {
        username: String,
        /// Lift the suspension
        #[arg(long)]
        lift: bool,
    },
    /// Print an access token for a program
    Token {
        username: String,
        /// Print the refresh token, too, as JSON
        #[arg(long)]
        json: bool,
    },
}
