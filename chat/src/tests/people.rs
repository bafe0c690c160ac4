//! Profiles and preferences, and their publication.

use super::world::World;
use crate::connection::Scope;
use crate::{Clock as _, Error, Result, SystemClock};
use protocol::{ErrorCode, PreferencesChange, SyncRequest, Timestamp};
use serde_json::json;

fn refused<T>(result: Result<T>) -> ErrorCode {
    match result {
        Err(Error::Refused(body)) => body.code,
        _ => panic!("was not refused"),
    }
}

#[tokio::test]
async fn a_new_name_reaches_open_pages_at_once_and_no_stranger() {
    let world = World::new().await;
    let (anna, ben, eve) = (world.person("anna").await, world.person("ben").await, world.person("eve").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut annas = world.connect(&anna, Scope::All).await;
    let (mut all, mut one) =
        (world.connect(&ben, Scope::All).await, world.connect(&ben, Scope::One(id)).await);
    let mut eves = world.connect(&eve, Scope::All).await;
    let accounts = world.chat.accounts();
    let changed = accounts.profile(anna.person.id, " Änne ", "", Some(3)).await.expect("changes");
    assert_eq!((changed.first_name.as_str(), changed.hue), ("Änne", Some(3)));
    for client in [&mut all, &mut one, &mut annas] {
        let frame = client.until("user_updated").await;
        assert_eq!((&frame["user"]["first_name"], &frame["user"]["hue"]), (&json!("Änne"), &json!(3)));
        let again = client.before_pong().await;
        assert!(again.iter().all(|frame| frame["type"] != "user_updated"), "told once: {again:?}");
    }
    assert!(eves.before_pong().await.is_empty());
    // A new sign-in and a new message carry the new name too.
    assert_eq!(world.sign_in("anna").await.person, changed);
    assert_eq!(world.send(&anna, id, "hello").await.sender, changed);
}

#[tokio::test]
async fn b4_what_is_refused_changes_nothing_and_is_told_nobody() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    world.conversation(&[&anna, &ben], None).await;
    let mut bens = world.connect(&ben, Scope::All).await;
    let accounts = world.chat.accounts();
    let tower = format!("a{}", "\u{301}".repeat(79));
    for name in ["\u{202e}anna", "\u{200d}", "a\u{0}", "a\nb", &tower, &"W".repeat(5_000)] {
        assert_eq!(
            refused(accounts.profile(anna.person.id, name, "", None).await),
            ErrorCode::Invalid,
            "{name:?}"
        );
        assert_eq!(
            refused(accounts.profile(anna.person.id, "", name, None).await),
            ErrorCode::Invalid,
            "{name:?}"
        );
    }
    assert_eq!(refused(accounts.profile(anna.person.id, "Anna", "", Some(8)).await), ErrorCode::Invalid);
    let same = PreferencesChange::default;
    for wrong in [
        PreferencesChange { theme: Some("pink".into()), ..same() },
        PreferencesChange { language: Some("tlh".into()), ..same() },
        PreferencesChange { time_zone: Some("Mars/Olympus".into()), ..same() },
        PreferencesChange { time_zone: Some(String::new()), ..same() },
    ] {
        assert_eq!(refused(world.chat.update_preferences(&anna.person, wrong).await), ErrorCode::Invalid);
    }
    assert!(bens.before_pong().await.is_empty());
    let again = world.sign_in("anna").await;
    assert_eq!((again.person, again.preferences), (anna.person.clone(), anna.preferences.clone()));
    let answer = world.chat.sync(&ben.person, &SyncRequest { list: true, ..SyncRequest::default() }).await;
    let list = answer.expect("syncs").list.expect("a list");
    assert!(list[0].members.iter().any(|member| member.user == anna.person));
}

#[tokio::test]
async fn a_time_zone_is_kept_by_its_proper_name() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let wanted = PreferencesChange { time_zone: Some("europe/berlin".into()), ..Default::default() };
    let kept = world.chat.update_preferences(&anna.person, wanted).await.expect("is kept");
    assert_eq!(kept.time_zone, "Europe/Berlin");
    assert_eq!(world.sign_in("anna").await.preferences, kept);
}

#[tokio::test]
async fn v18_a_suspension_is_told_to_those_who_share_a_conversation() {
    let world = World::new().await;
    let (anna, ben, eve) = (world.person("anna").await, world.person("ben").await, world.person("eve").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut annas = world.connect(&anna, Scope::All).await;
    let mut eves = world.connect(&eve, Scope::All).await;
    let accounts = world.chat.accounts();
    accounts.suspend("ben", true).await.expect("suspends");
    let frame = annas.until("user_updated").await;
    assert_eq!((&frame["user"]["username"], &frame["user"]["suspended"]), (&json!("ben"), &json!(true)));
    let sent = world.chat.send(&anna.person, id, "hello", None, None).await;
    assert_eq!(refused(sent), ErrorCode::Suspended);
    // Opening the conversation again, or a group, has the same answer.
    for title in [None, Some("Team")] {
        let opened = world.chat.open_conversation(&anna.person, &["Ben".to_owned()], title).await;
        assert_eq!(refused(opened), ErrorCode::Suspended);
    }
    accounts.suspend("ben", false).await.expect("lifts");
    let frame = annas.until("user_updated").await;
    assert_eq!((&frame["user"]["username"], frame["user"].get("suspended")), (&json!("ben"), None));
    world.send(&anna, id, "hello").await;
    assert!(eves.before_pong().await.is_empty());
}

#[tokio::test]
async fn v13_titles_have_the_rules_of_names() {
    let world = World::new().await;
    let (anna, _ben) = (world.person("anna").await, world.person("ben").await);
    let open = async |title: &str| {
        world.chat.open_conversation(&anna.person, &["ben".to_owned()], Some(title)).await
    };
    for bad in ["\u{200b}", "\u{2800}", "Team\u{202e}gnp", "\u{2067}Team", "a\nb", "\u{301}x"] {
        assert_eq!(refused(open(bad).await), ErrorCode::Invalid, "{bad:?}");
    }
    let (group, _) = open(" Zoe\u{308}s\u{a0} 👩\u{200d}🚀 ").await.expect("opens");
    assert_eq!(group.title.as_deref(), Some("Zoës 👩\u{200d}🚀"));
}

#[tokio::test]
async fn x2_a_used_token_is_kept_for_nodes_whose_clocks_are_behind() {
    let world = World::new().await;
    let person = crate::account::ExternalPerson {
        issuer: "https://shop.example".to_owned(),
        subject: "7".to_owned(),
        ..Default::default()
    };
    let signs_in = async |number: u8, minutes: i64| {
        let expires_at = Timestamp(SystemClock.now().0 - minutes * 60_000_000);
        let token = crate::account::HandOver { hash: [number; 32], expires_at };
        world.chat.accounts().sign_in_external(&person, token).await.is_ok()
    };
    assert!(signs_in(1, 9).await && signs_in(2, 11).await);
    world.chat.sweep().await.expect("sweeps");
    assert!(!signs_in(1, 9).await, "it ended nine minutes ago");
    assert!(signs_in(2, 11).await, "no node accepts it");
}
