//! Push subscriptions.

use super::world::{World, read, refusal};
use crate::store::{
    MAX_PUSH_SUBSCRIPTIONS, NewPushSubscription, PushCandidate, PushKind, StoredSignIn, Write,
};
use protocol::{ErrorCode, MembershipChange, Timestamp, UserId};

/// Far after the clock of the world.
const LATER: Timestamp = Timestamp(i64::MAX / 2);

async fn sign_in(world: &World, id: &str, user: UserId) {
    let session = StoredSignIn {
        id: id.to_owned(),
        user: Some(user),
        data: String::new(),
        expires_at: LATER,
        device: String::new(),
        began_at: Timestamp(1),
        used_at: Timestamp(1),
        address: String::new(),
    };
    world.store.create_sign_in(session).await.unwrap();
}

fn subscription(sign_in: &str, user: UserId, endpoint: &str) -> NewPushSubscription {
    let (sign_in, endpoint) = (sign_in.to_owned(), endpoint.to_owned());
    NewPushSubscription { sign_in, user, endpoint, p256dh: [4; 65], auth: [7; 16], language: "de".to_owned() }
}

/// The endpoints of a person's subscriptions.
async fn endpoints(world: &World, user: UserId) -> Vec<String> {
    let all = world.store.push_subscriptions(user, world.now()).await.unwrap();
    all.into_iter().map(|subscription| subscription.endpoint).collect()
}

pub(crate) async fn n1_a_subscription_is_added_once_and_moves_with_the_browser(world: &World) {
    let (store, (ana, bo, _)) = (&world.store, world.three().await);
    sign_in(world, "a", ana).await;
    sign_in(world, "b", bo).await;
    let now = world.now();
    let new = subscription("a", ana, "https://push.example/1");
    assert!(store.add_push_subscription(&new, now).await.unwrap());
    assert!(!store.add_push_subscription(&new, world.now()).await.unwrap(), "the same again");
    let kept = store.push_subscriptions(ana, world.now()).await.unwrap();
    assert_eq!((kept.len(), kept[0].pushed_at, kept[0].refusals), (1, now, 0));
    assert_eq!((&kept[0].p256dh[..], &kept[0].auth[..]), (&[4; 65][..], &[7; 16][..]));
    assert_eq!((kept[0].endpoint.as_str(), kept[0].language.as_str()), ("https://push.example/1", "de"));
    // Other keys at the same endpoint are another subscription of the same browser.
    let renewed = NewPushSubscription { auth: [8; 16], ..new.clone() };
    assert!(store.add_push_subscription(&renewed, world.now()).await.unwrap());
    assert_eq!(endpoints(world, ana).await.len(), 1);
    // Bo signs in with the same browser.
    let moved = subscription("b", bo, "https://push.example/1");
    assert!(store.add_push_subscription(&moved, world.now()).await.unwrap());
    assert_eq!((endpoints(world, ana).await.len(), endpoints(world, bo).await.len()), (0, 1));
    // Only the owner removes it, and removing it again is no error.
    store.remove_push_subscription(ana, "https://push.example/1").await.unwrap();
    assert_eq!(endpoints(world, bo).await.len(), 1);
    store.remove_push_subscription(bo, "https://push.example/1").await.unwrap();
    store.remove_push_subscription(bo, "https://push.example/1").await.unwrap();
    assert_eq!(endpoints(world, bo).await.len(), 0);
}

