//! Creates a backup while the server runs.

use super::files::{CopyError, PassedOver};
use super::manifest::{self, Manifest};
use super::{BackupError, BackupSummary, DATABASE, files, io_error};
use crate::check_guests;
use chat::store::Sqlite;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Whether a file is not copied: temporary files of the running server, and the database, which is copied by SQLite.
fn is_excluded(path: &Path, name: &str, database: &Path) -> bool {
    let (path, database) = (path.to_string_lossy(), database.to_string_lossy());
    let of_database = path.strip_prefix(&*database);
    name == "lock"
        || name == check_guests::LOCK
        || of_database.is_some_and(|rest| {
            matches!(rest, "" | "-wal" | "-shm" | "-journal") || rest.starts_with("-new-")
        })
        || name.strip_prefix("secret.").is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a backup without this file is incomplete. Other files of the data directory are foreign, such as those of its disk.
fn is_own(name: &str) -> bool {
    name == "secret" || name == "files" || name.starts_with("files/")
}

/// Writes a backup of the database and the data directory into a new or empty directory. A failed backup is deleted. One
/// that was killed has no manifest, so that it is rejected by [`super::restore_backup`].
pub(crate) async fn create_backup(
    data: &Path,
    database: &Path,
    into: &Path,
) -> Result<BackupSummary, BackupError> {
    let database = &database.canonicalize().map_err(|_| BackupError::NoDatabase(database.into()))?;
    let data = data.canonicalize().map_err(io_error(data))?;
    let was_there = into.exists();
    files::claim_empty_dir(into)?;
    let into = into.canonicalize().map_err(io_error(into))?;
    let written = write(data, database, &into).await;
    if written.is_err() {
        files::clear(&into, was_there);
    }
    written
}

async fn write(data: PathBuf, database: &Path, into: &Path) -> Result<BackupSummary, BackupError> {
    let into = into.to_owned();
    if into.starts_with(&data) {
        return Err(BackupError::Within(into, data));
    }
    let mut manifest = Manifest::begin();
    let copy = into.join(DATABASE);
    // SQLite writes into an existing empty file, and keeps its permissions.
    drop(files::create_file(&copy)?);
    Sqlite::copy(database, &copy).await?;
    manifest.counts = Sqlite::examine(&copy).await?;
    let database = database.to_owned();
    let written = tokio::task::spawn_blocking(move || finish(&data, &database, &into, manifest)).await;
    written.map_err(|error| chat::Error::Internal(error.to_string()))?
}

fn finish(
    data: &Path,
    database: &Path,
    into: &Path,
    mut manifest: Manifest,
) -> Result<BackupSummary, BackupError> {
    let copy = into.join(DATABASE);
    std::fs::File::open(&copy).and_then(|file| file.sync_all()).map_err(io_error(&copy))?;
    manifest.files.push(files::entry_of(&copy, DATABASE)?);
    let files::Listing { files: mut others, mut passed_over } = files::list_files(data)?;
    others.retain(|name| !is_excluded(&data.join(name), name, database));
    // These names are used by the backup itself.
    others.retain(|name| name != DATABASE && name != manifest::NAME);
    others.sort_unstable();
    for name in others {
        let (from, to) = (data.join(&name), into.join(&name));
        match files::copy(&from, &to, &name) {
            Ok(entry) => manifest.files.push(entry),
            // Removed since the directory was listed.
            Err(CopyError::Source(error)) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(CopyError::Source(error)) => passed_over.push(PassedOver { name, why: error.to_string() }),
            Err(CopyError::Target(error)) => return Err(error),
        }
    }
    for PassedOver { name, why } in passed_over {
        if is_own(&name) {
            return Err(io_error(&data.join(name))(std::io::Error::other(why)));
        }
        eprintln!("rapport: {} is not part of the backup: {why}", data.join(name).display());
    }
    for entry in &manifest.files {
        if files::entry_of(&into.join(&entry.path), &entry.path)? != *entry {
            return Err(BackupError::Damaged(format!("{} does not read as it was written", entry.path)));
        }
    }
    let path = into.join(manifest::NAME);
    let text =
        serde_json::to_string_pretty(&manifest).map_err(|error| chat::Error::Internal(error.to_string()))?;
    let mut file = files::create_file(&path)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io_error(&path))?;
    files::sync_dir(into)?;
    Ok(BackupSummary::from(&manifest))
}
