//! Exactly-once delivery of repeated messages, and shutdown under load.

use crate::support::{Server, room};
use protocol::{Ack, ClientFrame, ClientId, ErrorCode, Message, ServerFrame};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn f7_the_same_client_id_100_times_over_every_transport_is_one_message() {
    let server = Server::start_with(&[("RAPPORT_LIMITS__SOCKETS_PER_PERSON", "60")]).await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
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
    for _ in 0..40 {
        let (anna, path, body) =
            (anna.clone(), path.clone(), json!({"content": "Once\r\n", "client_id": client_id}));
        tasks.push(tokio::spawn(async move {
            let answer = anna.post(&path, &body).await;
            let created = answer.status() == 201;
            assert!(created || answer.status() == 200, "{}", answer.status());
            (answer.json::<Message>().await.unwrap(), created)
        }));
    }
    for _ in 0..40 {
        let (anna, frame) = (anna.clone(), frame.clone());
        tasks.push(tokio::spawn(async move {
            let mut socket = anna.connect().await;
            socket.send(&frame).await;
            match socket.until(|frame| matches!(frame, ServerFrame::Ack(_))).await {
                ServerFrame::Ack(Ack { message, .. }) => (message, false),
                other => unreachable!("{other:?}"),
            }
        }));
    }
    for _ in 0..20 {
        let (anna, frame) = (anna.clone(), frame.clone());
        tasks.push(tokio::spawn(async move {
            let answer: Value =
                anna.post("/api/submit", &json!({"frames": [frame]})).await.json().await.unwrap();
            let ack = answer["frames"].as_array().unwrap().iter().find(|frame| frame["type"] == "ack");
            (serde_json::from_value(ack.expect("an ack")["message"].clone()).unwrap(), false)
        }));
    }
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    assert_eq!(answers.len(), 100);
    assert!(answers.iter().all(|(message, _)| *message == answers[0].0), "the same answer to all");
    assert!(answers.iter().filter(|(_, created)| *created).count() <= 1);
    assert_eq!(ben.reads(talk).await, vec![answers[0].0.clone()], "one row");
    bens.hears("Once").await;
    let more = bens.so_far().await;
    assert!(!more.iter().any(|frame| matches!(frame, ServerFrame::NewMessage(_))), "{more:?}");
    anna.says(talk, "A repeat costs nothing").await;
}

#[tokio::test]
async fn f8_the_same_client_id_with_another_body_is_refused() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let (talk, other) = (room(&[&anna, &ben], None).await, room(&[&anna, &ben], Some("Other")).await);
    let client_id = ClientId::mint();
    let send = async |to: protocol::ConversationId, content: &str| {
        let body = json!({"content": content, "client_id": client_id});
        anna.post(&format!("/api/conversations/{to}/messages"), &body).await
    };
    assert_eq!(send(talk, "This").await.status(), 201);
    for (to, content) in [(talk, "That"), (other, "This")] {
        let answer = send(to, content).await;
        assert_eq!(answer.status(), 409);
        let error: Value = answer.json().await.unwrap();
        assert_eq!(error["error"]["code"], "id_conflict");
    }
    let mut socket = anna.enters(talk).await;
    let content = "That".to_owned();
    socket
        .send(&ClientFrame::ChatMessage {
            conversation_id: None,
            content,
            client_id: Some(client_id),
            reply_to: None,
        })
        .await;
    let error = socket.refused().await;
    assert_eq!((error.code, error.client_id), (ErrorCode::IdConflict, Some(client_id)));
    assert_eq!(send(talk, " This ").await.status(), 200, "the same when normalised");
    assert_eq!(ben.reads(talk).await.len(), 1);
    assert_eq!(ben.reads(other).await.len(), 0);
}

#[tokio::test]
async fn f12_a_stop_closes_500_sockets_with_1012_and_keeps_what_was_acknowledged() {
    let server = Server::start_with(&[("RAPPORT_LIMITS__SOCKETS_PER_PERSON", "600")]).await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let mut sockets = Vec::new();
    for _ in 0..500 {
        sockets.push(anna.enters(talk).await);
    }
    let mut bens = ben.enters(talk).await;
    let said = bens.says("Before the end").await;

    let began = Instant::now();
    server.tell_to_stop();
    for socket in &mut sockets {
        assert_eq!(socket.closed().await.0, 1012);
    }
    assert_eq!(bens.closed().await.0, 1012);
    let folder = server.folder.path().to_owned();
    let kept = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(&folder).unwrap().flatten() {
        let _ = std::fs::copy(file.path(), kept.path().join(file.file_name()));
    }
    server.stops().await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());

    // Started again on what was kept, it is there.
    let settings = [("RAPPORT_DATA", kept.path().to_str().unwrap())];
    let again = Server::start_with(&settings).await;
    let ben = ben.at(&again.url).again().await;
    assert_eq!(ben.reads(talk).await, vec![said]);
}
