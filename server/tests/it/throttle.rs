//! Rate limits of wrong passwords.

use crate::support::{PASSWORD, Program, Server};

const WRONG: &str = "wrong battery";

/// A server with few permitted failures, which believes what the tests say about the client's address.
async fn server() -> Server {
    Server::start_with(&[
        ("RAPPORT_LIMITS__SIGN_INS_PER_MINUTE", "3"),
        ("RAPPORT_TRUSTED_PROXIES", "127.0.0.1"),
    ])
    .await
}

/// Status of a sign-in by the API, from this address.
async fn sign_in(server: &Server, address: &str, name: &str, password: &str) -> u16 {
    let body = serde_json::json!({"username": name, "password": password});
    let request = server.http.post(format!("{}/api/token", server.url)).header("x-forwarded-for", address);
    request.json(&body).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn v7_failures_of_strangers_lock_nobody_out() {
    let server = server().await;
    let mut annas = server.browser("anna").await;
    server.register("ben").await;
    for _ in 0..3 {
        assert_eq!(sign_in(&server, "2001:db8::1", "anna", WRONG).await, 401);
    }
    assert_eq!(sign_in(&server, "2001:db8::1", "anna", PASSWORD).await, 429);
    assert_eq!(sign_in(&server, "2001:db8::2", "ANNA", PASSWORD).await, 429, "the same /64");
    assert_eq!(sign_in(&server, "2001:db8:0:1::1", "anna", PASSWORD).await, 200, "the owner, elsewhere");
    assert_eq!(sign_in(&server, "2001:db8::1", "ben", PASSWORD).await, 200, "others at that address");
    let fields = [("current", PASSWORD), ("new", "another battery")];
    annas.submit("/settings/password", &fields).await;
    let page = annas.get("/settings").await.text().await.unwrap();
    assert!(page.contains("Your password is changed"), "{page}");
    assert_eq!(sign_in(&server, "192.0.2.9", "anna", "another battery").await, 200, "the change was made");
}

#[tokio::test]
async fn v7_guesses_of_the_current_password_are_limited() {
    let server = server().await;
    let mut browser = server.browser("anna").await;
    for _ in 0..10 {
        browser.submit("/settings/password", &[("current", PASSWORD), ("new", PASSWORD)]).await;
    }
    for _ in 0..3 {
        browser.submit("/settings/password", &[("current", WRONG), ("new", "another battery")]).await;
        assert!(!browser.get("/settings").await.text().await.unwrap().contains("Too many attempts"));
    }
    browser.submit("/settings/password", &[("current", PASSWORD), ("new", "another battery")]).await;
    assert!(browser.get("/settings").await.text().await.unwrap().contains("Too many attempts"));
    assert_eq!(sign_in(&server, "192.0.2.1", "anna", PASSWORD).await, 200, "the old password still holds");
}

#[tokio::test]
async fn v7_sign_ins_that_succeed_use_up_no_limit() {
    let server = server().await;
    server.register("anna").await;
    for _ in 0..40 {
        assert_eq!(sign_in(&server, "192.0.2.1", "anna", PASSWORD).await, 200);
    }
}

#[tokio::test]
async fn v7_an_operator_lifts_the_limits_beside_a_running_server() {
    let server = server().await;
    server.register("anna").await;
    for _ in 0..3 {
        assert_eq!(sign_in(&server, "192.0.2.1", "anna", WRONG).await, 401);
    }
    assert_eq!(sign_in(&server, "192.0.2.1", "anna", PASSWORD).await, 429);
    let at = tempfile::tempdir().unwrap();
    let ended = Program::run(at.path(), server.folder.path(), &["user", "unlock", "anna"], "").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(sign_in(&server, "192.0.2.1", "anna", PASSWORD).await, 200);
    let ended = Program::run(at.path(), server.folder.path(), &["user", "unlock", "nobody"], "").await;
    assert_ne!(ended.code, Some(0), "{ended:?}");
}
