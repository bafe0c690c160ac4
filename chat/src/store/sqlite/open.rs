//! Opens the file: settings, version, migrations.

use super::shared_sql::person_words;
use crate::store::error::{Result, StoreError, is_busy};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The oldest version without the bug that can corrupt a database in WAL mode.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// How long one process waits for the write lock of another.
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
        // SQLite's thread does not wait for the reader within a page of messages.
        .row_buffer_size(256)
        .disable_statement_logging()
}

/// Settings of the write connection.
pub(super) fn writing(path: &Path) -> SqliteConnectOptions {
    common(path)
        // Not even if the file vanishes while a server runs: only `create.rs` creates it.
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // Negative: KiB. A small cache, since the operating system caches the file as well.
        .pragma("cache_size", "-2048")
        // In pages of 4 KiB. With the default of 1,000 every third commit of a hundred messages was followed by a checkpoint.
        .pragma("wal_autocheckpoint", "4096")
        // In bytes. A longer log is truncated after a checkpoint; a shorter one is overwritten, which needs no new blocks and no
        // sync of the file's length.
        .pragma("journal_size_limit", "33554432")
        // Deleted content is overwritten by zeros.
        .pragma("secure_delete", "ON")
        // Statement journals stay in memory, instead of in one temporary file for each statement.
        .pragma("temp_store", "MEMORY")
}

/// Settings of the read connections.
pub(super) fn reading(path: &Path) -> SqliteConnectOptions {
    common(path).read_only(true).pragma("cache_size", "-1024")
}

/// Applies migrations to an existing file, however many processes start at once.
pub(super) async fn prepare(path: &Path) -> Result<()> {
    restrict_permissions(path);
    migrated(path).await?.close().await.map_err(StoreError::from)
}

/// The first connection, after the migrations.
pub(super) async fn migrated(path: &Path) -> Result<SqliteConnection> {
    let mut connection = first_connection(path).await?;
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut connection).await?;
    if !is_recent(&version) {
        return Err(StoreError::Unsupported(format!(
            "SQLite {version} is too old: it must be {OLDEST_SQLITE:?} or newer"
        )));
    }
    migrate(&mut connection).await?;
    Ok(connection)
}

/// Creates an empty file that only its owner can read. SQLite creates the files beside it with the same permissions.
#[cfg(unix)]
pub(super) fn create_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).map(drop)
}

/// Restricts an existing database to its owner, as far as its disk allows. It opens no file: to close one would release the
/// locks of this process's connections.
#[cfg(unix)]
fn restrict_permissions(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    for beside in ["", "-wal", "-shm"] {
        let file = with_suffix(path, beside);
        let Ok(there) = std::fs::metadata(&file) else { continue };
        if there.permissions().mode() & 0o077 == 0 {
            continue;
        }
        if let Err(error) = std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)) {
            tracing::warn!(file = %file.display(), cause = %error, "other users may read the database");
        }
    }
}

#[cfg(not(unix))]
pub(super) fn create_private(path: &Path) -> std::io::Result<()> {
    std::fs::OpenOptions::new().create_new(true).write(true).open(path).map(drop)
}

#[cfg(not(unix))]
fn restrict_permissions(_: &Path) {}

/// Opens the first connection. Switching to WAL needs an exclusive lock for a moment, for which SQLite does not wait.
async fn first_connection(path: &Path) -> Result<SqliteConnection> {
    let mut tries = 0;
    loop {
        // A migration can sort whole tables, which need a temporary file.
        match writing(path).pragma("temp_store", "DEFAULT").connect().await {
            Err(error) if is_busy(&error) && tries < 100 => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            other => return other.map_err(StoreError::from),
        }
    }
}

/// Applies migrations in one write transaction: one of several processes does it while the others wait, and a process that dies
/// leaves nothing half done.
async fn migrate(connection: &mut SqliteConnection) -> Result<()> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    MIGRATOR.run_direct(None, &mut *transaction, false).await?;
    person_words::fold_outdated(&mut transaction).await?;
    transaction.commit().await.map_err(StoreError::from)
}

fn is_recent(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) >= OLDEST_SQLITE
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
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
