//! What belongs to a backup, and how each of its files must read.

use super::{BackupError, at};
use chat::store::Counts;
use serde::{Deserialize, Serialize};
use std::path::{Component, Path};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The manifest's name.
pub(super) const NAME: &str = "manifest.json";
/// Backups of another form are not read.
const FORM: u32 = 1;

/// The manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Which form of backup this is.
    pub(super) form: u32,
    /// The version of the program that wrote it.
    pub(super) rapport: String,
    /// When it was begun: everything that was acknowledged before is in it.
    pub(super) begun_at: String,
    pub(super) counts: Counts,
    pub(super) files: Vec<Entry>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Within the backup, with slashes.
    pub(super) path: String,
    pub(super) bytes: u64,
    /// SHA-256, in hexadecimal digits.
    pub(super) sha256: String,
}

impl Manifest {
    /// Of a backup that is begun now.
    pub(super) fn begin() -> Self {
        let now = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
        Self {
            form: FORM,
            rapport: env!("CARGO_PKG_VERSION").into(),
            begun_at: now,
            counts: Counts::default(),
            files: Vec::new(),
        }
    }

    /// Reads it, and refuses what this program could not put back.
    pub(super) fn read(folder: &Path) -> Result<Self, BackupError> {
        let path = folder.join(NAME);
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(BackupError::NoBackup(folder.into()));
            }
            other => other.map_err(at(&path))?,
        };
        let wrong = |why: String| BackupError::Manifest(why);
        let manifest: Self =
            serde_json::from_str(&text).map_err(|why| wrong(format!("is unreadable: {why}")))?;
        if manifest.form != FORM {
            return Err(wrong(format!("is of form {}, and this program reads form {FORM}", manifest.form)));
        }
        if let Some(entry) = manifest.files.iter().find(|entry| !stays_inside(&entry.path)) {
            return Err(wrong(format!("names a file outside of its folder: {}", entry.path)));
        }
        if !manifest.files.iter().any(|entry| entry.path == super::DATABASE) {
            return Err(wrong("names no database".into()));
        }
        Ok(manifest)
    }
}

fn stays_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}
