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
    /// Run the server (what is done without a command, too)
    Serve {
        /// A demonstration: people, conversations and companions in a temporary folder, gone when it stops
        #[arg(long)]
        demo: bool,
        /// Let the demonstration listen on other addresses than this machine's own: whoever reaches it may be anybody in it
        #[arg(long, requires = "demo")]
        demo_public: bool,
    },
    /// Walk the real paths of a running server, and say what is wrong
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
        /// The data folder to make: new or empty
        #[arg(long, value_name = "DATA")]
        into: PathBuf,
    },
    /// Fill an empty data folder with people, a room and pairs to measure on, and write down their tokens
    Fixture(crate::commands::fixture::Options),
    /// Accounts
    User {
        #[command(subcommand)]
        command: User,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Make an account; the password comes from standard input
    Add {
        username: String,
        #[arg(long, default_value = "")]
        first_name: String,
        #[arg(long, default_value = "")]
        last_name: String,
    },
    /// Shut somebody out, and end all of their sign-ins
    Suspend {
        username: String,
        /// Let them in again
        #[arg(long)]
        lift: bool,
    },
    /// Print an access token for a program
    Token {
        username: String,
        /// With the refresh token, as JSON
        #[arg(long)]
        json: bool,
    },
}
