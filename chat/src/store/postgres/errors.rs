//! What Postgres complains of, in the domain's words.

use crate::Error;

/// The connection was there and is no more, or could not be made.
const LOST: &str = "no connection to the database";
/// Two transactions stood in each other's way; nothing of ours was written.
const COLLIDED: &str = "two transactions collided";
/// No answer in time.
const SILENT: &str = "the database does not answer";

/// A fault: away for now, or our own mistake.
pub(super) fn fault(error: sqlx::Error) -> Error {
    let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
    match (&error, code.get(..2).unwrap_or_default(), &*code) {
        // Serialization failure, deadlock.
        (_, _, "40001" | "40P01") => collision(&error.to_string()),
        // A statement that took too long: the connection is well.
        (_, _, "57014") => Error::Unavailable(error.to_string()),
        (
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed,
            _,
            _,
        )
        // Connection exceptions, resources (disk, memory, connections), the operator's shutting down, the system's own.
        | (_, "08" | "57" | "58" | "53", _) => Error::Unavailable(format!("{LOST}: {error}")),
        // Who may not sign in, or has no such database.
        (_, "28" | "3D", _)
        // A standby that may only be read; a lock that was waited for too long.
        | (_, _, "25006" | "55P03") => Error::Unavailable(error.to_string()),
        _ => Error::Internal(error.to_string()),
    }
}

/// To be tried again.
pub(super) fn collision(why: &str) -> Error {
    Error::Unavailable(format!("{COLLIDED}: {why}"))
}

/// Nothing came in time.
pub(super) fn silence(what: &str) -> Error {
    Error::Unavailable(format!("{SILENT}: {what}"))
}

pub(super) fn is_collision(error: &Error) -> bool {
    begins(error, COLLIDED)
}

/// Not reached, or just starting; other than a wrong password or a name that is not there.
pub(super) fn may_pass(error: &Error) -> bool {
    is_silence(error) || is_lost(error)
}

pub(super) fn is_silence(error: &Error) -> bool {
    begins(error, SILENT)
}

pub(super) fn is_lost(error: &Error) -> bool {
    begins(error, LOST)
}

fn begins(error: &Error, with: &str) -> bool {
    matches!(error, Error::Unavailable(why) if why.starts_with(with))
}
