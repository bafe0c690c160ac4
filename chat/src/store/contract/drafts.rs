//! Drafts that are sent.

use super::world::{World, new_message, sent};
use crate::Result;
use crate::store::{Outcome, PersonalChange, Write};
use protocol::{ConversationId, MembershipChange, PersonalState, UserId};

fn save(user: UserId, conversation: ConversationId, draft: &str) -> Write {
    let change = MembershipChange {
        draft: Some(Some(draft.to_owned()).filter(|draft| !draft.is_empty())),
        ..MembershipChange::default()
    };
    Write::SetMembership { user, conversation, change }
}

async fn draft(world: &World, user: UserId, id: ConversationId) -> Option<String> {
    world.store.conversation(user, id).await.unwrap().draft
}

/// The state that a send tells its sender of.
fn removed(outcome: &Result<Outcome>) -> Option<&PersonalChange> {
    match outcome {
        Ok(Outcome::Sent { draft, .. }) => draft.as_ref(),
        other => panic!("not sent: {other:?}"),
    }
}

pub(crate) async fn c5_a_draft_that_is_sent_is_removed_with_the_message(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    world.send(ana, id, "hello").await;
    let marked = MembershipChange { unread: Some(true), ..MembershipChange::default() };
    world.write(Write::SetMembership { user: ana, conversation: id, change: marked }).await.unwrap();
    world.write(save(ana, id, "  so\r\n  far \n")).await.unwrap();
    world.write(save(bo, id, "  so\n  far")).await.unwrap();
    let before = world.user_rev(ana).await;
    let outcome = world.write(Write::Send(new_message(ana, id, "  so\n  far"))).await;
    let state = PersonalState { marked_unread: true, ..PersonalState::default() };
    let expected = PersonalChange { conversation: id, user_rev: before + 1, state };
    assert_eq!(removed(&outcome), Some(&expected), "compared as messages are normalised");
    assert_eq!((draft(world, ana, id).await, world.user_rev(ana).await), (None, before + 1));
    assert_eq!(draft(world, bo, id).await.as_deref(), Some("  so\n  far"), "that of another person");
    // Without a draft, the person's counter stays.
    assert_eq!(removed(&world.write(Write::Send(new_message(ana, id, "on"))).await), None);
    assert_eq!(world.user_rev(ana).await, before + 1);
}

pub(crate) async fn c5_another_draft_stays_and_a_repeat_removes_none(world: &World) {
    let (ana, bo, _) = world.three().await;
    let (id, other) = (world.conversation(&[ana, bo]).await, world.group(&[ana, bo]).await);
    let message = new_message(ana, id, "ok");
    sent(world.write(Write::Send(message.clone())).await);
    world.write(save(ana, other, "ok")).await.unwrap();
    for text in ["a long text from the phone", "OK", "ok ok", "ok"] {
        world.write(save(ana, id, text)).await.unwrap();
        let before = world.user_rev(ana).await;
        // The last text is the message's own, but the message is not new.
        let write = match text {
            "ok" => Write::Send(message.clone()),
            _ => Write::Send(new_message(ana, id, "ok")),
        };
        assert_eq!(removed(&world.write(write).await), None, "{text}");
        assert_eq!(draft(world, ana, id).await.as_deref(), Some(text));
        assert_eq!(world.user_rev(ana).await, before);
    }
    assert!(removed(&world.write(Write::Send(new_message(ana, id, "ok"))).await).is_some());
    assert_eq!(draft(world, ana, other).await.as_deref(), Some("ok"), "that of another conversation");
}

pub(crate) async fn c5_drafts_of_a_batch_are_removed_in_its_order(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let send = |user, text| Write::Send(new_message(user, id, text));
    let before = world.user_rev(ana).await;
    let batch = vec![
        save(ana, id, "one"),
        send(bo, "one"),
        send(ana, "one"),
        send(ana, "one"),
        save(ana, id, "two"),
        send(ana, "one"),
    ];
    let outcomes = world.batch(batch).await;
    let told: Vec<_> = [1, 2, 3, 5].map(|n: usize| removed(&outcomes[n]).map(|told| told.user_rev)).to_vec();
    assert_eq!(told, [None, Some(before + 2), None, None]);
    assert_eq!(
        (draft(world, ana, id).await.as_deref(), world.user_rev(ana).await),
        (Some("two"), before + 3)
    );
}
