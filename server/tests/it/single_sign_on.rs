//! Single sign-on: tokens that a product signs for its people.

use crate::support::{Browser, Product, Server, now_seconds};
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::KeyPair;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

const SHOP: Product = Product::SHOP;

async fn hand_over(server: &Server, token: &str) -> Response {
    let request = server.http.post(format!("{}/api/sso", server.url)).json(&json!({"token": token}));
    request.send().await.unwrap()
}

/// Status and sentence of a refusal.
async fn refusal(server: &Server, token: &str) -> (u16, String) {
    let answer = hand_over(server, token).await;
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    (status, body["error"]["message"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned())
}

/// The account that a token signs in.
async fn signed_in(server: &Server, token: &str) -> Value {
    let answer = hand_over(server, token).await;
    assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
    let tokens: Value = answer.json().await.unwrap();
    assert!(tokens["refresh"].is_string());
    let me =
        server.http.get(format!("{}/api/me", server.url)).bearer_auth(tokens["access"].as_str().unwrap());
    me.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn x2_a_token_of_a_product_signs_its_person_in() {
    let server = Server::start_with(&SHOP.settings()).await;
    let local = server.register("ana.silva").await;
    let first = signed_in(&server, &SHOP.token("7", "Ana Silva")).await;
    assert_eq!((&first["username"], &first["first_name"]), (&json!("ana.silva-2"), &json!("Ana Silva")));
    assert_ne!(first["id"], json!(local.me.id));
    let again = signed_in(&server, &SHOP.token("7", "Ana Souza")).await;
    assert_eq!((&again["id"], &again["first_name"]), (&first["id"], &json!("Ana Souza")));

    // Neither an empty password nor a registration takes the account.
    for password in ["", "correct horse battery"] {
        let body = json!({"username": "ana.silva-2", "password": password});
        let answer = server.http.post(format!("{}/api/token", server.url)).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 401);
    }
    let body = json!({"username": "ana.silva-2", "password": "correct horse battery"});
    let answer = server.http.post(format!("{}/api/register", server.url)).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 409);
}

#[tokio::test]
async fn x2_the_picture_of_a_token_is_shown_from_the_listed_origins() {
    let mut settings = SHOP.settings().to_vec();
    settings.push(("RAPPORT_SSO__SHOP__IMAGE_ORIGINS", "https://img.example,https://cdn.example:8443"));
    let server = Server::start_with(&settings).await;
    let pictured = |picture: &str| {
        let mut claims = SHOP.claims("7", "Ana");
        claims["picture"] = json!(picture);
        SHOP.sign(&claims)
    };
    let ana = signed_in(&server, &pictured("https://img.example/7.png")).await;
    assert_eq!(ana["picture"], "https://img.example/7.png");
    let elsewhere = signed_in(&server, &pictured("https://tracker.example/7.png")).await;
    assert_eq!((&elsewhere["id"], elsewhere.get("picture")), (&ana["id"], None));
    signed_in(&server, &pictured("https://cdn.example:8443/a?b=\"><script>")).await;

    // Others get the picture with the person, and their pages may load it.
    let mut ben = server.browser("ben").await;
    let opened = ben.submit("/conversations", &[("participants", "ana")]).await;
    let page = ben.get(opened.headers()["location"].to_str().unwrap()).await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.contains("img-src 'self' data: https://cdn.example:8443 https://img.example;"),
        "{policy}"
    );
    let html = page.text().await.unwrap();
    assert!(html.contains("<img src=\"https://cdn.example:8443/a?b=%22%3E%3Cscript%3E\" alt=\"\""), "{html}");
}

