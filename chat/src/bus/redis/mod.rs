//! Between nodes: Redis carries pushes, and keeps nothing. It may be away, emptied or frozen at any time: then this
//! node's own pushes go on as if it were alone, and whatever did not come is read from the database once it is back.

mod allowances;
mod backoff;
mod channels;
mod envelope;
mod link;
#[cfg(test)]
mod tests;

use super::{Allowance, Answer, Bus, Link, Push, Topic};
use crate::lock::lock;
use crate::{Error, Result, metric};
use async_trait::async_trait;
use channels::Interest;
use redis::aio::MultiplexedConnection;
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Batches that may wait for the hub; see [`super::Local`].
const WAITING: usize = 8_192;
/// Batches that may wait for Redis.
const OUTGOING: usize = 4_096;

/// A bus over Redis.
pub struct Redis {
    inner: Arc<Inner>,
    incoming: Mutex<Option<mpsc::Receiver<Vec<Push>>>>,
}

struct Inner {
    node: u64,
    /// What the names of all channels and keys of this installation begin with.
    prefix: String,
    here: mpsc::Sender<Vec<Push>>,
    out: mpsc::Sender<Vec<Push>>,
    interest: Interest,
    link: watch::Sender<Link>,
    /// When this node last said something to itself by way of Redis.
    echo: Mutex<Option<Instant>>,
    /// For questions, while there is a way.
    questions: Mutex<Option<MultiplexedConnection>>,
    allowances: allowances::Allowances,
}

impl Redis {
    /// Begins to look for the server at this address (`redis://`, `rediss://`); whether it is there matters to nobody.
    /// Installations on one server do not mix as long as they are named differently.
    ///
    /// # Errors
    /// That is no address.
    pub fn start(url: &str, installation: &str, stop: CancellationToken) -> Result<Self> {
        let client = client(url).map_err(Error::Internal)?;
        let (here, incoming) = mpsc::channel(WAITING);
        let (out, outgoing) = mpsc::channel(OUTGOING);
        let inner = Arc::new(Inner {
            node: uuid::Uuid::new_v4().as_u64_pair().0,
            prefix: format!("rapport:{installation}"),
            here,
            out,
            interest: Interest::new(),
            link: watch::Sender::new(Link::default()),
            echo: Mutex::default(),
            questions: Mutex::default(),
            allowances: allowances::Allowances::new(),
        });
        tokio::spawn(link::keep(Arc::clone(&inner), client, outgoing, stop));
        Ok(Self { inner, incoming: Mutex::new(Some(incoming)) })
    }
}

/// Whether this is an address of a Redis.
///
/// # Errors
/// Why not, without the password that may stand in it.
pub fn accepts(url: &str) -> std::result::Result<(), String> {
    client(url).map(drop)
}

fn client(url: &str) -> std::result::Result<redis::Client, String> {
    if !(url.starts_with("redis://") || url.starts_with("rediss://")) {
        return Err("write it as redis://host:6379 or rediss://host:6379".into());
    }
    // What the library says may hold the address.
    redis::Client::open(url)
        .map_err(|_| "it cannot be read; write it as redis://name:password@host:6379".into())
}

impl Inner {
    fn gap(&self) {
        self.link.send_modify(|link| link.gaps += 1);
    }

    /// Hands it to this node's hub.
    fn deliver(&self, pushes: Vec<Push>) {
        if let Err(mpsc::error::TrySendError::Full(lost)) = self.here.try_send(pushes) {
            tracing::warn!(pushes = lost.len(), "the hub does not keep up: pushes are lost");
            metric::BUS_LOST.increment(lost.len() as u64);
            self.gap();
        }
    }

    /// Hands it to Redis, if it is there.
    fn send(&self, pushes: Vec<Push>) {
        if !self.link.borrow().up {
            metric::BUS_LOST.increment(pushes.len() as u64);
            return;
        }
        if let Err(mpsc::error::TrySendError::Full(lost)) = self.out.try_send(pushes) {
            metric::BUS_LOST.increment(lost.len() as u64);
        }
    }
}

#[async_trait]
impl Bus for Redis {
    fn publish(&self, pushes: Vec<Push>) {
        if pushes.is_empty() {
            return;
        }
        metric::BUS_PUBLISHED.increment(pushes.len() as u64);
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

    fn tell_nodes(&self, pushes: Vec<Push>) {
        if !pushes.is_empty() {
            self.inner.send(pushes);
        }
    }

    fn link(&self) -> Option<watch::Receiver<Link>> {
        Some(self.inner.link.subscribe())
    }

    async fn spend(&self, asked: &[Allowance]) -> Option<Vec<Answer>> {
        let connection = lock(&self.inner.questions).clone()?;
        self.inner.allowances.spend(connection, &self.inner.prefix, asked).await
    }
}
