//! File operations of backups: private permissions, checksums, fsync.

use super::manifest::Entry;
use super::{BackupError, io_error};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Takes a new or empty directory for this user alone.
pub(super) fn claim_empty_dir(folder: &Path) -> Result<(), BackupError> {
    match fs::read_dir(folder) {
        Ok(mut inside) => match inside.next() {
            Some(_) => return Err(BackupError::NotEmpty(folder.into())),
            None => {
                fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(io_error(folder))?
            }
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => create_dir(folder)?,
        Err(error) => return Err(io_error(folder)(error)),
    }
    Ok(())
}

fn create_dir(folder: &Path) -> Result<(), BackupError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io_error(folder))
}

/// Creates a file that only its owner can read.
pub(super) fn create_file(path: &Path) -> Result<File, BackupError> {
    if let Some(folder) = path.parent() {
        create_dir(folder)?;
    }
    fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).map_err(io_error(path))
}

/// Copies a file, syncs the copy to disk, and returns its manifest entry.
pub(super) fn copy(from: &Path, to: &Path, name: &str) -> Result<Entry, BackupError> {
    let mut source = File::open(from).map_err(io_error(from))?;
    let mut target = create_file(to)?;
    let entry = read_through(&mut source, name, |part| target.write_all(part)).map_err(io_error(to))?;
    target.sync_all().map_err(io_error(to))?;
    Ok(entry)
}

/// The manifest entry of a file.
pub(super) fn entry_of(path: &Path, name: &str) -> Result<Entry, BackupError> {
    let mut file = File::open(path).map_err(io_error(path))?;
    read_through(&mut file, name, |_| Ok(())).map_err(io_error(path))
}

fn read_through(
    source: &mut File,
    name: &str,
    mut part: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<Entry> {
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let n = source.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        let read = buffer.get(..n).unwrap_or_default();
        digest.update(read);
        part(read)?;
        bytes += n as u64;
    }
    let sha256 = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Entry { path: name.into(), bytes, sha256 })
}

/// Syncs a directory and its subdirectories to disk.
pub(super) fn sync_dir(folder: &Path) -> Result<(), BackupError> {
    for inside in fs::read_dir(folder).map_err(io_error(folder))? {
        let inside = inside.map_err(io_error(folder))?;
        if inside.file_type().map_err(io_error(folder))?.is_dir() {
            sync_dir(&inside.path())?;
        }
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error(folder))
}

/// Lists all files below a directory, relative to it.
pub(super) fn list_files(folder: &Path, found: &mut Vec<String>, under: &str) -> Result<(), BackupError> {
    let inside = folder.join(under);
    for one in fs::read_dir(&inside).map_err(io_error(&inside))? {
        let one = one.map_err(io_error(&inside))?;
        let name = one.file_name();
        let name = name.to_str().ok_or_else(|| {
            io_error(&inside)(io::Error::other(format!("{} is no name in UTF-8", name.display())))
        })?;
        let name = if under.is_empty() { name.to_owned() } else { format!("{under}/{name}") };
        // Links are followed.
        match fs::metadata(one.path()) {
            Ok(what) if what.is_dir() => list_files(folder, found, &name)?,
            Ok(what) if what.is_file() => found.push(name),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(io_error(&one.path())(error)),
        }
    }
    Ok(())
}
