//! Access: members alone receive the frames of a conversation, until their removal or sign-out.

use super::world::{Client, World};
use crate::Limits;
use crate::connection::Scope;
use crate::store::AccountStore;
use crate::timings::Timings;
use protocol::{CloseCode, ConversationId, SyncRequest};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn z1_an_outsiders_conversation_is_like_one_that_does_not_exist() {
    let world = World::new().await;
    let (anna, ben, eve) = (world.person("anna").await, world.person("ben").await, world.person("eve").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    for wrong in [id, ConversationId(4_711), ConversationId(-1)] {
        assert_eq!(world.dial(&eve, Scope::One(wrong)).closed().await, CloseCode::NoSuchConversation);
    }
    let mut all = world.connect(&eve, Scope::All).await;
    for wrong in [id, ConversationId(4_711)] {
        for frame in [
            json!({"type": "chat_message", "conversation_id": wrong, "content": "let me in"}),
            json!({"type": "typing", "conversation_id": wrong, "is_typing": true}),
            json!({"type": "mark_read", "conversation_id": wrong}),
            json!({"type": "changes", "conversation_id": wrong, "after": 0}),
            json!({"type": "page", "conversation_id": wrong, "before": 9}),
        ] {
            all.send(frame.clone());
            let error = all.json().await;
            assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("not_found")), "{frame}");
        }
    }
    let conversation = world.chat.conversation(&anna.person, id).await.expect("is there");
    assert_eq!((conversation.rev, world.chat.typists().size()), (0, 0), "nothing came of it");
}

#[tokio::test]
async fn z3_removed_while_connected() {
    let world = World::new().await;
    let (anna, ben, cleo) =
        (world.person("anna").await, world.person("ben").await, world.person("cleo").await);
    let id = world.conversation(&[&anna, &ben, &cleo], Some("Group")).await;
    let other = world.conversation(&[&anna, &ben], None).await;
    let mut one = world.connect(&ben, Scope::One(id)).await;
    let mut all = world.connect(&ben, Scope::All).await;
    let mut cleos = world.connect(&cleo, Scope::One(id)).await;
    let since = Instant::now();
    world.chat.remove_member(&anna.person, id, ben.person.id, None).await.expect("removes");
    world.send(&anna, id, "he is gone").await;
    one.until("conversation_removed").await;
    assert_eq!(one.closed().await, CloseCode::NoSuchConversation);
    assert!(since.elapsed() < Duration::from_secs(2));
    world.send(&anna, other, "to you").await;
    all.until("conversation_removed").await;
    let next = all.json().await;
    assert_eq!(next["message"]["content"], "to you", "no event of the group after it");
    let told = cleos.until("new_message").await;
    assert_eq!(
        (&told["members"][0]["user"]["username"], &told["members"][0]["left"]),
        (&json!("ben"), &json!(true))
    );
    assert_eq!(cleos.until("new_message").await["message"]["content"], "he is gone");
    all.send(json!({"type": "typing", "conversation_id": id, "is_typing": true}));
    assert_eq!(all.json().await["code"], "not_found");
}

#[tokio::test]
async fn c3_z3_added_while_connected_and_removed_again() {
    let world = World::new().await;
    let (anna, ben, cleo) =
        (world.person("anna").await, world.person("ben").await, world.person("cleo").await);
    let id = world.conversation(&[&anna, &ben], Some("Group")).await;
    let mut bens = world.connect(&ben, Scope::One(id)).await;
    assert_eq!(world.dial(&cleo, Scope::One(id)).closed().await, CloseCode::NoSuchConversation);
    let mut all = world.connect(&cleo, Scope::All).await;
    world.send(&anna, id, "not for cleo yet").await;
    world.chat.add_members(&anna.person, id, &[cleo.person.id], None).await.expect("adds");
    world.send(&anna, id, "welcome").await;
    let entered = all.until("conversation_updated").await;
    assert_eq!((&entered["conversation"]["rev"], &entered["user_rev"]), (&json!(2), &json!(1)));
    let next = all.until("new_message").await;
    assert_eq!(next["message"]["content"], "welcome", "the message about the joining came with the entry");
    let told = bens.until("new_message").await;
    assert_eq!(told["message"]["content"], "not for cleo yet");
    let told = bens.until("new_message").await;
    assert_eq!(told["message"]["event"]["kind"], "added");
    assert_eq!(told["members"][0]["joined_seq"], 2);
    let mut one = world.connect(&cleo, Scope::One(id)).await;
    world.chat.remove_member(&anna.person, id, cleo.person.id, None).await.expect("removes");
    assert_eq!(one.closed().await, CloseCode::NoSuchConversation);
    all.until("conversation_removed").await;
    world.send(&anna, id, "among us").await;
    assert!(all.before_pong().await.iter().all(|frame| frame["type"] != "new_message"));
}

