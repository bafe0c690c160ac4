//! Single sign-on.

use super::world::{World, refusal};
use crate::Result;
use crate::store::{Account, AccountKind, ExternalIdentity, ExternalSignIn, HandOver, NewAccount};
use protocol::{AddableBy, ErrorCode, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

fn identity(issuer: &str, subject: &str) -> ExternalIdentity {
    let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
    ExternalIdentity { issuer, subject, picture: None, role: Some("seller".to_owned()) }
}

/// A token that expires at 1,000.
fn token(number: u8) -> HandOver {
    HandOver { hash: [number; 32], expires_at: Timestamp(1_000) }
}

/// The account that was signed in.
#[track_caller]
fn known(signed_in: Result<ExternalSignIn>) -> Account {
    match signed_in.unwrap() {
        ExternalSignIn::Known(account) => account,
        other => panic!("not signed in: {other:?}"),
    }
}

pub(super) fn account(username: &str) -> NewAccount {
    NewAccount {
        username: username.to_owned(),
        first_name: "Ana Silva".to_owned(),
        last_name: String::new(),
        password_hash: String::new(),
        kind: AccountKind::Person,
        addable_by: AddableBy::Contacts,
        request_hash: None,
    }
}

pub(crate) async fn x2_an_identity_has_one_account_whatever_happens_at_once(world: &World) {
    let mut tasks = Vec::new();
    for n in 0..10 {
        let (store, now) = (Arc::clone(&world.store), world.now());
        let create = async move {
            let identity = identity("https://shop.example", "7");
            store.create_external_account(&identity, account(&format!("ana-{n}")), Some(token(n)), now).await
        };
        tasks.push(tokio::spawn(create));
    }
    let mut made = BTreeSet::new();
    for task in tasks {
        made.insert(known(task.await.unwrap()).person.id);
    }
    assert_eq!(made.len(), 1);
    let store = &world.store;
    let others = [identity("https://shop.example", "8"), identity("https://jobs.example", "7")];
    for (n, other) in (10..).zip(others) {
        let looked = store.external_account(&other, token(n)).await.unwrap();
        assert!(matches!(looked, ExternalSignIn::Unknown));
        let name = format!("other-{}", other.subject);
        let created =
            store.create_external_account(&other, account(&name), Some(token(n)), world.now()).await;
        made.insert(known(created).person.id);
    }
    assert_eq!(made.len(), 3, "subject and issuer count together");
    let moved = ExternalIdentity {
        picture: Some("https://shop.example/7.png".into()),
        role: None,
        ..identity("https://shop.example", "7")
    };
    let found = known(store.external_account(&moved, token(20)).await);
    let read = async |issuer: &str, subject: &str| {
        store.account_of_identity(issuer, subject).await.unwrap().map(|account| account.person.id)
    };
    assert_eq!(read("https://shop.example", "7").await, Some(found.person.id));
    assert_ne!(read("https://jobs.example", "7").await, Some(found.person.id));
    assert_eq!(read("https://jobs.example", "8").await, None);
    assert!(made.contains(&found.person.id) && found.password_hash.is_empty());
    assert_eq!(found.preferences.addable_by, AddableBy::Contacts);
}

pub(crate) async fn x2_an_account_of_single_sign_on_is_never_the_administrator(world: &World) {
    let store = &world.store;
    for (n, now) in [(1, world.now()), (2, world.now())] {
        let identity = identity("https://shop.example", &n.to_string());
        let made = store
            .create_external_account(&identity, account(&format!("person{n}")), Some(token(n)), now)
            .await;
        assert!(!known(made).is_admin);
    }
    assert!(store.create_account(account("operator"), world.now()).await.unwrap().is_admin);
    assert!(!store.create_account(account("second"), world.now()).await.unwrap().is_admin);
}

pub(crate) async fn x2_a_name_that_is_taken_makes_no_account(world: &World) {
    let store = &world.store;
    let ana = world.person("ana").await;
    let theirs = identity("https://shop.example", "7");
    let refused = store.create_external_account(&theirs, account("ANA"), Some(token(1)), world.now()).await;
    assert_eq!(refusal(refused), ErrorCode::Conflict);
    let looked = store.external_account(&theirs, token(1)).await.unwrap();
    assert!(matches!(looked, ExternalSignIn::Unknown));
    // The token of the attempts that failed is not used up.
    let made = store.create_external_account(&theirs, account("ana-2"), Some(token(1)), world.now()).await;
    assert_ne!(known(made).person.id, ana);
    assert_eq!(store.account_by_name("ana").await.unwrap().unwrap().password_hash, "hash");
}

pub(crate) async fn x2_a_token_is_used_once_until_it_expires(world: &World) {
    let store = &world.store;
    let ana = identity("https://shop.example", "7");
    let made = known(store.create_external_account(&ana, account("ana"), Some(token(1)), world.now()).await);
    let again =
        store.create_external_account(&ana, account("ana-2"), Some(token(1)), world.now()).await.unwrap();
    assert!(matches!(again, ExternalSignIn::Replayed));
    let mut tasks = Vec::new();
    for _ in 0..20 {
        let (store, ana) = (Arc::clone(&world.store), ana.clone());
        tasks.push(tokio::spawn(async move { store.external_account(&ana, token(7)).await.unwrap() }));
    }
    let mut accepted = 0;
    for task in tasks {
        accepted += usize::from(matches!(task.await.unwrap(), ExternalSignIn::Known(_)));
    }
    assert_eq!(accepted, 1);
    let uses = async |token: HandOver| match store.external_account(&ana, token).await.unwrap() {
        ExternalSignIn::Known(account) => account.person.id == made.person.id,
        _ => false,
    };
    let another = HandOver { expires_at: Timestamp(2_000), ..token(8) };
    assert!(uses(another).await, "another token");
    assert_eq!(store.sweep_used_tokens(Timestamp(999)).await.unwrap(), 0);
    assert!(!uses(token(7)).await);
    assert_eq!(store.sweep_used_tokens(Timestamp(1_000)).await.unwrap(), 2);
    assert!(!uses(another).await);
}

pub(crate) async fn x2_a_product_names_somebody_who_has_not_signed_in(world: &World) {
    let store = &world.store;
    let ana = identity("https://shop.example", "7");
    let made = known(store.create_external_account(&ana, account("ana"), None, world.now()).await);
    let again = known(store.create_external_account(&ana, account("ana-2"), None, world.now()).await);
    assert_eq!(again.person.id, made.person.id);
    let signed_in = known(store.external_account(&ana, token(1)).await);
    assert_eq!(signed_in.person.id, made.person.id);
}
