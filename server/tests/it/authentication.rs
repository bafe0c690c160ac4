//! Authentication.

use crate::support::{Browser, PASSWORD, Server, Socket, room};
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(2);

const SIGNED_OUT: &str = "signed-out=1; Path=/; Max-Age=60; SameSite=Lax";

#[tokio::test]
async fn a1_a_socket_without_credentials_is_accepted_and_closed_with_4001() {
    let server = Server::start().await;
    for path in ["/ws/", "/ws/chat/1/", "/ws/?token=", "/ws/?token=nonsense"] {
        let mut socket = Socket::open(&server.ws(path), &[]).await.unwrap();
        assert_eq!(socket.closed().await, (4001, vec![]), "{path}");
    }
    for bearer in ["Bearer nonsense", "Bearer ", "Basic YTpi"] {
        let mut socket = Socket::open(&server.ws("/ws/"), &[("authorization", bearer)]).await.unwrap();
        assert_eq!(socket.closed().await, (4001, vec![]), "{bearer}");
    }
}

#[tokio::test]
async fn v3_the_password_of_a_proxy_hides_no_cookie() {
    let server = Server::start().await;
    let browser = server.browser("anna").await;
    let status = async |authorization: &str| {
        let request = browser.request(reqwest::Method::GET, "/api/me").header("authorization", authorization);
        request.send().await.unwrap().status().as_u16()
    };
    for other in ["Basic YTpi", "Digest username=anna", "Negotiate"] {
        assert_eq!(status(other).await, 200, "{other}");
    }
    for token in ["Bearer nonsense", "bearer", "Bearer "] {
        assert_eq!(status(token).await, 401, "{token}: a token goes before the cookie");
    }
}

#[tokio::test]
async fn v3_no_header_of_a_proxy_lets_a_foreign_page_sign_somebody_in() {
    let server = Server::start().await;
    server.register("anna").await;
    let fields = [("username", "anna"), ("password", PASSWORD), ("token", "none")];
    for authorization in ["Basic YTpi", "Bearer of-a-proxy", "Bearer ", "bearer"] {
        for path in ["/sign-in", "/register", "/sso", "/demo/sign-in"] {
            let request = server.http.post(format!("{}{path}", server.url)).form(&fields);
            let request =
                request.header("authorization", authorization).header("origin", "https://evil.example");
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 403, "{path} {authorization}");
            assert!(answer.headers().get("set-cookie").is_none(), "{path} {authorization}");
        }
    }
}

#[tokio::test]
async fn a_token_in_the_query_opens_only_sockets() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    let mut socket = Socket::open(&server.ws(&format!("/ws/?token={}", anna.access)), &[]).await.unwrap();
    socket.greeted().await;
    let url = format!("{}/api/me?token={}", server.url, anna.access);
    assert_eq!(server.http.get(url).send().await.unwrap().status(), 401);
}

/// A forged token: changed claims, without a signature or signed with another key.
fn forged(access: &str) -> Vec<String> {
    let parts: Vec<_> = access.split('.').collect();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let mut flipped = parts[2].to_owned();
    let first = if flipped.starts_with('A') { "B" } else { "A" };
    flipped.replace_range(0..1, first);
    vec![
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{flipped}", parts[0], parts[1]),
        parts[1].to_owned(),
        String::from("null"),
    ]
}

#[tokio::test]
async fn a2_a_forged_token_opens_nothing() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    let mut tokens = forged(&anna.access);
    // Right signature, wrong audience.
    tokens.push(anna.refresh.clone());
    for token in tokens {
        let answer =
            server.http.get(format!("{}/api/me", server.url)).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{token}");
        let mut socket = Socket::open(&server.ws(&format!("/ws/?token={token}")), &[]).await.unwrap();
        assert_eq!(socket.closed().await.0, 4001, "{token}");
    }
    assert_eq!(anna.get("/api/me").await.status(), 200);
}

