//! A bounded number of things, by a key: the oldest make room.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(super) struct Shelf<K, T> {
    all: HashMap<K, Thing<T>>,
    /// Together they may have so many bytes.
    room: usize,
    bytes: usize,
}

struct Thing<T> {
    it: Arc<T>,
    bytes: usize,
    since: Instant,
}

impl<K: Clone + Eq + Hash, T> Shelf<K, T> {
    pub(super) fn new(room: usize) -> Self {
        Self { all: HashMap::new(), room, bytes: 0 }
    }

    /// If it has been here for less than `life`.
    pub(super) fn get(&self, key: &K, life: Duration) -> Option<Arc<T>> {
        let thing = self.all.get(key).filter(|thing| thing.since.elapsed() < life)?;
        Some(thing.it.clone())
    }

    /// In place of what is there under this key.
    pub(super) fn put(&mut self, key: K, it: T, bytes: usize) {
        self.remove(&key);
        if bytes > self.room {
            return;
        }
        while self.bytes + bytes > self.room {
            let oldest = self.all.iter().min_by_key(|(_, thing)| thing.since).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { break };
            self.remove(&oldest);
        }
        self.bytes += bytes;
        self.all.insert(key, Thing { it: Arc::new(it), bytes, since: Instant::now() });
    }

    /// Only what has been here for less than `life` stays.
    pub(super) fn sweep(&mut self, life: Duration) {
        self.all.retain(|_, thing| thing.since.elapsed() < life);
        self.bytes = self.all.values().map(|thing| thing.bytes).sum();
        self.all.shrink_to_fit();
    }

    fn remove(&mut self, key: &K) {
        if let Some(thing) = self.all.remove(key) {
            self.bytes -= thing.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);

    fn there(shelf: &Shelf<u8, char>) -> String {
        (0..9).filter_map(|key| shelf.get(&key, LONG)).map(|it| *it).collect()
    }

    #[test]
    fn the_oldest_makes_room() {
        let mut shelf = Shelf::new(10);
        shelf.put(1, 'a', 4);
        shelf.put(2, 'b', 4);
        shelf.put(1, 'A', 5);
        assert_eq!(there(&shelf), "Ab");
        shelf.put(3, 'c', 4);
        assert_eq!(there(&shelf), "Ac", "b was there for longer");
        shelf.put(4, 'd', 11);
        assert_eq!(there(&shelf), "Ac", "it does not fit anyhow");
        shelf.put(5, 'e', 10);
        assert_eq!((there(&shelf).as_str(), shelf.bytes), ("e", 10));
    }

    #[test]
    fn what_is_too_old_is_not_given() {
        let mut shelf = Shelf::new(10);
        shelf.put(1, 'a', 4);
        assert!(shelf.get(&1, Duration::ZERO).is_none());
        shelf.sweep(LONG);
        assert_eq!((there(&shelf).as_str(), shelf.bytes), ("a", 4));
        shelf.sweep(Duration::ZERO);
        assert_eq!((there(&shelf).as_str(), shelf.bytes), ("", 0));
    }
}
