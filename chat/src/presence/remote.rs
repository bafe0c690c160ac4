//! Presence on the other nodes, as they report it.

use protocol::{ConversationId, Status, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use tokio::time::Instant;

/// A presence message between nodes. The changes of a node are numbered; a node that misses one requests a snapshot. The
/// encoding is shared with other versions of this program, hence the names for serde.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum PresenceDelta {
    /// The node is alive, and its last change had the number `n`.
    #[serde(rename = "Beat")]
    Heartbeat { node: u64, n: u64 },
    /// A change with its number.
    Change { node: u64, n: u64, what: Change },
    /// A part of a snapshot as of the change `n`.
    #[serde(rename = "Whole")]
    Snapshot { node: u64, n: u64, part: SnapshotPart },
    /// Requests a snapshot of one node (`None`: of all).
    #[serde(rename = "Tell")]
    SnapshotRequest { of: Option<u64> },
    /// The node shuts down.
    #[serde(rename = "Gone")]
    Shutdown { node: u64 },
}

/// One change on a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Change {
    /// The status of a person on that node, and when the person was last seen if offline.
    #[serde(rename = "Is")]
    Status(UserId, String, Status, Option<Timestamp>),
    /// The person opened (`true`) or closed a single conversation there.
    Opened(ConversationId, UserId, String, bool),
}

/// A part of a node's snapshot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SnapshotPart {
    pub(super) people: Vec<(UserId, String, Status)>,
    pub(super) opened: Vec<(ConversationId, UserId, String)>,
    /// In the last part: the number of rows of all parts.
    pub(super) total: Option<usize>,
}

/// The people and conversations whose state may have changed. For people who are offline, when they were last seen.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Touched {
    pub(super) people: HashMap<UserId, (String, Option<Timestamp>)>,
    pub(super) opened: HashMap<(ConversationId, UserId), String>,
}

#[derive(Default)]
struct NodeState {
    people: HashMap<UserId, (String, Status)>,
    opened: HashMap<(ConversationId, UserId), String>,
}

struct Node {
    /// The number of the last change in `state`; `None` before the first snapshot.
    n: Option<u64>,
    state: NodeState,
    /// The parts of a snapshot so far.
    incoming: Option<(u64, NodeState)>,
    /// The node counts as dead after this.
    expires_at: Instant,
    shutting_down: bool,
}

/// State of all other nodes.
#[derive(Default)]
pub(super) struct RemoteNodes {
    nodes: HashMap<u64, Node>,
}

impl RemoteNodes {
    /// The status of a person over all other nodes.
    pub(super) fn status(&self, user: UserId) -> Status {
        let all = self.nodes.values().filter_map(|node| node.state.people.get(&user));
        all.map(|(_, status)| *status).fold(Status::Offline, better)
    }

    /// Whether the person has the conversation open on another node.
    pub(super) fn has_open(&self, key: (ConversationId, UserId)) -> bool {
        self.nodes.values().any(|node| node.state.opened.contains_key(&key))
    }

    /// Applies a message, which renews the node until `expires_at`. True if a snapshot has to be requested.
    pub(super) fn apply(&mut self, delta: PresenceDelta, expires_at: Instant, touched: &mut Touched) -> bool {
        let (PresenceDelta::Heartbeat { node: id, .. }
        | PresenceDelta::Change { node: id, .. }
        | PresenceDelta::Snapshot { node: id, .. }
        | PresenceDelta::Shutdown { node: id }) = &delta
        else {
            return false;
        };
        let new = || Node {
            n: None,
            state: NodeState::default(),
            incoming: None,
            expires_at,
            shutting_down: false,
        };
        let node = self.nodes.entry(*id).or_insert_with(new);
        node.expires_at = expires_at;
        node.shutting_down = matches!(delta, PresenceDelta::Shutdown { .. });
        match delta {
            PresenceDelta::Heartbeat { n, .. } => node.n != Some(n),
            PresenceDelta::Change { n, what, .. } => match node.n {
                Some(last) if n == last + 1 => {
                    node.n = Some(n);
                    node.state.apply(what, touched);
                    false
                }
                Some(last) => n > last,
                None => true,
            },
            PresenceDelta::Snapshot { n, part, .. } => node.add_part(n, part, touched),
            PresenceDelta::SnapshotRequest { .. } | PresenceDelta::Shutdown { .. } => false,
        }
    }

