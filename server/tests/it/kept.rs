//! Pages that are kept: a page is never another than the one that would be made anew.

use crate::support::{Browser, Person, Server, room, until};
use chat::store::{AccountStore, NewAccount, Profile, Sqlite};
use protocol::{ClientFrame, ConversationId, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use reqwest::Method;
use serde_json::json;
use std::collections::HashSet;

/// A page, without what is another each time.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    text: String,
    nonce: String,
    form_id: String,
    now: String,
}

impl Shown {
    fn of(page: &str) -> Self {
        let between = |start: &str, end: &str| {
            let rest = page.split_once(start).unwrap_or_else(|| panic!("no {start} in {page}")).1;
            rest.split_once(end).unwrap().0.to_owned()
        };
        let nonce = between("nonce=\"", "\"");
        let form_id = between("\"form_id\":\"", "\"");
        let now = between("\"now\":\"", "\"");
        let text = page.replace(&nonce, "NONCE").replace(&form_id, "FORM").replace(&now, "NOW");
        // A kept page may say how late it is, or how long ago something was, as it was up to a minute before.
        let text = without(&text, "<p class=\"updated\"><span>", "</span>");
        Self { text: without(&text, "<time", "</time>"), nonce, form_id, now }
    }
}

/// The text without what stands between these, wherever they are.
fn without(text: &str, start: &str, end: &str) -> String {
    let mut parts = text.split(start);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + start + part.split_once(end).map_or(part, |(_, rest)| rest))
}

/// Somebody who reads.
enum Reader {
    Program(Person),
    Browser(Box<Browser>),
}

impl Reader {
    async fn page(&mut self, path: &str) -> String {
        let answer = match self {
            Self::Program(person) => person.get(path).await,
            Self::Browser(browser) => browser.get(path).await,
        };
        let policy =
            answer.headers().get("content-security-policy").map(|it| it.to_str().unwrap().to_owned());
        let page = answer.text().await.unwrap();
        if let Some((_, nonce)) = page.split_once("nonce=\"") {
            let nonce = nonce.split_once('"').unwrap().0;
            assert!(policy.unwrap().contains(&format!("'nonce-{nonce}'")), "the one that its scripts bear");
        }
        page
    }

    /// What it shows now: a page that may be kept, beside one that is not. Gives when it was made.
    async fn sees_what_there_is(&mut self, path: &str, after: &str) -> Option<String> {
        let page = self.page(path).await;
        let anew = self.page(&format!("{path}?anew")).await;
        if !page.contains("\"form_id\"") {
            assert!(!anew.contains("\"form_id\""), "{path} after {after}");
            return None;
        }
        let (page, anew) = (Shown::of(&page), Shown::of(&anew));
        let differs = page.text.bytes().zip(anew.text.bytes()).position(|(one, other)| one != other);
        let around = |text: &str| {
            let at = differs.unwrap_or(0).saturating_sub(60);
            text.bytes().skip(at).take(160).map(char::from).collect::<String>()
        };
        assert!(
            page.text == anew.text,
            "{path} after {after}: kept\n{}\nanew\n{}",
            around(&page.text),
            around(&anew.text)
        );
        assert!(page.nonce != anew.nonce && page.form_id != anew.form_id, "used once");
        Some(page.now)
    }
}

/// Whether the page is the same one as before.
async fn is_kept(reader: &mut Reader, path: &str) -> bool {
    let (first, second) = (Shown::of(&reader.page(path).await), Shown::of(&reader.page(path).await));
    assert!(first.nonce != second.nonce && first.form_id != second.form_id, "used once");
    first.now == second.now && first.text == second.text
}

