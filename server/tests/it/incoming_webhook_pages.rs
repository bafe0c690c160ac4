//! The page of the incoming webhooks of a group.

use crate::support::{Browser, PASSWORD, Person, Server};
use reqwest::Method;
use serde_json::{Value, json};

/// A browser of Anna with the path of her group, in which Ben is a member.
async fn group(server: &Server) -> (Browser, String, Person) {
    let (ben, mut anna) = (server.register("ben").await, server.browser("anna").await);
    let created = anna.submit("/conversations", &[("participants", "ben"), ("title", "Releases")]).await;
    let path = created.headers()["location"].to_str().unwrap().to_owned();
    (anna, path, ben)
}

/// The value of the first hidden field of this name behind a mark.
fn hidden(page: &str, mark: &str, name: &str) -> String {
    let behind = page.split(mark).nth(1).unwrap_or_else(|| panic!("no {mark}: {page}"));
    let value = behind.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

/// The URL on the page of a webhook that was created.
fn url(page: &str) -> String {
    let begin = page.find("http://").unwrap_or_else(|| panic!("no URL: {page}"));
    page[begin..].split(['"', '<']).next().unwrap().to_owned()
}

async fn posted(server: &Server, url: &str, text: &str) -> u16 {
    server.http.post(url).json(&json!({"content": text})).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn x3_a_webhook_is_created_and_revoked_without_javascript() {
    let server = Server::start().await;
    let (mut anna, path, ben) = group(&server).await;
    let form = format!("{path}/incoming-webhooks");
    let details = anna.get(&format!("{path}?details")).await.text().await.unwrap();
    assert!(details.contains(&format!("href=\"{form}\"")), "{details}");
    let page = anna.get(&form).await.text().await.unwrap();
    let id = hidden(&page, &form, "client_id");

    // Sent twice, it is the same webhook and URL.
    let mut urls = Vec::new();
    for name in ["Build <b>", "Build <b>", "Test"] {
        let answer = anna.submit(&form, &[("client_id", &id), ("name", name)]).await;
        assert_eq!(answer.status(), 200);
        let page = answer.text().await.unwrap();
        assert!(!page.contains("<b>"), "escaped: {page}");
        urls.push(url(&page));
    }
    assert!(urls[0].contains("/api/incoming/rin_"), "{urls:?}");
    assert_eq!(urls[0], urls[1]);
    assert_ne!(urls[0], urls[2]);
    assert_eq!(posted(&server, &urls[0], "All tests pass.").await, 201);

    let page = anna.get(&form).await.text().await.unwrap();
    assert!(!page.contains("rin_"), "no page has the URL again");
    assert!(page.contains("Build &lt;b&gt;") && page.contains("By anna"), "{page}");
    let revoke = format!("{form}/revoke");
    let number = hidden(&page, &revoke, "webhook");
    // A revocation is repeated as it was.
    for _ in 0..2 {
        let answer = anna.submit(&revoke, &[("webhook", &number)]).await;
        assert_eq!(answer.headers()["location"].to_str().unwrap(), form);
    }
    assert_eq!(posted(&server, &urls[0], "too late").await, 404);
    assert_eq!(posted(&server, &urls[2], "still here").await, 201);

    // A refusal is told on the page.
    for (name, words) in [("", "The bot needs a name"), ("@build", "cannot begin with @")] {
        let answer = anna.submit(&form, &[("name", name)]).await;
        assert_eq!(answer.headers()["location"].to_str().unwrap(), form);
        let page = anna.get(&form).await.text().await.unwrap();
        assert!(page.contains(words), "{name:?}: {page}");
    }
    let refused = anna.submit(&revoke, &[("webhook", "x")]).await;
    assert_eq!(refused.status(), 303);

    // A member neither sees the page nor may use it.
    let mut bens = Browser::new(&server);
    let signed_in = bens.submit("/sign-in", &[("username", "ben"), ("password", PASSWORD)]).await;
    assert_eq!(signed_in.status(), 303);
    assert_eq!(bens.get(&form).await.status(), 403);
    assert_eq!(bens.submit(&form, &[("name", "Evil")]).await.status(), 403);
    let list = ben.get(&format!("/api/conversations/{}/incoming-webhooks", &path[3..])).await;
    assert_eq!(list.status(), 403);
    let list: Value =
        anna.get(&format!("/api/conversations/{}/incoming-webhooks", &path[3..])).await.json().await.unwrap();
    assert_eq!(list["webhooks"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn x3_bots_are_marked_in_the_log_and_among_the_members() {
    let server = Server::start().await;
    let (mut anna, path, ben) = group(&server).await;
    let created = anna.submit(&format!("{path}/incoming-webhooks"), &[("name", "Build")]).await;
    let url = url(&created.text().await.unwrap());
    assert_eq!(posted(&server, &url, "All tests pass.").await, 201);
    let id: protocol::ConversationId = path[3..].parse().unwrap();
    let message = ben.reads(id).await.pop().unwrap();
    assert!(message.sender.bot);
    let raw: Value = ben.get(&format!("/api/conversations/{id}")).await.json().await.unwrap();
    let bots: Vec<_> =
        raw["members"].as_array().unwrap().iter().map(|member| member["user"].get("bot")).collect();
    assert_eq!(bots, [None, None, Some(&json!(true))], "absent for people: {raw}");

    let page = anna.get(&format!("{path}?details")).await.text().await.unwrap();
    let badges = page.matches("class=\"bot-badge\"").count();
    assert_eq!(badges, 2, "of the message and of the member: {page}");
    assert!(page.contains("Build, Bot, "), "for screen readers: {page}");
    let german =
        anna.request(Method::GET, &path).header("accept-language", "ar").header("accept", "text/html");
    assert!(german.send().await.unwrap().text().await.unwrap().contains("روبوت"));
}
