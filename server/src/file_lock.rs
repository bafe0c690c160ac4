//! Advisory locks of files (`flock`), which the kernel releases when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::mem::ManuallyDrop;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

/// A file with a lock, which is released when this is dropped.
///
/// The descriptor stays open until the process ends. To close one of a SQLite database would also release the locks that
/// SQLite holds on the file: POSIX drops all locks of a process with any descriptor of the file. `flock` is independent of them.
#[derive(Debug)]
pub(crate) struct FileLock {
    file: ManuallyDrop<File>,
}

/// Why a file cannot be locked.
#[derive(Debug)]
pub(crate) enum FileLockError {
    /// Another process has locked it; its id, if it is known.
    Held(Option<u32>),
    /// The file cannot be opened.
    Io(io::Error),
}

impl FileLock {
    /// Locks a file for this process alone, without waiting. Creates the file if it is missing.
    pub(crate) fn exclusive(path: &Path) -> Result<Self, FileLockError> {
        Self::locked(open(path, true)?)
    }

    /// Like [`Self::exclusive`], for a file that exists.
    pub(crate) fn exclusive_existing(path: &Path) -> Result<Self, FileLockError> {
        Self::locked(open(path, false)?)
    }

    /// Locks a file together with other processes that share it. Waits for an exclusive lock to end.
    pub(crate) fn shared(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
        file.lock_shared()?;
        Ok(Self { file: ManuallyDrop::new(file) })
    }

    fn locked(file: File) -> Result<Self, FileLockError> {
        match file.try_lock() {
            Ok(()) => Ok(Self { file: ManuallyDrop::new(file) }),
            Err(TryLockError::WouldBlock) => {
                let holder = holder(&file);
                // It may be a database that this process has open.
                let _ = ManuallyDrop::new(file);
                Err(FileLockError::Held(holder))
            }
            Err(TryLockError::Error(error)) => Err(FileLockError::Io(error)),
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Fails only for an invalid descriptor.
        let _ = self.file.unlock();
    }
}

fn open(path: &Path, create: bool) -> Result<File, FileLockError> {
    let opened =
        OpenOptions::new().create(create).truncate(false).read(true).write(true).mode(0o600).open(path);
    opened.map_err(FileLockError::Io)
}

/// The process that holds the lock, by Linux's list of locks. Unknown elsewhere, and across containers.
fn holder(file: &File) -> Option<u32> {
    let file = file.metadata().ok()?;
    let (major, minor) = (rustix::fs::major(file.dev()), rustix::fs::minor(file.dev()));
    let id = format!("{major:02x}:{minor:02x}:{}", file.ino());
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    // 1: FLOCK  ADVISORY  WRITE 4711 fd:00:131090 0 EOF
    locks.lines().find_map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        match words[..] {
            [_, "FLOCK", _, _, process, of, ..] if of == id => process.parse().ok().filter(|id| *id > 0),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v28_a_lock_holds_for_every_path_of_a_file_and_names_its_process() {
        let folder = tempfile::tempdir().unwrap();
        let [path, link, hard] = ["file", "link", "hard"].map(|name| folder.path().join(name));
        let held = FileLock::exclusive(&path).unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        std::fs::hard_link(&path, &hard).unwrap();
        for other in [&path, &link, &hard] {
            let Err(FileLockError::Held(holder)) = FileLock::exclusive_existing(other) else {
                panic!("{other:?}")
            };
            assert!(holder.is_none_or(|holder| holder == std::process::id()), "{holder:?}");
        }
        drop(held);
        let shared = [FileLock::shared(&path).unwrap(), FileLock::shared(&hard).unwrap()];
        assert!(matches!(FileLock::exclusive(&link), Err(FileLockError::Held(_))));
        drop(shared);
        assert!(FileLock::exclusive(&link).is_ok());
    }
}
