//! A connection, as the hub sees it.

use crate::bus::Push;
use protocol::UserId;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Notify, mpsc};

/// The bounded queue of one connection.
pub(crate) struct Line {
    /// Its number on this node.
    pub(crate) id: u64,
    /// Whose it is.
    pub(crate) user: UserId,
    queue: mpsc::Sender<Arc<Push>>,
    behind: AtomicBool,
    fell: Notify,
}

impl Line {
    pub(super) fn new(id: u64, user: UserId, queue: usize) -> (Arc<Self>, mpsc::Receiver<Arc<Push>>) {
        let (queue, receiver) = mpsc::channel(queue.max(1));
        let (behind, fell) = (AtomicBool::new(false), Notify::new());
        (Arc::new(Self { id, user, queue, behind, fell }), receiver)
    }

    /// Queues a push. One that does not fit ends the connection: a frame is never left out silently.
    pub(super) fn offer(&self, push: &Arc<Push>) {
        if self.has_fallen() {
            return;
        }
        if self.queue.try_send(push.clone()).is_err() {
            self.behind.store(true, Ordering::Release);
            self.fell.notify_waiters();
        }
    }

    /// Whether a push did not fit.
    pub(crate) fn has_fallen(&self) -> bool {
        self.behind.load(Ordering::Acquire)
    }

    /// Waits for that.
    pub(crate) async fn fallen(&self) {
        loop {
            // Made before it is asked: what happens in between is not missed.
            let told = self.fell.notified();
            if self.has_fallen() {
                return;
            }
            told.await;
        }
    }
}
