//! A running peer.

use bench::compare::fixture::Fixture;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The processes of a peer. Dropping it kills them.
pub(crate) struct Subject {
    child: Child,
    pub(crate) address: String,
    pub(crate) fixture: Fixture,
}

impl Subject {
    /// Installs the peer if necessary, and starts it; `None`, with a message, if it cannot be installed.
    pub(crate) fn start(peer: &str) -> Option<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers").join(peer);
        fs::create_dir_all(&folder).unwrap();
        let (out, log) = (folder.join("fixture.json"), folder.join("log"));
        let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(peer).join("run");
        let mut child = Command::new(run)
            .arg(&folder)
            .arg("0")
            .envs([("USERS", "12"), ("ROOM", "5"), ("PAIRS", "3")])
            .env("FIXTURE_OUT", &out)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line.is_empty() {
            let status = child.wait().unwrap();
            let words = fs::read_to_string(log).unwrap();
            assert_eq!(status.code(), Some(75), "{words}");
            // Written past the test harness, which hides the output of tests that pass.
            std::io::stderr().write_all(format!("SKIPPED: {}\n", words.trim()).as_bytes()).unwrap();
            return None;
        }
        let address = line.trim().strip_prefix("listening on http://").expect(&line).to_owned();
        let fixture = serde_json::from_slice(&fs::read(out).unwrap()).unwrap();
        Some(Self { child, address, fixture })
    }

    /// Sends a signal to all of its processes.
    pub(crate) fn signal(&self, name: &str) {
        assert!(kill(name, &format!("-{}", self.child.id())), "there are none");
    }

    /// SIGTERM to the first process ends all.
    pub(crate) fn ends(mut self) {
        let group = format!("-{}", self.child.id());
        assert!(kill("TERM", &self.child.id().to_string()));
        let begun = Instant::now();
        while self.child.try_wait().unwrap().is_none() || kill("0", &group) {
            assert!(begun.elapsed() < Duration::from_secs(30), "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            kill("KILL", &format!("-{}", self.child.id()));
            let _ = self.child.wait();
        }
    }
}

/// Whether a process received it.
fn kill(signal: &str, whom: &str) -> bool {
    let mut command = Command::new("kill");
    command.arg(format!("-{signal}")).args(["--", whom]).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
