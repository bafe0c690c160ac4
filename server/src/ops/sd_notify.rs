//! Readiness notification for systemd (`sd_notify`): one datagram per state to the socket in `NOTIFY_SOCKET`, if it is set.

use std::os::unix::net::UnixDatagram;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::notify";

/// The server accepts connections.
pub(crate) const READY: &str = "READY=1";
/// The server is shutting down.
pub(crate) const STOPPING: &str = "STOPPING=1";

/// Sends the state to the supervisor, if there is one.
pub(crate) fn notify(state: &str) {
    if let Some(path) = std::env::var_os("NOTIFY_SOCKET")
        && let Err(error) = notify_at(&path, state)
    {
        tracing::warn!(target: LOG_TARGET, cause = %error, "the supervisor cannot be told {state}");
    }
}

fn notify_at(path: &std::ffi::OsStr, state: &str) -> std::io::Result<()> {
    let socket = UnixDatagram::unbound()?;
    // A leading `@` marks an abstract socket.
    #[cfg(target_os = "linux")]
    if let Some(name) = std::os::unix::ffi::OsStrExt::as_bytes(path).strip_prefix(b"@") {
        use std::os::linux::net::SocketAddrExt as _;
        let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
        return socket.send_to_addr(state.as_bytes(), &address).map(drop);
    }
    socket.send_to(state.as_bytes(), path).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r4_the_supervisor_hears_of_it_at_a_file_or_at_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let supervisor = UnixDatagram::bind(&path).unwrap();
        notify_at(path.as_os_str(), READY).unwrap();
        let mut buffer = [0; 64];
        let n = supervisor.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..n], b"READY=1");
        assert!(notify_at(folder.path().join("nobody").as_os_str(), STOPPING).is_err());
    }
}
