//! The rows of the log as signals: a row that does not change notifies nothing.

use super::layout::{Entry, Item, Key, Layout};
use leptos::prelude::*;
use litemap::LiteMap;

/// Items of the log in order, and a signal for each row.
#[derive(Clone, Copy)]
pub(super) struct LogRows {
    /// Items in order.
    pub(super) items: RwSignal<Vec<Item>>,
    // Reference-counted signals: rows come and go while the log stays.
    entries: StoredValue<LiteMap<Key, ArcRwSignal<Entry>>>,
}

impl LogRows {
    pub(super) fn new(layout: Layout) -> Self {
        let rows = Self { items: RwSignal::new(Vec::new()), entries: StoredValue::default() };
        rows.set(layout);
        rows
    }

    /// Replaces the layout.
    pub(super) fn set(self, layout: Layout) {
        let mut changed = Vec::new();
        self.entries.update_value(|entries| {
            let mut old = std::mem::take(entries);
            for entry in layout.entries {
                let key = entry.key;
                let signal = match old.remove(&key) {
                    Some(signal) => {
                        if *signal.read_untracked() != entry {
                            changed.push((signal.clone(), entry));
                        }
                        signal
                    }
                    None => ArcRwSignal::new(entry),
                };
                entries.insert(key, signal);
            }
        });
        changed.into_iter().for_each(|(signal, entry)| signal.set(entry));
        if *self.items.read_untracked() != layout.items {
            self.items.set(layout.items);
        }
    }

    /// The row of a key, while it is shown.
    pub(super) fn get(self, key: Key) -> Option<ArcRwSignal<Entry>> {
        self.entries.read_value().get(&key).cloned()
    }
}
