//! Groups over real ports: changes by HTTP, by socket and by forms, and their refusals.

use crate::support::{Person, Server, room};
use protocol::{
    ApiError, ClientFrame, ClientId, Conversation, ConversationRemoved, ConversationUpdated, Done, ErrorCode,
    GroupEventKind, History, Member, NewMessage, Page, Role, ServerFrame,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::time::Duration;

async fn patch(person: &Person, path: &str, body: &Value) -> Response {
    person.ask(Method::PATCH, path, Some(body)).await
}

async fn group(person: &Person, id: protocol::ConversationId) -> Conversation {
    person.get(&format!("/api/conversations/{id}")).await.json().await.unwrap()
}

/// Status and code of a refusal.
async fn refused(answer: Response) -> (u16, ErrorCode) {
    let status = answer.status().as_u16();
    (status, answer.json::<ApiError>().await.unwrap().error.code)
}

fn role(conversation: &Conversation, person: &Person) -> Option<Role> {
    let mut members = conversation.members.iter().filter(|member| !member.left);
    members.find(|member| member.user.id == person.me.id).map(|member| member.role)
}

#[tokio::test]
async fn c3_a_group_is_changed_by_http_and_everybody_learns_of_it() {
    let server = Server::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let id = room(&[&anna, &ben], Some("Two")).await;
    let path = format!("/api/conversations/{id}");
    let (mut bens, mut carlas) = (ben.connect().await, carla.connect().await);

    let body = json!({"title": " Climbing ", "hue": 3, "emoji": "🧗", "history": "from_joining"});
    let changed: Conversation = patch(&anna, &path, &body).await.json().await.unwrap();
    assert_eq!((changed.title.as_deref(), changed.hue, changed.rev), (Some("Climbing"), Some(3), 3));
    let kind = |frame: &ServerFrame| match frame {
        ServerFrame::NewMessage(NewMessage { message, .. }) => message.event.as_ref().map(|event| event.kind),
        _ => None,
    };
    for wanted in [GroupEventKind::Renamed, GroupEventKind::PictureChanged, GroupEventKind::HistoryChanged] {
        bens.until(|frame| kind(frame) == Some(wanted)).await;
    }

    let added = anna.post(&format!("{path}/members"), &json!({"usernames": ["Carla", "ben"]})).await;
    assert_eq!(added.status(), 200);
    assert_eq!(role(&added.json().await.unwrap(), &carla), Some(Role::Member));
    let entered = |frame: &ServerFrame| matches!(frame, ServerFrame::ConversationUpdated(ConversationUpdated { conversation, .. }) if conversation.id == id);
    carlas.until(entered).await;
    let new = bens.until(|frame| kind(frame) == Some(GroupEventKind::Added)).await;
    let ServerFrame::NewMessage(NewMessage { members, .. }) = new else { unreachable!() };
    assert_eq!(members.iter().map(|member| member.user.id).collect::<Vec<_>>(), [carla.me.id]);
    // The socket that was open before receives what follows, and the newcomer reads from the joining on.
    anna.says(id, "Welcome").await;
    carlas.hears("Welcome").await;
    assert_eq!(carla.reads(id).await.len(), 2);
    assert_eq!(anna.reads(id).await.len(), 5);

    let member = format!("{path}/members/{}", carla.me.id);
    assert_eq!(patch(&anna, &member, &json!({"role": "moderator"})).await.status(), 204);
    bens.until(|frame| kind(frame) == Some(GroupEventKind::RoleChanged)).await;
    assert_eq!(role(&group(&ben, id).await, &carla), Some(Role::Moderator));
    // The moderator removes, and what was removed is gone at once.
    assert_eq!(carla.delete(&format!("{path}/members/{}", ben.me.id)).await.status(), 204);
    bens.until(|frame| matches!(frame, ServerFrame::ConversationRemoved(ConversationRemoved { conversation_id, .. }) if *conversation_id == id)).await;
    assert_eq!(ben.get(&path).await.status(), 404);
    // And is back with the same socket when added again.
    assert_eq!(carla.post(&format!("{path}/members"), &json!({"usernames": ["ben"]})).await.status(), 200);
    bens.until(entered).await;
    anna.says(id, "Back again").await;
    bens.hears("Back again").await;
    // The list of one who was not there says the same.
    let list: Value = ben.get("/api/conversations").await.json().await.unwrap();
    assert_eq!(
        (&list["conversations"][0]["emoji"], &list["conversations"][0]["hue"]),
        (&json!("🧗"), &json!(3))
    );
}

#[tokio::test]
async fn c3_a_newcomer_gets_404_for_what_was_before() {
    let server = Server::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let id = room(&[&anna, &ben], Some("Two")).await;
    let path = format!("/api/conversations/{id}");
    let old = anna.says(id, "Between the two of us").await;
    patch(&anna, &path, &json!({"history": "from_joining"})).await;
    anna.post(&format!("{path}/members"), &json!({"usernames": ["carla"]})).await;
    let conversation = group(&carla, id).await;
    assert_eq!(conversation.history, History::FromJoining);
    let page: Page =
        carla.get(&format!("{path}/messages?before={}", old.seq + 2)).await.json().await.unwrap();
    assert!(page.messages.is_empty() && page.at_start);
    let changes = carla.get(&format!("{path}/messages?after=0")).await.text().await.unwrap();
    assert!(!changes.contains("Between the two of us"), "{changes}");
    let message = format!("{path}/messages/{}", old.id);
    assert_eq!(carla.get(&format!("{message}/receipts")).await.status(), 404);
    assert_eq!(carla.delete(&message).await.status(), 404);
    assert_eq!(carla.delete(&format!("{message}?for=everyone")).await.status(), 404);
    let read = json!({"message_id": old.id});
    assert_eq!(carla.post(&format!("{path}/read"), &read).await.status(), 404);
    let reply = json!({"content": "So?", "reply_to": old.id});
    assert_eq!(carla.post(&format!("{path}/messages"), &reply).await.status(), 404);
    assert_eq!(ben.get(&format!("{message}/receipts")).await.status(), 200);
}

#[tokio::test]
async fn c3_what_is_refused_changes_nothing() {
    let server = Server::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let (dora, eve) = (server.register("dora").await, server.register("eve").await);
    let id = room(&[&anna, &ben, &carla, &dora], Some("Four")).await;
    let direct = room(&[&anna, &ben], None).await;
    let path = format!("/api/conversations/{id}");
    let of = |person: &Person| format!("{path}/members/{}", person.me.id);
    assert_eq!(patch(&anna, &of(&carla), &json!({"role": "moderator"})).await.status(), 204);
    anna.delete(&of(&dora)).await;
    let before = (group(&anna, id).await, anna.reads(id).await);
    use ErrorCode::{Forbidden, Invalid, LastOwner, Malformed, NotFound};

    let long = "x".repeat(121);
    for (body, expected) in [
        (json!({"title": long}), (422, Invalid)),
        (json!({"title": "\u{200b}\u{2060}"}), (422, Invalid)),
        (json!({"title": "a\nb"}), (422, Invalid)),
        (json!({"hue": 8}), (422, Invalid)),
        (json!({"hue": "red"}), (400, Malformed)),
        (json!({"hue": -1}), (400, Malformed)),
        (json!({"emoji": "🎲🎲"}), (422, Invalid)),
        (json!({"emoji": "x"}), (422, Invalid)),
        (json!({"history": "some"}), (400, Malformed)),
        // One good field beside a bad one.
        (json!({"title": "Good", "emoji": "bad"}), (422, Invalid)),
    ] {
        assert_eq!(refused(patch(&anna, &path, &body).await).await, expected, "{body}");
    }
    let members = format!("{path}/members");
    let many: Vec<String> = (0..501).map(|n| format!("person{n}")).collect();
    for (body, expected) in [
        (json!({"usernames": ["eve", "nobody"]}), (422, Invalid)),
        (json!({"usernames": many}), (422, Invalid)),
        (json!({"usernames": "eve"}), (400, Malformed)),
        (json!({}), (400, Malformed)),
    ] {
        assert_eq!(refused(anna.post(&members, &body).await).await, expected, "{:.80}", body.to_string());
    }
    for (person, of, body, expected) in [
        (&anna, of(&ben), json!({"role": "king"}), (400, Malformed)),
        (&anna, of(&anna), json!({"role": "member"}), (409, LastOwner)),
        (&anna, of(&eve), json!({"role": "member"}), (404, NotFound)),
        (&anna, of(&dora), json!({"role": "member"}), (404, NotFound)),
        (&anna, format!("{path}/members/x"), json!({"role": "member"}), (404, NotFound)),
        (&carla, of(&carla), json!({"role": "owner"}), (403, Forbidden)),
        (&ben, of(&ben), json!({"role": "moderator"}), (403, Forbidden)),
        (&dora, of(&ben), json!({"role": "owner"}), (404, NotFound)),
        (&eve, of(&ben), json!({"role": "owner"}), (404, NotFound)),
    ] {
        assert_eq!(refused(patch(person, &of, &body).await).await, expected, "{of} {body}");
    }
    assert_eq!(refused(anna.delete(&of(&anna)).await).await, (409, LastOwner));
    assert_eq!(refused(carla.delete(&of(&anna)).await).await, (403, Forbidden));
    assert_eq!(refused(ben.delete(&of(&carla)).await).await, (403, Forbidden));
    assert_eq!(refused(patch(&carla, &path, &json!({"history": "whole"})).await).await, (403, Forbidden));
    assert_eq!(refused(patch(&ben, &path, &json!({"title": "Mine"})).await).await, (403, Forbidden));
    let add = json!({"usernames": ["eve"]});
    assert_eq!(refused(ben.post(&members, &add).await).await, (403, Forbidden));
    // Strangers are not told whether a name exists.
    for usernames in [json!(["eve"]), json!(["nobody"])] {
        assert_eq!(
            refused(eve.post(&members, &json!({"usernames": usernames})).await).await,
            (404, NotFound)
        );
    }
    // A direct conversation is that of its two people for ever.
    let pair = format!("/api/conversations/{direct}");
    assert_eq!(refused(patch(&anna, &pair, &json!({"title": "Us"})).await).await, (403, Forbidden));
    assert_eq!(refused(anna.post(&format!("{pair}/members"), &add).await).await, (403, Forbidden));
    let partner = format!("{pair}/members/{}", ben.me.id);
    assert_eq!(refused(patch(&anna, &partner, &json!({"role": "owner"})).await).await, (403, Forbidden));
    assert_eq!(refused(anna.delete(&partner).await).await, (403, Forbidden));
    assert_eq!((group(&anna, id).await, anna.reads(id).await), before);
    assert_eq!(group(&anna, direct).await.rev, 0);
}

#[tokio::test]
async fn c3_frames_are_answered_and_repeats_change_nothing() {
    let server = Server::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let id = room(&[&anna, &ben], Some("Two")).await;
    let mut socket = anna.connect().await;
    let conversation_id = Some(id);
    let requests: [fn(_, _, _, _) -> ClientFrame; 4] = [
        |conversation_id, client_id, _, carla| ClientFrame::AddMembers {
            conversation_id,
            user_ids: vec![carla],
            client_id,
        },
        |conversation_id, client_id, ben, _| ClientFrame::SetRole {
            conversation_id,
            user_id: ben,
            role: Role::Owner,
            client_id,
        },
        |conversation_id, client_id, _, _| ClientFrame::UpdateConversation {
            conversation_id,
            title: Some("Three".into()),
            hue: None,
            emoji: None,
            history: None,
            client_id,
        },
        |conversation_id, client_id, _, carla| ClientFrame::RemoveMember {
            conversation_id,
            user_id: carla,
            client_id,
        },
    ];
    for (n, request) in requests.into_iter().enumerate() {
        let client_id = Some(ClientId::mint());
        let frame = request(conversation_id, client_id, ben.me.id, carla.me.id);
        let is_done = |frame: &ServerFrame| matches!(frame, ServerFrame::Done(Done { client_id: id, .. }) if Some(*id) == client_id);
        socket.send(&frame).await;
        socket.until(is_done).await;
        // Over the socket, and without one.
        socket.send(&frame).await;
        socket.until(is_done).await;
        let answer = anna.post("/api/submit", &json!({"frames": [frame]})).await;
        let text = answer.text().await.unwrap();
        assert!(text.contains(r#""type":"done""#), "{text}");
        assert_eq!(group(&anna, id).await.rev, i64::try_from(n).unwrap() + 1, "{frame:?}");
    }
    // A refusal names the request; without an id there is no answer but the change.
    let client_id = Some(ClientId::mint());
    let remove = ClientFrame::RemoveMember { conversation_id, user_id: carla.me.id, client_id };
    socket.send(&remove).await;
    let error = socket.refused().await;
    assert_eq!((error.code, error.client_id), (ErrorCode::NotFound, client_id));
    let update = |title: &str, client_id| ClientFrame::UpdateConversation {
        conversation_id,
        title: Some(title.to_owned()),
        hue: None,
        emoji: None,
        history: None,
        client_id,
    };
    socket.send(&update("Four", None)).await;
    let named = |frame: &ServerFrame| matches!(frame, ServerFrame::NewMessage(NewMessage { message, .. }) if message.event.as_ref().is_some_and(|event| event.title.as_deref() == Some("Four")));
    socket.until(named).await;
    socket.send(&update("Five", client_id)).await;
    socket.until(|frame| matches!(frame, ServerFrame::Done(_))).await;
    socket.send(&update("Six", client_id)).await;
    assert_eq!(socket.refused().await.code, ErrorCode::IdConflict);
    // The socket of one conversation speaks of that one alone.
    let other = room(&[&anna, &carla], Some("Other")).await;
    let mut one = anna.enters(other).await;
    one.send(&update("Seven", None)).await;
    assert_eq!(one.refused().await.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn c3_two_owners_who_leave_at_once_leave_an_owner() {
    let server = Server::start().await;
    for round in 0..5 {
        let name = |who: &str| format!("{who}{round}");
        let (anna, ben) = (server.register(&name("anna")).await, server.register(&name("ben")).await);
        let carla = server.register(&name("carla")).await;
        let id = room(&[&anna, &ben, &carla], Some("Three")).await;
        let member = |person: &Person| format!("/api/conversations/{id}/members/{}", person.me.id);
        assert_eq!(patch(&anna, &member(&ben), &json!({"role": "owner"})).await.status(), 204);
        let (annas, bens) = (member(&anna), member(&ben));
        let (one, other) = tokio::join!(anna.delete(&annas), ben.delete(&bens));
        let mut statuses = [one.status().as_u16(), other.status().as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409]);
        let left = group(&carla, id).await;
        let owners: Vec<&Member> =
            left.members.iter().filter(|member| !member.left && member.role == Role::Owner).collect();
        assert_eq!((owners.len(), left.member_count), (1, 2));
    }
}

#[tokio::test]
async fn c3_twins_add_once() {
    let server = Server::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let id = room(&[&anna, &ben], Some("Two")).await;
    let (path, body) = (format!("/api/conversations/{id}/members"), json!({"usernames": ["carla"]}));
    let both = futures::future::join_all((0..8).map(|_| anna.post(&path, &body))).await;
    assert!(both.iter().all(|answer| answer.status() == 200));
    let now = group(&anna, id).await;
    assert_eq!((now.rev, now.member_count), (1, 3));
    let list: Value = carla.get("/api/conversations").await.json().await.unwrap();
    assert_eq!(list["conversations"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn c3_a_newcomer_s_presence_is_seen_by_the_members() {
    let server = Server::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let id = room(&[&anna, &ben], Some("Two")).await;
    let mut bens = ben.connect().await;
    let _carlas = carla.connect().await;
    assert!(bens.so_far().await.iter().all(|frame| !format!("{frame:?}").contains("carla")), "a stranger");
    anna.post(&format!("/api/conversations/{id}/members"), &json!({"usernames": ["carla"]})).await;
    let is_hers = |frame: &ServerFrame| matches!(frame, ServerFrame::UserStatus(status) if status.user_id == carla.me.id);
    bens.until_within(Duration::from_secs(10), is_hers).await;
}

#[tokio::test]
async fn c3_forms_change_a_group_without_scripts() {
    let server = Server::start().await;
    let mut browser = server.browser("anna").await;
    let (ben, carla) = (server.register("ben").await, server.register("carla").await);
    let create = [("participants", "ben"), ("participants", "carla"), ("title", "Climbing")];
    let answer = browser.submit("/conversations", &create).await;
    let page = answer.headers()["location"].to_str().unwrap().to_owned();
    let details = format!("{page}?details");
    let id: protocol::ConversationId = page.trim_start_matches("/c/").parse().unwrap();
    server.register("dora").await;
    for (path, fields) in [
        (
            "settings",
            vec![("title", "Bouldering"), ("emoji", "🧗"), ("hue", "4"), ("history", "from_joining")],
        ),
        ("members", vec![("usernames", "@dora")]),
        ("members/role", vec![("member", &*ben.me.id.to_string()), ("role", "moderator")]),
        ("members/remove", vec![("member", &*carla.me.id.to_string())]),
    ] {
        let answer = browser.submit(&format!("{page}/{path}"), &fields).await;
        assert_eq!(answer.status(), 303, "{path}");
        assert_eq!(answer.headers()["location"], details, "{path}");
    }
    let now = group(&ben, id).await;
    assert_eq!(
        (now.title.as_deref(), now.emoji.as_deref(), now.hue),
        (Some("Bouldering"), Some("🧗"), Some(4))
    );
    assert_eq!((now.history, now.member_count), (History::FromJoining, 3));
    assert_eq!(role(&now, &ben), Some(Role::Moderator));
    let shown = browser.get(&details).await.text().await.unwrap();
    for part in ["Bouldering", "/members/role", "/members/remove", "/settings", ">dora<"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    // A refusal is told on the next page, and changes nothing.
    browser.submit(&format!("{page}/settings"), &[("title", &"x".repeat(121))]).await;
    assert!(browser.get(&details).await.text().await.unwrap().contains("at most 120 characters"));
    let me = now.members.iter().find(|member| member.role == Role::Owner).unwrap().user.id.to_string();
    let answer = browser.submit(&format!("{page}/members/remove"), &[("member", &me)]).await;
    assert_eq!(answer.headers()["location"], details);
    assert!(browser.get(&details).await.text().await.unwrap().contains("needs an owner"));
    assert_eq!(group(&ben, id).await.rev, now.rev);
    // Rendered for another person: nothing is done in their name.
    browser.submit(&format!("{page}/settings"), &[("title", "Theirs"), ("me", "987654")]).await;
    assert_eq!(group(&ben, id).await.title.as_deref(), Some("Bouldering"));
    // Handed over, the owner leaves, and is led to the list.
    let ben_id = ben.me.id.to_string();
    browser.submit(&format!("{page}/members/role"), &[("member", &ben_id), ("role", "owner")]).await;
    let answer = browser.submit(&format!("{page}/members/remove"), &[("member", &me)]).await;
    assert_eq!(answer.headers()["location"], "/");
    assert_eq!(browser.get(&details).await.status(), 404);
    assert_eq!(role(&group(&ben, id).await, &ben), Some(Role::Owner));
}
