//! Invisible characters and bidi overrides in messages, titles and names (V13), by API and by form.

use crate::support::{Browser, PASSWORD, Person, Server, room};
use reqwest::Method;
use serde_json::{Value, json};

/// Texts in which nothing is seen: a space of no width, joiners, a filler, a blank pattern of Braille.
const UNSEEN: [&str; 4] = ["\u{200b}", " \u{2060}\u{feff} ", "\u{3164}", "\u{200d}\u{200d}"];
/// Lines that turn or hide what stands beside them.
const TURNING: [&str; 4] = ["Team\u{202e}gnp", "\u{2067}Team", "Te\u{200b}am", "Team\u{2066}"];

/// The status and the code of an answer.
async fn refusal(answer: reqwest::Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    (status, answer.json::<Value>().await.unwrap()["error"]["code"].clone())
}

/// A browser in which this person signs in.
async fn browser_of(server: &Server, person: &Person) -> Browser {
    let mut browser = Browser::new(server);
    browser.submit("/sign-in", &[("username", &person.me.username), ("password", PASSWORD)]).await;
    browser
}

/// The page that a form is redirected to.
async fn page_after(browser: &mut Browser, form: &str, fields: &[(&str, &str)]) -> String {
    let answer = browser.submit(form, fields).await;
    assert_eq!(answer.status(), 303, "{form} {fields:?}");
    let next = answer.headers()["location"].to_str().unwrap().to_owned();
    browser.get(next.split('#').next().unwrap()).await.text().await.unwrap()
}

#[tokio::test]
async fn v13_a_message_in_which_nothing_is_seen_is_refused() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let mut socket = anna.enters(talk).await;
    let mut browser = browser_of(&server, &anna).await;
    for text in UNSEEN {
        let body = json!({"content": text});
        let answer = anna.post(&format!("/api/conversations/{talk}/messages"), &body).await;
        assert_eq!(refusal(answer).await, (422, json!("empty_message")), "{text:?}");
        socket.text(&json!({"type": "chat_message", "content": text}).to_string()).await;
        assert_eq!(socket.refused().await.message, "Empty message", "{text:?}");
        let page = page_after(&mut browser, &format!("/c/{talk}/messages"), &[("content", text)]).await;
        assert!(page.contains("There is nothing in this message."), "{text:?}: {page}");
    }
    assert_eq!(ben.reads(talk).await, []);
}

#[tokio::test]
async fn v13_a_bidi_override_in_a_message_is_kept_and_turns_nothing_beside_it() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let turned = "an\u{202e}gnp.exe";
    anna.says(talk, turned).await;
    let mut browser = browser_of(&server, &anna).await;
    browser.submit(&format!("/c/{talk}/messages"), &[("content", &format!("{turned} by form"))]).await;
    let texts: Vec<_> = ben.reads(talk).await.into_iter().map(|message| message.content).collect();
    assert_eq!(texts, [turned.to_owned(), format!("{turned} by form")]);
    // An override ends with its paragraph, or where an element isolates it.
    let page = browser_of(&server, &ben).await.get(&format!("/c/{talk}")).await.text().await.unwrap();
    let tags: Vec<_> = page.split(turned).map(|before| before.rsplit('<').next().unwrap()).collect();
    assert_eq!(tags.iter().filter(|tag| tag.starts_with("p ")).count(), 2, "in the log: {tags:?}");
    let in_the_list = tags.iter().filter(|tag| tag.starts_with("span "));
    assert!(
        in_the_list.clone().count() > 0 && in_the_list.clone().all(|tag| tag.contains("dir=\"auto\"")),
        "{tags:?}"
    );
}

#[tokio::test]
async fn v13_a_title_hides_and_turns_nothing() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let mut browser = browser_of(&server, &anna).await;
    for title in UNSEEN.into_iter().chain(TURNING) {
        let body = json!({"participants": ["ben"], "title": title});
        let answer = anna.post("/api/conversations", &body).await;
        assert_eq!(refusal(answer).await, (422, json!("invalid")), "{title:?}");
        let page =
            page_after(&mut browser, "/conversations", &[("participants", "ben"), ("title", title)]).await;
        assert!(page.contains("no invisible ones"), "{title:?}: {page}");
    }
    let listed: Value = ben.get("/api/conversations").await.json().await.unwrap();
    assert_eq!(listed["conversations"], json!([]));
    let listed: Value = anna.get("/api/conversations").await.json().await.unwrap();
    assert_eq!(listed["conversations"], json!([]));
    // What is seen is kept, in one form.
    let body = json!({"participants": ["ben"], "title": " Zoe\u{308}s\u{a0}Team 👩\u{200d}🚀 "});
    let made: Value = anna.post("/api/conversations", &body).await.json().await.unwrap();
    assert_eq!(made["title"], "Zo\u{eb}s Team 👩\u{200d}🚀");
}

#[tokio::test]
async fn v13_a_name_hides_and_turns_nothing() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    let mut browser = browser_of(&server, &anna).await;
    let before: Value = anna.get("/api/me").await.json().await.unwrap();
    for name in UNSEEN.into_iter().chain(TURNING) {
        for field in ["first_name", "last_name"] {
            let answer = anna.ask(Method::PATCH, "/api/me", Some(&json!({field: name}))).await;
            assert_eq!(refusal(answer).await, (422, json!("invalid")), "{field} {name:?}");
            let page = page_after(&mut browser, "/settings/profile", &[(field, name)]).await;
            assert!(page.contains("A name cannot hold invisible characters."), "{field} {name:?}: {page}");
        }
        let body = json!({"username": "eve", "password": PASSWORD, "first_name": name});
        let answer =
            server.http.post(format!("{}/api/register", server.url)).json(&body).send().await.unwrap();
        assert_eq!(refusal(answer).await, (422, json!("invalid")), "{name:?}");
        let fields = [("username", "eve"), ("password", PASSWORD), ("first_name", name)];
        let page = page_after(&mut Browser::new(&server), "/register", &fields).await;
        assert!(page.contains("A name cannot hold invisible characters."), "{name:?}: {page}");
    }
    assert_eq!(anna.get("/api/me").await.json::<Value>().await.unwrap(), before);
    server.register("eve").await;
    // A username has a short list of characters.
    for username in ["ann\u{200b}a", "\u{202e}anna", "ann\u{430}"] {
        let body = json!({"username": username, "password": PASSWORD});
        let answer =
            server.http.post(format!("{}/api/register", server.url)).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 422, "{username:?}");
    }
}
