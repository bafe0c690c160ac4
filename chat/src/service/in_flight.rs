//! Sends in flight: a repeat of a send that is not committed yet cannot be found in the database.

use crate::lock::lock;
use protocol::{ClientId, UserId};
use std::collections::HashMap;
use std::sync::Mutex;

type Key = (UserId, ClientId);

/// The number of sends in flight for each client id.
#[derive(Default)]
pub(super) struct InFlight {
    sends: Mutex<HashMap<Key, usize>>,
}

/// A send in flight, until dropped.
pub(super) struct Flight<'a> {
    all: &'a InFlight,
    key: Key,
    /// It repeats a send that was in flight already.
    pub(super) repeats: bool,
}

impl InFlight {
    pub(super) fn begin(&self, sender: UserId, client_id: ClientId) -> Flight<'_> {
        let key = (sender, client_id);
        let mut sends = lock(&self.sends);
        let count = sends.entry(key).or_default();
        *count += 1;
        Flight { all: self, key, repeats: *count > 1 }
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut sends = lock(&self.all.sends);
        if let Some(count) = sends.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                sends.remove(&self.key);
            }
        }
    }
}
