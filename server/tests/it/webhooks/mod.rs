//! Webhooks, to an endpoint on loopback.

mod api;
mod command;
mod delivery;
mod documentation;

use crate::support::{Program, Server};
use protocol::KeyScope;
use serde_json::{Value, json};
use std::path::Path;

/// Allows the endpoint on loopback.
const LOOPBACK: (&str, &str) = ("RAPPORT_ALLOW_PRIVATE_WEBHOOKS", "1");
/// Allows requests without a pause.
const QUICK: [(&str, &str); 4] = [
    ("RAPPORT_LIMITS__SENDS_PER_SECOND", "1000000"),
    ("RAPPORT_LIMITS__SEND_BURST", "1000000"),
    ("RAPPORT_LIMITS__OPERATIONS_PER_SECOND", "1000000"),
    ("RAPPORT_LIMITS__OPERATION_BURST", "1000000"),
];

/// A product with a service key.
struct Product {
    url: String,
    key: String,
    http: reqwest::Client,
}

impl Product {
    async fn of(server: &Server) -> Self {
        let key = server.key("shop", &[KeyScope::Webhooks]).await;
        Self { url: server.url.clone(), key, http: reqwest::Client::new() }
    }

    /// Of a server as a process, with its data in this folder.
    async fn of_program(program: &Program, data: &Path) -> Self {
        let words = ["key", "add", "--name", "shop", "--scope", "webhooks"];
        let added = Program::run(data, data, &words, "").await;
        assert_eq!(added.code, Some(0), "{added:?}");
        let key = added.out.trim_end().to_owned();
        Self { url: program.url.clone(), key, http: reqwest::Client::new() }
    }

    async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> reqwest::Response {
        let request = self.http.request(method.parse().unwrap(), format!("{}/api/{path}", self.url));
        let request = request.bearer_auth(&self.key);
        body.map_or(request.try_clone().unwrap(), |body| request.json(body)).send().await.unwrap()
    }

    /// Adds an endpoint; gives its secret.
    async fn add(&self, url: &str, events: &[&str]) -> String {
        let answer = self.ask("POST", "webhooks", Some(&json!({"url": url, "events": events}))).await;
        assert_eq!(answer.status(), 201);
        answer.json::<Value>().await.unwrap()["secret"].as_str().unwrap().to_owned()
    }
}
