//! Creating conversations again (double clicks and lost answers), and alone.

use crate::support::{Server, Socket};
use protocol::{ClientFrame, ClientId, ErrorCode, ServerFrame};
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

#[tokio::test]
async fn c3_nobody_makes_a_group_with_oneself_alone() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    for participants in [json!([]), json!(["anna"]), json!(["ANNA", " anna "])] {
        let body = json!({"participants": participants, "title": "Alone"});
        let refused = anna.post("/api/conversations", &body).await;
        assert_eq!(refused.status(), 422, "{body}");
        assert_eq!(refused.json::<Value>().await.unwrap()["error"]["code"], "invalid", "{body}");
    }
    let mut page = server.browser("ben").await;
    for (name, location) in [("ben", "/new?participants=ben"), ("", "/new?")] {
        let fields = [("participants", name), ("title", "Alone")];
        let answer = page.submit("/conversations", &fields).await;
        assert_eq!(answer.headers()["location"], location);
        let shown = page.get(location).await.text().await.unwrap();
        assert!(shown.contains("Choose at least one person"), "{shown}");
    }
    let list: Value = anna.get("/api/conversations").await.json().await.unwrap();
    assert_eq!(list, json!({"conversations": []}));
    assert!(!page.get("/").await.text().await.unwrap().contains("Alone"));
}

#[tokio::test]
async fn c3_a_conversation_is_created_over_the_socket_and_without_one() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let mut socket = anna.connect().await;
    let create = |title: Option<&str>, client_id| ClientFrame::CreateConversation {
        usernames: vec!["ben".into()],
        title: title.map(str::to_owned),
        client_id,
    };
    let done = async |socket: &mut Socket, frame: &ClientFrame| {
        socket.send(frame).await;
        match socket.until(|frame| matches!(frame, ServerFrame::Done(_))).await {
            ServerFrame::Done(done) => done.conversation_id.expect("the conversation"),
            _ => unreachable!(),
        }
    };
    let club = create(Some("Club"), ClientId::mint());
    let id = done(&mut socket, &club).await;
    assert_eq!(done(&mut socket, &club).await, id, "a repeat");
    let submitted: Value = anna.post("/api/submit", &json!({"frames": [club]})).await.json().await.unwrap();
    assert!(submitted.to_string().contains(&format!(r#""conversation_id":{id}"#)), "{submitted}");
    let listed: Value = ben.get("/api/conversations").await.json().await.unwrap();
    assert_eq!(listed["conversations"].as_array().unwrap().len(), 1);
    // The direct conversation of the two is one.
    let direct = done(&mut socket, &create(None, ClientId::mint())).await;
    assert_eq!(done(&mut socket, &create(None, ClientId::mint())).await, direct);
    let client_id = ClientId::mint();
    for usernames in [vec![], vec!["anna".to_owned()], vec!["nobody".to_owned()]] {
        socket.send(&ClientFrame::CreateConversation { usernames, title: None, client_id }).await;
        let refused = socket.refused().await;
        assert_eq!((refused.code, refused.client_id), (ErrorCode::Invalid, Some(client_id)));
    }
}
