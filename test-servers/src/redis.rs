//! A temporary Redis.

use crate::guard::{Guard, until};
use crate::{BoxError, free_port};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;
use tempfile::TempDir;

/// A Redis that writes nothing to disk.
#[derive(Debug)]
pub struct Redis {
    folder: TempDir,
    port: u16,
    guard: Option<Guard>,
}

impl Redis {
    /// Starts one.
    ///
    /// # Errors
    /// Redis is not installed, or does not answer within 20 s.
    pub fn start() -> Result<Self, BoxError> {
        let mut redis = Self { folder: tempfile::tempdir()?, port: free_port()?, guard: None };
        redis.resurrect()?;
        Ok(redis)
    }

    /// Whether the program is installed.
    #[must_use]
    pub fn installed() -> bool {
        std::process::Command::new("redis-server")
            .arg("--version")
            .output()
            .is_ok_and(|run| run.status.success())
    }

    /// The URL, `redis://127.0.0.1:PORT/`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// The port, for a proxy.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.guard.as_ref().map(Guard::server)
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// It does not run.
    pub fn kill(&mut self) -> Result<(), BoxError> {
        self.guard.take().ok_or("Redis does not run")?.signal("KILL")
    }

    /// Starts it again, empty, on the same port.
    ///
    /// # Errors
    /// It does not answer within 20 s.
    pub fn resurrect(&mut self) -> Result<(), BoxError> {
        let port = self.port.to_string();
        let command =
            ["redis-server", "--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let command = command.map(str::to_owned);
        self.guard = Some(Guard::start(self.folder.path(), None, "TERM", &command).map_err(|error| {
            format!("Redis does not start (on Debian: apt-get install redis-server): {error}")
        })?);
        if until(Duration::from_secs(20), || self.ask("PING").is_ok_and(|said| said.starts_with("+PONG"))) {
            return Ok(());
        }
        let log = std::fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default();
        Err(format!("Redis does not answer (on Debian: apt-get install redis-server): {log}").into())
    }

    /// `SIGSTOP`: connections are accepted, and nothing is answered.
    ///
    /// # Errors
    /// It does not run.
    pub fn pause(&self) -> Result<(), BoxError> {
        self.guard.as_ref().ok_or("Redis does not run")?.signal("STOP")
    }

    /// `SIGCONT`.
    ///
    /// # Errors
    /// It does not run.
    pub fn resume(&self) -> Result<(), BoxError> {
        self.guard.as_ref().ok_or("Redis does not run")?.signal("CONT")
    }

    /// `FLUSHALL`.
    ///
    /// # Errors
    /// It does not answer.
    pub fn empty(&self) -> Result<(), BoxError> {
        let said = self.ask("FLUSHALL")?;
        if said.starts_with("+OK") { Ok(()) } else { Err(said.into()) }
    }

    /// Sends a command; returns up to 4 KiB of the answer.
    ///
    /// # Errors
    /// It does not answer within 2 s.
    pub fn ask(&self, command: &str) -> Result<String, BoxError> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(format!("{command}\r\n").as_bytes())?;
        let mut said = [0; 4_096];
        let read = stream.read(&mut said)?;
        Ok(String::from_utf8_lossy(&said[..read]).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::Redis;

    #[test]
    fn redis_lives_dies_and_comes_back() {
        let mut redis = Redis::start().expect("Redis");
        assert!(redis.ask("SET a b").expect("answer").starts_with("+OK"));
        redis.empty().expect("empty");
        assert!(redis.ask("GET a").expect("answer").starts_with("$-1"));
        redis.pause().expect("pause");
        assert!(redis.ask("PING").is_err());
        redis.resume().expect("resume");
        redis.kill().expect("kill");
        assert!(redis.ask("PING").is_err());
        redis.resurrect().expect("resurrect");
        assert!(redis.ask("PING").expect("answer").starts_with("+PONG"));
        let pid = redis.pid().expect("a process");
        drop(redis);
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    }
}
