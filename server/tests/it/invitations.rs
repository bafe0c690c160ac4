//! Invitations to groups: by link, and of people who cannot be added.

use crate::support::{Browser, PASSWORD, Person, Server, room, until};
use protocol::{
    ClientFrame, Conversation, ConversationId, ErrorCode, Invitation, InvitationAdded, InvitationId,
    InvitationLinkCreated, InvitationLinks, InvitationRemoved, MessageType, ServerFrame,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// The person lets nobody add them.
async fn shy(server: &Server, name: &str) -> Person {
    let person = server.register(name).await;
    let answer = person.ask(Method::PATCH, "/api/me", Some(&json!({"addable_by": "nobody"}))).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json::<Value>().await.unwrap()["addable_by"], "nobody");
    person
}

async fn link(by: &Person, group: ConversationId, request: Value) -> Value {
    let answer = by.post(&format!("/api/conversations/{group}/invitations"), &request).await;
    assert_eq!(answer.status(), 201);
    answer.json().await.unwrap()
}

async fn token(by: &Person, group: ConversationId, request: Value) -> String {
    link(by, group, request).await["token"].as_str().unwrap().to_owned()
}

async fn accept(person: &Person, invitation: &str) -> Response {
    person.post(&format!("/api/invitations/{invitation}/accept"), &json!({})).await
}

async fn invitations(person: &Person) -> Vec<Invitation> {
    let list: Value = person.get("/api/invitations").await.json().await.unwrap();
    serde_json::from_value(list["invitations"].clone()).unwrap()
}

async fn links(person: &Person, group: ConversationId) -> Value {
    let answer = person.get(&format!("/api/conversations/{group}/invitations")).await;
    answer.json::<Value>().await.unwrap()["invitations"].clone()
}

#[tokio::test]
async fn c3_a_link_lets_people_join() {
    let server = Server::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let club = room(&[&anna, &ben], Some("Club")).await;
    let made = link(&anna, club, json!({"expires_in": 3600, "uses": 5})).await;
    let token = made["token"].as_str().unwrap();
    assert!(
        token.len() >= 22 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    );
    assert_eq!(made["url"], format!("{}/join/{token}", server.url));
    assert_eq!((&made["uses_left"], &made["by"]["username"]), (&json!(5), &json!("anna")));
    let listed = links(&anna, club).await;
    assert_eq!((&listed[0]["id"], &listed[0]["uses_left"]), (&made["id"], &json!(5)));
    assert!(token.starts_with(listed[0]["token_start"].as_str().unwrap()));
    assert!(!listed.to_string().contains(token), "the whole token is shown once");

    let (mut annas, mut carlas) = (anna.connect().await, carla.connect().await);
    let joined: Conversation = accept(&carla, token).await.json().await.unwrap();
    assert_eq!((joined.id, joined.member_count), (club, 3));
    let told = annas.until(|frame| matches!(frame, ServerFrame::NewMessage(_))).await;
    let ServerFrame::NewMessage(told) = told else { unreachable!() };
    assert_eq!(
        (told.message.message_type, told.message.sender.username.as_str()),
        (MessageType::System, "carla")
    );
    assert_eq!(told.members[0].user.username, "carla");
    carlas.until(|frame| matches!(frame, ServerFrame::ConversationUpdated(updated) if updated.conversation.id == club)).await;
    anna.says(club, "Welcome").await;
    carlas.hears("Welcome").await;
    // A member stays one, and spends no use.
    assert_eq!(accept(&carla, token).await.status(), 200);
    assert_eq!(links(&anna, club).await[0]["uses_left"], 4);
    assert_eq!(
        carla
            .get(&format!("/api/conversations/{club}"))
            .await
            .json::<Conversation>()
            .await
            .unwrap()
            .member_count,
        3
    );

    let path = format!("/api/conversations/{club}/invitations");
    assert_eq!(carla.delete(&format!("{path}/{token}")).await.status(), 403);
    assert_eq!(anna.delete(&format!("{path}/{token}")).await.status(), 204);
    assert_eq!(anna.delete(&format!("{path}/{token}")).await.status(), 204, "a repeat");
    assert_eq!(anna.delete(&format!("{path}/x{token}")).await.status(), 404);
    assert_eq!(links(&anna, club).await, json!([]));
}

