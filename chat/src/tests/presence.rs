//! Who is there.

use super::world::{World, until};
use crate::Limits;
use crate::pace::Pace;
use crate::presence::Kind;
use crate::session::Scope;
use protocol::{Status, SyncRequest};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn p1_online_at_once_offline_a_while_after_the_last() {
    let pace = Pace { offline: Duration::from_millis(150), ..Pace::default() };
    let world = World::with(pace, Limits::default()).await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    world.conversation(&[&anna, &ben], None).await;
    let mut annas = world.connect(&anna, Scope::All).await;
    let first = world.connect(&ben, Scope::All).await;
    let status = annas.json().await;
    assert_eq!(
        (&status["type"], &status["username"], &status["status"]),
        (&json!("user_status"), &json!("ben"), &json!("online"))
    );
    let second = world.connect(&ben, Scope::All).await;
    first.hang_up().await;
    assert!(annas.before_pong().await.is_empty(), "several are one person");
    let answer = world.chat.sync(&anna.person, &SyncRequest::default()).await.expect("syncs");
    assert_eq!(answer.presence.iter().map(|p| p.status).collect::<Vec<_>>(), [Status::Online]);
    // A reload is no going.
    second.hang_up().await;
    let third = world.connect(&ben, Scope::All).await;
    assert!(annas.before_pong().await.is_empty());
    third.hang_up().await;
    let status = annas.json().await;
    assert_eq!(status["status"], "offline");
    assert!(status["last_seen_at"].is_string());
    let mut seen = None;
    while seen.is_none() {
        let answer = world.chat.sync(&anna.person, &SyncRequest::default()).await.expect("syncs");
        seen = answer.presence.first().and_then(|p| p.last_seen_at);
    }
}

#[tokio::test]
async fn p1_opening_and_leaving_one_conversation_is_told_to_those_who_have_it_open() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut all = world.connect(&anna, Scope::All).await;
    let mut one = world.connect(&anna, Scope::One(id)).await;
    let first = world.connect(&ben, Scope::One(id)).await;
    let second = world.connect(&ben, Scope::One(id)).await;
    assert_eq!(one.until("user_join").await["username"], "ben");
    first.hang_up().await;
    assert!(one.before_pong().await.is_empty());
    second.hang_up().await;
    let left = one.json().await;
    assert_eq!((&left["type"], &left["user_id"]), (&json!("user_leave"), &json!(ben.person.id)));
    assert!(all.before_pong().await.iter().all(|frame| frame["type"] == "user_status"));
}

#[tokio::test]
async fn f16_ten_thousand_connects_and_leaves_leave_nothing() {
    let pace = Pace { offline: Duration::from_millis(50), ..Pace::default() };
    let world = World::with(pace, Limits::default()).await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    for n in 0..300 {
        let scope = if n % 2 == 0 { Scope::One(id) } else { Scope::All };
        let client = world.connect(if n % 3 == 0 { &anna } else { &ben }, scope).await;
        client.send(json!({"type": "typing", "conversation_id": id, "is_typing": true}));
        client.hang_up().await;
    }
    // The rest without their reads, so that the counting itself is done ten thousand times.
    let presence = world.chat.presence();
    for n in 0..10_000 {
        let kind = if n % 2 == 0 { Kind::Socket } else { Kind::Mailbox };
        assert!(presence.arrive(&anna.person, kind, 10));
        presence.open(id, &anna.person);
        presence.close(id, &anna.person);
        presence.leave(anna.person.id, kind);
        if n % 1_000 == 0 {
            tokio::task::yield_now().await;
        }
    }
    until(|| presence.size() == (0, 0, 0)).await;
    until(|| world.chat.hub().size() == (0, 0)).await;
    until(|| world.chat.typists().size() == 0).await;
}
