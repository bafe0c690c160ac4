//! Opens the file: settings, version, migrations.

use crate::store::error::{Result, StoreError};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Older ones can corrupt a database in WAL mode.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// How long one process waits for another's write.
const BUSY: Duration = Duration::from_secs(10);

pub(super) static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");

/// The path in a `sqlite:` URL (or a bare path).
pub(super) fn path_of(url: &str) -> Result<PathBuf> {
    let path = url.strip_prefix("sqlite:").map_or(url, |rest| rest.strip_prefix("//").unwrap_or(rest));
    if path.is_empty() || path.contains(":memory:") || path.contains('?') {
        return Err(StoreError::Internal(format!("{url:?} names no database file: write sqlite:PATH")));
    }
    Ok(path.into())
}

fn common(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        // A page of messages passes to its reader without waiting in between.
        .row_buffer_size(256)
        .disable_statement_logging()
}

/// For the one connection that writes.
pub(super) fn writing(path: &Path) -> SqliteConnectOptions {
    common(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // KiB when negative: small caches, since the operating system keeps the file's pages as well.
        .pragma("cache_size", "-2048")
        // Pages of 4 KiB, as many as the limit below: what many commits change comes to the file once. With the usual 1,000
        // that was every third commit of a hundred messages.
        .pragma("wal_autocheckpoint", "4096")
        // A log that is longer is cut when it begins anew. It is not, as a rule: what is written over what was there needs no
        // new room in the file, and its length need not be made durable.
        .pragma("journal_size_limit", "33554432")
        // What a statement would put back if it failed half way: else a file is made, filled and thrown away for each.
        .pragma("temp_store", "MEMORY")
}

/// For those that read.
pub(super) fn reading(path: &Path) -> SqliteConnectOptions {
    common(path).read_only(true).pragma("cache_size", "-1024")
}

/// Makes the file what this program expects, however many processes begin at once.
pub(super) async fn prepare(path: &Path) -> Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| {
            StoreError::Unavailable(format!("cannot make the folder {folder:?}: {error}"))
        })?;
    }
    keep_to_oneself(path)
        .map_err(|error| StoreError::Unavailable(format!("cannot open the database {path:?}: {error}")))?;
    let mut connection = first_connection(path).await?;
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut connection).await?;
    if !is_recent(&version) {
        return Err(StoreError::Internal(format!(
            "SQLite {version} is too old: it must be {OLDEST_SQLITE:?} or newer"
        )));
    }
    migrate(&mut connection).await?;
    connection.close().await.map_err(StoreError::from)
}

/// Nobody else on this machine may read what is said. The files beside it get the same rights from SQLite; those that
/// were there before get them here.
#[cfg(unix)]
fn keep_to_oneself(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    for beside in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(beside);
        let Ok(there) = std::fs::metadata(&file) else { continue };
        if there.permissions().mode() & 0o077 != 0 {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_to_oneself(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Turning the log on needs the file for oneself for a moment, and SQLite does not wait for that by itself.
async fn first_connection(path: &Path) -> Result<SqliteConnection> {
    let mut tries = 0;
    loop {
        // A migration may sort all there is: that is for a file.
        match writing(path).pragma("temp_store", "DEFAULT").connect().await {
            Err(error) if super::errors::is_busy(&error) && tries < 100 => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            other => return other.map_err(StoreError::from),
        }
    }
}

/// All of it in one transaction that writes from its beginning: of several processes one migrates and the others then
/// find it done, and a process that dies in the middle leaves nothing.
async fn migrate(connection: &mut SqliteConnection) -> Result<()> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    MIGRATOR
        .run_direct(None, &mut *transaction, false)
        .await
        .map_err(|error| StoreError::Internal(format!("migrating the database: {error}")))?;
    transaction.commit().await.map_err(StoreError::from)
}

fn is_recent(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) >= OLDEST_SQLITE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        for (version, recent) in
            [("3.51.3", true), ("3.52.0", true), ("4.0.0", true), ("3.51.2", false), ("3.9.9", false)]
        {
            assert_eq!(is_recent(version), recent, "{version}");
        }
    }

    #[test]
    fn a_url_names_a_file() {
        for (url, path) in [
            ("sqlite:rapport.db", "rapport.db"),
            ("sqlite:///var/lib/rapport.db", "/var/lib/rapport.db"),
            ("sqlite://data/rapport.db", "data/rapport.db"),
            ("/srv/rapport.db", "/srv/rapport.db"),
        ] {
            assert_eq!(path_of(url).unwrap(), PathBuf::from(path));
        }
        for url in ["sqlite:", "sqlite::memory:", "sqlite:a.db?mode=ro", ""] {
            assert!(path_of(url).is_err(), "{url}");
        }
    }
}
