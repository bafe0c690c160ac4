//! The market as a process, with a real Rapport beside it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use reqwest::StatusCode;
use serde_json::json;
use support::{MARKET, Site};

#[tokio::test(flavor = "multi_thread")]
async fn c4_x2_a_buyer_chats_with_the_seller_who_gets_an_e_mail_when_away() {
    let site = Site::start().await;
    let mut ana = site.browser();
    let page = ana.get("/listings/1").await;
    assert!(page.contains("/sign-in?next=%2Flistings%2F1\""), "{page}");
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
    let led = visitor.post("/sign-in", &[("person", "ana"), ("next", "//evil.example")]).await;
    assert_eq!(led, (StatusCode::SEE_OTHER, "/".to_owned()));
    for path in ["/listings/9", "/jobs/9", "/nothing"] {
        assert_eq!(visitor.status(path).await, StatusCode::NOT_FOUND, "{path}");
    }
    // A cookie that the market has not signed is nobody's.
    let forged = site.http.get(site.path("/")).header("cookie", "market_session=ben").send().await.unwrap();
    assert!(forged.text().await.unwrap().contains("Sign in</a>"));
    // A form of another site.
    let foreign =
        site.http.post(site.path("/sign-out")).header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);

    // Webhooks without a signature write no e-mail.
    let body = json!({"type": "message.unread", "data": {}}).to_string();
    let unsigned = site.http.post(site.path("/webhooks/rapport")).body(body).send().await.unwrap();
    assert_eq!(unsigned.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(site.mails().len(), 0);
    let large =
        site.http.post(site.path("/webhooks/rapport")).body("x".repeat(300_000)).send().await.unwrap();
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    site.stop().await;
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
