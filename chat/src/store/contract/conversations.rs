//! Creating conversations.

use super::world::{World, new_message, refusal, reply};
use crate::store::{NewConversation, NewlyListed, Outcome, Write};
use protocol::{
    ClientId, ConversationId, ConversationKind, ErrorCode, MessageId, OpenCursors, Role, SyncRequest, UserId,
};
use std::sync::Arc;

/// The id, whether it is new, and the members in whose lists it appears.
#[track_caller]
fn created_conversation(outcome: Outcome) -> (ConversationId, bool, Vec<NewlyListed>) {
    match outcome {
        Outcome::ConversationCreated { id, created, newly_listed, .. } => (id, created, newly_listed),
        other => panic!("not founded: {other:?}"),
    }
}

fn users(newly_listed: &[NewlyListed]) -> Vec<UserId> {
    newly_listed.iter().map(|listed| listed.user).collect()
}

pub(crate) async fn two_people_have_one_direct_conversation(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let (id, created, newly_listed) = created_conversation(world.create_conversation(&[bo, ana], None).await);
    assert!(created);
    assert_eq!(users(&newly_listed), [bo]);
    let (again, created, newly_listed) =
        created_conversation(world.create_conversation(&[ana, bo], None).await);
    assert_eq!((again, created, users(&newly_listed)), (id, false, vec![ana]));
    let before = world.dump(&[ana, bo, cy], &[id]).await;
    for pair in [[ana, bo], [bo, ana]] {
        let (again, created, newly_listed) =
            created_conversation(world.create_conversation(&pair, None).await);
        assert_eq!((again, created, newly_listed.len()), (id, false, 0));
    }
    assert_eq!(world.dump(&[ana, bo, cy], &[id]).await, before);
    let conversation = world.store.conversation(ana, id).await.unwrap();
    assert_eq!(
        (conversation.kind, conversation.rev, conversation.title),
        (ConversationKind::Direct, 0, None)
    );
    assert!(conversation.members.iter().all(|member| member.role == Role::Member && member.rev == 0));
    assert_ne!(created_conversation(world.create_conversation(&[ana, cy], None).await).0, id);
    let (titled, created, _) =
        created_conversation(world.create_conversation(&[ana, bo], Some("With a title")).await);
    assert!(created && titled != id);
    let kind = world.store.conversation(ana, titled).await.unwrap().kind;
    assert_eq!(kind, ConversationKind::Group);
}

pub(crate) async fn a_hundred_concurrent_creations_create_one(world: &World) {
    let (ana, bo, _) = world.three().await;
    let tasks: Vec<_> = (0..100)
        .map(|n| {
            let participants = if n % 2 == 0 { vec![ana, bo] } else { vec![bo, ana] };
            let new = NewConversation {
                creator: participants[0],
                participants,
                title: None,
                client_id: None,
                invites: false,
            };
            let (store, now) = (Arc::clone(&world.store), world.now());
            tokio::spawn(async move { store.commit(&[Write::CreateConversation(new)], now).await })
        })
        .collect();
    let mut found = Vec::new();
    for task in tasks {
        found.push(created_conversation(task.await.unwrap().unwrap().remove(0).unwrap()));
    }
    assert_eq!(found.iter().filter(|(_, created, _)| *created).count(), 1);
    assert!(found.iter().all(|(id, ..)| *id == found[0].0));
    assert_eq!(world.store.conversations(ana).await.unwrap().len(), 1);
    assert_eq!((world.user_rev(ana).await, world.user_rev(bo).await), (1, 1));
}

pub(crate) async fn creating_increments_each_members_counter(world: &World) {
    let (ana, bo, cy) = world.three().await;
    world.conversation(&[bo, cy]).await;
    let (id, _, newly_listed) = created_conversation(world.create_conversation(&[ana, bo, cy], None).await);
    let revs: Vec<_> = newly_listed.iter().map(|listed| (listed.user, listed.user_rev)).collect();
    assert_eq!(revs, [(ana, 1), (bo, 2), (cy, 2)]);
    for NewlyListed { user, user_rev, conversation } in newly_listed {
        assert_eq!(world.user_rev(user).await, user_rev);
        assert_eq!(world.store.conversation(user, id).await.unwrap(), conversation);
        assert_eq!(world.store.conversations(user).await.unwrap()[0], conversation);
    }
}

