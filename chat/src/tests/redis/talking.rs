//! Messages, typing and receipts between two nodes.

use super::{Two, within};
use crate::Limits;
use crate::connection::Scope;
use crate::rate_limit::Quota;
use crate::tests::world::Client;
use crate::tests::world::until;
use crate::timings::Timings;
use protocol::{CloseCode, SyncRequest};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn r2_words_typing_and_receipts_pass_between_nodes() {
    let two = Two::new(Timings::default()).await;
    let (anna, ben) = (two.world.person("anna").await, two.world.person("ben").await);
    let id = two.world.conversation(&[&anna, &ben], None).await;
    let mut annas = two.world.connect(&anna, Scope::All).await;
    let mut bens = two.connect_there(&ben, Scope::One(id)).await;
    two.meet(&anna, id, &mut bens).await;
    annas.send(json!({"type": "typing", "conversation_id": id, "is_typing": true}));
    assert_eq!(within(Duration::from_secs(2), &mut bens, "typing").await["is_typing"], true);
    let answer = two.there.sync(&ben.person, &SyncRequest::default()).await.expect("syncs");
    assert_eq!(answer.typing.len(), 1, "who comes now is told, too");
    annas.send(json!({"type": "chat_message", "conversation_id": id, "content": "one"}));
    let message = within(Duration::from_secs(2), &mut bens, "new_message").await;
    assert_eq!(message["message"]["content"], "one");
    assert_eq!(within(Duration::from_secs(2), &mut bens, "typing").await["is_typing"], false);
    bens.send(json!({"type": "mark_read"}));
    let read = within(Duration::from_secs(2), &mut annas, "message_read").await;
    assert_eq!(read["message_id"], message["message"]["id"]);
    assert_eq!(bens.until("message_read").await["user_rev"], json!(2));
    bens.send(json!({"type": "chat_message", "content": "two"}));
    assert_eq!(annas.texts_until("two").await, ["two"]);
}

