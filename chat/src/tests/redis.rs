//! Two nodes over one database, with a real Redis, without one, and with one that loses everything.

mod closing;
mod faults;
mod lost;
mod people;
mod polls;
mod removals;
mod talking;

use super::world::{Client, World};
use crate::account::Identity;
use crate::bus::{Bus, Link, Redis};
use crate::connection::{PollSessions, Scope};
use crate::timings::Timings;
use crate::{ChatService, Limits, Supervisor};
use protocol::ServerFrame;
use serde_json::Value;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

static SERVER: LazyLock<test_servers::Redis> =
    LazyLock::new(|| test_servers::Redis::start().expect("a Redis"));

/// Two nodes over one database.
struct Two {
    world: World,
    there: ChatService,
    polls_there: PollSessions,
    links: [watch::Receiver<Link>; 2],
    /// Stops the second node without an announcement, as a crash does.
    crash: CancellationToken,
    _guards: [tokio_util::sync::DropGuard; 2],
}

fn generous() -> Limits {
    Limits { sends_per_second: 1e6, send_burst: 1_000_000, ..Limits::default() }
}

impl Two {
    async fn new(timings: Timings) -> Self {
        let name = uuid::Uuid::new_v4().to_string();
        Self::over(&SERVER.url(), [&name, &name], timings, generous()).await
    }

    /// Nodes with different installation names: pushes of one never reach the other, although Redis is up.
    async fn deaf(timings: Timings) -> Self {
        let names = [(); 2].map(|()| uuid::Uuid::new_v4().to_string());
        Self::over(&SERVER.url(), [&names[0], &names[1]], timings, generous()).await
    }

    async fn over(url: &str, names: [&str; 2], timings: Timings, limits: Limits) -> Self {
        let ends = [(); 2].map(|()| CancellationToken::new());
        let buses: Vec<Arc<dyn Bus>> = names
            .iter()
            .zip(&ends)
            .map(|(name, end)| {
                Arc::new(Redis::start(url, name, &Supervisor::new(end.clone())).expect("an address"))
                    as Arc<dyn Bus>
            })
            .collect();
        let links = [0, 1].map(|n| buses[n].link().expect("a link"));
        let world = World::over(buses[0].clone(), timings.clone(), limits).await;
        let crash = CancellationToken::new();
        let there = world.beside(buses[1].clone(), timings, &crash).await;
        let polls_there = PollSessions::start(&there, &Supervisor::new(crash.clone()));
        let _guards = ends.map(CancellationToken::drop_guard);
        let mut two = Self { world, there, polls_there, links, crash, _guards };
        two.linked(true).await;
        two
    }

    /// Waits until the links of both nodes are up, or both are down.
    async fn linked(&mut self, up: bool) {
        for link in &mut self.links {
            super::world::soon(link.wait_for(|link| link.up == up)).await.expect("a bus");
        }
    }

    /// A connection to the second node.
    async fn connect_there(&self, who: &Identity, scope: Scope) -> Client {
        let mut client = Client::dial(&self.there, who, scope, 4_096, &self.crash);
        let first = client.frame().await;
        assert!(matches!(first, ServerFrame::ConnectionEstablished(_)), "{first:?}");
        client
    }

    /// Waits until pushes reach the second node, since a subscription takes effect later. Typing leaves nothing behind.
    async fn meet(&self, here: &Identity, id: protocol::ConversationId, there: &mut Client) {
        loop {
            self.world.chat.typing(&here.person, id, true).await.expect("types");
            self.world.chat.typing(&here.person, id, false).await.expect("types");
            let ended = async { while there.until("typing").await["is_typing"] == true {} };
            if tokio::time::timeout(Duration::from_secs(1), ended).await.is_ok() {
                break;
            }
        }
    }
}

/// The next frame of this type, which has to arrive within `time`.
async fn within(time: Duration, client: &mut Client, kind: &str) -> Value {
    let since = Instant::now();
    let frame = client.until(kind).await;
    assert!(since.elapsed() < time, "{kind} after {:?}, not within {time:?}", since.elapsed());
    frame
}
