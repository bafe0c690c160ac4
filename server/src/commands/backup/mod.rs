//! Backups: a directory with a consistent copy of the database, the secret and all other files of the data directory, and a
//! manifest that lists them.

mod command;
mod create;
mod files;
mod manifest;
mod restore;

pub(crate) use command::{BackupOptions, RestoreOptions, backup, restore};
use create::create_backup;
use restore::restore_backup;

use manifest::Manifest;
use std::io;
use std::path::{Path, PathBuf};

/// Why a backup cannot be created or restored, as a message for the operator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackupError {
    /// The target directory is not empty.
    #[error("{0} is not empty: choose a new or an empty folder")]
    NotEmpty(PathBuf),
    /// The target is inside of the data directory, and would be backed up itself.
    #[error("{0} is inside of the data folder {1}: choose another folder, preferably on another disk")]
    Within(PathBuf, PathBuf),
    /// The directory has no manifest: not a backup, or an incomplete one.
    #[error("{0} is not a complete backup: it has no manifest.json, which is written last")]
    NoBackup(PathBuf),
    /// The manifest cannot be used.
    #[error("the backup cannot be used: its manifest.json {0}")]
    Manifest(String),
    /// A file or the database differs from the manifest.
    #[error("the backup is damaged: {0}. Nothing was restored")]
    Damaged(String),
    /// The database does not exist.
    #[error("{0}: no such database. Is this the server's data folder? (--data, RAPPORT_DATA)")]
    NoDatabase(PathBuf),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// The database failed.
    #[error("{}", reason(.0))]
    Chat(#[from] chat::Error),
}

/// The cause of the error, for the operator.
fn reason(error: &chat::Error) -> String {
    match error {
        chat::Error::Unavailable(cause) | chat::Error::Internal(cause) | chat::Error::Unsupported(cause) => {
            cause.clone()
        }
        refused @ chat::Error::Refused(_) => refused.to_string(),
    }
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> BackupError + '_ {
    move |error| BackupError::Io(path.into(), error)
}

/// File name of the database in a backup and in a data directory.
const DATABASE: &str = "rapport.db";

/// Contents of a backup that was created or restored.
#[derive(Debug)]
pub(crate) struct BackupSummary {
    pub(crate) counts: chat::store::Counts,
    pub(crate) bytes: u64,
    pub(crate) has_secret: bool,
}

impl From<&Manifest> for BackupSummary {
    fn from(manifest: &Manifest) -> Self {
        Self {
            counts: manifest.counts,
            bytes: manifest.files.iter().map(|file| file.bytes).sum(),
            has_secret: manifest.files.iter().any(|file| file.path == "secret"),
        }
    }
}

#[cfg(test)]
mod tests;