#[tokio::test]
async fn t4_the_typing_of_a_dead_node_runs_out_and_a_living_ones_does_not() {
    let timings = Timings {
        typing_timeout: Duration::from_millis(600),
        typing_min_interval: Duration::ZERO,
        ..Timings::default()
    };
    let two = Two::new(timings).await;
    let (anna, ben) = (two.world.person("anna").await, two.world.person("ben").await);
    let id = two.world.conversation(&[&anna, &ben], None).await;
    let mut annas = two.world.connect(&anna, Scope::All).await;
    let bens = two.connect_there(&ben, Scope::All).await;
    let types = json!({"type": "typing", "conversation_id": id, "is_typing": true});
    loop {
        bens.send(types.clone());
        if tokio::time::timeout(Duration::from_millis(200), annas.until("typing")).await.is_ok() {
            break;
        }
    }
    let since = Instant::now();
    while since.elapsed() < Duration::from_millis(1_500) {
        bens.send(types.clone());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(annas.before_pong().await.iter().all(|frame| frame["type"] != "typing"), "it goes on");
    // The tasks of the node end without an announcement.
    two.crash.cancel();
    assert_eq!(within(Duration::from_secs(3), &mut annas, "typing").await["is_typing"], false);
}

#[tokio::test]
async fn z3_a3_removed_and_signed_out_reach_the_other_node() {
    let two = Two::new(Timings::default()).await;
    let (anna, ben, cleo) =
        (two.world.person("anna").await, two.world.person("ben").await, two.world.person("cleo").await);
    let id = two.world.conversation(&[&anna, &ben, &cleo], Some("Group")).await;
    let mut one = two.connect_there(&ben, Scope::One(id)).await;
    let mut all = two.connect_there(&ben, Scope::All).await;
    two.meet(&anna, id, &mut one).await;
    let since = Instant::now();
    two.world.chat.remove_member(&anna.person, id, ben.person.id, None).await.expect("removes");
    two.there.send(&cleo.person, id, "he is gone", None, None).await.expect("sends");
    assert_eq!(one.closed().await, CloseCode::NoSuchConversation);
    assert!(since.elapsed() < Duration::from_secs(2));
    all.until("conversation_removed").await;
    assert!(all.before_pong().await.iter().all(|frame| frame["type"] != "new_message"), "nothing after it");
    let since = Instant::now();
    two.world.chat.accounts().sign_out(&ben).await.expect("signs out");
    assert_eq!(all.closed().await, CloseCode::NotAuthenticated);
    assert!(since.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn c3_z3_who_is_added_and_removed_on_one_node_enters_and_leaves_on_the_other() {
    let two = Two::new(Timings::default()).await;
    let (anna, ben, cleo) =
        (two.world.person("anna").await, two.world.person("ben").await, two.world.person("cleo").await);
    let id = two.world.conversation(&[&anna, &ben], Some("Group")).await;
    let mut all = two.connect_there(&cleo, Scope::All).await;
    let mut bens = two.connect_there(&ben, Scope::All).await;
    two.meet(&anna, id, &mut bens).await;
    for round in ["first", "second"] {
        let since = Instant::now();
        two.world.chat.add_members(&anna.person, id, &[cleo.person.id], None).await.expect("adds");
        assert_eq!(all.until("conversation_updated").await["conversation"]["id"], json!(id));
        bens.until("new_message").await;
        // Sent on either node, it reaches the newcomer.
        two.world.send(&anna, id, &format!("welcome, {round}")).await;
        two.there.send(&ben.person, id, &format!("hello, {round}"), None, None).await.expect("sends");
        assert_eq!(all.texts_until(&format!("hello, {round}")).await.len(), 2);
        two.world.chat.remove_member(&anna.person, id, cleo.person.id, None).await.expect("removes");
        all.until("conversation_removed").await;
        assert!(since.elapsed() < Duration::from_secs(4), "{:?}", since.elapsed());
        two.there.send(&ben.person, id, "she is gone", None, None).await.expect("sends");
        assert!(
            all.before_pong().await.iter().all(|frame| frame["type"] != "new_message"),
            "nothing after it"
        );
        bens.texts_until("she is gone").await;
    }
}

#[tokio::test]
async fn w5_a_burst_is_one_over_both_nodes() {
    let limits = Limits { sends_per_second: 0.01, send_burst: 10, ..Limits::default() };
    let name = uuid::Uuid::new_v4().to_string();
    let two = Two::over(&super::SERVER.url(), [&name, &name], Timings::default(), limits).await;
    let (anna, ben) = (two.world.person("anna").await, two.world.person("ben").await);
    let id = two.world.conversation(&[&anna, &ben], None).await;
    let mut sent = 0_u32;
    for n in 0..40 {
        let node = if n % 2 == 0 { &two.world.chat } else { &two.there };
        if node.send(&anna.person, id, &n.to_string(), None, None).await.is_ok() {
            sent += 1;
            // The token is published after the answer.
            for node in [&two.world.chat, &two.there] {
                let left = || node.rate_limiter().left(Quota::Sends, anna.person.id.0);
                until(|| left() < f64::from(10 - sent) + 0.5).await;
            }
        }
    }
    assert_eq!(sent, 10, "of a burst of 10 over two nodes");
}

#[tokio::test]
async fn w5_one_of_two_nodes_gives_the_whole_burst() {
    let limits = Limits { sends_per_second: 0.01, send_burst: 10, ..Limits::default() };
    let name = uuid::Uuid::new_v4().to_string();
    let two = Two::over(&super::SERVER.url(), [&name, &name], Timings::default(), limits).await;
    let (anna, ben) = (two.world.person("anna").await, two.world.person("ben").await);
    let id = two.world.conversation(&[&anna, &ben], None).await;
    for n in 0..10 {
        two.world.chat.send(&anna.person, id, &n.to_string(), None, None).await.expect("a token");
    }
    until(|| two.there.rate_limiter().left(Quota::Sends, anna.person.id.0) < 1.0).await;
    let refused = two.there.send(&anna.person, id, "one more", None, None).await;
    assert!(refused.is_err(), "{refused:?}");
}

#[tokio::test]
async fn nodes_of_different_names_hear_nothing_of_each_other() {
    // The tests of lost pushes rely on this.
    let two =
        Two::deaf(Timings { conversation_check_interval: Duration::from_secs(600), ..Timings::default() })
            .await;
    let (anna, ben) = (two.world.person("anna").await, two.world.person("ben").await);
    let id = two.world.conversation(&[&anna, &ben], None).await;
    let mut bens = Client::dial(&two.there, &ben, Scope::One(id), 64, &two.crash);
    bens.until("connection_established").await;
    two.world.send(&anna, id, "into the void").await;
    assert!(tokio::time::timeout(Duration::from_millis(700), bens.until("new_message")).await.is_err());
}
