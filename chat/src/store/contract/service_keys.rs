//! Service keys.

use super::world::{World, refusal};
use crate::store::{NewServiceKey, TokenHash};
use protocol::{ErrorCode, KeyScope};

fn new_key(name: &str, key: &str, scopes: &[KeyScope]) -> NewServiceKey {
    NewServiceKey { name: name.to_owned(), hash: TokenHash::of(key), scopes: scopes.to_vec() }
}

pub(crate) async fn x1_a_service_key_is_found_by_its_hash_until_it_is_revoked(world: &World) {
    let store = &world.store;
    let scopes = [KeyScope::Subjects, KeyScope::Webhooks];
    let made = store.add_service_key(&new_key("shop", "rk_one", &scopes), world.now()).await.unwrap();
    assert_eq!((made.name.as_str(), made.scopes.as_slice()), ("shop", scopes.as_slice()));
    assert_eq!((made.last_used_at, made.revoked_at), (None, None));
    assert_eq!(store.service_key(TokenHash::of("rk_one")).await.unwrap(), Some(made.clone()));
    assert_eq!(store.service_key(TokenHash::of("rk_two")).await.unwrap(), None);
    // The name is taken as long as the key is valid.
    let again = store.add_service_key(&new_key("shop", "rk_two", &[]), world.now()).await;
    assert_eq!(refusal(again), ErrorCode::Conflict);
    assert_eq!(store.service_keys().await.unwrap(), std::slice::from_ref(&made));
    let at = world.now();
    assert!(store.revoke_service_key(made.id, at).await.unwrap());
    assert_eq!(store.service_key(TokenHash::of("rk_one")).await.unwrap(), None);
    assert!(!store.revoke_service_key(made.id, world.now()).await.unwrap(), "once");
    assert!(!store.revoke_service_key(4_711, world.now()).await.unwrap());
    let next = store.add_service_key(&new_key("shop", "rk_two", &[]), world.now()).await.unwrap();
    assert_eq!((next.scopes.as_slice(), next.id > made.id), ([].as_slice(), true));
    // A revoked key is never valid again.
    let again = store.add_service_key(&new_key("store", "rk_one", &[]), world.now()).await;
    assert_eq!(refusal(again), ErrorCode::IdConflict);
    let all = store.service_keys().await.unwrap();
    assert_eq!(
        all.iter().map(|key| (key.id, key.revoked_at)).collect::<Vec<_>>(),
        [(made.id, Some(at)), (next.id, None)]
    );
}

pub(crate) async fn x1_the_use_of_a_service_key_is_noted_once_an_hour(world: &World) {
    let store = &world.store;
    let key = store.add_service_key(&new_key("shop", "rk_one", &[]), world.now()).await.unwrap();
    let hour = 3_600_000_000;
    let first = world.now();
    let used = async |at: protocol::Timestamp| {
        store.note_service_key_use(key.id, at, protocol::Timestamp(at.0 - hour)).await.unwrap();
        store.service_key(TokenHash::of("rk_one")).await.unwrap().unwrap().last_used_at.unwrap()
    };
    assert_eq!(used(first).await, first);
    assert_eq!(used(protocol::Timestamp(first.0 + hour - 1)).await, first);
    assert_eq!(used(protocol::Timestamp(first.0 + hour)).await.0, first.0 + hour);
}
