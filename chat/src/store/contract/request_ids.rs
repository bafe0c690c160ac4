//! Ids that clients give their requests.

use super::world::{World, new_message, refusal, sent};
use crate::store::{
    AccountKind, GroupChange, GroupUpdate, GroupWrite, NewAccount, NewConversation, NewMessage, Outcome,
    Write,
};
use protocol::{AddableBy, ClientId, ErrorCode, Timestamp};

pub(crate) async fn x1_an_id_is_for_one_kind_of_request(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let group = world.group(&[ana, bo]).await;
    let send = |client_id| Write::Send(NewMessage { client_id, ..new_message(ana, group, "hello") });
    let create = |client_id| {
        Write::CreateConversation(NewConversation {
            creator: ana,
            participants: vec![ana, bo, cy],
            title: Some("Another".to_owned()),
            client_id: Some(client_id),
            invites: false,
        })
    };
    let title = Some("New".to_owned());
    let change = |client_id| {
        let update = GroupUpdate { title: Some(title.clone()), ..GroupUpdate::default() };
        let (by, conversation) = (ana, group);
        Write::Group(GroupWrite {
            by,
            conversation,
            change: GroupChange::Update(update),
            client_id: Some(client_id),
        })
    };
    let (of_message, of_change, of_creation) = (ClientId::mint(), ClientId::mint(), ClientId::mint());
    let message = sent(world.write(send(of_message)).await).0;
    assert!(matches!(world.write(change(of_change)).await, Ok(Outcome::GroupChanged(_))));
    let created = world.write(create(of_creation)).await;
    assert!(matches!(created, Ok(Outcome::ConversationCreated { created: true, .. })), "{created:?}");
    let before = world.dump(&[ana, bo, cy], &[group]).await;
    for other in [
        change(of_message),
        create(of_message),
        create(of_change),
        change(of_creation),
        send(of_change),
        send(of_creation),
    ] {
        assert_eq!(refusal(world.write(other.clone()).await), ErrorCode::IdConflict, "{other:?}");
    }
    // Of the messages that are sent together, the others are sent.
    let together = [send(of_change), send(of_message), send(of_creation)];
    let mut outcomes = world.store.commit(&together, world.now()).await.unwrap().into_iter();
    assert_eq!(refusal(outcomes.next().unwrap()), ErrorCode::IdConflict);
    assert_eq!(sent(outcomes.next().unwrap()).0.id, message.id);
    assert_eq!(refusal(outcomes.next().unwrap()), ErrorCode::IdConflict);
    assert_eq!(world.dump(&[ana, bo, cy], &[group]).await, before);
    // Each is still a repeat of its own.
    assert_eq!(sent(world.write(send(of_message)).await).0.id, message.id);
    for repeat in [change(of_change), create(of_creation)] {
        assert!(world.write(repeat).await.is_ok());
    }
    assert_eq!(world.dump(&[ana, bo, cy], &[group]).await, before);
    // The ids are each person's own.
    let theirs = Write::Send(NewMessage { client_id: of_change, ..new_message(bo, group, "hello") });
    assert_eq!(sent(world.write(theirs).await).0.client_id, of_change);
}

pub(crate) async fn x1_a_registration_is_found_by_its_request(world: &World) {
    let store = &world.store;
    let new = |username: &str, request_hash| NewAccount {
        username: username.to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        password_hash: "$argon2id$".to_owned(),
        kind: AccountKind::Person,
        addable_by: AddableBy::Everyone,
        request_hash,
    };
    let (hash, other) = ([7; 32], [8; 32]);
    let now = world.now();
    let ana = store.create_account(new("ana", Some(hash)), now).await.unwrap().person;
    store.create_account(new("bob", None), now).await.unwrap();
    let found = async |username: &str, hash, since| {
        let account = store.registered_account(username, hash, since).await.unwrap();
        account.map(|account| account.person)
    };
    assert_eq!(found("ANA", hash, now).await, Some(ana.clone()));
    assert_eq!(found("ana", hash, Timestamp(now.0 + 1)).await, None, "too long ago");
    for (username, hash) in [("ana", other), ("bob", hash), ("bob", [0; 32]), ("nobody", hash)] {
        assert_eq!(found(username, hash, now).await, None, "{username} {hash:?}");
    }
    store.suspend(ana.id, true, now).await.unwrap();
    assert_eq!(found("ana", hash, now).await, None, "suspended");
}
