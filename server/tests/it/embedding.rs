//! Embedded pages: frames of Rapport in pages of other origins.

use crate::support::{Browser, Product, Server, Socket, room};
use protocol::KeyScope;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Error;

const SHOP: Product = Product::SHOP;

async fn server() -> Server {
    let mut settings = SHOP.settings().to_vec();
    settings.push(("RAPPORT_EMBED_ORIGINS", "https://shop.example, http://localhost:4000"));
    Server::start_with(&settings).await
}

fn policy(answer: &Response) -> &str {
    answer.headers()["content-security-policy"].to_str().unwrap()
}

/// Hands a token to the frame, as its first page does.
async fn hand_over(browser: &mut Browser, token: &str) -> Response {
    let request = browser.request(Method::POST, "/embed/session").header("sec-fetch-site", "same-origin");
    browser.go(request.form(&[("token", token)])).await
}

/// A frame that is signed in as Ana, and her account.
async fn frame(server: &Server) -> (Browser, Value) {
    let mut browser = Browser::new(server);
    assert_eq!(hand_over(&mut browser, &SHOP.token("7", "Ana")).await.status(), 204);
    let tokens =
        server.http.post(format!("{}/api/sso", server.url)).json(&json!({"token": SHOP.token("7", "Ana")}));
    let tokens: Value = tokens.send().await.unwrap().json().await.unwrap();
    let me =
        server.http.get(format!("{}/api/me", server.url)).bearer_auth(tokens["access"].as_str().unwrap());
    (browser, me.send().await.unwrap().json().await.unwrap())
}

#[tokio::test]
async fn x2_pages_of_listed_origins_alone_may_embed() {
    let server = server().await;
    let mut browser = Browser::new(&server);
    let start = browser.get("/embed/start?origin=https://shop.example&conversation=17&lang=de").await;
    assert_eq!(start.status(), 200);
    assert!(policy(&start).ends_with("frame-ancestors https://shop.example http://localhost:4000"));
    assert!(start.headers().get("x-frame-options").is_none());
    let page = start.text().await.unwrap();
    let target = "/embed/one/c/17?origin=https%3A%2F%2Fshop.example&amp;lang=de";
    assert!(page.contains(&format!("data-target=\"{target}\"")), "{page}");
    for origin in [
        "https://evil.example",
        "https://shop.example.evil",
        "http://shop.example",
        "https://shop.example:8443",
        "null",
    ] {
        let refused = browser.get(&format!("/embed/start?origin={origin}")).await;
        assert_eq!(refused.status(), 403, "{origin}");
        assert!(policy(&refused).contains("frame-ancestors 'none'"));
    }
    for path in
        ["/", "/sign-in", "/sso", "/c/1", "/nowhere", "/embed.js", "/api/openapi.json", "/embed/settings"]
    {
        let answer = browser.get(path).await;
        assert!(policy(&answer).contains("frame-ancestors 'none'"), "{path}");
    }
    // Pages of other origins load the script.
    let headers = browser.get("/embed.js").await.headers().clone();
    assert_eq!(headers["cross-origin-resource-policy"], "cross-origin");
    assert_eq!(browser.get("/").await.headers()["cross-origin-resource-policy"], "same-origin");

    // Nobody may, unless the operator says who.
    let closed = Server::start().await;
    let start = Browser::new(&closed).get("/embed/start").await;
    assert!(policy(&start).ends_with("frame-ancestors 'none'"));
    assert_eq!(Browser::new(&closed).get("/embed/start?origin=https://shop.example").await.status(), 403);
}

#[tokio::test]
async fn x2_a_frame_has_a_cookie_of_its_own_for_each_site_around_it() {
    let server = server().await;
    let mut browser = server.browser("somebody").await;
    let own = browser.cookie.clone();
    let answer = hand_over(&mut browser, &SHOP.token("7", "Ana")).await;
    assert_eq!(answer.status(), 204);
    let set: Vec<_> =
        answer.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    let [cookie] = set[..] else { panic!("{set:?}") };
    let attributes: Vec<_> = cookie.split("; ").skip(1).collect();
    assert!(cookie.starts_with("rapport-embed="), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=None", "Secure", "Partitioned", "Path=/"] {
        assert!(attributes.contains(&attribute), "{attribute}: {cookie}");
    }
    // Two people in one browser: the frame's is not that of the pages, whichever cookies are sent.
    assert_eq!(browser.cookie, own);
    let me: Value = browser.get("/api/me").await.json().await.unwrap();
    assert_eq!(me["username"], "somebody");
    browser.cookie = None;
    assert_eq!(browser.get("/api/me").await.status(), 401);
    assert_eq!(browser.get("/embed/session").await.status(), 204);

    // Another frame of the same person does not end the sign-in of the first one; another person does.
    let before = browser.others.clone();
    assert_eq!(hand_over(&mut browser, &SHOP.token("7", "Ana")).await.status(), 204);
    assert_eq!(browser.others["rapport-embed"], before["rapport-embed"]);
    assert_eq!(hand_over(&mut browser, &SHOP.token("8", "Ben")).await.status(), 204);
    assert_ne!(browser.others["rapport-embed"], before["rapport-embed"]);
    let mut first = Browser::new(&server);
    first.others = before;
    assert_eq!(first.get("/embed/session").await.status(), 401);
}

