//! Conversations that changed a short time ago, until their pushes are decided on.

use crate::bus::{BusEvent, Push, Topic};
use crate::lock::lock;
use protocol::ConversationId;
use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Changes within this time are decided on together.
const TOGETHER: Duration = Duration::from_millis(100);
/// Maximum number of conversations that wait; past it, everybody is looked at.
const MOST: usize = 20_000;

/// What is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// These conversations changed.
    Conversations(HashSet<ConversationId>),
    /// Too many conversations changed to name them.
    Everybody,
}

struct Bucket {
    opened: Instant,
    due: Instant,
    conversations: HashSet<ConversationId>,
}

#[derive(Default)]
struct State {
    /// Ordered by time.
    buckets: VecDeque<Bucket>,
    count: usize,
    /// Set when the buckets overflowed.
    everybody: Option<Instant>,
}

/// The hints of one node. The writer adds them, and the task of web push takes them when they are due. Before the task has started
/// they are dropped.
#[derive(Default)]
pub(crate) struct Hints {
    /// From a commit to the decision; set when the task starts.
    delay: OnceLock<Duration>,
    state: Mutex<State>,
    /// Whether the task has been woken since it last took something.
    woken: AtomicBool,
    wake: Notify,
}

impl Hints {
    /// Starts to keep hints, each for `delay`.
    pub(super) fn open(&self, delay: Duration) {
        // A node starts web push once.
        let _ = self.delay.set(delay);
    }

    /// Adds the conversations that changed, by the events of a commit.
    pub(crate) fn on_commit(&self, pushes: &[Push]) {
        let Some(delay) = self.delay.get() else { return };
        let mut changed = pushes.iter().filter_map(|push| match (push.topic, &push.event) {
            (Topic::Conversation(id), _) if push.rev.is_some() => Some(id),
            (Topic::Person(_), BusEvent::MemberJoined(id, _)) => Some(*id),
            _ => None,
        });
        if let Some(first) = changed.next() {
            self.add(std::iter::once(first).chain(changed), *delay, Instant::now());
        }
    }

    /// Adds conversations that are due after `delay`.
    pub(super) fn add(
        &self,
        conversations: impl IntoIterator<Item = ConversationId>,
        delay: Duration,
        now: Instant,
    ) {
        let mut state = lock(&self.state);
        if state.everybody.is_some() {
            return;
        }
        // The first hint of a bucket waits longest, and none of them less than the delay.
        let is_open = |bucket: &Bucket| now < bucket.opened + TOGETHER && bucket.due >= now + delay;
        if !state.buckets.back().is_some_and(is_open) {
            let due = now + delay + TOGETHER;
            state.buckets.push_back(Bucket { opened: now, due, conversations: HashSet::new() });
        }
        let Some(bucket) = state.buckets.back_mut() else { return };
        let before = bucket.conversations.len();
        bucket.conversations.extend(conversations);
        let (added, due) = (bucket.conversations.len() - before, bucket.due);
        state.count += added;
        if state.count > MOST {
            *state = State { everybody: Some(due), ..State::default() };
        }
        drop(state);
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.wake.notify_one();
        }
    }

    /// Waits for the first hint after [`Self::take`].
    pub(super) async fn added(&self) {
        self.wake.notified().await;
    }

    /// The time at which something is due.
    pub(super) fn next(&self) -> Option<Instant> {
        let state = lock(&self.state);
        state.everybody.or_else(|| state.buckets.front().map(|bucket| bucket.due))
    }

    /// Takes what is due.
    pub(super) fn take(&self, now: Instant) -> Option<Due> {
        self.woken.store(false, Ordering::Release);
        let mut state = lock(&self.state);
        if let Some(at) = state.everybody {
            return (at <= now).then(|| {
                state.everybody = None;
                Due::Everybody
            });
        }
        let mut due = HashSet::new();
        while let Some(bucket) = state.buckets.pop_front_if(|bucket| bucket.due <= now) {
            state.count -= bucket.conversations.len();
            due.extend(bucket.conversations);
        }
        (!due.is_empty()).then_some(Due::Conversations(due))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAY: Duration = Duration::from_secs(2);

    fn ids(ids: &[i64]) -> HashSet<ConversationId> {
        ids.iter().copied().map(ConversationId).collect()
    }

    #[tokio::test]
    async fn n1_hints_are_due_after_the_delay_and_taken_once() {
        let (hints, start) = (Hints::default(), Instant::now());
        let ms = Duration::from_millis;
        hints.add(ids(&[1]), DELAY, start);
        hints.add(ids(&[2, 1]), DELAY, start + ms(99));
        hints.add(ids(&[1]), DELAY, start + ms(500));
        assert_eq!(hints.next(), Some(start + DELAY + TOGETHER));
        assert_eq!(hints.take(start + DELAY), None, "the second one came 99 ms later");
        assert_eq!(hints.take(start + DELAY + TOGETHER), Some(Due::Conversations(ids(&[1, 2]))));
        assert_eq!(hints.take(start + DELAY + TOGETHER), None);
        assert_eq!(hints.take(start + ms(9_999)), Some(Due::Conversations(ids(&[1]))));
        assert_eq!(hints.next(), None);
    }

    #[tokio::test]
    async fn n1_too_many_hints_are_a_look_at_everybody() {
        let (hints, start) = (Hints::default(), Instant::now());
        let many = |from: i64| (from..from + 15_000).map(ConversationId);
        hints.add(many(0), DELAY, start);
        hints.add(many(0), DELAY, start);
        assert_eq!(lock(&hints.state).count, 15_000);
        hints.add(many(20_000), DELAY, start);
        hints.add(many(50_000), DELAY, start);
        assert_eq!(hints.take(start), None);
        assert_eq!(hints.take(start + DELAY + TOGETHER), Some(Due::Everybody));
        hints.add(ids(&[1]), DELAY, start);
        assert_eq!(hints.take(start + DELAY + TOGETHER), Some(Due::Conversations(ids(&[1]))));
    }

    #[tokio::test]
    async fn n1_without_the_task_nothing_is_kept() {
        let hints = Hints::default();
        let joined = |id| {
            let event = BusEvent::MemberJoined(ConversationId(id), 1);
            Push::event(Topic::Person(protocol::UserId(1)), event)
        };
        hints.on_commit(&[joined(5)]);
        assert_eq!(hints.next(), None);
        hints.open(DELAY);
        let other = Push { topic: Topic::Conversation(ConversationId(6)), ..joined(6) };
        hints.on_commit(std::slice::from_ref(&other));
        assert_eq!(hints.next(), None, "it moves no counter");
        hints.on_commit(&[joined(7), Push { rev: Some(1), ..other }]);
        let due = hints.next().expect("a time");
        assert_eq!(hints.take(due), Some(Due::Conversations(ids(&[6, 7]))));
    }
}
