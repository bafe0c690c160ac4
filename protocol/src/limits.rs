//! Limits that server and clients share. Limits that an installation may change are in the server's configuration.

/// Longest message, in Unicode scalar values after normalisation (the same as in the clients we replace).
pub const MAX_CONTENT: usize = 5_000;
/// Longest frame, in bytes: 5,000 scalar values of 4 bytes, escaped in JSON, fit with room to spare.
pub const MAX_FRAME: usize = 64 * 1024;
/// Most frames in one request of a client without a socket.
pub const MAX_FRAMES: usize = 100;
/// Largest answer, in bytes of JSON. The client asks again for what did not fit.
pub const MAX_ANSWER: usize = 4 * 1024 * 1024;
/// Most conversations whose changes one `sync` answer contains.
pub const MAX_OPEN: usize = 100;
/// Messages on a page of history.
pub const PAGE: usize = 50;
/// Conversations on a page of the list, unless the request names another number.
pub const LIST_PAGE: usize = 50;
/// Most archived conversations that one `sync` answer names.
pub const ARCHIVED_IDS: usize = 100;
/// Most conversations on a page of the list.
pub const MAX_LIST_PAGE: usize = 200;
/// Notifications on a page, unless the request names another number.
pub const NOTIFICATIONS: usize = 20;
/// Most notifications on a page.
pub const MAX_NOTIFICATIONS: usize = 100;
/// Longest preview of a message in a notification, in Unicode scalar values.
pub const PREVIEW: usize = 120;
/// Rows in one answer to "what changed".
pub const CHANGES: usize = 200;
/// Distance in `rev`s beyond which a client gets the last page instead of the changes.
pub const RESET_BEHIND: i64 = 500;
/// Number up to which unread messages are counted; more is shown as "99+".
pub const UNREAD_CAP: u32 = 100;
/// Most members of a conversation whose receipts and presence are sent one by one.
pub const SMALL_CONVERSATION: usize = 32;
/// Longest title, in Unicode scalar values.
pub const MAX_TITLE: usize = 120;
/// Longest reason for closing a conversation, in Unicode scalar values.
pub const MAX_CLOSING_REASON: usize = 280;
/// Most conversations that a person may pin.
pub const MAX_PINNED: usize = 50;
/// The end of a muting without end: 9999-12-31T23:59:59Z, in microseconds since 1970.
pub const MUTED_FOREVER: i64 = 253_402_300_799_000_000;
/// Time after the last keystroke after which a client stores a draft on the server, in milliseconds.
pub const DRAFT_AFTER_MS: u64 = 1_000;
/// Most people in a conversation when it is created.
pub const MAX_PARTICIPANTS: usize = 500;
/// Longest lifetime of an invitation link, in seconds: 365 days.
pub const MAX_LINK_SECONDS: i64 = 365 * 86_400;
/// Lifetime of an invitation link, in seconds, unless the request names another one: 7 days.
pub const LINK_SECONDS: i64 = 7 * 86_400;
/// Most people whom an invitation link with a limit lets join.
pub const MAX_LINK_USES: i64 = 500;
/// Most invitation links of a group that have not ended.
pub const MAX_LINKS: usize = 100;
/// Most invitations of one person that wait for an answer.
pub const MAX_INVITATIONS: usize = 100;
/// Shortest and longest username, in characters.
pub const USERNAME: std::ops::RangeInclusive<usize> = 3..=32;
/// Shortest and longest password, in bytes. The upper bound is checked before hashing, which would cost much time.
pub const PASSWORD: std::ops::RangeInclusive<usize> = 8..=1_024;
/// Lifetime of a typing state without another `typing` frame, in milliseconds.
pub const TYPING_EXPIRES_MS: u64 = 6_000;
/// Display time of a notice that somebody came or went, in milliseconds.
pub const EPHEMERAL_MS: u64 = 4_000;
/// Time without input after which a client reports its reader as away, in milliseconds.
pub const AWAY_AFTER_MS: u64 = 300_000;
/// Least interval of `typing` frames of a client, in milliseconds.
pub const TYPING_EVERY_MS: u64 = 3_000;
/// Time without a keystroke after which a client reports the end of typing, in milliseconds.
pub const TYPING_SILENCE_MS: u64 = 3_000;
/// Longest time that a long poll is held, in milliseconds: below the 30 s at which common proxies cut.
pub const POLL_HOLD_MS: u64 = 25_000;
/// Interval of polls where a proxy ends held requests early, in milliseconds.
pub const POLL_INTERVAL_MS: u64 = 5_000;
