//! The data folder: one server at a time, and a secret that is made at the first start.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// What went wrong with the folder, in words.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A server runs on it already.
    #[error(
        "another server is running on the data folder {0}: stop it, or give this one its own with --data"
    )]
    InUse(PathBuf),
    /// It cannot be made, read or written.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// Its secret is not one.
    #[error("{0}: this is no secret of ours: it needs 32 bytes or more")]
    BadSecret(PathBuf),
}

/// Keeps other servers off the folder while it lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// Makes the folder if it is not there; only its owner may look inside.
///
/// # Errors
/// It cannot be made.
pub(crate) fn make(folder: &Path) -> Result<(), DataError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| DataError::Io(folder.into(), error))
}

/// Takes the folder for this server. The lock is the kernel's: it goes with the process, however that ends.
///
/// # Errors
/// Another server has it.
pub(crate) fn lock(folder: &Path) -> Result<Lock, DataError> {
    let path = folder.join("lock");
    let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
    let file = opened.map_err(|error| DataError::Io(path.clone(), error))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(DataError::InUse(folder.into())),
        Err(TryLockError::Error(error)) => Err(DataError::Io(path, error)),
    }
}

/// The secret of the folder, made if there is none. It appears whole or not at all, so that a program beside the
/// server never reads half of one.
///
/// # Errors
/// It cannot be read or written.
pub(crate) fn secret(folder: &Path) -> Result<Vec<u8>, DataError> {
    let path = folder.join("secret");
    let at = |error| DataError::Io(path.clone(), error);
    match fs::read(&path) {
        Ok(secret) if secret.len() >= 32 => return Ok(secret),
        Ok(_) => return Err(DataError::BadSecret(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(at(error)),
    }
    let text = random()?;
    let fresh = folder.join(format!("secret.{}", std::process::id()));
    let mut file =
        OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh).map_err(at)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(at)?;
    // A link fails when the name is taken: whoever came first has made the secret for both.
    let linked = fs::hard_link(&fresh, &path);
    let _ = fs::remove_file(&fresh);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(at(error)),
        _ => fs::read(&path).map_err(at),
    }
}

/// A new secret.
///
/// # Errors
/// The machine has no randomness.
pub(crate) fn random() -> Result<String, DataError> {
    let mut random = [0u8; 32];
    let filled = getrandom::fill(&mut random);
    filled.map_err(|error| DataError::Io("randomness".into(), io::Error::other(error)))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn r1_the_secret_is_made_once_and_is_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let first = secret(folder.path()).unwrap();
        assert_eq!(first.len(), 64);
        assert_eq!(secret(folder.path()).unwrap(), first);
        let mode = fs::metadata(folder.path().join("secret")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left lying about");
        fs::write(folder.path().join("secret"), "short").unwrap();
        assert!(matches!(secret(folder.path()), Err(DataError::BadSecret(_))));
    }

    #[test]
    fn r1_a_second_server_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let first = lock(folder.path()).unwrap();
        assert!(matches!(lock(folder.path()), Err(DataError::InUse(_))));
        drop(first);
        assert!(lock(folder.path()).is_ok());
    }
}
