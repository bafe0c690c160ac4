//! The instructions of the server for a delivery and for a message, counted by valgrind's callgrind. They hardly depend on
//! the machine and its load, as seconds do, so tests hold them to a bound. Those of the kernel are not included.

use crate::api::{Api, Socket};
use crate::{BoxError, process::Server};
use protocol::{Ack, ClientFrame, ClientId, ConversationId, NewMessage, ServerFrame};
use std::path::Path;
use tokio::process::Command;

/// The numbers of receiving sockets, first and second.
const SOCKETS: [usize; 2] = [20, 120];
/// Messages before the counting starts, so that what is allocated once is not counted.
const WARM: usize = 30;
/// Counted messages.
const MESSAGES: usize = 100;

/// The result.
#[derive(Debug)]
pub struct Instructions {
    /// For each delivery of a message to a socket.
    pub per_delivery: f64,
    /// For receiving a message, making it durable, acknowledging it and starting its fan-out.
    pub per_message: f64,
}

/// Sends messages to few sockets and then to many, each after the last has reached all of them. The difference is the cost
/// of the deliveries.
///
/// # Errors
/// valgrind is not installed, or the server could not be started or used.
pub async fn run(program: &Path) -> Result<Instructions, BoxError> {
    let folder = tempfile::tempdir()?;
    let mut server = Server::new(program, &folder.path().join("data"))?;
    // Accounts are created without valgrind, under which hashing takes long.
    server.start().await?;
    let http = reqwest::Client::new();
    let sender = Api::register(&http, &server.address(), "sender").await?;
    let reader = Api::register(&http, &server.address(), "reader").await?;
    let id = sender.open_conversation(std::slice::from_ref(&reader.me.username), None).await?;
    server.kill().await?;

    let counts = folder.path().join("counts");
    let out = format!("--callgrind-out-file={}", counts.display());
    let mut server = server.under(&["valgrind", "--quiet", "--tool=callgrind", &out]);
    server.start().await?;
    let mut sender_socket = sender.connect().await?;
    sender_socket.next().await?;
    let mut receivers: Vec<Socket> = Vec::new();
    let mut totals = Vec::new();
    for sockets in SOCKETS {
        while receivers.len() < sockets {
            let mut socket = reader.connect().await?;
            socket.next().await?;
            receivers.push(socket);
        }
        send_messages(&mut sender_socket, &mut receivers, id, WARM).await?;
        count(&server, "zero").await?;
        send_messages(&mut sender_socket, &mut receivers, id, MESSAGES).await?;
        count(&server, "dump").await?;
        totals.push(newest(&counts, totals.len() + 1)?);
    }
    server.kill().await?;
    let [few, many] = SOCKETS.map(|sockets| sockets as f64);
    let [less, more] = totals[..] else { return Err("two counts".into()) };
    let per_delivery = (more - less) / (many - few) / MESSAGES as f64;
    Ok(Instructions { per_delivery, per_message: less / MESSAGES as f64 - few * per_delivery })
}

/// Sends messages one after the other; each must be acknowledged and reach all receivers.
async fn send_messages(
    sender_socket: &mut Socket,
    receivers: &mut [Socket],
    id: ConversationId,
    messages: usize,
) -> Result<(), BoxError> {
    for n in 0..messages {
        let (client_id, content) = (ClientId::mint(), format!("a message of the usual length, number {n}"));
        let frame = ClientFrame::ChatMessage {
            conversation_id: Some(id),
            content: content.clone(),
            client_id: Some(client_id),
            reply_to: None,
        };
        sender_socket.send(&frame).await?;
        let (mut said, mut acknowledged) = (false, false);
        while !(said && acknowledged) {
            match sender_socket.next().await? {
                ServerFrame::Ack(Ack { client_id: acked, .. }) => acknowledged |= acked == client_id,
                ServerFrame::NewMessage(NewMessage { message, .. }) => said |= message.client_id == client_id,
                ServerFrame::Error(error) => return Err(error.into()),
                _ => {}
            }
        }
        for receiver in receivers.iter_mut() {
            loop {
                if let ServerFrame::NewMessage(NewMessage { message, .. }) = receiver.next().await? {
                    if message.content != content {
                        return Err(format!("expected {content:?}, got {:?}", message.content).into());
                    }
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Sends callgrind a command: `zero` resets the counters, `dump` writes them.
async fn count(server: &Server, what: &str) -> Result<(), BoxError> {
    let pid = server.pid().ok_or("the server does not run")?;
    let done = Command::new("vgdb").arg(format!("--pid={pid}")).arg(what).output().await?;
    if done.status.success() {
        return Ok(());
    }
    Err(format!("vgdb {what}: {}", String::from_utf8_lossy(&done.stderr)).into())
}

/// The total of a dump.
fn newest(counts: &Path, number: usize) -> Result<f64, BoxError> {
    let text = std::fs::read_to_string(counts.with_extension(number.to_string()))?;
    let sum =
        text.lines().rev().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    Ok(sum.ok_or("a dump without a sum")?.trim().parse()?)
}
