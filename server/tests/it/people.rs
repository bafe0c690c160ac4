//! The search for people (V14), and people whose names look alike (V15).

use crate::support::{Browser, PASSWORD, Person, Server, room};
use protocol::ServerFrame;
use reqwest::Method;
use serde_json::{Value, json};

/// Registers a person with these names.
async fn named(server: &Server, username: &str, first_name: &str, last_name: &str) -> Person {
    let person = server.register(username).await;
    let names = json!({"first_name": first_name, "last_name": last_name});
    assert_eq!(person.ask(Method::PATCH, "/api/me", Some(&names)).await.status(), 200);
    person
}

/// The usernames that a search finds, sorted.
async fn found(person: &Person, query: &str) -> Vec<String> {
    let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let answer: Value = person.get(&format!("/api/people?q={query}")).await.json().await.unwrap();
    let people = answer["people"].as_array().unwrap();
    let mut names: Vec<_> =
        people.iter().map(|person| person["username"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn v14_people_are_found_by_the_words_of_their_names_whatever_the_marks() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    named(&server, "p01", "Zoë", "Young").await;
    named(&server, "p02", "Jean-Luc", "Picard").await;
    server.register("john.smith").await;
    named(&server, "p03", "أحمد", "علي").await;
    named(&server, "p04", "احمد", "").await;
    named(&server, "p05", "مؤمن", "").await;
    for (query, expected) in [
        ("zoe", vec!["p01"]),
        ("ZOË", vec!["p01"]),
        ("young zoe\u{308}", vec!["p01"]),
        ("luc", vec!["p02"]),
        ("pic jean", vec!["p02"]),
        ("smith", vec!["john.smith"]),
        ("smi joh", vec!["john.smith"]),
        // The hamza and its carriers.
        ("احمد", vec!["p03", "p04"]),
        ("أحمد", vec!["p03", "p04"]),
        ("إحمد", vec!["p03", "p04"]),
        ("آحمد", vec!["p03", "p04"]),
        ("احمد على", vec!["p03"]),
        ("مومن", vec!["p05"]),
        // Not in the middle of a word, nor everything of which something is found.
        ("oe", vec![]),
        ("mith", vec![]),
        ("حمد", vec![]),
        ("zoe smith", vec![]),
    ] {
        assert_eq!(found(&anna, query).await, expected, "{query}");
    }
    // The page without scripts finds the same.
    let mut browser = Browser::new(&server);
    browser.submit("/sign-in", &[("username", "anna"), ("password", PASSWORD)]).await;
    for (query, name) in
        [("zoe", "Zoë Young"), ("luc", "Jean-Luc Picard"), ("%D8%A7%D8%AD%D9%85%D8%AF", "أحمد")]
    {
        let page = browser.get(&format!("/new?q={query}")).await.text().await.unwrap();
        assert!(page.contains(name), "{query}: {page}");
    }
    let page = browser.get("/new?q=mith").await.text().await.unwrap();
    assert!(!page.contains("john.smith"), "{page}");
}

#[tokio::test]
async fn v15_answers_tell_namesakes_apart_by_a_key() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    // The second name begins with a Cyrillic letter.
    let cara = named(&server, "cara1", "Cara", "Lind").await;
    let other = named(&server, "cara2", "Сara", "Lind").await;
    let mary = named(&server, "p05", "Mary", "").await;
    let key = |person: &Value| {
        let person: protocol::Person = serde_json::from_value(person.clone()).unwrap();
        (person.username.clone(), person.name_key())
    };
    let talk = room(&[&anna, &cara, &other, &mary], Some("All")).await;
    // The key is on the wire only where it is not the name in lower case.
    let conversation: Value = anna.get(&format!("/api/conversations/{talk}")).await.json().await.unwrap();
    let members = conversation["members"].as_array().unwrap();
    let mut keys: Vec<_> = members.iter().map(|member| key(&member["user"])).collect();
    keys.sort();
    let expected = [("anna", "anna"), ("cara1", "cara lind"), ("cara2", "cara lind"), ("p05", "rnary")];
    assert_eq!(keys, expected.map(|(name, key)| (name.to_owned(), key.to_owned())));
    let user = |name: &str| {
        members.iter().map(|member| &member["user"]).find(|user| user["username"] == name).unwrap()
    };
    assert_eq!(
        (user("cara1").get("name_key"), user("cara2").get("name_key")),
        (None, Some(&json!("cara lind")))
    );

    let people: Value = anna.get("/api/people?q=lind").await.json().await.unwrap();
    let mut keys: Vec<_> = people["people"].as_array().unwrap().iter().map(key).collect();
    keys.sort();
    assert_eq!(
        keys,
        [("cara1", "cara lind"), ("cara2", "cara lind")].map(|(n, k)| (n.to_owned(), k.to_owned()))
    );

    let mut annas = anna.enters(talk).await;
    other.says(talk, "hello").await;
    assert_eq!(annas.hears("hello").await.sender.name_key.as_deref(), Some("cara lind"));
    // A person who takes such a name is told to the others with the key.
    let names = json!({"first_name": "Саra", "last_name": "Lind"});
    assert_eq!(mary.ask(Method::PATCH, "/api/me", Some(&names)).await.status(), 200);
    match annas.until(|frame| matches!(frame, ServerFrame::UserUpdated(_))).await {
        ServerFrame::UserUpdated(updated) => assert_eq!(updated.user.name_key(), "cara lind"),
        frame => unreachable!("{frame:?}"),
    }
}
