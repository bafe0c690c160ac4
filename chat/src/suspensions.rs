//! Suspended people. They are read from the database periodically, so that what the command line changes is shown within two
//! seconds, on every node.

use crate::bus::{Push, Topic};
use crate::hub::Hub;
use crate::store::Store;
use crate::timings::Timings;
use crate::{Result, Supervisor};
use protocol::{ServerFrame, UserId, UserUpdated};
use std::collections::HashSet;
use std::sync::Arc;

/// Starts the task that notices suspensions and their ends.
pub(crate) async fn start(
    store: Arc<dyn Store>,
    hub: Arc<Hub>,
    timings: &Timings,
    supervisor: &Supervisor,
) -> Result<()> {
    let mut known: HashSet<UserId> = store.suspended().await?.into_iter().collect();
    let (stop, interval) = (supervisor.stop().clone(), timings.revocation_check_interval);
    supervisor.spawn("suspensions", async move {
        while stop.run_until_cancelled(tokio::time::sleep(interval)).await.is_some() {
            if let Err(error) = publish_changes(store.as_ref(), &hub, &mut known).await {
                tracing::warn!(%error, "suspended people cannot be read");
            }
        }
    });
    Ok(())
}

/// Publishes the people whose suspension differs from what is known to those on this node who see their presence. A person who
/// cannot be read stays as known, and is compared again.
async fn publish_changes(store: &dyn Store, hub: &Arc<Hub>, known: &mut HashSet<UserId>) -> Result<()> {
    let now: HashSet<UserId> = store.suspended().await?.into_iter().collect();
    let changed: Vec<UserId> = now.symmetric_difference(known).copied().collect();
    for user in changed {
        if let Some(account) = store.account(user).await? {
            let frame = ServerFrame::UserUpdated(UserUpdated { user: account.person });
            hub.dispatch([Push::frame(Topic::Presence(user), &frame)]);
        }
        if now.contains(&user) {
            known.insert(user);
        } else {
            known.remove(&user);
        }
    }
    Ok(())
}