pub(crate) async fn n1_a_subscription_needs_its_sign_in_and_ends_with_it(world: &World) {
    let (store, (ana, bo, _)) = (&world.store, world.three().await);
    sign_in(world, "a1", ana).await;
    sign_in(world, "a2", ana).await;
    let add = |sign_in: &str, user| {
        let new = subscription(sign_in, user, &format!("https://push.example/{sign_in}"));
        async move { store.add_push_subscription(&new, world.now()).await }
    };
    assert_eq!(refusal(add("gone", ana).await), ErrorCode::NotAuthenticated);
    assert_eq!(refusal(add("a1", bo).await), ErrorCode::NotAuthenticated, "another person's sign-in");
    assert!(add("a1", ana).await.unwrap() && add("a2", ana).await.unwrap());
    store.end_sign_in("a1", world.now()).await.unwrap();
    assert_eq!(endpoints(world, ana).await, ["https://push.example/a2"]);
    store.set_password(ana, "hash", Some("a2"), world.now()).await.unwrap();
    assert_eq!(endpoints(world, ana).await.len(), 1, "of the sign-in that is kept");
    store.revoke_all(ana, world.now()).await.unwrap();
    assert_eq!(endpoints(world, ana).await.len(), 0);
    sign_in(world, "a3", ana).await;
    add("a3", ana).await.unwrap();
    assert!(store.push_subscriptions(ana, LATER).await.unwrap().is_empty(), "the sign-in has expired");
    store.suspend(ana, true, world.now()).await.unwrap();
    assert_eq!(endpoints(world, ana).await.len(), 0);
    assert_eq!(store.people_with_push(None).await.unwrap(), []);
}

pub(crate) async fn n1_a_person_has_a_bounded_number_of_subscriptions(world: &World) {
    let (store, (ana, bo, _)) = (&world.store, world.three().await);
    sign_in(world, "a", ana).await;
    sign_in(world, "b", bo).await;
    let new = |n: usize| subscription("a", ana, &format!("https://push.example/{n}"));
    for n in 0..MAX_PUSH_SUBSCRIPTIONS {
        assert!(store.add_push_subscription(&new(n), world.now()).await.unwrap());
    }
    let one_more = store.add_push_subscription(&new(99), world.now()).await;
    assert_eq!(refusal(one_more), ErrorCode::Invalid);
    assert!(!store.add_push_subscription(&new(3), world.now()).await.unwrap(), "one of them again");
    assert_eq!(endpoints(world, ana).await.len(), MAX_PUSH_SUBSCRIPTIONS);
    let other = subscription("b", bo, "https://push.example/b");
    assert!(store.add_push_subscription(&other, world.now()).await.unwrap());
    let ids: Vec<i64> =
        store.push_subscriptions(ana, world.now()).await.unwrap().iter().map(|one| one.id).collect();
    store.drop_push_subscriptions(&ids[1..]).await.unwrap();
    assert_eq!(endpoints(world, ana).await, ["https://push.example/0"]);
    assert_eq!(endpoints(world, bo).await.len(), 1);
}

pub(crate) async fn n1_progress_of_pushes_only_grows(world: &World) {
    let (store, (ana, ..)) = (&world.store, world.three().await);
    sign_in(world, "a", ana).await;
    for n in 0..3 {
        let new = subscription("a", ana, &format!("https://push.example/{n}"));
        store.add_push_subscription(&new, Timestamp(100)).await.unwrap();
    }
    let all = store.push_subscriptions(ana, world.now()).await.unwrap();
    let ids: Vec<i64> = all.iter().map(|one| one.id).collect();
    let moved = [(Timestamp(300), vec![ids[0], ids[2]]), (Timestamp(50), vec![ids[1]])];
    store.set_pushed(&moved).await.unwrap();
    store.count_push_refusal(ids[1], true).await.unwrap();
    store.count_push_refusal(ids[1], true).await.unwrap();
    store.count_push_refusal(ids[2], true).await.unwrap();
    store.count_push_refusal(ids[2], false).await.unwrap();
    let all = store.push_subscriptions(ana, world.now()).await.unwrap();
    let state: Vec<_> = all.iter().map(|one| (one.pushed_at.0, one.refusals)).collect();
    assert_eq!(state, [(300, 0), (100, 2), (300, 0)]);
}

pub(crate) async fn n1_pushes_concern_members_with_subscriptions(world: &World) {
    let (store, (ana, bo, cy)) = (&world.store, world.three().await);
    let (one, two) = (world.conversation(&[ana, bo]).await, world.conversation(&[ana, cy]).await);
    let people = async |among: &[_]| store.people_with_push(Some(among)).await.unwrap();
    assert_eq!(people(&[one, two]).await, []);
    for (id, user) in [("b", bo), ("c", cy)] {
        sign_in(world, id, user).await;
        let new = subscription(id, user, &format!("https://push.example/{id}"));
        store.add_push_subscription(&new, world.now()).await.unwrap();
    }
    assert_eq!(people(&[one]).await, [bo]);
    assert_eq!(people(&[two]).await, [cy]);
    assert_eq!(people(&[]).await, []);
    assert_eq!(store.people_with_push(None).await.unwrap(), [bo, cy]);
}