#[tokio::test]
async fn c3_links_have_bounds() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let club = room(&[&anna, &ben], Some("Club")).await;
    let direct = room(&[&anna, &ben], None).await;
    let path = format!("/api/conversations/{club}/invitations");
    for (body, status) in [
        (json!({"expires_in": 0}), 422),
        (json!({"expires_in": -5}), 422),
        (json!({"expires_in": 365 * 86_400 + 1}), 422),
        (json!({"expires_in": i64::MAX}), 422),
        (json!({"uses": 0}), 422),
        (json!({"uses": 501}), 422),
        (json!({"uses": "five"}), 400),
        (json!({"expires_in": 1.5}), 400),
    ] {
        let answer = anna.post(&path, &body).await;
        assert_eq!(answer.status(), status, "{body}");
        assert!(!answer.json::<Value>().await.unwrap()["error"]["message"].as_str().unwrap().is_empty());
    }
    assert_eq!(links(&anna, club).await, json!([]), "nothing changed");
    assert_eq!(
        anna.post(&format!("/api/conversations/{direct}/invitations"), &json!({})).await.status(),
        403
    );
    // Without a body: seven days, any number of people.
    let answer = anna.ask(Method::POST, &path, None).await;
    assert_eq!(answer.status(), 201);
    let made: Value = answer.json().await.unwrap();
    assert_eq!(made["uses_left"], Value::Null);
    link(&anna, club, json!({"expires_in": 365 * 86_400, "uses": 500})).await;
}

