//! Conversations about subjects of a product.

use crate::support::{Browser, PASSWORD, Person, Product, Program, Server};
use protocol::{
    ClientFrame, Conversation, ConversationId, ConversationUpdated, ErrorCode, GroupEventKind, KeyScope,
    ListFilter, NewMessage, ServerFrame,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

const KINDS: [(&str, &str); 6] = [
    ("RAPPORT_SUBJECTS__LISTING__NAME", "Listing"),
    ("RAPPORT_SUBJECTS__LISTING__ROLES", "buyer, seller"),
    ("RAPPORT_SUBJECTS__LISTING__PER_SUBJECT", "many"),
    ("RAPPORT_SUBJECTS__LISTING__IMAGE_ORIGINS", "https://img.example"),
    ("RAPPORT_SUBJECTS__JOB__NAME", "Job"),
    ("RAPPORT_SUBJECTS__JOB__ROLES", "client,worker"),
];

/// A server with the kinds `listing` and `job`, and the key of its product.
struct Shop {
    server: Server,
    key: String,
}

impl Shop {
    async fn open() -> Self {
        let settings: Vec<_> = KINDS
            .into_iter()
            .chain([("RAPPORT_SUBJECTS__JOB__PER_SUBJECT", "one")])
            .chain(Product::SHOP.settings())
            .collect();
        let server = Server::start_with(&settings).await;
        let key = server.key("shop", &[KeyScope::Subjects]).await;
        Self { server, key }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Response {
        let request =
            self.server.http.request(method, format!("{}{path}", self.server.url)).bearer_auth(&self.key);
        match body {
            Some(body) => request.json(body),
            None => request,
        }
        .send()
        .await
        .unwrap()
    }

    async fn put(&self, subject: &str, body: &Value) -> (u16, Value) {
        let answer =
            self.ask(Method::PUT, &format!("/api/subjects/{subject}/conversation"), Some(body)).await;
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn post(&self, subject: &str, action: &str, body: &Value) -> (u16, Value) {
        let path = format!("/api/subjects/{subject}/conversation/{action}");
        let answer = self.ask(Method::POST, &path, Some(body)).await;
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

fn bicycle(buyer: &str, seller: &str) -> Value {
    json!({
        "title": "A bicycle", "url": "https://shop.example/42", "image": "https://img.example/42.jpg",
        "fields": [{"name": "Price", "value": "40 €"}],
        "participants": [{"username": buyer, "role": "buyer"}, {"username": seller, "role": "seller"}],
    })
}

async fn conversation(person: &Person, id: &Value) -> Conversation {
    person.get(&format!("/api/conversations/{id}")).await.json().await.unwrap()
}

async fn refused(answer: Response) -> (u16, ErrorCode) {
    let status = answer.status().as_u16();
    (status, answer.json::<protocol::ApiError>().await.unwrap().error.code)
}

#[tokio::test]
async fn c4_a_product_opens_a_conversation_once_and_updates_its_card() {
    let shop = Shop::open().await;
    let (anna, ben, carla) = (
        shop.server.register("anna").await,
        shop.server.register("ben").await,
        shop.server.register("carla").await,
    );
    let mut socket = anna.connect().await;
    let (status, made) = shop.put("listing/42", &bicycle("anna", "ben")).await;
    assert_eq!(status, 201, "{made}");
    let id = ConversationId(made["id"].as_i64().unwrap());
    assert_eq!(made["subject"]["title"], "A bicycle");
    assert_eq!(made["participants"][0]["role"], "buyer");
    // It is in the lists of both at once, with roles and card.
    socket
        .until(|frame| {
            matches!(frame, ServerFrame::ConversationUpdated(ConversationUpdated { conversation, .. })
            if conversation.id == id && conversation.subject.is_some())
        })
        .await;
    for person in [&anna, &ben] {
        let seen = conversation(person, &made["id"]).await;
        let roles: Vec<_> = seen.members.iter().map(|member| member.subject_role.as_deref()).collect();
        assert_eq!(roles, [Some("buyer"), Some("seller")]);
        let subject = seen.subject.unwrap();
        assert_eq!(
            (subject.kind.as_str(), subject.id.as_str(), subject.kind_name.as_str()),
            ("listing", "42", "Listing")
        );
        assert_eq!((subject.fields[0].value.as_str(), subject.closed), ("40 €", None));
        assert_eq!(seen.rev, 0);
    }

    // A repeat changes nothing, in whatever order the people are named.
    let mut again = bicycle("anna", "ben");
    again["participants"].as_array_mut().unwrap().reverse();
    let (status, repeated) = shop.put("listing/42", &again).await;
    assert_eq!((status, &repeated), (200, &made));
    assert_eq!(conversation(&anna, &made["id"]).await.rev, 0);

    // Another price is one change, which reaches open clients.
    again["fields"] = json!([{"name": "Price", "value": "30 €"}]);
    assert_eq!(shop.put("listing/42", &again).await.0, 200);
    let told = socket.until(|frame| matches!(frame, ServerFrame::NewMessage(_))).await;
    let ServerFrame::NewMessage(NewMessage { rev: 1, message, .. }) = &told else { panic!("{told:?}") };
    let event = message.event.as_ref().unwrap();
    assert_eq!(event.kind, GroupEventKind::SubjectUpdated);
    assert_eq!(event.subject.as_ref().unwrap().fields[0].value, "30 €");
    let seen = conversation(&ben, &made["id"]).await;
    assert_eq!((seen.rev, seen.subject.unwrap().fields[0].value.as_str()), (1, "30 €"));

    // Another buyer has another conversation, of which nobody else knows.
    let (status, other) = shop.put("listing/42", &bicycle("carla", "ben")).await;
    assert!(status == 201 && other["id"] != made["id"], "{other}");
    assert_eq!(carla.get(&format!("/api/conversations/{}", made["id"])).await.status(), 404);
    let all: Value =
        shop.ask(Method::GET, "/api/subjects/listing/42/conversation", None).await.json().await.unwrap();
    let ids: Vec<_> = all["conversations"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, [made["id"].clone(), other["id"].clone()]);
    assert_eq!(shop.ask(Method::GET, "/api/subjects/listing/43/conversation", None).await.status(), 404);
    // Swapped roles are another thing.
    assert_eq!(shop.put("listing/42", &bicycle("ben", "anna")).await.0, 409);
}

#[tokio::test]
async fn c4_fifty_requests_at_once_open_one_conversation() {
    let shop = Shop::open().await;
    for name in ["anna", "ben"] {
        shop.server.register(name).await;
    }
    let body = bicycle("anna", "ben");
    let answers = futures::future::join_all((0..50).map(|_| shop.put("listing/7", &body))).await;
    let created = answers.iter().filter(|(status, _)| *status == 201).count();
    assert_eq!(created, 1);
    assert!(
        answers.iter().all(|(status, body)| matches!(status, 200 | 201) && body["id"] == answers[0].1["id"])
    );
}

#[tokio::test]
async fn c4_a_kind_may_have_one_conversation_per_subject() {
    let shop = Shop::open().await;
    for name in ["anna", "ben", "carla"] {
        shop.server.register(name).await;
    }
    let job = |worker: &str| {
        json!({"title": "Paint the fence", "participants":
            [{"username": "anna", "role": "client"}, {"username": worker, "role": "worker"}]})
    };
    let (status, made) = shop.put("job/1", &job("ben")).await;
    assert_eq!(status, 201);
    assert_eq!(shop.put("job/1", &job("ben")).await, (200, made.clone()));
    let (status, refused) = shop.put("job/1", &job("carla")).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("conflict")));
    assert_eq!(shop.put("job/2", &job("carla")).await.0, 201);
}

#[tokio::test]
async fn c4_people_of_single_sign_on_are_named_by_their_identity() {
    let shop = Shop::open().await;
    // A stranger has the username that the product would expect.
    let mallory = shop.server.register("ana.silva").await;
    shop.server.register("ben").await;
    let issuer = Product::SHOP.issuer;
    let ana = json!({"issuer": issuer, "sub": "7", "name": "Ana Silva", "role": "buyer"});
    let ben = json!({"username": "ben", "role": "seller"});
    let with = |people: Value| json!({"title": "A bicycle", "participants": people});
    let (status, made) = shop.put("listing/42", &with(json!([ana, ben]))).await;
    assert_eq!(status, 201, "she has never signed in: {made}");
    let buyer = made["participants"].as_array().unwrap().iter().find(|one| one["role"] == "buyer").unwrap();
    assert_eq!(
        (&buyer["user"]["username"], &buyer["user"]["first_name"]),
        (&json!("ana.silva-2"), &json!("Ana Silva"))
    );
    assert_eq!(mallory.get(&format!("/api/conversations/{}", made["id"])).await.status(), 404);

    let token = json!({"token": Product::SHOP.token("7", "Ana Souza")});
    let url = format!("{}/api/sso", shop.server.url);
    let signed_in: Value =
        shop.server.http.post(url).json(&token).send().await.unwrap().json().await.unwrap();
    assert_eq!(signed_in["user"]["id"], buyer["user"]["id"], "the account is hers");
    assert_eq!(signed_in["user"]["first_name"], "Ana Souza");
    assert!(signed_in["access"].is_string() && signed_in["refresh"].is_string());
    let (status, again) = shop.put("listing/42", &with(json!([ana, ben]))).await;
    assert_eq!((status, &again["id"]), (200, &made["id"]));
    let name = again["participants"].as_array().unwrap().iter().find(|one| one["role"] == "buyer").unwrap();
    assert_eq!(name["user"]["first_name"], "Ana Souza", "a name of the token is kept");
    let by_name = json!({"username": "ana.silva-2", "role": "buyer"});
    assert_eq!(shop.put("listing/42", &with(json!([by_name, ben]))).await, (200, again), "the same person");

    for wrong in [
        json!({"role": "buyer"}),
        json!({"issuer": issuer, "role": "buyer"}),
        json!({"sub": "7", "role": "buyer"}),
        json!({"username": "ana.silva-2", "issuer": issuer, "sub": "7", "role": "buyer"}),
        json!({"issuer": "https://jobs.example", "sub": "7", "role": "buyer"}),
        json!({"username": "ana.silva-2", "name": "Ana", "role": "buyer"}),
        json!({"issuer": issuer, "sub": "8", "name": "a".repeat(81), "role": "buyer"}),
        json!({"issuer": issuer, "sub": "8", "role": "thief"}),
        json!({"issuer": issuer, "sub": "7\u{0}", "role": "buyer"}),
        json!({"issuer": issuer, "sub": "", "role": "buyer"}),
    ] {
        let (status, refusal) = shop.put("listing/43", &with(json!([wrong, ben]))).await;
        assert_eq!((status, &refusal["error"]["code"]), (422, &json!("invalid")), "{wrong}: {refusal}");
    }
    let (status, _) = shop.put("listing/43", &with(json!([ana, by_name, ben]))).await;
    assert_eq!(status, 422, "the same person twice");
    let eve = json!({"issuer": issuer, "sub": "8", "role": "buyer"});
    let nobody = json!({"username": "nobody", "role": "seller"});
    let (status, _) = shop.put("listing/43", &with(json!([eve, nobody]))).await;
    assert_eq!(status, 422, "there is no such seller");
    let people: Value = mallory.get("/api/people?q=user-8").await.json().await.unwrap();
    assert_eq!(people["people"], json!([]), "a refused request makes no account");
}

#[tokio::test]
async fn c4_a_closed_conversation_is_read_and_nobody_writes() {
    let shop = Shop::open().await;
    let (anna, ben) = (shop.server.register("anna").await, shop.server.register("ben").await);
    let (_, made) = shop.put("listing/42", &bicycle("anna", "ben")).await;
    let id = ConversationId(made["id"].as_i64().unwrap());
    let said = anna.says(id, "Is it still there?").await;
    let mut socket = ben.connect().await;
    assert_eq!(
        shop.post("listing/42", "close", &json!({"reason": "Sold"})).await,
        (200, json!({"changed": 1}))
    );
    assert_eq!(
        shop.post("listing/42", "close", &json!({"reason": "Sold"})).await,
        (200, json!({"changed": 0}))
    );
    let told = socket.until(|frame| matches!(frame, ServerFrame::NewMessage(_))).await;
    let ServerFrame::NewMessage(NewMessage { rev: 2, message, .. }) = &told else { panic!("{told:?}") };
    assert_eq!(message.event.as_ref().unwrap().kind, GroupEventKind::Closed);
    assert!(message.content.contains("Sold"), "{}", message.content);
    assert_eq!(conversation(&ben, &made["id"]).await.closed(), Some("Sold"));

    assert_eq!(anna.reads(id).await.len(), 2, "it can be read");
    let send = ben.post(&format!("/api/conversations/{id}/messages"), &json!({"content": "x"})).await;
    assert_eq!(refused(send).await, (409, ErrorCode::Closed));
    let delete = anna.delete(&format!("/api/conversations/{id}/messages/{}?for=everyone", said.id)).await;
    assert_eq!(refused(delete).await, (409, ErrorCode::Closed));
    socket.send(&ClientFrame::Typing { conversation_id: Some(id), is_typing: true }).await;
    assert_eq!(socket.refused().await.code, ErrorCode::Closed);
    let read = ben.post(&format!("/api/conversations/{id}/read"), &json!({})).await;
    assert_eq!(read.status(), 204, "one's own state still changes");
    // The list tells them apart.
    for (filter, found) in [("open", 0), ("closed", 1)] {
        let list: Value = ben.get(&format!("/api/conversations?filter={filter}")).await.json().await.unwrap();
        assert_eq!(list["conversations"].as_array().unwrap().len(), found, "{filter}");
    }
    // The description still changes, and stays closed.
    let mut other = bicycle("anna", "ben");
    other["title"] = json!("A sold bicycle");
    assert_eq!(shop.put("listing/42", &other).await.1["subject"]["closed"], "Sold");

    assert_eq!(shop.post("listing/42", "reopen", &json!({})).await, (200, json!({"changed": 1})));
    anna.says(id, "Here again").await;
    assert_eq!(shop.post("listing/43", "close", &json!({"reason": "Sold"})).await.0, 404);
    for reason in ["", " ", "a\nb", &"x".repeat(281)] {
        assert_eq!(shop.post("listing/42", "close", &json!({"reason": reason})).await.0, 422, "{reason:?}");
    }
    assert_eq!(conversation(&anna, &made["id"]).await.closed(), None);
}

#[tokio::test]
async fn c4_members_do_not_change_what_the_product_decides() {
    let shop = Shop::open().await;
    let (anna, carla) = (shop.server.register("anna").await, shop.server.register("carla").await);
    shop.server.register("ben").await;
    let (_, made) = shop.put("listing/42", &bicycle("anna", "ben")).await;
    let path = format!("/api/conversations/{}", made["id"]);
    for (method, path, body) in [
        (Method::PATCH, path.clone(), Some(json!({"title": "Mine"}))),
        (Method::POST, format!("{path}/members"), Some(json!({"usernames": [carla.me.username]}))),
        (Method::DELETE, format!("{path}/members/{}", anna.me.id), None),
        (Method::POST, format!("{path}/invitations"), Some(json!({}))),
    ] {
        let answer = anna.ask(method.clone(), &path, body.as_ref()).await;
        assert_eq!(refused(answer).await, (403, ErrorCode::Forbidden), "{method} {path}");
    }
    assert_eq!(conversation(&anna, &made["id"]).await.rev, 0);
}

#[tokio::test]
async fn c4_the_page_shows_the_card_and_the_reason_without_scripts() {
    let shop = Shop::open().await;
    let mut anna = shop.server.browser("anna").await;
    shop.server.register("ben").await;
    let (_, made) = shop.put("listing/42", &bicycle("anna", "ben")).await;
    let path = format!("/c/{}", made["id"]);
    let page = anna.get(&path).await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("img-src 'self' data: https://img.example;"), "{policy}");
    let text = page.text().await.unwrap();
    for part in [
        "href=\"https://shop.example/42\"",
        "src=\"https://img.example/42.jpg\"",
        "40 €",
        "Listing: A bicycle",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert!(text.contains("class=\"composer\"") && !text.contains("closed-note"), "{text}");
    shop.post("listing/42", "close", &json!({"reason": "Sold <b>"})).await;
    let text = anna.get(&path).await.text().await.unwrap();
    assert!(text.contains("closed-note") && text.contains("Sold &lt;b&gt;"), "{text}");
    assert!(!text.contains("class=\"composer\""), "{text}");
    let text = anna.get("/?filter=closed").await.text().await.unwrap();
    assert!(text.contains(&format!("href=\"{path}\"")), "{text}");
}

#[tokio::test]
async fn c4_the_list_is_filtered_by_kind() {
    let shop = Shop::open().await;
    let (anna, ben) = (shop.server.register("anna").await, shop.server.register("ben").await);
    crate::support::room(&[&anna, &ben], None).await;
    shop.put("listing/1", &bicycle("anna", "ben")).await;
    shop.put("listing/2", &bicycle("anna", "ben")).await;
    let job = json!({"title": "Paint", "participants":
        [{"username": "anna", "role": "client"}, {"username": "ben", "role": "worker"}]});
    shop.put("job/1", &job).await;
    shop.post("listing/2", "close", &json!({"reason": "Sold"})).await;
    for (query, found) in [
        ("", 4),
        ("?subject_kind=listing", 2),
        ("?subject_kind=job", 1),
        ("?subject_kind=other", 0),
        ("?filter=open", 2),
        ("?filter=closed", 1),
        ("?filter=open&subject_kind=listing", 1),
        ("?filter=closed&subject_kind=job", 0),
        ("?filter=unread&subject_kind=job", 0),
    ] {
        let list: Value = anna.get(&format!("/api/conversations{query}")).await.json().await.unwrap();
        assert_eq!(list["conversations"].as_array().unwrap().len(), found, "{query}: {list}");
    }
    let page: Value = anna.get("/api/conversations?subject_kind=listing&limit=1").await.json().await.unwrap();
    let next = page["next"].as_str().unwrap();
    let page: Value = anna
        .get(&format!("/api/conversations?subject_kind=listing&limit=1&cursor={next}"))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!((page["conversations"].as_array().unwrap().len(), &page["next"]), (1, &Value::Null));

    let mut socket = anna.connect().await;
    for (filter, kind, found) in
        [(None, "listing", 2), (None, "other", 0), (Some(ListFilter::Closed), "listing", 1)]
    {
        let subject_kind = Some(kind.to_owned());
        let asked = ClientFrame::List { after: None, filter, subject_kind: subject_kind.clone() };
        socket.send(&asked).await;
        let answer = socket.until(|frame| matches!(frame, ServerFrame::List(_))).await;
        let ServerFrame::List(page) = answer else { unreachable!() };
        assert_eq!((page.filter, page.subject_kind, page.conversations.len()), (filter, subject_kind, found));
    }
    let subject_kind = Some("No kind".to_owned());
    socket.send(&ClientFrame::List { after: None, filter: None, subject_kind }).await;
    assert_eq!(socket.refused().await.code, ErrorCode::Invalid);
    // The page, without scripts; a kind that is not configured is no filter.
    let mut browser = Browser::new(&shop.server);
    browser.submit("/sign-in", &[("username", "anna"), ("password", PASSWORD)]).await;
    for (query, rows) in [
        ("?subject_kind=listing", 2),
        ("?filter=open&subject_kind=listing", 1),
        ("?filter=all&subject_kind=", 4),
        ("?subject_kind=other", 4),
    ] {
        let text = browser.get(&format!("/{query}")).await.text().await.unwrap();
        assert_eq!(text.matches("href=\"/c/").count(), rows, "{query}: {text}");
        assert!(text.contains("<select name=\"subject_kind\""), "{query}: {text}");
    }
}

#[tokio::test]
async fn c4_bad_subjects_are_refused_and_change_nothing() {
    let shop = Shop::open().await;
    let anna = shop.server.register("anna").await;
    shop.server.register("ben").await;
    let bad = |key: &str, value: Value| {
        let mut body = bicycle("anna", "ben");
        body[key] = value;
        body
    };
    let person = |name: &str, role: &str| json!({"username": name, "role": role});
    let field = |name: &str, value: &str| json!([{"name": name, "value": value}]);
    for body in [
        bad("title", json!("")),
        bad("title", json!("x".repeat(121))),
        bad("title", json!("a\u{202e}b")),
        bad("url", json!("ftp://shop.example/")),
        bad("url", json!("javascript:alert(1)")),
        bad("url", json!("https://a:b@shop.example/")),
        bad("url", json!("/42")),
        bad("url", json!(format!("https://shop.example/{}", "x".repeat(2_048)))),
        bad("image", json!("https://evil.example/42.jpg")),
        bad("image", json!("http://img.example/42.jpg")),
        bad("fields", json!((0..13).map(|_| json!({"name": "a", "value": "b"})).collect::<Vec<_>>())),
        bad("fields", field("", "b")),
        bad("fields", field("a", "")),
        bad("fields", field(&"a".repeat(41), "b")),
        bad("fields", field("a", &"b".repeat(201))),
        bad("participants", json!([])),
        bad("participants", json!([person("anna", "buyer")])),
        bad("participants", json!([person("anna", "buyer"), person("ben", "owner")])),
        bad("participants", json!([person("anna", "buyer"), person("ANNA", "seller")])),
        bad("participants", json!([person("anna", "buyer"), person("nobody", "seller")])),
        bad("participants", json!((0..33).map(|n| person(&format!("p{n}"), "buyer")).collect::<Vec<_>>())),
    ] {
        let (status, refusal) = shop.put("listing/42", &body).await;
        assert_eq!((status, &refusal["error"]["code"]), (422, &json!("invalid")), "{body}: {refusal}");
    }
    let good = bicycle("anna", "ben");
    for id in
        [&"x".repeat(201), &"x".repeat(10_000), "a%2Fb", "%2f", "a%5Cb", "a%20b", "a%0Ab", "a%E2%80%AEb"]
    {
        let (status, refusal) = shop.put(&format!("listing/{id}"), &good).await;
        assert_eq!((status, &refusal["error"]["code"]), (422, &json!("invalid")), "{id}: {refusal}");
    }
    assert_eq!(shop.put("listing/%ff", &good).await.0, 400);
    assert_eq!(shop.put("listing/a/b", &good).await.0, 404);
    assert_eq!(shop.put("boat/42", &good).await.0, 404);
    assert_eq!(shop.put("listing/42", &json!({"title": "A bicycle"})).await.0, 400);
    let list: Value = anna.get("/api/conversations").await.json().await.unwrap();
    assert_eq!(list, json!({"conversations": []}), "nothing was made");
    assert_eq!(shop.put(&format!("listing/{}", "é".repeat(200)), &good).await.0, 201);
}

#[tokio::test]
async fn c4_an_invalid_kind_is_refused_at_the_start() {
    let at = tempfile::tempdir().unwrap();
    let file = at.path().join("Leptos.toml");
    let kind = |text: &str| format!("[rapport.subjects.listing]\nname = \"Listing\"\n{text}\n");
    for (text, word) in [
        (kind("roles = [\"buyer\"]"), "per_subject"),
        (kind("roles = [\"buyer\"]\nper_subject = \"some\""), "some"),
        (kind("roles = []\nper_subject = \"one\""), "subjects.listing: roles"),
        (kind("roles = [\"a\", \"a\"]\nper_subject = \"one\""), "subjects.listing: roles"),
        (kind("roles = [\"a\"]\nper_subject = \"one\"\nimage_origins = [\"*\"]"), "image_origins"),
        (kind("roles = [\"a\"]\nper_subject = \"one\"\ncolour = 1"), "colour"),
        (
            "[rapport.subjects.\"A b\"]\nname = \"x\"\nroles = [\"a\"]\nper_subject = \"one\"\n".to_owned(),
            "lower-case",
        ),
    ] {
        std::fs::write(&file, &text).unwrap();
        let ended = Program::run(at.path(), at.path(), &["serve", "--listen", "127.0.0.1:0"], "").await;
        assert_eq!(ended.code, Some(2), "{text}: {ended:?}");
        assert!(ended.err.contains(word), "{text}: {ended:?}");
    }
}
