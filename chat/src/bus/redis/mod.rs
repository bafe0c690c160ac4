//! Bus over Redis, which carries pushes and stores none. Redis may be unreachable, emptied or frozen at any time: this node
//! then serves its own connections as if it were alone, and lost pushes are read from the database afterwards.

mod backoff;
mod channels;
mod envelope;
mod link;
#[cfg(test)]
mod tests;

use super::{Bus, Link, Push, Topic};
use crate::lock::lock;
use crate::{Error, Result, Supervisor, metrics};
use channels::Interest;
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Capacity of the queue to the hub, in batches; see [`super::Local`].
const INCOMING: usize = 8_192;
/// Capacity of the queue to Redis, in batches.
const OUTGOING: usize = 4_096;

/// A bus over Redis.
pub struct Redis {
    inner: Arc<Inner>,
    incoming: Mutex<Option<mpsc::Receiver<Vec<Push>>>>,
}

struct Inner {
    node: u64,
    /// Prefix of all channels of this installation.
    prefix: String,
    here: mpsc::Sender<Vec<Push>>,
    out: mpsc::Sender<Vec<Push>>,
    interest: Interest,
    link: watch::Sender<Link>,
    /// The time of the last message from this node to itself, to measure the lag.
    echo: Mutex<Option<Instant>>,
}

impl Redis {
    /// Starts connecting to the server at this address (`redis://`, `rediss://`); the server need not be reachable.
    /// Installations with different names can share a server.
    ///
    /// # Errors
    /// The address is invalid.
    pub fn start(url: &str, installation: &str, supervisor: &Supervisor) -> Result<Self> {
        let client = client(url).map_err(Error::Internal)?;
        let (here, incoming) = mpsc::channel(INCOMING);
        let (out, outgoing) = mpsc::channel(OUTGOING);
        let inner = Arc::new(Inner {
            node: uuid::Uuid::new_v4().as_u64_pair().0,
            prefix: format!("rapport:{installation}"),
            here,
            out,
            interest: Interest::new(),
            link: watch::Sender::new(Link::default()),
            echo: Mutex::default(),
        });
        let link = link::run(Arc::clone(&inner), client, outgoing, supervisor.stop().clone());
        supervisor.spawn("Redis link", link);
        Ok(Self { inner, incoming: Mutex::new(Some(incoming)) })
    }
}

/// Checks the address of a Redis.
///
/// # Errors
/// The reason, without the password that the address may contain.
pub fn accepts(url: &str) -> std::result::Result<(), String> {
    client(url).map(drop)
}

fn client(url: &str) -> std::result::Result<redis::Client, String> {
    if !(url.starts_with("redis://") || url.starts_with("rediss://")) {
        return Err("write it as redis://host:6379 or rediss://host:6379".into());
    }
    // The error of the library may contain the address.
    redis::Client::open(url)
        .map_err(|_| "it cannot be read; write it as redis://name:password@host:6379".into())
}

impl Inner {
    fn gap(&self) {
        self.link.send_modify(|link| link.gaps += 1);
    }

    /// Queues pushes for the hub of this node.
    fn deliver(&self, pushes: Vec<Push>) {
        if let Err(mpsc::error::TrySendError::Full(lost)) = self.here.try_send(pushes) {
            tracing::warn!(pushes = lost.len(), "the hub does not keep up: pushes are lost");
            metrics::BUS_LOST.increment(lost.len() as u64);
            self.gap();
        }
    }

    /// Queues pushes for Redis, if the link is up.
    fn send(&self, pushes: Vec<Push>) {
        if !self.link.borrow().up {
            metrics::BUS_LOST.increment(pushes.len() as u64);
            return;
        }
        if let Err(mpsc::error::TrySendError::Full(lost)) = self.out.try_send(pushes) {
            metrics::BUS_LOST.increment(lost.len() as u64);
        }
    }
}

impl Bus for Redis {
    fn publish(&self, pushes: Vec<Push>) {
        if pushes.is_empty() {
            return;
        }
        metrics::BUS_PUBLISHED.increment(pushes.len() as u64);
        self.inner.send(pushes.clone());
        self.inner.deliver(pushes);
    }

    fn interest(&self, topic: Topic, wanted: bool) {
        self.inner.interest.count(topic, wanted);
    }

    fn incoming(&self) -> mpsc::Receiver<Vec<Push>> {
        lock(&self.incoming).take().unwrap_or_else(|| mpsc::channel(1).1)
    }

    fn deliver(&self, pushes: Vec<Push>) {
        self.inner.deliver(pushes);
    }

    fn publish_to_nodes(&self, pushes: Vec<Push>) {
        if !pushes.is_empty() {
            self.inner.send(pushes);
        }
    }

    fn link(&self) -> Option<watch::Receiver<Link>> {
        Some(self.inner.link.subscribe())
    }
}