#[tokio::test]
async fn x2_each_wrong_token_has_its_reason_and_signs_nobody_in() {
    let server = Server::start_with(&SHOP.settings()).await;
    let good = || SHOP.claims("7", "Ana");
    let now = now_seconds();
    let with = |key: &str, value: Value| {
        let mut claims = good();
        claims[key] = value;
        if claims[key].is_null() {
            claims.as_object_mut().unwrap().remove(key);
        }
        SHOP.sign(&claims)
    };
    let key = EncodingKey::from_secret(SHOP.key.as_bytes());
    let headed = |header: Header, key: &EncodingKey| jsonwebtoken::encode(&header, &good(), key).unwrap();
    let real = SHOP.sign(&good());
    let parts: Vec<_> = real.split('.').collect();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    let critical = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#);

    for (what, token, reason) in [
        ("nothing", String::new(), "not a JWT"),
        ("words", "a.b.c".into(), "not a JWT"),
        ("huge", "a".repeat(10_000), "not a JWT"),
        ("an extension", format!("{critical}.{}.{}", parts[1], parts[2]), "not a JWT"),
        ("alg none", format!("{none}.{}.", parts[1]), "alg:"),
        ("alg none, signed", format!("{none}.{}.{}", parts[1], parts[2]), "alg:"),
        ("alg swapped", headed(Header::new(Algorithm::HS512), &key), "alg:"),
        ("another key", headed(Header::default(), &EncodingKey::from_secret(&[7; 32])), "signature"),
        ("no signature", format!("{}.{}.", parts[0], parts[1]), "signature"),
        ("another issuer", with("iss", json!("https://jobs.example")), "iss:"),
        ("no issuer", with("iss", Value::Null), "iss:"),
        ("another audience", with("aud", json!("https://other.example")), "aud:"),
        ("two audiences", with("aud", json!([SHOP.audience, "https://other.example"])), "aud:"),
        ("no audience", with("aud", Value::Null), "aud"),
        ("expired", with("exp", json!(now - 61)), "expired"),
        ("no end", with("exp", Value::Null), "exp"),
        ("an end in words", with("exp", json!("tomorrow")), "claim"),
        ("a long life", with("exp", json!(now + 3_600)), "10 minutes"),
        ("an endless life", with("exp", json!(i64::MAX)), "10 minutes"),
        ("not begun", with("nbf", json!(now + 120)), "not valid yet"),
        ("signed in the future", with("iat", json!(now + 120)), "not valid yet"),
        ("no subject", with("sub", Value::Null), "sub"),
    ] {
        let (status, told) = refusal(&server, &token).await;
        assert!(status == 401 && told.contains(reason), "{what}: {status} {told}");
        assert!(!told.contains("0123456789abcdef"), "{told}");
    }
    for (claim, value) in [
        ("sub", json!("")),
        ("sub", json!("x".repeat(256))),
        ("name", json!("x".repeat(81))),
        ("picture", json!("http://x/")),
    ] {
        let (status, told) = refusal(&server, &with(claim, value)).await;
        assert_eq!(status, 422, "{claim}: {told}");
    }
    assert_eq!(server.register("first").await.me.id.0, 1, "nobody was made");

    // Within the tolerance of a minute; an audience alone in a list.
    for token in [
        with("exp", json!(now - 50)),
        with("nbf", json!(now + 50)),
        with("aud", json!([SHOP.audience])),
        with("iat", Value::Null),
    ] {
        assert_eq!(hand_over(&server, &token).await.status(), 200);
    }
}

#[tokio::test]
async fn x2_a_token_is_used_once() {
    let server = Server::start_with(&SHOP.settings()).await;
    let token = SHOP.token("7", "Ana");
    let answers = futures::future::join_all((0..10).map(|_| hand_over(&server, &token))).await;
    let accepted = answers.iter().filter(|answer| answer.status() == 200).count();
    assert_eq!(accepted, 1);
    assert_eq!(refusal(&server, &token).await, (401, "The token was used before".to_owned()));
    // One that a `jti` names is the same in another wrapping.
    let mut claims = SHOP.claims("7", "Ana");
    claims["jti"] = json!("one");
    assert_eq!(hand_over(&server, &SHOP.sign(&claims)).await.status(), 200);
    claims["name"] = json!("Somebody else");
    assert_eq!(refusal(&server, &SHOP.sign(&claims)).await.0, 401);
}

