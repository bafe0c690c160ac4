//! Link to Redis: a connection that subscribes and one that publishes, opened and closed together.

use super::backoff::Backoff;
use super::channels::{CHANNELS, channel};
use super::{Inner, envelope};
use crate::bus::{BusEvent, Push, Topic};
use crate::lock::lock;
use crate::metrics;
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use redis::aio::{MultiplexedConnection, PubSubSink, PubSubStream};
use redis::{AsyncConnectionConfig, RedisResult};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Time limit of every command.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Interval between pings.
const PING: Duration = Duration::from_secs(1);
/// Maximum number of batches in one round trip.
const MAX_BATCHES: usize = 512;
/// Size in bytes from which no further pushes are added to a message.
const MAX_MESSAGE: usize = 256 * 1024;
/// Time after which a connection counts as stable, so that the backoff starts again.
const STABLE: Duration = Duration::from_secs(10);

struct Connections {
    sink: PubSubSink,
    stream: PubSubStream,
    publisher: MultiplexedConnection,
}

/// Keeps the link connected until shutdown, and three seconds longer to send the last pushes.
pub(super) async fn run(
    inner: Arc<Inner>,
    client: redis::Client,
    mut outgoing: mpsc::Receiver<Vec<Push>>,
    stop: CancellationToken,
) {
    let mut backoff = Backoff::new();
    let mut reported = false;
    let ended = async {
        stop.cancelled().await;
        tokio::time::sleep(Duration::from_secs(3)).await;
    };
    tokio::pin!(ended);
    loop {
        let cause = tokio::select! {
            () = &mut ended => break,
            opened = open(&inner, &client) => match opened {
                Ok((connections, subscribed)) => {
                    let since = Instant::now();
                    reported = false;
                    tracing::info!("Redis is there");
                    let cause = tokio::select! {
                        () = &mut ended => break,
                        cause = run_connected(&inner, connections, subscribed, &mut outgoing) => cause,
                    };
                    if since.elapsed() >= STABLE {
                        backoff = Backoff::new();
                    }
                    cause
                }
                Err(cause) => cause,
            },
        };
        inner.link.send_modify(|link| link.up = false);
        metrics::BUS_CONNECTED.set(0.0);
        if !reported {
            tracing::warn!(%cause, "Redis is away: other nodes hear of this one's changes by the database");
            reported = true;
        }
        tokio::select! {
            () = &mut ended => break,
            () = tokio::time::sleep(backoff.next()) => {}
        }
    }
    inner.link.send_modify(|link| link.up = false);
}

/// The kind of an error, without details that may be secret.
fn describe(error: &redis::RedisError) -> String {
    format!("{:?}", error.kind())
}

async fn within<T>(what: &str, asking: impl Future<Output = RedisResult<T>>) -> Result<T, String> {
    match tokio::time::timeout(TIMEOUT, asking).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(format!("{what}: {}", describe(&error))),
        Err(_) => Err(format!("{what}: no answer within {TIMEOUT:?}")),
    }
}

/// Opens both connections and subscribes to the wanted channels.
async fn open(inner: &Inner, client: &redis::Client) -> Result<(Connections, BTreeSet<u16>), String> {
    let pubsub = within("connecting", client.get_async_pubsub()).await?;
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(TIMEOUT))
        .set_response_timeout(Some(TIMEOUT));
    let publisher = client.get_multiplexed_async_connection_with_config(&config);
    let publisher = within("connecting", publisher).await?;
    let (mut sink, stream) = pubsub.split();
    let wanted = inner.interest.wanted();
    within("subscribing", sink.subscribe(names(inner, &wanted))).await?;
    Ok((Connections { sink, stream, publisher }, wanted))
}

fn name(inner: &Inner, channel: u16) -> String {
    match channel {
        CHANNELS => format!("{}:nodes", inner.prefix),
        number => format!("{}:{number}", inner.prefix),
    }
}

fn names(inner: &Inner, channels: &BTreeSet<u16>) -> Vec<String> {
    channels.iter().map(|channel| name(inner, *channel)).collect()
}

/// Runs the connections until one of them fails; gives the reason.
async fn run_connected(
    inner: &Inner,
    connections: Connections,
    subscribed: BTreeSet<u16>,
    outgoing: &mut mpsc::Receiver<Vec<Push>>,
) -> String {
    let Connections { sink, stream, publisher } = connections;
    // The queue is stale: its pushes count as lost, and the other nodes are told to compare with the database.
    while outgoing.try_recv().is_ok() {}
    inner.link.send_modify(|link| {
        link.up = true;
        link.gaps += 1;
    });
    inner.send(vec![Push::event(Topic::Nodes, BusEvent::PushesLost)]);
    metrics::BUS_CONNECTED.set(1.0);
    metrics::BUS_RECONNECTS.increment(1);
    tokio::select! {
        cause = receive(inner, stream) => cause,
        cause = publish(inner, publisher.clone(), outgoing) => cause,
        cause = maintain(inner, sink, publisher, subscribed) => cause,
    }
}