/// Whether a list, a sync or a counter shows the conversation to this person.
async fn is_listed(world: &World, user: UserId, id: ConversationId) -> bool {
    let store = &world.store;
    let listed = store.conversations(user).await.unwrap().iter().any(|conversation| conversation.id == id);
    let counters = store.user_counters(user).await.unwrap().counters;
    assert_eq!(counters.iter().any(|(counter, _)| *counter == id), listed, "standing");
    for list in [true, false] {
        // A counter from the future, so that no list comes unasked.
        let request =
            SyncRequest { user_rev: 1_000, list, open: OpenCursors(std::iter::once((id, 0)).collect()) };
        let rows = store.sync(user, &request).await.unwrap();
        let in_list = rows.list.map_or(listed, |list| list.iter().any(|one| one.id == id));
        let in_counters = rows.counters.iter().any(|(counter, _)| *counter == id);
        let is_open = rows.open.iter().any(|changes| changes.conversation_id == id);
        assert_eq!((in_list, in_counters, is_open), (listed, listed, listed), "sync with list: {list}");
        assert_eq!(rows.gone.contains(&id), !listed, "sync with list: {list}");
    }
    listed
}

pub(crate) async fn a_direct_conversation_is_listed_with_its_first_message(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let (id, _, newly_listed) = created_conversation(world.create_conversation(&[ana, bo], None).await);
    assert_eq!((users(&newly_listed), newly_listed[0].user_rev), (vec![ana], 1));
    assert_eq!((is_listed(world, ana, id).await, is_listed(world, bo, id).await), (true, false));
    assert_eq!((world.user_rev(ana).await, world.user_rev(bo).await), (1, 0));
    let known = async |user| world.store.contacts(user).await.unwrap().len();
    assert_eq!((known(ana).await, known(bo).await), (1, 0));
    // A refusal changes no list.
    let reply_to = Some(MessageId(987_654));
    let refused = reply(ana, id, "to nothing", reply_to);
    assert_eq!(refusal(world.write(Write::Send(refused)).await), ErrorCode::NotFound);
    assert!(!is_listed(world, bo, id).await);
    // Several at once, one of them twice, and the first message of another conversation between them.
    let other = world.opened(&[cy, bo]).await;
    let first = new_message(ana, id, "first");
    let batch = [first.clone(), first, new_message(cy, other, "hello"), new_message(ana, id, "second")];
    let outcomes = world.batch(batch.map(Write::Send).to_vec()).await;
    let newly_listed: Vec<_> = outcomes
        .into_iter()
        .map(|outcome| match outcome.unwrap() {
            Outcome::Sent { newly_listed, .. } => newly_listed,
            other => panic!("not sent: {other:?}"),
        })
        .collect();
    assert_eq!(newly_listed.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0, 1, 0]);
    for (newly_listed, id, user_rev) in [(&newly_listed[0][0], id, 1), (&newly_listed[2][0], other, 2)] {
        assert_eq!(
            (newly_listed.user, newly_listed.user_rev, newly_listed.conversation.id),
            (bo, user_rev, id)
        );
        assert_eq!(
            (newly_listed.conversation.rev, newly_listed.conversation.unread),
            (0, 0),
            "before its messages"
        );
        assert_eq!(
            (newly_listed.conversation.members.len(), &newly_listed.conversation.last_message),
            (2, &None)
        );
    }
    assert!(is_listed(world, bo, id).await && is_listed(world, bo, other).await);
    assert_eq!((world.user_rev(ana).await, world.user_rev(bo).await, known(bo).await), (1, 2, 2));
    let unread = world.store.conversation(bo, id).await.unwrap().unread;
    assert_eq!(unread, 2);
    // From here on it is as any other.
    world.send(ana, id, "third").await;
    assert_eq!(world.user_rev(bo).await, 2);
}

