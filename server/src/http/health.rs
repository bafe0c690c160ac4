//! Health checks for load balancers and supervisors. They need no authentication.

use crate::error::HttpError;
use crate::state::AppState;
use axum::extract::State;
use protocol::ErrorCode;

/// Body of the liveness response.
pub(crate) const ALIVE: &str = "alive\n";

/// Liveness: the process answers.
pub(crate) async fn liveness() -> &'static str {
    ALIVE
}

/// Readiness: all background tasks run, no shutdown has begun, the database answers and takes writes. The response says what
/// is missing; the cause is only logged.
pub(crate) async fn readiness(State(state): State<AppState>) -> Result<&'static str, HttpError> {
    if state.supervisor.failed_task().is_some() {
        return Err(HttpError::new(ErrorCode::Unavailable, "A background task has failed"));
    }
    if state.stop.is_cancelled() {
        return Err(HttpError::new(ErrorCode::Unavailable, "The server is stopping"));
    }
    if !state.health.database_answers(&state.chat).await {
        return Err(HttpError::new(ErrorCode::Unavailable, "The database does not answer"));
    }
    if state.chat.commits_fail() {
        return Err(HttpError::new(ErrorCode::Unavailable, "The database does not take writes"));
    }
    Ok("ready\n")
}