#[tokio::test]
async fn c3_every_link_that_admits_nobody_has_the_same_answer() {
    let server = Server::start().await;
    let (anna, ben, carla, dora) = (
        server.register("anna").await,
        server.register("ben").await,
        server.register("carla").await,
        server.register("dora").await,
    );
    let club = room(&[&anna, &ben, &carla], Some("Club")).await;
    let expired = token(&anna, club, json!({"expires_in": 1})).await;
    let revoked = token(&anna, club, json!({})).await;
    assert_eq!(anna.delete(&format!("/api/conversations/{club}/invitations/{revoked}")).await.status(), 204);
    let spent = token(&anna, club, json!({"uses": 1})).await;
    let old = token(&anna, club, json!({})).await;
    // The use of one who came and went stays spent.
    assert_eq!(accept(&dora, &spent).await.status(), 200);
    assert_eq!(dora.delete(&format!("/api/conversations/{club}/members/{}", dora.me.id)).await.status(), 204);
    let removed = format!("/api/conversations/{club}/members/{}", carla.me.id);
    assert_eq!(anna.delete(&removed).await.status(), 204);
    until("the link has expired", async || accept(&anna, &expired).await.status() == 404).await;
    let mut answers = Vec::new();
    for (person, token) in [
        (&carla, old.as_str()),
        (&dora, expired.as_str()),
        (&dora, revoked.as_str()),
        (&dora, spent.as_str()),
        (&dora, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        (&dora, "x"),
    ] {
        let answer = accept(person, token).await;
        assert_eq!(answer.status(), 404, "{token}");
        answers.push(answer.text().await.unwrap());
        let mut socket = person.connect().await;
        let frame = ClientFrame::AcceptInvitation { invitation_id: None, token: Some(token.to_owned()) };
        socket.send(&frame).await;
        assert_eq!(socket.refused().await.code, ErrorCode::NotFound);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert!(answers[0].contains("This invitation does not exist or has ended"), "{}", answers[0]);
    let group: Conversation = anna.get(&format!("/api/conversations/{club}")).await.json().await.unwrap();
    assert_eq!(group.member_count, 2);
    // Who left comes back, and so does who was removed, by a newer link.
    assert_eq!(accept(&dora, &old).await.status(), 200);
    let newer = token(&anna, club, json!({})).await;
    assert_eq!(accept(&carla, &newer).await.status(), 200);
}

#[tokio::test]
async fn c3_who_cannot_be_added_is_invited() {
    let server = Server::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, shy(&server, "ben").await, server.register("carla").await);
    let (mut bens, mut annas) = (ben.connect().await, anna.connect().await);
    let body =
        json!({"participants": ["ben", "carla"], "title": "Club", "client_id": protocol::ClientId::mint()});
    let mut answers = Vec::new();
    for status in [201, 200] {
        let answer = anna.post("/api/conversations", &body).await;
        assert_eq!(answer.status(), status);
        let created: Value = answer.json().await.unwrap();
        assert_eq!(
            (&created["member_count"], &created["invited"][0]["username"]),
            (&json!(2), &json!("ben"))
        );
        assert_eq!(created["invited"].as_array().unwrap().len(), 1);
        answers.push(created["id"].clone());
    }
    assert_eq!(answers[0], answers[1], "a repeat invites nobody again");
    let club = ConversationId(answers[0].as_i64().unwrap());
    let added = bens.until(|frame| matches!(frame, ServerFrame::InvitationAdded(_))).await;
    let ServerFrame::InvitationAdded(InvitationAdded { invitation, user_rev }) = added else {
        unreachable!()
    };
    assert_eq!(
        (invitation.conversation.title.as_deref(), invitation.conversation.member_count),
        (Some("Club"), 2)
    );
    assert_eq!(invitation.by.username, "anna");
    assert_eq!(invitations(&ben).await, std::slice::from_ref(&invitation));
    let synced: Value = ben.post("/api/sync", &json!({"list": true})).await.json().await.unwrap();
    assert_eq!(synced["invitations"], json!([invitation]));
    assert_eq!(synced["user_rev"], user_rev);
    assert_eq!(ben.get(&format!("/api/conversations/{club}")).await.status(), 404, "ben is no member");
    // It is nobody else's.
    for (person, frame) in [(&carla, InvitationId(4711)), (&carla, invitation.id), (&anna, invitation.id)] {
        assert_eq!(accept(person, &frame.to_string()).await.status(), 404);
        assert_eq!(person.delete(&format!("/api/invitations/{frame}")).await.status(), 404);
    }
    assert_eq!(invitations(&carla).await, []);

    bens.send(&ClientFrame::AcceptInvitation { invitation_id: Some(invitation.id), token: None }).await;
    let gone = bens.until(|frame| matches!(frame, ServerFrame::InvitationRemoved(_))).await;
    let removed = InvitationRemoved { invitation_id: invitation.id, user_rev: user_rev + 1 };
    assert_eq!(gone, ServerFrame::InvitationRemoved(removed));
    bens.until(
        |frame| matches!(frame, ServerFrame::ConversationUpdated(updated) if updated.conversation.id == club),
    )
    .await;
    annas
        .until(|frame| matches!(frame, ServerFrame::NewMessage(new) if new.message.sender.username == "ben"))
        .await;
    assert_eq!(invitations(&ben).await, []);
    // The direct conversation with somebody who cannot be added needs no permission.
    let dora = shy(&server, "dora").await;
    assert_eq!(anna.post("/api/conversations", &json!({"participants": ["dora"]})).await.status(), 201);
    assert_eq!(invitations(&dora).await, []);
}

#[tokio::test]
async fn c3_people_who_talk_are_added() {
    let server = Server::start_with(&[("RAPPORT_LIMITS__ADDABLE_BY", "contacts")]).await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let me: Value = ben.get("/api/me").await.json().await.unwrap();
    assert_eq!(me["addable_by"], "contacts");
    let body = json!({"participants": ["ben"], "title": "Club"});
    let create = async || anna.post("/api/conversations", &body).await.json::<Value>().await.unwrap();
    assert_eq!(create().await["invited"][0]["username"], "ben");
    let talk = room(&[&anna, &ben], None).await;
    anna.says(talk, "Hello").await;
    assert_eq!(create().await["member_count"], 1, "a stranger who writes is a stranger");
    ben.says(talk, "Hello").await;
    let created = create().await;
    assert_eq!((&created["member_count"], created.get("invited")), (&json!(2), None));
    let refused = ben.ask(Method::PATCH, "/api/me", Some(&json!({"addable_by": "friends"}))).await;
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn c3_a_declined_invitation_is_told_to_nobody() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, shy(&server, "ben").await);
    let mut annas = anna.connect().await;
    let created: Value = anna
        .post("/api/conversations", &json!({"participants": ["ben"], "title": "Club"}))
        .await
        .json()
        .await
        .unwrap();
    annas.so_far().await;
    let invitation = invitations(&ben).await.remove(0);
    let mut bens = ben.connect().await;
    assert_eq!(ben.delete(&format!("/api/invitations/{}", invitation.id)).await.status(), 204);
    bens.until(|frame| matches!(frame, ServerFrame::InvitationRemoved(_))).await;
    assert_eq!(ben.delete(&format!("/api/invitations/{}", invitation.id)).await.status(), 204, "a repeat");
    assert_eq!(accept(&ben, &invitation.id.to_string()).await.status(), 404);
    assert_eq!(annas.so_far().await, vec![]);
    let group: Value = anna.get(&format!("/api/conversations/{}", created["id"])).await.json().await.unwrap();
    assert_eq!((&group["member_count"], &group["rev"]), (&created["member_count"], &created["rev"]));
}

