//! `rapport backup FOLDER` and `rapport restore FOLDER --into DATA`.

use super::BackupSummary;
use crate::commands::{fail, refuse};
use crate::config::Config;
use crate::data_dir;
use chat::store::{Postgres, Sqlite};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where to write a backup.
#[derive(clap::Args, Debug)]
pub(crate) struct BackupOptions {
    /// A folder that is new or empty
    folder: PathBuf,
}

/// Which backup to restore, and where.
#[derive(clap::Args, Debug)]
pub(crate) struct RestoreOptions {
    /// The folder that `backup` wrote
    folder: PathBuf,
    /// The data folder to make: new or empty
    #[arg(long, value_name = "DATA")]
    into: PathBuf,
}

/// Creates a backup, and prints what is in it.
pub(crate) async fn backup(config: &Config, BackupOptions { folder }: &BackupOptions) -> ExitCode {
    let database = match database(config) {
        Ok(database) => database,
        Err(error) => return refuse(&error),
    };
    match super::create_backup(&config.data, &database, folder).await {
        Ok(done) => {
            tell("Backed up", &done, "to", folder);
            if config.secret.is_some() {
                println!(
                    "The secret is not in it, since this server is given its own (RAPPORT_SECRET): keep that, too."
                );
            } else if !done.has_secret {
                println!(
                    "There was no secret in {}: is that the server's data folder?",
                    config.data.display()
                );
            }
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

/// Path of the SQLite database.
fn database(config: &Config) -> chat::Result<PathBuf> {
    match &config.database_url {
        Some(url) if Postgres::is_url(url) => Err(chat::Error::Internal(
            "the database is a Postgres server's, which has its own tools: pg_dump, or its continuous archiving".into(),
        )),
        Some(url) => Sqlite::path_of(url),
        None => Ok(data_dir::database_path(&config.data)),
    }
}

/// Restores a backup, and prints what was in it.
pub(crate) async fn restore(config: &Config, RestoreOptions { folder, into }: &RestoreOptions) -> ExitCode {
    match super::restore_backup(folder, into).await {
        Ok(done) => {
            tell("Put back", &done, "into", into);
            if config.database_url.is_some() {
                println!(
                    "The database is in that folder: RAPPORT_DATABASE_URL, which names another, has to go."
                );
            }
            println!(
                "Whoever was shut out or signed out since the backup was made may come in again: look it through."
            );
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

fn tell(what: &str, done: &BackupSummary, how: &str, folder: &Path) {
    let chat::store::Counts { accounts, conversations, messages } = done.counts;
    println!(
        "{what} {accounts} accounts, {conversations} conversations and {messages} messages ({} KiB) {how} {}; verified.",
        done.bytes.div_ceil(1024),
        folder.display()
    );
}