#[tokio::test]
async fn x2_over_tls_the_cookie_of_a_frame_is_bound_to_the_host() {
    let mut settings = SHOP.settings().to_vec();
    settings.push(("RAPPORT_PUBLIC_URL", SHOP.audience));
    let server = Server::start_with(&settings).await;
    let browser = Browser::new(&server);
    let sent = |method: Method, path: &str| {
        let request = browser.request(method, path).header("host", "chat.example");
        request.header("sec-fetch-site", "same-origin")
    };
    let token = SHOP.token("7", "Ana");
    let answer = sent(Method::POST, "/embed/session").form(&[("token", token)]).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    let line = answer.headers()["set-cookie"].to_str().unwrap();
    let (cookie, attributes) = line.split_once("; ").unwrap();
    let attributes: Vec<_> = attributes.split("; ").collect();
    assert!(cookie.starts_with("__Host-rapport-embed="), "{line}");
    for attribute in ["HttpOnly", "SameSite=None", "Secure", "Partitioned", "Path=/"] {
        assert!(attributes.contains(&attribute), "{attribute}: {line}");
    }
    assert!(!line.contains("Domain"), "{line}");
    // It is sent everywhere, and read by the frame alone.
    for (path, status) in [("/embed/session", 204), ("/api/me", 401)] {
        let answer = sent(Method::GET, path).header("cookie", cookie).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
}

#[tokio::test]
async fn x2_a_token_is_refused_from_another_page_and_leaves_no_cookie() {
    let server = server().await;
    let mut browser = Browser::new(&server);
    for (site, origin) in [
        ("cross-site", "https://shop.example"),
        ("cross-site", "https://evil.example"),
        ("same-site", "null"),
    ] {
        let request = browser.request(Method::POST, "/embed/session").header("sec-fetch-site", site);
        let request = request.header("origin", origin).form(&[("token", SHOP.token("7", "Ana"))]);
        assert_eq!(browser.go(request).await.status(), 403, "{origin}");
    }
    let token = SHOP.token("7", "Ana");
    assert_eq!(hand_over(&mut Browser::new(&server), &token).await.status(), 204);
    let replayed = hand_over(&mut browser, &token).await;
    assert_eq!(replayed.status(), 401);
    assert!(replayed.headers().get("set-cookie").is_none());
    assert!(replayed.text().await.unwrap().contains("used before"));
    assert!(browser.others.is_empty());
}

#[tokio::test]
async fn x2_an_embedded_page_is_one_conversation_or_the_list() {
    let server = server().await;
    let (mut browser, ana) = frame(&server).await;
    let (ben, eve) = (server.register("ben").await, server.register("eve").await);
    let talk = ben.post("/api/conversations", &json!({"participants": [ana["username"]]})).await;
    let talk: Value = talk.json().await.unwrap();
    let id = talk["id"].as_i64().unwrap();
    ben.says(protocol::ConversationId(id), "Is it still available?").await;
    let theirs = room(&[&ben, &eve], None).await;

    let answer =
        browser.get(&format!("/embed/one/c/{id}?origin=https://shop.example&theme=dark&lang=de")).await;
    assert_eq!(answer.status(), 200);
    assert!(policy(&answer).ends_with("frame-ancestors https://shop.example http://localhost:4000"));
    let page = answer.text().await.unwrap();
    assert!(page.contains("Is it still available?") && page.contains("data-embed=\"one\""));
    assert!(page.contains("lang=\"de\"") && page.contains("data-theme=\"dark\""));
    assert!(!page.contains("class=\"side\""), "the list is not there");
    let list = browser.get("/embed/list").await.text().await.unwrap();
    assert!(list.contains("data-embed=\"list\"") && list.contains("class=\"side\""));
    assert_eq!(browser.get(&format!("/embed/one/c/{theirs}")).await.status(), 404);
    assert_eq!(browser.get("/embed/one/settings").await.status(), 404);

    // Server functions, the socket and a send as the frame's person.
    let function = "/embed/one/rpc/submit";
    let frames = json!({"me": ana["id"], "frames": [{"type": "chat_message", "conversation_id": id, "content": "Yes"}]});
    let request =
        browser.request(Method::POST, function).header("sec-fetch-site", "same-origin").json(&frames);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let last = ben.reads(protocol::ConversationId(id)).await.pop().unwrap();
    assert_eq!((last.content.as_str(), json!(last.sender.id)), ("Yes", ana["id"].clone()));
    let cookie = format!("rapport-embed={}", browser.others["rapport-embed"]);
    let open = async |path: &str, origin: &str| {
        Socket::open(&server.ws(path), &[("cookie", cookie.as_str()), ("origin", origin)]).await
    };
    open("/embed/one/ws/", &server.url).await.unwrap().greeted().await;
    for origin in ["https://shop.example", "null", ""] {
        match open("/embed/one/ws/", origin).await {
            Err(Error::Http(answer)) => assert_eq!(answer.status(), 403, "{origin}"),
            other => panic!("{origin}: {}", other.is_ok()),
        }
    }
    assert_eq!(
        open("/ws/", &server.url).await.unwrap().closed().await.0,
        4001,
        "elsewhere the cookie opens nothing"
    );
}

#[tokio::test]
async fn x2_a_frame_without_a_sign_in_asks_the_page_around_it() {
    let server = server().await;
    let mut browser = server.browser("somebody").await;
    for (path, start) in [
        (
            "/embed/one/c/17?origin=https://shop.example&theme=dark&x=1",
            "/embed/start?origin=https%3A%2F%2Fshop.example&theme=dark&conversation=17",
        ),
        ("/embed/list/c/17?lang=de", "/embed/start?lang=de"),
        ("/embed/list", "/embed/start?"),
    ] {
        let answer = browser.get(path).await;
        assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (303, start));
    }
    let request =
        browser.request(Method::POST, "/embed/list/rpc/submit").header("sec-fetch-site", "same-origin");
    let answer = request.json(&json!({"me": null, "frames": []})).send().await.unwrap();
    assert_eq!(answer.status(), 401, "the cookie of the pages is not the frame's");
}

