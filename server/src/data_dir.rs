//! The data directory: its lock, and the files in it.

use crate::file_lock::{FileLock, FileLockError};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// An error of the data directory, as a message for the operator.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another server has locked the directory or its database.
    #[error(
        "another server is running on {}{}: stop it, or give this one its own data folder with --data",
        place.display(),
        holder.map(|id| format!(" (process {id})")).unwrap_or_default()
    )]
    InUse {
        /// The directory, or the file of the database.
        place: PathBuf,
        /// The id of the other process, if it is known.
        holder: Option<u32>,
    },
    /// It cannot be created, read or written.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// The file with the secret is too short.
    #[error("{0}: the secret is too short: it needs at least 32 bytes")]
    BadSecret(PathBuf),
}

/// Creates the directory if it is missing, with access for its owner alone.
///
/// # Errors
/// It cannot be created.
pub(crate) fn create(folder: &Path) -> Result<(), DataDirError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| DataDirError::Io(folder.into(), error))
}

/// Path of the database in the directory.
pub(crate) fn database_path(folder: &Path) -> PathBuf {
    folder.join("rapport.db")
}

/// Locks the directory for this server. The kernel releases the lock when the process ends, however it ends.
///
/// # Errors
/// Another server has locked it.
pub(crate) fn lock(folder: &Path) -> Result<FileLock, DataDirError> {
    let path = folder.join("lock");
    FileLock::exclusive(&path).map_err(in_use(folder))
}

/// Locks the file of the database, which another server may know by another path or from another data directory.
///
/// # Errors
/// Another server has locked it.
pub(crate) fn lock_database(path: &Path) -> Result<FileLock, DataDirError> {
    FileLock::exclusive_existing(path).map_err(in_use(path))
}

fn in_use(place: &Path) -> impl FnOnce(FileLockError) -> DataDirError + '_ {
    move |error| match error {
        FileLockError::Held(holder) => DataDirError::InUse { place: place.into(), holder },
        FileLockError::Io(error) => DataDirError::Io(place.into(), error),
    }
}

/// Path of the secret in the directory.
pub(crate) fn secret_path(folder: &Path) -> PathBuf {
    folder.join("secret")
}

/// The secret of the directory; `None` if it is missing.
///
/// # Errors
/// It cannot be read, or is too short.
pub(crate) fn load_secret(folder: &Path) -> Result<Option<Vec<u8>>, DataDirError> {
    let path = secret_path(folder);
    match fs::read(&path) {
        Ok(secret) if secret.len() >= 32 => Ok(Some(secret)),
        Ok(_) => Err(DataDirError::BadSecret(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DataDirError::Io(path, error)),
    }
}

/// The secret of the directory, created if it is missing. Creation is atomic, so that another process never reads a part
/// of it.
///
/// # Errors
/// It cannot be read or written.
pub(crate) fn load_or_create_secret(folder: &Path) -> Result<Vec<u8>, DataDirError> {
    if let Some(secret) = load_secret(folder)? {
        return Ok(secret);
    }
    let path = secret_path(folder);
    let at = |error| DataDirError::Io(path.clone(), error);
    let text = generate_secret()?;
    let fresh = folder.join(format!("secret.{}", std::process::id()));
    let mut file =
        OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh).map_err(at)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(at)?;
    // The link fails if another process created the secret first; then that one is used.
    let linked = match fs::hard_link(&fresh, &path) {
        // Some file systems have no links.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists && !path.exists() => {
            fs::rename(&fresh, &path)
        }
        linked => linked,
    };
    let _ = fs::remove_file(&fresh);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(at(error)),
        _ => fs::read(&path).map_err(at),
    }
}

/// A random secret of 32 bytes, in hexadecimal digits.
///
/// # Errors
/// The system has no source of randomness.
pub(crate) fn generate_secret() -> Result<String, DataDirError> {
    let mut random = [0u8; 32];
    let filled = getrandom::fill(&mut random);
    filled.map_err(|error| DataDirError::Io("randomness".into(), io::Error::other(error)))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn r1_the_secret_is_created_once_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let first = load_or_create_secret(folder.path()).unwrap();
        assert_eq!(first.len(), 64);
        assert_eq!(load_or_create_secret(folder.path()).unwrap(), first);
        let mode = fs::metadata(folder.path().join("secret")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left lying about");
        fs::write(folder.path().join("secret"), "short").unwrap();
        assert!(matches!(load_or_create_secret(folder.path()), Err(DataDirError::BadSecret(_))));
    }

    #[test]
    fn r1_a_second_server_is_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let first = lock(folder.path()).unwrap();
        assert!(matches!(lock(folder.path()), Err(DataDirError::InUse { .. })));
        drop(first);
        assert!(lock(folder.path()).is_ok());
    }
}
