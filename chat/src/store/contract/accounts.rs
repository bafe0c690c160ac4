//! Accounts and sign-ins.

use super::world::{World, refusal};
use crate::store::{AccountKind, NewAccount, Revocation, StoredSignIn, TokenSwap};
use protocol::{AddableBy, ErrorCode, Timestamp, UserId};

fn new_account(username: &str) -> NewAccount {
    NewAccount {
        username: username.to_owned(),
        first_name: "First".to_owned(),
        last_name: "Last".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        kind: AccountKind::Person,
        addable_by: AddableBy::Everyone,
        request_hash: None,
    }
}

fn session(id: &str, user: Option<UserId>, expires_at: i64) -> StoredSignIn {
    StoredSignIn {
        id: id.to_owned(),
        user,
        data: "data".to_owned(),
        expires_at: Timestamp(expires_at),
        device: "Firefox on Linux".to_owned(),
        began_at: Timestamp(50),
        used_at: Timestamp(50),
        address: "203.0.113.7".to_owned(),
    }
}

pub(crate) async fn names_are_unique_without_case(world: &World) {
    let store = &world.store;
    let made = store.create_account(new_account("Ёлка"), world.now()).await.unwrap();
    assert_eq!((made.person.username.as_str(), made.person.first_name.as_str()), ("Ёлка", "First"));
    assert_eq!((made.password_hash.as_str(), made.suspended), ("$argon2id$", false));
    assert_eq!(refusal(store.create_account(new_account("ёЛКА"), world.now()).await), ErrorCode::Conflict);
    let other = store.create_account(new_account("other"), world.now()).await.unwrap();
    let found = store.account_by_name("ЁЛКА").await.unwrap().unwrap();
    assert_eq!((found.person.id, found.person.username.as_str()), (made.person.id, "Ёлка"));
    assert!(store.account_by_name("nobody").await.unwrap().is_none());
    assert!(store.account(UserId(987_654)).await.unwrap().is_none());
    assert_eq!(store.account(other.person.id).await.unwrap().unwrap().person, other.person);
    store.suspend(other.person.id, true, world.now()).await.unwrap();
    let names = ["OTHER", "ёлка", "nobody", "Ёлка"].map(str::to_owned);
    let found = store.accounts_by_name(&names).await.unwrap();
    assert_eq!(found.iter().map(|account| account.person.id).collect::<Vec<_>>(), [made.person.id]);
    assert!(store.account_by_name("other").await.unwrap().unwrap().suspended);
}

pub(crate) async fn a_store_knows_whether_there_is_anybody(world: &World) {
    let store = &world.store;
    assert!(!store.has_accounts().await.unwrap());
    let made = store.create_account(new_account("ana"), world.now()).await.unwrap();
    assert!(store.has_accounts().await.unwrap());
    store.suspend(made.person.id, true, world.now()).await.unwrap();
    assert!(store.has_accounts().await.unwrap(), "somebody who was shut out is there, too");
}

pub(crate) async fn v27_the_first_person_is_the_administrator_after_any_other_accounts(world: &World) {
    let (store, mut made_at) = (&world.store, None);
    for (name, kind) in [("check-1", AccountKind::Temporary), ("person0", AccountKind::Fixture)] {
        let now = world.now();
        let other = store.create_account(NewAccount { kind, ..new_account(name) }, now).await.unwrap();
        made_at.get_or_insert(now);
        assert!(!other.is_admin, "{name}");
        // A temporary account alone counts as nobody.
        assert_eq!(store.has_accounts().await.unwrap(), kind == AccountKind::Fixture);
    }
    assert!(store.create_account(new_account("ana"), world.now()).await.unwrap().is_admin);
    assert!(!store.create_account(new_account("bo"), world.now()).await.unwrap().is_admin);
    let guests = store.temporary_accounts().await.unwrap();
    let told: Vec<_> = guests.iter().map(|(person, made)| (person.username.as_str(), *made)).collect();
    assert_eq!(told, [("check-1", made_at.unwrap())]);
    store.delete_account(guests[0].0.id).await.unwrap();
    assert_eq!(store.temporary_accounts().await.unwrap(), []);
}

pub(crate) async fn the_first_account_runs_the_installation(world: &World) {
    let mut tasks = Vec::new();
    for n in 0..10 {
        let (store, now) = (std::sync::Arc::clone(&world.store), world.now());
        tasks.push(tokio::spawn(
            async move { store.create_account(new_account(&format!("p{n}")), now).await },
        ));
    }
    let mut admins = Vec::new();
    for task in tasks {
        let account = task.await.unwrap().unwrap();
        admins.extend(account.is_admin.then_some(account.person.id));
    }
    assert_eq!(admins, [UserId(1)]);
}

