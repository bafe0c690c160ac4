//! The way to Redis: two connections that live and die together, one that hears and one that speaks.

use super::backoff::Backoff;
use super::channels::{CHANNELS, channel};
use super::{Inner, envelope};
use crate::bus::{Body, Push, Topic};
use crate::lock::lock;
use crate::metric;
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

/// Whatever is not answered within this is away.
const PATIENCE: Duration = Duration::from_secs(2);
/// A sign of life is asked for this often.
const PING: Duration = Duration::from_secs(1);
/// Batches in one round trip.
const TOGETHER: usize = 512;
/// A message does not grow beyond this, as long as its pushes do not.
const LARGE: usize = 256 * 1024;
/// How long there must have been a way for the next failure to count as the first.
const STEADY: Duration = Duration::from_secs(10);

struct Connections {
    sink: PubSubSink,
    stream: PubSubStream,
    speaking: MultiplexedConnection,
}

/// Keeps up a way to Redis until the end, and a moment longer so that the last words go out.
pub(super) async fn keep(
    inner: Arc<Inner>,
    client: redis::Client,
    mut outgoing: mpsc::Receiver<Vec<Push>>,
    stop: CancellationToken,
) {
    let mut backoff = Backoff::new();
    let mut silent = false;
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
                    silent = false;
                    tracing::info!("Redis is there");
                    let cause = tokio::select! {
                        () = &mut ended => break,
                        cause = live(&inner, connections, subscribed, &mut outgoing) => cause,
                    };
                    if since.elapsed() >= STEADY {
                        backoff = Backoff::new();
                    }
                    cause
                }
                Err(cause) => cause,
            },
        };
        *lock(&inner.questions) = None;
        inner.link.send_modify(|link| link.up = false);
        metric::BUS_CONNECTED.set(0.0);
        if !silent {
            tracing::warn!(%cause, "Redis is away: other nodes hear of this one's changes by the database");
            silent = true;
        }
        tokio::select! {
            () = &mut ended => break,
            () = tokio::time::sleep(backoff.next()) => {}
        }
    }
    inner.link.send_modify(|link| link.up = false);
}

/// An error without what may be secret: the library's kind of it.
fn said(error: &redis::RedisError) -> String {
    format!("{:?}", error.kind())
}

async fn within<T>(what: &str, asking: impl Future<Output = RedisResult<T>>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(format!("{what}: {}", said(&error))),
        Err(_) => Err(format!("{what}: no answer within {PATIENCE:?}")),
    }
}

/// Both connections, subscribed to what is wanted.
async fn open(inner: &Inner, client: &redis::Client) -> Result<(Connections, BTreeSet<u16>), String> {
    let pubsub = within("connecting", client.get_async_pubsub()).await?;
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    let speaking = client.get_multiplexed_async_connection_with_config(&config);
    let speaking = within("connecting", speaking).await?;
    let (mut sink, stream) = pubsub.split();
    let wanted = inner.interest.wanted();
    within("subscribing", sink.subscribe(names(inner, &wanted))).await?;
    Ok((Connections { sink, stream, speaking }, wanted))
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

/// As long as all goes well; gives the reason for the end.
async fn live(
    inner: &Inner,
    connections: Connections,
    subscribed: BTreeSet<u16>,
    outgoing: &mut mpsc::Receiver<Vec<Push>>,
) -> String {
    let Connections { sink, stream, speaking } = connections;
    // What waited is as lost as what was dropped meanwhile; the others are told so.
    while outgoing.try_recv().is_ok() {}
    *lock(&inner.questions) = Some(speaking.clone());
    inner.link.send_modify(|link| {
        link.up = true;
        link.gaps += 1;
    });
    inner.send(vec![Push::word(Topic::Nodes, Body::Lost)]);
    metric::BUS_CONNECTED.set(1.0);
    metric::BUS_RECONNECTS.increment(1);
    tokio::select! {
        cause = hear(inner, stream) => cause,
        cause = speak(inner, speaking.clone(), outgoing) => cause,
        cause = tend(inner, sink, speaking, subscribed) => cause,
    }
}

/// Takes what comes.
async fn hear(inner: &Inner, mut stream: PubSubStream) -> String {
    let mut foreign = 0_u64;
    while let Some(message) = stream.next().await {
        let payload = message.get_payload_bytes();
        match envelope::sender(payload) {
            // It has them already. One without any was said to itself.
            Some(node) if node == inner.node => {
                if let Some(said) = lock(&inner.echo).take_if(|_| payload.len() == envelope::EMPTY) {
                    metric::BUS_LAG.record(said.elapsed().as_secs_f64());
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
        metric::BUS_FOREIGN.increment(1);
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

/// Says what waits: whatever queued up during the last round trip goes in one.
async fn speak(
    inner: &Inner,
    mut connection: MultiplexedConnection,
    outgoing: &mut mpsc::Receiver<Vec<Push>>,
) -> String {
    let mut batches = Vec::new();
    loop {
        if outgoing.recv_many(&mut batches, TOGETHER).await == 0 {
            return "speaking: nobody has anything to say any more".into();
        }
        let messages = written(inner.node, batches.drain(..).flatten());
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

/// One message for each channel, as long as it does not grow too large; within a channel the order stays.
fn written(node: u64, pushes: impl Iterator<Item = Push>) -> Vec<(u16, BytesMut)> {
    let mut messages: Vec<(u16, BytesMut)> = Vec::new();
    let mut last = std::collections::HashMap::new();
    for push in pushes {
        let channel = channel(push.topic);
        let at = last.get(&channel).copied().filter(|at: &usize| messages[*at].1.len() < LARGE);
        let at = at.unwrap_or_else(|| {
            messages.push((channel, envelope::begin(node)));
            messages.len() - 1
        });
        last.insert(channel, at);
        envelope::add(&mut messages[at].1, &push);
    }
    messages
}

/// Follows what is wanted, and asks for signs of life.
async fn tend(
    inner: &Inner,
    mut sink: PubSubSink,
    mut speaking: MultiplexedConnection,
    mut subscribed: BTreeSet<u16>,
) -> String {
    let mut ping = Instant::now() + PING;
    loop {
        if let Err(cause) = follow(inner, &mut sink, &mut subscribed).await {
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
                    publish.arg(to).arg(nothing.as_ref()).query_async::<redis::Value>(&mut speaking).await
                });
                if let Err(cause) = tokio::try_join!(heard, said) {
                    return cause;
                }
                ping = Instant::now() + PING;
            }
        }
    }
}

async fn follow(inner: &Inner, sink: &mut PubSubSink, subscribed: &mut BTreeSet<u16>) -> Result<(), String> {
    let wanted = inner.interest.wanted();
    let new: BTreeSet<_> = wanted.difference(subscribed).copied().collect();
    let old: BTreeSet<_> = subscribed.difference(&wanted).copied().collect();
    if !new.is_empty() {
        within("subscribing", sink.subscribe(names(inner, &new))).await?;
        // Whoever asked may have read before this was in force.
        inner.gap();
    }
    if !old.is_empty() {
        within("unsubscribing", sink.unsubscribe(names(inner, &old))).await?;
    }
    *subscribed = wanted;
    Ok(())
}