    /// Removes the nodes that expired.
    pub(super) fn sweep(&mut self, now: Instant, touched: &mut Touched) {
        self.nodes.retain(|_, node| {
            let alive = node.expires_at > now;
            if !alive {
                node.state.touch(touched);
            }
            alive
        });
    }

    /// Extends the expiry of all nodes that are not shutting down.
    pub(super) fn extend(&mut self, expires_at: Instant) {
        let alive = self.nodes.values_mut().filter(|node| !node.shutting_down);
        alive.for_each(|node| node.expires_at = node.expires_at.max(expires_at));
    }
}

impl Node {
    fn add_part(&mut self, n: u64, part: SnapshotPart, touched: &mut Touched) -> bool {
        let (_, state) = match &mut self.incoming {
            Some(incoming) if incoming.0 == n => incoming,
            incoming => incoming.insert((n, NodeState::default())),
        };
        state.people.extend(part.people.into_iter().map(|(user, name, status)| (user, (name, status))));
        state.opened.extend(part.opened.into_iter().map(|(id, user, name)| ((id, user), name)));
        let Some(total) = part.total else { return false };
        let Some((_, state)) = self.incoming.take() else { return true };
        if state.people.len() + state.opened.len() != total {
            return true;
        }
        if self.n.is_none_or(|last| last <= n) {
            self.state.touch(touched);
            state.touch(touched);
            (self.n, self.state) = (Some(n), state);
        }
        false
    }
}

impl NodeState {
    fn apply(&mut self, what: Change, touched: &mut Touched) {
        match what {
            Change::Status(user, name, status, seen) => {
                touched.people.insert(user, (name.clone(), seen));
                if status == Status::Offline {
                    self.people.remove(&user);
                } else {
                    self.people.insert(user, (name, status));
                }
            }
            Change::Opened(id, user, name, open) => {
                touched.opened.insert((id, user), name.clone());
                if open {
                    self.opened.insert((id, user), name);
                } else {
                    self.opened.remove(&(id, user));
                }
            }
        }
    }

    fn touch(&self, touched: &mut Touched) {
        touched.people.extend(self.people.iter().map(|(user, (name, _))| (*user, (name.clone(), None))));
        touched.opened.extend(self.opened.iter().map(|(key, name)| (*key, name.clone())));
    }
}

