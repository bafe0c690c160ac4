//! A suspended person, as the others see one (V18).

use crate::support::{Browser, PASSWORD, Program, Socket, room};
use protocol::{
    ClientFrame, ClientId, ConversationId, ErrorCode, GroupEventKind, NewMessage, Person, Role, ServerFrame,
};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Runs `rapport user suspend` beside the server.
async fn suspends(program: &Program, arguments: &[&str]) {
    let words = [["user", "suspend"].as_slice(), arguments].concat();
    let ended = Program::run(Path::new("/"), &program.data(), &words, "").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

/// Waits until the socket is told of a change of this person; whether the person is suspended then.
async fn hears_of(socket: &mut Socket, person: &Person) -> bool {
    let of_person = |frame: &ServerFrame| matches!(frame, ServerFrame::UserUpdated(updated) if updated.user.id == person.id);
    match socket.until(of_person).await {
        ServerFrame::UserUpdated(updated) => updated.user.suspended,
        frame => unreachable!("{frame:?}"),
    }
}

#[tokio::test]
async fn v18_a_suspension_is_told_to_others_live_and_nothing_is_sent_to_that_person_alone() {
    let program = Program::alone(&[]).await;
    let (anna, ben, cara) =
        (program.register("anna").await, program.register("ben").await, program.register("cara").await);
    let (talk, group) = (room(&[&anna, &ben], None).await, room(&[&anna, &ben, &cara], Some("All")).await);
    let (mut annas, mut bens) = (anna.connect().await, ben.connect().await);
    let mut browser = Browser::at(&program.url);
    browser.submit("/sign-in", &[("username", "anna"), ("password", PASSWORD)]).await;

    suspends(&program, &["ben"]).await;
    assert!(hears_of(&mut annas, &ben.me).await);
    assert_eq!(bens.closed().await.0, 4001);
    let conversation: Value = anna.get(&format!("/api/conversations/{talk}")).await.json().await.unwrap();
    let members = conversation["members"].as_array().unwrap();
    let member = members.iter().find(|member| member["user"]["username"] == "ben").unwrap();
    assert_eq!(member["user"]["suspended"], true);

    // To send says so, over each way; the text of the form stays.
    let answer =
        anna.post(&format!("/api/conversations/{talk}/messages"), &json!({"content": "hello"})).await;
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], "suspended");
    let client_id = Some(ClientId::mint());
    let (conversation_id, content) = (Some(talk), "hello".to_owned());
    annas.send(&ClientFrame::ChatMessage { conversation_id, content, client_id, reply_to: None }).await;
    let refused = annas.refused().await;
    assert_eq!((refused.code, refused.client_id), (ErrorCode::Suspended, client_id));
    let form = browser.submit(&format!("/c/{talk}/messages"), &[("content", "kept in its field")]).await;
    let next = form.headers()["location"].to_str().unwrap().to_owned();
    let page = browser.get(next.split('#').next().unwrap()).await.text().await.unwrap();
    assert!(page.contains("account is suspended") && page.contains("kept in its field"), "{page}");

    // To open the conversation anew, or a group, says the same; an existing group goes on.
    for body in [json!({"participants": ["ben"]}), json!({"participants": ["ben", "cara"], "title": "New"})] {
        let answer = anna.post("/api/conversations", &body).await;
        assert_eq!(answer.status(), 403, "{body}");
        assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], "suspended", "{body}");
    }
    let people: Value = anna.get("/api/people?q=ben").await.json().await.unwrap();
    assert_eq!(people["people"], json!([]));
    anna.says(group, "to the others").await;
    assert_eq!(anna.reads(talk).await, []);

    suspends(&program, &["ben", "--lift"]).await;
    assert!(!hears_of(&mut annas, &ben.me).await);
    anna.says(talk, "welcome back").await;
    let ben = ben.again().await;
    assert_eq!(ben.reads(talk).await[0].content, "welcome back");
}

/// Whether the frame tells that this person became an owner.
fn is_owner_now(frame: &ServerFrame, person: &Person) -> bool {
    let ServerFrame::NewMessage(NewMessage { message, members, .. }) = frame else { return false };
    let event = message.event.as_deref();
    event.is_some_and(|event| event.kind == GroupEventKind::RoleChanged && event.role == Some(Role::Owner))
        && members.iter().any(|member| member.user.id == person.id && member.role == Role::Owner)
}

#[tokio::test]
async fn c3_an_operator_gives_a_group_an_owner_while_the_only_one_is_suspended() {
    let audit = tempfile::tempdir().unwrap();
    let file = audit.path().join("audit.log");
    let program = Program::alone(&[]).await;
    let (anna, ben, cara) =
        (program.register("anna").await, program.register("ben").await, program.register("cara").await);
    let group = room(&[&anna, &ben], Some("Club")).await;
    let (direct, path) = (room(&[&ben, &cara], None).await, format!("/api/conversations/{group}"));
    let mut bens = ben.connect().await;
    suspends(&program, &["anna"]).await;
    let promote = async || {
        let member = format!("{path}/members/{}", anna.me.id);
        ben.ask(reqwest::Method::PATCH, &member, Some(&json!({"role": "member"}))).await.status().as_u16()
    };
    assert_eq!(promote().await, 403, "only an owner sets roles");

    let owner = async |id: ConversationId, name: &str| {
        let id = id.to_string();
        let words = ["group", "owner", &id, name, "--audit-file", file.to_str().unwrap()];
        Program::run(Path::new("/"), &program.data(), &words, "").await
    };
    let done = owner(group, "ben").await;
    assert_eq!((done.code, done.out), (Some(0), format!("ben is an owner of {group}.\n")));
    bens.until_within(Duration::from_secs(2), |frame| is_owner_now(frame, &ben.me)).await;
    let audited = std::fs::read_to_string(&file).unwrap();
    assert!(audited.contains("set role"), "{audited}");
    assert_eq!(promote().await, 204);
    // Again: nothing changes.
    let lines = ben.reads(group).await.len();
    let again = owner(group, "BEN").await;
    assert_eq!((again.code, again.out), (Some(0), format!("BEN is an owner of {group} already.\n")));
    assert_eq!(ben.reads(group).await.len(), lines);
    for (id, name, why) in [
        (group, "nobody", "not found"),
        (group, "cara", "no member"),
        (group, "anna", "suspended"),
        (direct, "ben", "direct conversation"),
        (ConversationId(4_711), "ben", "no member"),
    ] {
        let refused = owner(id, name).await;
        assert_eq!(refused.code, Some(1), "{name} {refused:?}");
        assert!(refused.err.to_lowercase().contains(why), "{name} {refused:?}");
    }
}
