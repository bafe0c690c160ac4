//! Health checks. They need no authentication, so they are cheap: the database is queried at most once a second, by one
//! request at a time, with a timeout.

use crate::error::HttpError;
use crate::state::AppState;
use axum::extract::State;
use protocol::ErrorCode;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::health";

/// How long a result is reused.
const CACHE_TTL: Duration = Duration::from_secs(1);
/// A database that takes longer counts as unavailable.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);

/// The last result of the database check, and its time.
#[derive(Default)]
pub(crate) struct Health {
    database: Mutex<Option<(Instant, bool)>>,
}

/// Liveness: the process answers.
pub(crate) async fn liveness() -> &'static str {
    "alive\n"
}

/// Readiness: the database answers and no shutdown has begun. The response says what is missing; the cause is only logged.
pub(crate) async fn readiness(State(state): State<AppState>) -> Result<&'static str, HttpError> {
    if state.stop.is_cancelled() {
        return Err(HttpError::new(ErrorCode::Unavailable, "The server is stopping"));
    }
    if !database_answers(&state).await {
        return Err(HttpError::new(ErrorCode::Unavailable, "The database does not answer"));
    }
    Ok("ready\n")
}

/// Whether the database answers, cached for [`CACHE_TTL`].
pub(crate) async fn database_answers(state: &AppState) -> bool {
    let mut last = state.health.database.lock().await;
    if let Some((_, answers)) = last.filter(|(at, _)| at.elapsed() < CACHE_TTL) {
        return answers;
    }
    let answers = match tokio::time::timeout(DATABASE_TIMEOUT, state.chat.ready()).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(target: LOG_TARGET, %error, "the database does not answer");
            false
        }
        Err(_) => {
            tracing::warn!(target: LOG_TARGET, "the database does not answer within {} s", DATABASE_TIMEOUT.as_secs());
            false
        }
    };
    *last = Some((Instant::now(), answers));
    answers
}
