//! Changes of one's own account over every transport: the profile, and push subscriptions.

use super::push::{Phone, Words};
use super::world::{Client, World};
use crate::account::Identity;
use crate::connection::Scope;
use crate::push::{PushGateway, PushRequest, PushResponse, PushTransport};
use crate::store::PushStore as _;
use crate::{Supervisor, store::ProfileChange};
use async_trait::async_trait;
use protocol::{ClientFrame, ServerFrame};
use serde_json::{Value, json};
use std::sync::Arc;

/// A push service that takes everything at https URLs.
struct Https;

#[async_trait]
impl PushTransport for Https {
    async fn check(&self, endpoint: &str) -> Result<(), String> {
        if endpoint.starts_with("https://") { Ok(()) } else { Err("must be an https URL".into()) }
    }

    async fn send(&self, _: PushRequest) -> PushResponse {
        PushResponse::Accepted
    }
}

async fn world() -> World {
    let world = World::new().await;
    let gateway = PushGateway { transport: Arc::new(Https), words: Arc::new(Words), contact: None };
    let supervisor = Supervisor::new(world.stop.child_token());
    world.chat.start_push(gateway, &supervisor).await.expect("starts");
    world
}

/// The answers to a frame, over a socket or by the call without one.
async fn ask(world: &World, who: &Identity, socket: Option<&mut Client>, frame: &Value) -> Vec<Value> {
    match socket {
        Some(client) => {
            client.send(frame.clone());
            client.before_pong().await
        }
        None => {
            let frame = ClientFrame::decode(&frame.to_string()).expect("a frame");
            let answers = world.chat.submit(who, vec![frame]).await.expect("answers");
            answers.iter().map(|answer| serde_json::from_str(&answer.encode()).expect("JSON")).collect()
        }
    }
}

const ID: &str = "0190a000-0000-7000-8000-000000000001";

fn done() -> Value {
    serde_json::from_str(
        &ServerFrame::Done(protocol::Done {
            client_id: ID.parse().expect("an id"),
            invited: Vec::new(),
            conversation_id: None,
        })
        .encode(),
    )
    .expect("JSON")
}

#[tokio::test]
async fn x1_a_profile_is_changed_over_every_transport() {
    let world = world().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    world.conversation(&[&anna, &ben], None).await;
    let mut bens = world.connect(&ben, Scope::All).await;
    let mut socket = world.connect(&anna, Scope::All).await;
    let frame = json!({"type": "update_profile", "first_name": " Änne ", "hue": 3, "client_id": ID});
    let answers = ask(&world, &anna, Some(&mut socket), &frame).await;
    assert!(answers.contains(&done()), "{answers:?}");
    if !answers.iter().any(|frame| frame["type"] == "user_updated") {
        socket.until("user_updated").await;
    }
    let told = bens.until("user_updated").await;
    assert_eq!((&told["user"]["first_name"], &told["user"]["hue"]), (&json!("Änne"), &json!(3)));
    // A repeat changes nothing and is told nobody, over any transport.
    assert_eq!(ask(&world, &anna, Some(&mut socket), &frame).await, [done()]);
    assert_eq!(ask(&world, &anna, None, &frame).await, [done()]);
    assert_eq!(bens.before_pong().await, Vec::<Value>::new());
    // What is not named stays, also where the connection was opened before the last change.
    let frame = json!({"type": "update_profile", "last_name": "A.", "hue": null});
    assert_eq!(ask(&world, &anna, None, &frame).await, Vec::<Value>::new());
    let person = world.sign_in("anna").await.person;
    assert_eq!((person.first_name.as_str(), person.last_name.as_str(), person.hue), ("Änne", "A.", None));
    // The call of the HTTP API is the same.
    let change = ProfileChange { hue: Some(Some(5)), ..ProfileChange::default() };
    let changed = world.chat.update_profile(&anna.person, change).await.expect("changes");
    assert_eq!((changed.first_name.as_str(), changed.hue), ("Änne", Some(5)));
}

