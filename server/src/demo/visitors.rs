//! The users that visitors are signed in as. A visit lasts while a socket is open, and for a while after the last request.

use super::Timing;
use protocol::UserId;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Users that visitors have signed in as. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Visitors(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// Users that are not simulated now.
    taken: watch::Sender<BTreeSet<UserId>>,
    visits: Mutex<HashMap<UserId, Visit>>,
}

struct Visit {
    sockets: usize,
    /// Time of the last request.
    seen: Instant,
    /// Whether the last request was a sign-out.
    left: bool,
}

/// An open socket of a visitor.
pub(crate) struct Socket(Visitors, UserId);

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(visit) = self.0.visits().get_mut(&self.1) {
            visit.sockets = visit.sockets.saturating_sub(1);
        }
    }
}

impl Visitors {
    fn visits(&self) -> MutexGuard<'_, HashMap<UserId, Visit>> {
        self.0.visits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a visit as this user.
    pub(super) fn take(&self, id: UserId) {
        self.visits().entry(id).or_insert(Visit { sockets: 0, seen: Instant::now(), left: false });
        self.seen(id);
    }

    /// Records a request of this user. Users that no visitor signed in as are clients of the API.
    pub(crate) fn seen(&self, id: UserId) {
        if let Some(visit) = self.visits().get_mut(&id) {
            (visit.seen, visit.left) = (Instant::now(), false);
            self.0.taken.send_if_modified(|taken| taken.insert(id));
        }
    }

    /// Counts an open socket of this user until the guard is dropped.
    pub(crate) fn opens(&self, id: UserId) -> Option<Socket> {
        self.seen(id);
        self.visits().get_mut(&id)?.sockets += 1;
        Some(Socket(self.clone(), id))
    }

    /// Records a sign-out. Another browser may still be signed in as the same user; its next request resumes the visit.
    pub(crate) fn left(&self, id: UserId) {
        if let Some(visit) = self.visits().get_mut(&id) {
            visit.left = true;
        }
    }

    pub(super) fn has(&self, id: UserId) -> bool {
        self.0.taken.borrow().contains(&id)
    }

    pub(super) fn watch(&self) -> watch::Receiver<BTreeSet<UserId>> {
        self.0.taken.subscribe()
    }

    /// Ends visits that have timed out, until `stop`.
    pub(super) async fn let_go(self, timing: Timing, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(timing.look())).await.is_some() {
            let visits = self.visits();
            let here = |id: &UserId| {
                visits.get(id).is_some_and(|visit| {
                    let absent = if visit.left { timing.left() } else { timing.absent() };
                    visit.sockets > 0 || visit.seen.elapsed() < absent
                })
            };
            self.0.taken.send_if_modified(|taken| {
                let before = taken.len();
                taken.retain(here);
                taken.len() < before
            });
        }
    }
}
