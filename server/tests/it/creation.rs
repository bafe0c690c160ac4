//! Creating conversations again: double clicks and lost answers.

use crate::support::Server;
use serde_json::{Value, json};

#[tokio::test]
async fn v19_a_repeated_request_creates_one_conversation() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    server.register("carla").await;
    let body = |title: &str| {
        let client_id = "01890a5d-ac96-774b-bcce-b302099a8057";
        json!({"participants": ["ben", "carla"], "title": title, "client_id": client_id})
    };
    let first = anna.post("/api/conversations", &body("A group")).await;
    assert_eq!(first.status(), 201);
    let first: Value = first.json().await.unwrap();
    let repeated = anna.post("/api/conversations", &body(" A group ")).await;
    assert_eq!(repeated.status(), 200);
    assert_eq!(repeated.json::<Value>().await.unwrap()["id"], first["id"]);
    let other = anna.post("/api/conversations", &body("Another group")).await;
    assert_eq!(other.status(), 409);
    assert_eq!(other.json::<Value>().await.unwrap()["error"]["code"], "id_conflict");
    let listed: Value = ben.get("/api/conversations").await.json().await.unwrap();
    assert_eq!(listed["conversations"].as_array().unwrap().len(), 1);
}

/// The value of a field of the form that creates a group.
fn field(page: &str, name: &str) -> String {
    let form = page.split("<form").find(|form| form.contains("name=\"title\"")).expect("the form of a group");
    let input = form.split("<input").find(|input| input.contains(&format!("name=\"{name}\""))).expect(name);
    let input = input.split('>').next().unwrap();
    input.split("value=\"").nth(1).map_or("", |value| value.split('"').next().unwrap()).to_owned()
}

#[tokio::test]
async fn v19_a_form_sent_twice_creates_one_group_and_v11_a_refused_one_keeps_its_title_and_id() {
    let server = Server::start().await;
    let mut browser = server.browser("anna").await;
    for name in ["ben", "carla"] {
        server.register(name).await;
    }
    let page = browser.get("/new?q=&participants=ben&participants=nobody").await.text().await.unwrap();
    let id = field(&page, "client_id");
    let title = format!("Climbing & <b> {}", "ä".repeat(150));
    let refused = [("participants", "ben"), ("participants", "carla"), ("title", &title), ("client_id", &id)];
    let answer = browser.submit("/conversations", &refused).await;
    assert_eq!(answer.headers()["location"], "/new?participants=ben&participants=carla");
    let page = browser.get("/new?participants=ben&participants=carla").await.text().await.unwrap();
    assert!(page.contains("at most 120 characters"), "{page}");
    let shown = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    assert_eq!((field(&page, "title"), field(&page, "client_id")), (shown, id.clone()));

    let fields =
        [("participants", "ben"), ("participants", "carla"), ("title", "Climbing"), ("client_id", &id)];
    let first = browser.submit("/conversations", &fields).await.headers()["location"].clone();
    let second = browser.submit("/conversations", &fields).await.headers()["location"].clone();
    assert!(first.to_str().unwrap().starts_with("/c/"), "{first:?}");
    assert_eq!(first, second);
    let other = [fields[0], fields[1], ("title", "Another"), fields[3]];
    browser.submit("/conversations", &other).await;
    let page = browser.get("/new?participants=ben&participants=carla").await.text().await.unwrap();
    assert!(page.contains("has already started a conversation"), "{page}");
    assert_eq!(field(&page, "title"), "Another");
    assert_ne!(field(&page, "client_id"), id, "the next attempt is another group");
}
