//! The one task that writes conversations. It commits whatever queued up during the previous commit, in one
//! transaction: no timer, one fsync for many messages. Only then it spreads what follows, and answers.

mod follows;

use crate::metrics;
use crate::receipts::Receipts;
use crate::store::{Outcome, Store, Write};
use crate::{Clock, Error, Result, bus::Bus};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};

/// Writes that may wait; beyond, askers wait for a place.
const WAITING: usize = 4_096;
/// Writes in one transaction.
const BATCH: usize = 1_024;

enum Job {
    Write(Write, oneshot::Sender<Result<Outcome>>),
    /// Write what was accepted, accept nothing more.
    Finish(oneshot::Sender<()>),
}

/// The way to the writer.
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the task. It ends by [`Writer::finish`], or when nobody can write any more.
    pub(crate) fn start(
        store: Arc<dyn Store>,
        bus: Arc<dyn Bus>,
        clock: Arc<dyn Clock>,
        receipts: Receipts,
    ) -> Self {
        let (jobs, waiting) = mpsc::channel(WAITING);
        tokio::spawn(work(store, bus, clock, receipts, waiting));
        Self { jobs }
    }

    /// Returns when the change is durable, or refused.
    pub(crate) async fn write(&self, write: Write) -> Result<Outcome> {
        let (reply, answer) = oneshot::channel();
        let closed = || Error::Unavailable("the writer has ended".into());
        self.jobs.send(Job::Write(write, reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// How many writes wait now.
    pub(crate) fn waiting(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    /// Returns when all that was accepted is durable; from then on nothing more is accepted.
    pub(crate) async fn finish(&self) {
        let (reply, done) = oneshot::channel();
        if self.jobs.send(Job::Finish(reply)).await.is_ok() {
            // Dropped without a word: it had ended before.
            let _ = done.await;
        }
    }
}

async fn work(
    store: Arc<dyn Store>,
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
    receipts: Receipts,
    mut waiting: mpsc::Receiver<Job>,
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
        let outcomes = commit(&*store, &*clock, writes.clone()).await;
        let mut pushes = Vec::with_capacity(writes.len());
        for (write, outcome) in writes.iter().zip(&outcomes) {
            if let Ok(outcome) = outcome {
                follows::pushes(write, outcome, &mut pushes);
                receipts.note(write, outcome);
            }
        }
        bus.publish(pushes);
        for (reply, outcome) in replies.into_iter().zip(outcomes) {
            // Who asked may be gone; the change stands.
            let _ = reply.send(outcome);
        }
    }
    for reply in finishing {
        let _ = reply.send(());
    }
}

/// One outcome for each write, whatever happens.
async fn commit(store: &dyn Store, clock: &dyn Clock, writes: Vec<Write>) -> Vec<Result<Outcome>> {
    let count = writes.len();
    let began = Instant::now();
    let committed = store.commit(writes, clock.now()).await;
    metrics::COMMIT_SECONDS.record(began.elapsed());
    #[allow(clippy::cast_precision_loss, reason = "a batch is small")]
    metrics::COMMIT_WRITES.record(count as f64);
    if committed.is_err() {
        metrics::COMMITS_FAILED.increment(1);
    }
    match committed {
        Ok(outcomes) if outcomes.len() == count => outcomes,
        Ok(outcomes) => {
            let why = format!("{count} writes, {} outcomes", outcomes.len());
            (0..count).map(|_| Err(Error::Internal(why.clone()))).collect()
        }
        Err(error) => (0..count).map(|_| Err(again(&error))).collect(),
    }
}

/// The same error for the next asker.
fn again(error: &Error) -> Error {
    match error {
        Error::Refused(body) => Error::Refused(body.clone()),
        Error::Unavailable(cause) => Error::Unavailable(cause.clone()),
        Error::Internal(cause) => Error::Internal(cause.clone()),
    }
}
