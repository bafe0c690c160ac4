//! Tests with real Redis servers.

mod faults;

use super::Redis;
use crate::Supervisor;
use crate::bus::contract::{Nodes, bus_contract};
use crate::bus::{Bus as _, Link};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The server of all tests that do not disturb it; each test uses an installation name of its own.
static SERVER: LazyLock<test_servers::Redis> =
    LazyLock::new(|| test_servers::Redis::start().expect("a Redis"));

/// A unique installation name.
pub(crate) fn installation() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// A node, which is stopped when the guard is dropped.
pub(super) fn node(url: &str, installation: &str) -> (Arc<Redis>, DropGuard) {
    let stop = CancellationToken::new();
    let redis = Redis::start(url, installation, &Supervisor::new(stop.clone())).expect("an address");
    (Arc::new(redis), stop.drop_guard())
}

/// Waits until the link is in this state.
pub(super) async fn until(link: &mut watch::Receiver<Link>, what: impl FnMut(&Link) -> bool) -> Link {
    let waiting = link.wait_for(what);
    *tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("soon").expect("a bus")
}

pub(super) async fn up(redis: &Redis) -> Link {
    until(&mut redis.link().expect("a link"), |link| link.up).await
}

async fn two() -> (Nodes, [DropGuard; 2]) {
    let name = installation();
    let ((first, one), (second, other)) = (node(&SERVER.url(), &name), node(&SERVER.url(), &name));
    up(&first).await;
    up(&second).await;
    (vec![first, second], [one, other])
}

bus_contract!(two);
