//! Taking a port or a socket file.

use crate::config::Listen;
use std::fmt;
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::path::PathBuf;
use tokio::net::{TcpListener, UnixListener};

/// What connections come from.
#[derive(Debug)]
pub enum Listener {
    /// An address with a port.
    Tcp(TcpListener),
    /// A socket file, taken away at the end.
    Unix(UnixListener, SocketFile),
}

/// Removes the file when the server ends.
#[derive(Debug)]
pub struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Why there is nothing to listen on, in words.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program has it.
    #[error("{0} is in use by another program: stop that one, or choose another with {1}")]
    InUse(Listen, &'static str),
    /// Something else.
    #[error("cannot listen on {0}: {1}")]
    Io(Listen, io::Error),
}

impl Listener {
    /// Takes it.
    ///
    /// # Errors
    /// It is in use, or not to be had.
    pub async fn take(listen: &Listen) -> Result<Self, ListenError> {
        Self::take_by(listen, "--listen or RAPPORT_LISTEN").await
    }

    /// The same for an address that another setting chose.
    ///
    /// # Errors
    /// It is in use, or not to be had.
    pub(crate) async fn take_by(listen: &Listen, setting: &'static str) -> Result<Self, ListenError> {
        let wrong = |error: io::Error| match error.kind() {
            io::ErrorKind::AddrInUse => ListenError::InUse(listen.clone(), setting),
            _ => ListenError::Io(listen.clone(), error),
        };
        match listen {
            Listen::Tcp(address) => TcpListener::bind(address).await.map(Self::Tcp).map_err(wrong),
            Listen::Unix(path) => {
                // A file that a server left behind when it was killed answers nobody.
                let is_socket =
                    std::fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
                if is_socket && std::os::unix::net::UnixStream::connect(path).is_err() {
                    std::fs::remove_file(path).map_err(wrong)?;
                }
                let listener = UnixListener::bind(path).map_err(wrong)?;
                Ok(Self::Unix(listener, SocketFile(path.clone())))
            }
        }
    }

    /// The port, where there is one.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok().map(|address| address.port()),
            Self::Unix(..) => None,
        }
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(listener) => match listener.local_addr() {
                Ok(address) => write!(f, "http://{address}"),
                Err(_) => f.write_str("a closed port"),
            },
            Self::Unix(_, SocketFile(path)) => write!(f, "unix:{}", path.display()),
        }
    }
}
