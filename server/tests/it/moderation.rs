//! Moderation of conversations about subjects: who may, what is recorded, the API and the pages.

use crate::support::{Browser, Person, Product, Program, Server, until};
use protocol::{ApiError, ConversationId, ErrorCode, KeyScope, ServerFrame};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::path::PathBuf;

const SETTINGS: [(&str, &str); 10] = [
    ("RAPPORT_LIMITS__SEND_BURST", "1000"),
    ("RAPPORT_SUBJECTS__LISTING__NAME", "Listing"),
    ("RAPPORT_SUBJECTS__LISTING__ROLES", "buyer, seller"),
    ("RAPPORT_SUBJECTS__LISTING__PER_SUBJECT", "many"),
    ("RAPPORT_SUBJECTS__LISTING__MODERATORS", "Mia"),
    ("RAPPORT_SUBJECTS__LISTING__MODERATOR_ROLES", "support"),
    ("RAPPORT_SUBJECTS__JOB__NAME", "Job"),
    ("RAPPORT_SUBJECTS__JOB__ROLES", "buyer, seller"),
    ("RAPPORT_SUBJECTS__JOB__PER_SUBJECT", "many"),
    ("RAPPORT_SUBJECTS__JOB__MODERATORS", "nora"),
];

/// A server where mia and the role `support` moderate listings, and nora jobs; anna and ben have a conversation about one of each.
struct Court {
    server: Server,
    anna: Person,
    ben: Person,
    mia: Person,
    listing: i64,
    job: i64,
}

impl Court {
    async fn opens() -> Self {
        let settings: Vec<_> = SETTINGS.into_iter().chain(Product::SHOP.settings()).collect();
        let server = Server::start_with(&settings).await;
        let (anna, ben, mia) =
            (server.register("anna").await, server.register("ben").await, server.register("mia").await);
        let key = server.key("shop", &[KeyScope::Subjects]).await;
        let listing = opened(&server.url, &key, "listing", "A bicycle").await;
        let job = opened(&server.url, &key, "job", "A fence").await;
        Self { server, anna, ben, mia, listing, job }
    }
}

/// The conversation of anna and ben about the subject 42 of this kind.
async fn opened(url: &str, key: &str, kind: &str, title: &str) -> i64 {
    let participants = json!([{"username": "anna", "role": "buyer"}, {"username": "ben", "role": "seller"}]);
    let request = reqwest::Client::new().put(format!("{url}/api/subjects/{kind}/42/conversation"));
    let body = json!({"title": title, "participants": participants});
    let made = request.bearer_auth(key).json(&body).send().await.unwrap();
    assert_eq!(made.status(), 201);
    made.json::<Value>().await.unwrap()["id"].as_i64().unwrap()
}

async fn read(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap())
}

async fn refused(answer: Response) -> (u16, ErrorCode) {
    let status = answer.status().as_u16();
    (status, answer.json::<ApiError>().await.unwrap().error.code)
}

fn path(id: i64, rest: &str) -> String {
    format!("/api/moderation/conversations/{id}{rest}")
}

