//! How often something changed here, so that what was read is known to be right still without a word from the database.

use crate::bus::Topic;
use crate::store::touch::Touch;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::atomic::{AtomicU64, Ordering};

/// Topics share so many counts: a change of one looks like one of all that share its count.
const COUNTS: usize = 1_024;

/// Counts that only grow. Each grows after the change is there to be read, and before anybody is told of it.
pub(super) struct Touched {
    /// All changes.
    all: AtomicU64,
    /// Changes of which it is not known what they are about.
    everything: AtomicU64,
    topics: Box<[AtomicU64]>,
}

impl Touched {
    pub(super) fn new() -> Self {
        let topics = std::iter::repeat_with(AtomicU64::default).take(COUNTS).collect();
        Self { all: AtomicU64::new(0), everything: AtomicU64::new(0), topics }
    }

    pub(super) fn by(&self, touch: Touch<'_>) {
        // Before the others: who finds the others grown and this one not would take old for new.
        self.all.fetch_add(1, Ordering::SeqCst);
        let known = touch.each(|topic| {
            self.of_one(topic).fetch_add(1, Ordering::SeqCst);
        });
        if !known {
            self.everything.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// All changes.
    pub(super) fn count(&self) -> u64 {
        self.all.load(Ordering::SeqCst)
    }

    /// Changes of these. As each count only grows, their sum stays only while all of them do.
    pub(super) fn count_of(&self, topics: &[Topic]) -> u64 {
        let counts = topics.iter().map(|topic| self.of_one(*topic).load(Ordering::SeqCst));
        counts.fold(self.everything.load(Ordering::SeqCst), u64::wrapping_add)
    }

    #[allow(clippy::cast_possible_truncation, reason = "the rest of a division by a small number")]
    fn of_one(&self, topic: Topic) -> &AtomicU64 {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(topic);
        &self.topics[(hash % COUNTS as u64) as usize]
    }
}
