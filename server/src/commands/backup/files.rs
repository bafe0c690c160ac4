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
            None => restrict(folder),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => create_dir(folder)?,
        Err(error) => return Err(io_error(folder)(error)),
    }
    Ok(())
}

/// Deletes what a failed backup or restore wrote: everything in the directory, which was empty, and the directory if it is new. What cannot be
/// deleted stays visible; the original error is reported.
pub(super) fn clear(into: &Path, was_there: bool) {
    if !was_there {
        let _ = fs::remove_dir_all(into);
        return;
    }
    for inside in fs::read_dir(into).into_iter().flatten().flatten() {
        let path = inside.path();
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
}

/// Restricts an existing directory to its owner. A directory of another user, or on a disk without modes, stays as it is.
fn restrict(folder: &Path) {
    if let Err(error) = fs::set_permissions(folder, fs::Permissions::from_mode(0o700)) {
        eprintln!(
            "rapport: {}: its mode cannot be changed, so other users may be able to read it: {error}",
            folder.display()
        );
    }
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

/// Why a file was not copied.
#[derive(Debug)]
pub(super) enum CopyError {
    /// The source cannot be read.
    Source(io::Error),
    /// The copy cannot be written.
    Target(BackupError),
}

/// Copies a file, syncs the copy to disk, and returns its manifest entry. A failure leaves no copy.
pub(super) fn copy(from: &Path, to: &Path, name: &str) -> Result<Entry, CopyError> {
    let mut source = File::open(from).map_err(CopyError::Source)?;
    let mut target = create_file(to).map_err(CopyError::Target)?;
    let mut unwritten = None;
    let read = read_through(&mut source, name, |part| {
        target.write_all(part).map_err(|error| {
            let kind = error.kind();
            unwritten = Some(error);
            kind.into()
        })
    });
    let copied = match (read, unwritten) {
        (_, Some(error)) => Err(CopyError::Target(io_error(to)(error))),
        (Err(error), None) => Err(CopyError::Source(error)),
        (Ok(entry), None) => match target.sync_all() {
            Ok(()) => Ok(entry),
            Err(error) => Err(CopyError::Target(io_error(to)(error))),
        },
    };
    if copied.is_err() {
        // The error of the copy is the one to report.
        let _ = fs::remove_file(to);
    }
    copied
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

/// The files below a directory.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Paths relative to the directory, with slashes.
    pub(super) files: Vec<String>,
    /// Everything that cannot be copied, with the reason.
    pub(super) passed_over: Vec<PassedOver>,
}

/// A file or directory that is not part of a backup.
#[derive(Debug)]
pub(super) struct PassedOver {
    /// Path relative to the directory, for people.
    pub(super) name: String,
    pub(super) why: String,
}

/// Lists all files below a directory. Links are followed, except those that lead back to a directory above them.
pub(super) fn list_files(folder: &Path) -> Result<Listing, BackupError> {
    let mut listing = Listing::default();
    let inside = fs::read_dir(folder).map_err(io_error(folder))?;
    list_below(inside, "", &mut listing);
    Ok(listing)
}

fn list_below(inside: fs::ReadDir, under: &str, listing: &mut Listing) {
    for one in inside {
        let pass_over = |name: &str, why: &dyn std::fmt::Display| {
            let name = if under.is_empty() { name.to_owned() } else { format!("{under}/{name}") };
            PassedOver { name, why: why.to_string() }
        };
        let one = match one {
            Ok(one) => one,
            Err(error) => {
                listing.passed_over.push(pass_over("", &error));
                continue;
            }
        };
        let name = one.file_name();
        let Some(name) = name.to_str() else {
            listing.passed_over.push(pass_over(&name.display().to_string(), &"its name is not in UTF-8"));
            continue;
        };
        let relative = if under.is_empty() { name.to_owned() } else { format!("{under}/{name}") };
        let path = one.path();
        match fs::metadata(&path) {
            // A directory of the file system itself, at the root of a disk.
            Ok(what) if what.is_dir() && name == "lost+found" => {
                listing.passed_over.push(pass_over(name, &"it belongs to the file system"));
            }
            Ok(what) if what.is_dir() && leads_back(&path) => {
                listing.passed_over.push(pass_over(name, &"it is a link to a folder above it"));
            }
            Ok(what) if what.is_dir() => match fs::read_dir(&path) {
                Ok(inside) => list_below(inside, &relative, listing),
                Err(error) => listing.passed_over.push(pass_over(name, &error)),
            },
            Ok(what) if what.is_file() => listing.files.push(relative),
            Ok(_) => listing.passed_over.push(pass_over(name, &"it is neither a file nor a folder")),
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => {
                listing.passed_over.push(pass_over(name, &"it is a link to nothing"));
            }
            // Removed since the directory was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => listing.passed_over.push(pass_over(name, &error)),
        }
    }
}

/// Whether a path is a symbolic link to a directory that it is in.
fn leads_back(path: &Path) -> bool {
    let is_link = fs::symlink_metadata(path).is_ok_and(|what| what.is_symlink());
    is_link
        && match (path.canonicalize(), path.parent().map(Path::canonicalize)) {
            (Ok(target), Some(Ok(folder))) => folder.starts_with(target),
            _ => false,
        }
}
