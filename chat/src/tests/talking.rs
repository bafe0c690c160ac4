//! Messages, typing, receipts: as two people see them.

use super::world::World;
use crate::session::{Incoming, Scope};
use protocol::{ClientId, CloseCode};
use serde_json::json;

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
    assert_eq!(ack["message"]["content"], "hi\nyou");
    let got = b.until("new_message").await;
    assert_eq!((&got["rev"], &got["message"]["seq"]), (&json!(1), &json!(1)));
    assert_eq!(got["message"], ack["message"]);
    let page = world.chat.page(&ben.person, id, None, 50).await.expect("a page");
    assert_eq!(json!(page.messages[0]), ack["message"]);
}
