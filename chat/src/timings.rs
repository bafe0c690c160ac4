//! Intervals and timeouts. Fixed for an installation; tests shorten them.

use std::time::Duration;

/// All intervals and timeouts of the domain.
#[derive(Clone, Debug)]
pub(crate) struct Timings {
    /// Time for which a gap in a conversation's counter may close by itself before it is repaired.
    pub(crate) hole: Duration,
    /// Interval between comparisons of the conversation counters with the database.
    pub(crate) compare: Duration,
    /// Interval between comparisons of people's counters with the database, where there are other nodes.
    pub(crate) people: Duration,
    /// Interval between queries for ended sign-ins.
    pub(crate) revocations: Duration,
    /// Grace period after the last connection of a person, before offline is announced.
    pub(crate) offline: Duration,
    /// Interval between heartbeats to the other nodes.
    pub(crate) beat: Duration,
    /// Time of silence after which a node counts as dead.
    pub(crate) lost: Duration,
    /// Minimum interval between announcements of one person's status.
    pub(crate) status_change: Duration,
    /// Time after which typing expires.
    pub(crate) typing: Duration,
    /// Minimum interval between announcements of one person's typing.
    pub(crate) typing_change: Duration,
    /// Interval between publications of receipts in large conversations.
    pub(crate) receipts: Duration,
    /// Interval between WebSocket pings.
    pub(crate) ping: Duration,
    /// Time after which a connection that sends nothing, or accepts nothing, is closed.
    pub(crate) silence: Duration,
    /// Interval between JSON pings on the socket of a single conversation.
    pub(crate) json_ping: Duration,
    /// Time limit for the last frames of a connection.
    pub(crate) goodbye: Duration,
    /// Maximum time for which a long poll is held.
    pub(crate) hold: Duration,
    /// Lifetime of a long-poll session after its last request.
    pub(crate) poll_session: Duration,
}

impl Default for Timings {
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
