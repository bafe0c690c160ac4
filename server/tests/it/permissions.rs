//! Permissions, and visibility of conversations.

use crate::support::{Browser, Server, Socket, room};
use protocol::{ClientFrame, ConversationRemoved, ErrorCode, KeyScope, MessageId, ServerFrame, Typing};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test]
async fn z1_an_invisible_conversation_is_like_an_unknown_one() {
    let server = Server::start().await;
    let (anna, ben, eve) =
        (server.register("anna").await, server.register("ben").await, server.register("eve").await);
    let theirs = room(&[&anna, &ben], None).await;
    anna.says(theirs, "Between us").await;
    for path in ["", "/messages", "/messages?before=5", "/messages?after=0"] {
        let mut answers = Vec::new();
        for id in [
            theirs.to_string(),
            "4711".into(),
            "0".into(),
            "-1".into(),
            "x".into(),
            "99999999999999999999".into(),
        ] {
            let answer = eve.get(&format!("/api/conversations/{id}{path}")).await;
            answers.push((answer.status().as_u16(), answer.text().await.unwrap()));
        }
        assert_eq!(answers[0].0, 404);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{path}: {answers:?}");
    }
    for id in [theirs.to_string(), "4711".into(), "0".into(), "x".into()] {
        let mut socket = eve.line(&format!("/ws/chat/{id}/")).await;
        assert_eq!(socket.closed().await, (4003, vec![]), "{id}");
    }
    let mut browser = server.browser("fred").await;
    let mut pages = Vec::new();
    for id in [theirs.to_string(), "4711".into()] {
        let page = browser.get(&format!("/c/{id}")).await;
        let status = page.status();
        let text = page.text().await.unwrap();
        assert!(!text.contains("Between us"));
        pages.push(status);
    }
    assert_eq!(pages, [404, 404]);
}

/// The roles, in the order of the table.
const ROLES: [&str; 6] = ["nobody", "outsider", "former", "member", "moderator", "owner"];