#[tokio::test]
async fn a3_sign_out_closes_only_the_sockets_of_that_sign_in() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    let other = anna.again().await;
    let (mut ended, mut kept) = (anna.connect().await, other.connect().await);
    assert_eq!(anna.delete("/api/token").await.status(), 204);
    assert_eq!(ended.closed_within(SOON).await.0, 4001);
    assert_eq!(anna.get("/api/me").await.status(), 401);
    kept.so_far().await;
    assert_eq!(other.get("/api/me").await.status(), 200);
}

#[tokio::test]
async fn a3_sign_out_of_a_browser_closes_its_sockets() {
    let server = Server::start().await;
    let mut browser = server.browser("anna").await;
    let old = browser.cookie.clone();
    let mut socket = browser.socket("/ws/", Some(&server.url)).await.unwrap();
    socket.greeted().await;
    assert_eq!(browser.submit("/sign-out", &[]).await.status(), 303);
    assert_eq!(socket.closed_within(SOON).await.0, 4001);
    assert_eq!(browser.cookie, None, "the cookie is taken back");
    browser.cookie = old;
    assert_eq!(browser.get("/api/me").await.status(), 401);
}

#[tokio::test]
async fn v12_only_a_sign_out_by_choice_empties_the_browser() {
    let server = Server::start().await;
    for path in ["/sign-out", "/sign-out-everywhere"] {
        let mut browser = server.browser(if path == "/sign-out" { "anna" } else { "bob" }).await;
        let answer = browser.submit(path, &[]).await;
        assert_eq!(answer.headers()["clear-site-data"], "\"storage\"", "{path}");
        let told = answer.headers().get_all("set-cookie").iter().any(|cookie| cookie == SIGNED_OUT);
        assert!(told, "{path} tells the script of the next page");
    }
    let mut browser = server.browser("cara").await;
    let answer = browser.submit("/sign-out", &[("me", "999")]).await;
    assert_eq!(answer.headers().get("clear-site-data"), None, "refused: somebody else is signed in");
    browser.cookie = None;
    assert_eq!(browser.get("/").await.headers().get("clear-site-data"), None, "expired");
}

#[tokio::test]
async fn a3_password_change_and_sign_out_everywhere_close_all_sockets() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    let mut browser = Browser::new(&server);
    browser.submit("/sign-in", &[("username", "anna"), ("password", PASSWORD)]).await;
    let mut elsewhere = anna.connect().await;
    let answer =
        browser.submit("/settings/password", &[("current", PASSWORD), ("new", "another battery")]).await;
    assert_eq!(answer.headers()["location"], "/settings#password");
    assert_eq!(elsewhere.closed_within(SOON).await.0, 4001);
    assert_eq!(anna.get("/api/me").await.status(), 401);
    assert_eq!(browser.get("/api/me").await.status(), 200, "the one who changed it stays");

    let mut here = browser.socket("/ws/", Some(&server.url)).await.unwrap();
    here.greeted().await;
    assert_eq!(browser.submit("/sign-out-everywhere", &[]).await.status(), 303);
    assert_eq!(here.closed_within(SOON).await.0, 4001);
}

#[tokio::test]
async fn a4_a_session_id_from_before_the_sign_in_is_invalid() {
    let server = Server::start().await;
    server.register("anna").await;
    let mut browser = Browser::new(&server);
    browser.cookie = Some("rapport=AAAAAAAAAAAAAAAAAAAAAA".into());
    let planted = browser.cookie.clone();
    browser.submit("/sign-in", &[("username", "anna"), ("password", PASSWORD)]).await;
    let first = browser.cookie.clone().unwrap();
    assert_ne!(Some(&first), planted.as_ref());
    // Signing in over a sign-in: a new one, and the old one is over.
    browser.submit("/sign-in", &[("username", "anna"), ("password", PASSWORD)]).await;
    assert_ne!(browser.cookie.as_ref(), Some(&first));
    assert_eq!(browser.get("/api/me").await.status(), 200);
    for old in [planted.unwrap(), first] {
        browser.cookie = Some(old);
        assert_eq!(browser.get("/api/me").await.status(), 401);
    }
}

