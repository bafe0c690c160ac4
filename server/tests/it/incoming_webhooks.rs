//! Incoming webhooks: posting to a group as a bot.

use crate::support::{PASSWORD, Server, room};
use protocol::{ApiError, ErrorCode, Message, ServerFrame};
use serde_json::{Value, json};

/// Creates an incoming webhook; gives its URL and number.
async fn create(by: &crate::support::Person, group: protocol::ConversationId, name: &str) -> (String, i64) {
    let answer =
        by.post(&format!("/api/conversations/{group}/incoming-webhooks"), &json!({"name": name})).await;
    assert_eq!(answer.status(), 201);
    let created: Value = answer.json().await.unwrap();
    (created["url"].as_str().unwrap().to_owned(), created["webhook"]["id"].as_i64().unwrap())
}

#[tokio::test]
async fn x3_a_program_posts_to_a_group_as_a_bot() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let group = room(&[&anna, &ben], Some("Releases")).await;
    let mut bens = ben.connect().await;
    let (url, id) = create(&anna, group, "Build 🏗").await;
    assert!(url.starts_with(&format!("{}/api/incoming/rin_", server.url)), "{url}");
    let sent = server.http.post(&url).json(&json!({"content": "All tests pass."})).send().await.unwrap();
    assert_eq!(sent.status(), 201);
    let message: Message = sent.json().await.unwrap();
    assert_eq!(
        (message.content.as_str(), message.sender.first_name.as_str()),
        ("All tests pass.", "Build 🏗")
    );
    bens.until(|frame| matches!(frame, ServerFrame::NewMessage(new) if new.message == message)).await;
    assert_eq!(ben.reads(group).await.last(), Some(&message));

    // The bot cannot sign in, and the list has no URL.
    for password in ["", PASSWORD] {
        let body = json!({"username": message.sender.username, "password": password});
        let answer = server.http.post(format!("{}/api/token", server.url)).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 401);
    }
    let path = format!("/api/conversations/{group}/incoming-webhooks");
    let list = anna.get(&path).await.text().await.unwrap();
    assert!(!list.contains("rin_"), "{list}");
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(
        (&list["webhooks"][0]["id"], &list["webhooks"][0]["by"]["username"]),
        (&json!(id), &json!("anna"))
    );

    assert_eq!(anna.delete(&format!("{path}/{id}")).await.status(), 204);
    let late = server.http.post(&url).json(&json!({"content": "too late"})).send().await.unwrap();
    assert_eq!(late.status(), 404);
    let unknown = server.http.post(format!("{url}x")).json(&json!({"content": "x"})).send().await.unwrap();
    assert_eq!(late.text().await.unwrap(), unknown.text().await.unwrap(), "as one that never was");
    let rest = ben.reads(group).await;
    assert!(rest.iter().any(|kept| kept.id == message.id), "its messages stay");
}

#[tokio::test]
async fn x3_a_repeated_post_is_one_message() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let group = room(&[&anna, &ben], Some("Releases")).await;
    let (url, _) = create(&anna, group, "Build").await;
    let post = async |content: &str, key: Option<&str>, client_id: Option<&str>| {
        let mut body = json!({"content": content});
        if let Some(client_id) = client_id {
            body["client_id"] = json!(client_id);
        }
        let request = server.http.post(&url).json(&body);
        let request = key.map_or(request.try_clone().unwrap(), |key| request.header("idempotency-key", key));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let uuid = "018f0000-0000-7000-8000-000000000001";
    let id = Some(uuid);
    for (key, client_id) in [(Some("build 17"), None), (None, id), (Some("ignored"), id)] {
        let first = post("once", key, client_id).await;
        let again = post("once", key, client_id).await;
        assert_eq!(again.0, 200, "{again:?}");
        assert_eq!(first.1, again.1, "the same message");
    }
    let by_key = post("once", Some(uuid), None).await;
    assert_eq!(by_key.0, 200, "a UUID is the same id as header and in the body: {by_key:?}");
    let other = post("something else", Some("build 17"), None).await;
    assert_eq!(other.0, 409, "{other:?}");
    let said: Vec<_> = ben.reads(group).await.into_iter().filter(|one| one.content == "once").collect();
    assert_eq!(said.len(), 2);
    for (content, key, expected) in
        [("", None, 422), ("x", Some(""), 400), ("x", Some("a\tb"), 400), ("x", Some(&*"x".repeat(256)), 400)]
    {
        assert_eq!(post(content, key, None).await.0, expected, "{content:?} {key:?}");
    }
    assert_eq!(post(&"x".repeat(5_001), None, None).await.0, 422);
    assert_eq!(post("x", None, Some("no UUID")).await.0, 400);
}

#[tokio::test]
async fn x3_bots_are_limited_as_people_are() {
    let settings = [("RAPPORT_LIMITS__SENDS_PER_SECOND", "0.001"), ("RAPPORT_LIMITS__SEND_BURST", "3")];
    let server = Server::start_with(&settings).await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let group = room(&[&anna, &ben], Some("Releases")).await;
    let (url, _) = create(&anna, group, "Build").await;
    for n in 0..4 {
        let answer = server.http.post(&url).json(&json!({"content": n.to_string()})).send().await.unwrap();
        let expected = if n < 3 { 201 } else { 429 };
        assert_eq!(answer.status(), expected, "{n}");
        if expected == 429 {
            assert!(answer.headers().contains_key("retry-after"));
            assert_eq!(answer.json::<ApiError>().await.unwrap().error.code, ErrorCode::RateLimited);
        }
    }
    // Others are not.
    anna.says(group, "hello").await;
    for name in ["", " ", "\u{202e}x", "@x"] {
        let path = format!("/api/conversations/{group}/incoming-webhooks");
        assert_eq!(anna.post(&path, &json!({"name": name})).await.status(), 422, "{name:?}");
    }
}
