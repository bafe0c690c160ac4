//! Profiles and display preferences.

use crate::support::{Browser, PASSWORD, Server, room};
use protocol::{ServerFrame, UserUpdated};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn x1_a_program_reads_and_changes_its_own_account() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    anna.says(talk, "Before").await;
    let mut bens = ben.connect().await;
    let me: Value = anna.get("/api/me").await.json().await.unwrap();
    assert_eq!(
        me,
        json!({"id": anna.me.id, "username": "anna", "first_name": "", "last_name": "", "is_admin": true,
            "theme": "auto", "language": "auto", "time_zone": "auto", "addable_by": "everyone"})
    );
    let change = async |body: Value| {
        let answer = anna.ask(Method::PATCH, "/api/me", Some(&body)).await;
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, me) = change(json!({"first_name": "Änne", "hue": 5, "time_zone": "Asia/Kathmandu"})).await;
    assert_eq!(
        (status, &me["first_name"], &me["hue"], &me["time_zone"]),
        (200, &json!("Änne"), &json!(5), &json!("Asia/Kathmandu"))
    );
    let told = bens.until(|frame| matches!(frame, ServerFrame::UserUpdated(_))).await;
    assert!(
        matches!(told, ServerFrame::UserUpdated(UserUpdated { user }) if user.first_name == "Änne" && user.hue == Some(5))
    );
    assert_eq!(ben.reads(talk).await[0].sender.first_name, "Änne");
    // What is not named stays; null is the colour by the id.
    let (_, me) = change(json!({"last_name": "A.", "hue": null})).await;
    assert_eq!((&me["first_name"], &me["last_name"], me.get("hue")), (&json!("Änne"), &json!("A."), None));
    assert_eq!(me["time_zone"], "Asia/Kathmandu");
    for wrong in [
        json!({"first_name": "\u{202e}Änne"}),
        json!({"last_name": "W".repeat(5_000)}),
        json!({"hue": 8}),
        json!({"theme": "pink"}),
        json!({"time_zone": "Mars/Olympus"}),
    ] {
        let (status, error) = change(wrong.clone()).await;
        assert_eq!((status, &error["error"]["code"]), (422, &json!("invalid")), "{wrong}");
    }
    for malformed in [json!({"hue": "red"}), json!({"hue": 300}), json!({"first_name": 5}), json!([])] {
        assert_eq!(change(malformed.clone()).await.0, 400, "{malformed}");
    }
    assert_eq!(anna.get("/api/me").await.json::<Value>().await.unwrap(), me);
}

#[tokio::test]
async fn a3_ending_another_sign_in_closes_its_socket() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    let ben = server.register("ben").await;
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let mut browser = Browser::new(&server);
    let form = [("username", "anna"), ("password", PASSWORD)];
    let request = browser.request(Method::POST, "/sign-in").header("origin", &server.url);
    let request = request.header("sec-fetch-site", "same-origin").header("user-agent", agent).form(&form);
    assert_eq!(browser.go(request).await.headers()["location"], "/");
    let mut socket = browser.socket("/ws/", Some(&server.url)).await.unwrap();
    socket.greeted().await;

    let answer: Value = anna.get("/api/me/sessions").await.json().await.unwrap();
    let sessions = answer["sessions"].as_array().unwrap();
    let of = |own: bool| sessions.iter().find(|session| session["own"] == own).unwrap();
    assert_eq!((sessions.len(), &of(false)["device"]), (2, &json!("Firefox on Linux")));
    let cookie = browser.cookie.clone().unwrap();
    assert!(!answer.to_string().contains(cookie.split_once('=').unwrap().1));
    let path = format!("/api/me/sessions/{}", of(false)["id"].as_str().unwrap());
    assert_eq!(ben.delete(&path).await.status(), 404);
    assert_eq!(anna.delete(&path).await.status(), 204);
    assert_eq!(socket.closed_within(Duration::from_secs(2)).await.0, 4001);
    let again = browser.request(Method::GET, "/api/me").send().await.unwrap();
    assert_eq!(again.status(), 401);
    assert_eq!(anna.delete(&path).await.status(), 404);
    // One's own: like signing out.
    let own = format!("/api/me/sessions/{}", of(true)["id"].as_str().unwrap());
    assert_eq!(anna.delete(&own).await.status(), 204);
    assert_eq!(anna.get("/api/me").await.status(), 401);
}

#[tokio::test]
async fn a3_ending_all_other_sign_ins_by_api_and_by_form() {
    let server = Server::start_with(&[("RAPPORT_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let anna = server.register("anna").await;
    let mut browser = Browser::new(&server);
    let form = [("username", "anna"), ("password", PASSWORD)];
    let request = browser.request(Method::POST, "/sign-in").header("origin", &server.url);
    let request = request.header("x-forwarded-for", "203.0.113.7").form(&form);
    assert_eq!(browser.go(request).await.headers()["location"], "/");
    let listed = async |person: &crate::support::Person| {
        let answer: Value = person.get("/api/me/sessions").await.json().await.unwrap();
        answer["sessions"].as_array().unwrap().clone()
    };
    let shown = listed(&anna).await;
    let of = |own: bool| shown.iter().find(|session| session["own"] == own).unwrap();
    assert_eq!((&of(true)["address"], &of(false)["address"]), (&json!("127.0.0.1"), &json!("203.0.113.7")));
    let html = browser.get("/settings").await.text().await.unwrap();
    for words in ["203.0.113.7", "127.0.0.1", "Signed in today, ", "Last used today, ", "This device"] {
        assert!(html.contains(words), "{words}: {html}");
    }

    let other = anna.again().await;
    let mut socket = other.connect().await;
    let me: Value = browser.get("/api/me").await.json().await.unwrap();
    let fields = [("me", me["id"].to_string())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.submit("/settings/sign-ins/end-others", &fields).await;
    assert_eq!(answer.headers()["location"], "/settings#sign-ins");
    assert_eq!(socket.closed_within(Duration::from_secs(2)).await.0, 4001);
    for gone in [&anna, &other] {
        assert_eq!(gone.get("/api/me").await.status(), 401);
    }
    let html = browser.get("/settings").await.text().await.unwrap();
    assert!(html.contains("All other devices are signed out."), "{html}");
    assert!(!html.contains("/settings/sign-ins/end-others"), "there are no others");

    let program = anna.again().await;
    assert_eq!(program.delete("/api/me/sessions").await.status(), 204);
    assert_eq!(listed(&program).await.len(), 1);
    let again = browser.request(Method::GET, "/api/me").send().await.unwrap();
    assert_eq!(again.status(), 401);
}
