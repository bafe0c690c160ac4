//! The log, and the secrets that it must not contain.

use crate::support::{Browser, PASSWORD, Person, Program, Socket, room, until};
use reqwest::Method;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The lines of a JSON log.
fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

/// Uses all kinds of secrets and messages that must not be logged, and returns them.
async fn a_day(program: &Program) -> Vec<String> {
    let words = |what: &str| format!("{what}-that-nobody-else-may-read");
    let (wrong, new) = (words("wrong password"), words("new password"));
    let said = ["socket", "program", "form", "title", "first name"].map(words);
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let mut secrets =
        vec![PASSWORD.to_owned(), anna.access.clone(), anna.refresh.clone(), ben.access.clone()];

    let http = reqwest::Client::new();
    let post = async |path: &str, body: Value| {
        http.post(format!("{}{path}", program.url)).json(&body).send().await.unwrap()
    };
    // Typed into the wrong field, too.
    for name in ["anna", wrong.as_str()] {
        assert_eq!(post("/api/token", json!({"username": name, "password": wrong})).await.status(), 401);
    }
    let mut browser = Browser::at(&program.url);
    let fields = [("username", "anna"), ("password", wrong.as_str())];
    assert_eq!(browser.submit("/sign-in", &fields).await.headers()["location"], "/sign-in");
    let fields = [("username", "anna"), ("password", PASSWORD)];
    assert_eq!(browser.submit("/sign-in", &fields).await.headers()["location"], "/");
    secrets.extend(browser.cookie.clone().map(|cookie| cookie.split_once('=').unwrap().1.to_owned()));

    let talk = room(&[&anna, &ben], Some(&said[3])).await;
    let ws = program.url.replace("http", "ws");
    let mut socket = Socket::open(&format!("{ws}/ws/chat/{talk}/?token={}", ben.access), &[]).await.unwrap();
    socket.greeted().await;
    socket.says(&said[0]).await;
    socket.text(&format!("{{\"type\": \"chat_message\", \"content\": {{\"{}\"", said[0])).await;
    socket.refused().await;
    anna.post(&format!("/api/conversations/{talk}/messages"), &json!({"content": said[1]})).await;
    browser
        .submit(&format!("/c/{talk}/messages"), &[("content", &said[2]), ("me", &anna.me.id.to_string())])
        .await;
    for text in &said[..3] {
        assert!(ben.reads(talk).await.iter().any(|message| &message.content == text), "{text}");
    }
    assert!(browser.get(&format!("/c/{talk}")).await.text().await.unwrap().contains(&said[2]));
    anna.ask(Method::PATCH, "/api/me", Some(&json!({"first_name": said[4]}))).await;
    assert_eq!(anna.get(&format!("/api/people?q={}", said[4])).await.status(), 200);

    let link = anna.post(&format!("/api/conversations/{talk}/invitations"), &json!({})).await;
    let token = link.json::<Value>().await.unwrap()["token"].as_str().unwrap().to_owned();
    let mut visitor = Browser::at(&program.url);
    let answer = visitor.get(&format!("/join/{token}")).await;
    visitor.get(answer.headers()["location"].to_str().unwrap()).await;
    assert_eq!(browser.get(&format!("/join/{token}")).await.status(), 200);
    browser.submit(&format!("/join/{token}"), &[("me", "4711")]).await;
    browser.submit(&format!("/join/{token}"), &[]).await;
    for path in ["accept", "qr", "nothing"] {
        browser.get(&format!("/api/invitations/{token}/{path}")).await;
        anna.post(&format!("/api/invitations/{token}/{path}"), &json!({})).await;
    }
    anna.delete(&format!("/api/conversations/{talk}/invitations/{token}")).await;
    secrets.push(token);

    let add = ["key", "add", "--name", "shop", "--scope", "webhooks"];
    let key = Program::run(&program.data(), &program.data(), &add, "").await.out.trim_end().to_owned();
    for path in ["/api/key", "/api/me", "/ws/"] {
        http.get(format!("{}{path}", program.url)).bearer_auth(&key).send().await.unwrap();
    }
    secrets.push(key);

    // Nobody listens there.
    let webhook = json!({"url": "http://127.0.0.1:1/a-capability", "events": ["message.created"]});
    let request = http.post(format!("{}/api/webhooks", program.url)).bearer_auth(&secrets[secrets.len() - 1]);
    let added: Value = request.json(&webhook).send().await.unwrap().json().await.unwrap();
    secrets.extend([added["secret"].as_str().unwrap().to_owned(), "a-capability".to_owned()]);
    let path = format!("/api/conversations/{talk}/incoming-webhooks");
    let incoming: Value = anna.post(&path, &json!({"name": "Build"})).await.json().await.unwrap();
    let url = incoming["url"].as_str().unwrap().to_owned();
    http.post(&url).json(&json!({"content": "said by a bot"})).send().await.unwrap();
    secrets.extend([url.rsplit_once('/').unwrap().1.to_owned(), "said by a bot".to_owned()]);

    let pair: Value =
        post("/api/token/refresh", json!({"refresh": anna.refresh})).await.json().await.unwrap();
    secrets.extend(["access", "refresh"].map(|key| pair[key].as_str().unwrap().to_owned()));
    // The new refresh token is used, so that the old one counts as stolen.
    let next: Value =
        post("/api/token/refresh", json!({"refresh": pair["refresh"]})).await.json().await.unwrap();
    secrets.extend(["access", "refresh"].map(|key| next[key].as_str().unwrap().to_owned()));
    assert_eq!(post("/api/token/refresh", json!({"refresh": anna.refresh})).await.status(), 401);
    let fields = [("current", PASSWORD), ("new", new.as_str())];
    assert_eq!(
        browser.submit("/settings/password", &fields).await.headers()["location"],
        "/settings#password"
    );
    assert_eq!(post("/api/token", json!({"username": "anna", "password": new})).await.status(), 200);
    assert_eq!(browser.submit("/sign-out", &[]).await.headers()["location"], "/sign-in");
    socket.line.close(None).await.unwrap();
    socket.closed().await;

    secrets.push(std::fs::read_to_string(program.data().join("secret")).unwrap());
    // A part of a token is as good as none; its signature is what nobody may have.
    let signatures: Vec<_> =
        secrets.iter().filter_map(|secret| Some(secret.rsplit_once('.')?.1.to_owned())).collect();
    secrets.into_iter().chain(signatures).chain(said).chain([wrong, new, "$argon2".to_owned()]).collect()
}

