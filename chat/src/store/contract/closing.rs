//! Closing and reopening conversations about subjects by their participants.

use super::subjects::open;
use super::world::{World, new_message, refusal};
use crate::store::{ClosingRoles, GroupChanged, Outcome, ParticipantClosing, SubjectWrite, Write};
use protocol::{ClientId, ClosedBy, ConversationId, ErrorCode, GroupEventKind, Message, UserId};
use std::collections::HashMap;
use std::sync::Arc;

/// Sellers of listings may.
fn roles() -> ClosingRoles {
    Arc::new(HashMap::from([
        ("listing".to_owned(), vec!["seller".to_owned()]),
        ("job".to_owned(), vec!["buyer".to_owned()]),
    ]))
}

fn closing(by: UserId, conversation: ConversationId, reason: Option<&str>) -> ParticipantClosing {
    let reason = reason.map(str::to_owned);
    ParticipantClosing { by, conversation, reason, roles: roles(), client_id: None }
}

fn write(closing: ParticipantClosing) -> Write {
    Write::Subject(SubjectWrite::ByParticipant(closing))
}

#[track_caller]
fn messages(outcome: crate::Result<Outcome>) -> Vec<Message> {
    match outcome {
        Ok(Outcome::GroupChanged(GroupChanged { messages, .. })) => messages,
        other => panic!("not changed: {other:?}"),
    }
}

async fn listing(world: &World, buyer: UserId, seller: UserId) -> ConversationId {
    match world.write(open("42", false, &[(buyer, "buyer"), (seller, "seller")])).await {
        Ok(Outcome::ConversationCreated { id, .. }) => id,
        other => panic!("not opened: {other:?}"),
    }
}

pub(crate) async fn c4_a_participant_closes_and_reopens_in_their_own_name(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = listing(world, ana, bo).await;
    let closed = messages(world.write(write(closing(bo, id, Some("Sold")))).await);
    let [message] = closed.as_slice() else { panic!("one message: {closed:?}") };
    let event = message.event.as_deref().unwrap();
    // Not the first member, in whose name the product acts.
    assert_eq!((message.sender.id, message.rev), (bo, 1));
    assert_eq!((event.kind, event.by_sender), (GroupEventKind::Closed, true));
    assert_eq!(event.subject.as_ref().unwrap().closed.as_deref(), Some("Sold"));
    assert_eq!(message.content, "closed the conversation: Sold");
    assert_eq!(refusal(world.write(Write::Send(new_message(ana, id, "Oh"))).await), ErrorCode::Closed);
    assert_eq!(messages(world.write(write(closing(bo, id, Some("Sold")))).await), [], "it is so already");
    let reopened = messages(world.write(write(closing(bo, id, None))).await);
    let event = reopened[0].event.as_deref().unwrap();
    assert_eq!((reopened[0].sender.id, reopened[0].rev), (bo, 2));
    assert_eq!((event.kind, event.by_sender), (GroupEventKind::Reopened, true));
    assert_eq!(messages(world.write(write(closing(bo, id, None))).await), [], "it is open");
    // The product does it in the name of the first member, and the event tells that apart.
    let by_product = SubjectWrite::Close { conversation: id, reason: "Gone".to_owned() };
    let closed = messages(world.write(Write::Subject(by_product)).await);
    assert_eq!((closed[0].sender.id, closed[0].event.as_ref().unwrap().by_sender), (ana, false));
    // It is closed until the product reopens it: others' reasons replace nothing either.
    for reason in [None, Some("Sold")] {
        let refused = refusal(world.write(write(closing(bo, id, reason))).await);
        assert_eq!(refused, ErrorCode::Forbidden, "{reason:?}");
    }
    let subject = world.store.conversation(ana, id).await.unwrap().subject.unwrap();
    assert_eq!((subject.closed.as_deref(), subject.closed_by), (Some("Gone"), Some(ClosedBy::Product)));
    // As the history has it.
    let page = world.store.page(ana, id, None, 10).await.unwrap();
    let by: Vec<_> = page.messages.iter().map(|message| message.event.as_ref().unwrap().by_sender).collect();
    assert_eq!(by, [true, true, false]);
    // What a participant closed, the product closes for good with a reason of its own.
    let reopen = SubjectWrite::Reopen { conversation: id };
    assert_eq!(messages(world.write(Write::Subject(reopen)).await).len(), 1);
    assert_eq!(messages(world.write(write(closing(bo, id, Some("Sold")))).await).len(), 1);
    let subject = world.store.conversation(ana, id).await.unwrap().subject.unwrap();
    assert_eq!(subject.closed_by, Some(ClosedBy::Participant));
    let by_product = SubjectWrite::Close { conversation: id, reason: "Sold".to_owned() };
    assert_eq!(messages(world.write(Write::Subject(by_product)).await).len(), 1);
    assert_eq!(refusal(world.write(write(closing(bo, id, None))).await), ErrorCode::Forbidden);
}

pub(crate) async fn c4_others_than_the_roles_close_nothing(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = listing(world, ana, bo).await;
    let pair = world.conversation(&[ana, bo]).await;
    let before = world.dump(&[ana, bo, cy], &[id, pair]).await;
    for reason in [Some("Sold"), None] {
        for (by, conversation, code) in [
            (ana, id, ErrorCode::Forbidden),
            (cy, id, ErrorCode::NotFound),
            (bo, ConversationId(4_711), ErrorCode::NotFound),
            (bo, pair, ErrorCode::Forbidden),
            (cy, pair, ErrorCode::NotFound),
        ] {
            let refused = refusal(world.write(write(closing(by, conversation, reason))).await);
            assert_eq!(refused, code, "{by:?} {conversation:?}");
        }
        // Without a configured role, nobody.
        let none = ParticipantClosing { roles: ClosingRoles::default(), ..closing(bo, id, reason) };
        assert_eq!(refusal(world.write(write(none)).await), ErrorCode::Forbidden);
    }
    assert_eq!(world.dump(&[ana, bo, cy], &[id, pair]).await, before);
}

pub(crate) async fn c4_a_repeated_closing_changes_nothing(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = listing(world, ana, bo).await;
    let client_id = Some(ClientId::mint());
    let close = |reason| write(ParticipantClosing { client_id, ..closing(bo, id, reason) });
    assert_eq!(messages(world.write(close(Some("Sold"))).await).len(), 1);
    assert_eq!(messages(world.write(write(closing(bo, id, None))).await).len(), 1);
    assert_eq!(messages(world.write(close(Some("Sold"))).await), [], "it stays open");
    assert_eq!(refusal(world.write(close(Some("Gone"))).await), ErrorCode::IdConflict);
    assert_eq!(refusal(world.write(close(None)).await), ErrorCode::IdConflict);
    assert_eq!(world.store.conversation(ana, id).await.unwrap().closed(), None);
}
