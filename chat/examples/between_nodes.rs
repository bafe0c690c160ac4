//! How long a message takes from one node to a client of another, against Redis alone with messages of that size, both in
//! turn so that they share whatever else the machine does: `cargo run --release -p chat --example between_nodes`.

use chat::account::Identity;
use chat::bus::{Bus, Redis};
use chat::connection::{self, Outgoing, Scope};
use chat::store::{AccountKind, AccountStore as _, NewAccount, Sqlite};
use chat::{ChatService, Limits, Supervisor, SystemClock};
use futures::channel::mpsc;
use futures::{SinkExt as _, StreamExt as _};
use protocol::{AddableBy, Timestamp};
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const MESSAGES: usize = 2_000;
const PACE: Duration = Duration::from_millis(5);
/// Size of a short message with its envelope, in bytes.
const SIZE: usize = 450;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = test_servers::Redis::start().map_err(|fault| fault.to_string())?;
    let folder = tempfile::tempdir()?;
    let store = Arc::new(Sqlite::open(folder.path().join("rapport.db")).await?);
    let stop = CancellationToken::new();
    let here = node(&server.url(), &store, &stop).await?;
    let there = node(&server.url(), &store, &stop).await?;
    let (anna, ben) = (person(&here, &store, "anna").await?, person(&here, &store, "ben").await?);
    let id = here.open_conversation(&anna.person, &["ben".to_owned()], None).await?.0.id;
    let mut near = connect(&here, &ben, Scope::One(id), &stop);
    let mut far = connect(&there, &ben, Scope::One(id), &stop);
    let client = redis::Client::open(server.url())?;
    let mut speaks = client.get_multiplexed_async_connection().await?;
    let mut pubsub = client.get_async_pubsub().await?;
    pubsub.subscribe("bare").await?;
    let mut hears = pubsub.into_on_message();
    // Until the subscriptions are in force.
    tokio::time::sleep(Duration::from_secs(1)).await;

    let [mut acked, mut same, mut other, mut after, mut bare] = [const { Vec::new() }; 5];
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    for n in 0..MESSAGES {
        let content = format!("message {n}");
        let began = Instant::now();
        let (sent, (), ()) = tokio::join!(
            async {
                let sent = here.send(&anna.person, id, &content, None, None).await;
                acked.push(began.elapsed());
                sent
            },
            async {
                arrives(&mut near, &content).await;
                same.push(began.elapsed());
            },
            async {
                arrives(&mut far, &content).await;
                other.push(began.elapsed());
            },
        );
        sent?;
        after.push(other[n].saturating_sub(same[n]));
        let began = Instant::now();
        let mut publish = redis::cmd("PUBLISH");
        publish.arg("bare").arg("x".repeat(SIZE));
        let (said, heard) = tokio::join!(publish.query_async::<i64>(&mut speaks), async {
            let heard = hears.next().await;
            bare.push(began.elapsed());
            heard
        });
        said?;
        heard.ok_or("Redis has gone")?;
        tokio::time::sleep(PACE).await;
    }
    println!("{MESSAGES} messages, one every {PACE:?} and a bit; load before: {}", load.trim());
    for (what, times) in [
        ("sent and durable (acknowledged)", &mut acked),
        ("sent, durable and at a client of the same node", &mut same),
        ("sent, durable and at a client of the other node", &mut other),
        ("the other node's behind the same node's client", &mut after),
        ("Redis alone, publish to subscriber", &mut bare),
    ] {
        times.sort_unstable();
        println!("{what}: p50 {:?}, p99 {:?}", times[MESSAGES / 2], times[MESSAGES * 99 / 100]);
    }
    stop.cancel();
    Ok(())
}

async fn node(
    url: &str,
    store: &Arc<Sqlite>,
    stop: &CancellationToken,
) -> Result<ChatService, Box<dyn Error>> {
    let supervisor = Supervisor::new(stop.clone());
    let bus = Arc::new(Redis::start(url, "measured", &supervisor)?);
    if let Some(mut link) = bus.link() {
        link.wait_for(|link| link.up).await?;
    }
    let limits = Limits { sends_per_second: 1e6, send_burst: 1_000_000, ..Limits::default() };
    let (store, secret) = (store.clone(), [7; 32]);
    Ok(ChatService::start(store, bus, Arc::new(SystemClock), limits, &secret, &supervisor).await?)
}

async fn person(node: &ChatService, store: &Sqlite, name: &str) -> Result<Identity, Box<dyn Error>> {
    let (first_name, last_name) = Default::default();
    let account = NewAccount {
        username: name.into(),
        first_name,
        last_name,
        password_hash: "none".into(),
        kind: AccountKind::Person,
        addable_by: AddableBy::Everyone,
        request_hash: None,
    };
    let account = store.create_account(account, Timestamp(1)).await?;
    let pair = node.accounts().issue(&account, "measured").await?;
    Ok(node.accounts().by_token(&pair.access).await?)
}

fn connect(
    node: &ChatService,
    who: &Identity,
    scope: Scope,
    stop: &CancellationToken,
) -> mpsc::Receiver<Outgoing> {
    let (outgoing, from) = mpsc::channel(4_096);
    let (incoming, outgoing) = (futures::stream::pending(), outgoing.sink_map_err(drop));
    tokio::spawn(connection::run(
        node.clone(),
        who.clone().into(),
        scope,
        incoming,
        outgoing,
        None,
        stop.clone(),
    ));
    from
}

async fn arrives(from: &mut mpsc::Receiver<Outgoing>, content: &str) {
    while let Some(said) = from.next().await {
        let Outgoing::Text(text) = said else { continue };
        let text = String::from_utf8_lossy(&text);
        if text.contains("\"new_message\"") && text.contains(&format!("\"{content}\"")) {
            return;
        }
    }
}