#[tokio::test]
async fn x2_a_rotated_key_is_named_by_its_kid() {
    const KEYS: &str = "new new-0123456789abcdef0123456789abcdef,old old-0123456789abcdef0123456789abcdef";
    let settings =
        SHOP.settings().map(|(name, value)| (name, if name.ends_with("__KEY") { KEYS } else { value }));
    let server = Server::start_with(&settings).await;
    let signed = |kid: Option<&str>, key: &str, jti: &str| {
        let mut claims = SHOP.claims("7", "Ana");
        claims["jti"] = json!(jti);
        let header = Header { kid: kid.map(str::to_owned), ..Header::default() };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key.as_bytes())).unwrap()
    };
    let (new, old) = ("new-0123456789abcdef0123456789abcdef", "old-0123456789abcdef0123456789abcdef");
    for (kid, key, jti) in
        [(Some("new"), new, "1"), (Some("old"), old, "2"), (None, old, "3"), (None, new, "4")]
    {
        assert_eq!(hand_over(&server, &signed(kid, key, jti)).await.status(), 200, "{kid:?}");
    }
    assert!(refusal(&server, &signed(Some("older"), old, "5")).await.1.starts_with("kid:"));
    assert!(refusal(&server, &signed(Some("new"), old, "6")).await.1.contains("signature"));
}

/// A key of a product, by its algorithm.
fn key_pair(algorithm: Algorithm, kid: &str) -> (EncodingKey, Value) {
    let raw = |pair: &KeyPair| pair.public_key_raw().to_vec();
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (key, mut jwk) = match algorithm {
        Algorithm::EdDSA => {
            let pair = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
            let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": text(&raw(&pair))});
            (EncodingKey::from_ed_der(&pair.serialize_der()), jwk)
        }
        Algorithm::ES256 => {
            let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
            let point = raw(&pair);
            let jwk = json!({"kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..])});
            (EncodingKey::from_ec_der(&pair.serialize_der()), jwk)
        }
        _ => {
            let key = EncodingKey::from_rsa_der(include_bytes!("support/rsa_test_key.der"));
            let jwk = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap()).unwrap();
            (key, jwk)
        }
    };
    jwk["kid"] = json!(kid);
    (key, jwk)
}

/// A server of public keys, on a free port, and the number of its answers.
async fn key_server(document: Arc<Mutex<Option<Value>>>) -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let answer = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        let document = document.lock().unwrap().clone();
        async move {
            match document {
                Some(document) => axum::Json(document).into_response(),
                None => (StatusCode::FOUND, [(header::LOCATION, "/keys")]).into_response(),
            }
        }
    };
    let routes = Router::new().route("/jwks", get(answer)).route("/keys", get(async || "{\"keys\": []}"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (url, asked)
}

#[tokio::test]
async fn x2_public_keys_come_from_a_url_and_are_kept() {
    let algorithms = [Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256];
    let pairs: Vec<_> = algorithms
        .iter()
        .map(|&algorithm| (algorithm, key_pair(algorithm, &format!("{algorithm:?}"))))
        .collect();
    let mut keys: Vec<Value> = pairs.iter().map(|(_, (_, jwk))| jwk.clone()).collect();
    // A shared key has no place there, and keys of other kinds are passed over.
    keys.push(json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode(SHOP.key), "kid": "shared"}));
    keys.push(json!({"kty": "unknown", "kid": "other"}));
    let document = Arc::new(Mutex::new(Some(json!({"keys": keys}))));
    let (url, asked) = key_server(Arc::clone(&document)).await;
    let settings = [
        ("RAPPORT_SSO__SHOP__ISSUER", SHOP.issuer),
        ("RAPPORT_SSO__SHOP__AUDIENCE", SHOP.audience),
        ("RAPPORT_SSO__SHOP__JWKS_URL", url.as_str()),
    ];
    let server = Server::start_with(&settings).await;
    assert_eq!(asked.load(Ordering::SeqCst), 0, "the product may start later");
    let sign = |algorithm: Algorithm, kid: &str, key: &EncodingKey, jti: &str| {
        let mut claims = SHOP.claims("7", "Ana");
        claims["jti"] = json!(jti);
        jsonwebtoken::encode(&Header { kid: Some(kid.into()), ..Header::new(algorithm) }, &claims, key)
            .unwrap()
    };
    for (algorithm, (key, _)) in &pairs {
        let kid = format!("{algorithm:?}");
        let answer = hand_over(&server, &sign(*algorithm, &kid, key, &kid)).await;
        assert_eq!(answer.status(), 200, "{kid}");
    }
    // The public key as a shared one, and the shared key that the document names.
    let public = serde_json::to_vec(&pairs[2].1.1).unwrap();
    let swapped = sign(Algorithm::HS256, "RS256", &EncodingKey::from_secret(&public), "a");
    assert!(refusal(&server, &swapped).await.1.starts_with("alg:"));
    let shared = sign(Algorithm::HS256, "shared", &EncodingKey::from_secret(SHOP.key.as_bytes()), "b");
    assert!(refusal(&server, &shared).await.1.starts_with("kid:"));
    for n in 0..5 {
        let unknown = sign(Algorithm::EdDSA, "unknown", &pairs[0].1.0, &n.to_string());
        assert!(refusal(&server, &unknown).await.1.starts_with("kid:"));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1, "an unknown kid is looked up once a minute at most");
}

