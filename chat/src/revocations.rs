//! Revoked sign-ins. They are read from the database periodically, so that those by the command line and by other nodes take
//! effect here within two seconds; and whenever this node has ended one.

use crate::bus::{BusEvent, Push, Topic};
use crate::hub::Hub;
use crate::lock::lock;
use crate::store::Store;
use crate::timings::Timings;
use crate::{Result, Supervisor};
use protocol::UserId;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Time for which a revocation is remembered for connections that authenticated before it and subscribe after it.
const RECENT: Duration = Duration::from_secs(30);

/// Recently revoked sign-ins.
pub(crate) struct Revocations {
    recent: Mutex<VecDeque<(Instant, UserId)>>,
}

impl Revocations {
    /// Starts the task that reads new revocations. `ended`: notified when this node has written one.
    pub(crate) async fn start(
        store: Arc<dyn Store>,
        hub: Arc<Hub>,
        ended: Arc<Notify>,
        timings: &Timings,
        supervisor: &Supervisor,
    ) -> Result<Arc<Self>> {
        let after = store.last_revocation().await?;
        let revocations = Arc::new(Self { recent: Mutex::default() });
        let (stop, interval) = (supervisor.stop().clone(), timings.revocation_check_interval);
        supervisor.spawn("revocations", revocations.clone().run(store, hub, (ended, interval), after, stop));
        Ok(revocations)
    }

    /// Whether a sign-in of this person was revoked recently.
    pub(crate) fn recent(&self, user: UserId) -> bool {
        let now = Instant::now();
        lock(&self.recent).iter().any(|(at, whose)| *whose == user && now.duration_since(*at) <= RECENT)
    }

    fn record(&self, user: UserId) {
        let now = Instant::now();
        let mut recent = lock(&self.recent);
        while recent.front().is_some_and(|(at, _)| now.duration_since(*at) > RECENT) {
            recent.pop_front();
        }
        recent.push_back((now, user));
    }

    async fn run(
        self: Arc<Self>,
        store: Arc<dyn Store>,
        hub: Arc<Hub>,
        (ended, every): (Arc<Notify>, Duration),
        mut after: i64,
        stop: CancellationToken,
    ) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = ended.notified() => {}
                () = tokio::time::sleep(every) => {}
            }
            match store.revocations(after).await {
                Ok(revocations) => {
                    for revocation in revocations {
                        after = after.max(revocation.id);
                        self.record(revocation.user);
                        let event = BusEvent::SignInEnded(revocation.session);
                        hub.dispatch([Push::event(Topic::Person(revocation.user), event)]);
                    }
                }
                Err(error) => tracing::warn!(%error, "revoked sign-ins cannot be read"),
            }
        }
    }
}
