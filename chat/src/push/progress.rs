//! The progress of pushes, written together at intervals: most looks push nothing, and each write would cost an fsync.

use crate::Result;
use crate::lock::lock;
use crate::store::{PushStore, PushSubscription};
use protocol::Timestamp;
use std::collections::HashMap;
use std::sync::Mutex;

/// `pushed_at` of subscriptions that is not written yet, by their numbers.
#[derive(Default)]
pub(super) struct Progress {
    pending: Mutex<HashMap<i64, Timestamp>>,
}

impl Progress {
    /// Everything up to this time is pushed, or is not to be.
    pub(super) fn add(&self, at: Timestamp, ids: impl IntoIterator<Item = i64>) {
        let mut pending = lock(&self.pending);
        for id in ids {
            let known = pending.entry(id).or_insert(at);
            *known = at.max(*known);
        }
    }

    /// Replaces `pushed_at` by what is not written yet.
    pub(super) fn apply(&self, subscriptions: &mut [PushSubscription]) {
        let pending = lock(&self.pending);
        for subscription in subscriptions {
            if let Some(at) = pending.get(&subscription.id) {
                subscription.pushed_at = subscription.pushed_at.max(*at);
            }
        }
    }

    /// Forgets what was written elsewhere.
    pub(super) fn written(&self, at: Timestamp, id: i64) {
        let mut pending = lock(&self.pending);
        if pending.get(&id).is_some_and(|known| *known <= at) {
            pending.remove(&id);
        }
    }

    /// Whether something is to be written.
    pub(super) fn is_empty(&self) -> bool {
        lock(&self.pending).is_empty()
    }

    /// Writes it. After an error it is still pending.
    pub(super) async fn write(&self, store: &dyn PushStore) -> Result<()> {
        let taken = lock(&self.pending).clone();
        let mut by_time: HashMap<Timestamp, Vec<i64>> = HashMap::new();
        for (id, at) in &taken {
            by_time.entry(*at).or_default().push(*id);
        }
        store.set_pushed(&by_time.into_iter().collect::<Vec<_>>()).await?;
        // Only now: a look meanwhile must not read the old time.
        lock(&self.pending).retain(|id, at| taken.get(id) != Some(at));
        Ok(())
    }
}
