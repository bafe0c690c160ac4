//! `rapport user …`, which works with and without a running server.

use super::{fail, refuse};
use crate::backend::{Backend, ServerError};
use crate::config::Config;
use chat::account::{Accounts, Registration};
use chat::audit::{AuditAction, AuditEvent, AuditOutcome};
use std::io::{BufRead as _, IsTerminal as _};
use std::process::ExitCode;

/// Subcommands of `rapport user`.
#[derive(clap::Subcommand, Debug)]
pub(crate) enum UserCommand {
    /// Create an account; asks for the password, or reads it from standard input
    Add {
        username: String,
        #[arg(long, default_value = "")]
        first_name: String,
        #[arg(long, default_value = "")]
        last_name: String,
        /// Create the installation if there is none; its first account is the administrator
        #[arg(long)]
        create: bool,
    },
    /// Set the password of an account, and end all of its sign-ins; asks for it, or reads it from standard input
    Password { username: String },
    /// Suspend an account, and end all of its sign-ins
    Suspend {
        username: String,
        /// Lift the suspension
        #[arg(long)]
        lift: bool,
    },
    /// Lift the rate limits of sign-ins after too many wrong passwords, on all nodes
    Unlock { username: String },
    /// Print an access token for a program
    Token {
        username: String,
        /// Print the refresh token, too, as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub(crate) async fn user(config: &Config, command: UserCommand) -> ExitCode {
    match act(config, command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.refuses() => refuse(&error),
        Err(error) => fail(&error),
    }
}

async fn act(config: &Config, command: UserCommand) -> Result<(), ServerError> {
    let backend = match command {
        UserCommand::Add { create: true, .. } => Backend::create(config).await?,
        _ => Backend::open(config).await?,
    };
    let accounts = backend.accounts(config);
    match command {
        UserCommand::Add { username, first_name, last_name, create: _ } => {
            let password = password().map_err(|error| chat::Error::Internal(error.to_string()))?;
            let account =
                accounts.register(Registration { username, password, first_name, last_name }).await?;
            let role = if account.is_admin { ", the administrator" } else { "" };
            println!("Added {}{role}.", account.person.username);
        }
        UserCommand::Password { username } => {
            let account = accounts.lookup(&username).await?;
            let password = password().map_err(|error| chat::Error::Internal(error.to_string()))?;
            accounts.reset_password(&username, &password).await?;
            println!("{} has a new password.", account.person.username);
        }
        UserCommand::Suspend { username, lift } => {
            accounts.suspend(&username, !lift).await?;
            println!("{username} {}.", if lift { "may sign in again" } else { "is suspended" });
        }
        UserCommand::Unlock { username } => {
            accounts.unlock(&username).await?;
            println!("{username} may try to sign in again at once.");
        }
        UserCommand::Token { username, json } => token(&accounts, &username, json).await?,
    }
    Ok(())
}

async fn token(accounts: &Accounts, username: &str, json: bool) -> Result<(), ServerError> {
    let account = accounts.lookup(username).await?;
    if account.suspended {
        let why = format!("{username} is suspended");
        return Err(
            chat::Error::from(protocol::ErrorBody::because(protocol::ErrorCode::Forbidden, why)).into()
        );
    }
    let pair = accounts.issue(&account, "rapport user token").await?;
    AuditEvent::new(AuditAction::IssueToken, AuditOutcome::Ok).user(account.person.id).emit();
    if json {
        println!("{}", serde_json::json!({"access": pair.access, "refresh": pair.refresh}));
    } else {
        println!("{}", pair.access);
    }
    Ok(())
}

/// Prompts at a terminal, else reads the first line of standard input. Not a flag, because other users can see those.
fn password() -> std::io::Result<String> {
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password("Password: ");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    // Editors of some systems begin a file with a byte order mark.
    let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
