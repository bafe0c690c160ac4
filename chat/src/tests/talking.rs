//! Messages, typing and receipts between people on one node.

use super::world::{World, until};
use crate::Limits;
use crate::connection::{Incoming, Scope};
use crate::timings::Timings;
use protocol::{ClientId, CloseCode, SyncRequest};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn x1_the_dialogue_of_the_guides_python_client() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut client = world.dial(&anna, Scope::One(id));
    let first = client.json().await;
    assert_eq!(first["type"], "connection_established");
    assert_eq!(first["message"], "Connected to chat");
    client.send(json!({"type": "chat_message", "content": "Hello from Python!"}));
    let next = client.json().await;
    assert_eq!(next["type"], "new_message", "{next}");
    assert_eq!(next["message"]["content"], "Hello from Python!");
    assert_eq!(next["message"]["sender"]["username"], "anna");
    assert_eq!(client.before_pong().await, Vec::<serde_json::Value>::new(), "nothing else");
    client.say(Ok(Incoming::Close));
    assert_eq!(client.closed().await, CloseCode::Normal);
}

#[tokio::test]
async fn t1_a_message_is_in_both_clients_once_and_kept() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut a = world.connect(&anna, Scope::All).await;
    let mut b = world.connect(&ben, Scope::One(id)).await;
    let client_id = ClientId::mint();
    a.send(json!({"type": "chat_message", "conversation_id": id, "content": " hi\r\nyou ", "client_id": client_id}));
    let ack = a.until("ack").await;
    assert_eq!(ack["client_id"], json!(client_id));
    assert_eq!(ack["message"]["content"], " hi\nyou");
    let got = b.until("new_message").await;
    assert_eq!((&got["rev"], &got["message"]["seq"]), (&json!(1), &json!(1)));
    assert_eq!(got["message"], ack["message"]);
    let page = world.chat.page(&ben.person, id, None, 50).await.expect("a page");
    assert_eq!(json!(page.messages[0]), ack["message"]);
}

#[tokio::test]
async fn t3_typing_is_told_by_transitions_and_ends_by_itself() {
    let timings = Timings { typing_timeout: Duration::from_millis(300), ..Timings::default() };
    let world = World::with(timings, Limits::default()).await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut a = world.connect(&anna, Scope::One(id)).await;
    let mut b = world.connect(&ben, Scope::One(id)).await;
    let typing = json!({"type": "typing", "is_typing": true});
    a.send(typing.clone());
    a.send(typing.clone());
    let began = b.until("typing").await;
    assert_eq!(
        began,
        json!({"type": "typing", "conversation_id": id, "user_id": anna.person.id, "username": "anna", "is_typing": true})
    );
    let now = world.chat.sync(&ben.person, &SyncRequest::default()).await.expect("syncs").typing;
    assert_eq!(now.iter().map(|typing| typing.user_id).collect::<Vec<_>>(), [anna.person.id]);
    let mine = world.chat.sync(&anna.person, &SyncRequest::default()).await.expect("syncs").typing;
    assert!(mine.is_empty(), "not to oneself");
    assert_eq!(b.json().await["is_typing"], false, "it runs out; the repeated word was no transition");
    // Sending a message ends typing.
    a.send(typing.clone());
    assert_eq!(b.json().await["is_typing"], true);
    a.send(json!({"type": "chat_message", "content": "there"}));
    let mut end: Vec<_> =
        [b.json().await, b.json().await].map(|f| f["type"].as_str().map(str::to_owned)).into();
    end.sort();
    assert_eq!(end, [Some("new_message".to_owned()), Some("typing".to_owned())]);
    // The end of the last connection that typed ends it too.
    a.send(typing);
    assert_eq!(b.json().await["is_typing"], true);
    assert!(a.before_pong().await.iter().all(|frame| frame["type"] != "typing"), "not to oneself");
    a.hang_up().await;
    assert_eq!(b.until("typing").await["is_typing"], false);
    until(|| world.chat.typists().size() == 0).await;
}

#[tokio::test]
async fn t5_receipts_reach_everyone_and_ones_own_devices() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let message = world.send(&anna, id, "read me").await;
    let mut a = world.connect(&anna, Scope::All).await;
    let mut mine = world.connect(&ben, Scope::All).await;
    let mut phone = world.connect(&ben, Scope::One(id)).await;
    phone.send(json!({"type": "mark_delivered", "message_id": message.id}));
    let delivered = a.until("message_delivered").await;
    assert_eq!(
        (&delivered["message_id"], &delivered["user_id"]),
        (&json!(message.id), &json!(ben.person.id))
    );
    phone.send(json!({"type": "mark_read"}));
    let read = a.until("message_read").await;
    assert_eq!((&read["message_id"], &read["reader_id"]), (&json!(message.id), &json!(ben.person.id)));
    let mut own = mine.until("message_read").await;
    assert!(own["user_rev"].is_i64(), "to oneself with one's own counter: {own}");
    own.as_object_mut().expect("a frame").remove("user_rev");
    assert_eq!(own, read);
    phone.send(json!({"type": "mark_read"}));
    phone.before_pong().await;
    world.send(&anna, id, "later").await;
    assert_eq!(a.json().await["type"], "new_message", "what does not grow is not told");
    let list = world.chat.conversations(&ben.person).await.expect("a list");
    assert_eq!(list[0].unread, 1);
}

