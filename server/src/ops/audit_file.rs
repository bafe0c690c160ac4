//! A file of its own for the audit log. Only its owner may read it. It may be moved away or emptied at any time (as
//! `logrotate` does, with `copytruncate` or without): the next line goes to where the path points then.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The file.
#[derive(Debug)]
pub(crate) struct AuditFile {
    path: PathBuf,
    open: Mutex<File>,
}

impl AuditFile {
    /// Opens it, and makes it where it is missing.
    ///
    /// # Errors
    /// It cannot be written to.
    pub(crate) fn open(path: PathBuf) -> io::Result<Self> {
        let open = Mutex::new(opened(&path)?);
        Ok(Self { path, open })
    }

    /// The file that the path points to now. There are few lines, so looking each time costs nothing.
    fn now(&self) -> io::Result<MutexGuard<'_, File>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |there: &Metadata, here: &Metadata| (there.dev(), there.ino()) == (here.dev(), here.ino());
        match std::fs::metadata(&self.path) {
            Ok(there) if same(&there, &open.metadata()?) => {}
            _ => *open = opened(&self.path)?,
        }
        Ok(open)
    }
}

fn opened(path: &std::path::Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

impl Write for &AuditFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.now()?.write(line)
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
    fn r5_the_file_is_nobody_elses_and_may_be_rotated() {
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
