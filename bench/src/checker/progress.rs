//! How far every client is, so that the time can be taken until all have caught up.

use super::history::{History, What};
use super::report::Times;
use protocol::ConversationId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// No catching up is waited for longer than this.
const LONGEST: Duration = Duration::from_secs(15);

/// Each client's cursors, and the times that catching up took, by the kind of the fault.
#[derive(Debug, Default)]
pub(super) struct Progress {
    cursors: Mutex<HashMap<usize, Option<HashMap<ConversationId, i64>>>>,
    times: Mutex<Times>,
    /// How often a fault began before all had caught up with the one before.
    overtaken: Mutex<u32>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Progress {
    /// A client stands there, in all its conversations.
    pub(super) fn set_cursors(&self, process: usize, cursors: HashMap<ConversationId, i64>) {
        lock(&self.cursors).insert(process, Some(cursors));
    }

    /// A client has no line: where it stands counts for nothing.
    pub(super) fn disconnected(&self, process: usize) {
        lock(&self.cursors).insert(process, None);
    }

    /// Whether every client has a line and everything up to these counters, in the conversations that it has.
    fn has_reached(&self, counters: &HashMap<ConversationId, i64>) -> bool {
        let reached =
            |(id, cursor): (&ConversationId, &i64)| counters.get(id).is_none_or(|counter| cursor >= counter);
        let all =
            |cursors: &Option<HashMap<_, _>>| cursors.as_ref().is_some_and(|all| all.iter().all(reached));
        lock(&self.cursors).values().all(all)
    }

    /// Waits until they have, and writes down how long after `mended` that was.
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

    /// The next fault began too early to tell.
    pub(super) fn count_overtaken(&self) {
        *lock(&self.overtaken) += 1;
    }

    /// The times that catching up took; and how often there was no telling.
    pub(super) fn times(&self) -> (Times, u32) {
        (lock(&self.times).clone(), *lock(&self.overtaken))
    }
}