#[tokio::test]
async fn the_cookie_has_safe_attributes_and_is_only_set_at_sign_in() {
    let server = Server::start().await;
    let looked = Browser::new(&server).get("/sign-in").await;
    let set: Vec<_> = looked.headers().get_all("set-cookie").iter().collect();
    assert!(
        matches!(&set[..], [cookie] if cookie.to_str().unwrap().starts_with("rapport-check=1; ")),
        "{set:?}"
    );
    let form = [("username", "anna"), ("password", PASSWORD)];
    let plain = Browser::new(&server).submit("/register", &form).await;
    let cookie = plain.headers()["set-cookie"].to_str().unwrap().to_owned();
    for part in ["rapport=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");

    let server = Server::start_with(&[("RAPPORT_PUBLIC_URL", "https://chat.example")]).await;
    let request = server.http.post(format!("{}/register", server.url)).form(&form);
    let headers = [("host", "chat.example"), ("origin", "https://chat.example")];
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let answer = request.send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-rapport=") && cookie.contains("Secure"), "{cookie}");
    assert!(answer.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn a5_an_unknown_name_and_a_wrong_password_get_the_same_answer() {
    let server = Server::start().await;
    server.register("anna").await;
    let mut answers = Vec::new();
    for (name, password) in [("anna", "wrong battery"), ("nobody", PASSWORD), ("no name", PASSWORD)] {
        let body = json!({"username": name, "password": password});
        let answer = server.http.post(format!("{}/api/token", server.url)).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 401);
        answers.push(answer.text().await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn a6_a_huge_password_and_too_many_attempts_are_refused_and_chat_goes_on() {
    let server = Server::start_with(&[("RAPPORT_LIMITS__SIGN_INS_PER_MINUTE", "10")]).await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let room = room(&[&anna, &ben], None).await;
    let mut socket = anna.enters(room).await;

    let token = format!("{}/api/token", server.url);
    let huge = json!({"username": "anna", "password": "x".repeat(1_000_000)});
    let answer = server.http.post(&token).json(&huge).send().await.unwrap();
    assert_eq!(answer.status(), 413);
    let long = json!({"username": "anna", "password": "x".repeat(2_000)});
    assert_eq!(server.http.post(&token).json(&long).send().await.unwrap().status(), 422);

    let attempts = (0..50).map(|_| {
        let body = json!({"username": "anna", "password": "wrong battery"});
        let request = server.http.post(&token).json(&body);
        tokio::spawn(async move {
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.headers().contains_key("retry-after"))
        })
    });
    let attempts: Vec<_> = attempts.collect();
    socket.says("Meanwhile").await;
    let mut refused = 0;
    for attempt in attempts {
        match attempt.await.unwrap() {
            (429, true) => refused += 1,
            (401, _) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(refused >= 40, "{refused}");
}

#[tokio::test]
async fn a6_registrations_from_one_address_are_counted() {
    let server = Server::start_with(&[("RAPPORT_LIMITS__REGISTRATIONS_PER_HOUR", "2")]).await;
    let register = |name: &str| {
        let body = json!({"username": name, "password": PASSWORD});
        server.http.post(format!("{}/api/register", server.url)).json(&body).send()
    };
    assert_eq!(register("anna").await.unwrap().status(), 201);
    assert_eq!(register("ben").await.unwrap().status(), 201);
    assert_eq!(register("carla").await.unwrap().status(), 429);
}

#[tokio::test]
async fn a7_sign_in_redirects_to_local_paths_only() {
    let server = Server::start().await;
    server.register("anna").await;
    let go = async |next: &str| {
        let fields = [("username", "anna"), ("password", PASSWORD), ("next", next)];
        let answer = Browser::new(&server).submit("/sign-in", &fields).await;
        answer.headers()["location"].to_str().unwrap().to_owned()
    };
    assert_eq!(go("/c/7").await, "/c/7");
    for evil in ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", ""] {
        assert_eq!(go(evil).await, "/", "{evil}");
    }
}

#[tokio::test]
async fn p6_a_form_error_is_shown_once_and_is_not_in_the_address() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let fields = [("username", "nobody<b>"), ("password", "secret words"), ("next", "/c/1")];
    let answer = browser.submit("/sign-in", &fields).await;
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()["location"], "/sign-in?next=%2Fc%2F1");
    assert!(!browser.get("/register").await.text().await.unwrap().contains("do not fit"), "another page");
    let page = browser.get("/sign-in?next=%2Fc%2F1").await.text().await.unwrap();
    assert!(page.contains("Wrong username or password"), "{page}");
    assert!(page.contains("value=\"nobody&lt;b&gt;\""), "what was typed is kept: {page}");
    assert!(page.contains("value=\"/c/1\""), "where to go is kept: {page}");
    assert!(!page.contains("secret"), "but for the password: {page}");
    assert_eq!(browser.cookie, None, "the session was for this alone");
    assert!(!browser.get("/sign-in").await.text().await.unwrap().contains("do not fit"), "once");

    let answer = browser.submit("/register", &[("username", "x"), ("password", PASSWORD)]).await;
    assert_eq!(answer.headers()["location"], "/register");
    assert!(browser.get("/register").await.text().await.unwrap().contains("3 to 32"));
}

#[tokio::test]
async fn refresh_tokens_rotate_and_reuse_ends_the_sign_in() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    let refresh = |token: String| {
        server.http.post(format!("{}/api/token/refresh", server.url)).json(&json!({"refresh": token})).send()
    };
    let answer = refresh(anna.refresh.clone()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let pair: Value = answer.json().await.unwrap();
    let new = format!("Bearer {}", pair["access"].as_str().unwrap());
    let me = server.http.get(format!("{}/api/me", server.url)).header("authorization", new).send();
    assert_eq!(me.await.unwrap().status(), 200, "the new tokens are in use");
    assert_eq!(refresh(anna.refresh.clone()).await.unwrap().status(), 401);
    let next = pair["refresh"].as_str().unwrap().to_owned();
    assert_eq!(refresh(next).await.unwrap().status(), 401, "the grant is over");
    assert_eq!(anna.get("/api/me").await.status(), 401);
}

#[tokio::test]
async fn v10_a_refresh_whose_answer_was_lost_is_repeated() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    let refresh = async || {
        let asked = server.http.post(format!("{}/api/token/refresh", server.url));
        asked.json(&json!({"refresh": anna.refresh})).send().await.unwrap()
    };
    // Some answers are lost, whether they came one by one or at once.
    refresh().await;
    let (one, other) = tokio::join!(refresh(), refresh());
    assert_eq!((one.status(), other.status()), (200.try_into().unwrap(), 200.try_into().unwrap()));
    let pair: Value = other.json().await.unwrap();
    let new = format!("Bearer {}", pair["access"].as_str().unwrap());
    let me =
        async || server.http.get(format!("{}/api/me", server.url)).header("authorization", &new).send().await;
    assert_eq!(me().await.unwrap().status(), 200);
    // From the first use on, a repeat is a theft.
    assert_eq!(refresh().await.status(), 401);
    assert_eq!(me().await.unwrap().status(), 401);
}

#[tokio::test]
async fn p6_the_field_to_fill_in_next_has_the_focus() {
    let server = Server::start().await;
    server.register("anna").await;
    let mut browser = Browser::new(&server);
    let focused = |html: &str| {
        let fields: Vec<String> = html
            .split("<input")
            .skip(1)
            .filter_map(|field| field.split('>').next())
            .filter(|field| field.contains(" autofocus"))
            .filter_map(|field| Some(field.split("id=\"").nth(1)?.split('"').next()?.to_owned()))
            .collect();
        fields
    };
    for path in ["/sign-in", "/register"] {
        let html = browser.get(path).await.text().await.unwrap();
        assert_eq!(focused(&html), ["username"], "{path}");
    }
    browser.submit("/sign-in", &[("username", "anna"), ("password", "not the password")]).await;
    let html = browser.get("/sign-in").await.text().await.unwrap();
    assert_eq!(focused(&html), ["password"], "the name stands there again");
    browser.submit("/register", &[("username", "ben"), ("password", "short")]).await;
    let html = browser.get("/register").await.text().await.unwrap();
    assert_eq!(focused(&html), ["password"], "the one that was refused");
}
