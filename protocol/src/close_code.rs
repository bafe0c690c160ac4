//! Why a socket was closed, and what a client does about it.

/// The close codes that Rapport sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum CloseCode {
    /// The client said goodbye, or we answer its goodbye.
    Normal = 1000,
    /// A binary frame: Rapport speaks text.
    Binary = 1003,
    /// Text that is not UTF-8.
    BadUtf8 = 1007,
    /// A frame over [`crate::limits::MAX_FRAME`].
    TooBig = 1009,
    /// The server is going down on purpose and comes back.
    Restarting = 1012,
    /// Something that the server depends on is away.
    Unavailable = 1013,
    /// No valid credentials, or they ended.
    NotAuthenticated = 4001,
    /// Frames that mean nothing, again and again.
    Malformed = 4002,
    /// No such conversation for this person.
    NoSuchConversation = 4003,
    /// Refused for its rate, and going on regardless.
    TooFast = 4008,
    /// The client read too slowly: take the socket again and sync.
    FellBehind = 4009,
    /// More sockets than one person may have.
    TooManySockets = 4010,
}

impl CloseCode {
    /// The number on the wire.
    #[must_use]
    pub fn code(self) -> u16 {
        self as u16
    }

    /// A word or two for the close frame and the log.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Normal => "goodbye",
            Self::Binary => "text frames only",
            Self::BadUtf8 => "not UTF-8",
            Self::TooBig => "frame too big",
            Self::Restarting => "restarting",
            Self::Unavailable => "unavailable, try again",
            Self::NotAuthenticated => "not authenticated",
            Self::Malformed => "malformed, repeatedly",
            Self::NoSuchConversation => "no such conversation",
            Self::TooFast => "too fast",
            Self::FellBehind => "fell behind, resync",
            Self::TooManySockets => "too many sockets",
        }
    }

    /// Whether a client takes the socket again by itself after this code. `None` stands for a link that broke.
    #[must_use]
    pub fn reconnects(code: Option<u16>) -> bool {
        !matches!(code, Some(4001..=4003))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_final_and_a_failure_is_not() {
        for code in [4001, 4002, 4003] {
            assert!(!CloseCode::reconnects(Some(code)));
        }
        for code in [1000, 1006, 1012, 1013, 4008, 4009, 4010] {
            assert!(CloseCode::reconnects(Some(code)));
        }
        assert!(CloseCode::reconnects(None));
    }
}
