//! Making one, beside a running server.

use super::manifest::{self, Manifest};
use super::{BackupError, DATABASE, Done, at, files};
use chat::store::Sqlite;
use std::io::Write as _;
use std::path::Path;

/// Files in a data folder that are the business of the running server alone; the database is copied in its own way.
fn is_passing(path: &Path, name: &str, database: &Path) -> bool {
    let (path, database) = (path.to_string_lossy(), database.to_string_lossy());
    let of_database = path.strip_prefix(&*database);
    name == "lock"
        || of_database.is_some_and(|rest| matches!(rest, "" | "-wal" | "-shm" | "-journal"))
        || name.strip_prefix("secret.").is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Writes a backup of this database and of the data folder into a folder that is new or empty. What was begun and did
/// not succeed has no manifest, and is refused by [`super::put_back`].
pub(crate) async fn make(data: &Path, database: &Path, into: &Path) -> Result<Done, BackupError> {
    let database = &database.canonicalize().map_err(|_| BackupError::NoDatabase(database.into()))?;
    let data = data.canonicalize().map_err(at(data))?;
    files::take(into)?;
    let into = into.canonicalize().map_err(at(into))?;
    if into.starts_with(&data) {
        return Err(BackupError::Within(into, data));
    }
    let mut manifest = Manifest::begin();
    let copy = into.join(DATABASE);
    // SQLite writes into an empty file that is there, and so leaves it ours alone.
    drop(files::create(&copy)?);
    Sqlite::copy(database, &copy).await?;
    manifest.counts = Sqlite::examine(&copy).await?;
    let database = database.clone();
    let written = tokio::task::spawn_blocking(move || finish(&data, &database, &into, manifest)).await;
    written.map_err(|error| chat::Error::Internal(error.to_string()))?
}

fn finish(data: &Path, database: &Path, into: &Path, mut manifest: Manifest) -> Result<Done, BackupError> {
    let copy = into.join(DATABASE);
    std::fs::File::open(&copy).and_then(|file| file.sync_all()).map_err(at(&copy))?;
    manifest.files.push(files::entry(&copy, DATABASE)?);
    let mut others = Vec::new();
    files::below(data, &mut others, "")?;
    others.retain(|name| !is_passing(&data.join(name), name, database));
    // The server's own names come first in its data folder: nothing else can be called so in the backup.
    others.retain(|name| name != DATABASE && name != manifest::NAME);
    others.sort_unstable();
    for name in others {
        let (from, to) = (data.join(&name), into.join(&name));
        match files::copy(&from, &to, &name) {
            Ok(entry) => manifest.files.push(entry),
            // Taken away since the folder was listed.
            Err(BackupError::Io(path, error))
                if path == from && error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    for entry in &manifest.files {
        if files::entry(&into.join(&entry.path), &entry.path)? != *entry {
            return Err(BackupError::Damaged(format!("{} does not read as it was written", entry.path)));
        }
    }
    let path = into.join(manifest::NAME);
    let text =
        serde_json::to_string_pretty(&manifest).map_err(|error| chat::Error::Internal(error.to_string()))?;
    let mut file = files::create(&path)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(at(&path))?;
    files::sync(into)?;
    Ok(Done::from(&manifest))
}