#[tokio::test]
async fn t9_a_page_is_kept_while_nothing_happens_and_no_longer() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let path = format!("/c/{talk}");
    let mut reader = Reader::Program(anna.clone());
    // The server looks what other processes did; what it finds first may be anything.
    until("a page is kept", async || is_kept(&mut reader, &path).await).await;
    until("the list is kept", async || is_kept(&mut reader, "/").await).await;
    for address in ["/settings", "/new", &format!("{path}?before=1"), &format!("{path}?at=1")] {
        let (first, second) = (reader.page(address).await, reader.page(address).await);
        if first.contains("\"form_id\"") {
            assert_ne!(Shown::of(&first).now, Shown::of(&second).now, "{address}");
        }
    }

    ben.says(talk, "Are you there?").await;
    assert!(reader.page(&path).await.contains("Are you there?"), "at once");
    assert!(reader.page("/").await.contains("Are you there?"), "in the list, too");

    let mut socket = ben.connect().await;
    let typing = ClientFrame::Typing { conversation_id: Some(talk), is_typing: true };
    socket.send(&typing).await;
    until("ben types", async || reader.page(&path).await.contains("\"typing\":[{")).await;
    until("and no longer", async || reader.page(&path).await.contains("\"typing\":[]")).await;
    until("ben is there", async || reader.page(&path).await.contains("\"status\":\"online\"")).await;
    drop(socket);
    until("and no longer", async || reader.page(&path).await.contains("\"status\":\"offline\"")).await;

    // Of so many nobody hears one by one who is there.
    let beside = Sqlite::open(server.folder.path().join("rapport.db")).await.unwrap();
    let cleo = server.register("cleo").await;
    let mut names = vec!["cleo".to_owned()];
    for number in 0..protocol::limits::SMALL_CONVERSATION {
        let username = format!("one{number}");
        let account = NewAccount { username: username.clone(), ..NewAccount::default() };
        beside.create_account(account, Timestamp(1)).await.unwrap();
        names.push(username);
    }
    let answer = anna.post("/api/conversations", &json!({"participants": names, "title": "All of us"})).await;
    let all: protocol::Conversation = answer.json().await.unwrap();
    let all_of_us = format!("/c/{}", all.id);
    until("a page is kept", async || is_kept(&mut reader, &all_of_us).await).await;
    let gone = cleo.delete(&format!("/api/conversations/{}/members/{}", all.id, cleo.me.id)).await;
    assert!(gone.status().is_success());
    reader.sees_what_there_is(&all_of_us, "cleo's leaving").await;

    // In another language it is another page.
    anna.ask(Method::PATCH, "/api/me", Some(&json!({"language": "de"}))).await;
    assert!(reader.page(&path).await.contains("lang=\"de\""));

    let other = anna.again().await;
    let mut elsewhere = Reader::Program(other.clone());
    assert!(elsewhere.page(&path).await.contains("Are you there?"));
    assert_eq!(other.delete("/api/token").await.status(), 204);
    assert!(!elsewhere.page(&path).await.contains("Are you there?"), "signed out at once");
    assert!(reader.page(&path).await.contains("Are you there?"), "the other sign-in goes on");
}

#[tokio::test]
async fn t9_what_a_form_said_is_shown_once_and_on_no_kept_page() {
    let server = Server::start().await;
    let (ben, mut browser) = (server.register("ben").await, server.browser("anna").await);
    let answer = browser.submit("/conversations", &[("participants", "ben")]).await;
    let path = answer.headers()["location"].to_str().unwrap().to_owned();
    let me: serde_json::Value = browser.get("/api/me").await.json().await.unwrap();
    let me = me["id"].to_string();
    let mut reader = Reader::Browser(Box::new(browser.clone()));
    until("a page is kept", async || is_kept(&mut reader, &path).await).await;

    let too_long = format!("typed {}", "x".repeat(20_000));
    let fields = [("me", me.as_str()), ("content", &too_long), ("client_id", "")];
    assert_eq!(browser.submit(&format!("{path}/messages"), &fields).await.status(), 303);
    assert!(reader.page(&path).await.contains(&too_long), "what was typed is there again");
    assert!(!reader.page(&path).await.contains(&too_long), "once");

    let fields = [("me", me.as_str()), ("content", "Hello"), ("client_id", "")];
    assert_eq!(browser.submit(&format!("{path}/messages"), &fields).await.status(), 303);
    assert!(reader.page(&path).await.contains("Hello"), "at once");
    assert_eq!(ben.reads(ConversationId(path.trim_start_matches("/c/").parse().unwrap())).await.len(), 1);
}

