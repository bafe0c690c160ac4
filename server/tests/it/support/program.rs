//! The program itself, as a process.

use super::PATIENCE;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};

/// A running program.
pub(crate) struct Program {
    child: Child,
    /// What it said it listens on.
    pub(crate) url: String,
}

/// What a program that ended has left.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

fn command(at: &Path, data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
    command.current_dir(at).args(arguments).env_clear().env("RAPPORT_DATA", data);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

impl Program {
    /// Runs to its end, with this on its standard input.
    pub(crate) async fn run(at: &Path, data: &Path, arguments: &[&str], input: &str) -> Ended {
        let mut child = command(at, data, arguments).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // It may end without reading.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("an end").unwrap();
        Ended {
            code: ended.status.code(),
            out: String::from_utf8(ended.stdout).unwrap(),
            err: String::from_utf8(ended.stderr).unwrap(),
        }
    }

    /// Starts a server and waits until it says that it listens.
    pub(crate) async fn serve(at: &Path, data: &Path, listen: &str) -> Self {
        let mut command = command(at, data, &["serve", "--listen", listen]);
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line =
            tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("its line").unwrap().unwrap();
        let url = line.strip_prefix("Rapport is listening on ").expect("the line").to_owned();
        Self { child, url }
    }

    /// `SIGTERM`; waits for the end and gives the exit code.
    pub(crate) async fn terminates(mut self) -> Option<i32> {
        let pid = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
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
