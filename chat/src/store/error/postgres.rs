//! Classification of Postgres' error codes.

use super::StoreError;

/// The error for this SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
pub(super) fn classify(sqlstate: &str) -> fn(sqlx::Error) -> StoreError {
    match (sqlstate.get(..2).unwrap_or_default(), sqlstate) {
        // Serialization failure, deadlock.
        (_, "40001" | "40P01") => |error| StoreError::Collision(error.to_string()),
        // A statement or a wait for a lock took too long; the server is read-only, as a standby is. The connection is intact.
        (_, "57014" | "55P03" | "25006")
        // Authentication failed, or there is no such database.
        | ("28" | "3D", _) => |error| StoreError::Unavailable(error.to_string()),
        // Connection exception, insufficient resources, operator intervention, system error.
        ("08" | "53" | "57" | "58", _) => StoreError::Lost,
        _ => |error| StoreError::Internal(error.to_string()),
    }
}
