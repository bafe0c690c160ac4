//! The program as a process.

use super::{PATIENCE, Person};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};

/// A running program.
pub(crate) struct Program {
    child: Child,
    /// The address that it printed.
    pub(crate) url: String,
    /// Its own folder, if it has one.
    home: Option<tempfile::TempDir>,
    /// The folder of its assets, if it has one.
    _site: Option<tempfile::TempDir>,
}

/// Pseudo setting: the address to listen on. It is not passed to the server.
pub(crate) const LISTEN: &str = "TEST_LISTEN";

/// Exit code and output of a program.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

fn command(at: &Path, data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
    command.current_dir(at).args(arguments).env_clear().env("RAPPORT_DATA", data);
    command.env("RAPPORT_LIMITS__ADDABLE_BY", "everyone");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

impl Program {
    /// Runs to its end, with this standard input.
    pub(crate) async fn run(at: &Path, data: &Path, arguments: &[&str], input: &str) -> Ended {
        Self::run_within(PATIENCE, at, data, arguments, input).await
    }

    /// Like [`Self::run`], with another timeout.
    pub(crate) async fn run_within(
        time: Duration,
        at: &Path,
        data: &Path,
        arguments: &[&str],
        input: &str,
    ) -> Ended {
        let mut child = command(at, data, arguments).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // It may end without reading.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let ended = tokio::time::timeout(time, child.wait_with_output()).await.expect("an end").unwrap();
        Ended {
            code: ended.status.code(),
            out: String::from_utf8(ended.stdout).unwrap(),
            err: String::from_utf8(ended.stderr).unwrap(),
        }
    }

    /// Starts a server, and waits until it prints that it listens.
    pub(crate) async fn serve(at: &Path, data: &Path, listen: &str) -> Self {
        let mut command = command(at, data, &["serve", "--listen", listen]);
        Self::started(command.stderr(Stdio::null()), None).await
    }

    /// Starts a demonstration whose temporary folder is in this one.
    pub(crate) async fn demo(temporary: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
        command.args(["serve", "--demo", "--listen", "127.0.0.1:0"]).current_dir(temporary).env_clear();
        command.env("TMPDIR", temporary).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        Self::started(command.kill_on_drop(true), None).await
    }

    /// Starts a server in its own folder, with these settings (`RAPPORT_…`).
    pub(crate) async fn alone(settings: &[(&str, &str)]) -> Self {
        Self::alone_under(&[], settings).await
    }

    /// Like [`Self::alone`], with a small site.
    pub(crate) async fn with_site(settings: &[(&str, &str)]) -> Self {
        let site = tempfile::tempdir().unwrap();
        let pkg = site.path().join("pkg");
        std::fs::create_dir(&pkg).unwrap();
        for name in ["rapport.Zm9v.css", "rapport.Zm9v.js", "rapport.Zm9v.wasm"] {
            std::fs::write(pkg.join(name), "x".repeat(50_000)).unwrap();
        }
        let root = site.path().to_str().unwrap().to_owned();
        let settings: Vec<_> =
            settings.iter().copied().chain([("LEPTOS_SITE_ROOT", root.as_str())]).collect();
        Self { _site: Some(site), ..Self::alone(&settings).await }
    }

    /// Like [`Self::alone`], started through this other program.
    pub(crate) async fn alone_under(other: &[&str], settings: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let rapport = env!("CARGO_BIN_EXE_rapport");
        let asked = settings.iter().find(|(name, _)| *name == LISTEN);
        let listen = asked.map_or("127.0.0.1:0", |(_, listen)| *listen);
        let words: Vec<_> = other.iter().copied().chain([rapport, "serve", "--listen", listen]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).current_dir(home.path()).env_clear();
        command.env("RAPPORT_DATA", home.path().join("data"));
        command.env("RAPPORT_LIMITS__ADDABLE_BY", "everyone").envs(settings.iter().copied());
        for limit in ["REGISTRATIONS_PER_HOUR", "SIGN_INS_PER_MINUTE"] {
            command.env(format!("RAPPORT_LIMITS__{limit}"), "100000");
        }
        let log = std::fs::File::create(home.path().join("log")).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
        Self::started(&mut command, Some(home)).await
    }

    async fn started(command: &mut Command, home: Option<tempfile::TempDir>) -> Self {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line =
            tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("its line").unwrap().unwrap();
        let url = line.strip_prefix("Rapport is listening on ").expect("the line").to_owned();
        Self { child, url, home, _site: None }
    }

    /// Creates an account, and signs in by the API.
    pub(crate) async fn register(&self, name: &str) -> Person {
        Person::register(&reqwest::Client::new(), &self.url, name).await
    }

    /// `127.0.0.1:port`.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Its data folder. Only of a server in its own folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.home.as_ref().expect("a folder of its own").path().join("data")
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Its log. Only of a server in its own folder.
    pub(crate) fn log(&self) -> String {
        let home = self.home.as_ref().expect("a folder of its own");
        std::fs::read_to_string(home.path().join("log")).unwrap()
    }

    /// Its anonymous memory, in KiB, without mapped files.
    pub(crate) fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Number of its open file descriptors.
    pub(crate) fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id().unwrap())).unwrap().count()
    }

    /// The number of its open sockets.
    pub(crate) fn open_sockets(&self) -> usize {
        let files = std::fs::read_dir(format!("/proc/{}/fd", self.child.id().unwrap())).unwrap();
        let targets = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
        targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
    }

    /// Sends `SIGTERM`, waits for the end, and returns the exit code.
    pub(crate) async fn terminates(self) -> Option<i32> {
        self.ends_by("-TERM").await
    }

    /// Like [`Self::terminates`], with another signal.
    pub(crate) async fn ends_by(mut self, signal: &str) -> Option<i32> {
        let pid = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().await.unwrap().success());
        self.ends().await
    }

    /// Waits until it ends by itself, and returns the exit code.
    pub(crate) async fn ends(&mut self) -> Option<i32> {
        let ended = tokio::time::timeout(std::time::Duration::from_secs(10), self.child.wait()).await;
        ended.expect("an end within ten seconds").unwrap().code()
    }
}

/// An answer over a Unix socket: its status line.
pub(crate) async fn asked_over(socket: &PathBuf, path: &str) -> String {
    let mut stream = tokio::net::UnixStream::connect(socket).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}
