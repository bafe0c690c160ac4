//! The cursors of all clients, from which the time to catch up after a fault is measured.

use super::history::{History, What};
use super::report::Times;
use protocol::ConversationId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The longest wait for clients to catch up.
const LONGEST: Duration = Duration::from_secs(15);

/// The cursors of each client, and the times to catch up by kind of fault.
#[derive(Debug, Default)]
pub(super) struct Progress {
    cursors: Mutex<HashMap<usize, Option<HashMap<ConversationId, i64>>>>,
    times: Mutex<Times>,
    /// The number of faults that began before all clients had caught up with the one before.
    overtaken: Mutex<u32>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Progress {
    /// Sets the cursors of a connected client.
    pub(super) fn set_cursors(&self, process: usize, cursors: HashMap<ConversationId, i64>) {
        lock(&self.cursors).insert(process, Some(cursors));
    }

    /// Marks a client as disconnected: its cursors do not count.
    pub(super) fn disconnected(&self, process: usize) {
        lock(&self.cursors).insert(process, None);
    }

    /// A client stays away by itself: nobody waits for it until it is connected again.
    pub(super) fn left(&self, process: usize) {
        lock(&self.cursors).remove(&process);
    }

    /// Whether every client is connected and has reached these counters in its conversations.
    fn has_reached(&self, counters: &HashMap<ConversationId, i64>) -> bool {
        let reached =
            |(id, cursor): (&ConversationId, &i64)| counters.get(id).is_none_or(|counter| cursor >= counter);
        let all =
            |cursors: &Option<HashMap<_, _>>| cursors.as_ref().is_some_and(|all| all.iter().all(reached));
        lock(&self.cursors).values().all(all)
    }

    /// Waits until all clients have reached `counters`, and records the time since `mended`.
    pub(super) async fn wait_until_caught_up(
        self: Arc<Self>,
        kind: &'static str,
        fault: String,
        mended: Instant,
        counters: HashMap<ConversationId, i64>,
        history: Arc<History>,
    ) {
        while !self.has_reached(&counters) {
            if mended.elapsed() > LONGEST {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let took = mended.elapsed();
        lock(&self.times).entry(kind).or_default().push(took);
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        history.note(None, What::CaughtUp { fault, milliseconds });
    }

    /// Counts a fault that began before all had caught up with the one before.
    pub(super) fn count_overtaken(&self) {
        *lock(&self.overtaken) += 1;
    }

    /// The times to catch up, and the number of faults that were overtaken by the next.
    pub(super) fn times(&self) -> (Times, u32) {
        (lock(&self.times).clone(), *lock(&self.overtaken))
    }
}