/// Method, path, body, and the answer for each role: a status, a close code, or 101 for a socket that opens.
#[rustfmt::skip]
fn table() -> Vec<(&'static str, &'static str, Value, [u16; 6])> {
    let none = Value::Null;
    vec![
        ("GET",    "/ws/",                                       none.clone(),                                    [4001, 101, 101, 101, 101, 101]),
        ("GET",    "/ws/chat/{id}/",                             none.clone(),                                    [4001, 4003, 4003, 101, 101, 101]),
        ("POST",   "/api/register",                              json!({"username": "x", "password": "12345678"}), [422; 6]),
        ("POST",   "/api/token",                                 json!({"username": "x", "password": "12345678"}), [401; 6]),
        ("DELETE", "/api/token",                                 none.clone(),                                    [401, 204, 204, 204, 204, 204]),
        ("POST",   "/api/token/refresh",                         json!({"refresh": "x"}),                         [401; 6]),
        ("POST",   "/api/sso",                                   json!({"token": "x"}),                           [401; 6]),
        ("GET",    "/api/me",                                    none.clone(),                                    [401, 200, 200, 200, 200, 200]),
        ("PATCH",  "/api/me",                                    json!({"first_name": "Ana"}),                    [401, 200, 200, 200, 200, 200]),
        ("GET",    "/api/me/preferences",                        none.clone(),                                    [401, 200, 200, 200, 200, 200]),
        ("PATCH",  "/api/me/preferences",                        json!({"sound": false}),                         [401, 200, 200, 200, 200, 200]),
        ("GET",    "/api/me/sessions",                           none.clone(),                                    [401, 200, 200, 200, 200, 200]),
        ("DELETE", "/api/me/sessions",                           none.clone(),                                    [401, 204, 204, 204, 204, 204]),
        // Somebody else's.
        ("DELETE", "/api/me/sessions/{session}",                 none.clone(),                                    [401, 404, 404, 404, 404, 404]),
        ("GET",    "/api/push",                                  none.clone(),                                    [401, 200, 200, 200, 200, 200]),
        ("POST",   "/api/me/push-subscriptions",                 json!({"endpoint": "https://push.example/", "keys": {"p256dh": "x", "auth": "x"}}), [401, 422, 422, 422, 422, 422]),
        ("DELETE", "/api/me/push-subscriptions",                 json!({"endpoint": "https://push.example/"}),    [401, 204, 204, 204, 204, 204]),
        // A person's token is no service key.
        ("GET",    "/api/key",                                   none.clone(),                                    [401; 6]),
        ("GET",    "/api/webhooks",                              none.clone(),                                    [401; 6]),
        ("POST",   "/api/webhooks",                              json!({"url": "https://8.8.8.8/", "events": ["member.left"]}), [401; 6]),
        ("DELETE", "/api/webhooks/{webhook}",                    none.clone(),                                    [401; 6]),
        ("GET",    "/api/webhooks/{webhook}/deliveries",         none.clone(),                                    [401; 6]),
        ("POST",   "/api/webhook-deliveries/{delivery}/resend",  none.clone(),                                    [401; 6]),
        ("GET",    "/api/subjects/{kind}/{subject}/conversation", none.clone(),                                   [401; 6]),
        ("PUT",    "/api/subjects/{kind}/{subject}/conversation", json!({"title": "x", "participants": []}),      [401; 6]),
        ("POST",   "/api/subjects/{kind}/{subject}/conversation/close", json!({"reason": "x"}),                   [401; 6]),
        ("POST",   "/api/subjects/{kind}/{subject}/conversation/reopen", json!({}),                               [401; 6]),
        // They moderate nothing.
        ("GET",    "/api/moderation/conversations",              none.clone(),                                    [401, 404, 404, 404, 404, 404]),
        ("GET",    "/api/moderation/conversations/{id}",         none.clone(),                                    [401, 404, 404, 404, 404, 404]),
        ("POST",   "/api/moderation/conversations/{id}/access",  json!({"reason": "x"}),                          [401, 404, 404, 404, 404, 404]),
        ("GET",    "/api/moderation/conversations/{id}/messages", none.clone(),                                   [401, 404, 404, 404, 404, 404]),
        ("POST",   "/api/moderation/conversations/{id}/close",   json!({"reason": "x"}),                          [401, 404, 404, 404, 404, 404]),
        ("POST",   "/api/moderation/conversations/{id}/reopen",  none.clone(),                                    [401, 404, 404, 404, 404, 404]),
        ("GET",    "/moderation",                                none.clone(),                                    [303, 404, 404, 404, 404, 404]),
        ("GET",    "/moderation/{id}",                           none.clone(),                                    [303, 404, 404, 404, 404, 404]),
        ("POST",   "/moderation/{id}/access",                    json!({"reason": "x"}),                          [303, 404, 404, 404, 404, 404]),
        ("POST",   "/moderation/{id}/close",                     json!({"reason": "x"}),                          [303, 404, 404, 404, 404, 404]),
        ("POST",   "/moderation/{id}/reopen",                    none.clone(),                                    [303, 404, 404, 404, 404, 404]),
        ("GET",    "/api/connection",                            none.clone(),                                    [401, 200, 200, 200, 200, 200]),
        ("GET",    "/api/people",                                none.clone(),                                    [401, 200, 200, 200, 200, 200]),
        ("GET",    "/api/conversations",                         none.clone(),                                    [401, 200, 200, 200, 200, 200]),
        ("POST",   "/api/conversations",                         json!({"participants": ["spare"]}),              [401, 201, 201, 201, 201, 201]),
        ("GET",    "/api/conversations/{id}",                    none.clone(),                                    [401, 404, 404, 200, 200, 200]),
        ("PATCH",  "/api/conversations/{id}",                    json!({"title": "Five"}),                        [401, 404, 404, 403, 200, 200]),
        ("POST",   "/api/conversations/{id}/members",            json!({"usernames": ["spare"]}),                 [401, 404, 404, 403, 200, 200]),
        ("PATCH",  "/api/conversations/{id}/members/{member}",   json!({"role": "moderator"}),                    [401, 404, 404, 403, 403, 204]),
        ("DELETE", "/api/conversations/{id}/members/{member}",   none.clone(),                                    [401, 404, 404, 403, 204, 204]),
        ("GET",    "/api/conversations/{id}/messages",           none.clone(),                                    [401, 404, 404, 200, 200, 200]),
        ("POST",   "/api/conversations/{id}/messages",           json!({"content": "x"}),                         [401, 404, 404, 201, 201, 201]),
        // Before it is deleted.
        ("GET",    "/api/conversations/{id}/messages/{message}/receipts", none.clone(),                           [401, 404, 404, 200, 200, 200]),
        ("DELETE", "/api/conversations/{id}/messages/{message}", none.clone(),                                    [401, 404, 404, 204, 204, 204]),
        ("PATCH",  "/api/conversations/{id}/me",                 json!({}),                                       [401, 404, 404, 200, 200, 200]),
        ("POST",   "/api/conversations/{id}/read",               json!({}),                                       [401, 404, 404, 204, 204, 204]),
        // It is about no subject.
        ("POST",   "/api/conversations/{id}/close",              json!({"reason": "Sold"}),                       [401, 404, 404, 403, 403, 403]),
        ("POST",   "/api/conversations/{id}/reopen",             json!({}),                                       [401, 404, 404, 403, 403, 403]),
        ("GET",    "/api/notifications",                         none.clone(),                                    [401, 200, 200, 200, 200, 200]),
        ("POST",   "/api/notifications/read",                    json!({}),                                       [401, 204, 204, 204, 204, 204]),
        ("POST",   "/api/sync",                                  json!({}),                                       [401, 200, 200, 200, 200, 200]),
        ("POST",   "/api/poll",                                  json!({"mailbox": null, "batch": 0, "wait": false, "sync": {}}), [401, 200, 200, 200, 200, 200]),
        ("POST",   "/api/submit",                                json!({"frames": []}),                           [401, 200, 200, 200, 200, 200]),
        ("GET",    "/api/conversations/{id}/invitations",        none.clone(),                                    [401, 404, 404, 403, 200, 200]),
        ("POST",   "/api/conversations/{id}/invitations",        json!({"uses": 5}),                              [401, 404, 404, 403, 201, 201]),
        // Somebody else's invitations, and a token that was never made.
        ("DELETE", "/api/conversations/{id}/invitations/{invitation}", none.clone(),                              [401, 404, 404, 403, 404, 404]),
        ("GET",    "/api/conversations/{id}/incoming-webhooks",  none.clone(),                                    [401, 404, 404, 403, 200, 200]),
        ("POST",   "/api/conversations/{id}/incoming-webhooks",  json!({"name": "Build"}),                        [401, 404, 404, 403, 201, 201]),
        ("DELETE", "/api/conversations/{id}/incoming-webhooks/{webhook}", none.clone(),                           [401, 404, 404, 403, 404, 404]),
        // The token of an invitation link is none of an incoming webhook.
        ("POST",   "/api/incoming/{token}",                      json!({"content": "x"}),                         [404; 6]),
        ("GET",    "/api/invitations",                           none.clone(),                                    [401, 200, 200, 200, 200, 200]),
        ("DELETE", "/api/invitations/{invitation}",              none.clone(),                                    [401, 404, 404, 404, 404, 404]),
        ("POST",   "/api/invitations/{invitation}/accept",       none.clone(),                                    [401, 404, 404, 404, 404, 404]),
        ("GET",    "/api/invitations/{invitation}/qr",           none.clone(),                                    [401, 404, 404, 404, 404, 404]),
        ("GET",    "/api",                                       none.clone(),                                    [200; 6]),
        ("GET",    "/api/openapi.json",                          none.clone(),                                    [200; 6]),
        ("POST",   "/sign-in",                                   none.clone(),                                    [303; 6]),
        ("POST",   "/sso",                                       json!({"token": "x"}),                           [401; 6]),
        ("GET",    "/embed/start",                               none.clone(),                                    [200; 6]),
        ("GET",    "/embed/session",                             none.clone(),                                    [401, 204, 204, 204, 204, 204]),
        ("POST",   "/embed/session",                             json!({"token": "x"}),                           [401; 6]),
        // To the page of the conversation, or to the one which says that there is none.
        ("GET",    "/embed/one/subject",                        none.clone(),                                    [303; 6]),
        ("GET",    "/embed/list/ws/",                            none.clone(),                                    [4001, 101, 101, 101, 101, 101]),
        ("GET",    "/embed/one/ws/",                             none.clone(),                                    [4001, 101, 101, 101, 101, 101]),
        ("POST",   "/demo/sign-in",                              none.clone(),                                    [404; 6]),
        ("POST",   "/register",                                  none.clone(),                                    [303; 6]),
        ("POST",   "/sign-out",                                  none.clone(),                                    [303; 6]),
        ("POST",   "/settings/profile",                          none.clone(),                                    [303; 6]),
        ("POST",   "/settings/appearance",                       none.clone(),                                    [303; 6]),
        ("POST",   "/settings/notifications",                    none.clone(),                                    [303; 6]),
        ("POST",   "/settings/privacy",                          none.clone(),                                    [303; 6]),
        ("POST",   "/settings/password",                         none.clone(),                                    [303; 6]),
        ("POST",   "/settings/sign-ins/end",                     none.clone(),                                    [303; 6]),
        ("POST",   "/settings/sign-ins/end-others",              none.clone(),                                    [303; 6]),
        ("POST",   "/conversations",                             none.clone(),                                    [303; 6]),
        ("POST",   "/c/{id}/messages",                           json!({"content": "x"}),                                    [303, 404, 404, 303, 303, 303]),
        ("POST",   "/c/{id}/me",                                 none.clone(),                                    [303, 404, 404, 303, 303, 303]),
        ("POST",   "/settings/groups",                           none.clone(),                                    [303; 6]),
        ("POST",   "/c/{id}/invitations",                        none.clone(),                                    [303, 404, 404, 303, 200, 200]),
        ("POST",   "/c/{id}/invitations/revoke",                 json!({"link": 4711}),                           [303, 404, 404, 303, 404, 404]),
        ("GET",    "/c/{id}/incoming-webhooks",                  none.clone(),                                    [303, 404, 404, 403, 200, 200]),
        ("POST",   "/c/{id}/incoming-webhooks",                  json!({"name": "Build"}),                        [303, 404, 404, 403, 200, 200]),
        ("POST",   "/c/{id}/incoming-webhooks/revoke",           json!({"webhook": 4711}),                        [303, 404, 404, 403, 303, 303]),
        ("POST",   "/invitations/{invitation}/accept",           none.clone(),                                    [303; 6]),
        ("POST",   "/invitations/{invitation}/decline",          none.clone(),                                    [303; 6]),
        ("POST",   "/c/{id}/read",                               none.clone(),                                    [303, 404, 404, 303, 303, 303]),
        ("POST",   "/notifications/read",                        none.clone(),                                    [303; 6]),
        ("POST",   "/c/{id}/settings",                           json!({"title": "Six"}),                         [303, 404, 404, 303, 303, 303]),
        ("POST",   "/c/{id}/members",                            json!({"usernames": "spare,other"}),             [303, 404, 404, 303, 303, 303]),
        ("POST",   "/c/{id}/members/role",                       json!({"member": "{member}", "role": "member"}), [303, 404, 404, 303, 303, 303]),
        ("POST",   "/c/{id}/close",                              json!({"reason": "Sold"}),                       [303, 404, 404, 303, 303, 303]),
        ("POST",   "/c/{id}/reopen",                             json!({}),                                       [303, 404, 404, 303, 303, 303]),
        ("POST",   "/c/{id}/members/remove",                     json!({"member": "{member}"}),                   [303, 404, 404, 303, 303, 303]),
        // Last, since the outsider joins. A link of the group, which the former member was removed after.
        ("GET",    "/join/{token}",                              none.clone(),                                    [303, 200, 404, 200, 200, 200]),
        ("POST",   "/join/{token}",                              none.clone(),                                    [303, 303, 404, 303, 303, 303]),
        ("POST",   "/sign-out-everywhere",                       none,                                            [303; 6]),
    ]
}

