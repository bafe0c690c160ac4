//! Messages, sign-outs and removals across nodes.

use super::{Cluster, at};
use crate::support::{PASSWORD, room};
use protocol::{Ack, ClientFrame, ClientId, Message, NewMessage, ServerFrame};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(2);

#[tokio::test]
async fn f7_the_same_client_id_100_times_over_both_transports_and_two_nodes() {
    let cluster = Cluster::new();
    let (one, other) = cluster.two().await;
    let (anna, ben) = (one.register("anna").await, other.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let mut bens = ben.enters(talk).await;
    let client_id = ClientId::mint();
    let path = format!("/api/conversations/{talk}/messages");
    let frame = ClientFrame::ChatMessage {
        conversation_id: Some(talk),
        content: "Once".into(),
        client_id: Some(client_id),
        reply_to: None,
    };
    let mut tasks = Vec::new();
    for n in 0..100 {
        // A token of the one is good at the other.
        let anna = at(&anna, if n % 2 == 0 { &one } else { &other });
        let (path, frame) = (path.clone(), frame.clone());
        tasks.push(tokio::spawn(async move {
            if n % 4 < 2 {
                let answer = anna.post(&path, &json!({"content": "Once", "client_id": client_id})).await;
                assert!(answer.status().is_success(), "{}", answer.status());
                return answer.json::<Message>().await.unwrap();
            }
            let mut socket = anna.connect().await;
            socket.send(&frame).await;
            match socket.until(|frame| matches!(frame, ServerFrame::Ack(_))).await {
                ServerFrame::Ack(Ack { message, .. }) => message,
                other => unreachable!("{other:?}"),
            }
        }));
    }
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    assert!(answers.iter().all(|message| *message == answers[0]), "the same answer to all");
    anna.says(talk, "end").await;
    bens.hears("Once").await;
    let rest = bens.until(|frame| matches!(frame, ServerFrame::NewMessage(_))).await;
    assert!(matches!(rest, ServerFrame::NewMessage(NewMessage { message, .. }) if message.content == "end"));
    assert_eq!(ben.reads(talk).await.len(), 2);
}

#[tokio::test]
async fn a3_sign_out_and_password_change_reach_the_other_node() {
    let cluster = Cluster::new();
    let (one, other) = cluster.two().await;
    let anna = one.register("anna").await;
    let mut there = at(&anna, &other).connect().await;
    let second = anna.again().await;
    let mut seconds = at(&second, &other).connect().await;
    let sessions: Value = anna.get("/api/me/sessions").await.json().await.unwrap();
    let own = sessions["sessions"].as_array().unwrap().iter().find(|session| session["own"] == true).unwrap();
    let since = Instant::now();
    let ended = anna.delete(&format!("/api/me/sessions/{}", own["id"].as_str().unwrap())).await;
    assert_eq!(ended.status(), 204);
    assert_eq!(there.closed_within(SOON).await.0, 4001);
    assert!(since.elapsed() < SOON);
    let body = json!({"username": "anna", "password": PASSWORD});
    assert_eq!(at(&anna, &other).get("/api/me").await.status(), 401);
    assert_eq!(at(&second, &other).post("/api/token", &body).await.status(), 200);
    assert!(seconds.so_far().await.is_empty(), "another sign-in goes on");
}

#[tokio::test]
async fn z3_a_removal_reaches_the_other_node_also_without_redis() {
    let mut redis = test_servers::Redis::start().expect("a Redis");
    let cluster = Cluster::over(redis.url());
    let (one, other) = cluster.two().await;
    let (anna, ben) = (one.register("anna").await, other.register("ben").await);
    let cleo = other.register("cleo").await;
    for away in [false, true] {
        let group = room(&[&anna, &ben, &cleo], Some("Group")).await;
        let mut bens = ben.enters(group).await;
        if away {
            redis.kill().expect("kills");
        }
        let since = Instant::now();
        let path = format!("/api/conversations/{group}/members/{}", ben.me.id);
        assert!(anna.delete(&path).await.status().is_success());
        let (code, before) = bens.closed_within(SOON).await;
        assert_eq!(code, 4003);
        assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
        assert!(before.iter().all(|frame| !matches!(frame, ServerFrame::NewMessage(_))), "{before:?}");
    }
}
