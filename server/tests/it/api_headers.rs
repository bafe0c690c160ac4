//! Headers of the HTTP API: rate limits and entity tags; and the page that describes it.

use crate::support::{Server, room};
use reqwest::{Method, Response};

/// The number behind `key=` of the quota `name` in a header.
fn number(answer: &Response, header: &str, name: &str, key: &str) -> u32 {
    let text = answer.headers()[header].to_str().unwrap();
    let quota = text.split(", ").find(|quota| quota.starts_with(&format!("\"{name}\""))).expect("the quota");
    let value = quota.split(';').find_map(|part| part.strip_prefix(&format!("{key}="))).expect("the key");
    value.parse().unwrap()
}

#[tokio::test]
async fn x1_answers_tell_the_rate_limits() {
    let server = Server::start_with(&[
        ("RAPPORT_LIMITS__SENDS_PER_SECOND", "0.01"),
        ("RAPPORT_LIMITS__SEND_BURST", "2"),
        ("RAPPORT_LIMITS__OPERATIONS_PER_SECOND", "0.01"),
    ])
    .await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let path = format!("/api/conversations/{talk}/messages");
    let send = async || anna.post(&path, &serde_json::json!({"content": "Hello"})).await;
    for (status, left) in [(201, 1), (201, 0), (429, 0)] {
        let answer = send().await;
        assert_eq!(answer.status(), status);
        assert_eq!(number(&answer, "ratelimit-policy", "sends", "q"), 2);
        assert_eq!(number(&answer, "ratelimit-policy", "sends", "w"), 200);
        assert_eq!(number(&answer, "ratelimit", "sends", "r"), left);
        assert!((100 * (2 - left) - 5..=200).contains(&number(&answer, "ratelimit", "sends", "t")));
    }
    let operations = async || number(&anna.get(&path).await, "ratelimit", "operations", "r");
    let before = operations().await;
    assert!(operations().await < before, "reading takes tokens, too");
    let theirs = number(&ben.get(&path).await, "ratelimit", "sends", "r");
    assert_eq!(theirs, 2, "each person has own limits");
    let nobody = reqwest::get(format!("{}/api/me", server.url)).await.unwrap();
    assert_eq!((nobody.status().as_u16(), nobody.headers().get("ratelimit")), (401, None));
    let page = reqwest::get(format!("{}/sign-in", server.url)).await.unwrap();
    assert_eq!(page.headers().get("ratelimit"), None);
}

#[tokio::test]
async fn x1_a_client_with_the_current_state_gets_no_body() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let path = format!("/api/conversations/{talk}/messages");
    let if_none_match = async |tag: &str| {
        anna.request(Method::GET, &path, None).header("If-None-Match", tag).send().await.unwrap()
    };
    let first = anna.get(&path).await;
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let unchanged = if_none_match(&format!("\"x\", {tag}")).await;
    assert_eq!((unchanged.status().as_u16(), &unchanged.headers()["etag"]), (304, &tag.parse().unwrap()));
    assert!(unchanged.bytes().await.unwrap().is_empty());
    ben.says(talk, "Hello").await;
    let changed = if_none_match(&tag).await;
    assert_eq!(changed.status(), 200);
    assert_ne!(changed.headers()["etag"], tag.as_str());
    assert!(changed.text().await.unwrap().contains("Hello"));
    let refused = anna.request(Method::GET, "/api/conversations/4711", None);
    let refused = refused.header("If-None-Match", "*").send().await.unwrap();
    assert_eq!((refused.status().as_u16(), refused.headers().get("etag")), (404, None));
}

#[tokio::test]
async fn x1_the_reference_of_the_api_is_a_page() {
    let server = Server::start().await;
    let page = reqwest::get(format!("{}/api", server.url)).await.unwrap();
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    for text in
        ["HTTP API", "/api/conversations/{id}/messages", "id=\"schema-Conversation\"", "#schema-Person"]
    {
        assert!(page.contains(text), "{text}");
    }
}
