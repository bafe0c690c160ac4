//! Frames that share one write.

use super::world::{World, soon};
use crate::connection::{self, DirectWrite, Incoming, Outgoing, Scope, WriteOutcome};
use bytes::Bytes;
use futures::channel::mpsc;
use futures::{Sink, SinkExt, StreamExt};
use protocol::ClientId;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The writing half of a connection; reports the frames of each flush.
struct Writes {
    begun: Vec<String>,
    flushed: mpsc::UnboundedSender<Vec<String>>,
}

impl Sink<Outgoing> for Writes {
    type Error = Infallible;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Outgoing) -> Result<(), Infallible> {
        if let Outgoing::Text(text) = frame {
            let frame: Value = serde_json::from_slice(&text).expect("JSON");
            self.begun.push(frame["type"].as_str().expect("a type").to_owned());
        }
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        let begun = std::mem::take(&mut self.begun);
        if !begun.is_empty() {
            let _ = self.flushed.unbounded_send(begun);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.poll_flush(cx)
    }
}

/// Direct writes to the same connection.
struct Past(mpsc::UnboundedSender<Vec<String>>);

impl DirectWrite for Past {
    fn encode(&self, text: Bytes, into: &mut Vec<u8>) {
        into.extend_from_slice(&text);
    }

    fn write(&self, _: &[u8]) -> WriteOutcome {
        let _ = self.0.unbounded_send(vec!["past the task".to_owned()]);
        WriteOutcome::Complete
    }
}

// On one thread, so that the tasks that follow a commit run in the order in which the writer wakes them.
#[tokio::test]
async fn t1_a_sender_gets_the_answer_and_the_message_in_one_write() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let (mut to, incoming) = mpsc::unbounded();
    let (flushed, mut writes) = mpsc::unbounded();
    let past = Arc::new(Past(flushed.clone()));
    let outgoing = Writes { begun: Vec::new(), flushed };
    let (chat, stop) = (world.chat.clone(), world.stop.clone());
    tokio::spawn(connection::run(chat, anna.into(), Scope::One(id), incoming, outgoing, Some(past), stop));
    assert_eq!(soon(writes.next()).await.expect("a write"), ["connection_established"]);
    for content in ["one", "two", "three"] {
        let frame = json!({"type": "chat_message", "content": content, "client_id": ClientId::mint()});
        to.send(Ok(Incoming::Text(frame.to_string()))).await.expect("is heard");
        assert_eq!(soon(writes.next()).await.expect("a write"), ["ack", "new_message"], "{content}");
    }
    // While the reply is awaited, pushes are left to the task. (The membership of the typist is read first, so that the send can
    // start.)
    let lock = world.write_lock().await;
    let frame = json!({"type": "chat_message", "content": "held up", "client_id": ClientId::mint()});
    to.send(Ok(Incoming::Text(frame.to_string()))).await.expect("is heard");
    world.chat.typing(&ben.person, id, true).await.expect("types");
    assert_eq!(soon(writes.next()).await.expect("a write"), ["typing"]);
    drop(lock);
    assert_eq!(soon(writes.next()).await.expect("a write"), ["ack", "new_message"]);
    // While no reply is awaited, frames are written directly.
    world.send(&ben, id, "four").await;
    assert_eq!(soon(writes.next()).await.expect("a write"), ["past the task"]);
}
