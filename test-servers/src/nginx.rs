//! A temporary nginx.

use crate::BoxError;
use crate::guard::{Guard, until};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// The paths of the program, which is usually not in the `PATH` of ordinary users.
const PATHS: [&str; 4] =
    ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"];

/// An nginx with a configuration of its own.
#[derive(Debug)]
pub struct Nginx {
    folder: TempDir,
    port: u16,
    guard: Option<Guard>,
}

impl Nginx {
    /// Starts one with this text in its `http { }`, which must listen on this loopback port.
    ///
    /// # Errors
    /// nginx is not installed, refuses the configuration, or accepts no connection within 20 s.
    pub fn start(port: u16, http: &str) -> Result<Self, BoxError> {
        let folder = tempfile::tempdir()?;
        let at = folder.path().display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|name| format!("{name}_temp_path {at}/{name}; "))
            .collect();
        // One process, so that a signal reaches all of it.
        let written = format!(
            "daemon off; master_process off; pid {at}/pid; error_log {at}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; {temporary}\n{http}\n}}\n"
        );
        std::fs::write(folder.path().join("nginx.conf"), written)?;
        let mut nginx = Self { folder, port, guard: None };
        nginx.resurrect()?;
        Ok(nginx)
    }

    /// Whether the program is installed.
    #[must_use]
    pub fn installed() -> bool {
        PATHS.iter().any(|path| Path::new(path).exists())
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `kill -9`: all connections through it break.
    ///
    /// # Errors
    /// It does not run.
    pub fn kill(&mut self) -> Result<(), BoxError> {
        self.guard.take().ok_or("nginx does not run")?.signal("KILL")
    }

    /// Starts it again, on the same port.
    ///
    /// # Errors
    /// It accepts no connection within 20 s.
    pub fn resurrect(&mut self) -> Result<(), BoxError> {
        let program = PATHS.iter().find(|path| Path::new(path).exists());
        let program = program.ok_or("nginx is not installed (on Debian: apt-get install nginx-light)")?;
        let at = self.folder.path();
        let path = |name: &str| at.join(name).display().to_string();
        let command = [program, "-p", &path(""), "-e", &path("error.log"), "-c", &path("nginx.conf")];
        let guard = Guard::start(at, None, "TERM", &command.map(str::to_owned))?;
        let process = format!("/proc/{}/stat", guard.server());
        self.guard = Some(guard);
        // With an invalid configuration it ends at once, which is only visible on Linux.
        let ended = || {
            Path::new("/proc/self").exists()
                && std::fs::read_to_string(&process).map_or(true, |stat| stat.contains(") Z "))
        };
        let answers = || TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok();
        if until(Duration::from_secs(20), || answers() || ended()) && answers() {
            return Ok(());
        }
        let log = std::fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default();
        Err(format!("nginx does not start: {log}").into())
    }

    /// `SIGSTOP`: connections are accepted, and nothing is forwarded.
    ///
    /// # Errors
    /// It does not run.
    pub fn pause(&self) -> Result<(), BoxError> {
        self.guard.as_ref().ok_or("nginx does not run")?.signal("STOP")
    }

    /// `SIGCONT`.
    ///
    /// # Errors
    /// It does not run.
    pub fn resume(&self) -> Result<(), BoxError> {
        self.guard.as_ref().ok_or("nginx does not run")?.signal("CONT")
    }
}

#[cfg(test)]
mod tests {
    use super::Nginx;
    use std::io::{Read as _, Write as _};
    use std::net::{Ipv4Addr, TcpStream};
    use std::time::Duration;

    fn answer(nginx: &Nginx) -> Option<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, nginx.port())).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").ok()?;
        let mut said = String::new();
        stream.read_to_string(&mut said).ok()?;
        Some(said)
    }

    #[test]
    fn nginx_lives_dies_and_comes_back() {
        let port = crate::free_port().expect("a port");
        let site = format!("server {{ listen 127.0.0.1:{port}; return 200 \"here\"; }}");
        let mut nginx = Nginx::start(port, &site).expect("nginx");
        assert!(answer(&nginx).is_some_and(|said| said.ends_with("here")));
        nginx.pause().expect("pause");
        assert!(answer(&nginx).is_none());
        nginx.resume().expect("resume");
        nginx.kill().expect("kill");
        assert!(answer(&nginx).is_none());
        nginx.resurrect().expect("resurrect");
        assert!(answer(&nginx).is_some_and(|said| said.ends_with("here")));
    }

    #[test]
    fn nginx_that_refuses_its_configuration_says_why() {
        let port = crate::free_port().expect("a port");
        let error = Nginx::start(port, "nonsense;").expect_err("a refusal").to_string();
        assert!(error.contains("nonsense"), "{error}");
    }
}
