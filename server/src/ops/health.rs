//! What a supervisor asks. Anybody may, so it costs next to nothing: the database is asked once a second at most, by one
//! at a time, and not waited for without an end.

use crate::http::error::HttpError;
use crate::state::AppState;
use axum::extract::State;
use protocol::ErrorCode;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::health";

/// An answer is good for this long.
const FRESH: Duration = Duration::from_secs(1);
/// A database that takes longer is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the database answered last.
#[derive(Default)]
pub(crate) struct Health {
    database: Mutex<Option<(Instant, bool)>>,
}

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// The database answers, and nobody has told us to stop. Says what is missing, and nothing of why: that is in the log.
pub(crate) async fn ready(State(state): State<AppState>) -> Result<&'static str, HttpError> {
    if state.stop.is_cancelled() {
        return Err(HttpError::new(ErrorCode::Unavailable, "The server is stopping"));
    }
    if !database(&state).await {
        return Err(HttpError::new(ErrorCode::Unavailable, "The database does not answer"));
    }
    Ok("ready\n")
}

/// Whether the database answers.
pub(crate) async fn database(state: &AppState) -> bool {
    let mut last = state.health.database.lock().await;
    if let Some((_, answers)) = last.filter(|(at, _)| at.elapsed() < FRESH) {
        return answers;
    }
    let answers = match tokio::time::timeout(PATIENCE, state.chat.ready()).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(target: LOG_TARGET, %error, "the database does not answer");
            false
        }
        Err(_) => {
            tracing::warn!(target: LOG_TARGET, "the database does not answer within {} s", PATIENCE.as_secs());
            false
        }
    };
    *last = Some((Instant::now(), answers));
    answers
}
