//! How the connection stands, and whether what is typed is kept: what pages show of the link.

use std::fmt;

/// How the connection stands, as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkState {
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
    Stopped(Stop),
}

/// Why we do not come back by ourselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The sign-in has ended.
    SignedOut,
    /// This browser is signed in as somebody else: whatever we said now, they would say.
    SomebodyElse,
    /// The server did not understand us.
    Malformed,
    /// What we connected to is not there for us.
    Gone,
}

impl fmt::Display for LinkState {
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
pub(crate) enum Keeping {
    /// They do.
    Kept,
    /// The browser's storage is full.
    Full,
    /// The browser has no storage for us.
    Nowhere,
}
