//! `rapport group …`, which works with and without a running server.

use super::{fail, refuse};
use crate::backend::{Backend, ServerError};
use crate::config::Config;
use chat::GroupOwners;
use protocol::ConversationId;
use std::process::ExitCode;

/// Subcommands of `rapport group`.
#[derive(clap::Subcommand, Debug)]
pub(crate) enum GroupCommand {
    /// Make a member of a group an owner, for example because its only owner is suspended; a running server shows it within two seconds
    Owner {
        /// The number of the group, as in its address /c/NUMBER
        #[arg(value_name = "NUMBER")]
        group: i64,
        username: String,
    },
}

/// Runs the command.
pub(crate) async fn group(config: &Config, command: GroupCommand) -> ExitCode {
    match act(config, command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.refuses() => refuse(&error),
        Err(error) => fail(&error),
    }
}

async fn act(config: &Config, command: GroupCommand) -> Result<(), ServerError> {
    let backend = Backend::open(config).await?;
    let owners = GroupOwners::new(backend.store, backend.clock);
    match command {
        GroupCommand::Owner { group, username } => {
            if owners.add(ConversationId(group), &username).await? {
                println!("{username} is an owner of {group}.");
            } else {
                println!("{username} is an owner of {group} already.");
            }
        }
    }
    Ok(())
}
