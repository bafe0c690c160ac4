//! The listening socket: TCP, or a Unix socket file.

use crate::config::Listen;
use std::fmt;
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::path::PathBuf;
use tokio::net::{TcpListener, UnixListener};

/// A listening socket.
#[derive(Debug)]
pub enum Listener {
    /// A TCP port.
    Tcp(TcpListener),
    /// A Unix socket, whose file is removed on drop.
    Unix(UnixListener, SocketFile),
}

/// Removes the socket file on drop.
#[derive(Debug)]
pub struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Why the listener cannot be bound, as a message for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program listens there.
    #[error("{0} is in use by another program: stop that one, or choose another with {1}")]
    InUse(Listen, &'static str),
    /// Any other error.
    #[error("cannot listen on {0}: {1}")]
    Io(Listen, io::Error),
}

impl Listener {
    /// Binds the address of the setting `listen`.
    ///
    /// # Errors
    /// The address is in use or cannot be bound.
    pub async fn bind(listen: &Listen) -> Result<Self, ListenError> {
        Self::bind_for(listen, "--listen or RAPPORT_LISTEN").await
    }

    /// Binds an address of another setting, which errors name.
    ///
    /// # Errors
    /// The address is in use or cannot be bound.
    pub(crate) async fn bind_for(listen: &Listen, setting: &'static str) -> Result<Self, ListenError> {
        let wrong = |error: io::Error| match error.kind() {
            io::ErrorKind::AddrInUse => ListenError::InUse(listen.clone(), setting),
            _ => ListenError::Io(listen.clone(), error),
        };
        match listen {
            Listen::Tcp(address) => TcpListener::bind(address).await.map(Self::Tcp).map_err(wrong),
            Listen::Unix(path) => {
                // A socket file without a listener was left behind by a server that was killed.
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

    /// The TCP port; `None` for a Unix socket.
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
