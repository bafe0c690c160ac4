//! The file of the audit log, readable by its owner only. It may be moved or truncated at any time, as `logrotate` does: the
//! next line is written to the file that the path then names.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A log file that is reopened after rotation.
#[derive(Debug)]
pub(crate) struct AuditFile {
    path: PathBuf,
    open: Mutex<File>,
}

impl AuditFile {
    /// Opens the file, and creates it if it is missing.
    ///
    /// # Errors
    /// The file cannot be opened for writing.
    pub(crate) fn open(path: PathBuf) -> io::Result<Self> {
        let open = Mutex::new(open_append(&path)?);
        Ok(Self { path, open })
    }

    /// The file that the path names now. Audit lines are rare, so a `stat` per line costs little.
    fn current(&self) -> io::Result<MutexGuard<'_, File>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |there: &Metadata, here: &Metadata| (there.dev(), there.ino()) == (here.dev(), here.ino());
        match std::fs::metadata(&self.path) {
            Ok(there) if same(&there, &open.metadata()?) => {}
            _ => *open = open_append(&self.path)?,
        }
        Ok(open)
    }
}

fn open_append(path: &std::path::Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

impl Write for &AuditFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.current()?.write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn r5_the_audit_file_is_private_and_may_be_rotated() {
        let folder = tempfile::tempdir().unwrap();
        let (path, old) = (folder.path().join("audit.log"), folder.path().join("audit.log.1"));
        let file = AuditFile::open(path.clone()).unwrap();
        let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
        (&file).write_all(b"one\n").unwrap();
        std::fs::rename(&path, &old).unwrap();
        (&file).write_all(b"two\n").unwrap();
        assert_eq!((read(&old), read(&path)), ("one\n".into(), "two\n".into()));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        // `copytruncate`.
        File::create(&path).unwrap();
        (&file).write_all(b"three\n").unwrap();
        assert_eq!(read(&path), "three\n");
        // A later start goes on where this one was.
        (&AuditFile::open(path.clone()).unwrap()).write_all(b"four\n").unwrap();
        assert_eq!(read(&path), "three\nfour\n");
        assert!(AuditFile::open(folder.path().join("nowhere/audit.log")).is_err());
    }
}