pub(crate) async fn n1_candidates_are_unread_messages_of_the_time(world: &World) {
    let (store, (ana, bo, cy)) = (&world.store, world.three().await);
    let (one, two) = (world.conversation(&[ana, bo]).await, world.conversation(&[cy, bo]).await);
    let before = world.send(ana, one, "before").await.timestamp;
    let first = world.send(ana, one, "first").await;
    let second = world.send(ana, one, "second").await;
    world.send(bo, one, "my own").await;
    let other = world.send(cy, two, "hello").await;
    let late = world.send(ana, one, "late").await;
    let found = async |after, until| {
        let found = store.push_candidates(bo, after, until).await.unwrap();
        let brief = |one: PushCandidate| (one.conversation, one.count, one.content, one.sender.id);
        found.into_iter().map(brief).collect::<Vec<_>>()
    };
    let hello = || (two, 1, "hello".to_owned(), cy);
    let until = other.timestamp;
    assert_eq!(found(before, until).await, [hello(), (one, 3, "second".to_owned(), ana)]);
    assert_eq!(found(second.timestamp, until).await, [hello()]);
    assert_eq!(found(until, late.timestamp).await, [(one, 4, "late".to_owned(), ana)]);
    assert_eq!(found(late.timestamp, LATER).await, []);
    // Hidden, deleted and read messages are none.
    let hide = Write::Hide { user: bo, conversation: two, message: other.id, hidden: true };
    world.write(hide).await.unwrap();
    let delete = Write::Delete { user: ana, conversation: one, message: second.id };
    world.write(delete).await.unwrap();
    assert_eq!(found(before, until).await, [(one, 2, "first".to_owned(), ana)]);
    world.write(read(bo, one, Some(first.id))).await.unwrap();
    assert_eq!(found(before, until).await, []);
}

pub(crate) async fn n1_candidates_have_mentions_and_mutes(world: &World) {
    let (store, (ana, bo, _)) = (&world.store, world.three().await);
    let talk = world.group(&[ana, bo]).await;
    let before = world.now();
    let first = world.send(ana, talk, "hello @bo").await;
    let second = world.send(ana, talk, "and more").await;
    let found = async |after, until| {
        let found = store.push_candidates(bo, after, until).await.unwrap();
        let brief = |one: PushCandidate| (one.kind, one.seq, one.count, one.content);
        found.into_iter().map(brief).collect::<Vec<_>>()
    };
    let group = (PushKind::Group, second.seq, 2, "and more".to_owned());
    let mention = (PushKind::Mention, first.seq, 1, "hello @bo".to_owned());
    assert_eq!(found(before, LATER).await, [group.clone(), mention]);
    assert_eq!(found(first.timestamp, LATER).await, [group], "the mention is older");
    assert_eq!(found(before, Timestamp(first.timestamp.0 - 1)).await, []);
    // Marked as read in the list of notifications, up to the first one.
    world.write(Write::ReadNotifications { user: bo, up_to: Some(first.timestamp) }).await.unwrap();
    assert_eq!(found(before, LATER).await.len(), 1);
    world.write(Write::ReadNotifications { user: bo, up_to: None }).await.unwrap();
    assert_eq!(found(before, LATER).await, []);
    let third = world.send(ana, talk, "@bo again").await;
    assert_eq!(found(before, LATER).await.len(), 2);
    let change = MembershipChange { muted_until: Some(Some(LATER)), ..MembershipChange::default() };
    world.write(Write::SetMembership { user: bo, conversation: talk, change }).await.unwrap();
    let muted = store.push_candidates(bo, before, LATER).await.unwrap();
    assert!(muted.iter().all(|one| one.muted_until == Some(LATER) && one.seq == third.seq), "{muted:?}");
    world.write(read(bo, talk, None)).await.unwrap();
    assert_eq!(found(before, LATER).await, []);
}
