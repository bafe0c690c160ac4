//! The nemesis: injects the scheduled faults and measures the time to catch up after each.

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

/// The time for which the counters are asked for again.
const COUNTERS_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs all rounds in order; no fault lasts when it returns. `observers`: a signed-in person at each node, past the proxies.
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
        // A node does not start without its database, so nodes are restarted last.
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
    // No fault follows the last one, so its measurement is waited for.
    if let Some(timing) = timing {
        timing.await?;
    }
    Ok(())
}

/// The counters of all conversations, from the first node that answers.
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
