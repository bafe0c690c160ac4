//! Telling the supervisor how we are: one datagram each to the socket that systemd names in `NOTIFY_SOCKET`. Without one
//! nobody asked.

use std::os::unix::net::UnixDatagram;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::notify";

/// We listen.
pub(crate) const READY: &str = "READY=1";
/// We were told to stop, and finish.
pub(crate) const STOPPING: &str = "STOPPING=1";

/// Says it, to whom it concerns.
pub(crate) fn tell(state: &str) {
    if let Some(path) = std::env::var_os("NOTIFY_SOCKET")
        && let Err(error) = tell_at(&path, state)
    {
        tracing::warn!(target: LOG_TARGET, cause = %error, "the supervisor cannot be told {state}");
    }
}

fn tell_at(path: &std::ffi::OsStr, state: &str) -> std::io::Result<()> {
    let socket = UnixDatagram::unbound()?;
    // A name that is no file.
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
        tell_at(path.as_os_str(), READY).unwrap();
        let mut buffer = [0; 64];
        let n = supervisor.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..n], b"READY=1");
        assert!(tell_at(folder.path().join("nobody").as_os_str(), STOPPING).is_err());
    }
}
