//! Forms of pages that were rendered for another user: another tab of the browser has signed in as somebody else.

use crate::support::{Browser, PASSWORD, Server};
use serde_json::Value;

const REFUSED: &str = "That page was made for somebody else";

#[tokio::test]
async fn t7_forms_of_another_users_page_are_rejected() {
    let server = Server::start().await;
    let (ben, mut browser) = (server.register("ben").await, server.browser("anna").await);
    let answer = browser.submit("/conversations", &[("participants", "ben")]).await;
    let path = answer.headers()["location"].to_str().unwrap().to_owned();
    let id = path.strip_prefix("/c/").unwrap().to_owned();
    let talk = protocol::ConversationId(id.parse().unwrap());
    ben.says(talk, "Unread").await;
    let before: Value = browser.get("/api/conversations").await.json().await.unwrap();
    let account: Value = browser.get("/api/me").await.json().await.unwrap();

    let bens = ben.me.id.to_string();
    let before_the_sign_in = ["/sign-in", "/register", "/demo/sign-in", "/sso", "/embed/session"];
    let forms: Vec<&str> = server::routes()
        .into_iter()
        .filter(|(method, path)| {
            *method == "POST" && !path.starts_with("/api/") && !before_the_sign_in.contains(path)
        })
        .map(|(_, path)| path)
        .collect();
    assert!(forms.len() >= 9, "{forms:?}");
    for form in forms {
        let form = form.replace("{id}", &id);
        for me in [bens.as_str(), "nobody"] {
            let fields = [
                ("me", me),
                ("content", "in her name"),
                ("participants", "ben"),
                ("title", "A group"),
                ("first_name", "Evil"),
                ("theme", "dark"),
                ("language", "de"),
                ("time_zone", "Asia/Kathmandu"),
                ("current", PASSWORD),
                ("new", "another battery"),
            ];
            let answer = browser.submit(&form, &fields).await;
            if form.starts_with("/moderation/") {
                assert_eq!(answer.status(), 404, "she moderates nothing: {form}");
                continue;
            }
            assert_eq!(answer.status(), 303, "{form}");
            let next = answer.headers()["location"].to_str().unwrap().to_owned();
            let page = browser.get(next.split('#').next().unwrap()).await.text().await.unwrap();
            assert!(page.contains(REFUSED), "{form} with {me:?} went to {next}");
            assert!(!page.contains("Evil"), "{form} shows what somebody else typed");
        }
    }
    assert_eq!(browser.get("/api/me").await.json::<Value>().await.unwrap(), account, "signed in, as before");
    let after: Value = browser.get("/api/conversations").await.json().await.unwrap();
    assert_eq!(after, before, "nothing said, nothing read, nothing founded");

    let annas = account["id"].to_string();
    let read = browser.submit(&format!("{path}/read"), &[("me", annas.as_str())]).await;
    assert_eq!(read.status(), 303);
    let after: Value = browser.get("/api/conversations").await.json().await.unwrap();
    assert_eq!(after["conversations"][0]["unread"], 0, "her own page's");
    assert_eq!(
        browser.submit("/sign-out", &[("me", annas.as_str())]).await.headers()["location"],
        "/sign-in"
    );
    assert_eq!(browser.get("/api/me").await.status(), 401);
}

#[tokio::test]
async fn t7_every_form_of_a_signed_in_page_names_its_user() {
    let server = Server::start().await;
    let (ben, mut browser) = (server.register("ben").await, server.browser("anna").await);
    Browser::new(&server).submit("/sign-in", &[("username", "anna"), ("password", PASSWORD)]).await;
    let account: Value = browser.get("/api/me").await.json().await.unwrap();
    let answer = browser.submit("/conversations", &[("participants", "ben")]).await;
    let talk = answer.headers()["location"].to_str().unwrap().to_owned();
    ben.says(protocol::ConversationId(talk[3..].parse().unwrap()), "Unread").await;
    for path in ["/", talk.as_str(), "/settings", "/new?q=ben&participants=ben"] {
        let page = browser.get(path).await.text().await.unwrap().replace('\'', "\"");
        let forms = page.split("<form").skip(1).map(|form| form.split("</form>").next().unwrap());
        let posts: Vec<&str> = forms.filter(|form| form.contains("method=\"post\"")).collect();
        assert!(!posts.is_empty(), "{path}");
        let field = format!("name=\"me\" value=\"{}\"", account["id"]);
        for form in posts {
            assert!(form.contains(&field), "{path}: <form{form}");
        }
    }
}

#[tokio::test]
async fn p6_the_text_of_a_rejected_message_is_shown_again_once() {
    let server = Server::start().await;
    let (ben, mut browser) = (server.register("ben").await, server.browser("anna").await);
    let answer = browser.submit("/conversations", &[("participants", "ben")]).await;
    let path = answer.headers()["location"].to_str().unwrap().to_owned();
    let me = browser.get("/api/me").await.json::<Value>().await.unwrap()["id"].to_string();

    let too_long = format!("typed {}", "x".repeat(20_000));
    let fields = [("me", me.as_str()), ("content", &too_long), ("client_id", "")];
    assert_eq!(browser.submit(&format!("{path}/messages"), &fields).await.status(), 303);
    assert!(
        browser.get(&path).await.text().await.unwrap().contains(&too_long),
        "the typed text is there again"
    );
    assert!(!browser.get(&path).await.text().await.unwrap().contains(&too_long), "once");

    let fields = [("me", me.as_str()), ("content", "Hello"), ("client_id", "")];
    assert_eq!(browser.submit(&format!("{path}/messages"), &fields).await.status(), 303);
    assert!(browser.get(&path).await.text().await.unwrap().contains("Hello"), "at once");
    let talk = protocol::ConversationId(path.strip_prefix("/c/").unwrap().parse().unwrap());
    assert_eq!(ben.reads(talk).await.len(), 1);
}

#[tokio::test]
async fn v11_choices_of_a_refused_form_stay_chosen() {
    let server = Server::start().await;
    let mut browser = server.browser("anna").await;
    let fields = [("theme", "dark"), ("language", "de"), ("time_zone", "Nowhere/None")];
    browser.submit("/settings/appearance", &fields).await;
    let page = browser.get("/settings").await.text().await.unwrap();
    let tag = |start: &str, part: &str| {
        let mut tags = page.split(start).skip(1).filter_map(|rest| rest.split('>').next());
        tags.find(|tag| tag.contains(part)).expect(part).to_owned()
    };
    assert!(page.contains("This is none of the choices"), "{page}");
    assert!(tag("<input", "value=\"dark\"").contains("checked"), "{page}");
    assert!(tag("<option", "value=\"de\"").contains("selected"), "{page}");
    let preferences: Value = browser.get("/api/me").await.json().await.unwrap();
    assert_eq!((&preferences["theme"], &preferences["language"]), (&"auto".into(), &"auto".into()));
}
