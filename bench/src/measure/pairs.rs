//! Durable messages: pairs of people, of whom one sends the next message when the last is acknowledged.

use super::quantile;
use crate::api::Api;
use crate::{BoxError, process::Server};
use protocol::{ConversationId, NewMessage, ServerFrame};
use std::path::Path;
use std::time::{Duration, Instant};

/// The result.
#[derive(Debug)]
pub struct Pairs {
    /// Acknowledged messages a second.
    pub messages_per_second: f64,
    /// Processor seconds of the server for a thousand messages.
    pub cpu_per_thousand: f64,
    /// The median time from sending to acknowledgement, in milliseconds.
    pub p50_ms: f64,
    /// The 99th percentile, in milliseconds.
    pub p99_ms: f64,
}

/// Runs for `time`. Every message must be acknowledged once and arrive at the other person once, in order.
///
/// # Errors
/// The server could not be started or used, or a message was lost, doubled or out of order.
pub async fn run(program: &Path, pairs: usize, time: Duration) -> Result<Pairs, BoxError> {
    let folder = tempfile::tempdir()?;
    let mut server = Server::new(program, folder.path())?;
    server.start().await?;
    let http = reqwest::Client::new();
    let mut connected = Vec::new();
    for n in 0..pairs {
        let sender = Api::register(&http, &server.address(), &format!("sender{n}")).await?;
        let reader = Api::register(&http, &server.address(), &format!("reader{n}")).await?;
        let id = sender.open_conversation(std::slice::from_ref(&reader.me.username), None).await?;
        connected.push((sender, reader, id));
    }
    let cpu = server.cpu()?;
    let begun = Instant::now();
    let mut senders = Vec::new();
    let mut readers = Vec::new();
    for (sender, reader, id) in connected {
        let mut socket = reader.connect().await?;
        socket.next().await?;
        readers.push(tokio::spawn(async move {
            let mut count = 0u64;
            while let Ok(Ok(frame)) = tokio::time::timeout(Duration::from_secs(3), socket.next()).await {
                if let ServerFrame::NewMessage(NewMessage { message, .. }) = frame {
                    count += 1;
                    if message.content != format!("message {count}") {
                        return Err::<u64, BoxError>(
                            format!("expected message {count}, got {}", message.content).into(),
                        );
                    }
                }
            }
            Ok(count)
        }));
        senders.push(tokio::spawn(send_until(sender, id, begun + time)));
    }
    let mut times = Vec::new();
    let mut sent = 0;
    for sender in senders {
        let latencies = sender.await??;
        sent += latencies.len();
        times.extend(latencies);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = server.cpu()?.saturating_sub(cpu).as_secs_f64();
    let mut arrived = 0;
    for reader in readers {
        arrived += usize::try_from(reader.await??)?;
    }
    if arrived != sent {
        return Err(format!("{sent} acknowledged, {arrived} arrived").into());
    }
    times.sort_by(f64::total_cmp);
    #[allow(clippy::cast_precision_loss)]
    let count = sent as f64;
    Ok(Pairs {
        messages_per_second: count / seconds,
        cpu_per_thousand: cpu / count * 1_000.0,
        p50_ms: quantile(&times, 0.5),
        p99_ms: quantile(&times, 0.99),
    })
}

/// Sends one message after the other until `end`; returns the milliseconds that each took.
async fn send_until(sender: Api, conversation: ConversationId, end: Instant) -> Result<Vec<f64>, BoxError> {
    let mut socket = sender.connect().await?;
    let mut times = Vec::new();
    while Instant::now() < end {
        let begun = Instant::now();
        socket.send_acknowledged(conversation, format!("message {}", times.len() + 1)).await?;
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(times)
}
