//! The manifest of a backup: its files with sizes and checksums.

use super::{BackupError, io_error};
use chat::store::Counts;
use serde::{Deserialize, Serialize};
use std::path::{Component, Path};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// File name of the manifest.
pub(super) const NAME: &str = "manifest.json";
/// Version of the format; others are rejected.
const FORM: u32 = 1;

/// The contents of `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Version of the format.
    pub(super) form: u32,
    /// Version of the program that wrote the backup.
    pub(super) rapport: String,
    /// Start of the backup, in RFC 3339: all writes that were acknowledged before are included.
    pub(super) begun_at: String,
    /// Numbers of rows in the database.
    pub(super) counts: Counts,
    pub(super) files: Vec<Entry>,
}

/// A file of the backup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Path relative to the backup, with slashes.
    pub(super) path: String,
    /// Size in bytes.
    pub(super) bytes: u64,
    /// SHA-256, in hexadecimal digits.
    pub(super) sha256: String,
}

impl Manifest {
    /// An empty manifest, which begins now.
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

    /// Reads the manifest, and rejects one that cannot be restored.
    pub(super) fn read(folder: &Path) -> Result<Self, BackupError> {
        let path = folder.join(NAME);
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(BackupError::NoBackup(folder.into()));
            }
            other => other.map_err(io_error(&path))?,
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
