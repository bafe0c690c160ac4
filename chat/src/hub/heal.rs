//! Reads from the database what the bus did not bring: once for the whole node.

use super::Hub;
use crate::Result;
use crate::bus::{Push, Topic};
use crate::lock::lock;
use crate::metric;
use protocol::{ConversationId, limits};
use std::sync::Arc;
use std::time::Duration;

/// Counters asked for at once.
const CHUNK: usize = 500;
/// Wait this long when the database does not answer.
const AGAIN: Duration = Duration::from_millis(500);

impl Hub {
    /// The frames of a conversation after a value of its counter, as far as they can still be told.
    pub(crate) async fn missing(&self, id: ConversationId, after: i64) -> Result<Vec<(i64, Arc<Push>)>> {
        let mut found = Vec::new();
        let mut cursor = after;
        loop {
            let frames = self.store.frames_after(id, cursor).await?;
            let more = frames.len() >= limits::CHANGES;
            for frame in frames {
                let push = Push::frame(Topic::Conversation(id), &frame);
                if let Some(rev) = push.rev.filter(|rev| *rev > cursor) {
                    cursor = rev;
                    found.push((rev, Arc::new(push)));
                }
            }
            if !more {
                return Ok(found);
            }
        }
    }

    /// Closes the holes of a conversation, and ends when there is none.
    pub(super) async fn fill(self: Arc<Self>, id: ConversationId) {
        loop {
            tokio::time::sleep(self.pace.hole).await;
            let hole =
                lock(&self.topics).get_mut(&Topic::Conversation(id)).and_then(|entry| entry.order.hole());
            let Some((after, upto)) = hole else { return };
            while let Err(error) = self.read(id, after, upto).await {
                tracing::warn!(conversation = %id, %error, "a hole cannot be filled yet");
                tokio::select! {
                    () = self.stop.cancelled() => return,
                    () = tokio::time::sleep(AGAIN) => {}
                }
            }
        }
    }

    /// Every so often compares the counters with the database, so that a lost publish heals without another one.
    pub(super) async fn compare(self: Arc<Self>) {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(self.pace.compare) => {}
            }
            if let Err(error) = self.compare_once().await {
                tracing::warn!(%error, "counters cannot be compared");
            }
        }
    }

    async fn compare_once(&self) -> Result<()> {
        let known: Vec<_> = lock(&self.topics)
            .iter()
            .filter_map(|(topic, entry)| match topic {
                Topic::Conversation(id) => Some((*id, entry.order.last()?)),
                _ => None,
            })
            .collect();
        for chunk in known.chunks(CHUNK) {
            let ids: Vec<_> = chunk.iter().map(|(id, _)| *id).collect();
            let last: std::collections::HashMap<_, _> = chunk.iter().copied().collect();
            for (id, counter) in self.store.counters(&ids).await? {
                match last.get(&id) {
                    Some(last) if *last < counter => {
                        self.read(id, *last, counter).await?;
                        metric::HUB_HEALS.increment(1);
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    async fn read(&self, id: ConversationId, after: i64, upto: i64) -> Result<()> {
        let frames = self.missing(id, after).await?;
        if let Some(entry) = lock(&self.topics).get_mut(&Topic::Conversation(id)) {
            let mut ready = Vec::new();
            entry.order.filled(frames, upto, &mut ready);
            ready.iter().for_each(|push| entry.deliver(push));
        }
        Ok(())
    }
}