#[tokio::test]
async fn z4_by_an_id_of_another_conversation() {
    let world = World::new().await;
    let (anna, ben, eve) = (world.person("anna").await, world.person("ben").await, world.person("eve").await);
    let theirs = world.conversation(&[&anna, &ben], None).await;
    let hers = world.conversation(&[&anna, &eve], None).await;
    let message = world.send(&anna, theirs, "not for eve").await;
    let mut client = world.connect(&eve, Scope::One(hers)).await;
    for frame in [
        json!({"type": "delete_message", "message_id": message.id}),
        json!({"type": "delete_message", "message_id": message.id, "for": "everyone"}),
        json!({"type": "mark_read", "message_id": message.id}),
        json!({"type": "mark_delivered", "message_id": message.id}),
        json!({"type": "chat_message", "content": "re", "reply_to": message.id}),
        json!({"type": "chat_message", "content": "elsewhere", "conversation_id": theirs}),
    ] {
        client.send(frame.clone());
        assert_eq!(client.json().await["code"], "not_found", "{frame}");
    }
    for id in [theirs, hers] {
        let now = world.chat.conversation(&anna.person, id).await.expect("is there");
        assert_eq!(now.rev, i64::from(id == theirs), "nothing changed");
    }
}

#[tokio::test]
async fn z5_strangers_leave_no_trace() {
    let world = World::new().await;
    let (anna, ben, eve) = (world.person("anna").await, world.person("ben").await, world.person("eve").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut eves = world.connect(&eve, Scope::All).await;
    let annas = world.connect(&anna, Scope::One(id)).await;
    let mut bens = world.connect(&ben, Scope::One(id)).await;
    annas.send(json!({"type": "typing", "is_typing": true}));
    bens.until("typing").await;
    assert!(eves.before_pong().await.is_empty());
    let answer = world.chat.sync(&eve.person, &SyncRequest { list: true, ..SyncRequest::default() }).await;
    let answer = answer.expect("syncs");
    assert!(answer.presence.is_empty() && answer.typing.is_empty() && answer.list == Some(Vec::new()));
}

#[tokio::test]
async fn z5_who_left_is_a_stranger_again() {
    let timings = Timings { offline_after: Duration::from_millis(20), ..Timings::default() };
    let world = World::with(timings, Limits::default()).await;
    let (anna, ben, cleo) =
        (world.person("anna").await, world.person("ben").await, world.person("cleo").await);
    let id = world.conversation(&[&anna, &ben, &cleo], Some("Group")).await;
    let mut annas = world.connect(&anna, Scope::All).await;
    let mut bens = world.connect(&ben, Scope::All).await;
    annas.until("user_status").await;
    world.chat.remove_member(&ben.person, id, ben.person.id, None).await.expect("leaves");
    annas.until("new_message").await;
    bens.until("conversation_removed").await;
    // The answer to a ping shows that the connection has processed the earlier pushes.
    assert!(bens.before_pong().await.is_empty());
    world.send(&cleo, id, "and so?").await;
    annas.until("new_message").await;
    let cleos = world.connect(&cleo, Scope::All).await;
    assert_eq!(annas.json().await["username"], "cleo");
    bens.hang_up().await;
    cleos.hang_up().await;
    let next = annas.json().await;
    assert_eq!(
        (&next["username"], &next["status"]),
        (&json!("cleo"), &json!("offline")),
        "and no word of ben"
    );
}

#[tokio::test]
async fn a3_an_ended_sign_in_closes_its_sockets_on_every_node() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let second = world.sign_in("anna").await;
    world.conversation(&[&anna, &ben], None).await;
    let node = world.another(Timings::default(), Limits::default()).await;
    let mut here = world.connect(&anna, Scope::All).await;
    let mut there = Client::dial(&node, &anna, Scope::All, 64, &world.stop);
    there.until("connection_established").await;
    let mut other = Client::dial(&node, &second, Scope::All, 64, &world.stop);
    other.until("connection_established").await;
    let since = Instant::now();
    world.chat.accounts().sign_out(&anna).await.expect("signs out");
    assert_eq!(here.closed().await, CloseCode::NotAuthenticated);
    assert_eq!(there.closed().await, CloseCode::NotAuthenticated);
    assert!(since.elapsed() < Duration::from_secs(2));
    assert!(other.before_pong().await.is_empty(), "another sign-in goes on");
    let since = Instant::now();
    world.chat.accounts().suspend("anna", true).await.expect("suspends");
    assert_eq!(other.closed().await, CloseCode::NotAuthenticated);
    assert!(since.elapsed() < Duration::from_secs(2));
    // A connection with an identity that was valid a moment ago.
    assert_eq!(world.dial(&second, Scope::All).closed().await, CloseCode::NotAuthenticated);
}

#[tokio::test]
async fn a3_a_new_password_ends_all_sign_ins_but_the_one_that_set_it() {
    let world = World::new().await;
    let kept = world.person("anna").await;
    let ended = world.sign_in("anna").await;
    let mut keeps = world.connect(&kept, Scope::All).await;
    let mut ends = world.connect(&ended, Scope::All).await;
    let now = world.chat.now();
    world.store.set_password(kept.person.id, "another", Some(&kept.sign_in), now).await.expect("changes");
    assert_eq!(ends.closed().await, CloseCode::NotAuthenticated);
    assert!(keeps.before_pong().await.is_empty());
}

#[tokio::test]
async fn a2_a_token_that_runs_out_closes_its_socket() {
    let world = World::new().await;
    let mut anna = world.person("anna").await;
    anna.expires_at = Some(protocol::Timestamp(world.chat.now().0 + 300_000));
    let mut client = world.connect(&anna, Scope::All).await;
    assert_eq!(client.closed().await, CloseCode::NotAuthenticated);
}
