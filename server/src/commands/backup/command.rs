//! `rapport backup FOLDER` and `rapport restore FOLDER --into DATA`.

use super::{BackupError, BackupSummary};
use crate::commands::{fail, refuse};
use crate::config::Config;
use crate::database::Location;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `rapport backup`.
#[derive(clap::Args, Debug)]
pub(crate) struct BackupOptions {
    /// A folder that is new or empty
    folder: PathBuf,
}

/// Arguments of `rapport restore`.
#[derive(clap::Args, Debug)]
pub(crate) struct RestoreOptions {
    /// The folder that `backup` wrote
    folder: PathBuf,
    /// The data folder to create: new or empty
    #[arg(long, value_name = "DATA")]
    into: PathBuf,
}

/// Creates a backup, and prints what is in it.
pub(crate) async fn backup(config: &Config, BackupOptions { folder }: &BackupOptions) -> ExitCode {
    let database = match Location::of(config) {
        Ok(Location::File(database)) => database,
        Ok(Location::Postgres(_)) => {
            return refuse(&"the database is in Postgres: use pg_dump, or continuous archiving");
        }
        Err(error) => return refuse(&error),
    };
    match super::create_backup(&config.data, &database, folder).await {
        Ok(done) => {
            print_summary("Backed up", &done, "to", folder);
            if config.secret.is_some() {
                println!(
                    "The backup does not contain the secret of RAPPORT_SECRET: keep that secret as well."
                );
            } else if !done.has_secret {
                println!(
                    "There is no secret in {}. Is this the server's data folder?",
                    config.data.display()
                );
            }
            ExitCode::SUCCESS
        }
        Err(error @ BackupError::Chat(chat::Error::Unsupported(_))) => refuse(&error),
        Err(error) => fail(&error),
    }
}

/// Restores a backup, and prints what was in it.
pub(crate) async fn restore(config: &Config, RestoreOptions { folder, into }: &RestoreOptions) -> ExitCode {
    match super::restore_backup(folder, into).await {
        Ok(done) => {
            print_summary("Restored", &done, "into", into);
            if config.database_url.is_some() {
                println!(
                    "The restored database is in that folder: remove RAPPORT_DATABASE_URL, which names another one."
                );
            }
            println!("Suspensions and sign-outs from after the backup are undone: review the accounts.");
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

fn print_summary(verb: &str, done: &BackupSummary, preposition: &str, folder: &Path) {
    let chat::store::Counts { accounts, conversations, messages } = done.counts;
    println!(
        "{verb} {accounts} accounts, {conversations} conversations and {messages} messages ({} KiB) {preposition} {}; verified.",
        done.bytes.div_ceil(1024),
        folder.display()
    );
}
