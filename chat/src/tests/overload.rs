//! Too many sockets, clients that stop reading, and shutdown.

use super::world::{Client, World, soon, until};
use crate::Limits;
use crate::connection::Scope;
use crate::timings::Timings;
use protocol::CloseCode;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn w6_the_eleventh_socket_of_a_person() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let mut ten = Vec::new();
    for _ in 0..10 {
        ten.push(world.connect(&anna, Scope::All).await);
    }
    assert_eq!(world.dial(&anna, Scope::All).closed().await, CloseCode::TooManySockets);
    assert_eq!(
        world.dial(&anna, Scope::All).closed().await,
        CloseCode::TooManySockets,
        "a refused one counts for nothing"
    );
    ten.pop().expect("one").hang_up().await;
    world.connect(&anna, Scope::All).await;
}

#[tokio::test]
async fn w7_a_client_that_stops_reading() {
    let timings = Timings { close_timeout: Duration::from_millis(50), ..Timings::default() };
    let world = World::with(
        timings,
        Limits { queue: 64, sends_per_second: 1e6, send_burst: 100_000, ..Limits::default() },
    )
    .await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut stuck = Client::dial(&world.chat, &ben, Scope::One(id), 0, &world.stop);
    stuck.until("connection_established").await;
    let mut reads = world.connect(&anna, Scope::One(id)).await;
    for n in 0..300 {
        world.send(&anna, id, &n.to_string()).await;
        assert_eq!(reads.until("new_message").await["rev"], n + 1, "the others notice nothing");
    }
    // The connection ends although the client never reads again.
    soon(&mut stuck.task).await.expect("the connection ends");
    assert_eq!(
        world.chat.hub().size().1,
        4,
        "one subscriber is left: its conversation twice, its person, ben's presence"
    );
}

#[tokio::test]
async fn w7_fallen_behind_is_said_when_it_can_be() {
    let world = World::with(
        Timings::default(),
        Limits { queue: 8, sends_per_second: 1e6, send_burst: 100_000, ..Limits::default() },
    )
    .await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut slow = Client::dial(&world.chat, &ben, Scope::One(id), 0, &world.stop);
    slow.until("connection_established").await;
    for n in 0..40 {
        world.send(&anna, id, &n.to_string()).await;
    }
    let mut revs = Vec::new();
    let code = loop {
        match soon(futures::StreamExt::next(&mut slow.from)).await {
            Some(crate::connection::Outgoing::Text(text)) => {
                let frame: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
                revs.extend(frame["rev"].as_i64());
            }
            Some(crate::connection::Outgoing::Close(code)) => break code,
            Some(crate::connection::Outgoing::Ping) => {}
            None => panic!("no word"),
        }
    };
    assert_eq!(code, CloseCode::FellBehind);
    assert!(
        revs.iter().enumerate().all(|(n, rev)| *rev == n as i64 + 1),
        "nothing is left out before it: {revs:?}"
    );
}

#[tokio::test]
async fn w8_a_silent_line_is_gone() {
    let timings = Timings {
        idle_timeout: Duration::from_millis(200),
        ping_interval: Duration::from_millis(50),
        offline_after: Duration::from_millis(50),
        ..Timings::default()
    };
    let world = World::with(timings, Limits::default()).await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    world.conversation(&[&anna, &ben], None).await;
    let silent = world.connect(&ben, Scope::All).await;
    let first = soon(futures::StreamExt::next(&mut { silent.from })).await;
    assert_eq!(first, Some(crate::connection::Outgoing::Ping));
    soon(silent.task).await.expect("ends");
    until(|| world.chat.presence().size().0 == 0).await;
}

#[tokio::test]
async fn f12_going_down_keeps_what_was_accepted_and_says_so() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut clients = Vec::new();
    for _ in 0..5 {
        clients.push(world.connect(&anna, Scope::One(id)).await);
    }
    for (n, client) in clients.iter().enumerate() {
        client.send(json!({"type": "chat_message", "content": format!("last {n}"), "client_id": protocol::ClientId::mint()}));
    }
    tokio::task::yield_now().await;
    world.stop.cancel();
    let mut acked = 0;
    for client in &mut clients {
        loop {
            match soon(futures::StreamExt::next(&mut client.from)).await {
                Some(crate::connection::Outgoing::Text(text)) => {
                    acked += usize::from(text.starts_with(br#"{"type":"ack""#));
                }
                Some(crate::connection::Outgoing::Close(code)) => {
                    assert_eq!(code, CloseCode::Restarting);
                    break;
                }
                Some(crate::connection::Outgoing::Ping) => {}
                None => panic!("closed without a word"),
            }
        }
    }
    soon(world.chat.drain()).await;
    let page = crate::store::Store::page(&*world.store, anna.person.id, id, None, 50).await.expect("a page");
    assert!(page.messages.len() >= acked, "{acked} acknowledged, {} kept", page.messages.len());
    assert!(world.chat.send(&anna.person, id, "too late", None, None).await.is_err());
}
