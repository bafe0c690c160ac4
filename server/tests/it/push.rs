//! Web push, to a push service on loopback.

use crate::support::{PATIENCE, Person, Phone, Program, PushService, Server, room};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use protocol::ApiError;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// Allows the push service on loopback.
const LOOPBACK: (&str, &str) = ("RAPPORT_ALLOW_PRIVATE_PUSH", "1");
/// The server waits before it decides on a push.
const DELAY: Duration = Duration::from_secs(2);

/// Has another person pushed to, and checks that this push is the next one: nothing else was pushed before.
async fn nothing_but(service: &mut PushService, sender: &Person, other: &Person) {
    let talk = room(&[sender, other], None).await;
    sender.says(talk, "To somebody else").await;
    assert_eq!(service.next().await.name, other.me.username);
}

#[tokio::test]
async fn n1_a_message_to_somebody_who_is_away_arrives_encrypted_and_without_its_text() {
    let server = Server::start_with(&[LOOPBACK, ("RAPPORT_PUSH_CONTACT", "mailto:admin@example.org")]).await;
    let mut service = PushService::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let key: Value = ben.get("/api/push").await.json().await.unwrap();
    let phone = Phone::of(&service, &ben).await;
    assert_eq!(ben.post("/api/me/push-subscriptions", &phone.json()).await.status(), 200, "the same again");

    anna.says(talk, "a word in confidence").await;
    anna.says(talk, "and another").await;
    let answered = Instant::now();
    let push = service.next().await;
    let latency = push.at - answered;
    println!("push latency after the delay: {:?}", latency.saturating_sub(DELAY));
    assert!(latency + Duration::from_millis(500) > DELAY, "not before an open client can mark it as read");
    let payload = phone.open(&push);
    assert_eq!(
        payload,
        json!({
            "kind": "direct", "conversation_id": talk, "count": 2, "path": format!("/c/{talk}"),
            "tag": format!("rapport.{talk}"), "title": "Rapport", "body": "2 new messages", "lang": "en", "dir": "ltr",
        })
    );
    for (name, value) in [("content-encoding", "aes128gcm"), ("ttl", "86400"), ("urgency", "high")] {
        assert_eq!(push.header(name), value);
    }
    // The token, by the public key that the browser subscribed with.
    let (token, used) =
        push.header("authorization").strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
    assert_eq!(used, key["key"]);
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_audience(&[&service.url]);
    let decoding = DecodingKey::from_ec_der(&URL_SAFE_NO_PAD.decode(used).unwrap());
    let claims = jsonwebtoken::decode::<Value>(token, &decoding, &rules).unwrap().claims;
    assert_eq!(claims["sub"], "mailto:admin@example.org");
    // Removed: nothing more.
    for _ in 0..2 {
        let request = json!({"endpoint": phone.endpoint});
        let removed = ben.ask(reqwest::Method::DELETE, "/api/me/push-subscriptions", Some(&request)).await;
        assert_eq!(removed.status(), 204);
    }
    anna.says(talk, "to nobody").await;
    let carla = server.register("carla").await;
    Phone::of(&service, &carla).await;
    nothing_but(&mut service, &anna, &carla).await;
}

#[tokio::test]
async fn n1_nothing_is_pushed_to_somebody_who_is_online_or_has_read() {
    let server = Server::start_with(&[LOOPBACK]).await;
    let mut service = PushService::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let (bens, carlas) = (room(&[&anna, &ben], None).await, room(&[&anna, &carla], None).await);
    Phone::of(&service, &ben).await;
    Phone::of(&service, &carla).await;
    let _online = ben.connect().await;
    anna.says(bens, "Ben is here").await;
    anna.says(carlas, "Carla reads at once").await;
    assert_eq!(carla.post(&format!("/api/conversations/{carlas}/read"), &json!({})).await.status(), 204);
    let dora = server.register("dora").await;
    Phone::of(&service, &dora).await;
    nothing_but(&mut service, &anna, &dora).await;
}

/// Changes preferences of this person.
async fn prefers(who: &Person, change: Value) {
    let answer = who.ask(reqwest::Method::PATCH, "/api/me/preferences", Some(&change)).await;
    assert_eq!(answer.status(), 200, "{change}");
}