#[tokio::test]
async fn c3_links_over_the_socket() {
    let server = Server::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let club = room(&[&anna, &ben], Some("Club")).await;
    let mut annas = anna.enters(club).await;
    let client_id = Some(protocol::ClientId::mint());
    let create = ClientFrame::CreateInvitationLink {
        conversation_id: None,
        expires_in: None,
        uses: Some(2),
        client_id,
    };
    annas.send(&create).await;
    let created = annas.until(|frame| matches!(frame, ServerFrame::InvitationLinkCreated(_))).await;
    let ServerFrame::InvitationLinkCreated(InvitationLinkCreated { token, link, .. }) = created else {
        unreachable!()
    };
    annas.send(&create).await;
    let again = annas.until(|frame| matches!(frame, ServerFrame::InvitationLinkCreated(_))).await;
    let same = InvitationLinkCreated { conversation_id: club, token: token.clone(), link: link.clone() };
    assert_eq!(again, ServerFrame::InvitationLinkCreated(same), "a repeat");
    annas.send(&ClientFrame::ListInvitationLinks { conversation_id: None }).await;
    let listed = annas.until(|frame| matches!(frame, ServerFrame::InvitationLinks(_))).await;
    assert_eq!(
        listed,
        ServerFrame::InvitationLinks(InvitationLinks { conversation_id: club, links: vec![link.clone()] })
    );
    let mut carlas = carla.connect().await;
    carlas.send(&ClientFrame::AcceptInvitation { invitation_id: None, token: Some(token.clone()) }).await;
    carlas.until(|frame| matches!(frame, ServerFrame::ConversationUpdated(_))).await;
    for frame in [
        ClientFrame::CreateInvitationLink {
            conversation_id: Some(club),
            expires_in: None,
            uses: None,
            client_id,
        },
        ClientFrame::ListInvitationLinks { conversation_id: Some(club) },
        ClientFrame::RevokeInvitationLink { conversation_id: Some(club), link_id: link.id },
    ] {
        carlas.send(&frame).await;
        assert_eq!(carlas.refused().await.code, ErrorCode::Forbidden, "{frame:?}");
    }
    for frame in [
        ClientFrame::AcceptInvitation { invitation_id: None, token: None },
        ClientFrame::AcceptInvitation { invitation_id: Some(InvitationId(1)), token: Some(token) },
    ] {
        carlas.send(&frame).await;
        assert_eq!(carlas.refused().await.code, ErrorCode::Malformed);
    }
    annas.send(&ClientFrame::RevokeInvitationLink { conversation_id: None, link_id: link.id }).await;
    let left = annas.until(|frame| matches!(frame, ServerFrame::InvitationLinks(_))).await;
    assert_eq!(left, ServerFrame::InvitationLinks(InvitationLinks { conversation_id: club, links: vec![] }));
}

