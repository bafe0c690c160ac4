//! Putting one back: first all of it is verified, then it is copied, and verified again on its way.

use super::manifest::Manifest;
use super::{BackupError, DATABASE, Done, files};
use chat::store::Sqlite;
use std::path::Path;

/// Puts the backup into a data folder that is new or empty. When it does not succeed, no file is left there.
pub(crate) async fn put_back(backup: &Path, into: &Path) -> Result<Done, BackupError> {
    let (from, manifest) = (backup.to_owned(), Manifest::read(backup)?);
    let verified = tokio::task::spawn_blocking(move || verify(&from, &manifest).map(|()| manifest)).await;
    let manifest = verified.map_err(|error| chat::Error::Internal(error.to_string()))??;
    let counts = Sqlite::examine(&backup.join(DATABASE)).await;
    let counts = counts.map_err(|error| BackupError::Damaged(super::reason(&error)))?;
    if counts != manifest.counts {
        let (is, was) = (counts, manifest.counts);
        return Err(BackupError::Damaged(format!("{DATABASE} holds {is:?}, and held {was:?}")));
    }
    files::take(into)?;
    let done = copy(backup, into, manifest.clone()).await;
    if done.is_err() {
        // What went wrong is the news; what cannot be cleared away either will be seen.
        let _ = clear(into, &manifest);
    }
    done
}

fn verify(backup: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    for entry in &manifest.files {
        let found = files::entry(&backup.join(&entry.path), &entry.path)
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

async fn copy(backup: &Path, into: &Path, manifest: Manifest) -> Result<Done, BackupError> {
    let (from, to) = (backup.to_owned(), into.to_owned());
    let copied = tokio::task::spawn_blocking(move || {
        for entry in &manifest.files {
            let copied = files::copy(&from.join(&entry.path), &to.join(&entry.path), &entry.path)?;
            if copied != *entry {
                return Err(BackupError::Damaged(format!("{} changed while it was read", entry.path)));
            }
        }
        Ok(manifest)
    });
    let manifest = copied.await.map_err(|error| chat::Error::Internal(error.to_string()))??;
    // Brought up to date, where the backup is of an older program; one of a newer program is refused here.
    let store = Sqlite::open(into.join(DATABASE)).await?;
    store.step_ahead().await?;
    drop(store);
    files::sync(into)?;
    Ok(Done::from(&manifest))
}

fn clear(into: &Path, manifest: &Manifest) -> std::io::Result<()> {
    for entry in &manifest.files {
        match std::fs::remove_file(into.join(&entry.path)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    for beside in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(into.join(format!("{DATABASE}{beside}")));
    }
    Ok(())
}
