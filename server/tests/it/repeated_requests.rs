//! Requests that are repeated because their answer was lost: the same answer, and nothing happens twice.

use crate::support::{PASSWORD, Person, Server, room};
use protocol::{ClientId, ConversationId};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// Sends a request with this `Idempotency-Key`.
async fn keyed(person: &Person, method: Method, path: &str, key: &str, body: Option<&Value>) -> Response {
    person.request(method, path, body).header("Idempotency-Key", key).send().await.unwrap()
}

async fn links(person: &Person, group: ConversationId) -> usize {
    let path = format!("/api/conversations/{group}/invitations");
    let links: Value = person.get(&path).await.json().await.unwrap();
    links["invitations"].as_array().unwrap().len()
}

#[tokio::test]
async fn c3_a_repeated_request_makes_one_link() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let club = room(&[&anna, &ben], Some("Club")).await;
    let path = format!("/api/conversations/{club}/invitations");
    let body = json!({"uses": 2, "client_id": ClientId::mint()});
    let first: Value = anna.post(&path, &body).await.json().await.unwrap();
    let again = anna.post(&path, &body).await;
    assert_eq!(again.status(), 201);
    assert_eq!(again.json::<Value>().await.unwrap(), first);
    let other = json!({"uses": 3, "client_id": body["client_id"]});
    assert_eq!(anna.post(&path, &other).await.status(), 409);
    assert_eq!(links(&anna, club).await, 1);

    let by_key = async || keyed(&anna, Method::POST, &path, "the link of monday", None).await;
    let first: Value = by_key().await.json().await.unwrap();
    assert_eq!(by_key().await.json::<Value>().await.unwrap(), first);
    assert_eq!(links(&anna, club).await, 2);
    for key in ["", "ä", &"x".repeat(256)] {
        let refused = keyed(&anna, Method::POST, &path, key, None).await;
        assert_eq!(refused.status(), 400, "{key}");
    }
    assert_eq!(links(&anna, club).await, 2);

    let revoke = format!("{path}/{}", first["token"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(anna.delete(&revoke).await.status(), 204);
        assert_eq!(links(&anna, club).await, 1);
    }
    assert_eq!(by_key().await.status(), 404, "the link of the request has ended");
}

#[tokio::test]
async fn c3_a_repeated_request_makes_one_incoming_webhook() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let club = room(&[&anna, &ben], Some("Club")).await;
    let path = format!("/api/conversations/{club}/incoming-webhooks");
    let create = async |name: &str| {
        let answer = keyed(&anna, Method::POST, &path, "build bot", Some(&json!({"name": name}))).await;
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let first = create("Build").await;
    assert_eq!(first.0, 201);
    assert_eq!(create("Build").await, first);
    assert_eq!(create("Test").await.0, 409);
    let list: Value = anna.get(&path).await.json().await.unwrap();
    assert_eq!(list["webhooks"], json!([first.1["webhook"]]));
    let posted = server.http.post(first.1["url"].as_str().unwrap()).json(&json!({"content": "hello"}));
    assert_eq!(posted.send().await.unwrap().status(), 201);
    assert_eq!(anna.delete(&format!("{path}/{}", first.1["webhook"]["id"])).await.status(), 204);
    assert_eq!(create("Build").await.0, 404, "the webhook of the request was revoked");
}

