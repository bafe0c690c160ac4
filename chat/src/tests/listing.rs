//! The time at which a direct conversation appears in the other person's list.

use super::long_poll::Poller;
use super::world::World;
use crate::connection::Scope;
use protocol::{MembershipChange, NewMessage, ServerFrame, SyncRequest};
use serde_json::json;

#[tokio::test]
async fn c1_a_direct_conversation_appears_at_the_other_side_with_its_first_message() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let mut bens = world.connect(&ben, Scope::All).await;
    let mut poller = Poller::new(&ben);
    poller.poll(&world.polls, &ben, false).await;
    let mut annas = world.connect(&anna, Scope::All).await;
    annas.before_pong().await;
    let id = world.opened(&[&anna, &ben], None).await;
    assert_eq!(annas.until("conversation_updated").await["conversation"]["id"], json!(id));
    // Neither the conversation nor its typing is revealed.
    world.chat.typing(&anna.person, id, true).await.expect("types");
    assert_eq!(bens.before_pong().await, Vec::<serde_json::Value>::new());
    let request = SyncRequest { list: true, ..SyncRequest::default() };
    let answer = world.chat.sync(&ben.person, &request).await.expect("syncs");
    assert_eq!((answer.list, answer.presence, answer.typing), (Some(Vec::new()), Vec::new(), Vec::new()));
    assert_eq!(poller.poll(&world.polls, &ben, false).await.frames, Vec::new());

    world.send(&anna, id, "hello").await;
    let mut heard = Vec::new();
    while heard.last() != Some(&json!("user_status")) {
        heard.push(bens.json().await["type"].clone());
    }
    assert_eq!(heard, ["conversation_updated", "new_message", "user_status"]);
    poller.poll(&world.polls, &ben, true).await;
    let shown = poller.state.list();
    assert_eq!((shown.len(), shown[0].id, shown[0].unread), (1, id, 1));
    assert!(poller.state.presence.contains_key(&anna.person.id));
    // Later messages arrive as in any other conversation.
    world.send(&anna, id, "are you there?").await;
    assert_eq!(bens.texts_until("are you there?").await, ["are you there?"]);
    let polled = poller.poll(&world.polls, &ben, true).await.frames;
    assert!(matches!(polled.as_slice(), [ServerFrame::NewMessage(NewMessage { rev: 2, .. })]), "{polled:?}");
}

#[tokio::test]
async fn c1_whoever_opens_it_too_has_it_before_its_first_message() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.opened(&[&anna, &ben], None).await;
    let (mut annas, mut bens) =
        (world.connect(&anna, Scope::All).await, world.connect(&ben, Scope::All).await);
    annas.before_pong().await;
    let (found, created) =
        world.chat.open_conversation(&ben.person, &["anna".to_owned()], None).await.expect("opens");
    assert_eq!((found.id, created), (id, false));
    assert_eq!(bens.until("conversation_updated").await["conversation"]["id"], json!(id));
    assert_eq!(world.chat.conversations(&ben.person).await.expect("a list").len(), 1);
    let heard = annas.before_pong().await;
    assert!(heard.iter().all(|frame| frame["type"] == "user_status"), "no news for anna: {heard:?}");
    world.send(&anna, id, "hello").await;
    assert_eq!(bens.texts_until("hello").await, ["hello"]);
}

#[tokio::test]
async fn x1_a_socket_of_one_conversation_is_there_before_its_first_message() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.opened(&[&anna, &ben], None).await;
    let _annas = world.connect(&anna, Scope::One(id)).await;
    // The person received the id by another way.
    let mut bens = world.dial(&ben, Scope::One(id));
    let first = bens.json().await;
    assert_eq!(first["type"], "connection_established");
    assert_eq!(first["presence"][0]["username"], "anna");
    world.send(&anna, id, "hello").await;
    let next = bens.json().await;
    assert_eq!((&next["type"], &next["message"]["content"]), (&json!("new_message"), &json!("hello")));
}

#[tokio::test]
async fn c5_a_message_takes_a_conversation_out_of_the_archive_by_a_small_frame() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    world.send(&anna, id, "hello").await;
    let archive = MembershipChange { archived: Some(true), ..MembershipChange::default() };
    world.chat.update_membership(&ben.person, id, archive).await.expect("archives");
    let mut bens = world.connect(&ben, Scope::All).await;
    let mut poller = Poller::new(&ben);
    poller.poll(&world.polls, &ben, false).await;
    assert!(poller.state.list().is_empty());
    bens.before_pong().await;
    world.send(&anna, id, "are you there?").await;
    let first = bens.json().await;
    assert_eq!((&first["type"], &first["archived"]), (&json!("membership_updated"), &json!(false)));
    assert_eq!(bens.json().await["message"]["content"], json!("are you there?"));
    poller.poll(&world.polls, &ben, true).await;
    poller.poll(&world.polls, &ben, false).await;
    assert_eq!(poller.state.list().iter().map(|shown| shown.id).collect::<Vec<_>>(), [id]);
}
