//! Group commit: the only task that writes conversations. It commits everything that was queued during the previous commit in
//! one transaction, without a timer and with one fsync. Then it publishes the resulting events, and replies.

use crate::after_commit;
use crate::commit_health::CommitHealth;
use crate::metrics;
use crate::push::Hints;
use crate::receipts::Receipts;
use crate::store::{Outcome, Store, Write};
use crate::{Clock, Error, Result, Supervisor, bus::Bus};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};

/// Capacity of the queue; callers wait for a free place.
const QUEUE: usize = 4_096;
/// Maximum number of writes in one transaction.
const BATCH: usize = 1_024;

enum Job {
    Write(Write, oneshot::Sender<Result<Outcome>>),
    /// Commit the queue, and accept nothing more.
    Finish(oneshot::Sender<()>),
}

/// Handle of the writer task.
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    health: Arc<CommitHealth>,
}

impl Writer {
    /// Starts the task. It ends by [`Writer::finish`], or when the handle is dropped.
    pub(crate) fn start(
        store: Arc<dyn Store>,
        bus: Arc<dyn Bus>,
        clock: Arc<dyn Clock>,
        receipts: Receipts,
        push_hints: Arc<Hints>,
        supervisor: &Supervisor,
    ) -> Self {
        let (jobs, waiting) = mpsc::channel(QUEUE);
        let health = Arc::new(CommitHealth::default());
        supervisor
            .spawn("writer", work(store, bus, clock, receipts, push_hints, waiting, Arc::clone(&health)));
        Self { jobs, health }
    }

    /// Waits until the change is durable or refused.
    pub(crate) async fn write(&self, write: Write) -> Result<Outcome> {
        let (reply, answer) = oneshot::channel();
        let closed = || Error::Unavailable("the writer has ended".into());
        self.jobs.send(Job::Write(write, reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Whether the latest commit failed a short time ago.
    pub(crate) fn commits_fail(&self) -> bool {
        self.health.is_failing()
    }

    /// The number of queued writes.
    pub(crate) fn waiting(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    /// Waits until all accepted writes are durable; further ones are not accepted.
    pub(crate) async fn finish(&self) {
        let (reply, done) = oneshot::channel();
        if self.jobs.send(Job::Finish(reply)).await.is_ok() {
            // An error means that the task had ended before.
            let _ = done.await;
        }
    }
}

async fn work(
    store: Arc<dyn Store>,
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
    receipts: Receipts,
    push_hints: Arc<Hints>,
    mut waiting: mpsc::Receiver<Job>,
    health: Arc<CommitHealth>,
) {
    let mut jobs = Vec::new();
    let mut finishing = Vec::new();
    while waiting.recv_many(&mut jobs, BATCH).await > 0 {
        let mut writes = Vec::with_capacity(jobs.len());
        let mut replies = Vec::with_capacity(jobs.len());
        for job in jobs.drain(..) {
            match job {
                Job::Write(write, reply) => {
                    writes.push(write);
                    replies.push(reply);
                }
                Job::Finish(reply) => {
                    waiting.close();
                    finishing.push(reply);
                }
            }
        }
        if writes.is_empty() {
            continue;
        }
        let outcomes = commit(&*store, &*clock, &health, &writes).await;
        let mut pushes = Vec::with_capacity(writes.len());
        for (write, outcome) in writes.iter().zip(&outcomes) {
            if let Ok(outcome) = outcome {
                after_commit::events(write, outcome, &mut pushes);
                receipts.on_commit(write, outcome);
            }
        }
        push_hints.on_commit(&pushes);
        bus.publish(pushes);
        for (reply, outcome) in replies.into_iter().zip(outcomes) {
            // The caller may be gone; the change is durable anyway.
            let _ = reply.send(outcome);
        }
    }
    for reply in finishing {
        let _ = reply.send(());
    }
}

/// Commits the writes, and gives one outcome for each.
async fn commit(
    store: &dyn Store,
    clock: &dyn Clock,
    health: &CommitHealth,
    writes: &[Write],
) -> Vec<Result<Outcome>> {
    let count = writes.len();
    let began = Instant::now();
    let committed = store.commit(writes, clock.now()).await;
    metrics::COMMIT_SECONDS.record(began.elapsed());
    #[allow(clippy::cast_precision_loss, reason = "a batch is small")]
    metrics::COMMIT_WRITES.record(count as f64);
    let committed = committed.and_then(|outcomes| match outcomes.len() {
        length if length == count => Ok(outcomes),
        length => Err(Error::Internal(format!("{count} writes, {length} outcomes"))),
    });
    health.record(&committed);
    if committed.is_err() {
        metrics::COMMITS_FAILED.increment(1);
    }
    match committed {
        Ok(outcomes) => outcomes,
        Err(error) => (0..count).map(|_| Err(copy_of(&error))).collect(),
    }
}

/// A copy of the error, for each of the callers.
fn copy_of(error: &Error) -> Error {
    match error {
        Error::Refused(body) => Error::Refused(body.clone()),
        Error::Unavailable(cause) => Error::Unavailable(cause.clone()),
        Error::Internal(cause) => Error::Internal(cause.clone()),
        Error::Unsupported(cause) => Error::Unsupported(cause.clone()),
    }
}
