//! What was read of a person a moment ago, kept for as long as it is known to be right.

use super::Store;
use crate::bus::Topic;
use crate::lock::lock;
use protocol::{Timestamp, UserId};
use std::collections::HashMap;
use std::sync::Mutex;

/// So long at most: what ends by its time, or is ended by a command beside the server, is noticed within it.
const LIFE_MICROS: i64 = 1_000_000;
/// So many at most; then those go that are too old.
const MOST: usize = 512;

/// By a key of the caller's.
pub struct Recent<T> {
    all: Mutex<HashMap<String, Entry<T>>>,
}

struct Entry<T> {
    value: T,
    of: UserId,
    changes: u64,
    read_at: Timestamp,
}

/// Taken before something is read that may be kept.
#[derive(Clone, Copy, Debug)]
pub struct Before(Option<u64>);

impl Before {
    /// Now.
    #[must_use]
    pub fn reading(store: &dyn Store) -> Self {
        Self(store.touches())
    }
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { all: Mutex::default() }
    }
}

impl<T: Clone> Recent<T> {
    /// What would be read now, if that is known.
    #[must_use]
    pub fn get(&self, store: &dyn Store, key: &str, now: Timestamp) -> Option<T> {
        let all = lock(&self.all);
        let entry = all.get(key).filter(|entry| entry.is_new(now))?;
        let same = store.touches_of(&[Topic::Person(entry.of)]) == Some(entry.changes);
        same.then(|| entry.value.clone())
    }

    /// Keeps what was read of a person since `before`, unless something changed meanwhile.
    pub fn keep(&self, store: &dyn Store, before: Before, key: &str, of: UserId, now: Timestamp, value: T) {
        let Some(changes) = store.touches_of(&[Topic::Person(of)]) else { return };
        if store.touches() != before.0 {
            return;
        }
        let mut all = lock(&self.all);
        if all.len() >= MOST {
            all.retain(|_, entry| entry.is_new(now));
        }
        if all.len() < MOST {
            all.insert(key.to_owned(), Entry { value, of, changes, read_at: now });
        }
    }
}

impl<T> Entry<T> {
    fn is_new(&self, now: Timestamp) -> bool {
        (0..LIFE_MICROS).contains(&(now.0 - self.read_at.0))
    }
}