#[tokio::test]
async fn c3_a_qr_code_is_for_those_who_may_see_the_link() {
    let server = Server::start().await;
    let (anna, ben, eve) =
        (server.register("anna").await, server.register("ben").await, server.register("eve").await);
    let club = room(&[&anna, &ben], Some("Club")).await;
    let token = token(&anna, club, json!({})).await;
    let path = format!("/api/invitations/{token}/qr");
    let answer = anna.get(&path).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"image/svg+xml".parse().unwrap())
    );
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let image = answer.text().await.unwrap();
    assert!(image.contains("<svg") && !image.contains(&token), "{image:.200}");
    assert_eq!(server.http.get(format!("{}{path}", server.url)).send().await.unwrap().status(), 401);
    for person in [&ben, &eve] {
        assert_eq!(person.get(&path).await.status(), 404, "{}", person.me.username);
    }
    assert_eq!(anna.get("/api/invitations/AAAAAAAAAAAAAAAAAAAAAAAA/qr").await.status(), 404);
}

#[tokio::test]
async fn c3_joining_by_plain_forms() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let club = room(&[&anna, &ben], Some("The <Club>")).await;
    let token = token(&anna, club, json!({"uses": 1})).await;
    let page = format!("/join/{token}");
    // A visitor registers, and comes back.
    let mut browser = Browser::new(&server);
    let answer = browser.get(&page).await;
    let to = answer.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(
        (answer.status().as_u16(), to.as_str()),
        (303, format!("/sign-in?next=%2Fjoin%2F{token}").as_str())
    );
    let sign_in = browser.get(&to).await;
    assert_eq!(sign_in.headers()["referrer-policy"], "same-origin", "no other site gets the address");
    let sign_in = sign_in.text().await.unwrap();
    assert!(sign_in.contains(&format!("/register?next={page}")), "{sign_in}");
    let fields = [("username", "carla"), ("password", PASSWORD), ("next", page.as_str())];
    let answer = browser.submit("/register", &fields).await;
    assert_eq!(answer.headers()["location"], page);
    let shown = browser.get(&page).await;
    assert_eq!(shown.headers()["referrer-policy"], "same-origin");
    let shown = shown.text().await.unwrap();
    for words in ["The &lt;Club&gt;", "2 members", "Invitation by anna", "Join"] {
        assert!(shown.contains(words), "{words} is missing in {shown}");
    }
    let answer = browser.submit(&page, &[]).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (303, &format!("/c/{club}").parse().unwrap())
    );
    assert!(browser.get(&page).await.text().await.unwrap().contains("You are a member of this group"));
    // The link is spent.
    let mut other = server.browser("dora").await;
    for answer in [other.get(&page).await, other.submit(&page, &[]).await, other.get("/join/none").await] {
        assert_eq!(answer.status(), 404);
        let text = answer.text().await.unwrap();
        assert!(text.contains("This invitation does not exist or has ended"), "{text}");
        assert!(!text.contains("Club") && !text.contains("anna"));
    }
    assert_eq!(other.get("/join/%3Cb%3E").await.status(), 404);
}

