//! Preferences on all devices, and what they hide on the wire. The frames are compared as JSON, as clients receive them.

use super::long_poll::Poller;
use super::world::{Client, World};
use crate::account::Identity;
use crate::connection::Scope;
use crate::timings::Timings;
use crate::{Limits, Result};
use protocol::{
    ConversationId, Member, MessageId, Preferences, PreferencesChange, SyncRequest, UserId, limits,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Preferences of a new person of the fixture.
fn default() -> Preferences {
    Preferences { addable_by: protocol::AddableBy::Everyone, ..Preferences::default() }
}

fn hide_reads(hide: bool) -> PreferencesChange {
    PreferencesChange { send_read_receipts: Some(!hide), ..PreferencesChange::default() }
}

fn hide_typing(hide: bool) -> PreferencesChange {
    PreferencesChange { show_typing: Some(!hide), ..PreferencesChange::default() }
}

async fn change(world: &World, who: &Identity, change: PreferencesChange) {
    world.chat.update_preferences(&who.person, change).await.expect("is accepted");
}

/// The types of the frames that arrive up to and including this message, without that of the message itself.
async fn types_until(client: &mut Client, last: &str) -> Vec<String> {
    let mut types = Vec::new();
    loop {
        let frame = client.json().await;
        if frame["type"] == "new_message" && frame["message"]["content"] == last {
            return types;
        }
        let kind = frame["type"].as_str().expect("a type").to_owned();
        if kind != "user_status" {
            types.push(kind);
        }
    }
}

/// The frames that arrive before the answer to a ping, without presence.
async fn before_pong(client: &mut Client) -> Vec<Value> {
    let mut frames = client.before_pong().await;
    frames.retain(|frame| frame["type"] != "user_status");
    frames
}

/// `(read_seq, delivered_seq)` of `of` in every answer that `asker` gets.
async fn positions(world: &World, asker: &Identity, id: ConversationId, of: UserId) -> Vec<(i64, i64)> {
    let (chat, me) = (&world.chat, &asker.person);
    let open = protocol::OpenCursors([(id, 1)].into_iter().collect());
    let synced = chat.sync(me, &SyncRequest { list: true, user_rev: 0, open }).await.expect("syncs");
    let page = chat.conversation_page(me, None, None, None, 50).await.expect("a page").0;
    let answers: [Vec<Member>; 6] = [
        synced.list.expect("a list").remove(0).members,
        synced.open[0].members.clone(),
        page[0].members.clone(),
        chat.conversations(me).await.expect("a list").remove(0).members,
        chat.conversation(me, id).await.expect("is a member").members,
        chat.changes(me, id, 1).await.expect("is a member").members,
    ];
    let of = |members: &Vec<Member>| members.iter().find(|member| member.user.id == of).cloned();
    let found = answers.iter().map(|members| of(members).expect("is a member"));
    found.map(|member| (member.read_seq, member.delivered_seq)).collect()
}

/// Whether `of` has, and read, the message, and since when, as `asker` sees it.
async fn receipt(
    world: &World,
    asker: &Identity,
    (id, message): (ConversationId, MessageId),
    of: UserId,
) -> (bool, bool, bool) {
    let receipts = world.chat.receipts(&asker.person, id, message).await.expect("is a member");
    let found = receipts.into_iter().find(|receipt| receipt.user.id == of).expect("is a recipient");
    (found.delivered, found.read, found.read_at.is_some())
}

#[tokio::test]
async fn n2_preferences_reach_all_devices_and_nobody_else() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let (mut first, mut second) =
        (world.connect(&anna, Scope::All).await, world.connect(&anna, Scope::All).await);
    let mut one = world.connect(&anna, Scope::One(id)).await;
    let mut bens = world.connect(&ben, Scope::All).await;
    let mut poller = Poller::new(&anna);
    poller.poll(&world.polls, &anna, false).await;
    assert_eq!(poller.state.preferences, default());
    let before = poller.state.user_rev;
    first.send(json!({"type": "update_preferences", "theme": "dark", "notify_group": true}));
    let wanted = Preferences { theme: "dark".into(), notify_group: true, ..default() };
    for device in [&mut first, &mut second] {
        let frame = device.until("preferences_updated").await;
        assert_eq!(frame["preferences"], serde_json::to_value(&wanted).expect("JSON"));
        assert_eq!(frame["user_rev"], json!(before + 1));
    }
    poller.poll(&world.polls, &anna, true).await;
    assert_eq!((&poller.state.preferences, poller.state.user_rev), (&wanted, before + 1));
    // A repeat changes nothing, and is told nobody.
    first.send(json!({"type": "update_preferences", "theme": "dark"}));
    assert_eq!(before_pong(&mut first).await, Vec::<Value>::new());
    assert_eq!(before_pong(&mut second).await, Vec::<Value>::new());
    assert_eq!(before_pong(&mut one).await, Vec::<Value>::new(), "they concern no conversation");
    assert_eq!(before_pong(&mut bens).await, Vec::<Value>::new());
    let request = SyncRequest { user_rev: before, ..SyncRequest::default() };
    let synced = world.chat.sync(&anna.person, &request).await.expect("syncs");
    assert_eq!(synced.preferences, Some(wanted.clone()));
    assert_eq!(world.sign_in("anna").await.preferences, wanted);
}