#[tokio::test]
async fn c4_a_moderator_reads_a_dispute_with_a_reason_and_closes_it() {
    let court = Court::opens().await;
    let Court { anna, ben, mia, listing, .. } = &court;
    let id = ConversationId(*listing);
    anna.says(id, "Is it still there?").await;
    let second = ben.says(id, "Pay outside, please").await;
    let hidden = anna.delete(&format!("/api/conversations/{listing}/messages/{}?for=me", second.id)).await;
    assert_eq!(hidden.status(), 204);

    let (status, list) = read(mia.get("/api/moderation/conversations?state=open&kind=listing").await).await;
    assert_eq!(status, 200, "{list}");
    assert_eq!(list["conversations"].as_array().unwrap().len(), 1, "no jobs: {list}");
    let entry = &list["conversations"][0];
    assert_eq!((&entry["id"], &entry["subject"]["title"]), (&json!(listing), &json!("A bicycle")));
    assert_eq!(entry["participants"][1]["role"], "seller");
    assert!(entry.get("messages").is_none() && list.get("next").is_none());

    for rest in ["", "/messages"] {
        assert_eq!(refused(mia.get(&path(*listing, rest)).await).await, (403, ErrorCode::Forbidden));
    }
    for reason in ["", "a\nb", &"x".repeat(281)] {
        let given = mia.post(&path(*listing, "/access"), &json!({"reason": reason})).await;
        assert_eq!(refused(given).await, (422, ErrorCode::Invalid), "{reason:?}");
    }
    let body = json!({"reason": "Anna complained"});
    let (status, given) = read(mia.post(&path(*listing, "/access"), &body).await).await;
    assert_eq!((status, &given["reason"]), (200, &json!("Anna complained")));
    let (_, again) = read(mia.post(&path(*listing, "/access"), &body).await).await;
    assert_eq!(given, again);

    let (status, seen) = read(mia.get(&path(*listing, "")).await).await;
    assert_eq!((status, &seen["subject"]["id"]), (200, &json!("42")));
    assert_eq!(seen["participants"][0]["role"], "buyer");
    assert_eq!(seen["participants"][1]["read_seq"], 0);
    let (_, page) = read(mia.get(&path(*listing, "/messages")).await).await;
    let texts: Vec<_> = page["messages"].as_array().unwrap().iter().map(|said| &said["content"]).collect();
    assert_eq!(texts, ["Is it still there?", "Pay outside, please"], "also what anna has hidden");
    let (_, page) = read(mia.get(&path(*listing, "/messages?before=2&limit=1")).await).await;
    assert_eq!((page["messages"].as_array().unwrap().len(), &page["at_start"]), (1, &json!(true)));
    for query in ["before=0", "limit=0", "limit=51"] {
        let answer = mia.get(&path(*listing, &format!("/messages?{query}"))).await;
        assert_eq!(refused(answer).await, (422, ErrorCode::Invalid), "{query}");
    }

    let mut socket = anna.connect().await;
    let close = json!({"reason": "No payments outside"});
    assert_eq!(
        read(mia.post(&path(*listing, "/close"), &close).await).await,
        (200, json!({"changed": true}))
    );
    assert_eq!(
        read(mia.post(&path(*listing, "/close"), &close).await).await,
        (200, json!({"changed": false}))
    );
    let told = socket.until(|frame| matches!(frame, ServerFrame::NewMessage(_))).await;
    let ServerFrame::NewMessage(told) = told else { unreachable!() };
    assert_eq!(told.message.event.unwrap().moderator().map(|person| person.id), Some(mia.me.id));
    let said = ben.post(&format!("/api/conversations/{listing}/messages"), &json!({"content": "But"})).await;
    assert_eq!(refused(said).await, (409, ErrorCode::Closed));
    let (_, list) = read(mia.get("/api/moderation/conversations?state=closed").await).await;
    assert_eq!(list["conversations"][0]["subject"]["closed"], "No payments outside");
    let reopened = mia.ask(Method::POST, &path(*listing, "/reopen"), None).await;
    assert_eq!(read(reopened).await, (200, json!({"changed": true})));
    ben.says(id, "Sorry").await;
    // A moderator is no member.
    assert_eq!(mia.get(&format!("/api/conversations/{listing}")).await.status(), 404);
}

#[tokio::test]
async fn c4_for_everybody_else_there_is_no_moderation() {
    let court = Court::opens().await;
    let Court { server, anna, mia, listing, job, .. } = &court;
    let nora = server.register("nora").await;
    let give = json!({"reason": "Why"});
    // A participant, and moderators of another kind or of no such conversation.
    for (who, id) in [(anna, *listing), (&nora, *listing), (mia, *job), (mia, 4_711), (mia, -1)] {
        for rest in ["", "/messages"] {
            assert_eq!(refused(who.get(&path(id, rest)).await).await, (404, ErrorCode::NotFound));
        }
        for rest in ["/access", "/close", "/reopen"] {
            let answer = who.post(&path(id, rest), &give).await;
            assert_eq!(refused(answer).await, (404, ErrorCode::NotFound), "{id} {rest}");
        }
    }
    assert_eq!(refused(anna.get("/api/moderation/conversations").await).await, (404, ErrorCode::NotFound));
    for query in ["kind=job", "kind=nothing", "kind=%00"] {
        let answer = mia.get(&format!("/api/moderation/conversations?{query}")).await;
        assert_eq!(refused(answer).await, (404, ErrorCode::NotFound), "{query}");
    }
    for query in ["state=x", "cursor=x", "cursor=1", "limit=x"] {
        let answer = mia.get(&format!("/api/moderation/conversations?{query}")).await;
        assert_eq!(refused(answer).await, (400, ErrorCode::Malformed), "{query}");
    }
    let none = mia.get("/api/moderation/conversations?subject=%00&cursor=1.1&state=").await;
    assert_eq!(read(none).await, (200, json!({"conversations": []})));

    let mut browser = server.browser("eve").await;
    for page in ["/moderation".to_owned(), format!("/moderation/{listing}"), "/moderation/x".to_owned()] {
        let request = browser.request(Method::GET, &page).header("accept", "text/html");
        let answer = browser.go(request).await;
        assert_eq!(answer.status(), 404, "{page}");
        assert!(answer.text().await.unwrap().starts_with("<!DOCTYPE html>"));
        let answer = Browser::new(server).get(&page).await;
        assert_eq!(answer.status(), 303, "{page}");
        assert!(answer.headers()["location"].to_str().unwrap().starts_with("/sign-in?next="), "{page}");
    }
    assert!(!browser.get("/settings").await.text().await.unwrap().contains("/moderation"));
}