#[tokio::test]
async fn f15_read_cursors_only_grow() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut messages = Vec::new();
    for n in 1..=9 {
        messages.push(world.send(&anna, id, &n.to_string()).await.id);
    }
    let marks = [5, 9, 7].map(|n| world.chat.mark_read(&ben.person, id, Some(messages[n - 1])));
    for mark in futures::future::join_all(marks).await {
        mark.expect("marks");
    }
    let conversation = world.chat.conversation(&ben.person, id).await.expect("is there");
    assert_eq!(conversation.read_seq, 9);
}

#[tokio::test]
async fn receipts_of_a_large_conversation_go_out_together() {
    let timings = Timings { receipts_interval: Duration::from_millis(100), ..Timings::default() };
    let world = World::with(timings, Limits { send_burst: 1_000, ..Limits::default() }).await;
    let mut people = Vec::new();
    for n in 0..40 {
        people.push(world.person(&format!("person-{n}")).await);
    }
    let id = world.conversation(&people.iter().collect::<Vec<_>>(), Some("Many")).await;
    let mut a = world.connect(&people[0], Scope::One(id)).await;
    let first = world.send(&people[0], id, "one").await;
    let second = world.send(&people[0], id, "two").await;
    for who in &people[1..4] {
        world.chat.mark_read(&who.person, id, Some(first.id)).await.expect("marks");
        world.chat.mark_read(&who.person, id, Some(second.id)).await.expect("marks");
    }
    let mut told = std::collections::HashMap::new();
    while told.len() < 3 || told.values().any(|message| *message != json!(second.id)) {
        let read = a.until("message_read").await;
        told.insert(read["reader_id"].to_string(), read["message_id"].clone());
    }
}

#[tokio::test]
async fn t10_deleted_for_me_on_my_devices_for_everyone_on_all() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let (one, two) = (world.send(&anna, id, "one").await, world.send(&anna, id, "two").await);
    let mut a = world.connect(&anna, Scope::All).await;
    let mut phone = world.connect(&anna, Scope::One(id)).await;
    let mut b = world.connect(&ben, Scope::One(id)).await;
    phone.send(json!({"type": "delete_message", "message_id": one.id}));
    for client in [&mut a, &mut phone] {
        let deleted = client.until("message_deleted").await;
        assert_eq!((&deleted["message_id"], deleted.get("rev")), (&json!(one.id), None));
        assert!(deleted["user_rev"].is_i64());
    }
    phone.send(json!({"type": "delete_message", "message_id": two.id, "for": "everyone"}));
    for client in [&mut a, &mut phone, &mut b] {
        let deleted = client.json().await;
        assert_eq!((&deleted["message_id"], &deleted["rev"]), (&json!(two.id), &json!(3)), "{deleted}");
        assert_eq!(deleted["message"]["content"], "");
    }
    b.send(json!({"type": "delete_message", "message_id": 999_999}));
    assert_eq!(b.json().await["message"], "Failed to delete message");
}

#[tokio::test]
async fn t10_what_was_deleted_for_me_comes_back_on_my_devices() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let message = world.send(&anna, id, "not so bad").await;
    let (mut all, mut one) =
        (world.connect(&ben, Scope::All).await, world.connect(&ben, Scope::One(id)).await);
    let mut annas = world.connect(&anna, Scope::All).await;
    all.send(json!({"type": "delete_message", "conversation_id": id, "message_id": message.id}));
    for client in [&mut all, &mut one] {
        client.until("message_deleted").await;
    }
    assert!(world.chat.page(&ben.person, id, None, 50).await.expect("a page").messages.is_empty());
    one.send(json!({"type": "restore_message", "message_id": message.id}));
    for client in [&mut all, &mut one] {
        let frame = client.until("message_restored").await;
        assert_eq!((&frame["message_id"], &frame["conversation_id"]), (&json!(message.id), &json!(id)));
        assert_eq!(frame["user_rev"], 3);
    }
    assert_eq!(
        world.chat.page(&ben.person, id, None, 50).await.expect("a page").messages,
        std::slice::from_ref(&message)
    );
    // A repeat publishes nothing, and an unknown message is not found.
    one.send(json!({"type": "restore_message", "message_id": message.id}));
    assert!(one.before_pong().await.is_empty());
    one.send(json!({"type": "restore_message", "message_id": 4711}));
    assert_eq!(one.json().await["code"], "not_found");
    one.send(json!({"type": "restore_message"}));
    assert_eq!(one.json().await["code"], "message_id_required");
    let heard = annas.before_pong().await;
    assert!(heard.iter().all(|frame| frame["type"] == "user_status"), "{heard:?}");
}
