//! Profiles and preferences.

use super::world::{World, refusal};
use crate::store::Profile;
use protocol::{ErrorCode, Preferences, SyncRequest, UserId};

fn profile(first_name: &str, last_name: &str, hue: Option<u8>) -> Profile {
    Profile { first_name: first_name.to_owned(), last_name: last_name.to_owned(), hue }
}

pub(crate) async fn a_profile_takes_effect_in_what_was_said(world: &World) {
    let store = &world.store;
    let (ana, bo, cy) = world.three().await;
    let (direct, group) = (world.conversation(&[ana, bo]).await, world.group(&[bo, ana, cy]).await);
    let said = world.send(ana, direct, "before").await;
    world.send(ana, group, "before").await;
    let rev = store.counters(&[direct]).await.unwrap();
    let changed = store.set_profile(ana, &profile("Zoë", "von Ana", Some(7))).await.unwrap().person;
    assert_eq!((changed.display_name().as_str(), changed.hue), ("Zoë von Ana", Some(7)));
    assert_eq!(changed.username, "ana");
    assert_eq!(store.counters(&[direct]).await.unwrap(), rev, "no change of the conversation");
    for conversation in [direct, group] {
        let page = store.page(bo, conversation, None, 50).await.unwrap();
        assert!(page.messages.iter().filter(|m| m.sender.id == ana).all(|m| m.sender == changed));
        let entry = store.conversation(bo, conversation).await.unwrap();
        assert_eq!(entry.last_message.unwrap().sender, changed);
        assert_eq!(entry.members.iter().find(|member| member.user.id == ana).unwrap().user, changed);
        assert_eq!(store.changes(bo, conversation, 0).await.unwrap().reset.unwrap(), page);
    }
    assert_eq!(store.sent(ana, said.client_id).await.unwrap().unwrap().0.sender, changed);
    assert_eq!(world.send(ana, direct, "after").await.sender, changed);
    assert_eq!(store.sync(ana, &SyncRequest::default()).await.unwrap().user, changed);
    assert!(store.contacts(bo).await.unwrap().iter().any(|(person, _)| *person == changed));
    let (_, left, _) = world.remove(bo, group, ana).await.unwrap();
    assert_eq!(left.user, changed);
    // The search finds the new names only.
    assert_eq!(store.people(bo, "zoë von", 20).await.unwrap(), [changed]);
    store.set_profile(ana, &profile("", "", None)).await.unwrap();
    assert_eq!(store.people(bo, "zoë", 20).await.unwrap(), []);
    assert_eq!(store.people(bo, "ana", 20).await.unwrap()[0].hue, None);
    assert_eq!(
        refusal(store.set_profile(UserId(987_654), &profile("x", "", None)).await),
        ErrorCode::NotFound
    );
}

pub(crate) async fn preferences_are_kept(world: &World) {
    let store = &world.store;
    let (ana, bo) = (world.person("ana").await, world.person("bo").await);
    let of = async |user| store.account(user).await.unwrap().unwrap().preferences;
    assert_eq!(of(ana).await, Preferences::default());
    let wanted =
        Preferences { theme: "dark".into(), language: "ar".into(), time_zone: "Asia/Kathmandu".into() };
    store.set_preferences(ana, &wanted).await.unwrap();
    assert_eq!((of(ana).await, of(bo).await), (wanted.clone(), Preferences::default()));
    assert_eq!(store.account_by_name("ANA").await.unwrap().unwrap().preferences, wanted);
    assert_eq!(refusal(store.set_preferences(UserId(987_654), &wanted).await), ErrorCode::NotFound);
}