#[tokio::test]
async fn r5_no_log_level_contains_secrets_or_messages() {
    for format in ["text", "json"] {
        let (log, level) = ("RAPPORT_LOG", "trace");
        // Nobody is there, which is worth a line.
        let redis = ("RAPPORT_REDIS_URL", "redis://:hush-hush-redis@127.0.0.1:1");
        let webhooks = ("RAPPORT_ALLOW_PRIVATE_WEBHOOKS", "1");
        let program = Program::alone(&[(log, level), ("RAPPORT_LOG_FORMAT", format), redis, webhooks]).await;
        let mut secrets = a_day(&program).await;
        secrets.push("hush-hush".to_owned());
        let lines = ["WebSocket DISCONNECT", "Redis is away", "a webhook endpoint cannot be reached"];
        until("the last lines", async || lines.iter().all(|line| program.log().contains(line))).await;
        let log = program.log();
        for secret in &secrets {
            assert!(!log.contains(secret.as_str()), "{secret} is in the log:\n{log}");
        }
        for there in
            ["listening on", "WebSocket CONNECT /ws/chat/1/", "POST /api/token 401 in ", "sign in", "DEBUG"]
        {
            assert!(log.contains(there), "{there} is missing in\n{log}");
        }
        assert!(!log.contains("token="), "nothing of what stands behind the ?");
    }
}

