//! The state of a conversation for one member alone, over every transport, and the filters of the list.

use crate::support::{Browser, PASSWORD, Person, Server, room};
use protocol::{
    ClientFrame, Conversation, ConversationId, ErrorCode, ListFilter, MembershipChange, MembershipUpdated,
    PollAnswer, PollRequest, ServerFrame, SyncAnswer, SyncRequest,
};
use reqwest::Method;
use serde_json::{Value, json};

async fn patch(person: &Person, id: ConversationId, body: Value) -> Conversation {
    let answer = person.ask(Method::PATCH, &format!("/api/conversations/{id}/me"), Some(&body)).await;
    assert_eq!(answer.status(), 200, "{body}");
    answer.json().await.unwrap()
}

async fn refused(person: &Person, id: &str, body: Value) -> u16 {
    let answer = person.ask(Method::PATCH, &format!("/api/conversations/{id}/me"), Some(&body)).await;
    answer.status().as_u16()
}

async fn ids(person: &Person, query: &str) -> Vec<ConversationId> {
    let answer = person.get(&format!("/api/conversations{query}")).await;
    assert_eq!(answer.status(), 200, "{query}");
    let list: Value = answer.json().await.unwrap();
    let list: Vec<Conversation> = serde_json::from_value(list["conversations"].clone()).unwrap();
    list.iter().map(|conversation| conversation.id).collect()
}

fn told(frame: ServerFrame) -> MembershipUpdated {
    match frame {
        ServerFrame::MembershipUpdated(updated) => updated,
        other => panic!("another frame: {other:?}"),
    }
}

const FOREVER: &str = "9999-12-31T23:59:59.000000Z";

#[tokio::test]
async fn c5_all_devices_of_a_person_are_told_and_nobody_else() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    anna.says(talk, "Hello").await;
    let mut others = ben.connect().await;
    others.so_far().await;
    let (mut all, mut one) = (anna.connect().await, anna.enters(talk).await);
    let poll = async |mailbox, batch, wait| {
        let sync = SyncRequest { list: true, ..SyncRequest::default() };
        let body = json!(PollRequest { mailbox, batch, wait, sync });
        anna.post("/api/poll", &body).await.json::<PollAnswer>().await.unwrap()
    };
    let first = poll(None, 0, false).await;
    let body =
        json!({"muted_until": FOREVER, "pinned": 3, "unread": true, "draft": "so far", "notify": "mentions"});
    let changed = patch(&anna, talk, body.clone()).await;
    assert_eq!((changed.pinned, changed.marked_unread), (Some(1), true));
    assert_eq!(changed.notify, protocol::NotificationLevel::Mentions);
    let is_told = |frame: &ServerFrame| matches!(frame, ServerFrame::MembershipUpdated(_));
    let state = changed.personal();
    let by_socket = told(all.until(is_told).await);
    assert_eq!(by_socket.clone().into_state(), state);
    assert_eq!(told(one.until(is_told).await), by_socket, "the socket of the conversation, too");
    let polled = poll(Some(first.mailbox), first.batch, true).await;
    assert!(polled.frames.contains(&ServerFrame::MembershipUpdated(by_socket.clone())), "{polled:?}");
    assert_eq!(patch(&anna, talk, body).await, changed, "a repeat");

    // The same by a frame; on the socket of the conversation without its id.
    let change = MembershipChange { unread: Some(false), draft: Some(None), ..MembershipChange::default() };
    all.send(&ClientFrame::update_membership(talk, change)).await;
    let updated = told(all.until(is_told).await);
    assert_eq!(updated.user_rev, by_socket.user_rev + 1);
    assert_eq!((updated.marked_unread, updated.draft, updated.pinned), (false, None, Some(1)));
    one.text(r#"{"type": "update_membership", "archived": true}"#).await;
    let mut archived = told(one.until(is_told).await);
    while !archived.archived {
        archived = told(one.until(is_told).await);
    }
    assert_eq!(archived.pinned, None, "the archive has no pins");
    // And by a server without a socket: the whole state comes with the list.
    let synced = anna.post("/api/sync", &json!({"list": true, "open": {talk.to_string(): 0}})).await;
    let synced: SyncAnswer = synced.json().await.unwrap();
    assert_eq!(synced.archived, [talk]);
    assert!(synced.list.unwrap()[0].archived, "as an open one");

    anna.says(talk, "For Ben").await;
    others.hears("For Ben").await;
    let heard = format!("{:?}", others.so_far().await);
    assert!(!heard.contains("MembershipUpdated"), "{heard}");
    let of_ben = ben.get(&format!("/api/conversations/{talk}")).await.json::<Conversation>().await.unwrap();
    assert_eq!(of_ben.personal(), protocol::PersonalState::default());
}

