//! A server process that can be killed and restarted on the same port and data.

use crate::BoxError;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Settings that raise the limits per person above any load.
pub const NO_LIMITS: [(&str, &str); 9] = [
    ("RAPPORT_LIMITS__SENDS_PER_SECOND", "1000000"),
    ("RAPPORT_LIMITS__SEND_BURST", "1000000"),
    ("RAPPORT_LIMITS__OPERATIONS_PER_SECOND", "1000000"),
    ("RAPPORT_LIMITS__OPERATION_BURST", "1000000"),
    ("RAPPORT_LIMITS__SOCKETS_PER_PERSON", "100000"),
    ("RAPPORT_LIMITS__CONNECTIONS_PER_ADDRESS", "1000000"),
    ("RAPPORT_LIMITS__REGISTRATIONS_PER_HOUR", "1000000"),
    ("RAPPORT_LIMITS__SIGN_INS_PER_MINUTE", "1000000"),
    // Groups of people who do not know each other.
    ("RAPPORT_LIMITS__ADDABLE_BY", "everyone"),
];

/// A server process, running or not. Dropping it kills the process.
#[derive(Debug)]
pub struct Server {
    program: PathBuf,
    data: PathBuf,
    port: u16,
    settings: Vec<(String, String)>,
    launcher: Vec<String>,
    log: Option<PathBuf>,
    child: Option<Child>,
}

impl Server {
    /// A server of this program on this data folder, on a free port, with [`NO_LIMITS`]; not started yet.
    ///
    /// # Errors
    /// No port is free.
    pub fn new(program: &Path, data: &Path) -> Result<Self, BoxError> {
        let port = test_servers::free_port()?;
        Ok(Self {
            program: program.to_owned(),
            data: data.to_owned(),
            port,
            settings: NO_LIMITS.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            launcher: Vec::new(),
            log: None,
            child: None,
        })
    }

    /// Adds a setting (`RAPPORT_…`).
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    /// Adds a setting, from the next start on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Runs the server under another program, such as valgrind, from the next start on.
    #[must_use]
    pub fn under(mut self, launcher: &[&str]) -> Self {
        self.launcher = launcher.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// Appends the log to this file instead of the standard error.
    #[must_use]
    pub fn logging_to(mut self, log: PathBuf) -> Self {
        self.log = Some(log);
        self
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Starts the server and waits until it listens; returns the time that this took.
    ///
    /// # Errors
    /// It does not start, or does not listen within 20 s.
    pub async fn start(&mut self) -> Result<Duration, BoxError> {
        let begun = Instant::now();
        let program = std::path::absolute(&self.program)?;
        let mut command = match self.launcher.split_first() {
            None => Command::new(program),
            Some((launcher, arguments)) => {
                let mut command = Command::new(launcher);
                command.args(arguments).arg(program);
                command
            }
        };
        // A developer's own settings must not apply.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("RAPPORT_") {
                command.env_remove(name);
            }
        }
        let stderr = match &self.log {
            Some(path) => OpenOptions::new().create(true).append(true).open(path)?.into(),
            None => Stdio::inherit(),
        };
        let mut child = command
            .arg("serve")
            .env("RAPPORT_LISTEN", self.address())
            .env("RAPPORT_DATA", &self.data)
            .env("RAPPORT_LOG", "warn")
            .envs(self.settings.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let listening = async {
            while let Some(line) = lines.next_line().await? {
                if line.contains("listening on") {
                    return Ok(());
                }
            }
            Err::<(), BoxError>("the server ended before it listened".into())
        };
        tokio::time::timeout(Duration::from_secs(20), listening).await??;
        // Read on, so that the server never blocks on a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        self.child = Some(child);
        Ok(begun.elapsed())
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// The process cannot be killed.
    pub async fn kill(&mut self) -> Result<(), BoxError> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// `SIGSTOP`: its connections stay open, and nothing is answered.
    ///
    /// # Errors
    /// It does not run.
    pub async fn pause(&self) -> Result<(), BoxError> {
        self.signal("-STOP").await
    }

    /// `SIGCONT`.
    ///
    /// # Errors
    /// It does not run.
    pub async fn resume(&self) -> Result<(), BoxError> {
        self.signal("-CONT").await
    }

    async fn signal(&self, name: &str) -> Result<(), BoxError> {
        let pid = self.pid().ok_or("the server does not run")?.to_string();
        let sent = Command::new("kill").args([name, &pid]).status().await?;
        if sent.success() { Ok(()) } else { Err(format!("kill {name} {pid} failed").into()) }
    }

    /// Resident anonymous memory in KiB, without pages mapped from files.
    ///
    /// # Errors
    /// It does not run, or this is not Linux.
    pub fn memory_kib(&self) -> Result<u64, BoxError> {
        let pid = self.pid().ok_or("the server does not run")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let kib = |key: &str| -> Option<u64> {
            status.lines().find(|line| line.starts_with(key))?.split_whitespace().nth(1)?.parse().ok()
        };
        kib("RssAnon:").ok_or_else(|| "no RssAnon".into())
    }

    /// The processor time so far, user and system.
    ///
    /// # Errors
    /// It does not run, or this is not Linux.
    pub fn cpu(&self) -> Result<Duration, BoxError> {
        let pid = self.pid().ok_or("the server does not run")?;
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let after_name = stat.rsplit_once(')').ok_or("unreadable stat")?.1;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok());
        // utime and stime, in hundredths of a second (USER_HZ is 100 on every Linux that we run on).
        match (ticks(11), ticks(12)) {
            (Some(user), Some(system)) => Ok(Duration::from_millis((user + system) * 10)),
            _ => Err("unreadable stat".into()),
        }
    }
}
