//! A temporary Postgres.

use crate::guard::{Guard, until};
use crate::{BoxError, free_port};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// The user to run as if this process is root, as which Postgres refuses to run. Debian's package creates it.
const USER: &str = "postgres";

/// A Postgres with its own data folder, with the durability of a production server.
#[derive(Debug)]
pub struct Postgres {
    folder: TempDir,
    port: u16,
    guard: Option<Guard>,
    databases: AtomicU32,
}

impl Postgres {
    /// Creates a database cluster and starts it.
    ///
    /// # Errors
    /// Postgres is not installed, or does not answer within 60 s.
    pub fn start() -> Result<Self, BoxError> {
        let folder = tempfile::tempdir()?;
        if user().is_some() {
            let owned = Command::new("chown").arg(USER).arg(folder.path()).status()?;
            if !owned.success() {
                return Err(format!("there is no user {USER} (on Debian: apt-get install postgresql)").into());
            }
        }
        let mut postgres = Self { folder, port: free_port()?, guard: None, databases: AtomicU32::new(0) };
        let made = postgres
            .tool("initdb")?
            .args(["--pgdata=data", "--username=rapport", "--auth=trust", "--encoding=UTF8", "--locale=C"])
            .arg("--no-sync")
            .output()?;
        if !made.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)).into());
        }
        postgres.resurrect()?;
        Ok(postgres)
    }

    /// Whether the program is installed.
    #[must_use]
    pub fn installed() -> bool {
        programs().is_some()
    }

    /// Creates an empty database; returns its `postgres://` URL.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn database(&self) -> Result<String, BoxError> {
        let name = format!("rapport{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.ask("postgres", &format!("create database {name}"))?;
        Ok(format!("postgres://rapport@127.0.0.1:{}/{name}", self.port))
    }

    /// The port, for a proxy.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The id of its first process, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.guard.as_ref().map(Guard::server)
    }

    /// `kill -9` of the first process; the others end when they notice.
    ///
    /// # Errors
    /// It does not run.
    pub fn kill(&mut self) -> Result<(), BoxError> {
        self.guard.take().ok_or("Postgres does not run")?.signal("KILL")
    }

    /// Starts it (again) on the same data and port.
    ///
    /// # Errors
    /// It does not answer within 60 s.
    pub fn resurrect(&mut self) -> Result<(), BoxError> {
        let program = programs().ok_or(ABSENT)?.join("postgres");
        let command = [
            program.to_string_lossy().into_owned(),
            "-D".to_owned(),
            "data".to_owned(),
            format!("-cport={}", self.port),
            "-clisten_addresses=127.0.0.1".to_owned(),
            "-cunix_socket_directories=".to_owned(),
            "-cmax_connections=200".to_owned(),
            "-cshared_buffers=32MB".to_owned(),
        ];
        // It does not start while processes of a killed one still run.
        let answers = until(Duration::from_secs(60), || {
            let running = self.guard.as_ref().is_some_and(|guard| {
                Path::new(&format!("/proc/{}/exe", guard.server())).symlink_metadata().is_ok()
                    && !zombie(guard.server())
            });
            if !running {
                self.guard = Guard::start(self.folder.path(), user(), "INT", &command).ok();
            }
            std::thread::sleep(Duration::from_millis(80));
            self.ask("postgres", "select 1").is_ok()
        });
        if answers {
            return Ok(());
        }
        let log = std::fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default();
        Err(format!("Postgres does not answer: {log}").into())
    }

    /// `SIGSTOP` to all of its processes: connections are open, and nothing is answered.
    ///
    /// # Errors
    /// It does not run.
    pub fn pause(&self) -> Result<(), BoxError> {
        self.each("STOP")
    }

    /// `SIGCONT` to all of its processes.
    ///
    /// # Errors
    /// It does not run.
    pub fn resume(&self) -> Result<(), BoxError> {
        self.each("CONT")
    }

    /// Runs one statement by `psql`; returns its output, without headings.
    ///
    /// # Errors
    /// The server does not answer, or refuses.
    pub fn ask(&self, database: &str, statement: &str) -> Result<String, BoxError> {
        let run = self
            .tool("psql")?
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--host=127.0.0.1"])
            .args([&format!("--port={}", self.port), "--username=rapport"])
            .args([&format!("--dbname={database}"), &format!("--command={statement}")])
            .env("PGCONNECT_TIMEOUT", "2")
            .output()?;
        if run.status.success() {
            Ok(String::from_utf8_lossy(&run.stdout).trim().to_owned())
        } else {
            Err(String::from_utf8_lossy(&run.stderr).into())
        }
    }

    fn each(&self, signal: &str) -> Result<(), BoxError> {
        let guard = self.guard.as_ref().ok_or("Postgres does not run")?;
        guard.signal(signal)?;
        // pkill fails if there is no child, which is not an error.
        let _ = Command::new("pkill")
            .args([&format!("-{signal}"), "-P", &guard.server().to_string()])
            .status()?;
        Ok(())
    }

    /// A program of Postgres, to run in the folder as the user of the server.
    fn tool(&self, name: &str) -> Result<Command, BoxError> {
        let program = programs().ok_or(ABSENT)?.join(name);
        let mut command = match user() {
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", user, "--regid", user, "--clear-groups"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.current_dir(self.folder.path());
        Ok(command)
    }
}

const ABSENT: &str = "Postgres is not installed (on Debian: apt-get install postgresql)";

/// The folder of the programs: the newest version of Debian's packages, else that of `initdb` in the `PATH`.
fn programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").ok().and_then(|versions| {
        versions
            .filter_map(|version| Some(version.ok()?.path().join("bin")))
            .filter(|bin| bin.join("initdb").exists())
            .max_by_key(|bin| {
                bin.parent().and_then(Path::file_name).and_then(|name| name.to_str()?.parse::<u32>().ok())
            })
    });
    debian.or_else(|| {
        std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| folder.join("initdb").exists())
    })
}

/// The user to run as, if it is not the current one.
fn user() -> Option<&'static str> {
    let root = Path::new("/proc/self").metadata().is_ok_and(|own| own.uid() == 0);
    root.then_some(USER)
}

/// Whether the process has ended and was not waited for.
fn zombie(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .ok()
        .and_then(|stat| Some(stat.rsplit_once(") ")?.1.starts_with('Z')))
        .unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use super::Postgres;

    #[test]
    fn postgres_lives_dies_and_comes_back() {
        let mut postgres = Postgres::start().expect("Postgres");
        assert!(postgres.database().expect("a database").starts_with("postgres://"));
        postgres.ask("rapport0", "create table kept as select 42 as answer").expect("a table");
        postgres.kill().expect("kill");
        postgres.resurrect().expect("resurrect");
        assert_eq!(postgres.ask("rapport0", "select answer from kept").expect("an answer"), "42");
        let pid = postgres.pid().expect("a process");
        drop(postgres);
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    }
}
