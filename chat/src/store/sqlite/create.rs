//! Creates the database file: complete, or not at all.

use super::open::{self, with_suffix};
use crate::store::error::{Result, StoreError};
use sqlx::Connection as _;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Length of the header of a SQLite database, in bytes. SQLite takes a file of a single byte for an empty database.
const HEADER: u64 = 100;

/// Creates the file if it is missing, with all migrations. It gets its name when it is complete, so that an empty file is
/// never one that is being created. Several processes may do so at once: one of their files is used.
pub(super) async fn create_if_missing(path: &Path) -> Result<()> {
    if is_there(path)? {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(at(folder))?;
    let fresh = temporary_name(path);
    let created = async {
        // SQLite keeps the permissions of an existing file.
        open::create_private(&fresh).map_err(at(&fresh))?;
        let connection = open::migrated(&fresh).await?;
        // The last connection moves the log into the file, and deletes it.
        connection.close().await?;
        publish(&fresh, path, folder)
    };
    let created = created.await;
    for beside in ["", "-wal", "-shm"] {
        // The error of the creation is the one to report.
        let _ = fs::remove_file(with_suffix(&fresh, beside));
    }
    created
}

/// Whether there is a database, which may be damaged.
///
/// # Errors
/// The file is empty or too short for a database, or a symbolic link to nothing. Or it is missing, and its log is there: the log may
/// hold messages, and SQLite would delete it beside a new file.
pub(super) fn is_there(path: &Path) -> Result<bool> {
    match fs::metadata(path) {
        Ok(file) if file.is_file() && file.len() == 0 => Err(StoreError::Unsupported(format!(
            "{} is empty, and should be the database: restore a backup, or remove this file to begin a new installation",
            path.display()
        ))),
        Ok(file) if file.is_file() && file.len() < HEADER => Err(StoreError::Unsupported(format!(
            "{} is cut off, and should be the database: restore a backup, or remove this file to begin a new installation",
            path.display()
        ))),
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => match fs::read_link(path) {
            Ok(target) => Err(StoreError::Unsupported(format!(
                "{} is a symbolic link to {}, which does not exist",
                path.display(),
                target.display()
            ))),
            Err(_) => match fs::metadata(with_suffix(path, "-wal")) {
                // Another process may have created both meanwhile.
                Ok(_) if path.exists() => Ok(true),
                Ok(log) if log.len() > 0 => Err(StoreError::Unsupported(format!(
                    "{} is missing, but its log {} is there: put the database back, or remove the log to begin a new installation",
                    path.display(),
                    with_suffix(path, "-wal").display()
                ))),
                _ => Ok(false),
            },
        },
        Err(error) => Err(at(path)(error)),
    }
}

/// Gives the complete file its name, unless another process was faster.
fn publish(fresh: &Path, path: &Path, folder: &Path) -> Result<()> {
    File::open(fresh).and_then(|file| file.sync_all()).map_err(at(fresh))?;
    match fs::hard_link(fresh, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => is_there(path).map(|_| ()),
        // Some file systems have no links.
        Err(_) if !path.exists() => {
            fs::rename(fresh, path).and_then(|()| File::open(folder)?.sync_all()).map_err(at(path))
        }
        linked => linked.and_then(|()| File::open(folder)?.sync_all()).map_err(at(path)),
    }
}

fn temporary_name(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    with_suffix(path, &format!("-new-{}-{count}", std::process::id()))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> StoreError + '_ {
    move |error| StoreError::Unavailable(format!("cannot open the database {}: {error}", path.display()))
}