#[tokio::test]
async fn z2_every_route_for_every_role() {
    let server = Server::start().await;
    let names = ["outsider", "former", "member", "moderator", "owner", "spare", "other"];
    let mut people = Vec::new();
    for name in names {
        people.push(server.register(name).await);
    }
    let [outsider, former, member, moderator, owner, spare, other] = people.try_into().ok().unwrap();
    let id = room(&[&owner, &moderator, &member, &former, &spare, &other], Some("The six")).await;
    let path = format!("/api/conversations/{id}/members/{}", moderator.me.id);
    let promoted = owner.ask(reqwest::Method::PATCH, &path, Some(&json!({"role": "moderator"}))).await;
    assert_eq!(promoted.status(), 204);
    let message = owner.says(id, "Welcome").await;
    let link = owner.post(&format!("/api/conversations/{id}/invitations"), &json!({})).await;
    let link: Value = link.json().await.unwrap();
    let token = link["token"].as_str().unwrap();
    let gone = owner.delete(&format!("/api/conversations/{id}/members/{}", former.me.id)).await;
    assert_eq!(gone.status(), 204);

    let there: BTreeSet<_> = server::routes().into_iter().collect();
    let covered: BTreeSet<_> = table().into_iter().map(|(method, path, ..)| (method, path)).collect();
    assert_eq!(covered, there, "the table has every route and no other");

    let sessions: Value = spare.get("/api/me/sessions").await.json().await.unwrap();
    let session = sessions["sessions"][0]["id"].as_str().unwrap();

    for (method, path, body, answers) in table() {
        let path = path
            .replace("{id}", &id.to_string())
            .replace("{session}", session)
            .replace("{invitation}", "4711")
            .replace("{token}", token)
            .replace("{message}", &message.id.to_string());
        for (role, expected) in ROLES.iter().zip(answers) {
            let person = match *role {
                "outsider" => Some(&outsider),
                "former" => Some(&former),
                "member" => Some(&member),
                "moderator" => Some(&moderator),
                "owner" => Some(&owner),
                _ => None,
            };
            // The moderator and the owner remove a member each. Forms name the member in a field.
            let removed = if *role == "owner" { &other } else { &spare };
            let removed = removed.me.id.to_string();
            let path = path.replace("{member}", &removed);
            let body: Value = serde_json::from_str(&body.to_string().replace("{member}", &removed)).unwrap();
            // Some routes end the sign-in that they are asked by.
            let person = match person {
                Some(person) => Some(person.again().await),
                None => None,
            };
            let token = person.as_ref().map(|person| person.access.as_str());
            let answer = asked(&server, token, method, &path, &body).await;
            assert_eq!(answer, expected, "{method} {path} by {role}");
        }
    }
}