#[tokio::test]
async fn b1_what_breaks_a_rule_is_refused_and_changes_nothing() {
    let server = Server::start().await;
    let (anna, ben, eve) =
        (server.register("anna").await, server.register("ben").await, server.register("eve").await);
    let talk = room(&[&anna, &ben], None).await;
    let before = patch(&anna, talk, json!({"pinned": 1, "draft": "kept"})).await;
    let id = talk.to_string();
    for body in [
        json!({"muted_until": "2020-01-01T00:00:00Z"}),
        json!({"pinned": 0}),
        json!({"archived": true, "pinned": 1}),
        json!({"draft": "x".repeat(5_001)}),
        json!({"draft": "a\u{0}b", "unread": true}),
    ] {
        assert_eq!(refused(&anna, &id, body.clone()).await, 422, "{body:.60}");
    }
    for body in [
        json!({"notify": "sometimes"}),
        json!({"notify": null, "pinned": -1}),
        json!({"pinned": -1}),
        json!({"pinned": 1.5}),
        json!({"muted_until": "tomorrow"}),
        json!(7),
    ] {
        assert_eq!(refused(&anna, &id, body.clone()).await, 400, "{body}");
    }
    for (person, id) in [(&eve, id.as_str()), (&anna, "4711"), (&anna, "x")] {
        assert_eq!(refused(person, id, json!({"unread": true})).await, 404, "{id}");
    }
    let mut socket = anna.connect().await;
    let frame = |text: &str| format!(r#"{{"type": "update_membership", "conversation_id": {id}, {text}}}"#);
    for (text, code) in [
        (frame(r#""pinned": 0"#), ErrorCode::Invalid),
        (frame(r#""draft": 5"#), ErrorCode::Malformed),
        (r#"{"type": "update_membership", "unread": true}"#.into(), ErrorCode::Malformed),
        (
            r#"{"type": "update_membership", "conversation_id": 4711, "unread": true}"#.into(),
            ErrorCode::NotFound,
        ),
    ] {
        socket.text(&text).await;
        assert_eq!(socket.refused().await.code, code, "{text}");
    }
    let after = anna.get(&format!("/api/conversations/{id}")).await.json::<Conversation>().await.unwrap();
    assert_eq!(after, before);
}

#[tokio::test]
async fn c5_a_message_of_somebody_else_brings_a_conversation_back() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let (talk, muted) = (room(&[&anna, &ben], None).await, room(&[&anna, &ben], Some("Muted")).await);
    ben.says(talk, "One").await;
    ben.says(muted, "One").await;
    patch(&anna, talk, json!({"archived": true})).await;
    patch(&anna, muted, json!({"archived": true, "muted_until": FOREVER})).await;
    assert_eq!(ids(&anna, "").await, []);
    let mut socket = anna.connect().await;
    anna.says(talk, "Still there").await;
    ben.says(muted, "Two").await;
    socket.hears("Two").await;
    assert_eq!(ids(&anna, "?filter=archived").await, [muted, talk]);
    ben.says(talk, "Two again").await;
    let back = socket.until(|frame| matches!(frame, ServerFrame::MembershipUpdated(_))).await;
    let ServerFrame::MembershipUpdated(back) = back else { unreachable!("as it was looked for") };
    assert_eq!((back.conversation_id, back.archived), (talk, false));
    socket.hears("Two again").await;
    assert_eq!((ids(&anna, "").await, ids(&anna, "?filter=archived").await), (vec![talk], vec![muted]));
}

#[tokio::test]
async fn c2_the_list_is_filtered_and_paged_by_key() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let mut talks = Vec::new();
    for n in 0..6 {
        let talk = room(&[&anna, &ben], Some(&format!("Group {n}"))).await;
        ben.says(talk, "Hello").await;
        talks.push(talk);
    }
    anna.post(&format!("/api/conversations/{}/read", talks[5]), &json!({})).await;
    patch(&anna, talks[4], json!({"archived": true})).await;
    patch(&anna, talks[0], json!({"pinned": 1})).await;
    assert_eq!(ids(&anna, "").await, [talks[0], talks[5], talks[3], talks[2], talks[1]]);
    assert_eq!(ids(&anna, "?limit=1").await, [talks[0], talks[5]], "the pinned ones beside it");
    assert_eq!(ids(&anna, "?filter=archived").await, [talks[4]]);
    let (mut unread, mut cursor) = (Vec::new(), String::new());
    loop {
        let page: Value = anna
            .get(&format!("/api/conversations?filter=unread&limit=3{cursor}"))
            .await
            .json()
            .await
            .unwrap();
        let list: Vec<Conversation> = serde_json::from_value(page["conversations"].clone()).unwrap();
        unread.extend(list.iter().map(|one| one.id));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(unread, [talks[3], talks[2], talks[1], talks[0]]);
    for filter in ["all", "muted", "Unread", "1"] {
        let status = anna.get(&format!("/api/conversations?filter={filter}")).await.status();
        assert_eq!(status, 400, "{filter}");
    }
    // The same for a client.
    let mut socket = anna.connect().await;
    let filter = Some(ListFilter::Archived);
    socket.send(&ClientFrame::List { after: None, filter, subject_kind: None }).await;
    let page = socket.until(|frame| matches!(frame, ServerFrame::List(_))).await;
    let ServerFrame::List(page) = page else { unreachable!("as it was looked for") };
    assert_eq!((page.filter, page.conversations[0].id), (Some(ListFilter::Archived), talks[4]));
}

#[tokio::test]
async fn c5_everything_works_by_plain_forms() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    ben.says(talk, "Hello").await;
    let mut page = Browser::new(&server);
    page.submit("/sign-in", &[("username", "anna"), ("password", PASSWORD)]).await;
    let (path, form) = (format!("/c/{talk}"), format!("/c/{talk}/me"));
    let html = page.get(&format!("{path}?details")).await.text().await.unwrap();
    assert!(html.contains(&format!("action=\"{form}\"")), "the details have the forms");
    let state = async || {
        let conversation = anna.get(&format!("/api/conversations/{talk}")).await;
        conversation.json::<Conversation>().await.unwrap()
    };
    let mut submit = async |fields: &[(&str, &str)]| {
        let answer = page.submit(&form, fields).await;
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()),
            (303, &*format!("{path}?details"))
        );
        page.get(&format!("{path}?details")).await.text().await.unwrap()
    };
    submit(&[("mute", "forever")]).await;
    assert!(state().await.muted_until.is_some());
    submit(&[("mute", "off")]).await;
    submit(&[("mute", "3600")]).await;
    submit(&[("pinned", "50")]).await;
    submit(&[("unread", "true")]).await;
    let changed = state().await;
    assert_eq!((changed.muted_until.is_some(), changed.pinned, changed.marked_unread), (true, Some(1), true));
    for wrong in [("mute", "0"), ("mute", "long"), ("pinned", "0"), ("pinned", "first"), ("archived", "yes")]
    {
        let html = submit(&[wrong]).await;
        assert!(html.contains("role=\"alert\""), "{wrong:?} is told of");
    }
    assert_eq!(state().await, changed);
    submit(&[("archived", "true")]).await;
    let link = format!("href=\"{path}\"");
    let listed = |html: String| html.contains(&format!("class=\"item\" {link}")) || html.contains(&link);
    let shown = page.get("/").await.text().await.unwrap();
    assert!(!listed(shown), "it is in the archive");
    let shown = page.get("/?filter=archived").await.text().await.unwrap();
    assert!(listed(shown));
    patch(&anna, talk, json!({"draft": "typed elsewhere"})).await;
    let send = format!("{path}/messages");
    page.submit(&send, &[("content", "Sent without scripts")]).await;
    assert_eq!(state().await.draft.as_deref(), Some("typed elsewhere"), "another text");
    page.submit(&send, &[("content", " typed elsewhere\r\n")]).await;
    assert_eq!(state().await.draft, None, "it was sent");
    patch(&anna, talk, json!({"draft": "by a program\n"})).await;
    let mut socket = anna.connect().await;
    anna.says(talk, "by a program").await;
    let is_told = |frame: &ServerFrame| matches!(frame, ServerFrame::MembershipUpdated(_));
    let ServerFrame::MembershipUpdated(updated) = socket.until(is_told).await else { unreachable!() };
    assert_eq!((updated.conversation_id, updated.draft, updated.archived), (talk, None, true));
    assert_eq!(state().await.draft, None);
}
