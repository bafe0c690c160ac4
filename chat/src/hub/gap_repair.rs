//! Gap repair: reads pushes that the bus lost from the database, once for the whole node.

use super::{Hub, TopicState};
use crate::bus::{BusEvent, Link, Push, Topic};
use crate::metrics;
use crate::{Error, Result, contain};
use dashmap::mapref::multiple::RefMulti;
use protocol::{ConversationId, NewMessage, ServerFrame, UserId, limits};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "chat::hub::heal";
/// Number of counters in one query.
const CHUNK: usize = 500;
/// Delay before the next attempt when the database does not answer.
const RETRY: Duration = Duration::from_millis(500);

/// The frames after a value of a conversation's counter.
pub(crate) struct Missing {
    /// Ordered by `rev`.
    pub(crate) frames: Vec<(i64, Arc<Push>)>,
    /// Members who left, each with the `rev` at which that was.
    former_members: Vec<(i64, UserId)>,
    /// Members who joined.
    new_members: Vec<UserId>,
}

impl Hub {
    /// Reads the frames of a conversation after a value of its counter. A message that changed several times has one frame.
    pub(crate) async fn missing(&self, id: ConversationId, after: i64) -> Result<Missing> {
        let mut missing = Missing { frames: Vec::new(), former_members: Vec::new(), new_members: Vec::new() };
        let mut cursor = after;
        loop {
            let frames = self.store.frames_after(id, cursor).await?;
            let more = frames.len() >= limits::CHANGES;
            for frame in frames {
                if let ServerFrame::NewMessage(NewMessage { members, .. }) = &frame {
                    let left = members.iter().filter(|member| member.left);
                    missing.former_members.extend(left.map(|member| (member.rev, member.user.id)));
                    let there =
                        members.iter().filter(|member| !member.left && member.joined_seq == member.rev);
                    missing.new_members.extend(there.map(|member| member.user.id));
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

    /// Repairs the gaps of a conversation until there is none.
    pub(super) async fn repair_gaps(self: Arc<Self>, id: ConversationId) {
        loop {
            tokio::time::sleep(self.timings.gap_repair_after).await;
            let topic = Topic::Conversation(id);
            let gap = self.topics.get_mut(&topic).and_then(|mut state| state.frames.gap());
            let Some((after, upto)) = gap else { return };
            while let Err(error) = self.try_repair(id, after, upto).await {
                tracing::warn!(target: LOG_TARGET, conversation = %id, %error, "a gap cannot be repaired yet");
                tokio::select! {
                    () = self.stop.cancelled() => return,
                    () = tokio::time::sleep(RETRY) => {}
                }
            }
        }
    }

    /// Repairs a gap. A panic is an error, which is tried again: the conversation would otherwise stay marked as under repair,
    /// and its frames be held for ever.
    async fn try_repair(&self, id: ConversationId, after: i64, upto: i64) -> Result<()> {
        let repaired = contain("gap repair", self.repair(id, after, upto)).await;
        repaired.unwrap_or_else(|| Err(Error::Internal("the repair panicked".into())))
    }

    /// Requests a comparison of all counters whenever the link to the other nodes may have lost pushes.
    pub(super) async fn watch_link(self: Arc<Self>, mut link: watch::Receiver<Link>) {
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
                self.compare_now();
            }
        }
    }

    /// Has all counters compared with the database now rather than at the next interval.
    pub(crate) fn compare_now(&self) {
        self.compare_now.send_modify(|count| *count += 1);
    }

    /// Compares the conversation counters with the database periodically, so that a lost push is found without a later one.
    pub(super) async fn compare_conversations(self: Arc<Self>) {
        let mut compare_now = self.compare_now.subscribe();
        while self.due(self.timings.conversation_check_interval, &mut compare_now).await {
            if let Err(error) = self.compare_conversations_once().await {
                tracing::warn!(target: LOG_TARGET, %error, "conversation counters cannot be compared");
            }
        }
    }

    /// Compares the people's counters likewise, often enough that a removed member stops receiving within two seconds on
    /// every node.
    pub(super) async fn compare_people(self: Arc<Self>, every: Duration) {
        let mut compare_now = self.compare_now.subscribe();
        while self.due(every, &mut compare_now).await {
            if let Err(error) = self.compare_people_once().await {
                tracing::warn!(target: LOG_TARGET, %error, "people's counters cannot be compared");
            }
        }
    }

    /// Waits until the next comparison is due; false on shutdown.
    async fn due(&self, every: Duration, compare_now: &mut watch::Receiver<u64>) -> bool {
        tokio::select! {
            () = self.stop.cancelled() => return false,
            () = tokio::time::sleep(every) => {}
            // Delayed, so that pushes in transit can arrive and several requests cause one comparison.
            Ok(()) = compare_now.changed() => tokio::time::sleep(self.timings.gap_repair_after).await,
        }
        compare_now.mark_unchanged();
        true
    }

    async fn compare_conversations_once(&self) -> Result<()> {
        // Here and not at each end of a topic, since it locks all shards.
        if self.topics.is_empty() {
            self.topics.shrink_to_fit();
        }
        let last = |state: RefMulti<'_, Topic, TopicState>| match state.key() {
            Topic::Conversation(id) => Some((*id, state.frames.last()?)),
            _ => None,
        };
        let known: Vec<_> = self.topics.iter().filter_map(last).collect();
        for chunk in known.chunks(CHUNK) {
            let ids: Vec<_> = chunk.iter().map(|(id, _)| *id).collect();
            let last: std::collections::HashMap<_, _> = chunk.iter().copied().collect();
            for (id, counter) in self.store.counters(&ids).await? {
                match last.get(&id) {
                    Some(last) if *last < counter => {
                        self.repair(id, *last, counter).await?;
                        metrics::HUB_HEALS.increment(1);
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    async fn compare_people_once(&self) -> Result<()> {
        let last = |state: RefMulti<'_, Topic, TopicState>| match state.key() {
            Topic::Person(user) => Some((*user, state.sequence.last()?)),
            _ => None,
        };
        let known: Vec<_> = self.topics.iter().filter_map(last).collect();
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
        // Pushes of recent commits may still be in transit.
        tokio::time::sleep(self.timings.gap_repair_after * 2).await;
        let mut due = Vec::new();
        for (user, rev) in behind {
            let topic = Topic::Person(user);
            if let Some(mut state) = self.topics.get_mut(&topic)
                && let Some(after) = state.sequence.catch_up(rev)
            {
                metrics::HUB_HEALS.increment(1);
                state.deliver(&Arc::new(Push::event(topic, BusEvent::ResyncRequired(after))), &mut due);
            }
        }
        self.fanout.flush(due);
        Ok(())
    }

    async fn repair(&self, id: ConversationId, after: i64, upto: i64) -> Result<()> {
        let Missing { frames, former_members, new_members } = self.missing(id, after).await?;
        let topic = Topic::Conversation(id);
        let mut due = Vec::new();
        if let Some(mut state) = self.topics.get_mut(&topic) {
            let mut ready = Vec::new();
            state.frames.repair(frames, upto, &mut ready);
            for push in &ready {
                // Before the frame, so that somebody whose own push was lost too receives nothing of what follows.
                for (_, user) in former_members.iter().filter(|(rev, _)| push.rev == Some(*rev)) {
                    let left = Push::event(topic, BusEvent::OtherMemberLeft(*user));
                    self.end_typing(&left);
                    state.deliver(&Arc::new(left), &mut due);
                }
                state.deliver(push, &mut due);
            }
            for user in new_members {
                state.deliver(&Arc::new(Push::event(topic, BusEvent::OtherMemberJoined(user))), &mut due);
            }
        }
        self.fanout.flush(due);
        Ok(())
    }
}