#[tokio::test]
async fn c3_answering_by_plain_forms() {
    let server = Server::start().await;
    let (anna, mut browser) = (server.register("anna").await, server.browser("ben").await);
    let answer = browser.submit("/settings/groups", &[("addable_by", "nobody")]).await;
    assert_eq!(answer.headers()["location"], "/settings#groups");
    let settings = browser.get("/settings").await.text().await.unwrap();
    assert!(settings.contains("Saved.") && settings.contains("Who may add you to groups"));
    assert_eq!(browser.get("/api/me").await.json::<Value>().await.unwrap()["addable_by"], "nobody");
    browser.submit("/settings/groups", &[("addable_by", "friends")]).await;
    assert_eq!(browser.get("/api/me").await.json::<Value>().await.unwrap()["addable_by"], "nobody");
    // The other preferences have a form of their own.
    browser
        .submit("/settings/appearance", &[("theme", "dark"), ("language", "en"), ("time_zone", "auto")])
        .await;
    assert_eq!(browser.get("/api/me").await.json::<Value>().await.unwrap()["addable_by"], "nobody");

    for title in ["First", "Second"] {
        anna.post("/api/conversations", &json!({"participants": ["ben"], "title": title})).await;
    }
    assert!(browser.get("/").await.text().await.unwrap().contains("Invitations (2)"));
    let page = browser.get("/invitations").await.text().await.unwrap();
    assert!(
        page.contains("First") && page.contains("Second") && page.contains("Invitation by anna"),
        "{page}"
    );
    let list: Value = browser.get("/api/invitations").await.json().await.unwrap();
    let id = |at: usize| list["invitations"][at]["id"].as_i64().unwrap();
    let declined = browser.submit(&format!("/invitations/{}/decline", id(0)), &[]).await;
    assert_eq!(declined.headers()["location"], "/invitations");
    let page = browser.get("/invitations").await.text().await.unwrap();
    assert!(page.contains("First") && !page.contains("Second"), "the newest was declined: {page}");
    let group = &list["invitations"][1]["conversation"]["id"];
    let accepted = browser.submit(&format!("/invitations/{}/accept", id(1)), &[]).await;
    assert_eq!(accepted.headers()["location"], format!("/c/{group}"));
    assert_eq!(browser.get(&format!("/c/{group}")).await.status(), 200);
    let again = browser.submit(&format!("/invitations/{}/accept", id(1)), &[]).await;
    assert_eq!(again.headers()["location"], format!("/c/{group}"), "a repeat");
    for path in [format!("/invitations/{}/accept", id(0)), "/invitations/x/decline".to_owned()] {
        assert_eq!(browser.submit(&path, &[]).await.headers()["location"], "/invitations");
        let page = browser.get("/invitations").await.text().await.unwrap();
        assert!(page.contains("This invitation does not exist or has ended"), "{path}: {page}");
    }
}

#[tokio::test]
async fn c3_making_a_link_by_a_plain_form() {
    let server = Server::start().await;
    let (ben, mut browser) = (server.register("ben").await, server.browser("anna").await);
    let answer = browser.submit("/conversations", &[("participants", "ben"), ("title", "Club")]).await;
    let page = answer.headers()["location"].to_str().unwrap().to_owned();
    let made = browser.submit(&format!("{page}/invitations"), &[("expires_in", "3600"), ("uses", "1")]).await;
    assert_eq!(
        (made.status().as_u16(), &made.headers()["cache-control"]),
        (200, &"no-store".parse().unwrap())
    );
    let made = made.text().await.unwrap();
    let address = format!("{}/join/", server.url);
    let token = made.split(&address).nth(1).expect("the address of the link").split('"').next().unwrap();
    let carla = server.register("carla").await;
    assert_eq!(accept(&carla, token).await.status(), 200);
    let refused = browser.submit(&format!("{page}/invitations"), &[("uses", "501")]).await;
    let details = format!("{page}?details");
    assert_eq!(refused.headers()["location"], details.as_str());
    assert!(browser.get(&details).await.text().await.unwrap().contains("A link is for 1 to 500 people"));
    let list = format!("/api/conversations/{}/invitations", page.trim_start_matches("/c/"));
    browser.submit(&format!("{page}/invitations"), &[]).await;
    let links: Value = browser.get(&list).await.json().await.unwrap();
    let id = links["invitations"][0]["id"].to_string();
    let revoked = browser.submit(&format!("{page}/invitations/revoke"), &[("link", id.as_str())]).await;
    assert_eq!(revoked.headers()["location"], details.as_str());
    assert_eq!(browser.get(&list).await.json::<Value>().await.unwrap()["invitations"], json!([]));
    assert_eq!(ben.get(&list).await.status(), 403);
}

#[tokio::test]
async fn c3_the_form_of_a_group_says_who_was_invited() {
    let server = Server::start().await;
    let (_ben, mut browser) = (shy(&server, "ben").await, server.browser("anna").await);
    let answer = browser.submit("/conversations", &[("participants", "ben"), ("title", "Club")]).await;
    let page = answer.headers()["location"].to_str().unwrap().to_owned();
    let shown = browser.get(&page).await.text().await.unwrap();
    assert!(shown.contains("Invited: ben."), "{shown}");
    assert!(!browser.get(&page).await.text().await.unwrap().contains("Invited: ben."), "once");
}
