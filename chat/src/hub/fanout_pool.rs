//! Thread pool that flushes the send queues of idle connections.

use super::subscriber::{EncodedBatch, Subscriber};
use crate::lock::lock;
use crate::metrics;
use crate::supervisor::contain_call;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// Subscribers that a thread takes at once: few enough that a second thread finds work.
const CHUNK: usize = 64;

/// Writes to many subscribers on blocking threads, so that the async workers can read, commit and serve small
/// conversations meanwhile. A delivery to a room of 500 took an eighth less CPU time than on the workers
/// (docs/performance.md). At most half as many threads as workers. Pushes that arrive while a room is being written are
/// included in the write to the subscribers that are still due.
#[derive(Clone)]
pub(super) struct FanoutPool(Arc<Shared>);

struct Shared {
    queue: Mutex<WorkQueue>,
    max_threads: usize,
}

#[derive(Default)]
struct WorkQueue {
    due: VecDeque<Arc<Subscriber>>,
    threads: usize,
}

impl FanoutPool {
    pub(super) fn new() -> Self {
        let workers = tokio::runtime::Handle::current().metrics().num_workers();
        Self(Arc::new(Shared { queue: Mutex::default(), max_threads: (workers / 2).max(1) }))
    }

    /// Flushes the queues of these subscribers: of a few in an async task, of many on the blocking threads.
    pub(super) fn flush(&self, subscribers: Vec<Arc<Subscriber>>) {
        if subscribers.is_empty() {
            return;
        }
        if subscribers.len() <= CHUNK {
            tokio::spawn(async move { flush(subscribers) });
            return;
        }
        let mut queue = lock(&self.0.queue);
        queue.due.extend(subscribers);
        if queue.threads < self.0.max_threads {
            queue.threads += 1;
            let pool = self.clone();
            tokio::task::spawn_blocking(move || pool.run_thread());
        }
    }

    fn run_thread(self) {
        while let Some(chunk) = self.next_chunk() {
            flush(chunk);
        }
    }

    /// The next subscribers; `None` ends the thread.
    fn next_chunk(&self) -> Option<Vec<Arc<Subscriber>>> {
        let mut queue = lock(&self.0.queue);
        let count = queue.due.len().min(CHUNK);
        if count == 0 {
            queue.threads -= 1;
            queue.due.shrink_to_fit();
            return None;
        }
        Some(queue.due.drain(..count).collect())
    }
}

/// Flushes the queues. A transport that panics ends its own connection, and neither this thread nor the other connections.
fn flush(subscribers: Vec<Arc<Subscriber>>) {
    let mut encoded = EncodedBatch::default();
    let mut written = 0;
    for subscriber in &subscribers {
        let flushed = contain_call("fan-out", || subscriber.flush(&mut encoded));
        written += flushed.unwrap_or_else(|| {
            // The batch may be half encoded, and the frames half written.
            encoded = EncodedBatch::default();
            subscriber.fail();
            0
        });
    }
    metrics::DELIVERIES.increment(written);
    metrics::FRAMES_OUT.increment(written);
}

#[cfg(test)]
mod tests;
