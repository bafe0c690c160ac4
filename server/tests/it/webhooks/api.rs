//! The routes of service keys.

use super::{LOOPBACK, Product};
use crate::support::{Server, WebhookEndpoint, room, until};
use protocol::{ApiError, KeyScope};
use serde_json::{Value, json};

#[tokio::test]
async fn x3_endpoints_are_managed_over_http() {
    let server = Server::start_with(&[LOOPBACK]).await;
    let product = Product::of(&server).await;
    let mut endpoint = WebhookEndpoint::start().await;
    let body = json!({"url": endpoint.url("shop"), "events": ["message.created", "member.left"]});
    let answer = product.ask("POST", "webhooks", Some(&body)).await;
    assert_eq!(answer.status(), 201);
    let added: Value = answer.json().await.unwrap();
    assert!(added["secret"].as_str().unwrap().starts_with("whsec_"), "{added}");
    let list = product.ask("GET", "webhooks", None).await.text().await.unwrap();
    assert!(!list.contains("whsec_"), "{list}");
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["webhooks"], json!([added["webhook"]]));
    assert_eq!(list["webhooks"][0]["events"], body["events"]);

    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    anna.says(talk, "a word in confidence").await;
    let first = endpoint.next().await;
    let mut deliveries = Value::Null;
    until("the result", async || {
        let page = product.ask("GET", "webhooks/1/deliveries", None).await.text().await.unwrap();
        assert!(!page.contains("confidence"), "{page}");
        deliveries = serde_json::from_str(&page).unwrap();
        deliveries["deliveries"][0]["state"] == "delivered"
    })
    .await;
    let delivery = &deliveries["deliveries"][0];
    assert_eq!((&delivery["event"], &delivery["status"]), (&json!("message.created"), &json!(200)));
    assert_eq!(delivery["event_id"], first.header("webhook-id"));
    let path = format!("webhook-deliveries/{}/resend", delivery["id"]);
    assert_eq!(product.ask("POST", &path, None).await.status(), 204);
    assert_eq!(endpoint.next().await.header("webhook-id"), first.header("webhook-id"));
    assert_eq!(product.ask("DELETE", "webhooks/1", None).await.status(), 204);
    for (method, path) in [
        ("DELETE", "webhooks/1"),
        ("DELETE", "webhooks/x"),
        ("GET", "webhooks/1/deliveries"),
        ("POST", path.as_str()),
    ] {
        assert_eq!(product.ask(method, path, None).await.status(), 404, "{method} {path}");
    }
}

#[tokio::test]
async fn x3_a_repeated_request_adds_one_endpoint() {
    let server = Server::start_with(&[LOOPBACK]).await;
    let (product, other) = (Product::of(&server).await, server.key("jobs", &[KeyScope::Webhooks]).await);
    let endpoint = WebhookEndpoint::start().await;
    let add = async |key: &str, events: &[&str]| {
        let request = server.http.post(format!("{}/api/webhooks", server.url)).bearer_auth(key);
        let request = request.header("Idempotency-Key", "the shop's endpoint");
        let answer =
            request.json(&json!({"url": endpoint.url("shop"), "events": events})).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let at_once = (0..4).map(|_| add(&product.key, &["message.created"]));
    let added = futures::future::join_all(at_once).await;
    assert_eq!(added[0].0, 201);
    assert!(added.iter().all(|one| *one == added[0]), "the same secret, too: {added:?}");
    assert_eq!(add(&product.key, &["member.left"]).await.0, 409);
    let (status, of_other) = add(&other, &["message.created"]).await;
    assert_eq!(status, 201);
    assert_ne!(of_other["secret"], added[0].1["secret"]);
    let list: Value = product.ask("GET", "webhooks", None).await.json().await.unwrap();
    assert_eq!(list["webhooks"], json!([added[0].1["webhook"], of_other["webhook"]]));
}

#[tokio::test]
async fn x3_requests_that_break_a_rule_are_refused_and_nothing_is_kept() {
    let server = Server::start().await;
    let product = Product::of(&server).await;
    let endpoint = WebhookEndpoint::start().await;
    let long = format!("https://8.8.8.8/{}", "x".repeat(2_048));
    let own = endpoint.url("shop");
    for (url, events, kind, field) in [
        (own.as_str(), json!(["message.created"]), Value::Null, "url"),
        ("https://169.254.169.254/latest/meta-data", json!(["message.created"]), Value::Null, "url"),
        ("https://localhost/hook", json!(["message.created"]), Value::Null, "url"),
        (&long, json!(["message.created"]), Value::Null, "url"),
        ("https://8.8.8.8/", json!([]), Value::Null, "events"),
        ("https://8.8.8.8/", json!(["message.exploded"]), Value::Null, "events"),
        ("https://8.8.8.8/", json!(["message.created"]), json!("a/b"), "subject_kind"),
    ] {
        let body = json!({"url": url, "events": events, "subject_kind": kind});
        let answer = product.ask("POST", "webhooks", Some(&body)).await;
        assert_eq!(answer.status(), 422, "{body}");
        let refusal = answer.json::<ApiError>().await.unwrap().error;
        assert!(refusal.message.starts_with(&format!("{field}: ")), "{}: {body}", refusal.message);
    }
    for malformed in [json!({}), json!({"url": 1, "events": []}), json!([])] {
        assert_eq!(product.ask("POST", "webhooks", Some(&malformed)).await.status(), 400, "{malformed}");
    }
    for limit in ["0", "101"] {
        let path = format!("webhooks/1/deliveries?limit={limit}");
        assert_eq!(product.ask("GET", &path, None).await.status(), 422, "{limit}");
    }
    let list: Value = product.ask("GET", "webhooks", None).await.json().await.unwrap();
    assert_eq!(list, json!({"webhooks": []}));
}