pub(crate) async fn a_new_password_ends_all_sign_ins_but_one(world: &World) {
    let store = &world.store;
    let (ana, bo) = (world.person("ana").await, world.person("bo").await);
    let now = world.now();
    for (id, user) in [("kept", Some(ana)), ("other", Some(ana)), ("of bo", Some(bo)), ("nobody's", None)] {
        store.create_sign_in(session(id, user, now.0 + 1_000)).await.unwrap();
    }
    let old = store.account(ana).await.unwrap().unwrap();
    let new = store.set_password(ana, "new hash", Some("kept"), now).await.unwrap();
    assert_eq!((new.ver, new.password_hash.as_str()), (old.ver + 1, "new hash"));
    let mut left = Vec::new();
    for id in ["kept", "other", "of bo", "nobody's"] {
        left.push(store.sign_in(id, now).await.unwrap().is_some());
    }
    assert_eq!(left, [true, false, true, true]);
    let notes = store.revocations(0).await.unwrap();
    assert_eq!(notes.iter().map(|note| (note.user, note.session.clone())).collect::<Vec<_>>(), [(ana, None)]);
    store.set_password(ana, "newer hash", None, now).await.unwrap();
    assert!(store.sign_in("kept", now).await.unwrap().is_none());
    assert_eq!(refusal(store.set_password(UserId(987_654), "x", None, now).await), ErrorCode::NotFound);
    assert_eq!(store.revocations(0).await.unwrap().len(), 2);
}

pub(crate) async fn v7_unlocking_is_counted_and_ends_no_sign_in(world: &World) {
    let store = &world.store;
    let (ana, bo) = (world.person("ana").await, world.person("bo").await);
    let now = world.now();
    store.create_sign_in(session("of ana", Some(ana), now.0 + 1_000)).await.unwrap();
    for unlocks in 0..3 {
        assert_eq!(store.account(ana).await.unwrap().unwrap().unlocks, unlocks);
        assert_eq!(store.account_by_name("ANA").await.unwrap().unwrap().unlocks, unlocks);
        store.unlock(ana).await.unwrap();
    }
    assert_eq!(store.account(bo).await.unwrap().unwrap().unlocks, 0);
    assert!(store.sign_in("of ana", now).await.unwrap().is_some());
    assert_eq!(refusal(store.unlock(UserId(987_654)).await), ErrorCode::NotFound);
}

pub(crate) async fn revoking_and_suspending_end_sign_ins(world: &World) {
    let store = &world.store;
    let ana = world.person("ana").await;
    let now = world.now();
    let sign_in = async || {
        store.create_sign_in(session("of ana", Some(ana), now.0 + 1_000)).await.unwrap();
    };
    sign_in().await;
    store.revoke_all(ana, now).await.unwrap();
    assert!(store.sign_in("of ana", now).await.unwrap().is_none());
    sign_in().await;
    store.suspend(ana, true, now).await.unwrap();
    assert!(store.sign_in("of ana", now).await.unwrap().is_none());
    let suspended = store.account(ana).await.unwrap().unwrap();
    assert_eq!((suspended.ver, suspended.suspended), (3, true));
    assert_eq!(store.revocations(0).await.unwrap().len(), 2);
    store.suspend(ana, false, now).await.unwrap();
    let back = store.account(ana).await.unwrap().unwrap();
    assert_eq!((back.ver, back.suspended), (3, false));
    assert_eq!(store.revocations(0).await.unwrap().len(), 2);
    assert_eq!(refusal(store.revoke_all(UserId(987_654), now).await), ErrorCode::NotFound);
    assert_eq!(refusal(store.suspend(UserId(987_654), true, now).await), ErrorCode::NotFound);
    assert_eq!(store.revocations(0).await.unwrap().len(), 2);
}

