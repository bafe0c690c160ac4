//! Carries a schedule out, and takes the time until all have caught up after each fault.

use super::cluster::Cluster;
use super::history::{History, What};
use super::progress::Progress;
use super::schedule::{Fault, Round};
use crate::BoxError;
use crate::api::Api;
use protocol::ConversationId;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The counters are asked for again for so long.
const COUNTERS_TIMEOUT: Duration = Duration::from_secs(10);

/// All rounds, one after the other. Leaves everything mended. `observers`: somebody at each node, by no proxy.
pub(super) async fn run(
    cluster: &mut Cluster,
    rounds: &[Round],
    observers: &[Api],
    progress: &Arc<Progress>,
    history: &Arc<History>,
) -> Result<(), BoxError> {
    let mut timing: Option<tokio::task::JoinHandle<()>> = None;
    for round in rounds {
        tokio::time::sleep(round.after).await;
        if let Some(timing) = timing.take().filter(|timing| !timing.is_finished()) {
            timing.abort();
            progress.count_overtaken();
        }
        let fault = round.to_string();
        for fault in &round.faults {
            cluster.inject(*fault).await?;
        }
        history.note(None, What::Fault { fault: fault.clone() });
        tokio::time::sleep(round.lasts).await;
        // A node does not come back before what it stands on.
        let is_node = |fault: &&Fault| matches!(fault, Fault::KillNode(_));
        let (nodes, others): (Vec<&Fault>, Vec<&Fault>) = round.faults.iter().partition(is_node);
        for fault in others.into_iter().chain(nodes) {
            cluster.heal(*fault).await?;
        }
        history.note(None, What::Mended { fault: fault.clone() });
        let (mended, kind) = (Instant::now(), round.kind());
        let (progress, history, observers) = (progress.clone(), history.clone(), observers.to_vec());
        timing = Some(tokio::spawn(async move {
            if let Some(counters) = counters(&observers, mended).await {
                progress.wait_until_caught_up(kind, fault, mended, counters, history).await;
            }
        }));
    }
    // The last one has all the time that it needs.
    if let Some(timing) = timing {
        timing.await?;
    }
    Ok(())
}

/// The counters of all conversations, as soon as a node says them.
async fn counters(observers: &[Api], since: Instant) -> Option<HashMap<ConversationId, i64>> {
    while since.elapsed() < COUNTERS_TIMEOUT {
        for observer in observers {
            let asked = tokio::time::timeout(Duration::from_secs(1), observer.conversations()).await;
            if let Ok(Ok(list)) = asked {
                return Some(list.into_iter().map(|entry| (entry.id, entry.rev)).collect());
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    None
}
