//! `rapport key …`, which works with and without a running server.

use super::{fail, refuse};
use crate::backend::{Backend, ServerError};
use crate::config::Config;
use chat::service_keys::ServiceKeys;
use chat::store::StoredServiceKey;
use protocol::{KeyScope, Timestamp};
use std::process::ExitCode;

/// Subcommands of `rapport key`.
#[derive(clap::Subcommand, Debug)]
pub(crate) enum KeyCommand {
    /// Create a service key, and print it, once, on standard output
    Add {
        /// A name, by which it is listed and revoked
        #[arg(long)]
        name: String,
        /// A part of the API that it may use; can be repeated
        #[arg(long = "scope", required = true, value_parser = scope, value_name = "SCOPE")]
        scopes: Vec<KeyScope>,
    },
    /// List the service keys, without the keys themselves
    List,
    /// Revoke a service key at once, on all nodes
    Revoke {
        /// Its name or its number
        #[arg(value_name = "NAME")]
        key: String,
    },
}

/// Runs the command.
pub(crate) async fn key(config: &Config, command: KeyCommand) -> ExitCode {
    match act(config, command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.refuses() => refuse(&error),
        Err(error) => fail(&error),
    }
}

async fn act(config: &Config, command: KeyCommand) -> Result<(), ServerError> {
    let backend = Backend::open(config).await?;
    let keys = ServiceKeys::new(backend.store, backend.clock, &backend.secret);
    match command {
        KeyCommand::Add { name, scopes } => {
            let (key, stored) = keys.add(&name, scopes).await?;
            println!("{key}");
            eprintln!(
                "This is the key {} ({}), which cannot be shown again. Send it as `Authorization: Bearer`.",
                stored.name,
                words(&stored.scopes)
            );
        }
        KeyCommand::List => keys.list().await?.iter().for_each(|key| println!("{}", line(key))),
        KeyCommand::Revoke { key } => {
            let revoked = keys.revoke(&key).await?;
            println!("{} is revoked.", revoked.name);
        }
    }
    Ok(())
}

/// Parses a scope.
fn scope(word: &str) -> Result<KeyScope, String> {
    KeyScope::of(word).ok_or_else(|| format!("the scopes are {}", words(&KeyScope::ALL)))
}

fn words(scopes: &[KeyScope]) -> String {
    scopes.iter().map(|scope| scope.code()).collect::<Vec<_>>().join(", ")
}

/// A line of the list: number, name, scopes, times, separated by tabs.
fn line(key: &StoredServiceKey) -> String {
    let used = key.last_used_at.map_or("never used".to_owned(), |at| format!("used {}", minute(at)));
    let state = key.revoked_at.map_or(used, |at| format!("revoked {}", minute(at)));
    format!("{}\t{}\t{}\tcreated {}\t{state}", key.id, key.name, words(&key.scopes), minute(key.created_at))
}

/// A time in UTC, to the minute.
fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(..16).map_or(text.clone(), |minute| format!("{minute}Z"))
}
