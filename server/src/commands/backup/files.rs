//! Files that nobody else may read, and that are on the disk when we say so.

use super::manifest::Entry;
use super::{BackupError, at};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// A folder of our own, new or empty.
pub(super) fn take(folder: &Path) -> Result<(), BackupError> {
    match fs::read_dir(folder) {
        Ok(mut inside) => match inside.next() {
            Some(_) => return Err(BackupError::NotEmpty(folder.into())),
            None => fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(at(folder))?,
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(folder)?,
        Err(error) => return Err(at(folder)(error)),
    }
    Ok(())
}

fn make(folder: &Path) -> Result<(), BackupError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))
}

/// A new file, to be read by its owner alone.
pub(super) fn create(path: &Path) -> Result<File, BackupError> {
    if let Some(folder) = path.parent() {
        make(folder)?;
    }
    fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).map_err(at(path))
}

/// Copies it to a new file and to the disk, and says what it was.
pub(super) fn copy(from: &Path, to: &Path, name: &str) -> Result<Entry, BackupError> {
    let mut source = File::open(from).map_err(at(from))?;
    let mut target = create(to)?;
    let entry = read_through(&mut source, name, |part| target.write_all(part)).map_err(at(to))?;
    target.sync_all().map_err(at(to))?;
    Ok(entry)
}

/// What a file is now.
pub(super) fn entry(path: &Path, name: &str) -> Result<Entry, BackupError> {
    let mut file = File::open(path).map_err(at(path))?;
    read_through(&mut file, name, |_| Ok(())).map_err(at(path))
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

/// Brings the names in a folder, and in those below it, to the disk.
pub(super) fn sync(folder: &Path) -> Result<(), BackupError> {
    for inside in fs::read_dir(folder).map_err(at(folder))? {
        let inside = inside.map_err(at(folder))?;
        if inside.file_type().map_err(at(folder))?.is_dir() {
            sync(&inside.path())?;
        }
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}

/// Every file below a folder, by its name from there.
pub(super) fn below(folder: &Path, found: &mut Vec<String>, under: &str) -> Result<(), BackupError> {
    let inside = folder.join(under);
    for one in fs::read_dir(&inside).map_err(at(&inside))? {
        let one = one.map_err(at(&inside))?;
        let name = one.file_name();
        let name = name.to_str().ok_or_else(|| {
            at(&inside)(io::Error::other(format!("{} is no name in UTF-8", name.display())))
        })?;
        let name = if under.is_empty() { name.to_owned() } else { format!("{under}/{name}") };
        // What a link leads to belongs to the folder as well.
        match fs::metadata(one.path()) {
            Ok(what) if what.is_dir() => below(folder, found, &name)?,
            Ok(what) if what.is_file() => found.push(name),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(at(&one.path())(error)),
        }
    }
    Ok(())
}