#[tokio::test]
async fn n1_pushes_follow_preferences_quiet_hours_and_mutes() {
    let server = Server::start_with(&[LOOPBACK]).await;
    let mut service = PushService::start().await;
    let anna = server.register("anna").await;
    let (muted, quiet, off) =
        (server.register("muted").await, server.register("quiet").await, server.register("off").await);
    for who in [&muted, &quiet, &off] {
        Phone::of(&service, who).await;
        room(&[&anna, who], None).await;
    }
    let for_ever = json!({"muted_until": "9999-12-31T23:59:59Z"});
    let talk = room(&[&anna, &muted], None).await;
    let path = format!("/api/conversations/{talk}/me");
    assert_eq!(muted.ask(reqwest::Method::PATCH, &path, Some(&for_ever)).await.status(), 200);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let minute = now.as_secs() / 60;
    let hours = json!({"time_zone": "UTC", "quiet_from": (minute + 1_380) % 1_440, "quiet_to": (minute + 60) % 1_440});
    prefers(&quiet, hours).await;
    prefers(&off, json!({"notify_direct": false})).await;
    for who in [&muted, &quiet, &off] {
        let talk = room(&[&anna, who], None).await;
        anna.says(talk, "Not now").await;
    }
    let (ben, carla) = (server.register("ben").await, server.register("carla").await);
    let (bens, carlas) = (Phone::of(&service, &ben).await, Phone::of(&service, &carla).await);
    prefers(&ben, json!({"push_content": true, "language": "de"})).await;
    let group = room(&[&anna, &ben, &carla], Some("Climbing")).await;
    // The additions to the group, if they are told of, come first.
    anna.says(group, "To the group, which nobody asked for").await;
    let talk = room(&[&anna, &ben], None).await;
    anna.says(talk, "See you at 7").await;
    let mention = anna.says(group, "@carla do you come, too?").await;
    let mut texts = Vec::new();
    while texts.len() < 2 {
        let push = service.next().await;
        let phone = if push.name == "ben" { &bens } else { &carlas };
        let payload = phone.open(&push);
        match payload["kind"].as_str().unwrap() {
            "added" => {}
            kind => texts.push((
                push.name.clone(),
                kind.to_owned(),
                payload["title"].clone(),
                payload["body"].clone(),
            )),
        }
    }
    texts.sort_by(|one, other| one.0.cmp(&other.0));
    let text = |name: &str, kind: &str, title: &str, body: &str| {
        (name.to_owned(), kind.to_owned(), json!(title), json!(body))
    };
    assert_eq!(
        texts,
        [
            text("ben", "direct", "anna", "See you at 7"),
            text("carla", "mention", "Rapport", "You were mentioned"),
        ]
    );
    assert_eq!(mention.conversation_id, group);
    // What was passed over is not pushed later.
    prefers(&off, json!({"notify_direct": true})).await;
    let dora = server.register("dora").await;
    Phone::of(&service, &dora).await;
    nothing_but(&mut service, &anna, &dora).await;
}

#[tokio::test]
async fn n1_a_sign_out_ends_the_pushes_of_its_browser() {
    let server = Server::start_with(&[LOOPBACK]).await;
    let mut service = PushService::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let talk = room(&[&anna, &ben], None).await;
    Phone::of(&service, &carla).await;
    // The browser of the forms: its cookie is the sign-in.
    let mut browser = server.browser("dora").await;
    let phone = Phone::new(&service, "dora");
    let request = browser.request(reqwest::Method::POST, "/api/me/push-subscriptions");
    let added = browser.go(request.header("origin", &server.url).json(&phone.json())).await;
    assert_eq!(added.status(), 201);
    let doras = anna.post("/api/conversations", &json!({"participants": ["dora"]})).await;
    let doras = doras.json::<protocol::Conversation>().await.unwrap().id;
    anna.says(doras, "Before").await;
    assert_eq!(service.next().await.name, "dora");
    assert_eq!(browser.submit("/sign-out", &[]).await.status(), 303);
    anna.says(doras, "After").await;

    Phone::of(&service, &ben).await;
    assert_eq!(ben.delete("/api/token").await.status(), 204);
    let again = ben.again().await;
    anna.says(talk, "After the sign-out of a program").await;
    Phone::of(&service, &again).await;
    let elsewhere = again.again().await;
    assert_eq!(elsewhere.delete("/api/me/sessions").await.status(), 204);
    anna.says(talk, "After a sign-out elsewhere").await;
    nothing_but(&mut service, &anna, &carla).await;
}

#[tokio::test]
async fn n1_a_dead_subscription_is_dropped_and_a_busy_service_is_asked_again() {
    let server = Server::start_with(&[LOOPBACK]).await;
    let mut service = PushService::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let talk = room(&[&anna, &ben], None).await;
    let phone = Phone::of(&service, &ben).await;
    service.answer_once(503, Some(1));
    service.answer_once(429, Some(1));
    anna.says(talk, "In the end").await;
    let tries = [service.next().await, service.next().await, service.next().await];
    assert!(tries.iter().all(|push| phone.open(push)["count"] == 1));
    assert!(tries[1].at - tries[0].at >= Duration::from_secs(1), "as it asked for");
    assert_eq!(tries[0].header("topic"), tries[2].header("topic"));
    service.answer_once(410, None);
    anna.says(talk, "To a browser that is gone").await;
    service.next().await;
    anna.says(talk, "Nobody is there").await;
    Phone::of(&service, &carla).await;
    nothing_but(&mut service, &anna, &carla).await;
    assert_eq!(ben.post("/api/me/push-subscriptions", &phone.json()).await.status(), 201, "it was dropped");
}