#[tokio::test]
async fn x1_a_refused_profile_is_an_error_that_names_the_field() {
    let world = world().await;
    let anna = world.person("anna").await;
    let mut socket = world.connect(&anna, Scope::All).await;
    for (frame, field) in [
        (json!({"first_name": "\u{202e}anna", "last_name": "A."}), "first_name"),
        (json!({"first_name": "Anna", "last_name": "W".repeat(81)}), "last_name"),
        (json!({"first_name": "Anna", "hue": 8}), "hue"),
    ] {
        let mut frame = frame;
        (frame["type"], frame["client_id"]) = (json!("update_profile"), json!(ID));
        for client in [Some(&mut socket), None] {
            let answers = ask(&world, &anna, client, &frame).await;
            assert_eq!(answers.len(), 1, "{answers:?}");
            let error = &answers[0];
            assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("invalid")), "{frame}");
            assert_eq!(error["client_id"], ID);
            assert!(error["message"].as_str().expect("a text").starts_with(&format!("{field}: ")), "{error}");
        }
    }
    assert_eq!(world.sign_in("anna").await.person, anna.person);
}

#[tokio::test]
async fn n1_a_push_subscription_is_made_and_ended_over_every_transport() {
    let world = world().await;
    let anna = world.person("anna").await;
    let mut socket = world.connect(&anna, Scope::All).await;
    let subscription = Phone::new("anna").subscription();
    let keys = json!({"p256dh": subscription.p256dh, "auth": subscription.auth});
    let subscribe =
        json!({"type": "subscribe_push", "endpoint": subscription.endpoint, "keys": keys, "client_id": ID});
    let end = json!({"type": "unsubscribe_push", "endpoint": subscription.endpoint, "client_id": ID});
    let stored = async || {
        let stored = world.store.push_subscriptions(anna.person.id, world.chat.now()).await.expect("reads");
        stored.into_iter().map(|one| (one.endpoint, one.language)).collect::<Vec<_>>()
    };
    let one = |language: &str| vec![(subscription.endpoint.clone(), language.to_owned())];
    // Each twice: a repeat changes nothing.
    for over_socket in [true, false, true, false] {
        let client = over_socket.then_some(&mut socket);
        assert_eq!(ask(&world, &anna, client, &subscribe).await, [done()]);
        assert_eq!(stored().await, one("auto"));
    }
    let mut german = subscribe.clone();
    german["language"] = json!("de");
    assert_eq!(ask(&world, &anna, None, &german).await, [done()]);
    assert_eq!(stored().await, one("de"));
    for over_socket in [true, false, true] {
        let client = over_socket.then_some(&mut socket);
        assert_eq!(ask(&world, &anna, client, &end).await, [done()]);
        assert_eq!(stored().await, []);
    }
    for (field, pointer, value) in [
        ("endpoint", "/endpoint", json!("http://push.example/anna")),
        ("keys.p256dh", "/keys/p256dh", json!("AAAA")),
        ("keys.auth", "/keys/auth", json!("")),
        ("language", "/language", json!("tlh")),
    ] {
        let mut frame = german.clone();
        *frame.pointer_mut(pointer).expect("the field") = value;
        for client in [Some(&mut socket), None] {
            let answers = ask(&world, &anna, client, &frame).await;
            assert_eq!((&answers[0]["code"], &answers[0]["client_id"]), (&json!("invalid"), &json!(ID)));
            let message = answers[0]["message"].as_str().expect("a text");
            assert!(message.starts_with(&format!("{field}: ")), "{message}");
        }
    }
    let mut wrong = end.clone();
    wrong["endpoint"] = json!("https://push.example/\u{e9}");
    let answers = ask(&world, &anna, Some(&mut socket), &wrong).await;
    assert!(answers[0]["message"].as_str().expect("a text").starts_with("endpoint: "), "{answers:?}");
    assert_eq!(stored().await, []);
}