/// Receives messages.
async fn receive(inner: &Inner, mut stream: PubSubStream) -> String {
    let mut foreign = 0_u64;
    while let Some(message) = stream.next().await {
        let payload = message.get_payload_bytes();
        match envelope::sender(payload) {
            // Own pushes were delivered directly. A message without pushes is this node's own echo.
            Some(node) if node == inner.node => {
                if let Some(said) = lock(&inner.echo).take_if(|_| payload.len() == envelope::EMPTY) {
                    metrics::BUS_LAG.record(said.elapsed().as_secs_f64());
                }
                continue;
            }
            Some(_) => {
                if let Some(pushes) = envelope::pushes(Bytes::copy_from_slice(payload)) {
                    inner.deliver(pushes);
                    continue;
                }
            }
            None => {}
        }
        foreign += 1;
        metrics::BUS_FOREIGN.increment(1);
        if foreign.is_power_of_two() {
            tracing::warn!(
                messages = foreign,
                bytes = payload.len(),
                "messages that are not ours are ignored"
            );
        }
    }
    "hearing: the connection ended".into()
}

/// Publishes the queue: all pushes that were queued during the last round trip go into the next.
async fn publish(
    inner: &Inner,
    mut connection: MultiplexedConnection,
    outgoing: &mut mpsc::Receiver<Vec<Push>>,
) -> String {
    let mut batches = Vec::new();
    loop {
        if outgoing.recv_many(&mut batches, MAX_BATCHES).await == 0 {
            return "publishing: the queue is closed".into();
        }
        let messages = encode(inner.node, batches.drain(..).flatten());
        if messages.is_empty() {
            continue;
        }
        let mut pipeline = redis::pipe();
        for (channel, message) in &messages {
            pipeline.cmd("PUBLISH").arg(name(inner, *channel)).arg(message.as_ref()).ignore();
        }
        if let Err(cause) = within("publishing", pipeline.query_async::<()>(&mut connection)).await {
            return cause;
        }
    }
}

/// Encodes one message per channel, or more if it grows too large. The order within a channel is kept.
fn encode(node: u64, pushes: impl Iterator<Item = Push>) -> Vec<(u16, BytesMut)> {
    let mut messages: Vec<(u16, BytesMut)> = Vec::new();
    let mut last = std::collections::HashMap::new();
    for push in pushes {
        let channel = channel(push.topic);
        let at = last.get(&channel).copied().filter(|at: &usize| messages[*at].1.len() < MAX_MESSAGE);
        let at = at.unwrap_or_else(|| {
            messages.push((channel, envelope::begin(node)));
            messages.len() - 1
        });
        last.insert(channel, at);
        envelope::add(&mut messages[at].1, &push);
    }
    messages
}

/// Updates subscriptions and sends pings.
async fn maintain(
    inner: &Inner,
    mut sink: PubSubSink,
    mut publisher: MultiplexedConnection,
    mut subscribed: BTreeSet<u16>,
) -> String {
    let mut ping = Instant::now() + PING;
    loop {
        if let Err(cause) = update_subscriptions(inner, &mut sink, &mut subscribed).await {
            return cause;
        }
        tokio::select! {
            () = inner.interest.changed.notified() => {}
            () = tokio::time::sleep_until(ping) => {
                let heard = within("a sign of life", sink.ping::<redis::Value>());
                let said = within("a sign of life", async {
                    *lock(&inner.echo) = Some(Instant::now());
                    let (to, nothing) = (name(inner, CHANNELS), envelope::begin(inner.node));
                    let mut publish = redis::cmd("PUBLISH");
                    publish.arg(to).arg(nothing.as_ref()).query_async::<redis::Value>(&mut publisher).await
                });
                if let Err(cause) = tokio::try_join!(heard, said) {
                    return cause;
                }
                ping = Instant::now() + PING;
            }
        }
    }
}

async fn update_subscriptions(
    inner: &Inner,
    sink: &mut PubSubSink,
    subscribed: &mut BTreeSet<u16>,
) -> Result<(), String> {
    let wanted = inner.interest.wanted();
    let new: BTreeSet<_> = wanted.difference(subscribed).copied().collect();
    let old: BTreeSet<_> = subscribed.difference(&wanted).copied().collect();
    if !new.is_empty() {
        within("subscribing", sink.subscribe(names(inner, &new))).await?;
        // Pushes between the request and now were not received.
        inner.gap();
    }
    if !old.is_empty() {
        within("unsubscribing", sink.unsubscribe(names(inner, &old))).await?;
    }
    *subscribed = wanted;
    Ok(())
}