#[tokio::test]
async fn n2_a_refused_change_is_an_error_that_names_the_field() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let mut client = world.connect(&anna, Scope::All).await;
    for (frame, field) in [
        (json!({"theme": "pink", "sound": false}), "theme"),
        (json!({"time_zone": "Mars/Olympus", "sound": false}), "time_zone"),
        (json!({"quiet_from": 60, "sound": false}), "quiet_to"),
        (json!({"quiet_from": 1_440, "quiet_to": 0}), "quiet_from"),
        (json!({"quiet_from": 60, "quiet_to": 120}), "time_zone"),
    ] {
        let mut frame = frame;
        frame["type"] = json!("update_preferences");
        client.send(frame.clone());
        let error = client.json().await;
        assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("invalid")), "{frame}");
        assert!(error["message"].as_str().expect("a text").starts_with(&format!("{field}: ")), "{error}");
    }
    client.send(json!({"type": "update_preferences", "sound": "no"}));
    assert_eq!(client.json().await["code"], "malformed");
    assert!(before_pong(&mut client).await.is_empty());
    assert_eq!(world.sign_in("anna").await.preferences, default());
}

#[tokio::test]
async fn n2_a_hidden_reading_never_reaches_others() -> Result<()> {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let first = world.send(&ben, id, "first").await;
    world.chat.mark_read(&anna.person, id, Some(first.id)).await?;
    let mut annas = world.connect(&anna, Scope::All).await;
    let (mut bens, mut one) =
        (world.connect(&ben, Scope::All).await, world.connect(&ben, Scope::One(id)).await);
    change(&world, &anna, hide_reads(true)).await;
    let second = world.send(&ben, id, "second").await;
    world.chat.mark_read(&anna.person, id, Some(second.id)).await?;
    let read = annas.until("message_read").await;
    assert_eq!((&read["seq"], &read["reader_id"]), (&json!(2), &json!(anna.person.id)), "on own devices");
    assert_eq!(world.chat.conversation(&anna.person, id).await?.unread, 0);
    assert_eq!(positions(&world, &anna, id, anna.person.id).await, vec![(2, 2); 6]);
    for client in [&mut bens, &mut one] {
        let delivered = client.until("message_delivered").await;
        assert_eq!((&delivered["user_id"], &delivered["seq"]), (&json!(anna.person.id), &json!(2)));
    }
    // What was shown before stays; nothing after it is shown.
    assert_eq!(positions(&world, &ben, id, anna.person.id).await, vec![(1, 2); 6]);
    assert_eq!(receipt(&world, &ben, (id, first.id), anna.person.id).await, (true, true, true));
    assert_eq!(receipt(&world, &ben, (id, second.id), anna.person.id).await, (true, false, false));
    // To show it again shows nothing of the time in between.
    change(&world, &anna, hide_reads(false)).await;
    world.chat.mark_read(&anna.person, id, Some(second.id)).await?;
    world.send(&ben, id, "third").await;
    for client in [&mut bens, &mut one] {
        assert_eq!(types_until(client, "third").await, Vec::<String>::new());
    }
    assert_eq!(positions(&world, &ben, id, anna.person.id).await, vec![(1, 2); 6]);
    // The next reading is shown.
    world.chat.mark_read(&anna.person, id, None).await?;
    for client in [&mut bens, &mut one] {
        assert_eq!(client.until("message_read").await["seq"], 3);
    }
    assert_eq!(positions(&world, &ben, id, anna.person.id).await, vec![(3, 3); 6]);
    assert_eq!(receipt(&world, &ben, (id, second.id), anna.person.id).await, (true, true, true));
    Ok(())
}

