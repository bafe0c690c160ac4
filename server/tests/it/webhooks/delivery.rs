//! Delivery: order, repetition, and endpoints that misbehave.

use super::{LOOPBACK, Product, QUICK};
use crate::support::{Hook, PATIENCE, Program, Reply, Server, WebhookEndpoint, room};
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test]
async fn x3_events_of_a_conversation_arrive_signed_and_in_their_order() {
    let server = Server::start_with(&[&[LOOPBACK], QUICK.as_slice()].concat()).await;
    let mut endpoint = WebhookEndpoint::start().await;
    let events =
        ["message.created", "message.deleted", "conversation.created", "member.joined", "member.left"];
    let secret = Product::of(&server).await.add(&endpoint.url("shop"), &events).await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let group = room(&[&anna, &ben], Some("Climbing")).await;
    for n in 0..20 {
        anna.says(group, &n.to_string()).await;
    }
    let added =
        anna.post(&format!("/api/conversations/{group}/members"), &json!({"usernames": ["carla"]})).await;
    assert!(added.status().is_success(), "{}", added.status());
    let last = anna.says(group, "a mistake").await;
    let path = format!("/api/conversations/{group}/messages/{}?for=everyone", last.id);
    assert_eq!(anna.delete(&path).await.status(), 204);
    let path = format!("/api/conversations/{group}/members/{}", carla.me.id);
    assert_eq!(anna.delete(&path).await.status(), 204);

    let mut hooks = Vec::new();
    while hooks.len() < 25 {
        hooks.push(endpoint.next().await);
    }
    assert!(hooks.iter().all(|hook| hook.is_signed_by(&secret)));
    let ids: std::collections::BTreeSet<_> = hooks.iter().map(|hook| hook.header("webhook-id")).collect();
    assert_eq!(ids.len(), hooks.len());
    let bodies: Vec<_> = hooks.iter().map(Hook::json).collect();
    let kinds: Vec<_> = bodies.iter().map(|body| body["type"].as_str().unwrap()).collect();
    assert_eq!(
        (kinds[0], kinds[1], kinds[20]),
        ("conversation.created", "message.created", "message.created")
    );
    assert_eq!(kinds[21..], ["member.joined", "message.created", "message.deleted", "member.left"]);
    let texts: Vec<_> = hooks[1..21].iter().map(Hook::text).collect();
    assert_eq!(texts, (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(bodies[0]["data"]["members"].as_array().unwrap().len(), 2);
    assert_eq!(bodies[0]["data"]["conversation"]["title"], "Climbing");
    assert_eq!(
        (&bodies[21]["data"]["user"]["username"], &bodies[21]["data"]["by"]["username"]),
        (&json!("carla"), &json!("anna"))
    );
    assert_eq!(bodies[23]["data"]["message"]["content"], "");
    assert_eq!(bodies[24]["data"]["user"]["username"], "carla");
}

#[tokio::test]
async fn x3_somebody_who_is_away_is_named_once_they_have_not_read() {
    let server = Server::start_with(&[LOOPBACK]).await;
    let mut endpoint = WebhookEndpoint::start().await;
    Product::of(&server).await.add(&endpoint.url("mail"), &["message.unread"]).await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let talk = room(&[&anna, &ben, &carla], Some("Three")).await;
    let _online = carla.connect().await;
    anna.says(talk, "Is it still there?").await;
    let sent = Instant::now();
    let hook = endpoint.next().await;
    assert!(hook.at - sent > Duration::from_secs(5), "not before presence knows who is away");
    let body = hook.json();
    assert_eq!((&body["type"], hook.text().as_str()), (&json!("message.unread"), "Is it still there?"));
    let recipients = body["data"]["recipients"].as_array().unwrap();
    assert_eq!(
        (recipients.len(), &recipients[0]["user"]["username"], &recipients[0]["unread"]),
        (1, &json!("ben"), &json!(1))
    );
}

#[tokio::test]
async fn x3_a_failed_attempt_is_repeated_and_a_redirect_is_a_failure() {
    let server = Server::start_with(&[LOOPBACK]).await;
    let mut endpoint = WebhookEndpoint::start().await;
    Product::of(&server).await.add(&endpoint.url("shop"), &["message.created"]).await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    endpoint.answer_once("shop", Reply::Redirect);
    anna.says(talk, "first").await;
    anna.says(talk, "second").await;
    let (one, two, three) = (endpoint.next().await, endpoint.next().await, endpoint.next().await);
    let names = [&one, &two, &three].map(|hook| (hook.name.as_str(), hook.text()));
    assert_eq!(names, [("shop", "first".into()), ("shop", "first".into()), ("shop", "second".into())]);
    assert_eq!(one.header("webhook-id"), two.header("webhook-id"));
    let wait = two.at - one.at;
    assert!(wait >= Duration::from_secs(5), "{wait:?}");
}

#[tokio::test]
async fn x3_an_endpoint_that_answers_after_a_minute_delays_nobody() {
    let server = Server::start_with(&[&[LOOPBACK], QUICK.as_slice()].concat()).await;
    let mut endpoint = WebhookEndpoint::start().await;
    endpoint.answer("slow", Reply::Late);
    let product = Product::of(&server).await;
    product.add(&endpoint.url("slow"), &["message.created"]).await;
    product.add(&endpoint.url("quick"), &["message.created"]).await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    anna.says(talk, "first").await;
    let first = endpoint.next_of("slow").await;
    let began = Instant::now();
    for n in 0..20 {
        anna.says(talk, &n.to_string()).await;
    }
    let sent = began.elapsed();
    let mut texts = Vec::new();
    while texts.len() < 20 {
        let hook = endpoint.next_of("quick").await;
        if hook.text() != "first" {
            texts.push(hook.text());
        }
    }
    assert_eq!(texts, (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
    println!("20 sends: {sent:?}");
    // The limit of 5 s, then the pause of 5 s.
    let again = endpoint.next_of("slow").await;
    assert_eq!((again.text().as_str(), again.header("webhook-id")), ("first", first.header("webhook-id")));
    assert!(again.at - first.at >= Duration::from_millis(9_900), "{:?}", again.at - first.at);
}

#[tokio::test]
async fn x3_killed_between_commit_and_delivery_it_is_delivered_after_the_restart() {
    let mut endpoint = WebhookEndpoint::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::write(folder.path().join("Leptos.toml"), "[rapport]\nallow_private_webhooks = true\n").unwrap();
    let program = Program::serve(folder.path(), &data, "127.0.0.1:0").await;
    let product = Product::of_program(&program, &data).await;
    let secret = product.add(&endpoint.url("shop"), &["message.created"]).await;
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    endpoint.answer_once("shop", Reply::Late);
    anna.says(talk, "right before the crash").await;
    anna.says(talk, "and one more").await;
    let first = endpoint.next().await;
    let address = program.address().to_owned();
    assert_eq!(program.ends_by("-KILL").await, None);
    let restarted = Program::serve(folder.path(), &data, &address).await;
    let again = endpoint.next().await;
    assert_eq!(again.text(), "right before the crash");
    assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
    assert!(again.is_signed_by(&secret), "by the same secret");
    assert_eq!(endpoint.next().await.text(), "and one more");
    assert_eq!(tokio::time::timeout(PATIENCE, restarted.terminates()).await.unwrap(), Some(0));
}