#[tokio::test]
async fn c4_a_role_of_the_product_moderates_until_its_next_token() {
    let court = Court::opens().await;
    let Court { server, listing, .. } = &court;
    let token = |role: Option<&str>| {
        let mut claims = Product::SHOP.claims("7", "Zoe");
        claims["jti"] = json!(uuid::Uuid::new_v4());
        if let Some(role) = role {
            claims["role"] = json!(role);
        }
        Product::SHOP.sign(&claims)
    };
    let listed = async |role: Option<&str>| {
        let signed_in =
            server.http.post(format!("{}/api/sso", server.url)).json(&json!({"token": token(role)}));
        let pair: Value = signed_in.send().await.unwrap().json().await.unwrap();
        let request = server.http.get(format!("{}/api/moderation/conversations", server.url));
        request.bearer_auth(pair["access"].as_str().unwrap()).send().await.unwrap()
    };
    let (status, list) = read(listed(Some("support")).await).await;
    assert_eq!((status, &list["conversations"][0]["id"]), (200, &json!(listing)));
    // Not by a role of the subject, nor by none.
    assert_eq!(listed(Some("seller")).await.status(), 404);
    assert_eq!(listed(Some("support")).await.status(), 200);
    assert_eq!(listed(None).await.status(), 404);
}

#[tokio::test]
async fn c4_the_pages_lead_from_the_settings_to_the_closed_dispute() {
    let court = Court::opens().await;
    let Court { server, anna, ben, mia, listing, .. } = &court;
    let id = ConversationId(*listing);
    for n in 1..=60 {
        anna.says(id, &format!("Question <{n}>")).await;
    }
    let deleted = ben.says(id, "An insult").await;
    let gone =
        ben.delete(&format!("/api/conversations/{listing}/messages/{}?for=everyone", deleted.id)).await;
    assert_eq!(gone.status(), 204);
    let mut browser = Browser::new(server);
    let fields = [("username", "mia"), ("password", crate::support::PASSWORD)];
    assert_eq!(browser.submit("/sign-in", &fields).await.headers()["location"], "/");
    let me = mia.me.id.to_string();
    let page = async |browser: &mut Browser, path: &str| {
        let answer = browser.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    };
    assert!(page(&mut browser, "/settings").await.contains("href=\"/moderation\""));
    let address = format!("/moderation/{listing}");
    let list = page(&mut browser, "/moderation?subject=42").await;
    assert!(list.contains(&address) && list.contains("A bicycle") && !list.contains("A fence"), "{list}");
    assert!(!page(&mut browser, "/moderation?state=closed").await.contains(&address));

    let first = page(&mut browser, &address).await;
    assert!(first.contains(&format!("{address}/access")) && !first.contains("Question"), "{first}");
    let answer = browser.submit(&format!("{address}/access"), &[("reason", " "), ("me", &me)]).await;
    assert_eq!(answer.status(), 422);
    let other = [("reason", "Anna complained"), ("me", "4711")];
    assert_eq!(browser.submit(&format!("{address}/access"), &other).await.status(), 401);
    assert!(!page(&mut browser, &address).await.contains("Question"), "of another person's page");
    let answer =
        browser.submit(&format!("{address}/access"), &[("reason", "Anna complained"), ("me", &me)]).await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (303, &address.parse().unwrap()));

    let newest = page(&mut browser, &address).await;
    assert!(newest.contains("Question &lt;60>") || newest.contains("Question &lt;60&gt;"), "{newest}");
    assert!(newest.contains("Message deleted") && !newest.contains("An insult"), "{newest}");
    assert!(!newest.contains("Question &lt;11"), "the page is one of several");
    let older = newest.split("?before=").nth(1).and_then(|rest| rest.split('#').next()).unwrap();
    let older = page(&mut browser, &format!("{address}?before={older}")).await;
    assert!(older.contains("Question &lt;1") && !older.contains("?before="), "{older}");

    let answer = browser.submit(&format!("{address}/close"), &[("reason", ""), ("me", &me)]).await;
    assert_eq!(answer.status(), 422);
    let answer = browser.submit(&format!("{address}/close"), &[("reason", "Spam"), ("me", &me)]).await;
    assert_eq!(answer.status(), 303);
    let closed = page(&mut browser, &address).await;
    assert!(closed.contains(&format!("{address}/reopen")) && closed.contains("Spam"), "{closed}");
    let seen = anna.get(&format!("/api/conversations/{listing}")).await.json::<Value>().await.unwrap();
    assert_eq!(seen["subject"]["closed"], "Spam");
    assert_eq!(browser.submit(&format!("{address}/reopen"), &[("me", &me)]).await.status(), 303);
    let seen = anna.get(&format!("/api/conversations/{listing}")).await.json::<Value>().await.unwrap();
    assert!(seen["subject"].get("closed").is_none(), "{seen}");
}

