//! The format of refusals: random malformed requests to every route. `TEST_SEED` draws other ones.

use crate::support::{Server, room, setting};
use protocol::ApiError;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use reqwest::{Method, Response};
use serde_json::json;

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"];
const KINDS: [&str; 6] = [
    "application/json",
    "APPLICATION/JSON;charset=utf-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "\u{fc}/\u{fc}",
];
const BODIES: [&str; 9] = ["{", "[]", "null", "{\"request\": 5}", "\"", "a=%ff&=&&", "\u{0}", "{}x", "5"];
const QUERIES: [&str; 8] = [
    "",
    "?before=x",
    "?limit=0",
    "?limit=51&before=1",
    "?before=1&after=1",
    "?%ff=%00",
    "?next=%ff",
    "?a=&&=b",
];
/// Accepted forms of an answer.
const ACCEPTS: [&str; 2] = ["*/*", "text/html, application/json"];

/// Checks a refusal; any other response passes.
async fn check(answer: Response, what: &str) {
    let status = answer.status();
    assert!(!status.is_server_error(), "{what}: {status}");
    if !status.is_client_error() {
        return;
    }
    let headers = answer.headers().clone();
    let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    let text = answer.text().await.unwrap();
    if kind.starts_with("text/html") {
        assert!(text.starts_with("<!DOCTYPE html>"), "{what}: {status} {text}");
        return;
    }
    assert_eq!(kind, "application/json", "{what}: {status} {text}");
    let refusal: ApiError =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{what}: {error}: {text}"));
    // A request that is no handshake is answered by 400 or 426.
    if status.as_u16() != 426 {
        assert_eq!(refusal.error.code.status(), status.as_u16(), "{what}: {text}");
    }
    assert!(!refusal.error.message.is_empty(), "{what}");
    assert!(status.as_u16() != 405 || headers.contains_key("allow"), "{what}");
}

#[tokio::test]
async fn v22_every_refusal_of_every_route_has_the_error_format() {
    let seed = setting("TEST_SEED", 22);
    let mut random = StdRng::seed_from_u64(seed);
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let message = ben.says(talk, "Hello").await;
    let mut paths: Vec<String> = server::routes()
        .into_iter()
        .map(|(_, path)| {
            path.replace("{id}", &talk.to_string()).replace("{message}", &message.id.to_string())
        })
        .chain(server::server_functions())
        .chain(
            ["/", "/new", "/settings", "/account", "/healthz", "/readyz", "/nowhere", "/rpc/nothing"]
                .map(str::to_owned),
        )
        .chain(["/api/conversations/%ff", "/api/me/sessions/%ff", "/c/%ff/read"].map(str::to_owned))
        .collect();
    paths.dedup();
    for path in paths {
        // Some requests end their sign-in.
        let access = anna.again().await.access;
        for method in METHODS {
            for _ in 0..6 {
                let (kind, body) = (KINDS.choose(&mut random).unwrap(), BODIES.choose(&mut random).unwrap());
                let (query, accept) =
                    (QUERIES.choose(&mut random).unwrap(), ACCEPTS.choose(&mut random).unwrap());
                let method: Method = method.parse().unwrap();
                let request = server.http.request(method.clone(), format!("{}{path}{query}", server.url));
                let mut request =
                    request.header("accept", *accept).header("referer", "https://evil.example/");
                if random.random_bool(0.8) {
                    request = request.bearer_auth(&access);
                }
                let has_body = random.random_bool(0.7);
                if has_body {
                    request = request.body(*body);
                }
                if random.random_bool(0.8) {
                    request = request.header("content-type", kind.as_bytes());
                }
                let answer = request.send().await.unwrap();
                let what = format!("seed {seed}: {method} {path}{query} {kind} {has_body} {body:?}");
                check(answer, &what).await;
            }
        }
    }
    assert_eq!(anna.again().await.get("/api/me").await.status(), 200, "still served");
}

#[tokio::test]
async fn v22_what_the_client_did_is_a_4xx() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let refused = async |answer: Response| {
        let status = answer.status().as_u16();
        let allow = answer.headers().get("allow").map(|allow| allow.to_str().unwrap().to_owned());
        (status, answer.json::<ApiError>().await.unwrap().error.code, allow)
    };
    use protocol::ErrorCode::{Invalid, Malformed, MethodNotAllowed, NotFound, UnsupportedMediaType};
    for query in ["limit=0", "limit=51", "limit=-1", "before=0", "before=-1", "after=-1"] {
        let answer = anna.get(&format!("/api/conversations/{talk}/messages?{query}")).await;
        assert_eq!(refused(answer).await, (422, Invalid, None), "{query}");
    }
    let answer = anna.get(&format!("/api/conversations/{talk}/messages?limit=x")).await;
    assert_eq!(refused(answer).await, (400, Malformed, None));
    for path in server::server_functions() {
        for body in [json!({}), json!(5), json!({"me": "x", "request": 1, "frames": 1, "words": 1})] {
            assert_eq!(refused(anna.post(&path, &body).await).await, (400, Malformed, None), "{path} {body}");
        }
        let answer = anna.ask(Method::POST, &path, None).await;
        assert_eq!(refused(answer).await, (415, UnsupportedMediaType, None), "{path}");
        let answer = anna.get(&path).await;
        assert_eq!(refused(answer).await, (405, MethodNotAllowed, Some("POST".into())), "{path}");
    }
    assert_eq!(refused(anna.post("/rpc/nothing", &json!({})).await).await, (404, NotFound, None));
    let answer = anna.ask(Method::PUT, "/api/me", None).await;
    assert_eq!(refused(answer).await, (405, MethodNotAllowed, Some("GET,HEAD,PATCH".into())));
    let answer = anna.get("/ws/").await;
    assert_eq!(refused(answer).await.1, Malformed, "no handshake");
}
