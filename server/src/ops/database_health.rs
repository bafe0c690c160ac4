//! Health check of the database. Anybody may ask for it, so it is cheap: the database is queried at most once a second, by
//! one request at a time, with a timeout.

use chat::ChatService;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::health";

/// How long a result is reused.
const CACHE_TTL: Duration = Duration::from_secs(1);
/// A database that takes longer counts as unavailable.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);

/// The last result of the database check, and its time. Cheap to clone; clones share the result.
#[derive(Clone, Default)]
pub(crate) struct Health {
    database: Arc<Mutex<Option<(Instant, bool)>>>,
}

impl Health {
    /// Whether the database answers, cached for [`CACHE_TTL`].
    pub(crate) async fn database_answers(&self, chat: &ChatService) -> bool {
        let mut last = self.database.lock().await;
        if let Some((_, answers)) = last.filter(|(at, _)| at.elapsed() < CACHE_TTL) {
            return answers;
        }
        let answers = match tokio::time::timeout(DATABASE_TIMEOUT, chat.ready()).await {
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
}