#[tokio::test]
async fn c4_each_look_of_a_moderator_is_in_the_audit_log() {
    let folder = tempfile::tempdir().unwrap();
    let audit: PathBuf = folder.path().join("audit.log");
    let settings: Vec<_> = SETTINGS
        .into_iter()
        .chain([("RAPPORT_AUDIT_FILE", audit.to_str().unwrap()), ("RAPPORT_LOG_FORMAT", "json")])
        .collect();
    let program = Program::alone(&settings).await;
    let (anna, _ben, mia) =
        (program.register("anna").await, program.register("ben").await, program.register("mia").await);
    let add = ["key", "add", "--name", "shop", "--scope", "subjects"];
    let key = Program::run(&program.data(), &program.data(), &add, "").await.out.trim_end().to_owned();
    let id = opened(&program.url, &key, "listing", "A secret bicycle").await;
    anna.says(ConversationId(id), "words that nobody logs").await;

    assert_eq!(mia.get("/api/moderation/conversations?kind=listing&subject=42").await.status(), 200);
    assert_eq!(mia.get(&path(id, "/messages")).await.status(), 403);
    assert_eq!(mia.post(&path(id, "/access"), &json!({"reason": "Anna complained"})).await.status(), 200);
    assert_eq!(mia.get(&path(id, "")).await.status(), 200);
    // More than other kinds of lines are written in a minute.
    for _ in 0..130 {
        assert_eq!(mia.get(&path(id, "/messages")).await.status(), 200);
    }
    assert_eq!(mia.post(&path(id, "/close"), &json!({"reason": "said to both"})).await.status(), 200);
    assert_eq!(mia.ask(Method::POST, &path(id, "/reopen"), None).await.status(), 200);

    let written = || std::fs::read_to_string(&audit).unwrap_or_default();
    until("the last line", async || written().contains("reopen for moderation")).await;
    let text = written();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |message: &str| lines.iter().filter(|line| line["message"] == message).collect::<Vec<_>>();
    let about =
        ["open for moderation", "read for moderation", "close for moderation", "reopen for moderation"];
    for message in about.into_iter().chain(["reason for moderation"]) {
        let found = of(message);
        assert_eq!(found.len(), if message.starts_with("read") { 130 } else { 1 }, "{message}: {text}");
        let line = found[0];
        assert_eq!((&line["by"], &line["conversation"]), (&json!(mia.me.id), &json!(id)), "{line}");
        assert_eq!(
            (&line["kind"], &line["subject"], &line["result"]),
            (&json!("listing"), &json!("42"), &json!("ok"))
        );
    }
    assert_eq!(of("reason for moderation")[0]["reason"], "Anna complained");
    let list = of("list for moderation");
    assert_eq!((list.len(), &list[0]["subject"], &list[0]["by"]), (1, &json!("42"), &json!(mia.me.id)));
    for secret in ["words that nobody logs", "secret bicycle", "said to both"] {
        assert!(!text.contains(secret), "{secret}");
    }
}
