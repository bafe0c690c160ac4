//! Leases in local storage, in place of Web Locks where the browser has none: on pages over plain HTTP.
//!
//! A tab that holds a lease renews it; one that crashed lets it expire. The browser slows the timers of hidden tabs, so
//! such a tab may lose its lease. For a moment two tabs may hold the same one: holders must tolerate that.

use super::storage;
use super::timeout::sleep;
use leptos::task::spawn_local;
use protocol::ClientId;
use std::cell::Cell;
use std::rc::Rc;

/// Interval of the renewals, in milliseconds: longer than a second, the shortest interval of a hidden tab's timer.
const RENEW_MS: u32 = 1_500;
/// A lease expires this long after its last renewal, in milliseconds.
const LIFE_MS: u64 = 5_000;
/// Time after which a tab sees that another one took the lease at the same moment, in milliseconds.
const SETTLE_MS: u32 = 30;

/// Reason why there is no lease.
pub(super) enum Refusal {
    /// Another tab holds it.
    Busy,
    /// The browser stores nothing.
    Unsupported,
}

/// A lease that is held until it is dropped, or lost.
pub(super) struct Lease(Rc<Entry>);

impl Lease {
    pub(super) fn is_held(&self) -> bool {
        self.0.held.get()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.0.held.replace(false) && self.0.is_own() {
            storage::set(&self.0.key, None);
        }
    }
}

/// Waits for a lease. `if_available`: only until it is clear that another tab renews it.
pub(super) async fn request(name: &str, if_available: bool) -> Result<Lease, Refusal> {
    let owner = ClientId::mint().to_string();
    let entry = Entry { key: format!("rapport.lease.{name}"), owner, held: Cell::new(false) };
    let mut first_seen = None;
    loop {
        match entry.read() {
            Some((_, until)) if until > now() => {
                if if_available && *first_seen.get_or_insert(until) != until {
                    return Err(Refusal::Busy);
                }
                sleep(RENEW_MS / 3).await;
            }
            _ if !entry.write() => return Err(Refusal::Unsupported),
            _ => {
                sleep(SETTLE_MS).await;
                if entry.is_own() {
                    break;
                }
            }
        }
    }
    entry.held.set(true);
    let entry = Rc::new(entry);
    spawn_local(renew(entry.clone()));
    Ok(Lease(entry))
}

async fn renew(entry: Rc<Entry>) {
    loop {
        sleep(RENEW_MS).await;
        if !entry.held.get() {
            return;
        }
        if !entry.is_own() || !entry.write() {
            entry.held.set(false);
            return;
        }
    }
}

/// Milliseconds of the wall clock, which all tabs share.
fn now() -> u64 {
    js_sys::Date::now() as u64
}

/// The entry in local storage: `<owner> <end of the lease in milliseconds>`.
struct Entry {
    key: String,
    owner: String,
    held: Cell<bool>,
}

impl Entry {
    /// The owner and the end; `None` also for an entry that cannot be read.
    fn read(&self) -> Option<(String, u64)> {
        let text = storage::get(&self.key)?;
        let (owner, until) = text.split_once(' ')?;
        Some((owner.to_owned(), until.parse().ok()?))
    }

    fn write(&self) -> bool {
        storage::set(&self.key, Some(&format!("{} {}", self.owner, now() + LIFE_MS)))
    }

    fn is_own(&self) -> bool {
        self.read().is_some_and(|(owner, _)| owner == self.owner)
    }
}
