//! Status of the connection and of the browser's storage, as views show them.

use std::fmt;

/// Status of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionStatus {
    /// The first attempt of this page.
    Connecting,
    /// The socket is open.
    Connected,
    /// No socket, and no poll that was answered.
    Reconnecting,
    /// No socket, but polls are answered.
    Polling,
    /// The browser has no network.
    Offline,
    /// Refused for good.
    Stopped(StopReason),
}

/// Reason why the client does not reconnect by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// The sign-in has ended.
    SignedOut,
    /// The browser is signed in as somebody else: everything sent would be sent in their name.
    OtherPerson,
    /// The server could not read our frames.
    Malformed,
    /// The conversation of the socket does not exist for this person.
    Gone,
    /// The server refused the connection with a code that this version does not know.
    Refused,
}

impl fmt::Display for ConnectionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Reconnecting => "reconnecting",
            Self::Polling => "polling",
            Self::Offline => "offline",
            Self::Stopped(_) => "failed",
        })
    }
}

/// Whether drafts and unsent messages survive this tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StorageStatus {
    /// The browser's storage keeps them.
    Kept,
    /// The browser's storage is full.
    Full,
    /// The browser has no storage for us.
    Nowhere,
}