#[tokio::test]
async fn t9_what_another_process_does_is_seen_soon() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let path = format!("/c/{}", room(&[&anna, &ben], None).await);
    let mut reader = Reader::Program(anna.clone());
    until("a page is kept", async || is_kept(&mut reader, &path).await).await;

    let beside = Sqlite::open(server.folder.path().join("rapport.db")).await.unwrap();
    let profile = Profile { first_name: "Benjamin".into(), ..Profile::default() };
    beside.set_profile(ben.me.id, &profile).await.unwrap();
    until("the new name", async || reader.page(&path).await.contains("Benjamin")).await;

    until("a page is kept", async || is_kept(&mut reader, &path).await).await;
    beside.suspend(anna.me.id, true, Timestamp(1)).await.unwrap();
    until("nothing is shown", async || !reader.page(&path).await.contains("Benjamin")).await;
}

#[tokio::test]
async fn t9_whatever_happens_a_kept_page_is_what_a_new_one_would_be() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    let others = [server.register("ben").await, server.register("cleo").await, server.register("dan").await];
    let [ben, cleo, dan] = &others;
    let mut browser = server.browser("eve").await;
    let eve: serde_json::Value = browser.get("/api/me").await.json().await.unwrap();
    let mut rooms =
        vec![room(&[&anna, ben], None).await, room(&[&anna, ben, cleo, dan], Some("All of us")).await];
    let body = json!({"participants": ["eve", "anna"], "title": "With Eve"});
    let with_eve: protocol::Conversation = ben.post("/api/conversations", &body).await.json().await.unwrap();
    rooms.push(with_eve.id);
    let mut readers =
        [Reader::Program(anna.clone()), Reader::Program(ben.clone()), Reader::Browser(Box::new(browser))];

    let (mut dice, mut seen, mut kept) = (StdRng::seed_from_u64(11), HashSet::new(), 0);
    let people = [&anna, ben, cleo, dan];
    for step in 0..120 {
        let one = people[dice.random_range(0..people.len())];
        let talk = rooms[dice.random_range(0..rooms.len())];
        let messages = format!("/api/conversations/{talk}/messages");
        let newest = async || {
            let page: serde_json::Value = one.get(&format!("{messages}?limit=3")).await.json().await.unwrap();
            page["messages"][0]["id"].as_i64().unwrap_or(1)
        };
        let what = match dice.random_range(0..13) {
            0..=3 => {
                one.post(&messages, &json!({"content": format!("Number {step}")})).await;
                "a message"
            }
            4 | 5 => {
                one.post(&format!("/api/conversations/{talk}/read"), &json!({})).await;
                "a receipt"
            }
            6 => {
                one.delete(&format!("{messages}/{}?for=everyone", newest().await)).await;
                "a deletion"
            }
            7 => {
                one.delete(&format!("{messages}/{}?for=me", newest().await)).await;
                "something hidden"
            }
            8 => {
                let name = format!("Name{step}");
                one.ask(Method::PATCH, "/api/me", Some(&json!({"first_name": name}))).await;
                "a new name"
            }
            9 => {
                let theme = if step % 2 == 0 { "dark" } else { "light" };
                one.ask(Method::PATCH, "/api/me", Some(&json!({"theme": theme, "language": "fr"}))).await;
                "other preferences"
            }
            10 => {
                let with = people[dice.random_range(0..people.len())];
                let names = [with.me.username.as_str(), "eve"];
                let body = json!({"participants": names, "title": format!("Group {step}")});
                let answer = one.post("/api/conversations", &body).await;
                if let Ok(new) = answer.json::<protocol::Conversation>().await {
                    rooms.push(new.id);
                }
                "a new conversation"
            }
            11 => {
                let answer = one.post("/api/conversations", &json!({"participants": ["eve"]})).await;
                let direct: protocol::Conversation = answer.json().await.unwrap();
                if step % 2 == 0 {
                    one.says(direct.id, &format!("Number {step}, to eve")).await;
                }
                rooms.push(direct.id);
                "a direct conversation"
            }
            _ => {
                let gone =
                    if dice.random_range(0..3) == 0 { eve["id"].to_string() } else { one.me.id.to_string() };
                one.delete(&format!("/api/conversations/{talk}/members/{gone}")).await;
                "somebody gone"
            }
        };
        let what = format!("step {step}, {what} by {}", one.me.username);
        for reader in &mut readers {
            for path in ["/", &format!("/c/{talk}"), &format!("/c/{}", rooms[1])] {
                let made = reader.sees_what_there_is(path, &what).await;
                kept += usize::from(made.is_some_and(|made| !seen.insert(made)));
            }
        }
    }
    assert!(kept > 20, "{kept} pages were kept over something that did not concern their reader");
}
