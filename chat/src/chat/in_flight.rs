//! Messages that are on their way to the database: a repeat that comes meanwhile can be in no table yet.

use crate::lock::lock;
use protocol::{ClientId, UserId};
use std::collections::HashMap;
use std::sync::Mutex;

type Key = (UserId, ClientId);

/// How often each is on its way.
#[derive(Default)]
pub(super) struct InFlight {
    sends: Mutex<HashMap<Key, usize>>,
}

/// One that is on its way, until dropped.
pub(super) struct Flight<'a> {
    all: &'a InFlight,
    key: Key,
    /// It is a repeat of one that was on its way already.
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
