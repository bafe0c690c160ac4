//! Valid and invalid frames of clients.

use super::world::World;
use crate::Limits;
use crate::connection::{Incoming, ReadFault, Scope};
use protocol::{ClientFrame, ClientId, CloseCode, ErrorCode, limits};
use serde_json::json;

#[tokio::test]
async fn w2_binary_and_bad_utf8_and_too_big() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    for (item, code) in [
        (Ok(Incoming::Binary), CloseCode::Binary),
        (Err(ReadFault::BadUtf8), CloseCode::BadUtf8),
        (Err(ReadFault::TooBig), CloseCode::TooBig),
    ] {
        let mut client = world.connect(&anna, Scope::All).await;
        client.say(item);
        assert_eq!(client.closed().await, code);
    }
}

#[tokio::test]
async fn w3_what_means_nothing_is_answered_and_the_20th_closes() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let mut client = world.connect(&anna, Scope::All).await;
    let deep = "[".repeat(10_000);
    let wrong = [
        ("{", "Invalid JSON"),
        (deep.as_str(), "Invalid JSON"),
        (r#"{"type": "dance"}"#, "Unknown message type"),
        (r#"{"type": "chat_message", "content": 5}"#, "Malformed"),
        (r#"{"type": "mark_read", "message_id": 99999999999999999999}"#, "Malformed"),
        (r#"{"type": "delete_message", "message_id": "x"}"#, "Message ID required"),
    ];
    for (text, message) in wrong.iter().cycle().take(19) {
        client.text(*text);
        let error = client.json().await;
        assert_eq!((&error["type"], &error["message"]), (&json!("error"), &json!(message)));
    }
    assert!(client.before_pong().await.is_empty(), "it stays open");
    client.text("nonsense");
    assert_eq!(client.closed().await, CloseCode::Malformed);
}

#[tokio::test]
async fn x1_what_is_left_out_is_named() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut client = world.connect(&anna, Scope::One(id)).await;
    client.send(json!({"type": "delete_message"}));
    assert_eq!(client.json().await["message"], "Message ID required");
    let mut client = world.connect(&anna, Scope::All).await;
    client.send(json!({"type": "chat_message", "content": "where?"}));
    assert_eq!(client.json().await["message"], "conversation_id required");
}

#[tokio::test]
async fn w4_the_bounds_of_a_message() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut client = world.connect(&anna, Scope::One(id)).await;
    let client_id = ClientId::mint();
    for (content, message) in [
        (" \n ".to_owned(), "Empty message"),
        ("x".repeat(5_001), "Message too long"),
        ("e\u{301}".repeat(2_501), "Message too long"),
    ] {
        client.send(json!({"type": "chat_message", "content": content, "client_id": client_id}));
        let error = client.json().await;
        assert_eq!((&error["message"], &error["client_id"]), (&json!(message), &json!(client_id)));
    }
    for content in ["x".repeat(5_000), "👩".repeat(5_000)] {
        client.send(json!({"type": "chat_message", "content": content}));
        assert_eq!(client.json().await["message"]["content"], json!(content));
    }
}

#[tokio::test]
async fn w5_too_fast_is_said_and_then_meant() {
    let world = World::with(crate::timings::Timings::default(), Limits::default()).await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut client = world.connect(&anna, Scope::One(id)).await;
    let ids: Vec<_> = (0..30).map(|_| ClientId::mint()).collect();
    for client_id in &ids {
        client.send(json!({"type": "chat_message", "content": "x", "client_id": client_id}));
    }
    let (mut acked, mut refused) = (Vec::new(), Vec::new());
    while acked.len() + refused.len() < 30 {
        let frame = client.json().await;
        match frame["type"].as_str() {
            Some("ack") => acked.push(frame["client_id"].clone()),
            Some("error") => {
                assert_eq!(frame["code"], "rate_limited");
                assert!(
                    frame["retry_after"].as_f64().is_some_and(|after| after > 0.0 && after <= 0.2),
                    "{frame}"
                );
                refused.push(frame["client_id"].clone());
            }
            _ => {}
        }
    }
    assert!(acked.len() >= 20 && !refused.is_empty(), "{} {}", acked.len(), refused.len());
    // A repeat spends no token, and is answered without one.
    client.send(json!({"type": "chat_message", "content": "x", "client_id": ids[0]}));
    let again = client.until("ack").await;
    assert_eq!((&again["client_id"], &again["message"]["seq"]), (&json!(ids[0]), &json!(1)));
    for _ in 0..200 {
        client.send(json!({"type": "chat_message", "content": "y", "client_id": ClientId::mint()}));
    }
    assert_eq!(client.closed().await, CloseCode::TooFast);
}

#[tokio::test]
async fn w5_typing_a_thousand_times_is_a_few_transitions() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut a = world.connect(&anna, Scope::One(id)).await;
    let mut b = world.connect(&ben, Scope::One(id)).await;
    for n in 0..1_000 {
        a.send(json!({"type": "typing", "is_typing": n % 2 == 0}));
    }
    assert!(a.before_pong().await.iter().all(|frame| frame["type"] != "error"), "silently");
    world.send(&anna, id, "done").await;
    let mut told = 0;
    loop {
        let frame = b.json().await;
        told += usize::from(frame["type"] == "typing");
        if frame["type"] == "new_message" {
            break;
        }
    }
    assert!((1..=20).contains(&told), "{told}");
}

#[tokio::test]
async fn w5_pings_without_end() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let mut client = world.connect(&anna, Scope::All).await;
    for _ in 0..500 {
        client.send(json!({"type": "ping"}));
    }
    assert_eq!(client.until("error").await["code"], "rate_limited");
    assert_eq!(client.closed().await, CloseCode::TooFast);
}

#[tokio::test]
async fn so_many_frames_in_one_request_and_no_more() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let frames = |count| {
        (0..count)
            .map(|n| ClientFrame::ChatMessage {
                conversation_id: Some(id),
                content: format!("{n}"),
                client_id: Some(ClientId::mint()),
                reply_to: None,
            })
            .collect::<Vec<_>>()
    };
    let refused = world.chat.submit(&anna, frames(limits::MAX_FRAMES + 1)).await;
    assert!(matches!(refused, Err(crate::Error::Refused(body)) if body.code == ErrorCode::TooLarge));
    assert_eq!(world.chat.page(&ben.person, id, None, 1).await.expect("a page").as_of, 0, "none of them");
    let answers = world.chat.submit(&anna, frames(limits::MAX_FRAMES)).await.expect("as many as may be");
    assert_eq!(answers.len(), limits::MAX_FRAMES);
    assert_eq!(world.chat.page(&ben.person, id, None, 1).await.expect("a page").as_of, 100);
}
