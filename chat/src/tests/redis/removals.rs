//! Typing of a member whom another node removes.

use super::{Two, within};
use crate::connection::Scope;
use crate::timings::Timings;
use protocol::SyncRequest;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn z3_typing_of_a_removed_member_ends_on_every_node() {
    // It does not end by itself while the test runs.
    let timings = Timings { typing_timeout: Duration::from_secs(600), ..Timings::default() };
    let two = Two::new(timings).await;
    let (anna, ben, cara) =
        (two.world.person("anna").await, two.world.person("ben").await, two.world.person("cara").await);
    let id = two.world.opened(&[&anna, &ben, &cara], Some("Club")).await;
    let mut annas = two.world.connect(&anna, Scope::All).await;
    let mut bens = two.world.connect(&ben, Scope::All).await;
    let mut caras = two.connect_there(&cara, Scope::All).await;
    two.meet(&anna, id, &mut caras).await;
    let soon = Duration::from_secs(10);
    bens.send(json!({"type": "typing", "conversation_id": id, "is_typing": true}));
    for client in [&mut annas, &mut caras] {
        assert_eq!(within(soon, client, "typing").await["is_typing"], true);
    }

    // The node that removes him knows of his typing by the other node alone.
    two.there.remove_member(&anna.person, id, ben.person.id, None).await.expect("removes");
    for client in [&mut annas, &mut caras] {
        let typing = within(soon, client, "typing").await;
        assert_eq!((&typing["is_typing"], &typing["user_id"]), (&json!(false), &json!(ben.person.id)));
    }
    // The members' connections hear of the end, too.
    assert_eq!(within(soon, &mut bens, "conversation_removed").await["conversation_id"], json!(id));
    for (node, who) in [(&two.world.chat, &anna), (&two.there, &cara)] {
        let answer = node.sync(&who.person, &SyncRequest::default()).await.expect("syncs");
        assert_eq!(answer.typing, [], "{}", who.person.username);
    }
}
