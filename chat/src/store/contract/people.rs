//! Profiles, search by names, and suspended people.

use super::world::{World, new_message, refusal};
use crate::search_words::tests::{Case, cases};
use crate::store::{ProfileChange, Write};
use protocol::{ErrorCode, SyncRequest, UserId};

fn profile(first_name: &str, last_name: &str, hue: Option<u8>) -> ProfileChange {
    let (first_name, last_name) = (Some(first_name.to_owned()), Some(last_name.to_owned()));
    ProfileChange { first_name, last_name, hue: Some(hue), picture: None }
}

pub(crate) async fn a_profile_takes_effect_in_what_was_said(world: &World) {
    let store = &world.store;
    let (ana, bo, cy) = world.three().await;
    let (direct, group) = (world.conversation(&[ana, bo]).await, world.group(&[bo, ana, cy]).await);
    let said = world.send(ana, direct, "before").await;
    world.send(ana, group, "before").await;
    let rev = store.counters(&[direct]).await.unwrap();
    let changed = store.change_profile(ana, &profile("Zoë", "von Ana", Some(7))).await.unwrap().person;
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
    // A picture, too; other changes leave it.
    let shown = Some("https://img.example/ana.png".to_owned());
    let picture = |picture| ProfileChange { picture: Some(picture), ..ProfileChange::default() };
    let pictured = store.change_profile(ana, &picture(shown.clone())).await.unwrap().person;
    assert_eq!(pictured, protocol::Person { picture: shown.clone(), ..changed.clone() });
    assert_eq!(world.send(ana, direct, "pictured").await.sender, pictured);
    let page = store.page(bo, direct, None, 50).await.unwrap();
    assert!(page.messages.iter().filter(|m| m.sender.id == ana).all(|m| m.sender == pictured));
    let renamed = store.change_profile(ana, &profile("Zoë", "von Ana", Some(6))).await.unwrap().person;
    assert_eq!((renamed.picture, renamed.hue), (shown, Some(6)));
    store.change_profile(ana, &profile("Zoë", "von Ana", Some(7))).await.unwrap();
    assert_eq!(store.change_profile(ana, &picture(None)).await.unwrap().person, changed);
    assert_eq!(store.sync(bo, &SyncRequest::default()).await.unwrap().user.picture, None);
    // The search finds the new names only.
    assert_eq!(store.people(bo, "zoë von", 20).await.unwrap(), [changed]);
    store.change_profile(ana, &profile("", "", None)).await.unwrap();
    assert_eq!(store.people(bo, "zoë", 20).await.unwrap(), []);
    assert_eq!(store.people(bo, "ana", 20).await.unwrap()[0].hue, None);
    assert_eq!(
        refusal(store.change_profile(UserId(987_654), &profile("x", "", None)).await),
        ErrorCode::NotFound
    );
}

pub(crate) async fn v14_names_are_found_without_regard_to_marks(world: &World) {
    let me = world.person("searcher").await;
    for (n, Case { name, finds, misses }) in cases().into_iter().enumerate() {
        let person = world.named(&format!("q{n}"), &name, "").await;
        let found = async |query: &str| {
            let people = world.store.people(me, query, 100).await.unwrap();
            people.iter().any(|found| found.id == person)
        };
        for query in finds {
            assert!(found(&query).await, "{name} by {query}");
        }
        for query in misses {
            assert!(!found(&query).await, "{name} not by {query}");
        }
    }
    let john = world.named("john.smith_1", "Zoë", "").await;
    for query in ["smith", "john smi", "@john", "zoe john", "1"] {
        let found = world.store.people(me, query, 100).await.unwrap();
        assert!(found.iter().any(|person| person.id == john), "{query}");
    }
    // Former names find nobody.
    world.store.change_profile(john, &profile("Max", "", None)).await.unwrap();
    assert_eq!(world.store.people(me, "zoe john", 100).await.unwrap(), []);
    world.store.delete_account(john).await.unwrap();
    assert_eq!(world.store.people(me, "smith max", 100).await.unwrap(), []);
}

pub(crate) async fn v15_a_person_has_the_key_of_the_shown_name(world: &World) {
    let store = &world.store;
    let (ana, bo) = (world.named("ana", "Сara", "").await, world.person("bo").await);
    let id = world.conversation(&[ana, bo]).await;
    assert_eq!(world.send(ana, id, "hello").await.sender.name_key.as_deref(), Some("cara"));
    store.change_profile(ana, &profile("Cara", "", None)).await.unwrap();
    assert_eq!(store.account(ana).await.unwrap().unwrap().person.name_key, None);
    let changed = store.change_profile(ana, &profile("Mary", "", None)).await.unwrap().person;
    assert_eq!(changed.name_key.as_deref(), Some("rnary"));
    assert_eq!(store.page(bo, id, None, 1).await.unwrap().messages[0].sender, changed);
}

pub(crate) async fn v18_nothing_is_sent_to_a_suspended_person_alone(world: &World) {
    let store = &world.store;
    let (ana, bo, cy) = world.three().await;
    let (direct, group) = (world.conversation(&[ana, bo]).await, world.group(&[ana, bo, cy]).await);
    let before = new_message(ana, direct, "before");
    world.write(Write::Send(before.clone())).await.unwrap();
    store.suspend(bo, true, world.now()).await.unwrap();
    assert_eq!(store.suspended().await.unwrap(), [bo]);
    let refused = world.write(Write::Send(new_message(ana, direct, "after"))).await;
    assert_eq!(refusal(refused), ErrorCode::Suspended);
    assert_eq!(store.page(ana, direct, None, 50).await.unwrap().messages.len(), 1);
    // A repeat of a message that is stored is acknowledged; a group goes on.
    world.write(Write::Send(before)).await.unwrap();
    assert_eq!(world.send(ana, group, "all").await.seq, 1);
    let seen = store.conversation(ana, direct).await.unwrap();
    assert_eq!(
        seen.members.iter().map(|member| (member.user.id, member.user.suspended)).collect::<Vec<_>>(),
        [(ana, false), (bo, true)]
    );
    store.suspend(bo, false, world.now()).await.unwrap();
    assert_eq!(store.suspended().await.unwrap(), []);
    assert_eq!(world.send(ana, direct, "again").await.seq, 2);
}
