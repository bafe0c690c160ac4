//! Request bodies: who may send one, and of which media type.

use crate::support::{PATIENCE, Person, Program, Server, room};
use protocol::KeyScope;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A request whose body the server waits for.
struct Held {
    stream: TcpStream,
    body: String,
}

impl Held {
    /// Sends the head, and waits until the server asks for the body.
    async fn begin(address: &str, (method, path): (&str, &str), credential: &str, body: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let is_json = path.starts_with("/api/") || path.starts_with("/rpc/");
        let kind = if is_json { "application/json" } else { "application/x-www-form-urlencoded" };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\n{credential}\r\ncontent-type: {kind}\r\n\
             content-length: {}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let asked = b"HTTP/1.1 100 Continue\r\n\r\n";
        let mut answer = vec![0; asked.len()];
        tokio::time::timeout(PATIENCE, stream.read_exact(&mut answer)).await.expect(path).unwrap();
        assert_eq!(answer, asked, "{method} {path}: {}", String::from_utf8_lossy(&answer));
        Self { stream, body: body.to_owned() }
    }

    /// Sends the body, and returns the response.
    async fn end(mut self) -> String {
        self.stream.write_all(self.body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tokio::time::timeout(PATIENCE, self.stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        answer
    }
}

fn bearer(person: &Person) -> String {
    format!("authorization: Bearer {}", person.access)
}

/// A body that the route accepts.
fn body(path: &str) -> String {
    let poll = json!({"mailbox": null, "batch": 0, "wait": false, "sync": {}});
    let body = match path.rsplit('/').next().unwrap_or_default() {
        _ if !path.starts_with("/api/") && !path.starts_with("/rpc/") => {
            return "content=Evil&participants=ben&title=Evil&first_name=Evil&theme=dark".into();
        }
        "me" => json!({"first_name": "Evil"}),
        "conversations" => json!({"participants": ["ben"], "title": "Evil"}),
        "messages" => json!({"content": "Evil"}),
        "poll" if path.starts_with("/rpc/") => json!({"me": null, "request": poll}),
        "poll" => poll,
        "submit" => json!({"me": null, "frames": []}),
        "people" => json!({"words": "ben"}),
        "time-zone" => json!({"name": "UTC"}),
        "receipts" => json!({"conversation": 1, "message": 1}),
        "incoming-webhooks" if path.starts_with("/rpc/") => json!({"conversation": 1}),
        "create-incoming-webhook" => {
            json!({"me": 1, "conversation": 1, "name": "Evil", "client_id": uuid::Uuid::nil()})
        }
        "revoke-incoming-webhook" => json!({"me": 1, "conversation": 1, "webhook": 1}),
        "members" if path.starts_with("/rpc/") => json!({"conversation": 1}),
        _ => json!({}),
    };
    body.to_string()
}

/// Routes that nobody has to be signed in for.
const PUBLIC: [&str; 10] = [
    "/api/register",
    "/api/token",
    "/api/token/refresh",
    "/api/sso",
    "/sign-in",
    "/register",
    "/demo/sign-in",
    "/sso",
    "/embed/session",
    // The token in the address is the credential.
    "/api/incoming/{token}",
];

#[tokio::test]
async fn v2_a_sign_in_that_ends_while_the_body_is_held_does_nothing() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let functions = server::server_functions();
    let routes: Vec<(&str, String)> = server::routes()
        .into_iter()
        .filter(|(method, path)| matches!(*method, "POST" | "PATCH") && !PUBLIC.contains(path))
        .map(|(method, path)| (method, path.replace("{id}", &talk.to_string()).replace("{token}", "AAAA")))
        .chain(functions.into_iter().map(|path| ("POST", path)))
        .collect();
    assert!(routes.len() >= 20, "{routes:?}");
    for (method, path) in &routes {
        let anna = anna.again().await;
        let held = Held::begin(server.address(), (method, path), &bearer(&anna), &body(path)).await;
        assert_eq!(anna.delete("/api/token").await.status(), 204);
        let answer = held.end().await;
        let refused = answer.starts_with("HTTP/1.1 401 ") && answer.contains("\"not_authenticated\"");
        let asked = answer.starts_with("HTTP/1.1 303 ") && answer.contains("location: /sign-in");
        assert!(refused || asked, "{method} {path}: {answer}");
    }
    assert!(ben.reads(talk).await.is_empty(), "nothing was said");
    let me: Value = anna.get("/api/me").await.json().await.unwrap();
    assert_eq!((&me["first_name"], &me["theme"]), (&json!(""), &json!("auto")));
    let list: Value = anna.get("/api/conversations").await.json().await.unwrap();
    assert_eq!(list["conversations"].as_array().map(Vec::len), Some(1), "nothing was created");
}

#[tokio::test]
async fn v2_a_browser_that_signs_out_while_the_body_is_held_says_nothing() {
    let server = Server::start().await;
    let (ben, mut browser) = (server.register("ben").await, server.browser("anna").await);
    let answer = browser.submit("/conversations", &[("participants", "ben")]).await;
    let path = answer.headers()["location"].to_str().unwrap().to_owned();
    ben.post("/api/conversations", &json!({"participants": ["anna"]})).await;
    let cookie = format!("cookie: {}", browser.cookie.as_deref().unwrap());
    let message = format!("{path}/messages");
    let held = Held::begin(server.address(), ("POST", &message), &cookie, "content=Evil").await;
    assert_eq!(browser.submit("/sign-out", &[]).await.status(), 303);
    let answer = held.end().await;
    assert!(answer.contains("location: /sign-in"), "{answer}");
    let talk = protocol::ConversationId(path.strip_prefix("/c/").unwrap().parse().unwrap());
    assert!(ben.reads(talk).await.is_empty());
}

#[tokio::test]
async fn v2_a_person_who_is_suspended_while_the_body_is_held_says_nothing() {
    let program = Program::alone(&[]).await;
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let path = format!("/api/conversations/{talk}/messages");
    let held = Held::begin(program.address(), ("POST", &path), &bearer(&anna), &body(&path)).await;
    let ended = Program::run(Path::new("/"), &program.data(), &["user", "suspend", "anna"], "").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let answer = held.end().await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(ben.reads(talk).await.is_empty());
}

#[tokio::test]
async fn v21_a_body_is_never_passed_over() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let first = ben.says(talk, "First").await;
    ben.says(talk, "Second").await;
    let key = server.key("all", &KeyScope::ALL).await;
    let of_keys = ["/api/key", "/api/subjects/", "/api/webhooks", "/api/webhook-deliveries/", "/api/admin/"];
    let ask = async |method: Method, path: &str, kind: Option<&str>, body: &str| {
        let token = if of_keys.iter().any(|start| path.starts_with(start)) { &key } else { &anna.access };
        let request = server.http.request(method, format!("{}{path}", server.url)).bearer_auth(token);
        let request = kind.into_iter().fold(request, |request, kind| request.header("content-type", kind));
        request.body(body.to_owned()).send().await.unwrap().status().as_u16()
    };
    let unread = async || {
        let list: Value = anna.get("/api/conversations").await.json().await.unwrap();
        list["conversations"][0]["unread"].as_i64()
    };
    let read = format!("/api/conversations/{talk}/read");
    let up_to_first = json!({"message_id": first.id}).to_string();
    for kind in
        [None, Some("text/plain"), Some("application/jsonx"), Some("application/x-www-form-urlencoded")]
    {
        assert_eq!(ask(Method::POST, &read, kind, &up_to_first).await, 415, "{kind:?}");
        assert_eq!(unread().await, Some(2), "{kind:?}");
    }
    let json = Some("Application/JSON ; charset=UTF-8");
    assert_eq!(ask(Method::POST, &read, json, &up_to_first).await, 204);
    assert_eq!(unread().await, Some(1), "up to the first one");
    assert_eq!(ask(Method::POST, &read, Some("application/json"), "").await, 204);
    assert_eq!(unread().await, Some(0), "without a body: all");

