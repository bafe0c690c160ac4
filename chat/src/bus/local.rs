//! In-process bus of a single node.

use super::{Bus, Push, Topic};
use crate::metrics;
use std::sync::Mutex;
use tokio::sync::mpsc;

/// Capacity of the queue to the hub, in batches. The hub never blocks, so this is exceeded only if the machine stalls; lost
/// pushes are read from the database.
const QUEUE: usize = 8_192;

/// The in-process bus.
pub struct Local {
    sender: mpsc::Sender<Vec<Push>>,
    receiver: Mutex<Option<mpsc::Receiver<Vec<Push>>>>,
}

impl Local {
    /// Creates a bus.
    #[must_use]
    pub fn new() -> Self {
        metrics::BUS_CONNECTED.set(1.0);
        let (sender, receiver) = mpsc::channel(QUEUE);
        Self { sender, receiver: Mutex::new(Some(receiver)) }
    }
}

impl Default for Local {
    fn default() -> Self {
        Self::new()
    }
}

impl Bus for Local {
    fn publish(&self, pushes: Vec<Push>) {
        if pushes.is_empty() {
            return;
        }
        metrics::BUS_PUBLISHED.increment(pushes.len() as u64);
        if let Err(mpsc::error::TrySendError::Full(lost)) = self.sender.try_send(pushes) {
            metrics::BUS_LOST.increment(lost.len() as u64);
            tracing::warn!(pushes = lost.len(), "the hub does not keep up: pushes are lost");
        }
    }

    fn interest(&self, _topic: Topic, _wanted: bool) {}

    fn incoming(&self) -> mpsc::Receiver<Vec<Push>> {
        // A second call gives a receiver on which nothing ever arrives.
        let taken = self.receiver.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        taken.unwrap_or_else(|| mpsc::channel(1).1)
    }
}

#[cfg(test)]
mod tests {
    use super::Local;
    use crate::bus::contract::{Nodes, bus_contract};
    use std::sync::Arc;

    async fn local() -> (Nodes, ()) {
        (vec![Arc::new(Local::new())], ())
    }

    bus_contract!(local);
}
