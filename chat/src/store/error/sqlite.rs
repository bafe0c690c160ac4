//! Classification of SQLite's result codes: <https://www.sqlite.org/rescode.html>.

use super::StoreError;

const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const READ_ONLY: u32 = 8;
const IO: u32 = 10;
const FULL: u32 = 13;
const CANNOT_OPEN: u32 = 14;
const NOT_A_DATABASE: u32 = 26;

/// The primary result code, which is the lowest byte of an extended one.
fn primary(code: &str) -> Option<u32> {
    code.parse::<u32>().ok().map(|code| code & 0xff)
}

/// Whether another process holds a lock on the file.
pub(in crate::store) fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
    matches!(primary(&code), Some(BUSY | LOCKED))
}

/// The error for this result code.
pub(super) fn classify(code: &str) -> fn(sqlx::Error) -> StoreError {
    match primary(code) {
        Some(BUSY | LOCKED | READ_ONLY | IO | FULL | CANNOT_OPEN) => {
            |error| StoreError::Unavailable(error.to_string())
        }
        Some(NOT_A_DATABASE) => |_| {
            StoreError::Unsupported(
                "the file is not a SQLite database: restore a backup of the database".into(),
            )
        },
        _ => |error| StoreError::Internal(error.to_string()),
    }
}