pub(crate) async fn whoever_finds_a_direct_conversation_lists_it(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let (id, ..) = created_conversation(world.create_conversation(&[ana, bo], None).await);
    let (again, created, newly_listed) =
        created_conversation(world.create_conversation(&[bo, ana], None).await);
    assert_eq!((again, created), (id, false));
    assert_eq!((users(&newly_listed), newly_listed[0].user_rev), (vec![bo], 1));
    assert_eq!(newly_listed[0].conversation, world.store.conversation(bo, id).await.unwrap());
    assert!(is_listed(world, bo, id).await);
    assert!(created_conversation(world.create_conversation(&[bo, ana], None).await).2.is_empty());
    world.send(ana, id, "hello").await;
    assert_eq!((world.user_rev(ana).await, world.user_rev(bo).await), (1, 1));
    // A member who knows the id may send, and has the conversation in their list from then on.
    let id = world.opened(&[cy, bo]).await;
    assert_eq!(world.store.page(bo, id, None, 50).await.unwrap().messages, []);
    match world.write(Write::Send(new_message(bo, id, "I was first"))).await.unwrap() {
        Outcome::Sent { newly_listed, .. } => assert_eq!(users(&newly_listed), [bo]),
        other => panic!("not sent: {other:?}"),
    }
    assert!(is_listed(world, bo, id).await);
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

pub(crate) async fn creating_with_an_unknown_person(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let before = world.dump(&[ana, bo, cy], &[]).await;
    let try_with = async |participants: Vec<UserId>| {
        let new =
            NewConversation { creator: ana, participants, title: None, client_id: None, invites: false };
        refusal(world.write(Write::CreateConversation(new)).await)
    };
    assert_eq!(try_with(vec![ana, UserId(987_654)]).await, ErrorCode::NotFound);
    assert_eq!(try_with(vec![ana, bo, UserId(987_654)]).await, ErrorCode::NotFound);
    assert_eq!(try_with(vec![bo, cy]).await, ErrorCode::Invalid);
    assert_eq!(world.dump(&[ana, bo, cy], &[]).await, before);
}

/// A request with an id.
fn with_id(participants: &[UserId], title: Option<&str>, client_id: ClientId) -> Write {
    Write::CreateConversation(NewConversation {
        creator: participants[0],
        participants: participants.to_vec(),
        title: title.map(str::to_owned),
        client_id: Some(client_id),
        invites: false,
    })
}

pub(crate) async fn v19_the_same_client_id_creates_once(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let client_id = ClientId::mint();
    let group = with_id(&[ana, bo, cy], Some("A group"), client_id);
    let (id, created, _) = created_conversation(world.write(group.clone()).await.unwrap());
    assert!(created);
    let before = world.dump(&[ana, bo, cy], &[id]).await;
    for again in [group.clone(), with_id(&[ana, cy, bo], Some("A group"), client_id)] {
        let (again, created, newly_listed) = created_conversation(world.write(again).await.unwrap());
        assert_eq!((again, created, newly_listed.len()), (id, false, 0));
    }
    let twice = world.batch(vec![group.clone(), group]).await;
    for outcome in twice {
        assert_eq!(created_conversation(outcome.unwrap()).0, id);
    }
    assert_eq!(world.dump(&[ana, bo, cy], &[id]).await, before);
    // The id is the creator's: others may have the same one.
    let theirs = with_id(&[bo, ana, cy], Some("A group"), client_id);
    let (theirs, created, _) = created_conversation(world.write(theirs).await.unwrap());
    assert!(created && theirs != id);
    let other = with_id(&[ana, bo, cy], Some("A group"), ClientId::mint());
    let (other, created, _) = created_conversation(world.write(other).await.unwrap());
    assert!(created && other != id);
}

pub(crate) async fn v19_another_request_under_the_same_client_id(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let (of_group, of_direct, of_found) = (ClientId::mint(), ClientId::mint(), ClientId::mint());
    let group = world.write(with_id(&[ana, bo, cy], Some("A group"), of_group)).await.unwrap();
    let group = created_conversation(group).0;
    let direct = created_conversation(world.write(with_id(&[ana, bo], None, of_direct)).await.unwrap()).0;
    let found = created_conversation(world.write(with_id(&[ana, bo], None, of_found)).await.unwrap());
    assert_eq!((found.0, found.1), (direct, false));
    let before = world.dump(&[ana, bo, cy], &[group, direct]).await;
    for used in [of_group, of_direct, of_found] {
        for (participants, title) in [
            (vec![ana, bo, cy], Some("Another title")),
            (vec![ana, bo, cy], None),
            (vec![ana, bo], Some("A group")),
            (vec![ana, cy], None),
        ] {
            let refused = refusal(world.write(with_id(&participants, title, used)).await);
            assert_eq!(refused, ErrorCode::IdConflict, "{participants:?} {title:?}");
        }
    }
    assert_eq!(world.dump(&[ana, bo, cy], &[group, direct]).await, before);
    // The ids of created conversations go with the account.
    world.store.delete_account(ana).await.unwrap();
    assert_eq!(world.store.conversations(bo).await.unwrap(), []);
}

pub(crate) async fn v19_a_hundred_concurrent_repeats_create_one(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let client_id = ClientId::mint();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (store, now) = (Arc::clone(&world.store), world.now());
            let write = with_id(&[ana, bo, cy], None, client_id);
            tokio::spawn(async move { store.commit(&[write], now).await })
        })
        .collect();
    let mut found = Vec::new();
    for task in tasks {
        found.push(created_conversation(task.await.unwrap().unwrap().remove(0).unwrap()));
    }
    assert_eq!(found.iter().filter(|(_, created, _)| *created).count(), 1);
    assert!(found.iter().all(|(id, ..)| *id == found[0].0));
    assert_eq!(world.store.conversations(cy).await.unwrap().len(), 1);
}
