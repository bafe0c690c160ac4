//! Presence over two nodes.

use super::{SERVER, Two};
use crate::connection::Scope;
use crate::tests::world::{Client, soon, until};
use crate::timings::Timings;
use protocol::{Status, SyncRequest};
use serde_json::json;
use std::time::{Duration, Instant};

/// The next announced status of ben.
async fn ben_is(client: &mut Client) -> String {
    loop {
        let frame = client.until("user_status").await;
        if frame["username"] == "ben" {
            return frame["status"].as_str().expect("a status").to_owned();
        }
    }
}

fn quick() -> Timings {
    Timings {
        offline_after: Duration::from_millis(200),
        status_min_interval: Duration::ZERO,
        heartbeat_interval: Duration::from_millis(200),
        node_timeout: Duration::from_millis(2_500),
        ..Timings::default()
    }
}

#[test]
fn p1_a_dead_nodes_people_are_offline_within_a_minute_as_it_is_configured() {
    let timings = Timings::default();
    // The timeout runs from the last heartbeat, and is checked at each interval.
    assert!(timings.node_timeout + timings.heartbeat_interval < Duration::from_secs(60));
    assert!(timings.heartbeat_interval * 3 < timings.node_timeout, "two lost heartbeats are tolerated");
}

#[tokio::test]
async fn p1_one_person_on_two_nodes_is_there_until_the_last_of_them() {
    let two = Two::new(quick()).await;
    let (anna, ben) = (two.world.person("anna").await, two.world.person("ben").await);
    two.world.conversation(&[&anna, &ben], None).await;
    let mut annas = two.world.connect(&anna, Scope::All).await;
    let there = two.connect_there(&ben, Scope::All).await;
    assert_eq!(ben_is(&mut annas).await, "online");
    let here = two.world.connect(&ben, Scope::All).await;
    there.send(json!({"type": "user_status", "status": "away"}));
    here.send(json!({"type": "user_status", "status": "away"}));
    assert_eq!(ben_is(&mut annas).await, "away", "told once, when both are");
    there.send(json!({"type": "user_status", "status": "online"}));
    assert_eq!(ben_is(&mut annas).await, "online");
    here.hang_up().await;
    until(|| two.world.chat.presence().count() == 1).await;
    assert!(annas.before_pong().await.is_empty(), "he is still there");
    // New clients of both nodes receive the same status.
    for node in [&two.world.chat, &two.there] {
        let answer = node.sync(&anna.person, &SyncRequest::default()).await.expect("syncs");
        assert_eq!(answer.presence.iter().map(|p| p.status).collect::<Vec<_>>(), [Status::Online]);
    }
    there.hang_up().await;
    let gone = annas.until("user_status").await;
    assert_eq!((&gone["status"], gone["last_seen_at"].is_string()), (&json!("offline"), true));
}

#[tokio::test]
async fn p1_the_people_of_a_dead_node_go_and_are_remembered() {
    let two = Two::new(quick()).await;
    let (anna, ben) = (two.world.person("anna").await, two.world.person("ben").await);
    two.world.conversation(&[&anna, &ben], None).await;
    let mut annas = two.world.connect(&anna, Scope::All).await;
    let _there = two.connect_there(&ben, Scope::All).await;
    assert_eq!(ben_is(&mut annas).await, "online");
    two.crash.cancel();
    let since = Instant::now();
    assert_eq!(ben_is(&mut annas).await, "offline");
    assert!(since.elapsed() < Duration::from_secs(6), "{:?}", since.elapsed());
    let mut seen = None;
    soon(async {
        while seen.is_none() {
            let answer = two.world.chat.sync(&anna.person, &SyncRequest::default()).await.expect("syncs");
            seen = answer.presence.first().and_then(|p| p.last_seen_at);
        }
    })
    .await;
}

#[tokio::test]
async fn p1_a_node_that_goes_down_sends_its_people_away_unless_they_come_elsewhere() {
    let two = Two::new(Timings { node_timeout: Duration::from_secs(600), ..quick() }).await;
    let (anna, ben) = (two.world.person("anna").await, two.world.person("ben").await);
    let cleo = two.world.person("cleo").await;
    two.world.conversation(&[&anna, &ben], None).await;
    two.world.conversation(&[&anna, &cleo], None).await;
    let mut annas = two.world.connect(&anna, Scope::All).await;
    let _there = [two.connect_there(&ben, Scope::All).await, two.connect_there(&cleo, Scope::All).await];
    for _ in 0..2 {
        assert_eq!(annas.until("user_status").await["status"], "online");
    }
    two.crash.cancel();
    let _here = two.world.connect(&ben, Scope::All).await;
    two.there.drain().await;
    let gone = annas.until("user_status").await;
    assert_eq!((&gone["username"], &gone["status"]), (&json!("cleo"), &json!("offline")));
    assert!(annas.before_pong().await.is_empty(), "and of ben nothing");
}

#[tokio::test]
async fn p1_a_node_that_begins_learns_who_is_there_already() {
    let name = uuid::Uuid::new_v4().to_string();
    let two = Two::over(&SERVER.url(), [&name, &name], quick(), super::generous()).await;
    let (anna, ben) = (two.world.person("anna").await, two.world.person("ben").await);
    two.world.conversation(&[&anna, &ben], None).await;
    let _here = two.world.connect(&ben, Scope::All).await;
    let later = Two::over(&SERVER.url(), [&name, &name], quick(), super::generous()).await;
    // This node has another database, so that it knows of the presence by Redis alone.
    until(|| later.world.chat.presence().sees(ben.person.id)).await;
}

#[tokio::test]
async fn p1_joining_and_leaving_are_told_once_over_both_nodes() {
    let two = Two::new(quick()).await;
    let (anna, ben) = (two.world.person("anna").await, two.world.person("ben").await);
    let id = two.world.conversation(&[&anna, &ben], None).await;
    let mut annas = two.world.connect(&anna, Scope::One(id)).await;
    let there = two.connect_there(&ben, Scope::One(id)).await;
    assert_eq!(annas.until("user_join").await["username"], "ben");
    let here = two.world.connect(&ben, Scope::One(id)).await;
    there.hang_up().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let told = annas.before_pong().await;
    assert!(told.iter().all(|frame| frame["type"] == "user_status"), "{told:?}");
    here.hang_up().await;
    assert_eq!(annas.until("user_leave").await["username"], "ben");
}