async fn asked(server: &Server, token: Option<&str>, method: &str, path: &str, body: &Value) -> u16 {
    if path.contains("/ws/") {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<_> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
        let mut socket = Socket::open(&server.ws(path), &headers).await.unwrap();
        let expects_greeting = tokio::time::timeout(Duration::from_secs(20), async {
            use futures::StreamExt as _;
            loop {
                match socket.line.next().await {
                    Some(Ok(tokio_tungstenite::tungstenite::Message::Text(_))) => return 101,
                    Some(Ok(tokio_tungstenite::tungstenite::Message::Close(Some(frame)))) => {
                        return frame.code.into();
                    }
                    Some(Ok(_)) => {}
                    other => panic!("{other:?}"),
                }
            }
        });
        return expects_greeting.await.unwrap();
    }
    let request = server.http.request(method.parse().unwrap(), format!("{}{path}", server.url));
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let request = match body {
        Value::Null => request,
        form if !path.starts_with("/api/") => request.form(form),
        body => request.json(body),
    };
    request.send().await.unwrap().status().as_u16()
}

/// The routes of service keys, with the scope that each needs, and the answer for a key that has it. No kind of subjects is configured.
const OF_KEYS: [(&str, &str, Option<KeyScope>, u16); 10] = [
    ("GET", "/api/key", None, 200),
    ("GET", "/api/subjects/{kind}/{subject}/conversation", Some(KeyScope::Subjects), 404),
    ("PUT", "/api/subjects/{kind}/{subject}/conversation", Some(KeyScope::Subjects), 404),
    ("POST", "/api/subjects/{kind}/{subject}/conversation/close", Some(KeyScope::Subjects), 404),
    ("POST", "/api/subjects/{kind}/{subject}/conversation/reopen", Some(KeyScope::Subjects), 404),
    ("GET", "/api/webhooks", Some(KeyScope::Webhooks), 200),
    ("POST", "/api/webhooks", Some(KeyScope::Webhooks), 201),
    ("DELETE", "/api/webhooks/{webhook}", Some(KeyScope::Webhooks), 404),
    ("GET", "/api/webhooks/{webhook}/deliveries", Some(KeyScope::Webhooks), 404),
    ("POST", "/api/webhook-deliveries/{delivery}/resend", Some(KeyScope::Webhooks), 404),
];

