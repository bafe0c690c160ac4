//! Passwords with letters that keyboards compose in different ways.

use crate::support::{Browser, PASSWORD, Person, Server};
use reqwest::StatusCode;
use serde_json::json;

/// `Zürichsee`, as one keyboard types it and as another.
const COMPOSED: &str = "Z\u{fc}richsee 1";
const DECOMPOSED: &str = "Zu\u{308}richsee 1";
/// Without the mark.
const OTHER: &str = "Zurichsee 1";

/// Registers with this password.
async fn registers(server: &Server, name: &str, password: &str) {
    let body = json!({"username": name, "password": password});
    let answer = server.http.post(format!("{}/api/register", server.url)).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 201);
}

async fn signs_in_by_api(server: &Server, name: &str, password: &str) -> StatusCode {
    let body = json!({"username": name, "password": password});
    server.http.post(format!("{}/api/token", server.url)).json(&body).send().await.unwrap().status()
}

/// Whether the form signs in.
async fn signs_in_by_form(server: &Server, name: &str, password: &str) -> bool {
    let mut browser = Browser::new(server);
    browser.submit("/sign-in", &[("username", name), ("password", password)]).await;
    browser.get("/api/me").await.status() == 200
}

#[tokio::test]
async fn v9_a_password_typed_composed_or_decomposed_is_the_same() {
    let server = Server::start().await;
    for (name, chosen, typed) in [("anna", COMPOSED, DECOMPOSED), ("ben", DECOMPOSED, COMPOSED)] {
        registers(&server, name, chosen).await;
        for password in [chosen, typed] {
            assert_eq!(signs_in_by_api(&server, name, password).await, 200, "{password:?}");
            assert!(signs_in_by_form(&server, name, password).await, "{password:?}");
        }
        assert_eq!(signs_in_by_api(&server, name, OTHER).await, 401);
        assert!(!signs_in_by_form(&server, name, OTHER).await);
    }
}

#[tokio::test]
async fn v9_a_password_is_changed_by_either_form_of_the_current_one() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    let mut browser = Browser::new(&server);
    browser.submit("/sign-in", &[("username", "anna"), ("password", PASSWORD)]).await;
    let mut changes = async |current: &str, new: &str| {
        let answer = browser.submit("/settings/password", &[("current", current), ("new", new)]).await;
        assert_eq!(answer.status(), 303);
    };
    changes(PASSWORD, DECOMPOSED).await;
    assert_eq!(signs_in_by_api(&server, "anna", COMPOSED).await, 200);
    changes(OTHER, "another battery").await;
    assert_eq!(signs_in_by_api(&server, "anna", "another battery").await, 401, "the current one was wrong");
    changes(COMPOSED, "another battery").await;
    assert_eq!(signs_in_by_api(&server, "anna", "another battery").await, 200);
    assert_eq!(signs_in_by_api(&server, "anna", COMPOSED).await, 401);
    let Person { access, .. } = anna;
    let me = server.http.get(format!("{}/api/me", server.url)).bearer_auth(access).send().await.unwrap();
    assert_eq!(me.status(), 401, "her other sign-ins ended");
}