#[tokio::test]
async fn c3_a_form_that_is_sent_twice_makes_one_link() {
    let server = Server::start().await;
    let (_ben, mut anna) = (server.register("ben").await, server.browser("anna").await);
    let created = anna.submit("/conversations", &[("participants", "ben"), ("title", "Club")]).await;
    let club = created.headers()["location"].to_str().unwrap().trim_start_matches("/c/").to_owned();

    let page = anna.get(&format!("/c/{club}?details")).await.text().await.unwrap();
    let id = page.split("name=\"client_id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let path = format!("/c/{club}/invitations");
    let mut pages = Vec::new();
    for uses in ["5", "5", "1"] {
        let page = anna.submit(&path, &[("client_id", &id), ("expires_in", "3600"), ("uses", uses)]).await;
        let page = page.text().await.unwrap();
        pages.push(page.split("/join/").nth(1).unwrap().split(['"', '<']).next().unwrap().to_owned());
    }
    assert_eq!(pages[0], pages[1], "sent twice");
    assert_ne!(pages[0], pages[2], "sent with another choice, from the page that Back shows");
    let links: Value =
        anna.get(&format!("/api/conversations/{club}/invitations")).await.json().await.unwrap();
    assert_eq!(links["invitations"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn c3_answers_of_invitations_may_be_repeated() {
    let server = Server::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    for person in [&ben, &carla] {
        let asks = person.ask(Method::PATCH, "/api/me", Some(&json!({"addable_by": "nobody"}))).await;
        assert_eq!(asks.status(), 200);
    }
    let body = json!({"participants": ["ben", "carla"], "title": "Club"});
    let club = anna.post("/api/conversations", &body).await.json::<Value>().await.unwrap()["id"].clone();
    let invitation = async |person: &Person| {
        let list: Value = person.get("/api/invitations").await.json().await.unwrap();
        list["invitations"][0]["id"].clone()
    };
    let (bens, carlas) = (invitation(&ben).await, invitation(&carla).await);
    let rev = async || anna.get(&format!("/api/conversations/{club}")).await.json::<Value>().await.unwrap();
    for _ in 0..2 {
        assert_eq!(ben.post(&format!("/api/invitations/{bens}/accept"), &json!({})).await.status(), 200);
        assert_eq!(rev().await["rev"], 1, "one system message");
        assert_eq!(carla.delete(&format!("/api/invitations/{carlas}")).await.status(), 204);
    }
    assert_eq!(carla.post(&format!("/api/invitations/{bens}/accept"), &json!({})).await.status(), 404);
    assert_eq!(carla.post(&format!("/api/invitations/{carlas}/accept"), &json!({})).await.status(), 404);
    assert_eq!(ben.delete(&format!("/api/invitations/{bens}")).await.status(), 404);
}

#[tokio::test]
async fn x1_the_idempotency_key_holds_for_messages_conversations_and_members() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let body = json!({"participants": ["ben"], "title": "Club"});
    let mut ids = Vec::new();
    for status in [201, 200] {
        let created = keyed(&anna, Method::POST, "/api/conversations", "club", Some(&body)).await;
        assert_eq!(created.status(), status);
        ids.push(created.json::<Value>().await.unwrap()["id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    let club = &ids[0];
    let path = format!("/api/conversations/{club}/messages");
    let hello = json!({"content": "Hello"});
    for status in [201, 200] {
        assert_eq!(keyed(&anna, Method::POST, &path, "hello", Some(&hello)).await.status(), status);
    }
    let other = json!({"content": "Good bye"});
    assert_eq!(keyed(&anna, Method::POST, &path, "hello", Some(&other)).await.status(), 409);
    assert_eq!(keyed(&ben, Method::POST, &path, "hello", Some(&other)).await.status(), 201, "his own key");
    let path = format!("/api/conversations/{club}/members/{}", ben.me.id);
    for _ in 0..2 {
        assert_eq!(keyed(&anna, Method::DELETE, &path, "remove ben", None).await.status(), 204);
    }
    assert_eq!(anna.delete(&path).await.status(), 404, "without the key it is another request");
}

#[tokio::test]
async fn x1_a_repeated_registration_has_the_same_answer() {
    let server = Server::start_with(&[
        ("RAPPORT_LIMITS__REGISTRATIONS_PER_HOUR", "3"),
        ("RAPPORT_LIMITS__SIGN_INS_PER_MINUTE", "2"),
    ])
    .await;
    let register = async |key: Option<&str>, body: &Value| {
        let request = server.http.post(format!("{}/api/register", server.url)).json(body);
        let request = key.into_iter().fold(request, |request, key| request.header("Idempotency-Key", key));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let body = json!({"username": "anna", "password": PASSWORD, "first_name": "Anna"});
    let first = register(Some("sign up"), &body).await;
    assert_eq!((first.0, &first.1["username"]), (201, &json!("anna")));
    // It counts as no registration.
    for _ in 0..5 {
        assert_eq!(register(Some("sign up"), &body).await, first);
    }
    // Of two at once, one creates the account.
    let bens = json!({"username": "ben", "password": PASSWORD});
    let (one, other) = tokio::join!(register(Some("ben's"), &bens), register(Some("ben's"), &bens));
    assert_eq!((one.0, &one), (201, &other));

    let server = Server::start_with(&[("RAPPORT_LIMITS__SIGN_INS_PER_MINUTE", "2")]).await;
    let register = async |key: Option<&str>, body: &Value| {
        let request = server.http.post(format!("{}/api/register", server.url)).json(body);
        let request = key.into_iter().fold(request, |request, key| request.header("Idempotency-Key", key));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(register(Some("sign up"), &body).await, 201);
    let mut named = body.clone();
    named["first_name"] = json!("Other");
    for (key, body) in [(Some("another"), &body), (None, &body), (Some("sign up"), &named)] {
        assert_eq!(register(key, body).await, 409, "{key:?} {body}");
    }
    assert_eq!(register(Some("ä"), &body).await, 400);
    // A key is no way to guess passwords.
    let mut guess = body.clone();
    guess["password"] = json!("wrong battery");
    let guesses = [register(Some("sign up"), &guess).await, register(Some("sign up"), &guess).await];
    assert_eq!((guesses, register(Some("sign up"), &guess).await), ([409, 409], 429));
    // The same key is another account's, too.
    let carla = json!({"username": "carla", "password": PASSWORD});
    assert_eq!(register(Some("sign up"), &carla).await, 201);
}

#[tokio::test]
async fn x1_a_key_is_for_one_kind_of_request() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let club = room(&[&anna, &ben], Some("Club")).await;
    let hello = json!({"content": "Hello"});
    let messages = format!("/api/conversations/{club}/messages");
    assert_eq!(keyed(&anna, Method::POST, &messages, "monday", Some(&hello)).await.status(), 201);
    let group = format!("/api/conversations/{club}");
    for (method, path, body) in [
        (Method::POST, "/api/conversations".to_owned(), json!({"participants": ["ben"], "title": "Other"})),
        (Method::PATCH, group.clone(), json!({"title": "Other"})),
        (Method::POST, format!("{group}/invitations"), json!({"uses": 2})),
        (Method::POST, format!("{group}/incoming-webhooks"), json!({"name": "Build"})),
    ] {
        let refused = keyed(&anna, method, &path, "monday", Some(&body)).await;
        assert_eq!(refused.status(), 409, "{path}");
        let refused: Value = refused.json().await.unwrap();
        assert_eq!(refused["error"]["code"], "id_conflict", "{path}");
    }
    assert_eq!(keyed(&anna, Method::POST, &messages, "monday", Some(&hello)).await.status(), 200);
}
