//! Founding conversations.

use super::world::{World, refusal};
use crate::store::{NewConversation, Outcome, Write};
use protocol::{Conversation, ConversationId, ConversationKind, ErrorCode, Role, UserId};
use std::sync::Arc;

/// The id, whether it is new, and what each member is told.
#[track_caller]
fn founded(outcome: Outcome) -> (ConversationId, bool, Vec<(UserId, i64, Conversation)>) {
    match outcome {
        Outcome::Founded { id, created, entered } => (id, created, entered),
        other => panic!("not founded: {other:?}"),
    }
}

pub(crate) async fn two_people_have_one_direct_conversation(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let (id, created, entered) = founded(world.found(&[bo, ana], None).await);
    assert!(created);
    assert_eq!(entered.len(), 2);
    let before = world.dump(&[ana, bo, cy], &[id]).await;
    for pair in [[ana, bo], [bo, ana]] {
        let (again, created, entered) = founded(world.found(&pair, None).await);
        assert_eq!((again, created, entered.len()), (id, false, 0));
    }
    assert_eq!(world.dump(&[ana, bo, cy], &[id]).await, before);
    let conversation = world.store.conversation(ana, id).await.unwrap();
    assert_eq!(
        (conversation.kind, conversation.rev, conversation.title),
        (ConversationKind::Direct, 0, None)
    );
    assert!(conversation.members.iter().all(|member| member.role == Role::Member && member.rev == 0));
    assert_ne!(founded(world.found(&[ana, cy], None).await).0, id);
    let (titled, created, _) = founded(world.found(&[ana, bo], Some("With a title")).await);
    assert!(created && titled != id);
    let kind = world.store.conversation(ana, titled).await.unwrap().kind;
    assert_eq!(kind, ConversationKind::Group);
}

pub(crate) async fn a_hundred_founders_at_once_found_one(world: &World) {
    let (ana, bo, _) = world.three().await;
    let tasks: Vec<_> = (0..100)
        .map(|n| {
            let participants = if n % 2 == 0 { vec![ana, bo] } else { vec![bo, ana] };
            let new = NewConversation { founder: participants[0], participants, title: None };
            let (store, now) = (Arc::clone(&world.store), world.now());
            tokio::spawn(async move { store.commit(vec![Write::Found(new)], now).await })
        })
        .collect();
    let mut found = Vec::new();
    for task in tasks {
        found.push(founded(task.await.unwrap().unwrap().remove(0).unwrap()));
    }
    assert_eq!(found.iter().filter(|(_, created, _)| *created).count(), 1);
    assert!(found.iter().all(|(id, ..)| *id == found[0].0));
    assert_eq!(world.store.conversations(ana).await.unwrap().len(), 1);
    assert_eq!((world.user_rev(ana).await, world.user_rev(bo).await), (1, 1));
}

pub(crate) async fn founding_raises_each_members_counter(world: &World) {
    let (ana, bo, cy) = world.three().await;
    world.conversation(&[bo, cy]).await;
    let (id, _, entered) = founded(world.found(&[ana, bo, cy], None).await);
    let revs: Vec<_> = entered.iter().map(|(user, rev, _)| (*user, *rev)).collect();
    assert_eq!(revs, [(ana, 1), (bo, 2), (cy, 2)]);
    for (user, rev, told) in entered {
        assert_eq!(world.user_rev(user).await, rev);
        assert_eq!(world.store.conversation(user, id).await.unwrap(), told);
        assert_eq!(world.store.conversations(user).await.unwrap()[0], told);
    }
}

pub(crate) async fn groups_have_an_owner_and_may_be_many(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let first = world.conversation(&[bo, ana, cy]).await;
    let second = world.conversation(&[bo, ana, cy]).await;
    assert_ne!(first, second);
    let conversation = world.store.conversation(cy, first).await.unwrap();
    assert_eq!((conversation.kind, conversation.member_count), (ConversationKind::Group, 3));
    let roles: Vec<_> = conversation.members.iter().map(|member| (member.user.id, member.role)).collect();
    assert_eq!(roles, [(ana, Role::Member), (bo, Role::Owner), (cy, Role::Member)]);
    assert_eq!(world.send(ana, first, "the first").await.seq, 1);
}

pub(crate) async fn founding_with_somebody_who_is_not_there(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let before = world.dump(&[ana, bo, cy], &[]).await;
    let try_with = async |participants: Vec<UserId>| {
        let new = NewConversation { founder: ana, participants, title: None };
        refusal(world.write(Write::Found(new)).await)
    };
    assert_eq!(try_with(vec![ana, UserId(987_654)]).await, ErrorCode::NotFound);
    assert_eq!(try_with(vec![ana, bo, UserId(987_654)]).await, ErrorCode::NotFound);
    assert_eq!(try_with(vec![bo, cy]).await, ErrorCode::Invalid);
    assert_eq!(world.dump(&[ana, bo, cy], &[]).await, before);
}
