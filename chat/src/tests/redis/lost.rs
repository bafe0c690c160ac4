//! Lost pushes: clients receive everything from the database.

use super::{Two, within};
use crate::connection::Scope;
use crate::tests::long_poll::Poller;
use crate::timings::Timings;
use protocol::{CloseCode, DeleteFor, ServerFrame};
use serde_json::json;
use std::time::{Duration, Instant};

const HEALS: Duration = Duration::from_millis(5_900);
/// Maximum time until a removal takes effect, with a margin for a busy machine.
const OUT: Duration = Duration::from_secs(2);

#[tokio::test]
async fn r2_a_lost_publish_heals_within_five_seconds() {
    let two = Two::deaf(Timings::default()).await;
    let (anna, ben) = (two.world.person("anna").await, two.world.person("ben").await);
    let id = two.world.conversation(&[&anna, &ben], None).await;
    let mut bens = two.connect_there(&ben, Scope::One(id)).await;
    for n in 0..3 {
        two.world.send(&anna, id, &n.to_string()).await;
    }
    let since = Instant::now();
    assert_eq!(bens.texts_until("2").await, ["0", "1", "2"]);
    assert!(since.elapsed() < HEALS, "{:?}", since.elapsed());
}

#[tokio::test]
async fn t10_what_was_hidden_read_entered_or_left_elsewhere_heals_for_every_kind_of_client() {
    let two = Two::deaf(Timings::default()).await;
    let (anna, ben) = (two.world.person("anna").await, two.world.person("ben").await);
    let id = two.world.conversation(&[&anna, &ben], None).await;
    let messages = [two.world.send(&anna, id, "one").await, two.world.send(&anna, id, "two").await];
    let mut all = two.connect_there(&ben, Scope::All).await;
    let mut one = two.connect_there(&ben, Scope::One(id)).await;
    let mut poller = Poller::new(&ben);
    poller.poll(&two.polls_there, &ben, false).await;
    poller.open(&two.there, &ben, id).await;
    let here = &two.world.chat;

    here.delete(&ben.person, id, messages[0].id, DeleteFor::Me).await.expect("hides");
    assert_eq!(within(HEALS, &mut one, "message_deleted").await["message_id"], json!(messages[0].id));
    let synced = within(HEALS, &mut all, "synced").await;
    assert_eq!(
        synced["hidden"][0],
        json!({"conversation_id": id, "message_id": messages[0].id, "hidden": true})
    );
    let answer = poller.poll(&two.polls_there, &ben, true).await;
    assert!(answer.frames.iter().any(|frame| matches!(frame, ServerFrame::Synced(_))), "{answer:?}");
    assert_eq!(poller.state.rows(id).len(), 1);

    here.restore(&ben.person, id, messages[0].id).await.expect("shows");
    assert_eq!(within(HEALS, &mut one, "message_restored").await["message_id"], json!(messages[0].id));
    all.until("synced").await;

    here.mark_read(&ben.person, id, None).await.expect("reads");
    let read = within(HEALS, &mut one, "message_read").await;
    assert_eq!((&read["message_id"], &read["reader_id"]), (&json!(messages[1].id), &json!(ben.person.id)));
    let synced = within(HEALS, &mut all, "synced").await;
    assert_eq!((&synced["list"][0]["read_seq"], &synced["list"][0]["unread"]), (&json!(2), &json!(0)));

    // A new conversation is added to the list and subscribed to.
    let group = two.world.conversation(&[&anna, &ben], Some("Group")).await;
    let synced = within(HEALS, &mut all, "synced").await;
    assert!(synced["list"].as_array().expect("a list").iter().any(|c| c["id"] == json!(group)));
    two.there.send(&anna.person, group, "welcome", None, None).await.expect("sends");
    assert_eq!(all.texts_until("welcome").await, ["welcome"]);
    while poller.state.rooms.len() < 2 {
        poller.poll(&two.polls_there, &ben, true).await;
    }

    // It is left again.
    here.remove_member(&ben.person, group, ben.person.id, None).await.expect("leaves");
    let synced = within(OUT, &mut all, "synced").await;
    assert!(synced["list"].as_array().expect("a list").iter().all(|c| c["id"] != json!(group)));
    two.there.send(&anna.person, group, "among us", None, None).await.expect("sends");
    assert!(all.before_pong().await.iter().all(|frame| frame["type"] != "new_message"));
}

#[tokio::test]
async fn z3_whoever_is_removed_is_out_within_two_seconds_though_nothing_is_told() {
    let two = Two::deaf(Timings::default()).await;
    let (anna, ben, cleo) =
        (two.world.person("anna").await, two.world.person("ben").await, two.world.person("cleo").await);
    let id = two.world.conversation(&[&anna, &ben, &cleo], Some("Group")).await;
    let mut one = two.connect_there(&ben, Scope::One(id)).await;
    let mut cleos = two.connect_there(&cleo, Scope::All).await;
    let since = Instant::now();
    two.world.chat.remove_member(&anna.person, id, ben.person.id, None).await.expect("removes");
    assert_eq!(one.until("conversation_removed").await["conversation_id"], json!(id));
    assert_eq!(one.closed().await, CloseCode::NoSuchConversation);
    assert!(since.elapsed() < OUT, "{:?}", since.elapsed());
    let told = within(HEALS, &mut cleos, "new_message").await;
    assert_eq!(told["members"][0]["left"], true);
    // People who share no conversation with him any more receive nothing about him.
    let until = Instant::now() + Duration::from_secs(2);
    cleos.before_pong().await;
    let _again = two.connect_there(&ben, Scope::All).await;
    while Instant::now() < until {
        assert!(cleos.before_pong().await.iter().all(|frame| frame["username"] != "ben"));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
