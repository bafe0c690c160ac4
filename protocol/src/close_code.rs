//! WebSocket close codes, and the rule by which a client reconnects.

use std::ops::RangeInclusive;

/// A close code that the server sends.
///
/// A client of another version may receive codes that it does not know. Their range decides, and new codes are added by
/// this rule (see [`CloseCode::reconnects`]):
///
/// | range | a client |
/// |---|---|
/// | 4000–4007 | does not reconnect: a final refusal |
/// | 4008–4999 | reconnects: a failure of this connection |
/// | 1000–3999 | reconnects: codes of RFC 6455, of libraries and of proxies |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum CloseCode {
    /// The client closed the connection, and the server answers.
    Normal = 1000,
    /// The client sent a binary frame; only text is accepted.
    Binary = 1003,
    /// The client sent text that is not UTF-8.
    BadUtf8 = 1007,
    /// The client sent a frame over [`crate::limits::MAX_FRAME`].
    TooBig = 1009,
    /// The server restarts.
    Restarting = 1012,
    /// Something that the server depends on is not available.
    Unavailable = 1013,
    /// The credentials are missing, wrong or no longer valid.
    NotAuthenticated = 4001,
    /// The client kept sending malformed frames.
    Malformed = 4002,
    /// The conversation of the socket does not exist for this person.
    NoSuchConversation = 4003,
    /// The client kept sending after it was refused for its rate.
    TooFast = 4008,
    /// The client read too slowly; it reconnects and catches up by `sync`.
    FellBehind = 4009,
    /// The person has more sockets open than allowed.
    TooManySockets = 4010,
}

impl CloseCode {
    /// Numbers of final refusals: a client does not reconnect by itself.
    pub const REFUSALS: RangeInclusive<u16> = 4000..=4007;

    /// Number that a browser sends when its page is left (RFC 6455, section 7.4.1).
    pub const GOING_AWAY: u16 = 1001;
    /// Number that APIs report for a close frame without a code; never on the wire (RFC 6455, section 7.4.1).
    pub const NO_STATUS: u16 = 1005;
    /// Number that APIs report for a connection that broke without a close frame; never on the wire (RFC 6455,
    /// section 7.4.1).
    pub const ABNORMAL: u16 = 1006;

    /// Every code that the server sends.
    pub const ALL: [Self; 12] = [
        Self::Normal,
        Self::Binary,
        Self::BadUtf8,
        Self::TooBig,
        Self::Restarting,
        Self::Unavailable,
        Self::NotAuthenticated,
        Self::Malformed,
        Self::NoSuchConversation,
        Self::TooFast,
        Self::FellBehind,
        Self::TooManySockets,
    ];

    /// The number on the wire, 1000 to 4999.
    #[must_use]
    pub fn code(self) -> u16 {
        self as u16
    }

    /// The code with this number; `None` if the server of this version does not send it.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }

    /// The reason in the close frame and the log: a few words of English.
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

    /// Whether a client reconnects by itself after a socket was closed with this number; `None` stands for a connection
    /// that broke without a close frame. Applies to unknown numbers, too.
    #[must_use]
    pub fn reconnects(code: Option<u16>) -> bool {
        !code.is_some_and(|code| Self::REFUSALS.contains(&code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_final_and_a_failure_is_not() {
        for code in CloseCode::ALL {
            let is_refusal = matches!(
                code,
                CloseCode::NotAuthenticated | CloseCode::Malformed | CloseCode::NoSuchConversation
            );
            assert_eq!(CloseCode::reconnects(Some(code.code())), !is_refusal, "{code:?}");
        }
        assert!(CloseCode::reconnects(Some(1006)));
        assert!(CloseCode::reconnects(None));
    }

    #[test]
    fn the_range_of_an_unknown_code_decides() {
        let unknown = |code: &u16| CloseCode::from_code(*code).is_none();
        assert_eq!((4000..=4007).filter(unknown).collect::<Vec<_>>(), [4000, 4004, 4005, 4006, 4007]);
        assert!((4000..=4007).all(|code| !CloseCode::reconnects(Some(code))));
        assert!((4008..=4999).all(|code| CloseCode::reconnects(Some(code))));
        assert!((1000..=3999).all(|code| CloseCode::reconnects(Some(code))));
    }

    #[test]
    fn a_code_of_a_newer_server_has_a_rule() {
        for (code, reconnects) in [
            (4000, false),
            (4004, false),
            (4007, false),
            (4011, true),
            (4099, true),
            (4401, true),
            (4999, true),
            (1011, true),
            (1014, true),
            (1015, true),
            (3000, true),
            (3999, true),
        ] {
            assert_eq!(CloseCode::from_code(code), None, "{code}");
            assert_eq!(CloseCode::reconnects(Some(code)), reconnects, "{code}");
        }
    }

    #[test]
    fn reserved_numbers_are_no_codes_of_the_server() {
        for code in [CloseCode::GOING_AWAY, CloseCode::NO_STATUS, CloseCode::ABNORMAL] {
            assert_eq!(CloseCode::from_code(code), None, "{code}");
            assert!(CloseCode::reconnects(Some(code)), "{code}");
        }
    }

    #[test]
    fn every_code_is_found_by_its_number() {
        for code in CloseCode::ALL {
            assert_eq!(CloseCode::from_code(code.code()), Some(code));
            // A new variant does not compile here until it is named, and then it belongs into `ALL`.
            match code {
                CloseCode::Normal | CloseCode::Binary | CloseCode::BadUtf8 | CloseCode::TooBig => {}
                CloseCode::Restarting | CloseCode::Unavailable | CloseCode::NotAuthenticated => {}
                CloseCode::Malformed | CloseCode::NoSuchConversation | CloseCode::TooFast => {}
                CloseCode::FellBehind | CloseCode::TooManySockets => {}
            }
        }
        let found = (0..=u16::MAX).filter_map(CloseCode::from_code).count();
        assert_eq!(found, CloseCode::ALL.len());
    }
}
