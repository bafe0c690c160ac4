//! Typing in a conversation that another node closes.

use super::{Two, within};
use crate::connection::Scope;
use crate::store::{NewSubject, Outcome, Store as _, SubjectCard, SubjectKey, SubjectWrite, Write};
use crate::subject_kind::SubjectKind;
use crate::timings::Timings;
use protocol::{ConversationId, SyncRequest};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn c4_typing_in_a_closed_conversation_ends_on_every_node() {
    // It does not end by itself while the test runs.
    let timings = Timings { typing_timeout: Duration::from_secs(600), ..Timings::default() };
    let two = Two::new(timings).await;
    let (anna, ben) = (two.world.person("anna").await, two.world.person("ben").await);
    let roles = ["buyer", "seller"].map(str::to_owned);
    let kind = SubjectKind::new("listing", "Listing", &roles, false, &[]).expect("a kind");
    let kind = kind.with_closed_by(&roles[1..]).expect("a role");
    two.world.chat.set_subject_kinds(vec![kind]);
    let [buyer, seller] = roles;
    let card = SubjectCard {
        kind_name: "Listing".to_owned(),
        title: "A bicycle".to_owned(),
        url: None,
        image: None,
        fields: Vec::new(),
    };
    let new = NewSubject {
        key: SubjectKey { kind: "listing".to_owned(), id: "42".to_owned() },
        has_one: false,
        card,
        participants: vec![(ben.person.id, buyer), (anna.person.id, seller)],
    };
    let opened =
        two.world.store.commit(&[Write::Subject(SubjectWrite::Open(new))], two.world.chat.now()).await;
    let id: ConversationId = match opened.expect("commits").remove(0) {
        Ok(Outcome::ConversationCreated { id, .. }) => id,
        other => panic!("not opened: {other:?}"),
    };
    let mut annas = two.world.connect(&anna, Scope::All).await;
    let mut bens = two.connect_there(&ben, Scope::All).await;
    two.meet(&anna, id, &mut bens).await;
    let soon = Duration::from_secs(10);
    let types = json!({"type": "typing", "conversation_id": id, "is_typing": true});
    annas.send(types.clone());
    assert_eq!(within(soon, &mut bens, "typing").await["is_typing"], true);
    bens.send(types.clone());
    assert_eq!(within(soon, &mut annas, "typing").await["is_typing"], true);

    two.world.chat.close_conversation(&anna.person, id, "Sold", None).await.expect("closes");
    assert_eq!(within(soon, &mut annas, "typing").await["is_typing"], false);
    assert_eq!(within(soon, &mut bens, "typing").await["is_typing"], false);
    for (node, who) in [(&two.world.chat, &anna), (&two.there, &ben)] {
        let answer = node.sync(&who.person, &SyncRequest::default()).await.expect("syncs");
        assert_eq!(answer.typing, [], "{}", who.person.username);
    }
    // Nobody begins again, though both were known as members a moment ago.
    for client in [&mut annas, &mut bens] {
        client.send(types.clone());
        assert_eq!(within(soon, client, "error").await["code"], "closed");
    }
}
