//! Step that checks the data directory and its disk.

use super::report::Problem;
use crate::config::Config;
use chat::store::Postgres;
use std::path::{Path, PathBuf};

const MIB: u64 = 1024 * 1024;
/// Free space below which a warning or an error is reported, in bytes.
const LITTLE: u64 = 1024 * MIB;
const NOTHING: u64 = 64 * MIB;

/// Checks that the directory of the database is writable and has free space.
pub(super) async fn room(config: &Config) -> Result<(), Problem> {
    let folder = folder(config);
    let trying = folder.join(format!(".check-{}", std::process::id()));
    let written = std::fs::write(&trying, b"x").and_then(|()| std::fs::remove_file(&trying));
    written.map_err(|error| unwritable(&folder, &error))?;
    match rustix::fs::statvfs(&folder) {
        Ok(disk) => enough(&folder, disk.f_bavail.saturating_mul(disk.f_frsize)),
        Err(error) => Err(unwritable(&folder, &error.into())),
    }
}

/// The directory of the database.
fn folder(config: &Config) -> PathBuf {
    let file = config.database_url.as_deref().filter(|url| !Postgres::is_url(url));
    let path = file.map(|url| url.trim_start_matches("sqlite:").trim_start_matches("//"));
    let parent =
        path.and_then(|path| Path::new(path).parent()).filter(|parent| !parent.as_os_str().is_empty());
    parent.map_or_else(|| config.data.clone(), Path::to_path_buf)
}

fn unwritable(folder: &Path, error: &std::io::Error) -> Problem {
    let folder = folder.display();
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => {
            "there is no such folder: run this command on the server's machine, with the server's RAPPORT_DATA"
        }
        std::io::ErrorKind::StorageFull => "the disk is full",
        _ => "it belongs to another user, or its disk is read-only",
    };
    Problem::new(format!("{folder}: {error}"), why)
        .change(format!("chown -R rapport: {folder}, or run this command as the owner of {folder}"))
        .change("set RAPPORT_DATA (or --data) to the folder of the server")
}

fn enough(folder: &Path, free: u64) -> Result<(), Problem> {
    if free >= LITTLE {
        return Ok(());
    }
    let what = format!("{} has {} MiB left", folder.display(), free / MIB);
    let wrong = Problem::new(what, "the disk is nearly full; messages cannot be stored on a full disk")
        .change("set RAPPORT_DATA to a folder on a larger disk (stop the server, move the folder, start the server)");
    Err(if free < NOTHING { wrong } else { wrong.warning() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r3_a_disk_is_reported_before_it_is_full() {
        let told = |free| format!("{:?}", enough(Path::new("/data"), free));
        assert!(told(LITTLE).starts_with("Ok"));
        assert!(told(500 * MIB).contains("500 MiB left") && told(500 * MIB).contains("warning: true"));
        assert!(told(MIB).contains("warning: false"));
    }
}
