//! Intervals and timeouts. Fixed for an installation; tests shorten them.

use std::time::Duration;

/// Time for which a webhook delivery is tried, from its event or from the request to send it again: one day, in microseconds.
pub(crate) const WEBHOOK_TRIED_FOR_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// All intervals and timeouts of the domain.
#[derive(Clone, Debug)]
pub(crate) struct Timings {
    /// Time for which a gap in a conversation's counter may close by itself before it is repaired.
    pub(crate) gap_repair_after: Duration,
    /// Interval between comparisons of the conversation counters with the database.
    pub(crate) conversation_check_interval: Duration,
    /// Interval between comparisons of people's counters with the database, where there are other nodes.
    pub(crate) person_check_interval: Duration,
    /// Interval between queries for ended sign-ins.
    pub(crate) revocation_check_interval: Duration,
    /// Grace period after the last connection of a person, before offline is announced.
    pub(crate) offline_after: Duration,
    /// Interval between heartbeats to the other nodes.
    pub(crate) heartbeat_interval: Duration,
    /// Time of silence after which a node counts as dead.
    pub(crate) node_timeout: Duration,
    /// Minimum interval between announcements of one person's status.
    pub(crate) status_min_interval: Duration,
    /// Time after which typing expires.
    pub(crate) typing_timeout: Duration,
    /// Minimum interval between announcements of one person's typing.
    pub(crate) typing_min_interval: Duration,
    /// Interval between publications of receipts in large conversations.
    pub(crate) receipts_interval: Duration,
    /// From a deletion to the removal of the content from the database's log, and between two removals.
    pub(crate) scrub_interval: Duration,
    /// From a commit to the decision on pushes, so that an open client can mark the message as read.
    pub(crate) push_delay: Duration,
    /// Time before the second try of a push; each further one takes four times as long.
    pub(crate) push_retry_after: Duration,
    /// Interval at which the progress of pushes is written.
    pub(crate) push_progress_interval: Duration,
    /// Time for which a node claims a push subscription: longer than three times a request.
    pub(crate) push_lease: Duration,
    /// Interval at which each node looks for messages that no node pushed.
    pub(crate) push_sweep_interval: Duration,
    /// Interval at which each node looks for webhook events that are due and for changed endpoints.
    pub(crate) webhook_check_interval: Duration,
    /// Time before the second attempt of a webhook delivery; each further one takes three times as long.
    pub(crate) webhook_retry_after: Duration,
    /// Time for which a node claims webhook events: longer than three times a request.
    pub(crate) webhook_lease: Duration,
    /// Interval between WebSocket pings.
    pub(crate) ping_interval: Duration,
    /// Time after which a connection that sends nothing, or accepts nothing, is closed.
    pub(crate) idle_timeout: Duration,
    /// Interval between JSON pings on the socket of a single conversation.
    pub(crate) json_ping_interval: Duration,
    /// Time limit for the last frames of a connection.
    pub(crate) close_timeout: Duration,
    /// Maximum time for which a long poll is held.
    pub(crate) poll_timeout: Duration,
    /// Lifetime of a long-poll session after its last request.
    pub(crate) poll_session_timeout: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            gap_repair_after: Duration::from_millis(50),
            conversation_check_interval: Duration::from_secs(5),
            person_check_interval: Duration::from_secs(1),
            revocation_check_interval: Duration::from_secs(1),
            offline_after: Duration::from_secs(5),
            heartbeat_interval: Duration::from_secs(10),
            node_timeout: Duration::from_secs(35),
            status_min_interval: Duration::from_millis(500),
            typing_timeout: Duration::from_millis(protocol::limits::TYPING_EXPIRES_MS),
            typing_min_interval: Duration::from_millis(250),
            receipts_interval: Duration::from_secs(1),
            scrub_interval: Duration::from_secs(5),
            push_delay: Duration::from_secs(2),
            push_retry_after: Duration::from_secs(30),
            push_progress_interval: Duration::from_millis(500),
            push_lease: Duration::from_secs(16),
            push_sweep_interval: Duration::from_secs(30),
            webhook_check_interval: Duration::from_secs(1),
            webhook_retry_after: Duration::from_secs(5),
            webhook_lease: Duration::from_secs(16),
            ping_interval: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(45),
            json_ping_interval: Duration::from_secs(30),
            close_timeout: Duration::from_secs(2),
            poll_timeout: Duration::from_millis(protocol::limits::POLL_HOLD_MS),
            poll_session_timeout: Duration::from_secs(15),
        }
    }
}
