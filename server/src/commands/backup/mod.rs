//! Backups: a folder with a copy of the database from one moment, the secret and whatever else is in the data folder,
//! and a manifest that says what belongs to it.

mod command;
mod files;
mod make;
mod manifest;
mod put_back;

pub(super) use command::{backup, restore};
pub(crate) use make::make;
pub(crate) use put_back::put_back;

use manifest::Manifest;
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no backup, or none that can be put back, in words.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackupError {
    /// The folder to write into has something in it.
    #[error("{0} is not empty: name a new folder, or an empty one")]
    NotEmpty(PathBuf),
    /// It would be backed up with the rest.
    #[error("{0} lies in the data folder {1}: name one elsewhere, best on another disk")]
    Within(PathBuf, PathBuf),
    /// A backup that was never finished, or none at all.
    #[error(
        "{0} is no backup: it has no manifest.json, which is written last, when everything else is in order"
    )]
    NoBackup(PathBuf),
    /// The manifest is not one of ours.
    #[error("the backup cannot be used: its manifest.json {0}")]
    Manifest(String),
    /// What the manifest tells of is not as it was written.
    #[error("the backup is damaged: {0}. Nothing was put back")]
    Damaged(String),
    /// There is nothing to back up.
    #[error("{0}: there is no database to back up. Is this the server's data folder? (--data, RAPPORT_DATA)")]
    NoDatabase(PathBuf),
    /// It cannot be read or written.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// The database.
    #[error("{}", reason(.0))]
    Chat(#[from] chat::Error),
}

/// The cause itself, for whoever sits before the machine.
fn reason(error: &chat::Error) -> String {
    match error {
        chat::Error::Unavailable(cause) | chat::Error::Internal(cause) => cause.clone(),
        refused @ chat::Error::Refused(_) => refused.to_string(),
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError + '_ {
    move |error| BackupError::Io(path.into(), error)
}

/// The database's name within a backup, and in a data folder.
const DATABASE: &str = "rapport.db";

/// What was written or put back.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) counts: chat::store::Counts,
    pub(crate) bytes: u64,
    pub(crate) has_secret: bool,
}

impl From<&Manifest> for Done {
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
