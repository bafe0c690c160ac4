//! Requests that other sites make a browser send.

use crate::support::{Browser, PASSWORD, Server, room};
use reqwest::Method;
use serde_json::json;
use tokio_tungstenite::tungstenite::Error;

#[tokio::test]
async fn b1_a_socket_with_a_cookie_opens_only_for_pages_of_allowed_origins() {
    let server = Server::start_with(&[("RAPPORT_ALLOWED_ORIGINS", "https://shop.example")]).await;
    let browser = server.browser("anna").await;
    let port = server.address().split(':').next_back().unwrap();
    for origin in [server.url.clone(), format!("http://localhost:{port}"), "https://shop.example".into()] {
        browser.socket("/ws/", Some(&origin)).await.unwrap().greeted().await;
    }
    let suffix = format!("{}.evil", server.url);
    let refused = [
        Some("https://evil.example"),
        Some("null"),
        Some(suffix.as_str()),
        Some("http://127.0.0.1:1"),
        Some("https://shop.example.evil"),
        Some("http://shop.example"),
        Some(""),
        None,
    ];
    for origin in refused {
        match browser.socket("/ws/", origin).await {
            Err(Error::Http(answer)) => assert_eq!(answer.status(), 403, "{origin:?}"),
            Err(error) => panic!("{origin:?}: {error}"),
            Ok(_) => panic!("{origin:?} opened a socket"),
        }
    }
    // A token needs no page.
    let ben = server.register("ben").await;
    let headers =
        [("authorization", format!("Bearer {}", ben.access)), ("origin", "https://evil.example".into())];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    crate::support::Socket::open(&server.ws("/ws/"), &headers).await.unwrap().greeted().await;
}

