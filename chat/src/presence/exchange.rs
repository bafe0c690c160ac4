//! Presence exchange between nodes. Each node publishes the presence of its own people and keeps that of the others, so that
//! lookups are local and Redis stores nothing.

use super::remote::{Change, PresenceDelta, SnapshotPart, Touched};
use super::{Presence, State};
use crate::bus::{BusEvent, Link, Push, Topic};
use crate::lock::lock;
use bytes::Bytes;
use protocol::{ServerFrame, Status, Timestamp, UserId};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "chat::presence::nodes";
/// Maximum number of rows in one part of a snapshot.
const PART: usize = 1_000;
/// Delay of a snapshot, so that one answers all requests meanwhile.
const SNAPSHOT_DELAY: Duration = Duration::from_millis(100);
/// Interval between checks for expired nodes.
const TICK: Duration = Duration::from_secs(1);
/// Time for which remote presence is kept while the link is down.
const MAX_LINK_OUTAGE: Duration = Duration::from_secs(300);

impl Presence {
    /// Publishes a change to the other nodes.
    pub(super) fn publish_change(&self, state: &mut State, what: Change) {
        if self.link.is_some() && !state.shut_down {
            state.n += 1;
            self.publish_deltas(&[PresenceDelta::Change { node: self.node, n: state.n, what }]);
        }
    }

    fn publish_deltas(&self, deltas: &[PresenceDelta]) {
        let push = |delta| match serde_json::to_vec(delta) {
            Ok(delta) => Some(Push::event(Topic::Nodes, BusEvent::Presence(Bytes::from(delta)))),
            Err(error) => {
                tracing::error!(target: LOG_TARGET, %error, "a presence message cannot be encoded");
                None
            }
        };
        self.bus.publish_to_nodes(deltas.iter().filter_map(push).collect());
    }

    /// Applies a message of another node.
    pub(crate) fn on_delta(&self, delta: &[u8]) {
        let delta = match serde_json::from_slice::<PresenceDelta>(delta) {
            Ok(delta) => delta,
            Err(error) => {
                // Not the error itself, which may contain a name.
                tracing::warn!(target: LOG_TARGET, kind = ?error.classify(),
                    "a presence message of another node cannot be decoded; it may be of another version");
                return;
            }
        };
        if let PresenceDelta::SnapshotRequest { of } = delta {
            if of.is_none_or(|of| of == self.node) {
                self.snapshot_requested.notify_one();
            }
            return;
        }
        let mut touched = Touched::default();
        // After a shutdown, its people need a moment to reconnect to another node.
        let lease =
            if matches!(delta, PresenceDelta::Shutdown { .. }) { self.grace * 2 } else { self.node_timeout };
        {
            let mut state = lock(&self.state);
            let (PresenceDelta::Heartbeat { node, .. }
            | PresenceDelta::Change { node, .. }
            | PresenceDelta::Snapshot { node, .. }
            | PresenceDelta::Shutdown { node }) = &delta
            else {
                return;
            };
            let node = *node;
            if state.remote.apply(delta, Instant::now() + lease, &mut touched) {
                self.publish_deltas(&[PresenceDelta::SnapshotRequest { of: Some(node) }]);
            }
            self.announce_touched(&mut state, &touched);
        }
    }

    /// Announces changes to the connections of this node. Gives the people who are offline without a time when they were last
    /// seen.
    fn announce_touched(&self, state: &mut State, touched: &Touched) -> Vec<UserId> {
        let mut lost = Vec::new();
        for (user, (name, seen)) in &touched.people {
            let went_offline = self.announce_status(state, *user, name, *seen);
            lost.extend((went_offline && seen.is_none()).then_some(*user));
        }
        for (key, name) in &touched.opened {
            self.announce_opened(state, *key, name);
        }
        lost
    }