/// The status of a person with these two on different nodes.
pub(super) fn better(a: Status, b: Status) -> Status {
    match (a, b) {
        (Status::Online, _) | (_, Status::Online) => Status::Online,
        (Status::Away, _) | (_, Status::Away) => Status::Away,
        _ => Status::Offline,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const BEN: UserId = UserId(2);

    fn change(n: u64, status: Status) -> PresenceDelta {
        PresenceDelta::Change { node: 1, n, what: Change::Status(BEN, "ben".into(), status, None) }
    }

    fn part(n: u64, people: &[(UserId, Status)], total: Option<usize>) -> PresenceDelta {
        let people = people.iter().map(|(user, status)| (*user, "x".into(), *status)).collect();
        PresenceDelta::Snapshot { node: 1, n, part: SnapshotPart { people, opened: Vec::new(), total } }
    }

    #[test]
    fn the_encoding_is_that_of_other_versions() {
        let json = |delta: &PresenceDelta| serde_json::to_string(delta).unwrap();
        assert_eq!(json(&PresenceDelta::Heartbeat { node: 1, n: 2 }), r#"{"Beat":{"node":1,"n":2}}"#);
        assert_eq!(
            json(&change(2, Status::Online)),
            r#"{"Change":{"node":1,"n":2,"what":{"Is":[2,"ben","online",null]}}}"#
        );
        assert_eq!(
            json(&part(2, &[], Some(0))),
            r#"{"Whole":{"node":1,"n":2,"part":{"people":[],"opened":[],"total":0}}}"#
        );
        assert_eq!(json(&PresenceDelta::SnapshotRequest { of: None }), r#"{"Tell":{"of":null}}"#);
        assert_eq!(json(&PresenceDelta::Shutdown { node: 1 }), r#"{"Gone":{"node":1}}"#);
    }

    #[tokio::test]
    async fn p1_a_gap_is_noticed_and_closed_by_a_snapshot() {
        let (mut all, mut touched) = (RemoteNodes::default(), Touched::default());
        let until = Instant::now() + Duration::from_secs(5);
        let mut apply = |delta| all.apply(delta, until, &mut touched);
        assert!(apply(change(4, Status::Online)), "an unknown node");
        assert!(apply(PresenceDelta::Heartbeat { node: 1, n: 4 }));
        assert!(!apply(part(4, &[(BEN, Status::Online)], None)));
        assert!(apply(part(4, &[], Some(2))), "a part is missing");
        assert!(!apply(part(4, &[(BEN, Status::Online)], None)));
        assert!(!apply(part(4, &[(UserId(3), Status::Away)], Some(2))));
        assert!(!apply(PresenceDelta::Heartbeat { node: 1, n: 4 }));
        assert!(!apply(change(5, Status::Away)));
        assert!(!apply(change(5, Status::Online)), "doubled");
        assert!(apply(change(7, Status::Online)), "6 is missing");
        assert!(!apply(part(5, &[], Some(0))), "of now, and nobody is there");
        assert!(!apply(part(3, &[(BEN, Status::Online)], Some(1))), "an old one changes nothing");
        assert_eq!(all.status(BEN), Status::Offline);
    }

    #[tokio::test]
    async fn p1_the_best_status_of_all_nodes_counts_and_a_silent_node_expires() {
        let (mut all, mut touched) = (RemoteNodes::default(), Touched::default());
        let now = Instant::now();
        let snapshot = |node, status| {
            let people = vec![(BEN, "ben".to_owned(), status)];
            let opened = vec![(ConversationId(1), BEN, "ben".to_owned())];
            PresenceDelta::Snapshot { node, n: 0, part: SnapshotPart { people, opened, total: Some(2) } }
        };
        all.apply(snapshot(1, Status::Away), now + Duration::from_secs(1), &mut touched);
        all.apply(snapshot(2, Status::Online), now + Duration::from_secs(2), &mut touched);
        assert_eq!(all.status(BEN), Status::Online);
        // A third node shuts down; its expiry is not extended.
        all.apply(snapshot(3, Status::Online), now + Duration::from_secs(9), &mut touched);
        all.apply(PresenceDelta::Shutdown { node: 3 }, now + Duration::from_millis(500), &mut touched);
        touched = Touched::default();
        all.sweep(now, &mut touched);
        assert_eq!(touched, Touched::default());
        all.extend(now + Duration::from_millis(1_500));
        all.sweep(now + Duration::from_secs(1), &mut touched);
        assert_eq!(all.status(BEN), Status::Online);
        all.sweep(now + Duration::from_millis(1_500), &mut touched);
        assert!(touched.people.contains_key(&BEN) && all.has_open((ConversationId(1), BEN)));
        assert_eq!(all.status(BEN), Status::Online);
        all.sweep(now + Duration::from_secs(3), &mut touched);
        assert_eq!((all.status(BEN), all.has_open((ConversationId(1), BEN))), (Status::Offline, false));
    }
}