pub(crate) async fn sign_ins_are_kept_swapped_and_swept(world: &World) {
    let store = &world.store;
    let ana = world.person("ana").await;
    let at = Timestamp;
    let first = session("a", None, 100);
    store.create_sign_in(first.clone()).await.unwrap();
    assert_eq!(store.sign_in("a", at(99)).await.unwrap(), Some(first));
    assert_eq!(store.sign_in("a", at(100)).await.unwrap(), None);
    let (began_at, used_at, address) = (at(55), at(55), "2001:db8::1".to_owned());
    let renewed = StoredSignIn { began_at, used_at, address, ..session("a", Some(ana), 200) };
    assert!(store.update_sign_in(renewed.clone()).await.unwrap());
    let renewed = StoredSignIn { began_at: at(50), address: "203.0.113.7".to_owned(), ..renewed };
    assert_eq!(store.sign_in("a", at(100)).await.unwrap(), Some(renewed.clone()));
    let eve = world.person("eve").await;
    let whose = async |id: &str, user, now| {
        let account = store.signed_in(id, user, at(now)).await.unwrap();
        account.map(|account| account.person.id)
    };
    assert_eq!(whose("a", ana, 199).await, Some(ana));
    assert_eq!(whose("a", ana, 200).await, None, "expired");
    assert_eq!(whose("a", eve, 100).await, None, "another's");
    assert_eq!(whose("b", ana, 100).await, None, "there is none");
    // V1: one that was ended is not written back.
    assert!(!store.update_sign_in(session("b", Some(ana), 200)).await.unwrap());
    assert_eq!(whose("b", ana, 100).await, None);
    let of = async |user, now| store.sign_ins_of(user, at(now)).await.unwrap();
    let bo = world.person("bo").await;
    assert_eq!((of(ana, 199).await, of(ana, 200).await, of(bo, 0).await), (vec![renewed], vec![], vec![]));
    for (id, from) in [("a", "wrong"), ("b", "data")] {
        let swapped = store.swap_sign_in(id, from, "next", at(300), at(60), at(0)).await.unwrap();
        assert_eq!(swapped, TokenSwap::Reused);
    }
    let swaps = (0..20).map(|n| {
        let store = std::sync::Arc::clone(store);
        tokio::spawn(async move {
            store.swap_sign_in("a", "data", &format!("next {n}"), at(300), at(60), at(60)).await
        })
    });
    let mut won = 0;
    for swap in swaps.collect::<Vec<_>>() {
        won += usize::from(swap.await.unwrap().unwrap() == TokenSwap::Replaced);
    }
    assert_eq!(won, 1);
    let swapped = store.sign_in("a", at(299)).await.unwrap().unwrap();
    assert!(swapped.data.starts_with("next ") && swapped.expires_at == at(300));
    assert_eq!((swapped.began_at, swapped.used_at), (at(50), at(60)));
    store.create_sign_in(session("b", Some(ana), 250)).await.unwrap();
    assert_eq!(store.delete_expired_sign_ins(at(250)).await.unwrap(), 1);
    assert_eq!(store.delete_expired_sign_ins(at(250)).await.unwrap(), 0);
    assert!(store.sign_in("a", at(250)).await.unwrap().is_some());
    assert_eq!(store.last_revocation().await.unwrap(), 0);
}

pub(crate) async fn v10_a_refresh_token_is_repeated_until_the_next_one_is_used(world: &World) {
    let store = &world.store;
    let (ana, at) = (world.person("ana").await, Timestamp);
    let grant = StoredSignIn { data: "first".to_owned(), ..session("a", Some(ana), 1_000) };
    store.create_sign_in(grant).await.unwrap();
    let swap = async |from: &str, to: &str, now: i64, repeat_after: i64| {
        store.swap_sign_in("a", from, to, at(1_000), at(now), at(repeat_after)).await.unwrap()
    };
    let repeated = |current: &str| TokenSwap::Repeated(current.to_owned());
    assert_eq!(swap("first", "second", 100, 70).await, TokenSwap::Replaced);
    // A repeat changes nothing, so that the time does not begin anew.
    assert_eq!(swap("first", "x", 110, 80).await, repeated("second"));
    assert_eq!(swap("first", "x", 129, 99).await, repeated("second"));
    assert_eq!(swap("first", "x", 130, 100).await, TokenSwap::Reused);
    // The next one is used: only it may be repeated.
    assert_eq!(swap("second", "third", 120, 90).await, TokenSwap::Replaced);
    assert_eq!(swap("first", "x", 121, 91).await, TokenSwap::Reused);
    assert_eq!(swap("second", "x", 121, 91).await, repeated("third"));
    store.confirm_sign_in("a", "second").await.unwrap();
    assert_eq!(swap("second", "x", 121, 91).await, repeated("third"), "an older token says nothing");
    store.confirm_sign_in("a", "third").await.unwrap();
    assert_eq!(swap("second", "x", 121, 91).await, TokenSwap::Reused);
    assert_eq!(swap("", "x", 121, 91).await, TokenSwap::Reused);
    assert_eq!(swap("third", "fourth", 122, 92).await, TokenSwap::Replaced);
}

pub(crate) async fn v9_a_password_hash_is_renewed_once_and_ends_nothing(world: &World) {
    let store = &world.store;
    let (ana, now) = (world.person("ana").await, world.now());
    store.create_sign_in(session("of ana", Some(ana), now.0 + 1_000)).await.unwrap();
    let before = store.account(ana).await.unwrap().unwrap();
    store.renew_password_hash(ana, &before.password_hash, "renewed").await.unwrap();
    // The password was changed meanwhile: the change stays.
    store.renew_password_hash(ana, &before.password_hash, "too late").await.unwrap();
    let after = store.account(ana).await.unwrap().unwrap();
    assert_eq!((after.password_hash.as_str(), after.ver), ("renewed", before.ver));
    assert!(store.sign_in("of ana", now).await.unwrap().is_some());
}