#[tokio::test]
async fn r5_a_request_and_a_socket_can_be_followed_through_the_log() {
    let settings =
        [("RAPPORT_LOG", "debug"), ("RAPPORT_LOG_FORMAT", "json"), ("RAPPORT_TRUSTED_PROXIES", "127.0.0.1")];
    let program = Program::alone(&settings).await;
    let anna = program.register("anna").await;
    let http = reqwest::Client::new();
    let asked = async |id: &str| {
        let answer =
            http.get(format!("{}/healthz", program.url)).header("x-request-id", id).send().await.unwrap();
        answer.headers()["x-request-id"].to_str().unwrap().to_owned()
    };
    assert_eq!(asked("from-the-proxy.1").await, "from-the-proxy.1");
    let made = asked("not an id").await;
    assert!(made.len() == 16 && made.bytes().all(|byte| byte.is_ascii_hexdigit()), "{made}");

    let mut socket = Socket::open(
        &format!("{}/ws/?token={}", program.url.replace("http", "ws"), anna.access),
        &[("x-request-id", "the-upgrade")],
    )
    .await
    .unwrap();
    socket.greeted().await;
    socket.line.close(None).await.unwrap();
    socket.closed().await;
    until("the last line", async || program.log().contains("WebSocket DISCONNECT")).await;

    let log = lines(&program.log());
    let of = |message: &str| -> Vec<&Value> {
        log.iter()
            .filter(|line| line["message"].as_str().is_some_and(|text| text.starts_with(message)))
            .collect()
    };
    for line in &log {
        for key in ["timestamp", "level", "target", "message"] {
            assert!(line[key].is_string(), "{key} is missing in {line}");
        }
    }
    let ids: Vec<_> = of("GET /healthz 200").iter().map(|line| line["span"]["request"].clone()).collect();
    assert_eq!(ids, [json!("from-the-proxy.1"), json!(made)]);
    let (connect, disconnect) = (of("WebSocket CONNECT /ws/")[0], of("WebSocket DISCONNECT /ws/ 1000")[0]);
    assert_eq!(connect["span"]["request"], "the-upgrade");
    assert_eq!(connect["span"]["connection"].as_str().unwrap().len(), 16);
    assert_eq!(connect["span"], disconnect["span"]);
    assert_eq!((&disconnect["user"], &disconnect["code"]), (&json!(anna.me.id), &json!(1000)));
    assert!(disconnect["seconds"].is_u64());

    // From somebody who is no proxy of ours an id is a text of their choice.
    let program = Program::alone(&[]).await;
    let request = http.get(format!("{}/healthz", program.url)).header("x-request-id", "chosen");
    assert_ne!(request.send().await.unwrap().headers()["x-request-id"], "chosen");
}

/// Requests of an attacker and of an honest person, from these addresses.
async fn good_and_bad(program: &Program, home: &Path, file: &str) {
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], Some("Tea")).await;
    let http = reqwest::Client::new();
    let from = |method, path: &str, address: &str| {
        http.request(method, format!("{}{path}", program.url)).header("x-forwarded-for", address)
    };
    let wrong = json!({"username": "anna", "password": "wrong password"});
    let sign_in = from(Method::POST, "/api/token", "203.0.113.9").json(&wrong);
    assert_eq!(sign_in.send().await.unwrap().status(), 401);
    for _ in 0..50 {
        let forged = from(Method::GET, "/api/me", "203.0.113.10").bearer_auth("forged");
        assert_eq!(forged.send().await.unwrap().status(), 401);
    }
    let unknown = from(Method::GET, "/api/key", "203.0.113.14").bearer_auth(format!("rk_{}", "A".repeat(43)));
    assert_eq!(unknown.send().await.unwrap().status(), 401);
    let cross = from(Method::POST, "/sign-in", "203.0.113.11").header("origin", "https://evil.example");
    assert_eq!(cross.form(&[("username", "anna")]).send().await.unwrap().status(), 403);
    let foreign = from(Method::GET, "/sign-in", "203.0.113.12").header("host", "evil.example");
    assert_eq!(foreign.send().await.unwrap().status(), 421);

    let address = format!("{}/ws/?token={}", program.url.replace("http", "ws"), anna.access);
    let mut socket = Socket::open(&address, &[("x-forwarded-for", "203.0.113.13")]).await.unwrap();
    socket.greeted().await;
    let said = anna.says(talk, "words of confidence").await;
    let delete =
        json!({"type": "delete_message", "conversation_id": talk, "message_id": said.id, "for": "everyone"});
    socket.text(&delete.to_string()).await;
    socket.until(|frame| matches!(frame, protocol::ServerFrame::MessageDeleted(_))).await;
    let members = format!("/api/conversations/{talk}/members");
    assert_eq!(ben.delete(&format!("{members}/{}", anna.me.id)).await.status(), 403);
    assert_eq!(anna.delete(&format!("{members}/{}", ben.me.id)).await.status(), 204);

    for command in
        [vec!["key", "add", "--name", "shop", "--scope", "webhooks"], vec!["key", "revoke", "shop"]]
    {
        let command = [command, vec!["--audit-file", file, "--log-format", "json"]].concat();
        assert_eq!(Program::run(home, &program.data(), &command, "").await.code, Some(0));
    }
    let command = ["user", "suspend", "ben", "--audit-file", file, "--log-format", "json"];
    let suspended = Program::run(home, &program.data(), &command, "").await;
    assert_eq!((suspended.code, suspended.err.as_str()), (Some(0), ""), "{suspended:?}");
}

