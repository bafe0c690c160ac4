//! Servers whose owner is killed, and so drops nothing.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use test_servers::BoxError;

/// Starts the server in an empty temporary folder, kills its owner, and waits until its own folder is deleted.
fn leaves_no_files(server: &str) -> Result<(), BoxError> {
    let temporary = tempfile::tempdir()?;
    // As /tmp: Postgres runs as another user.
    std::fs::set_permissions(temporary.path(), std::fs::Permissions::from_mode(0o1777))?;
    let mut owner = Command::new(env!("CARGO_BIN_EXE_test-servers"))
        .arg(server)
        .env("TMPDIR", temporary.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut url = String::new();
    BufReader::new(owner.stdout.take().ok_or("no output")?).read_line(&mut url)?;
    assert!(url.contains(server), "{url}");
    assert_eq!(entries(temporary.path())?, 1);
    owner.kill()?;
    owner.wait()?;
    let began = Instant::now();
    while entries(temporary.path())? > 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "the folder is still there");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn entries(folder: &Path) -> std::io::Result<usize> {
    Ok(folder.read_dir()?.count())
}

#[test]
fn postgres_leaves_no_files_behind_a_killed_owner() -> Result<(), BoxError> {
    leaves_no_files("postgres")
}

#[test]
fn redis_leaves_no_files_behind_a_killed_owner() -> Result<(), BoxError> {
    leaves_no_files("redis")
}