#[tokio::test]
async fn n1_killed_between_commit_and_push_it_is_pushed_after_the_restart() {
    let mut service = PushService::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::write(folder.path().join("Leptos.toml"), "[rapport]\nallow_private_push = true\n").unwrap();
    let program = Program::serve(folder.path(), &data, "127.0.0.1:0").await;
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let key: Value = ben.get("/api/push").await.json().await.unwrap();
    let phone = Phone::of(&service, &ben).await;
    anna.says(talk, "right before the crash").await;
    let address = program.address().to_owned();
    assert_eq!(program.ends_by("-KILL").await, None);
    let killed = Instant::now();
    let restarted = Program::serve(folder.path(), &data, &address).await;
    let push = service.next().await;
    assert!(push.at > killed);
    assert_eq!(phone.open(&push)["conversation_id"], json!(talk));
    let after: Value = ben.get("/api/push").await.json().await.unwrap();
    assert_eq!(after, key, "the key stays the same");
    drop(restarted);
}

#[tokio::test]
async fn n1_subscriptions_that_break_a_rule_are_refused_and_nothing_is_kept() {
    let server = Server::start().await;
    let service = PushService::start().await;
    let ben = server.register("ben").await;
    let good = Phone::new(&service, "ben").json();
    let with = |key: &str, value: Value| {
        let mut subscription = good.clone();
        match key.split_once('.') {
            Some((outer, inner)) => subscription[outer][inner] = value,
            None => subscription[key] = value,
        }
        subscription
    };
    let long = format!("https://push.example/{}", "x".repeat(2_048));
    for (subscription, field) in [
        (good.clone(), "endpoint"),
        (with("endpoint", json!(service.url.replace("http", "https"))), "endpoint"),
        (with("endpoint", json!("https://localhost/x")), "endpoint"),
        (with("endpoint", json!("https://169.254.169.254/latest")), "endpoint"),
        (with("endpoint", json!("https://2130706433/")), "endpoint"),
        (with("endpoint", json!("https://[::ffff:10.0.0.1]/")), "endpoint"),
        (with("endpoint", json!("file:///etc/passwd")), "endpoint"),
        (with("endpoint", json!("not a URL")), "endpoint"),
        (with("endpoint", json!(long)), "endpoint"),
        (with("endpoint", json!("")), "endpoint"),
        (with("keys.p256dh", json!("AAAA")), "keys.p256dh"),
        (with("keys.p256dh", json!(URL_SAFE_NO_PAD.encode([4; 65]))), "keys.p256dh"),
        (with("keys.auth", json!("AAAA")), "keys.auth"),
        (with("keys.auth", json!("")), "keys.auth"),
    ] {
        let answer = ben.post("/api/me/push-subscriptions", &subscription).await;
        assert_eq!(answer.status(), 422, "{subscription}");
        let refusal = answer.json::<ApiError>().await.unwrap().error;
        assert!(refusal.message.starts_with(&format!("{field}: ")), "{}: {subscription}", refusal.message);
    }
    for malformed in [json!({}), json!({"endpoint": 1}), json!({"endpoint": "https://8.8.8.8/"}), json!([])] {
        assert_eq!(ben.post("/api/me/push-subscriptions", &malformed).await.status(), 400, "{malformed}");
    }
    // Public addresses need no name to be looked up.
    for n in 0..20 {
        let public = with("endpoint", json!(format!("https://8.8.8.8/{n}")));
        assert_eq!(
            ben.post("/api/me/push-subscriptions", &public).await.status(),
            201,
            "{n}: none was kept before"
        );
    }
    let one_more = with("endpoint", json!("https://8.8.8.8/20"));
    assert_eq!(ben.post("/api/me/push-subscriptions", &one_more).await.status(), 422);
}

#[tokio::test]
async fn n1_sends_do_not_wait_for_a_push_service() {
    let server = Server::start_with(&[LOOPBACK]).await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    // It accepts connections, and never answers.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut service = PushService::start().await;
    let mut phone = Phone::new(&service, "ben");
    phone.endpoint = format!("http://{}/send/ben", silent.local_addr().unwrap());
    assert_eq!(ben.post("/api/me/push-subscriptions", &phone.json()).await.status(), 201);
    anna.says(talk, "the first").await;
    let (_connection, _) = tokio::time::timeout(PATIENCE, silent.accept()).await.unwrap().unwrap();
    let carla = server.register("carla").await;
    Phone::of(&service, &carla).await;
    let began = Instant::now();
    for n in 0..10 {
        anna.says(talk, &format!("number {n}")).await;
    }
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    // Others are pushed to meanwhile.
    nothing_but(&mut service, &anna, &carla).await;
}

#[tokio::test]
async fn n1_the_worker_is_served_with_a_policy_of_its_own() {
    let site = tempfile::tempdir().unwrap();
    let worker = concat!(env!("CARGO_MANIFEST_DIR"), "/../public/push-worker.js");
    std::fs::copy(worker, site.path().join("push-worker.js")).unwrap();
    let program = Program::alone(&[("LEPTOS_SITE_ROOT", site.path().to_str().unwrap())]).await;
    let answer = reqwest::get(format!("{}/push-worker.js", program.url)).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(answer.headers()["cache-control"], "no-cache");
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("connect-src 'self'"), "{policy}");
}