    /// Sends heartbeats and removes expired nodes, until shutdown.
    pub(super) async fn run_exchange(
        self: Arc<Self>,
        mut link: watch::Receiver<Link>,
        stop: CancellationToken,
    ) {
        let mut next_beat = Instant::now();
        let mut ticked = Instant::now();
        let mut down: Option<Instant> = Some(Instant::now());
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                Ok(()) = link.changed() => {}
                () = self.snapshot_requested.notified() => {
                    tokio::time::sleep(SNAPSHOT_DELAY).await;
                    self.publish_snapshot();
                }
                () = tokio::time::sleep(TICK.min(self.heartbeat)) => {}
            }
            let (now, up) = (Instant::now(), link.borrow_and_update().up);
            match (up, down) {
                (true, Some(_)) => {
                    down = None;
                    lock(&self.state).remote.extend(now + self.node_timeout);
                    self.publish_deltas(&[PresenceDelta::SnapshotRequest { of: None }]);
                    self.publish_snapshot();
                    next_beat = now + self.heartbeat;
                }
                (false, None) => down = Some(now),
                _ => {}
            }
            if up && now >= next_beat {
                next_beat = now + self.heartbeat;
                let state = lock(&self.state);
                // A heartbeat after the shutdown message would revive the node.
                if !state.shut_down {
                    self.publish_deltas(&[PresenceDelta::Heartbeat { node: self.node, n: state.n }]);
                }
            }
            // This process was suspended: the messages of the others are still queued.
            if now > ticked + TICK * 5 {
                lock(&self.state).remote.extend(now + self.heartbeat * 2);
            }
            ticked = now;
            if down.is_none_or(|since| now > since + MAX_LINK_OUTAGE) {
                self.remove_expired(now).await;
            }
        }
    }

    async fn remove_expired(&self, now: Instant) {
        let time = self.clock.now();
        let lost = {
            let mut state = lock(&self.state);
            let mut touched = Touched::default();
            state.remote.sweep(now, &mut touched);
            touched.people.values_mut().for_each(|(_, seen)| *seen = None);
            self.announce_touched(&mut state, &touched)
        };
        self.save_last_seen(&lost, time).await;
    }

    /// Publishes a snapshot of this node's people, in parts.
    fn publish_snapshot(&self) {
        let state = lock(&self.state);
        if state.shut_down {
            return;
        }
        let n = state.n;
        let people = state
            .local
            .values()
            .map(|local| (local.person.id, local.person.username.clone(), local.announced));
        let mut people: Vec<_> = people.collect();
        let opened = state.opened.iter();
        let mut opened: Vec<_> =
            opened.map(|((id, user), open)| (*id, *user, open.username.clone())).collect();
        let total = people.len() + opened.len();
        let mut deltas = Vec::new();
        while deltas.is_empty() || !people.is_empty() || !opened.is_empty() {
            let people = people.split_off(people.len().saturating_sub(PART));
            let opened = opened.split_off(opened.len().saturating_sub(PART));
            let part = SnapshotPart { people, opened, total: None };
            deltas.push(PresenceDelta::Snapshot { node: self.node, n, part });
        }
        if let Some(PresenceDelta::Snapshot { part, .. }) = deltas.last_mut() {
            part.total = Some(total);
        }
        // Under the lock, so that no change is published between the parts.
        self.publish_deltas(&deltas);
    }

    /// Publishes the shutdown of this node, and nothing afterwards.
    pub(crate) fn announce_shutdown(&self) {
        let mut state = lock(&self.state);
        state.shut_down = true;
        // Under the lock, so that it is the last message.
        self.publish_deltas(&[PresenceDelta::Shutdown { node: self.node }]);
    }

    /// Announces a person's status over all nodes to the connections of this node, if it changed; true if the person went
    /// offline.
    pub(super) fn announce_status(
        &self,
        state: &mut State,
        user: UserId,
        username: &str,
        last_seen_at: Option<Timestamp>,
    ) -> bool {
        let local = state.local.get(&user).map_or(Status::Offline, |local| local.announced);
        let status = super::remote::better(local, state.remote.status(user));
        let was = state.announced.get(&user).copied().unwrap_or(Status::Offline);
        if status == was {
            return false;
        }
        let went_offline = status == Status::Offline;
        if went_offline {
            state.announced.remove(&user);
        } else {
            state.announced.insert(user, status);
        }
        let last_seen_at = went_offline.then(|| last_seen_at.unwrap_or_else(|| self.clock.now()));
        let status =
            protocol::PersonStatus { user_id: user, username: username.to_owned(), status, last_seen_at };
        let frame = ServerFrame::UserStatus(status);
        self.bus.deliver(vec![Push::frame(Topic::Presence(user), &frame).except(user)]);
        went_offline
    }
}
