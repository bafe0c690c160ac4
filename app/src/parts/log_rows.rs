//! The rows of the log as signals: what did not change wakes nothing.

use crate::rows::{Entry, Item, Key, Laid};
use leptos::prelude::*;
use std::collections::HashMap;

/// What stands in the log, and each row of it.
#[derive(Clone, Copy)]
pub(super) struct LogRows {
    /// In order.
    pub(super) items: RwSignal<Vec<Item>>,
    // Signals that live as long as somebody shows them: rows come and go.
    entries: StoredValue<HashMap<Key, ArcRwSignal<Entry>>>,
}

impl LogRows {
    pub(super) fn new(laid: Laid) -> Self {
        let rows = Self { items: RwSignal::new(Vec::new()), entries: StoredValue::default() };
        rows.take(laid);
        rows
    }

    /// Shows these rows from now on.
    pub(super) fn take(self, laid: Laid) {
        self.entries.update_value(|entries| {
            let mut old = std::mem::take(entries);
            for entry in laid.entries {
                let key = entry.key;
                let signal = match old.remove(&key) {
                    Some(signal) => {
                        if signal.with_untracked(|held| *held != entry) {
                            signal.set(entry);
                        }
                        signal
                    }
                    None => ArcRwSignal::new(entry),
                };
                entries.insert(key, signal);
            }
        });
        if self.items.with_untracked(|items| *items != laid.items) {
            self.items.set(laid.items);
        }
    }

    /// The row of this key, while it is shown.
    pub(super) fn get(self, key: Key) -> Option<ArcRwSignal<Entry>> {
        self.entries.with_value(|entries| entries.get(&key).cloned())
    }

    /// The row that this is true of.
    pub(super) fn find(self, is: impl Fn(&Entry) -> bool) -> Option<Entry> {
        self.entries.with_value(|entries| {
            entries.values().find_map(|entry| entry.with_untracked(|entry| is(entry).then(|| entry.clone())))
        })
    }
}