#[tokio::test]
async fn n2_who_hides_reading_does_not_see_it_of_others() -> Result<()> {
    let world = World::new().await;
    let (anna, ben, cy) = (world.person("anna").await, world.person("ben").await, world.person("cy").await);
    let id = world.conversation(&[&anna, &ben, &cy], Some("Three")).await;
    let (mut early, mut cys) = (world.connect(&anna, Scope::All).await, world.connect(&cy, Scope::All).await);
    change(&world, &anna, hide_reads(true)).await;
    early.until("preferences_updated").await;
    // Connections that were there before, and later ones, of each kind.
    let (mut late, mut one) =
        (world.connect(&anna, Scope::All).await, world.connect(&anna, Scope::One(id)).await);
    let mut poller = Poller::new(&anna);
    poller.poll(&world.polls, &anna, false).await;
    let message = world.send(&anna, id, "mine").await;
    world.chat.mark_read(&ben.person, id, Some(message.id)).await?;
    for client in [&mut early, &mut late, &mut one] {
        let delivered = client.until("message_delivered").await;
        assert_eq!((&delivered["user_id"], &delivered["seq"]), (&json!(ben.person.id), &json!(1)));
    }
    assert_eq!(cys.until("message_read").await["reader_id"], json!(ben.person.id), "of another member");
    world.send(&ben, id, "last").await;
    for client in [&mut early, &mut late, &mut one] {
        assert_eq!(types_until(client, "last").await, Vec::<String>::new());
    }
    assert_eq!(types_until(&mut cys, "last").await, Vec::<String>::new(), "one frame for both");
    while poller.state.rooms[&id].summary.rev < 2 {
        let polled = poller.poll(&world.polls, &anna, true).await;
        let polled = serde_json::to_string(&polled.frames).expect("JSON");
        assert!(!polled.contains("message_read"), "{polled}");
    }
    assert_eq!(positions(&world, &anna, id, ben.person.id).await, vec![(0, 1); 6]);
    assert_eq!(positions(&world, &cy, id, ben.person.id).await, vec![(1, 1); 6]);
    assert_eq!(receipt(&world, &anna, (id, message.id), ben.person.id).await, (true, false, false));
    assert_eq!(receipt(&world, &cy, (id, message.id), ben.person.id).await, (true, true, true));
    // Shown again, what others read is seen at once.
    change(&world, &anna, hide_reads(false)).await;
    assert_eq!(positions(&world, &anna, id, ben.person.id).await, vec![(1, 1); 6]);
    early.until("preferences_updated").await;
    world.chat.mark_read(&ben.person, id, None).await?;
    assert_eq!(early.until("message_read").await["reader_id"], json!(ben.person.id));
    Ok(())
}

#[tokio::test]
async fn n2_hidden_reading_in_a_large_conversation() -> Result<()> {
    let timings = Timings { receipts_interval: Duration::from_millis(50), ..Timings::default() };
    let world = World::with(timings, Limits::default()).await;
    let mut people = Vec::new();
    for n in 0..=limits::SMALL_CONVERSATION {
        people.push(world.person(&format!("person{n}")).await);
    }
    let id = world.conversation(&people.iter().collect::<Vec<_>>(), Some("Many")).await;
    change(&world, &people[1], hide_reads(true)).await;
    let mut owner = world.connect(&people[0], Scope::One(id)).await;
    let mut hider = world.connect(&people[1], Scope::One(id)).await;
    world.send(&people[0], id, "all").await;
    world.chat.mark_read(&people[1].person, id, None).await?;
    let first = owner.until("message_delivered").await;
    assert_eq!(first["user_id"], json!(people[1].person.id));
    world.chat.mark_read(&people[2].person, id, None).await?;
    let second = owner.until("message_read").await;
    assert_eq!(second["reader_id"], json!(people[2].person.id));
    let seen = loop {
        let frame = hider.json().await;
        assert_ne!(
            (&frame["type"], &frame["reader_id"]),
            (&json!("message_read"), &json!(people[2].person.id))
        );
        if frame["user_id"] == json!(people[2].person.id) {
            break frame;
        }
    };
    assert_eq!(seen["type"], "message_delivered");
    Ok(())
}

#[tokio::test]
async fn n2_hidden_typing_is_neither_sent_nor_seen() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let (mut annas, mut one) =
        (world.connect(&anna, Scope::All).await, world.connect(&anna, Scope::One(id)).await);
    let mut bens = world.connect(&ben, Scope::All).await;
    let typing = |is_typing: bool| json!({"type": "typing", "conversation_id": id, "is_typing": is_typing});
    annas.send(typing(true));
    assert_eq!(bens.until("typing").await["is_typing"], true);
    // To hide it ends it.
    change(&world, &anna, hide_typing(true)).await;
    assert_eq!(bens.until("typing").await["is_typing"], false);
    annas.until("preferences_updated").await;
    assert_eq!(before_pong(&mut one).await, Vec::<Value>::new());
    for client in [&annas, &one] {
        client.send(typing(true));
    }
    world.chat.typing(&anna.person, id, true).await.expect("is no error");
    assert!(before_pong(&mut annas).await.is_empty());
    assert!(before_pong(&mut one).await.is_empty());
    let now = async |who: &Identity| {
        world.chat.sync(&who.person, &SyncRequest::default()).await.expect("syncs").typing
    };
    assert!(now(&ben).await.is_empty());
    // Nor is it seen of others.
    bens.send(typing(true));
    assert_eq!(before_pong(&mut bens).await, Vec::<Value>::new());
    assert!(now(&anna).await.is_empty());
    world.send(&ben, id, "done").await;
    assert_eq!(types_until(&mut bens, "done").await, Vec::<String>::new(), "nobody typed for ben");
    for client in [&mut annas, &mut one] {
        assert_eq!(types_until(client, "done").await, Vec::<String>::new());
    }
    // An outsider is refused as ever.
    let eve = world.person("eve").await;
    change(&world, &eve, hide_typing(true)).await;
    assert!(world.chat.typing(&eve.person, id, true).await.is_err());
    // And shown again.
    change(&world, &anna, hide_typing(false)).await;
    annas.until("preferences_updated").await;
    annas.send(typing(true));
    assert_eq!(bens.until("typing").await["user_id"], json!(anna.person.id));
    bens.send(typing(true));
    assert_eq!(annas.until("typing").await["user_id"], json!(ben.person.id));
}
