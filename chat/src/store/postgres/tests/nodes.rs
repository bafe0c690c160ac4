//! Several nodes on one database.

use super::super::Postgres;
use super::super::connections::{SNAPSHOT, WRITE};
use super::{SERVER, postgres, world};
use crate::Error;
use crate::store::contract::new_message;
use crate::store::{
    AccountStore, GroupChange, GroupUpdate, GroupWrite, NewConversation, NewMessage, NewPushSubscription,
    Outcome, PushStore as _, Store, StoredSignIn, Write,
};
use protocol::{ClientId, ErrorCode, Timestamp};
use sqlx::Connection as _;
use std::sync::Arc;
use std::time::Duration;

/// Another node on the same database.
async fn another(url: &str) -> Arc<Postgres> {
    Arc::new(Postgres::open_url(url).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_write_all_kinds_in_any_order_never_lose_a_batch() {
    let (one, url) = postgres().await;
    let two = another(&url).await;
    let world = world(&one);
    let (ana, bo, cy) = world.three().await;
    let mut places = Vec::new();
    for pair in [[ana, bo], [bo, cy], [ana, cy]] {
        places.push((pair, world.conversation(&pair).await));
    }
    let group = world.group(&[ana, bo, cy]).await;
    let batches = |mut at: usize, store: Arc<Postgres>| {
        let places = places.clone();
        async move {
            for round in 0..30 {
                let mut batch = Vec::new();
                for _ in 0..12 {
                    at += 1;
                    let ([first, second], id) = places[at % 3];
                    batch.push(Write::Send(new_message(first, id, &format!("{round} {at}"))));
                    batch.push(Write::Send(new_message([ana, bo, cy][at % 3], group, "to all")));
                    let read = at.is_multiple_of(2);
                    batch.push(Write::Mark(crate::store::Mark {
                        user: second,
                        conversation: id,
                        message: None,
                        read,
                    }));
                    batch.push(Write::CreateConversation(NewConversation {
                        creator: first,
                        participants: vec![first, second],
                        title: None,
                        client_id: None,
                        invites: false,
                    }));
                }
                if at.is_multiple_of(2) {
                    batch.reverse();
                }
                for outcome in store.commit(&batch, Timestamp(1)).await.unwrap() {
                    outcome.unwrap();
                }
                store.seen(&[cy, ana, bo], Timestamp(at as i64)).await.unwrap();
            }
        }
    };
    tokio::join!(batches(0, Arc::clone(&one)), batches(1, Arc::clone(&two)));
    for (asker, id, sent) in places.iter().map(|(pair, id)| (pair[0], *id, 240)).chain([(ana, group, 720)]) {
        let page = two.page(asker, id, None, 1_000).await.unwrap();
        let seqs: Vec<_> = page.messages.iter().map(|message| message.seq).collect();
        assert_eq!(seqs, (1..=page.as_of).collect::<Vec<_>>(), "no gap, whoever wrote");
        assert_eq!(page.as_of, sent);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_messages_at_two_nodes_list_a_conversation_once_for_each() {
    let (one, url) = postgres().await;
    let two = another(&url).await;
    let world = world(&one);
    let mut people = Vec::new();
    for n in 0..8 {
        people.push(world.person(&format!("person{n}")).await);
    }
    let mut pairs = Vec::new();
    for (n, &first) in people.iter().enumerate() {
        for &second in &people[n + 1..] {
            pairs.push((world.opened(&[first, second]).await, [first, second]));
        }
    }
    // Both begin at once, in opposite orders, and the second finds the conversation as well.
    let writes = |at: usize| {
        pairs.iter().map(move |(id, pair)| {
            [
                Write::Send(new_message(pair[at], *id, "hello")),
                Write::CreateConversation(NewConversation {
                    creator: pair[1],
                    participants: pair.to_vec(),
                    title: None,
                    client_id: None,
                    invites: false,
                }),
            ]
        })
    };
    let (here, there): (Vec<_>, Vec<_>) = (writes(0).collect(), writes(1).rev().collect());
    let commit = |store: Arc<Postgres>, batches: Vec<[Write; 2]>| async move {
        for batch in batches.chunks(4) {
            for outcome in store.commit(&batch.concat(), Timestamp(1)).await.unwrap() {
                outcome.unwrap();
            }
        }
    };
    tokio::join!(commit(Arc::clone(&one), here), commit(Arc::clone(&two), there));
    for person in people {
        assert_eq!(two.conversations(person).await.unwrap().len(), 7);
        assert_eq!(world.user_rev(person).await, 7, "once for each conversation");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f7_f8_one_client_id_at_two_nodes_at_once_is_one_message() {
    let (one, url) = postgres().await;
    let two = another(&url).await;
    let world = world(&one);
    let (ana, bo, cy) = world.three().await;
    let (here, there) = (world.conversation(&[ana, bo]).await, world.conversation(&[ana, cy]).await);
    let commit = |store: &Arc<Postgres>, message: &NewMessage| {
        let (store, write) = (Arc::clone(store), Write::Send(message.clone()));
        tokio::spawn(async move { store.commit(&[write], Timestamp(1)).await.unwrap().remove(0) })
    };
    for n in 0..40 {
        let first = new_message(ana, here, &format!("message {n}"));
        // The same one; then another one under its id in another conversation, which other locks guard.
        let (a, b) = (commit(&one, &first), commit(&two, &first));
        let outcomes = [a.await.unwrap(), b.await.unwrap()].map(Result::unwrap);
        let [Outcome::Sent { message: a, repeated: x, .. }, Outcome::Sent { message: b, repeated: y, .. }] =
            &outcomes
        else {
            panic!("{outcomes:?}");
        };
        assert!(a == b && x != y, "{outcomes:?}");
        let client_id = ClientId::mint();
        let [first, second] =
            [here, there].map(|id| NewMessage { client_id, ..new_message(ana, id, "either") });
        let (a, b) = (commit(&one, &first), commit(&two, &second));
        let outcomes = [a.await.unwrap(), b.await.unwrap()];
        let refused = |outcome: &crate::Result<Outcome>| matches!(outcome, Err(Error::Refused(body)) if body.code == ErrorCode::IdConflict);
        assert_eq!(outcomes.iter().filter(|outcome| refused(outcome)).count(), 1, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    }
    let kept = one.page(ana, here, None, 1_000).await.unwrap().as_of
        + one.page(ana, there, None, 1_000).await.unwrap().as_of;
    assert_eq!(kept, 80);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a3_no_end_of_a_sign_in_is_passed_over_while_others_are_noted() {
    let (one, url) = postgres().await;
    let two = another(&url).await;
    let world = world(&one);
    let mut people = Vec::new();
    for n in 0..8 {
        people.push(world.person(&format!("person{n}")).await);
    }
    let ending: Vec<_> = people
        .iter()
        .enumerate()
        .map(|(n, &person)| {
            let store = Arc::clone(if n % 2 == 0 { &one } else { &two });
            tokio::spawn(async move {
                for _ in 0..10 {
                    store.revoke_all(person, Timestamp(1)).await.unwrap();
                }
            })
        })
        .collect();
    let (mut after, mut found) = (0, 0);
    while found < 80 {
        for revocation in two.revocations(after).await.unwrap() {
            assert_eq!(revocation.id, after + 1, "each appears before those that follow it");
            (after, found) = (revocation.id, found + 1);
        }
    }
    for ending in ending {
        ending.await.unwrap();
    }
    assert_eq!(two.last_revocation().await.unwrap(), 80);
}

#[tokio::test]
async fn f2_a_commit_waits_for_the_disk_whatever_the_database_is_set_to() {
    let url = SERVER.database().unwrap();
    let name = url.rsplit('/').next().unwrap();
    SERVER.ask(name, &format!("alter database {name} set synchronous_commit = off")).unwrap();
    let store = another(&url).await;
    let mut connection = store.writer.acquire().await.unwrap();
    let mut writing = connection.begin_with(WRITE).await.unwrap();
    let set: String = sqlx::query_scalar("SHOW synchronous_commit").fetch_one(&mut *writing).await.unwrap();
    let isolation: String =
        sqlx::query_scalar("SHOW transaction_isolation").fetch_one(&mut *writing).await.unwrap();
    writing.commit().await.unwrap();
    assert_eq!((set.as_str(), isolation.as_str()), ("on", "read committed"));
    let mut connection = store.readers.acquire().await.unwrap();
    let mut reading = connection.begin_with(SNAPSHOT).await.unwrap();
    let isolation: String =
        sqlx::query_scalar("SHOW transaction_isolation").fetch_one(&mut *reading).await.unwrap();
    assert_eq!(isolation, "repeatable read");
    let refused = sqlx::query("DELETE FROM account").execute(&mut *reading).await;
    assert!(refused.is_err(), "those that read cannot write");
}

#[tokio::test]
async fn one_write_that_fails_does_not_take_the_others_with_it() {
    let (store, url) = postgres().await;
    let world = world(&store);
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let poison = "alter table message add check (content <> 'poison')";
    SERVER.ask(url.rsplit('/').next().unwrap(), poison).unwrap();
    let texts = ["one", "poison", "two"];
    let batch = texts.map(|text| Write::Send(new_message(ana, id, text))).to_vec();
    let outcomes = store.commit(&batch, world.now()).await.unwrap();
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
    assert!(matches!(outcomes[1], Err(Error::Internal(_))), "{:?}", outcomes[1]);
    let page = store.page(ana, id, None, 50).await.unwrap();
    let kept: Vec<_> = page.messages.iter().map(|m| (m.seq, m.content.as_str())).collect();
    assert_eq!((kept.as_slice(), page.as_of), ([(1, "one"), (2, "two")].as_slice(), 2));
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_the_store_as_it_was() {
    let (store, _) = postgres().await;
    let world = world(&store);
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    for n in 0..40 {
        let batch = vec![Write::Send(new_message(ana, id, &format!("{n}")))];
        // The future is dropped before, within or after its transaction.
        let _ = tokio::time::timeout(Duration::from_micros(n * 100), store.commit(&batch, world.now())).await;
        let _ = tokio::time::timeout(Duration::from_micros(n * 100), store.conversation(ana, id)).await;
    }
    let last = world.send(ana, id, "last").await;
    let page = store.page(ana, id, None, 100).await.unwrap();
    let seqs: Vec<_> = page.messages.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, (1..=last.seq).collect::<Vec<_>>());
    assert_eq!(page.as_of, last.seq);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n1_one_browser_of_two_people_at_two_nodes_at_once_is_one_subscription() {
    let (one, url) = postgres().await;
    let two = another(&url).await;
    let (ana, bo, _) = world(&one).three().await;
    let expires_at = Timestamp(i64::MAX / 2);
    for (id, user) in [("a", ana), ("b", bo)] {
        let (data, device, address) = Default::default();
        let (id, user, at) = (id.to_owned(), Some(user), Timestamp(1));
        let sign_in = StoredSignIn { id, user, data, expires_at, device, began_at: at, used_at: at, address };
        one.create_sign_in(sign_in).await.unwrap();
    }
    for n in 0..20 {
        let add = |store: &Arc<Postgres>, sign_in: &str, user| {
            let (sign_in, endpoint) = (sign_in.to_owned(), format!("https://push.example/{n}"));
            let language = "en".to_owned();
            let new =
                NewPushSubscription { sign_in, user, endpoint, p256dh: [4; 65], auth: [7; 16], language };
            let store = Arc::clone(store);
            tokio::spawn(async move { store.add_push_subscription(&new, Timestamp(1)).await.unwrap() })
        };
        let (a, b) = (add(&one, "a", ana), add(&two, "b", bo));
        assert!(a.await.unwrap() && b.await.unwrap());
        let mut added = one.push_subscriptions(ana, Timestamp(1)).await.unwrap();
        added.extend(one.push_subscriptions(bo, Timestamp(1)).await.unwrap());
        assert_eq!(added.len(), 1);
        let removed = added.iter().map(|subscription| subscription.id).collect::<Vec<_>>();
        one.drop_push_subscriptions(&removed).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c3_one_client_id_at_two_nodes_at_once_is_one_change() {
    let (one, url) = postgres().await;
    let two = another(&url).await;
    let world = world(&one);
    let (ana, bo, _) = world.three().await;
    let (here, there) = (world.group(&[ana, bo]).await, world.group(&[ana, bo]).await);
    for n in 0..20 {
        let client_id = Some(ClientId::mint());
        let update = GroupUpdate { title: Some(Some(format!("Title {n}"))), ..GroupUpdate::default() };
        let commit = |store: &Arc<Postgres>, conversation| {
            let change = GroupChange::Update(update.clone());
            let write = Write::Group(GroupWrite { by: ana, conversation, change, client_id });
            let store = Arc::clone(store);
            tokio::spawn(async move { store.commit(&[write], Timestamp(1)).await.unwrap().remove(0) })
        };
        let (a, b) = (commit(&one, here), commit(&two, there));
        let outcomes = [a.await.unwrap(), b.await.unwrap()];
        let is_made = |outcome: &crate::Result<Outcome>| matches!(outcome, Ok(Outcome::GroupChanged(changed)) if changed.messages.len() == 1);
        let is_refused = |outcome: &crate::Result<Outcome>| matches!(outcome, Err(Error::Refused(body)) if body.code == ErrorCode::IdConflict);
        assert_eq!(outcomes.iter().filter(|outcome| is_made(outcome)).count(), 1, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|outcome| is_refused(outcome)).count(), 1, "{outcomes:?}");
    }
}
