//! Push subscriptions.

use super::world::{World, read, refusal};
use crate::store::{
    MAX_PUSH_SUBSCRIPTIONS, NewPushSubscription, PushCandidate, PushClaim, PushKind, PushResult,
    SWEPT_MESSAGES, StoredSignIn, UnpushedPeople, Write,
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
    let until = Timestamp(world.now().0 + 1_000_000);
    store.claim_push_subscriptions(&ids, world.now(), until).await.unwrap();
    let result = |id, pushed_at, refusals| PushResult {
        id,
        leased_until: until,
        pushed_at: Timestamp(pushed_at),
        refusals,
        wait_until: None,
    };
    store.finish_pushes(&[result(ids[2], 200, 1), result(ids[1], 150, 2)]).await.unwrap();
    let all = store.push_subscriptions(ana, world.now()).await.unwrap();
    let state: Vec<_> = all.iter().map(|one| (one.pushed_at.0, one.refusals)).collect();
    assert_eq!(state, [(300, 0), (150, 2), (300, 1)]);
}

pub(crate) async fn n1_a_subscription_is_claimed_by_one_node_at_a_time(world: &World) {
    let (store, (ana, ..)) = (&world.store, world.three().await);
    sign_in(world, "a", ana).await;
    let mut ids = Vec::new();
    for n in 0..2 {
        let new = subscription("a", ana, &format!("https://push.example/{n}"));
        store.add_push_subscription(&new, Timestamp(100)).await.unwrap();
        ids = store.push_subscriptions(ana, world.now()).await.unwrap().iter().map(|one| one.id).collect();
    }
    let now = world.now();
    let until = |n: i64| Timestamp(now.0 + 1_000_000_000 + n);
    let claims = (0..8).map(|n| {
        // In different orders, which may not deadlock.
        let ids = if n % 2 == 0 { vec![ids[0], ids[1]] } else { vec![ids[1], ids[0]] };
        async move { store.claim_push_subscriptions(&ids, now, until(n)).await.unwrap() }
    });
    let claims = futures::future::join_all(claims).await;
    let winner = claims.iter().position(|claims| !claims.is_empty()).expect("a node has them");
    let mut claimed: Vec<_> = claims.iter().flatten().map(|claim| claim.id).collect();
    claimed.sort_unstable();
    assert_eq!(claimed, ids, "each once");
    assert_eq!(claims[winner].len(), 2);
    let lease = until(i64::try_from(winner).unwrap());
    let leases = async || {
        let all = store.push_subscriptions(ana, now).await.unwrap();
        all.iter().map(|one| one.leased_until.0).collect::<Vec<_>>()
    };
    assert_eq!(leases().await, [lease.0, lease.0]);
    let end = |id, leased_until, wait_until| PushResult {
        id,
        leased_until,
        pushed_at: Timestamp(200),
        refusals: 0,
        wait_until,
    };
    // The end of another claim leaves this one.
    store.finish_pushes(&[end(ids[0], until(99), None)]).await.unwrap();
    assert_eq!(leases().await, [lease.0, lease.0]);
    let ends = [end(ids[0], lease, None), end(ids[1], lease, Some(until(50)))];
    store.finish_pushes(&ends).await.unwrap();
    assert_eq!(leases().await, [0, until(50).0]);
    // What is free, and when the lease has run out the rest.
    let again = store.claim_push_subscriptions(&ids, now, until(60)).await.unwrap();
    assert_eq!(again, [PushClaim { id: ids[0], pushed_at: Timestamp(200), refusals: 0 }]);
    let rest = store.claim_push_subscriptions(&ids, until(50), until(70)).await.unwrap();
    assert_eq!(rest.iter().map(|claim| claim.id).collect::<Vec<_>>(), [ids[1]]);
}

pub(crate) async fn n1_a_sweep_finds_people_who_were_not_pushed_to(world: &World) {
    let (store, (ana, bo, cy)) = (&world.store, world.three().await);
    let (one, two) = (world.conversation(&[ana, bo]).await, world.conversation(&[ana, cy]).await);
    world.send(ana, one, "before there are subscriptions").await;
    let start = store.last_message().await.unwrap();
    let none = store.unpushed_people(0, LATER).await.unwrap();
    assert_eq!(none, UnpushedPeople { people: vec![], upto: start, more: false });
    let mut ids = Vec::new();
    for (id, user) in [("b", bo), ("c", cy)] {
        sign_in(world, id, user).await;
        let new = subscription(id, user, &format!("https://push.example/{id}"));
        store.add_push_subscription(&new, world.now()).await.unwrap();
        ids.push(store.push_subscriptions(user, world.now()).await.unwrap()[0].id);
    }
    let found = async |after, until| {
        let found = store.unpushed_people(after, until).await.unwrap();
        assert!(!found.more);
        (found.people, found.upto)
    };
    assert_eq!(found(start, LATER).await, (vec![], start));
    let first = world.send(ana, one, "first").await;
    let second = world.send(ana, two, "second").await;
    assert_eq!(found(start, LATER).await, (vec![bo, cy], second.id.0));
    assert_eq!(found(start, first.timestamp).await, (vec![bo], first.id.0), "the others are too new");
    assert_eq!(found(first.id.0, LATER).await, (vec![cy], second.id.0));
    assert_eq!(found(start, Timestamp(first.timestamp.0 - 1)).await, (vec![], start));
    store.set_pushed(&[(first.timestamp, vec![ids[0]])]).await.unwrap();
    assert_eq!(found(start, LATER).await.0, [cy], "the other one was pushed to");
    world.write(read(cy, two, None)).await.unwrap();
    assert_eq!(found(start, LATER).await.0, []);
    // It reads a bounded number of messages.
    world.send_many(ana, one, SWEPT_MESSAGES + 1).await;
    let most = store.unpushed_people(second.id.0, LATER).await.unwrap();
    assert_eq!((most.people, most.more), (vec![bo], true));
    assert_eq!(found(most.upto, LATER).await, (vec![bo], store.last_message().await.unwrap()));
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
