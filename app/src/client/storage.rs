//! The browser's local storage, and whether it keeps what it is given: it may be full, or switched off.

use super::status::StorageStatus;
use leptos::prelude::*;
use litemap::LiteMap;
use std::cell::RefCell;
use web_sys::Storage;

thread_local! {
    /// Keys whose value could not be stored.
    static UNSTORED: RefCell<LiteMap<String, ()>> = const { RefCell::new(LiteMap::new_vec()) };
    /// Signal that the status is reported to.
    static REPORT_TO: RefCell<Option<RwSignal<StorageStatus>>> = const { RefCell::new(None) };
}

/// Reports from now on whether everything is stored.
pub(super) fn report_to(status: RwSignal<StorageStatus>) {
    REPORT_TO.set(Some(status));
}

pub(super) fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Value of a key.
pub(super) fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Stores a value, or removes it (`None`). False when it cannot be stored.
pub(crate) fn set(key: &str, text: Option<&str>) -> bool {
    let storage = storage();
    let stored = match (&storage, text) {
        (Some(storage), Some(text)) => storage.set_item(key, text).is_ok(),
        (Some(storage), None) => {
            let _ = storage.remove_item(key);
            true
        }
        (None, text) => text.is_none(),
    };
    let all = UNSTORED.with_borrow_mut(|unstored| {
        if stored {
            unstored.remove(key);
        } else {
            unstored.insert(key.to_owned(), ());
        }
        unstored.is_empty()
    });
    let status = match (all, storage) {
        (true, _) => StorageStatus::Kept,
        (false, Some(_)) => StorageStatus::Full,
        (false, None) => StorageStatus::Nowhere,
    };
    if let Some(report_to) = REPORT_TO.with_borrow(Clone::clone)
        && report_to.try_get_untracked().is_some_and(|before| before != status)
    {
        let _ = report_to.try_set(status);
    }
    stored
}

/// Whether the last value of this key is stored.
pub(super) fn is_stored(key: &str) -> bool {
    UNSTORED.with_borrow(|unstored| !unstored.contains_key(key))
}

/// Keys with this prefix.
pub(super) fn keys(prefix: &str) -> Vec<String> {
    let Some(storage) = storage() else { return Vec::new() };
    (0..storage.length().unwrap_or(0))
        .filter_map(|at| storage.key(at).ok().flatten())
        .filter(|key| key.starts_with(prefix))
        .collect()
}