pub(crate) async fn all_sign_ins_but_one_are_ended(world: &World) {
    let store = &world.store;
    let (ana, bo) = (world.person("ana").await, world.person("bo").await);
    let now = world.now();
    for (id, user) in [("a", Some(ana)), ("b", Some(ana)), ("c", Some(ana)), ("bo", Some(bo)), ("-", None)] {
        store.create_sign_in(session(id, user, now.0 + 1_000)).await.unwrap();
    }
    let ver = store.account(ana).await.unwrap().unwrap().ver;
    store.end_other_sign_ins(ana, "b", now).await.unwrap();
    let of = async |user| {
        let kept = store.sign_ins_of(user, now).await.unwrap();
        kept.into_iter().map(|session| session.id).collect::<Vec<_>>()
    };
    assert_eq!((of(ana).await, of(bo).await), (vec!["b".to_owned()], vec!["bo".to_owned()]));
    assert!(store.sign_in("-", now).await.unwrap().is_some());
    assert_eq!(store.account(ana).await.unwrap().unwrap().ver, ver, "what is kept stays good");
    let noted = store.revocations(0).await.unwrap();
    assert_eq!(noted, [Revocation { id: noted[0].id, user: ana, session: None }]);
}

pub(crate) async fn notes_of_ends_never_go_back(world: &World) {
    let store = &world.store;
    let ana = world.person("ana").await;
    let now = world.now();
    assert_eq!((store.last_revocation().await.unwrap(), store.revocations(0).await.unwrap()), (0, vec![]));
    store.create_sign_in(session("a", Some(ana), now.0 + 1_000)).await.unwrap();
    store.create_sign_in(session("anonymous", None, now.0 + 1_000)).await.unwrap();
    for id in ["a", "a", "anonymous", "unknown"] {
        store.end_sign_in(id, now).await.unwrap();
        assert!(store.sign_in(id, now).await.unwrap().is_none());
    }
    store.revoke_all(ana, now).await.unwrap();
    let notes = store.revocations(0).await.unwrap();
    assert_eq!(
        notes,
        [
            Revocation { id: notes[0].id, user: ana, session: Some("a".to_owned()) },
            Revocation { id: notes[1].id, user: ana, session: None },
        ]
    );
    assert!(notes[0].id < notes[1].id);
    assert_eq!(store.revocations(notes[0].id).await.unwrap(), notes[1..]);
    assert_eq!(store.last_revocation().await.unwrap(), notes[1].id);
    store.delete_expired_sign_ins(now).await.unwrap();
    assert_eq!(store.revocations(0).await.unwrap(), notes);
    let much_later = Timestamp(now.0 + 40 * 24 * 3_600 * 1_000_000);
    store.delete_expired_sign_ins(much_later).await.unwrap();
    assert_eq!(store.last_revocation().await.unwrap(), notes[1].id);
    store.revoke_all(ana, much_later).await.unwrap();
    assert!(store.last_revocation().await.unwrap() > notes[1].id);
}

pub(crate) async fn an_account_is_erased_with_its_conversations(world: &World) {
    let store = &world.store;
    let (ana, bo, cy) = world.three().await;
    let kept = world.conversation(&[ana, cy]).await;
    let (direct, group) = (world.conversation(&[ana, bo]).await, world.group(&[ana, bo, cy]).await);
    for id in [kept, direct, group] {
        let message = world.send(ana, id, "hello").await;
        world.hide(ana, id, message.id, true).await.unwrap();
    }
    world.remove(ana, group, bo).await.unwrap();
    store.create_sign_in(session("of bo", Some(bo), i64::MAX)).await.unwrap();
    store.revoke_all(bo, world.now()).await.unwrap();
    let (rev_of_ana, page) = (world.user_rev(ana).await, store.page(cy, kept, None, 50).await.unwrap());
    let newest = world.send(ana, group, "soon erased").await.id;
    store.delete_account(bo).await.unwrap();
    assert!(world.send(cy, kept, "goes on").await.id > newest, "an id is never used twice");
    assert!(store.account(bo).await.unwrap().is_none());
    let ids: Vec<_> = store.conversations(ana).await.unwrap().iter().map(|c| c.id).collect();
    assert_eq!(ids, [kept]);
    assert!(world.user_rev(ana).await > rev_of_ana);
    assert_eq!(store.page(cy, kept, Some(2), 50).await.unwrap().messages, page.messages);
    assert_eq!(store.counters(&[direct, group]).await.unwrap(), []);
    assert_eq!(refusal(store.delete_account(bo).await), ErrorCode::NotFound);
    assert!(world.person("bo").await.0 > cy.0, "an id is never used twice");
}
