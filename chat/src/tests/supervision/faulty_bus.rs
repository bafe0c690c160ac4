//! A bus whose methods panic on request, and whose queues can be closed.

use crate::bus::{Bus, Link, Push, Topic};
use crate::lock::lock;
use async_trait::async_trait;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{mpsc, watch};

/// A call of the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Deliver,
    PublishToNodes,
    /// The end of the interest in a topic.
    Unsubscribe,
}

/// A bus to other nodes, of which there are none.
pub(super) struct FaultyBus {
    incoming: Mutex<Option<mpsc::Sender<Vec<Push>>>>,
    receiver: Mutex<Option<mpsc::Receiver<Vec<Push>>>>,
    link: Mutex<Option<watch::Sender<Link>>>,
    /// The call that panics, and how many of its kind succeed before.
    fault: Mutex<Option<(Call, usize)>>,
    loses_frames: AtomicBool,
}

impl FaultyBus {
    pub(super) fn new() -> Self {
        let (incoming, receiver) = mpsc::channel(1_024);
        Self {
            incoming: Mutex::new(Some(incoming)),
            receiver: Mutex::new(Some(receiver)),
            link: Mutex::new(Some(watch::Sender::new(Link { up: true, gaps: 0 }))),
            fault: Mutex::default(),
            loses_frames: AtomicBool::new(false),
        }
    }

    /// Lets a call panic after so many that succeed.
    pub(super) fn panic_in(&self, call: Call, after: usize) {
        *lock(&self.fault) = Some((call, after));
    }

    /// Loses the frames that move a conversation's counter, or stops losing them.
    pub(super) fn lose_frames(&self, loses: bool) {
        self.loses_frames.store(loses, Ordering::Release);
    }

    /// Ends the fault.
    pub(super) fn heal(&self) {
        *lock(&self.fault) = None;
    }

    /// Closes the queue to the hub.
    pub(super) fn close_incoming(&self) {
        *lock(&self.incoming) = None;
    }

    /// Closes the state of the link.
    pub(super) fn close_link(&self) {
        *lock(&self.link) = None;
    }

    fn check(&self, call: Call) {
        let mut fault = lock(&self.fault);
        if let Some((_, after)) = fault.as_mut().filter(|(faulty, _)| *faulty == call) {
            assert!(*after > 0, "injected in {call:?}");
            *after -= 1;
        }
    }
}

#[async_trait]
impl Bus for FaultyBus {
    fn publish(&self, mut pushes: Vec<Push>) {
        if self.loses_frames.load(Ordering::Acquire) {
            pushes.retain(|push| !matches!(push.topic, Topic::Conversation(_)) || push.rev.is_none());
        }
        if let Some(incoming) = &*lock(&self.incoming) {
            // Closed once the hub has stopped.
            let sent = incoming.try_send(pushes);
            assert!(!matches!(sent, Err(mpsc::error::TrySendError::Full(_))), "room in the queue");
        }
    }

    fn interest(&self, _topic: Topic, wanted: bool) {
        if !wanted {
            self.check(Call::Unsubscribe);
        }
    }

    fn incoming(&self) -> mpsc::Receiver<Vec<Push>> {
        lock(&self.receiver).take().expect("called once")
    }

    fn deliver(&self, pushes: Vec<Push>) {
        self.check(Call::Deliver);
        self.publish(pushes);
    }

    fn publish_to_nodes(&self, _pushes: Vec<Push>) {
        self.check(Call::PublishToNodes);
    }

    fn link(&self) -> Option<watch::Receiver<Link>> {
        lock(&self.link).as_ref().map(watch::Sender::subscribe)
    }
}
