//! Restores a backup: verifies all files, then copies them, and verifies each again while it is copied.

use super::files::CopyError;
use super::manifest::Manifest;
use super::{BackupError, BackupSummary, DATABASE, files};
use chat::store::Sqlite;
use std::path::Path;

/// Restores a backup into a new or empty data directory. On failure no file is left there.
pub(crate) async fn restore_backup(backup: &Path, into: &Path) -> Result<BackupSummary, BackupError> {
    let (from, manifest) = (backup.to_owned(), Manifest::read(backup)?);
    let verified = tokio::task::spawn_blocking(move || verify(&from, &manifest).map(|()| manifest)).await;
    let manifest = verified.map_err(|error| chat::Error::Internal(error.to_string()))??;
    let counts = Sqlite::examine(&backup.join(DATABASE)).await;
    let counts = counts.map_err(|error| BackupError::Damaged(super::reason(&error)))?;
    if counts != manifest.counts {
        let (is, was) = (counts, manifest.counts);
        return Err(BackupError::Damaged(format!("{DATABASE} holds {is:?}, and held {was:?}")));
    }
    let was_there = into.exists();
    files::claim_empty_dir(into)?;
    let done = copy(backup, into, manifest).await;
    if done.is_err() {
        files::clear(into, was_there);
    }
    done
}

fn verify(backup: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    for entry in &manifest.files {
        let found = files::entry_of(&backup.join(&entry.path), &entry.path)
            .map_err(|error| BackupError::Damaged(error.to_string()))?;
        if found.bytes != entry.bytes {
            let (path, is, was) = (&entry.path, found.bytes, entry.bytes);
            return Err(BackupError::Damaged(format!("{path} has {is} bytes, and had {was}")));
        }
        if found != *entry {
            return Err(BackupError::Damaged(format!("{} does not read as it was written", entry.path)));
        }
    }
    Ok(())
}

async fn copy(backup: &Path, into: &Path, manifest: Manifest) -> Result<BackupSummary, BackupError> {
    let (from, to) = (backup.to_owned(), into.to_owned());
    let copied = tokio::task::spawn_blocking(move || {
        for entry in &manifest.files {
            let copied = files::copy(&from.join(&entry.path), &to.join(&entry.path), &entry.path);
            let copied = copied.map_err(|error| match error {
                CopyError::Source(error) => BackupError::Io(from.join(&entry.path), error),
                CopyError::Target(error) => error,
            })?;
            if copied != *entry {
                return Err(BackupError::Damaged(format!("{} changed while it was read", entry.path)));
            }
        }
        Ok(manifest)
    });
    let manifest = copied.await.map_err(|error| chat::Error::Internal(error.to_string()))??;
    // Migrates the database of an older version; that of a newer version is rejected here.
    let store = Sqlite::open(into.join(DATABASE)).await?;
    store.step_ahead().await?;
    drop(store);
    files::sync_dir(into)?;
    Ok(BackupSummary::from(&manifest))
}
