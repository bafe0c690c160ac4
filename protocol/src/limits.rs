//! Bounds that both sides know. What an installation may change is configuration of the server; these are the
//! wire's own.

/// Longest message, in Unicode scalar values after normalisation (the same as in the clients we replace).
pub const MAX_CONTENT: usize = 5_000;
/// Longest frame, in bytes: 5,000 scalar values of 4 bytes, escaped in JSON, fit with room to spare.
pub const MAX_FRAME: usize = 64 * 1024;
/// Most frames in one request of a client without a socket.
pub const MAX_FRAMES: usize = 100;
/// Messages on a page of history.
pub const PAGE: usize = 50;
/// Rows in one answer to "what changed".
pub const CHANGES: usize = 200;
/// Further behind than this, a client gets the last page instead of the changes.
pub const RESET_BEHIND: i64 = 500;
/// Unread messages are counted up to here; more is shown as "99+".
pub const UNREAD_CAP: u32 = 100;
/// Above this number of members, receipts and presence are not told one by one.
pub const SMALL_CONVERSATION: usize = 32;
/// Longest title, in Unicode scalar values.
pub const MAX_TITLE: usize = 120;
/// Most people in one conversation at its founding.
pub const MAX_PARTICIPANTS: usize = 500;
/// Shortest and longest username, in characters.
pub const USERNAME: std::ops::RangeInclusive<usize> = 3..=32;
/// Shortest and longest password, in bytes. The upper bound stands before hashing, so that a huge one costs nothing.
pub const PASSWORD: std::ops::RangeInclusive<usize> = 8..=1_024;
/// A typing person is believed for this long without a new word, in milliseconds.
pub const TYPING_EXPIRES_MS: u64 = 6_000;
/// That somebody came or went is shown for this long, in milliseconds.
pub const EPHEMERAL_MS: u64 = 4_000;
/// A client that had no input for this long says that its reader is away, in milliseconds.
pub const AWAY_AFTER_MS: u64 = 300_000;
/// While typing, a client says so at most this often, in milliseconds.
pub const TYPING_EVERY_MS: u64 = 3_000;
/// After this much silence a client says that typing ended, in milliseconds.
pub const TYPING_SILENCE_MS: u64 = 3_000;
/// A long poll is held at most this long, in milliseconds: below the 30 s at which common proxies cut.
pub const POLL_HOLD_MS: u64 = 25_000;
/// Where a proxy ends held requests early, the client asks this often instead, in milliseconds.
pub const POLL_INTERVAL_MS: u64 = 5_000;