#[tokio::test]
async fn z2_every_route_for_service_keys() {
    let server = Server::start().await;
    let mut keys = Vec::new();
    for scope in KeyScope::ALL {
        keys.push((scope, server.key(scope.code(), &[scope]).await));
    }
    let (member, other) = (server.register("member").await, server.register("other").await);
    let id = room(&[&member, &other], Some("Two")).await;
    for (method, path, body, answers) in table() {
        let of_keys =
            OF_KEYS.iter().find(|(of_method, of_path, ..)| (*of_method, *of_path) == (method, path));
        let path = path.replace("{id}", &id.to_string()).replace("{token}", "4711");
        for (scope, key) in &keys {
            let expected = match of_keys {
                None => answers[0],
                Some((.., needed, answer)) if needed.is_none_or(|needed| needed == *scope) => *answer,
                Some(_) => 403,
            };
            let answer = asked(&server, Some(key), method, &path, &body).await;
            assert_eq!(answer, expected, "{method} {path} by a key for {}", scope.code());
        }
    }
}

#[tokio::test]
async fn z3_a_removed_member_receives_nothing_more() {
    let server = Server::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let talk = room(&[&anna, &ben, &carla], Some("Three")).await;
    let (mut one, mut all) = (ben.enters(talk).await, ben.connect().await);
    let removed = anna.delete(&format!("/api/conversations/{talk}/members/{}", ben.me.id)).await;
    assert_eq!(removed.status(), 204);
    let (code, before) = one.closed_within(Duration::from_secs(2)).await;
    assert_eq!(code, 4003);
    all.until(|frame| matches!(frame, ServerFrame::ConversationRemoved(ConversationRemoved { conversation_id, .. }) if *conversation_id == talk)).await;
    anna.says(talk, "Now that we are alone").await;
    assert_eq!(carla.reads(talk).await.last().unwrap().content, "Now that we are alone");
    let after = all.so_far().await;
    let text = format!("{before:?}{after:?}");
    assert!(!text.contains("alone"), "{text}");
    assert_eq!(ben.get(&format!("/api/conversations/{talk}/messages")).await.status(), 404);
}

