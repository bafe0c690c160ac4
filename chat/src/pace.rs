//! How long things take. Fixed for an installation; tests of what happens afterwards make them short.

use std::time::Duration;

/// Spans of time.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    /// A hole in a conversation's counter may close by itself for this long.
    pub(crate) hole: Duration,
    /// Counters are compared with the database this often.
    pub(crate) compare: Duration,
    /// People's own counters likewise, where there are other nodes.
    pub(crate) people: Duration,
    /// Revocations are looked for this often.
    pub(crate) revocations: Duration,
    /// Offline is announced this long after the last connection went.
    pub(crate) offline: Duration,
    /// A node tells the others that it is there this often.
    pub(crate) beat: Duration,
    /// A node that was silent for this long is no more.
    pub(crate) lost: Duration,
    /// Changes between online and away of one person are told at most this often.
    pub(crate) status_change: Duration,
    /// A typing person is believed for this long.
    pub(crate) typing: Duration,
    /// Changes of one person's typing are told at most this often.
    pub(crate) typing_change: Duration,
    /// Receipts of large conversations are told this often.
    pub(crate) receipts: Duration,
    /// A WebSocket ping goes out this often.
    pub(crate) ping: Duration,
    /// A socket that was silent for this long is gone; so is one that took nothing for this long.
    pub(crate) silence: Duration,
    /// A JSON ping goes out this often on the socket of one conversation.
    pub(crate) json_ping: Duration,
    /// What is left to say at the end of a connection must be taken within this.
    pub(crate) goodbye: Duration,
    /// A poll is held at most this long.
    pub(crate) hold: Duration,
    /// Lifetime of a long-poll session after its last request.
    pub(crate) poll_session: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            hole: Duration::from_millis(50),
            compare: Duration::from_secs(5),
            people: Duration::from_secs(1),
            revocations: Duration::from_secs(1),
            offline: Duration::from_secs(5),
            beat: Duration::from_secs(10),
            lost: Duration::from_secs(35),
            status_change: Duration::from_millis(500),
            typing: Duration::from_millis(protocol::limits::TYPING_EXPIRES_MS),
            typing_change: Duration::from_millis(250),
            receipts: Duration::from_secs(1),
            ping: Duration::from_secs(20),
            silence: Duration::from_secs(45),
            json_ping: Duration::from_secs(30),
            goodbye: Duration::from_secs(2),
            hold: Duration::from_millis(protocol::limits::POLL_HOLD_MS),
            poll_session: Duration::from_secs(15),
        }
    }
}
