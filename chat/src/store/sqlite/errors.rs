//! What SQLite complains of, in the domain's words.

use crate::Error;

const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const READ_ONLY: u32 = 8;
const IO: u32 = 10;
const FULL: u32 = 13;
const CANNOT_OPEN: u32 = 14;

/// SQLite's primary result code; the extended one has more in its higher bits.
fn code(error: &sqlx::Error) -> Option<u32> {
    error.as_database_error()?.code()?.parse::<u32>().ok().map(|code| code & 0xff)
}

/// Another process has the file for now.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    matches!(code(error), Some(BUSY | LOCKED))
}

/// A fault: away for now, or our own mistake.
pub(super) fn fault(error: sqlx::Error) -> Error {
    let away = match &error {
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => true,
        other => matches!(code(other), Some(BUSY | LOCKED | READ_ONLY | IO | FULL | CANNOT_OPEN)),
    };
    if away { Error::Unavailable(error.to_string()) } else { Error::Internal(error.to_string()) }
}
