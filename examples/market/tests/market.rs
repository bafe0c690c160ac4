//! The market as a process, with a real Rapport beside it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use reqwest::StatusCode;
use serde_json::{Value, json};
use support::{MARKET, Site, Webhook};

#[tokio::test(flavor = "multi_thread")]
async fn c4_x2_a_buyer_chats_with_the_seller_who_gets_an_e_mail_when_away() {
    let site = Site::start().await;
    let mut ana = site.browser();
    let page = ana.get("/listings/1").await;
    assert!(page.contains("/sign-in?next=/listings/1\""), "{page}");
    ana.sign_in("ana").await;
    assert!(ana.get("/listings/1").await.contains("Chat with seller"));
    assert_eq!(ana.post("/listings/1/chat", &[]).await, (StatusCode::SEE_OTHER, "/listings/1".to_owned()));
    let page = ana.get("/listings/1").await;
    assert!(page.contains(&format!(
        "<script src=\"{}/embed.js\" data-subject=\"listing/1\" data-token=\"ey",
        site.rapport
    )));
    assert!(!page.contains("Chat with seller"));

    let token = site.access(&page).await;
    let conversations = site.api("GET", "conversations", &token, None).await;
    let conversation = &conversations["conversations"][0];
    let id = conversation["id"].as_i64().unwrap();
    assert_eq!(conversation["subject"]["title"], "City bicycle");
    assert_eq!(conversation["subject"]["url"], format!("{MARKET}/listings/1"));
    assert_eq!(conversation["subject"]["fields"][0], json!({"name": "Price", "value": "140 €"}));
    let path = format!("conversations/{id}/messages");
    for text in ["Is it still there?", "I could come today."] {
        site.api("POST", &path, &token, Some(json!({"content": text}))).await;
    }

    let mail = site.mail().await;
    assert!(
        mail.contains("To: Ben Okafor <ben@market.example>\nSubject: New message about “City bicycle”\n"),
        "{mail}"
    );
    assert!(mail.contains("Ana Silva wrote to you"));
    let link = format!("/listings/1?conversation={id}");
    assert!(mail.contains(&format!("\n{MARKET}{link}\n")), "{mail}");

    let mut ben = site.browser();
    ben.sign_in("ben").await;
    let page = ben.get(&link).await;
    assert!(page.contains(&format!("data-conversation=\"{id}\"")), "{page}");
    let history = site.api("GET", &path, &site.access(&page).await, None).await;
    assert_eq!(history["messages"].as_array().unwrap().last().unwrap()["content"], "I could come today.");
    // Without the link it stands on the page of the listing, too; a second press finds the same one.
    assert!(ben.get("/listings/1").await.contains("data-subject=\"listing/1\""));
    ana.post("/listings/1/chat", &[]).await;
    let token = site.access(&ana.get("/listings/1").await).await;
    assert_eq!(
        site.api("GET", "conversations", &token, None).await["conversations"].as_array().unwrap().len(),
        1
    );
    // The seller has no chat with themselves.
    assert_eq!(ben.post("/listings/1/chat", &[]).await.0, StatusCode::NOT_FOUND);
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c4_x2_an_accepted_application_opens_the_conversation_of_the_job() {
    let site = Site::start().await;
    let [mut cara, mut deniz, mut elif, mut ana] =
        [site.browser(), site.browser(), site.browser(), site.browser()];
    for (browser, person) in
        [(&mut cara, "cara"), (&mut deniz, "deniz"), (&mut elif, "elif"), (&mut ana, "ana")]
    {
        browser.sign_in(person).await;
    }
    let own = elif.get("/jobs/1").await;
    assert!(own.contains("My own brushes") && !own.contains("painted fences"), "{own}");
    let words = "<script>alert(1)</script> & \"paint\"";
    assert_eq!(ana.post("/jobs/1/applications", &[("text", words)]).await.0, StatusCode::SEE_OTHER);
    let page = cara.get("/jobs/1").await;
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;paint&quot;"), "{page}");
    assert!(!page.contains("<script"));
    for text in ["", "  ", &"x".repeat(501)] {
        assert_eq!(ben_applies(&site, text).await, StatusCode::UNPROCESSABLE_ENTITY);
    }

    // The client alone accepts, and only somebody who applied.
    assert_eq!(deniz.post("/jobs/1/accept", &[("worker", "deniz")]).await.0, StatusCode::NOT_FOUND);
    assert_eq!(cara.post("/jobs/1/accept", &[("worker", "ben")]).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!deniz.get("/jobs/1").await.contains("embed.js"));
    assert_eq!(cara.post("/jobs/1/accept", &[("worker", "deniz")]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(cara.post("/jobs/1/accept", &[("worker", "elif")]).await.0, StatusCode::UNPROCESSABLE_ENTITY);

    let (of_client, of_worker) = (cara.get("/jobs/1").await, deniz.get("/jobs/1").await);
    let (client, worker) = (site.access(&of_client).await, site.access(&of_worker).await);
    let listed = site.api("GET", "conversations?subject_kind=job", &client, None).await;
    let id = listed["conversations"][0]["id"].as_i64().unwrap();
    site.api("POST", &format!("conversations/{id}/messages"), &client, Some(json!({"content": "Monday?"})))
        .await;
    let read = site.api("GET", &format!("conversations/{id}/messages"), &worker, None).await;
    assert_eq!(read["messages"].as_array().unwrap().last().unwrap()["content"], "Monday?");
    let page = elif.get("/jobs/1").await;
    assert!(page.contains("This job is taken") && !page.contains("embed.js"));
    site.stop().await;
}

async fn ben_applies(site: &Site, text: &str) -> StatusCode {
    let mut ben = site.browser();
    ben.sign_in("ben").await;
    ben.post("/jobs/1/applications", &[("text", text)]).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn x2_x3_the_market_refuses_what_it_cannot_believe() {
    let site = Site::start().await;
    let mut visitor = site.browser();
    let policy = visitor.policy("/").await;
    let rapport = &site.rapport;
    assert!(
        policy.starts_with(&format!("default-src 'none'; script-src {rapport}; frame-src {rapport};")),
        "{policy}"
    );
    let page = visitor.get("/listings/3").await;
    assert!(page.contains("Kayak &lt;two seats&gt;"), "{page}");
    assert_eq!(visitor.post("/listings/1/chat", &[]).await, (StatusCode::SEE_OTHER, "/sign-in".to_owned()));
    assert_eq!(visitor.post("/sign-in", &[("person", "nobody")]).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    for (next, leads_to) in [
        ("/listings/1?conversation=5", "/listings/1?conversation=5"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("https://evil.example", "/"),
        ("x", "/"),
        ("", "/"),
    ] {
        let led = site.browser().post("/sign-in", &[("person", "ana"), ("next", next)]).await;
        assert_eq!(led, (StatusCode::SEE_OTHER, leads_to.to_owned()), "{next:?}");
    }
    let page = visitor.get("/sign-in?next=//evil.example").await;
    assert!(page.contains("name=\"next\" value=\"/\""), "{page}");
    for path in ["/listings/9", "/jobs/9", "/nothing"] {
        assert_eq!(visitor.status(path).await, StatusCode::NOT_FOUND, "{path}");
    }
    // A cookie that the market has not signed is nobody's.
    let forged = site.http.get(site.path("/")).header("cookie", "market_session=ben").send().await.unwrap();
    assert!(forged.text().await.unwrap().contains("Sign in</a>"));
    // Forms of other sites, in browsers of today and older ones.
    for (name, value, status) in [
        ("sec-fetch-site", "cross-site", StatusCode::FORBIDDEN),
        ("sec-fetch-site", "same-site", StatusCode::FORBIDDEN),
        ("origin", "https://evil.example", StatusCode::FORBIDDEN),
        ("origin", "null", StatusCode::FORBIDDEN),
        ("origin", MARKET, StatusCode::SEE_OTHER),
        ("sec-fetch-site", "same-origin", StatusCode::SEE_OTHER),
    ] {
        let form = site.http.post(site.path("/sign-out")).header(name, value);
        assert_eq!(form.send().await.unwrap().status(), status, "{name}: {value}");
    }
    let large =
        site.http.post(site.path("/webhooks/rapport")).body("x".repeat(300_000)).send().await.unwrap();
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    site.stop().await;
}

/// An event of one unread or several unread messages of Ana to Ben.
fn unread(conversation: i64, unread: i64, title: &str) -> Value {
    let subject =
        json!({"kind": "listing", "id": "1", "title": title, "url": format!("{MARKET}/listings/1")});
    json!({"type": "message.unread", "data": {
        "conversation": {"id": conversation, "subject": subject},
        "message": {"sender": {"id": 1}},
        "recipients": [{"user": {"id": 2}, "unread": unread}, {"user": {"id": 3}, "unread": unread}],
        "identities": {
            "1": {"issuer": MARKET, "sub": "ana"},
            "2": {"issuer": MARKET, "sub": "ben"},
            "3": {"issuer": "https://other.example", "sub": "cara"},
        },
    }})
}

#[tokio::test(flavor = "multi_thread")]
async fn x3_webhooks_that_rapport_has_not_signed_of_late_write_no_e_mail() {
    let site = Site::start().await;
    let event = unread(5, 1, "Desk");
    let signed = |id, seconds| site.webhook(id, seconds, &event);
    let other = site.webhook("evt_1", 0, &unread(6, 1, "Desk"));
    let signature = signed("evt_1", 0).signature;
    for (what, webhook) in [
        ("another body", Webhook { body: other.body, ..signed("evt_1", 0) }),
        ("another id", Webhook { id: "evt_2".to_owned(), ..signed("evt_1", 0) }),
        ("another time", Webhook { timestamp: signed("evt_1", 60).timestamp, ..signed("evt_1", 0) }),
        ("no time", Webhook { timestamp: "soon".to_owned(), ..signed("evt_1", 0) }),
        ("no signature", Webhook { signature: String::new(), ..signed("evt_1", 0) }),
        ("an empty signature", Webhook { signature: "v1,".to_owned(), ..signed("evt_1", 0) }),
        ("another version", Webhook { signature: signature.replace("v1,", "v2,"), ..signed("evt_1", 0) }),
        ("an old one", signed("evt_1", -310)),
        ("one of the future", signed("evt_1", 310)),
        ("a name of another folder", signed("../evt_1", 0)),
        ("no name", signed("", 0)),
    ] {
        assert_eq!(site.receives(webhook).await, StatusCode::UNAUTHORIZED, "{what}");
    }
    let bare = site.http.post(site.path("/webhooks/rapport")).body(event.to_string()).send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(site.mails().len(), 0);

    assert_eq!(site.receives(signed("evt_1", -290)).await, StatusCode::NO_CONTENT);
    assert_eq!(site.mails().len(), 1);
    let one_of_two = format!("v1,AAAA {}", signed("evt_2", 0).signature);
    let webhook = Webhook { signature: one_of_two, ..signed("evt_2", 0) };
    assert_eq!(site.receives(webhook).await, StatusCode::NO_CONTENT, "one of several keys");
    assert_eq!(site.mails().len(), 2);
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn x3_one_absence_has_one_e_mail_however_fast_the_messages_come() {
    let site = Site::start().await;
    for (id, event, mails) in [
        ("evt_1", unread(5, 2, "Desk\r\nBcc: x@example"), 1),
        // Delivered again.
        ("evt_1", unread(5, 1, "Desk\r\nBcc: x@example"), 1),
        ("evt_2", unread(5, 2, "Desk"), 1),
        // The others were read meanwhile.
        ("evt_3", unread(5, 1, "Desk"), 2),
        ("evt_4", unread(6, 2, "Desk"), 3),
        ("evt_5", json!({"type": "message.created", "data": {}}), 3),
        ("evt_6", json!({"type": "message.unread", "data": {"conversation": {"id": 7}}}), 3),
    ] {
        assert_eq!(site.receives(site.webhook(id, 0, &event)).await, StatusCode::NO_CONTENT, "{id}");
        assert_eq!(site.mails().len(), mails, "{id}");
    }
    // A title begins no other header, and other products' people are not the market's.
    for mail in site.mails() {
        let (headers, _) = mail.split_once("\n\n").unwrap();
        assert!(headers.contains("To: Ben Okafor <ben@market.example>\nSubject: New message about “Desk"));
        assert!(!headers.lines().any(|line| line.starts_with("Bcc")), "{headers}");
    }
    assert_eq!(site.receives(site.webhook("evt_7", 0, &json!("?"))).await, StatusCode::NO_CONTENT);
    site.stop().await;
}

#[test]
fn x2_the_market_names_the_setting_that_is_wrong() {
    for (name, value, message) in [
        ("MARKET_SSO_KEY", "", "MARKET_SSO_KEY is not set"),
        ("MARKET_RAPPORT_URL", "chat.example", "MARKET_RAPPORT_URL is not an http"),
        ("MARKET_URL", "javascript:alert(1)", "MARKET_URL is not an http"),
        ("MARKET_WEBHOOK_SECRET", "aGVsbG8=", "whsec_"),
        ("MARKET_WEBHOOK_SECRET", "whsec_", "whsec_"),
    ] {
        let mut market = std::process::Command::new(env!("CARGO_BIN_EXE_market"));
        let settings = [
            ("LISTEN", "127.0.0.1:0"),
            ("SERVICE_KEY", "rk_1"),
            ("SSO_KEY", "key"),
            ("MAIL", "/dev/null/mail"),
        ];
        market.envs(settings.map(|(name, value)| (format!("MARKET_{name}"), value)));
        market.env("MARKET_WEBHOOK_SECRET", "whsec_aGVsbG8=").env(name, value);
        let ended = market.output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(!ended.status.success() && said.contains(message), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn x2_without_rapport_the_market_says_so_and_changes_nothing() {
    let site = Site::start().await;
    let mut cara = site.browser();
    cara.sign_in("cara").await;
    site.stop_rapport().await;
    assert_eq!(cara.post("/jobs/1/accept", &[("worker", "deniz")]).await.0, StatusCode::BAD_GATEWAY);
    assert!(cara.get("/jobs/1").await.contains("Accept Deniz Kaya"));
    assert!(cara.get("/").await.contains("City bicycle"));
}