#[tokio::test]
async fn b2_cross_site_requests_are_rejected() {
    let server = Server::start().await;
    let mut browser = server.browser("anna").await;
    let (anna_before, ben) = (browser.cookie.clone(), server.register("ben").await);
    let answer = browser.submit("/conversations", &[("participants", "ben")]).await;
    let room: i64 =
        answer.headers()["location"].to_str().unwrap().strip_prefix("/c/").unwrap().parse().unwrap();
    let functions = server_functions();
    assert!(!functions.is_empty());
    let forms = server::routes().into_iter().filter(|(method, _)| *method != "GET");
    let targets: Vec<(Method, String)> = forms
        .map(|(method, path)| {
            (
                method.parse().unwrap(),
                path.replace("{id}", &room.to_string()).replace("{member}", "2").replace("{message}", "1"),
            )
        })
        .chain(functions.into_iter().map(|path| (Method::POST, path)))
        .collect();
    let kinds = [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/json",
    ];
    let senders: [&[(&str, &str)]; 7] = [
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", "cross-site"), ("origin", "null")],
        &[("sec-fetch-site", "same-site"), ("origin", "http://sub.localhost")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        // V3: a browser repeats the password of a proxy by itself.
        &[("origin", "https://evil.example"), ("authorization", "Basic YTpi")],
    ];
    for (method, path) in &targets {
        for kind in kinds {
            for sender in senders {
                let request = browser.request(method.clone(), path).header("content-type", kind);
                let request =
                    sender.iter().fold(request, |request, (name, value)| request.header(*name, *value));
                let body =
                    "content=evil&participants=ben&username=evil&password=evil+password&current=x&new=y";
                let answer = request.body(body).send().await.unwrap();
                assert_eq!(answer.status(), 403, "{method} {path} {kind} {sender:?}");
                assert!(!answer.headers().contains_key("set-cookie"), "{path}");
            }
        }
    }
    assert_eq!(browser.cookie, anna_before);
    assert_eq!(browser.get("/api/me").await.status(), 200, "nobody was signed out");
    assert!(ben.reads(protocol::ConversationId(room)).await.is_empty(), "nothing was said");
}

#[tokio::test]
async fn b2_a_get_changes_nothing() {
    let server = Server::start().await;
    let mut browser = server.browser("anna").await;
    let (ben, carla) = (server.register("ben").await, server.register("carla").await);
    let talk = room(&[&ben, &carla], None).await;
    browser.submit("/conversations", &[("participants", "ben")]).await;
    for (_, path) in server::routes().into_iter().filter(|(method, _)| *method != "GET") {
        let path = path.replace("{id}", "2").replace("{member}", "2").replace("{message}", "1");
        browser
            .get(&format!("{path}?content=evil&participants=carla&username=evil&password=evil+password"))
            .await;
    }
    for path in server_functions() {
        let answer = browser.get(&format!("{path}?content=evil")).await;
        assert!(!answer.status().is_success(), "{path}: {}", answer.status());
    }
    assert_eq!(browser.get("/api/me").await.status(), 200);
    let rooms: serde_json::Value = browser.get("/api/conversations").await.json().await.unwrap();
    assert_eq!(rooms["conversations"].as_array().unwrap().len(), 1);
    assert!(ben.reads(talk).await.is_empty());
}

/// Paths of the server functions.
fn server_functions() -> Vec<String> {
    server::server_functions()
}

#[tokio::test]
async fn requests_for_a_foreign_host_are_rejected() {
    let server = Server::start_with(&[("RAPPORT_PUBLIC_URL", "https://chat.example")]).await;
    let ask = async |host: &str, path: &str| {
        let request = server.http.get(format!("{}{path}", server.url)).header("host", host);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(ask("chat.example", "/sign-in").await, 200);
    assert_eq!(ask(server.address(), "/sign-in").await, 200, "this machine itself may ask");
    for foreign in ["evil.example", "chat.example.evil", "127.0.0.1:1"] {
        assert_eq!(ask(foreign, "/sign-in").await, 421, "{foreign}");
        assert_eq!(ask(foreign, "/api/me").await, 421, "{foreign}");
        assert_eq!(ask(foreign, "/healthz").await, 200, "a supervisor knows no names");
    }
    // A browser is told in words, what to do included; a program by the error.
    let page = async |accept: &str, language: &str| {
        let request = server.http.get(format!("{}/c/1", server.url)).header("host", "evil.example");
        let answer =
            request.header("accept", accept).header("accept-language", language).send().await.unwrap();
        assert_eq!(answer.status(), 421);
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (kind, answer.text().await.unwrap())
    };
    let (kind, html) = page("text/html,*/*;q=0.8", "en").await;
    assert!(kind.starts_with("text/html"), "{kind}");
    for words in ["does not answer to evil.example", "href=\"https://chat.example\"", "RAPPORT_PUBLIC_URL"] {
        assert!(html.contains(words), "{words}: {html}");
    }
    assert!(page("text/html", "de").await.1.contains("Falsche Adresse"));
    let (kind, error) = page("application/json", "en").await;
    assert!(kind.starts_with("application/json"), "{kind}");
    assert!(error.contains("does not answer to `evil.example`"), "{error}");
}

#[tokio::test]
async fn unknown_paths_are_a_page_for_browsers() {
    let server = Server::start().await;
    let ask = async |accept: &str| {
        let request = server.http.get(format!("{}/nowhere", server.url)).header("accept", accept);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 404);
        answer.text().await.unwrap()
    };
    let html = ask("text/html,*/*;q=0.8").await;
    assert!(html.contains("Page not found") && html.contains("href=\"/\""), "{html}");
    assert!(ask("application/json").await.starts_with("{\"error\""));
}

#[tokio::test]
async fn every_response_has_security_headers() {
    let server = Server::start().await;
    let page = Browser::new(&server).get("/sign-in").await;
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    for part in [
        "'strict-dynamic'",
        "'wasm-unsafe-eval'",
        "connect-src 'self' ws://127.0.0.1:",
        "worker-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(part), "{part}: {policy}");
    }
    assert!(!policy.contains("unsafe-inline"), "{policy}");
    let html = page.text().await.unwrap();
    assert!(html.contains(&format!("nonce=\"{nonce}\"")), "the page's scripts bear it");
    let again = Browser::new(&server).get("/sign-in").await;
    assert!(!again.headers()["content-security-policy"].to_str().unwrap().contains(&nonce), "new each time");

    for path in ["/sign-in", "/api/me", "/healthz", "/nowhere", "/c/1"] {
        let answer = server.http.get(format!("{}{path}", server.url)).send().await.unwrap();
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(answer.headers()["referrer-policy"], "same-origin", "{path}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
    }
}

#[tokio::test]
async fn bodies_are_limited_and_malformed_ones_are_rejected() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    let post = |kind: &str, body: String| {
        let request = server.http.post(format!("{}/api/conversations", server.url)).bearer_auth(&anna.access);
        request.header("content-type", kind).body(body).send()
    };
    let big = json!({"participants": ["ben"], "title": "x".repeat(70_000)}).to_string();
    for (kind, body, status, code) in [
        ("application/json", big, 413, "too_large"),
        ("application/json", "{".into(), 400, "invalid_json"),
        ("application/json", "{}".into(), 400, "malformed"),
        ("application/json", "{\"participants\": 5}".into(), 400, "malformed"),
        ("text/plain", "{\"participants\": []}".into(), 415, "unsupported_media_type"),
    ] {
        let answer = post(kind, body).await.unwrap();
        assert_eq!(answer.status(), status);
        if status != 413 {
            let error: serde_json::Value = answer.json().await.unwrap();
            assert_eq!(error["error"]["code"], code);
        }
    }
    let form = [("username", "ben"), ("password", PASSWORD)];
    assert_eq!(Browser::new(&server).submit("/register", &form).await.status(), 303);
}