#[tokio::test]
async fn r5_the_audit_log_says_who_did_what_from_where_and_is_not_flooded() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("audit.log");
    let file = path.to_str().unwrap();
    let program = Program::alone(&[
        ("RAPPORT_LOG", "error"),
        ("RAPPORT_LOG_FORMAT", "json"),
        ("RAPPORT_AUDIT_FILE", file),
        ("RAPPORT_TRUSTED_PROXIES", "127.0.0.1"),
    ])
    .await;
    good_and_bad(&program, home.path(), file).await;
    let log = program.log();
    assert_eq!(program.terminates().await, Some(0));
    assert_eq!(log, "", "it is in the file, and there were no errors");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    for secret in ["confidence", PASSWORD, "wrong password", "forged"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let log = lines(&text);
    assert!(log.iter().all(|line| line["target"] == "audit"));
    let of = |message: &str, result: &str| -> Vec<Value> {
        let meant = log.iter().filter(|line| line["message"] == message && line["result"] == result);
        let keys = ["by", "user", "from", "conversation", "message_id", "key", "more"];
        let told = |line: &Value| {
            keys.iter().filter_map(|key| Some(((*key).to_owned(), line.get(*key)?.clone()))).collect()
        };
        meant.map(told).collect()
    };
    let here = "127.0.0.1";
    assert_eq!(of("register", "ok"), [json!({"by": 1, "from": here}), json!({"by": 2, "from": here})]);
    assert_eq!(of("sign in", "ok").len(), 2);
    assert_eq!(of("sign in", "refused"), [json!({"by": 1, "from": "203.0.113.9"})]);
    let forged = of("show token", "refused");
    assert_eq!(forged.len(), 11, "ten, and their sum");
    assert!(forged[..10].iter().all(|line| line == &json!({"from": "203.0.113.10"})));
    assert_eq!(forged[10], json!({"more": 40}));
    assert_eq!(of("cross-site request", "refused"), [json!({"from": "203.0.113.11"})]);
    assert_eq!(of("foreign host", "refused"), [json!({"from": "203.0.113.12"})]);
    assert_eq!(of("use service key", "refused"), [json!({"from": "203.0.113.14"})]);
    assert_eq!(of("add service key", "ok"), [json!({"key": 1})]);
    assert_eq!(of("revoke service key", "ok"), [json!({"key": 1})]);
    let deleted = of("delete for everyone", "ok");
    assert_eq!((&deleted[0]["by"], &deleted[0]["from"]), (&json!(1), &json!("203.0.113.13")));
    assert_eq!(
        of("remove member", "refused"),
        [json!({"by": 2, "user": 1, "from": here, "conversation": 1})]
    );
    assert_eq!(of("remove member", "ok"), [json!({"by": 1, "user": 2, "from": here, "conversation": 1})]);
    assert_eq!(of("suspend", "ok"), [json!({"user": 2})], "the command line has no address");
    let spans = log.iter().filter(|line| line["span"]["request"].is_string()).count();
    assert!(spans >= 15, "lines of the server bear the id of their request");
}

#[tokio::test]
async fn r5_without_a_file_the_audit_log_is_in_the_log_and_one_that_cannot_be_written_is_refused() {
    let program = Program::alone(&[("RAPPORT_LOG", "error")]).await;
    let person: Person = program.register("anna").await;
    let line = format!("audit: register result=\"ok\" by={} from=127.0.0.1", person.me.id);
    until("its line", async || program.log().contains(&line)).await;
    let at = tempfile::tempdir().unwrap();
    let ended =
        Program::run(at.path(), at.path(), &["serve", "--audit-file", "/nowhere/audit.log"], "").await;
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.err.contains("/nowhere/audit.log") && ended.err.contains("RAPPORT_AUDIT_FILE"),
        "{ended:?}"
    );
}
