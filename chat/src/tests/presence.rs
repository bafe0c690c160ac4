//! Presence on one node.

use super::world::{Client, World, until};
use crate::Limits;
use crate::connection::Scope;
use crate::presence::PresenceSource;
use crate::timings::Timings;
use protocol::{ClientFrame, PollRequest, Status, SyncRequest};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn p1_online_at_once_offline_a_while_after_the_last() {
    let timings = Timings { offline_after: Duration::from_millis(150), ..Timings::default() };
    let world = World::with(timings, Limits::default()).await;
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
    // A reload within the grace period is not announced.
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

/// The status of the next `user_status` frame, and whether it has a `last_seen_at`.
async fn status(client: &mut Client) -> (Value, bool) {
    let frame = client.until("user_status").await;
    (frame["status"].clone(), frame["last_seen_at"].is_string())
}

fn says(client: &Client, status: &str) {
    client.send(json!({"type": "user_status", "status": status}));
}

#[tokio::test]
async fn p1_away_is_who_is_away_on_every_connection() {
    let timings = Timings {
        offline_after: Duration::from_millis(150),
        status_min_interval: Duration::ZERO,
        ..Timings::default()
    };
    let world = World::with(timings, Limits::default()).await;
    let (anna, ben, eve) = (world.person("anna").await, world.person("ben").await, world.person("eve").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut annas = world.connect(&anna, Scope::All).await;
    let mut eves = world.connect(&eve, Scope::All).await;
    let mut first = world.connect(&ben, Scope::All).await;
    assert_eq!(status(&mut annas).await, (json!("online"), false));
    let mut second = world.connect(&ben, Scope::One(id)).await;
    says(&first, "away");
    assert!(first.before_pong().await.is_empty(), "it has no answer, and is no news to oneself");
    assert!(annas.before_pong().await.is_empty(), "on the other he is there");
    says(&second, "away");
    assert_eq!(status(&mut annas).await, (json!("away"), false));
    let answer = world.chat.sync(&anna.person, &SyncRequest::default()).await.expect("syncs");
    assert_eq!(answer.presence.iter().map(|p| p.status).collect::<Vec<_>>(), [Status::Away]);
    says(&first, "away");
    says(&first, "online");
    assert_eq!(status(&mut annas).await, (json!("online"), false), "said twice is told once");
    // The connection that reports online closes first, then the other.
    first.hang_up().await;
    assert_eq!(status(&mut annas).await, (json!("away"), false));
    assert!(second.before_pong().await.iter().all(|frame| frame["type"] != "user_status"));
    second.hang_up().await;
    assert_eq!(status(&mut annas).await, (json!("offline"), true));
    assert!(eves.before_pong().await.is_empty(), "a stranger hears nothing");
}

#[tokio::test]
async fn p1_a_client_cannot_say_that_it_is_offline() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    world.conversation(&[&anna, &ben], None).await;
    let mut annas = world.connect(&anna, Scope::All).await;
    let mut bens = world.connect(&ben, Scope::All).await;
    annas.until("user_status").await;
    for word in [json!("offline"), json!("asleep"), json!(null), json!(7)] {
        bens.send(json!({"type": "user_status", "status": word}));
        let error = bens.json().await;
        assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("malformed")), "{word}");
    }
    assert!(annas.before_pong().await.is_empty());
}

#[tokio::test]
async fn p1_w5_a_thousand_changes_in_a_moment_are_told_as_a_few_and_the_last_holds() {
    let timings = Timings { status_min_interval: Duration::from_millis(100), ..Timings::default() };
    let world = World::with(timings, Limits::default()).await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    world.conversation(&[&anna, &ben], None).await;
    let mut annas = world.connect(&anna, Scope::All).await;
    let mut bens = world.connect(&ben, Scope::All).await;
    annas.until("user_status").await;
    let begin = std::time::Instant::now();
    for n in 0..=1_000 {
        says(&bens, if n % 2 == 0 { "away" } else { "online" });
    }
    let answers = bens.before_pong().await;
    assert!(answers.is_empty(), "coalesced silently: {answers:?}");
    let mut told = Vec::new();
    until(|| world.chat.presence().size().1 == 0).await;
    for frame in annas.before_pong().await {
        told.push(frame["status"].as_str().expect("a status").to_owned());
    }
    assert_eq!(told.last().map(String::as_str), Some("away"), "the last word holds: {told:?}");
    let most = 2 + begin.elapsed().as_millis() / 100;
    assert!((told.len() as u128) <= most, "{} of at most {most}", told.len());
}

#[tokio::test]
async fn p1_polls_are_connections_like_sockets() {
    let timings = Timings {
        offline_after: Duration::from_millis(100),
        poll_session_timeout: Duration::from_millis(300),
        status_min_interval: Duration::ZERO,
        ..Timings::default()
    };
    let world = World::with(timings, Limits::default()).await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    world.conversation(&[&anna, &ben], None).await;
    let mut annas = world.connect(&anna, Scope::All).await;
    let sync = SyncRequest::default();
    let poll = |mailbox, batch| PollRequest { mailbox, batch, wait: false, sync: sync.clone() };
    let first = world.polls.poll(&ben, poll(None, 0)).await.expect("polls");
    assert_eq!(status(&mut annas).await, (json!("online"), false));
    let away = ClientFrame::UserStatus { status: Status::Away };
    let replies = world.chat.submit(&ben, vec![away]).await.expect("few enough");
    assert_eq!(replies, []);
    assert_eq!(status(&mut annas).await, (json!("away"), false));
    // A new session of the same sign-in replaces the first: its reader is still away.
    world.polls.poll(&ben, poll(Some(first.mailbox), 99)).await.expect("polls");
    assert!(annas.before_pong().await.is_empty());
    // The same person is online in another browser.
    let again = world.sign_in("ben").await;
    let socket = world.connect(&again, Scope::All).await;
    assert_eq!(status(&mut annas).await, (json!("online"), false));
    socket.hang_up().await;
    // No client polls any more.
    let mut last = (json!("away"), false);
    while last.0 != "offline" {
        last = status(&mut annas).await;
    }
    assert_eq!(last, (json!("offline"), true));
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
    let timings = Timings { offline_after: Duration::from_millis(50), ..Timings::default() };
    let world = World::with(timings, Limits::default()).await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    for n in 0..300 {
        let scope = if n % 2 == 0 { Scope::One(id) } else { Scope::All };
        let client = world.connect(if n % 3 == 0 { &anna } else { &ben }, scope).await;
        client.send(json!({"type": "typing", "conversation_id": id, "is_typing": true}));
        client.hang_up().await;
    }
    // The remaining ones join presence directly, without reading the database.
    let presence = world.chat.presence();
    for n in 0..10_000 {
        let source = if n % 2 == 0 {
            PresenceSource::Socket(1_000 + n)
        } else {
            PresenceSource::LongPoll(anna.sign_in.clone())
        };
        assert!(presence.join(&anna.person, source.clone(), 10));
        presence.set(anna.person.id, &source, n % 3 == 0);
        presence.open(id, &anna.person);
        presence.close(id, &anna.person);
        presence.leave(anna.person.id, &source);
        if n % 1_000 == 0 {
            tokio::task::yield_now().await;
        }
    }
    until(|| presence.size() == (0, 0, 0)).await;
    until(|| world.chat.hub().size() == (0, 0)).await;
    until(|| world.chat.typists().size() == 0).await;
}