#[tokio::test]
async fn x2_a_redirected_document_is_not_followed() {
    let (url, asked) = key_server(Arc::default()).await;
    let settings = [
        ("RAPPORT_SSO__SHOP__ISSUER", SHOP.issuer),
        ("RAPPORT_SSO__SHOP__AUDIENCE", SHOP.audience),
        ("RAPPORT_SSO__SHOP__JWKS_URL", url.as_str()),
    ];
    let server = Server::start_with(&settings).await;
    assert_eq!(refusal(&server, &SHOP.token("7", "Ana")).await.0, 503);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

async fn post_form(
    browser: &mut Browser,
    origin: Option<&str>,
    site: &str,
    fields: &[(&str, &str)],
) -> Response {
    let request =
        browser.request(Method::POST, "/sso").header("sec-fetch-site", site).header("accept", "text/html");
    let request = origin.into_iter().fold(request, |request, origin| request.header("origin", origin));
    browser.go(request.form(fields)).await
}

#[tokio::test]
async fn x2_a_products_page_signs_a_browser_in_by_a_form() {
    let server = Server::start_with(&SHOP.settings()).await;
    let mut browser = server.browser("somebody").await;
    let before = browser.cookie.clone();
    let token = SHOP.token("7", "Ana");
    for (origin, site) in [
        (Some("https://evil.example"), "cross-site"),
        (Some("https://shop.example.evil"), "cross-site"),
        (Some("http://shop.example"), "cross-site"),
        (Some("null"), "cross-site"),
        (None, "cross-site"),
    ] {
        let answer = post_form(&mut browser, origin, site, &[("token", &token)]).await;
        assert_eq!(answer.status(), 403, "{origin:?}");
    }
    assert_eq!(browser.cookie, before);
    let fields = [("token", token.as_str()), ("next", "/c/17")];
    let answer = post_form(&mut browser, Some("https://shop.example"), "cross-site", &fields).await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (303, &"/c/17".parse().unwrap()));
    assert_ne!(browser.cookie, before, "a new session");
    let me: Value = browser.get("/api/me").await.json().await.unwrap();
    assert_eq!(me["first_name"], "Ana");

    // Used, and to another site.
    let answer = post_form(&mut browser, Some("https://shop.example"), "cross-site", &fields).await;
    assert_eq!(answer.status(), 401);
    let page = answer.text().await.unwrap();
    assert!(page.contains("Could not sign you in") && page.contains("used before") && !page.contains(&token));
    let next = [("token", &*SHOP.token("7", "Ana")), ("next", "//evil.example")];
    let answer = post_form(&mut browser, Some("https://shop.example"), "cross-site", &next).await;
    assert_eq!(answer.headers()["location"], "/");
}

#[tokio::test]
async fn x2_a_page_hands_over_people_of_its_own_product_alone() {
    let jobs = Product { issuer: "https://jobs.example", ..Product::SHOP };
    let mut settings = SHOP.settings().to_vec();
    settings.extend([
        ("RAPPORT_SSO__JOBS__ISSUER", jobs.issuer),
        ("RAPPORT_SSO__JOBS__AUDIENCE", jobs.audience),
        ("RAPPORT_SSO__JOBS__KEY", jobs.key),
    ]);
    let server = Server::start_with(&settings).await;
    let mut browser = Browser::new(&server);
    let token = jobs.token("7", "Ana");
    let answer =
        post_form(&mut browser, Some("https://shop.example"), "cross-site", &[("token", &token)]).await;
    assert_eq!(answer.status(), 403);
    assert_eq!(browser.cookie, None);
    assert_eq!(hand_over(&server, &token).await.status(), 200, "by the API it is good");
}
