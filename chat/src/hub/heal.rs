//! Reads from the database what the bus did not bring: once for the whole node.

use super::Hub;
use crate::Result;
use crate::bus::{Body, Link, Push, Topic};
use crate::lock::lock;
use crate::metric;
use protocol::{ConversationId, NewMessage, ServerFrame, UserId, limits};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Counters asked for at once.
const CHUNK: usize = 500;
/// Wait this long when the database does not answer.
const AGAIN: Duration = Duration::from_millis(500);

/// What was said after a value of a conversation's counter.
pub(crate) struct Missing {
    /// In order, by their `rev`.
    pub(crate) frames: Vec<(i64, Arc<Push>)>,
    /// Whose membership ended.
    parted: Vec<UserId>,
}

impl Hub {
    /// The frames of a conversation after a value of its counter, as far as they can still be told.
    pub(crate) async fn missing(&self, id: ConversationId, after: i64) -> Result<Missing> {
        let mut missing = Missing { frames: Vec::new(), parted: Vec::new() };
        let mut cursor = after;
        loop {
            let frames = self.store.frames_after(id, cursor).await?;
            let more = frames.len() >= limits::CHANGES;
            for frame in frames {
                if let ServerFrame::NewMessage(NewMessage { members, .. }) = &frame {
                    let left = members.iter().filter(|member| member.left);
                    missing.parted.extend(left.map(|member| member.user.id));
                }
                let push = Push::frame(Topic::Conversation(id), &frame);
                if let Some(rev) = push.rev.filter(|rev| *rev > cursor) {
                    cursor = rev;
                    missing.frames.push((rev, Arc::new(push)));
                }
            }
            if !more {
                return Ok(missing);
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

    /// Whenever something may have been missed on the way between nodes, everything is looked at.
    pub(super) async fn watch(self: Arc<Self>, mut link: watch::Receiver<Link>) {
        let mut gaps = link.borrow_and_update().gaps;
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                changed = link.changed() => if changed.is_err() {
                    return;
                }
            }
            let now = link.borrow_and_update().gaps;
            if gaps != std::mem::replace(&mut gaps, now) {
                self.looks.send_modify(|looks| *looks += 1);
            }
        }
    }

    /// Every so often compares the counters with the database, so that a lost publish heals without another one.
    pub(super) async fn compare(self: Arc<Self>) {
        let mut looks = self.looks.subscribe();
        while self.due(self.pace.compare, &mut looks).await {
            if let Err(error) = self.compare_once().await {
                tracing::warn!(%error, "counters cannot be compared");
            }
        }
    }

    /// The same for the counters of people, so often that whoever is removed is out within two seconds on every node.
    pub(super) async fn compare_people(self: Arc<Self>, every: Duration) {
        let mut looks = self.looks.subscribe();
        while self.due(every, &mut looks).await {
            if let Err(error) = self.compare_people_once().await {
                tracing::warn!(%error, "people's counters cannot be compared");
            }
        }
    }

    /// Waits until it is time to look; false: no more.
    async fn due(&self, every: Duration, looks: &mut watch::Receiver<u64>) -> bool {
        tokio::select! {
            () = self.stop.cancelled() => return false,
            () = tokio::time::sleep(every) => {}
            // What is on its way may come, and what came together is looked at together.
            Ok(()) = looks.changed() => tokio::time::sleep(self.pace.hole).await,
        }
        looks.mark_unchanged();
        true
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

    async fn compare_people_once(&self) -> Result<()> {
        let known: Vec<_> = lock(&self.topics)
            .iter()
            .filter_map(|(topic, entry)| match topic {
                Topic::Person(user) => Some((*user, entry.own.last()?)),
                _ => None,
            })
            .collect();
        let mut behind = Vec::new();
        for chunk in known.chunks(CHUNK) {
            let users: Vec<_> = chunk.iter().map(|(user, _)| *user).collect();
            let last: std::collections::HashMap<_, _> = chunk.iter().copied().collect();
            let revs = self.store.user_revs(&users).await?;
            behind
                .extend(revs.into_iter().filter(|(user, rev)| last.get(user).is_some_and(|last| last < rev)));
        }
        if behind.is_empty() {
            return Ok(());
        }
        // What was committed a moment ago is on its way.
        tokio::time::sleep(self.pace.hole * 2).await;
        let mut due = Vec::new();
        let mut all = lock(&self.topics);
        for (user, rev) in behind {
            let topic = Topic::Person(user);
            if let Some(entry) = all.get_mut(&topic)
                && let Some(after) = entry.own.catch_up(rev)
            {
                metric::HUB_HEALS.increment(1);
                entry.deliver(&Arc::new(Push::word(topic, Body::Behind(after))), &mut due);
            }
        }
        drop(all);
        self.crew.write(due);
        Ok(())
    }

    async fn read(&self, id: ConversationId, after: i64, upto: i64) -> Result<()> {
        let Missing { frames, parted } = self.missing(id, after).await?;
        let topic = Topic::Conversation(id);
        let mut due = Vec::new();
        if let Some(entry) = lock(&self.topics).get_mut(&topic) {
            let mut ready = Vec::new();
            entry.order.filled(frames, upto, &mut ready);
            ready.iter().for_each(|push| entry.deliver(push, &mut due));
            for user in parted {
                entry.deliver(&Arc::new(Push::word(topic, Body::Parted(user))), &mut due);
            }
        }
        self.crew.write(due);
        Ok(())
    }
}