    for (method, path) in server::routes() {
        let path = path.replace("{id}", &talk.to_string());
        let method: Method = method.parse().unwrap();
        let kinds = match path.starts_with("/api/") {
            _ if matches!(method, Method::GET | Method::DELETE) && path != "/api/me/push-subscriptions" => {
                [None, Some("application/json")]
            }
            true => [None, Some("application/x-www-form-urlencoded")],
            false => [Some("application/json"), Some("application/x-www-form-urlencodedx")],
        };
        for kind in kinds {
            assert_eq!(ask(method.clone(), &path, kind, "{}").await, 415, "{method} {path} {kind:?}");
        }
    }
    assert_eq!(anna.get("/api/me").await.status(), 200, "no request of these was carried out");
    let form = Some("Application/X-WWW-Form-URLencoded;charset=utf-8");
    assert_eq!(ask(Method::POST, &format!("/c/{talk}/messages"), form, "content=Third").await, 303);
    assert_eq!(ben.reads(talk).await.last().unwrap().content, "Third");
}

#[tokio::test]
async fn v21_empty_parameters_are_absent_ones() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    anna.says(talk, "Hello").await;
    let path = format!("/api/conversations/{talk}/messages");
    let all = anna.get(&path).await.text().await.unwrap();
    for query in ["?before=&limit=", "?before=", "?limit=&after=", "?after=&limit=50", "?"] {
        assert_eq!(anna.get(&format!("{path}{query}")).await.text().await.unwrap(), all, "{query}");
    }
}