#[test]
fn x2_the_script_has_at_most_5_kilobytes() {
    let script = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../public/embed.js")).unwrap();
    assert!(script.len() <= 5_000, "{}", script.len());
}

#[tokio::test]
async fn x2_a_subject_is_found_by_the_persons_own_memberships() {
    let mut settings = SHOP.settings().to_vec();
    settings.extend([
        ("RAPPORT_EMBED_ORIGINS", "https://shop.example"),
        ("RAPPORT_SUBJECTS__LISTING__NAME", "Listing"),
        ("RAPPORT_SUBJECTS__LISTING__ROLES", "buyer, seller"),
        ("RAPPORT_SUBJECTS__LISTING__PER_SUBJECT", "many"),
    ]);
    let server = Server::start_with(&settings).await;
    let key = server.key("shop", &[KeyScope::Subjects]).await;
    let (mut browser, ana) = frame(&server).await;
    for name in ["ben", "cara"] {
        server.register(name).await;
    }
    let open = async |buyer: &Value, subject: &str| {
        let path = format!("{}/api/subjects/{subject}/conversation", server.url);
        let participants =
            json!([{"username": buyer, "role": "buyer"}, {"username": "ben", "role": "seller"}]);
        let body = json!({"title": "A bicycle", "participants": participants});
        let answer = server.http.put(path).bearer_auth(&key).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        answer.json::<Value>().await.unwrap()["id"].as_i64().unwrap()
    };
    let own = open(&ana["username"], "listing/42").await;
    open(&json!("cara"), "listing/42").await;
    open(&json!("cara"), "listing/44").await;

    let start = browser.get("/embed/start?origin=https://shop.example&subject=listing/42").await;
    let target =
        "data-target=\"/embed/one/subject?origin=https%3A%2F%2Fshop.example&amp;subject=listing%2F42\"";
    assert!(start.text().await.unwrap().contains(target));
    let found =
        browser.get("/embed/one/subject?origin=https://shop.example&subject=listing%2F42&theme=dark").await;
    let location = found.headers()["location"].to_str().unwrap();
    assert_eq!(location, format!("/embed/one/c/{own}?origin=https%3A%2F%2Fshop.example&theme=dark"));
    // Of others, unknown, and malformed: the same.
    for subject in ["listing/44", "listing/43", "job/42", "listing", "/", "", "listing/42/x"] {
        let answer = browser.get(&format!("/embed/one/subject?subject={subject}")).await;
        assert_eq!(answer.headers()["location"], "/embed/one/c/0?origin=", "{subject}");
    }
    let nothing = browser.get("/embed/one/c/0").await;
    assert_eq!(nothing.status(), 404);
    assert!(policy(&nothing).ends_with("frame-ancestors https://shop.example"), "the page shows it");
    let nobody = Browser::new(&server).get("/embed/one/subject?subject=listing/42").await;
    assert_eq!(nobody.headers()["location"], "/embed/start?subject=listing%2F42");
}
