//! Puts memberships to rest for people with long lists, after they have read one. A list then costs what its page shows and what
//! is unread, however many conversations there are.

use crate::Supervisor;
use crate::store::Store;
use protocol::UserId;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Number of memberships of a person that may be awake: up to there a list costs little.
const MOST_AWAKE: usize = 256;
/// Number of memberships that stay awake, a page and some more: the newest ones are those that get messages.
const NEWEST: usize = 64;
/// Shortest interval between two looks at one person.
const INTERVAL: Duration = Duration::from_secs(300);
/// Capacity of the queue. What does not fit waits for the next reading of the list.
const QUEUE: usize = 64;
/// Number of remembered people from which those of the last interval alone are kept.
const REMEMBERED: usize = 4_096;

/// Handle of the task.
pub(crate) struct Resting {
    people: mpsc::Sender<UserId>,
}

impl Resting {
    /// Starts the task.
    pub(crate) fn start(store: Arc<dyn Store>, supervisor: &Supervisor) -> Self {
        let (people, waiting) = mpsc::channel(QUEUE);
        supervisor.spawn("rest of memberships", run(store, waiting, supervisor.stop().clone()));
        Self { people }
    }

    /// Notes that this person has read the list.
    pub(crate) fn list_was_read(&self, user: UserId) {
        // Nothing depends on it: the next reading notes it again.
        let _ = self.people.try_send(user);
    }
}

async fn run(store: Arc<dyn Store>, mut waiting: mpsc::Receiver<UserId>, stop: CancellationToken) {
    let mut looked_at: HashMap<UserId, Instant> = HashMap::new();
    while let Some(Some(user)) = stop.run_until_cancelled(waiting.recv()).await {
        let now = Instant::now();
        if looked_at.get(&user).is_some_and(|at| now.duration_since(*at) < INTERVAL) {
            continue;
        }
        if looked_at.len() >= REMEMBERED {
            looked_at.retain(|_, at| now.duration_since(*at) < INTERVAL);
        }
        looked_at.insert(user, now);
        match store.rest(user, MOST_AWAKE, NEWEST).await {
            Ok(0) => {}
            Ok(rested) => tracing::debug!(%user, rested, "memberships were put to rest"),
            Err(error) => tracing::info!(cause = %error, "memberships cannot be put to rest yet"),
        }
    }
}