#[tokio::test]
async fn z4_an_id_from_another_conversation_is_not_found() {
    let server = Server::start().await;
    let (anna, ben, eve) =
        (server.register("anna").await, server.register("ben").await, server.register("eve").await);
    let (theirs, mine) = (room(&[&anna, &ben], None).await, room(&[&anna, &eve], None).await);
    let secret = anna.says(theirs, "Between us").await;
    anna.says(mine, "Hello").await;

    let path = format!("/api/conversations/{mine}");
    assert_eq!(eve.delete(&format!("{path}/messages/{}?for=everyone", secret.id)).await.status(), 404);
    assert_eq!(eve.delete(&format!("{path}/messages/{}", secret.id)).await.status(), 404);
    assert_eq!(eve.post(&format!("{path}/read"), &json!({"message_id": secret.id})).await.status(), 404);
    let reply = json!({"content": "What?", "reply_to": secret.id});
    assert_eq!(eve.post(&format!("{path}/messages"), &reply).await.status(), 404);

    let mut socket = eve.enters(mine).await;
    for frame in [
        ClientFrame::DeleteMessage {
            conversation_id: None,
            message_id: Some(secret.id),
            audience: protocol::DeleteFor::Everyone,
        },
        ClientFrame::MarkRead { conversation_id: None, message_id: Some(secret.id) },
        ClientFrame::MarkDelivered { conversation_id: None, message_id: Some(MessageId(4711)) },
        ClientFrame::ChatMessage {
            conversation_id: None,
            content: "x".into(),
            client_id: None,
            reply_to: Some(secret.id),
        },
        // The socket of one conversation speaks of that one alone.
        ClientFrame::ChatMessage {
            conversation_id: Some(theirs),
            content: "x".into(),
            client_id: None,
            reply_to: None,
        },
    ] {
        socket.send(&frame).await;
        let error = socket.refused().await;
        assert_eq!(error.code, ErrorCode::NotFound, "{frame:?}");
    }
    assert_eq!(anna.reads(theirs).await.len(), 1);
    assert_eq!(anna.reads(theirs).await[0].content, "Between us");
    assert_eq!(anna.reads(mine).await.len(), 1);
}

