//! A temporary Caddy.

use crate::BoxError;
use crate::guard::{Guard, until};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const PATHS: [&str; 3] = ["/usr/bin/caddy", "/usr/local/bin/caddy", "/opt/homebrew/bin/caddy"];

/// A Caddy with a configuration of its own.
#[derive(Debug)]
pub struct Caddy {
    _guard: Guard,
    _folder: TempDir,
}

impl Caddy {
    /// Whether the program is installed.
    #[must_use]
    pub fn installed() -> bool {
        PATHS.iter().any(|path| Path::new(path).exists())
    }

    /// Starts one with these sites, one of which must listen on this loopback port. It obtains no certificates.
    ///
    /// # Errors
    /// Caddy is not installed, refuses the configuration, or accepts no connection within 20 s.
    pub fn start(port: u16, sites: &str) -> Result<Self, BoxError> {
        let program = PATHS.iter().find(|path| Path::new(path).exists());
        let program = program.ok_or("Caddy is not installed (on Debian: apt-get install caddy)")?;
        let folder = tempfile::tempdir()?;
        let at = folder.path().display().to_string();
        let file = folder.path().join("Caddyfile");
        let log = folder.path().join("log");
        let options = format!(
            "{{\n\tadmin off\n\tauto_https off\n\tlog {{\n\t\toutput file {}\n\t}}\n}}\n{sites}\n",
            log.display()
        );
        std::fs::write(&file, options)?;
        let home = [format!("HOME={at}"), format!("XDG_DATA_HOME={at}"), format!("XDG_CONFIG_HOME={at}")];
        let run =
            ["run", "--adapter", "caddyfile", "--config", &file.display().to_string()].map(str::to_owned);
        let command: Vec<String> = std::iter::once("/usr/bin/env".to_owned())
            .chain(home)
            .chain([(*program).to_owned()])
            .chain(run)
            .collect();
        let guard = Guard::start(folder.path(), None, "TERM", &command)?;
        let answers = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        if until(Duration::from_secs(20), answers) {
            return Ok(Self { _guard: guard, _folder: folder });
        }
        let log = std::fs::read_to_string(log).unwrap_or_default();
        Err(format!("Caddy does not start: {log}").into())
    }
}
