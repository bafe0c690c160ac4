//! The browser's storage, and whether it keeps what it is given: it may be full, or switched off.

use crate::client::status::Keeping;
use leptos::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeSet;
use web_sys::Storage;

thread_local! {
    /// What is to be kept and is not.
    static UNKEPT: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
    /// Who wants to know.
    static TELL: RefCell<Option<RwSignal<Keeping>>> = const { RefCell::new(None) };
}

/// Tells there from now on whether everything is kept.
pub(super) fn tell(keeping: RwSignal<Keeping>) {
    TELL.set(Some(keeping));
}

pub(super) fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// What is kept under this name.
pub(super) fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Keeps it; nothing to keep removes what was. False when it cannot be kept.
pub(super) fn keep(key: &str, text: Option<&str>) -> bool {
    let storage = storage();
    let kept = match (&storage, text) {
        (Some(storage), Some(text)) => storage.set_item(key, text).is_ok(),
        (Some(storage), None) => {
            let _ = storage.remove_item(key);
            true
        }
        (None, text) => text.is_none(),
    };
    let all = UNKEPT.with_borrow_mut(|unkept| {
        if kept {
            unkept.remove(key);
        } else {
            unkept.insert(key.to_owned());
        }
        unkept.is_empty()
    });
    let keeping = match (all, storage) {
        (true, _) => Keeping::Kept,
        (false, Some(_)) => Keeping::Full,
        (false, None) => Keeping::Nowhere,
    };
    if let Some(tell) = TELL.with_borrow(Clone::clone)
        && tell.try_get_untracked().is_some_and(|before| before != keeping)
    {
        let _ = tell.try_set(keeping);
    }
    kept
}

/// Whether what was last given under this name is kept.
pub(super) fn keeps(key: &str) -> bool {
    UNKEPT.with_borrow(|unkept| !unkept.contains(key))
}

/// The names of everything that begins so.
pub(super) fn keys(prefix: &str) -> Vec<String> {
    let Some(storage) = storage() else { return Vec::new() };
    (0..storage.length().unwrap_or(0))
        .filter_map(|at| storage.key(at).ok().flatten())
        .filter(|key| key.starts_with(prefix))
        .collect()
}