#[tokio::test]
async fn z5_other_conversations_leave_no_trace() {
    let server = Server::start().await;
    let (anna, ben, eve) =
        (server.register("anna").await, server.register("ben").await, server.register("eve").await);
    let talk = room(&[&anna, &ben], None).await;
    let mut eves = eve.connect().await;
    eves.so_far().await;
    let (mut annas, mut bens) = (anna.enters(talk).await, ben.enters(talk).await);
    annas.send(&ClientFrame::Typing { conversation_id: None, is_typing: true }).await;
    bens.until(|frame| matches!(frame, ServerFrame::Typing(Typing { is_typing: true, .. }))).await;
    annas.says("Between us").await;
    bens.hears("Between us").await;
    assert_eq!(eves.so_far().await, vec![], "neither typing nor presence nor messages");

    eves.send(&ClientFrame::Typing { conversation_id: Some(talk), is_typing: true }).await;
    assert_eq!(eves.refused().await.code, ErrorCode::NotFound);
    let heard = format!("{:?}{:?}", annas.so_far().await, bens.so_far().await);
    // By name and by id.
    for trace in [format!("{:?}", eve.me.username), format!("{:?}", eve.me.id)] {
        assert!(!heard.contains(&trace), "{heard}");
    }

    let list: Value = eve.get("/api/conversations").await.json().await.unwrap();
    assert_eq!(list, json!({"conversations": []}));
    let body = json!({"open": {talk.to_string(): 0}, "list": true});
    let synced: Value = eve.post("/api/sync", &body).await.json().await.unwrap();
    assert_eq!(synced["gone"], json!([talk]));
    assert_eq!(
        (&synced["open"], &synced["presence"], &synced["typing"]),
        (&json!([]), &json!([]), &json!([]))
    );
}

#[tokio::test]
async fn a_pair_has_one_direct_conversation() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let first = anna.post("/api/conversations", &json!({"participants": ["BEN"]})).await;
    assert_eq!(first.status(), 201);
    let first: protocol::Conversation = first.json().await.unwrap();
    let second = ben.post("/api/conversations", &json!({"participants": ["anna"]})).await;
    assert_eq!(second.status(), 200);
    assert_eq!(second.json::<protocol::Conversation>().await.unwrap().id, first.id);
    let nobody = anna.post("/api/conversations", &json!({"participants": ["nobody"]})).await;
    assert_eq!(nobody.status(), 422);
    let mut browser = Browser::new(&server);
    let answer = browser.submit("/conversations", &[("participants", "ben")]).await;
    assert_eq!(answer.headers()["location"], "/sign-in?next=%2Fnew%3Fparticipants%3Dben");
}
