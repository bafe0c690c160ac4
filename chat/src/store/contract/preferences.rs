//! Preferences, and what they hide from others.

use super::world::{World, read, refusal};
use crate::Result;
use crate::store::{Marked, Outcome, Privacy, Write};
use protocol::{
    AddableBy, ConversationId, ErrorCode, Member, Preferences, PreferencesChange, ServerFrame, SyncRequest,
    UserId,
};

async fn update(
    world: &World,
    user: UserId,
    change: PreferencesChange,
) -> Result<(Preferences, Option<i64>)> {
    match world.write(Write::UpdatePreferences { user, change: Box::new(change) }).await? {
        Outcome::PreferencesUpdated { preferences, user_rev } => Ok((preferences, user_rev)),
        other => panic!("not updated: {other:?}"),
    }
}

async fn of(world: &World, user: UserId) -> Preferences {
    world.store.account(user).await.unwrap().unwrap().preferences
}

/// Preferences of a new person of the fixture.
fn default() -> Preferences {
    Preferences { addable_by: AddableBy::Everyone, ..Preferences::default() }
}

/// A change of every field from its default.
fn everything() -> PreferencesChange {
    PreferencesChange {
        theme: Some("dark".into()),
        language: Some("ar".into()),
        time_zone: Some("asia/kathmandu".into()),
        device_time_zone: Some("Europe/Berlin".into()),
        notify_direct: Some(false),
        notify_mention: Some(false),
        notify_group: Some(true),
        notify_added: Some(false),
        sound: Some(false),
        push_content: Some(true),
        quiet_from: Some(Some(1_439)),
        quiet_to: Some(Some(0)),
        show_typing: Some(false),
        send_read_receipts: Some(false),
        addable_by: Some(AddableBy::Nobody),
    }
}

pub(crate) async fn n2_preferences_are_kept(world: &World) {
    let (ana, bo) = (world.person("ana").await, world.person("bo").await);
    assert_eq!(of(world, ana).await, default());
    let wanted = Preferences {
        theme: "dark".into(),
        language: "ar".into(),
        time_zone: "Asia/Kathmandu".into(),
        device_time_zone: Some("Europe/Berlin".into()),
        notify_direct: false,
        notify_mention: false,
        notify_group: true,
        notify_added: false,
        sound: false,
        push_content: true,
        quiet_from: Some(1_439),
        quiet_to: Some(0),
        show_typing: false,
        send_read_receipts: false,
        addable_by: AddableBy::Nobody,
    };
    assert_eq!(update(world, ana, everything()).await.unwrap(), (wanted.clone(), Some(1)));
    assert_eq!((of(world, ana).await, of(world, bo).await), (wanted.clone(), default()));
    let by_name = world.store.account_by_name("ANA").await.unwrap().unwrap();
    assert_eq!((by_name.person.id, &by_name.preferences), (ana, &wanted));
    let synced = world.store.sync(ana, &SyncRequest::default()).await.unwrap();
    assert_eq!((synced.user_rev, synced.user, synced.preferences), (1, by_name.person, wanted.clone()));
    let less = PreferencesChange {
        quiet_from: Some(None),
        quiet_to: Some(None),
        sound: Some(true),
        ..PreferencesChange::default()
    };
    let wanted = Preferences { quiet_from: None, quiet_to: None, sound: true, ..wanted };
    assert_eq!(update(world, ana, less).await.unwrap(), (wanted.clone(), Some(2)));
    assert_eq!(of(world, ana).await, wanted);
}

pub(crate) async fn n2_a_repeated_change_takes_no_counter(world: &World) {
    let ana = world.person("ana").await;
    let before = update(world, ana, everything()).await.unwrap().0;
    assert_eq!(update(world, ana, everything()).await.unwrap(), (before.clone(), None));
    assert_eq!(update(world, ana, PreferencesChange::default()).await.unwrap(), (before, None));
    assert_eq!(world.user_rev(ana).await, 1);
}

pub(crate) async fn n2_a_refused_change_changes_nothing(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let before = world.dump(&[ana, bo], &[id]).await;
    for wrong in [
        PreferencesChange { theme: Some("pink".into()), ..everything() },
        PreferencesChange { time_zone: Some("Mars/Olympus".into()), ..everything() },
        PreferencesChange { quiet_to: Some(None), ..everything() },
        PreferencesChange { quiet_to: Some(Some(1_440)), ..everything() },
        PreferencesChange { time_zone: None, device_time_zone: None, ..everything() },
    ] {
        assert_eq!(refusal(update(world, ana, wrong.clone()).await), ErrorCode::Invalid, "{wrong:?}");
    }
    assert_eq!(refusal(update(world, UserId(987_654), everything()).await), ErrorCode::NotFound);
    assert_eq!(world.dump(&[ana, bo], &[id]).await, before);
    // Two devices at once: each changes what it was asked to.
    let changes = [
        PreferencesChange { theme: Some("dark".into()), ..PreferencesChange::default() },
        PreferencesChange { sound: Some(false), ..PreferencesChange::default() },
    ];
    let batch = changes.map(|change| Write::UpdatePreferences { user: ana, change: Box::new(change) });
    assert!(world.batch(batch.to_vec()).await.iter().all(Result::is_ok));
    let both = Preferences { theme: "dark".into(), sound: false, ..default() };
    assert_eq!(of(world, ana).await, both);
}

async fn hide_reads(world: &World, user: UserId, hide: bool) {
    let change = PreferencesChange { send_read_receipts: Some(!hide), ..PreferencesChange::default() };
    update(world, user, change).await.unwrap();
}

/// The members' `(read_seq, delivered_seq)` as `asker` sees them, from the list and from all other answers alike.
async fn positions(world: &World, asker: UserId, id: ConversationId) -> Vec<(i64, i64)> {
    let of =
        |members: &[Member]| members.iter().map(|member| (member.read_seq, member.delivered_seq)).collect();
    let one: Vec<_> = of(&world.store.conversation(asker, id).await.unwrap().members);
    let listed: Vec<_> = of(&world.store.conversations(asker).await.unwrap()[0].members);
    let changed: Vec<_> = of(&world.store.changes(asker, id, 1).await.unwrap().members);
    assert_eq!((&listed, &changed), (&one, &one));
    one
}

async fn mark(world: &World, user: UserId, id: ConversationId) -> Marked {
    match world.write(read(user, id, None)).await {
        Ok(Outcome::Marked(Some(marked))) => marked,
        other => panic!("not marked: {other:?}"),
    }
}

pub(crate) async fn n2_a_hidden_position_stays_with_its_reader(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    world.send(ana, id, "one").await;
    assert!(mark(world, bo, id).await.shown);
    hide_reads(world, bo, true).await;
    let message = world.send(ana, id, "two").await;
    let marked = mark(world, bo, id).await;
    assert_eq!((marked.read, marked.shown, marked.delivered, marked.seq), (true, false, true, 2));
    assert!(marked.user_rev.is_some(), "for the own devices");
    assert_eq!(positions(world, ana, id).await, [(0, 0), (1, 2), (0, 0)]);
    assert_eq!(positions(world, bo, id).await, [(0, 0), (2, 2), (0, 0)], "one's own is the true one");
    assert_eq!(world.store.conversation(bo, id).await.unwrap().unread, 0);
    let of = async |asker| {
        let receipts = world.store.receipts(asker, id, message.id).await.unwrap();
        let found = receipts.into_iter().find(|receipt| receipt.user.id == bo).unwrap();
        (found.delivered, found.read, found.read_at.is_some())
    };
    assert_eq!(of(ana).await, (true, false, false));
    // Nothing is shown before the next reading, and no time of the one that was hidden.
    hide_reads(world, bo, false).await;
    assert_eq!(positions(world, ana, id).await, [(0, 0), (1, 2), (0, 0)]);
    world.wait(1_000_000_000);
    let shown_at = world.send(ana, id, "three").await.timestamp;
    assert!(mark(world, bo, id).await.shown);
    assert_eq!(positions(world, ana, id).await, [(0, 0), (3, 3), (0, 0)]);
    assert_eq!(of(ana).await, (true, true, true));
    let receipts = world.store.receipts(ana, id, message.id).await.unwrap();
    assert!(receipts[0].read_at.unwrap() > shown_at, "{receipts:?}");
}

pub(crate) async fn n2_who_hides_reading_sees_no_position_of_others(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    let message = world.send(ana, id, "one").await;
    for reader in [ana, bo] {
        mark(world, reader, id).await;
    }
    hide_reads(world, ana, true).await;
    assert_eq!(positions(world, ana, id).await, [(1, 1), (0, 1), (0, 0)]);
    assert_eq!(positions(world, cy, id).await, [(1, 1), (1, 1), (0, 0)]);
    let synced = SyncRequest { list: true, ..SyncRequest::default() };
    let list = world.store.sync(ana, &synced).await.unwrap().list.unwrap();
    assert_eq!(list[0].members.iter().map(|member| member.read_seq).collect::<Vec<_>>(), [1, 0, 0]);
    let receipts = world.store.receipts(ana, id, message.id).await.unwrap();
    let seen: Vec<_> = receipts.iter().map(|r| (r.delivered, r.read, r.read_at)).collect();
    assert_eq!(seen, [(true, false, None), (false, false, None)]);
    // Frames are the same for all members.
    world.remove(ana, id, cy).await.unwrap();
    let privacy = Privacy { hides_typing: false, hides_reads: true };
    assert_eq!(world.store.user_counters(ana).await.unwrap().privacy, privacy);
    assert_eq!(world.store.user_counters(bo).await.unwrap().privacy, Privacy::default());
    hide_reads(world, ana, false).await;
    assert_eq!(positions(world, ana, id).await[..2], [(1, 1), (1, 1)]);
}

pub(crate) async fn n2_frames_about_members_show_what_they_show_to_all(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    world.send(ana, id, "one").await;
    mark(world, bo, id).await;
    for hider in [ana, bo] {
        hide_reads(world, hider, true).await;
    }
    world.send(ana, id, "two").await;
    mark(world, bo, id).await;
    // Neither the true position of the one who leaves nor what the remover does not see.
    let (_, left, _) = world.remove(ana, id, bo).await.unwrap();
    assert_eq!((left.read_seq, left.delivered_seq), (1, 2));
    let frames = world.store.frames_after(id, 2).await.unwrap();
    let [ServerFrame::NewMessage(frame)] = &frames[..] else { panic!("{frames:?}") };
    assert_eq!(frame.members, [left]);
    let (_, left, _) = world.remove(cy, id, cy).await.unwrap();
    assert_eq!(left.read_seq, 0);
}

pub(crate) async fn n2_typing_is_shown_by_members_who_do_not_hide_it(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let change = PreferencesChange { show_typing: Some(false), ..PreferencesChange::default() };
    update(world, bo, change).await.unwrap();
    let shows = async |user, id| world.store.shows_typing(user, id).await.unwrap();
    assert_eq!(shows(ana, id).await, Some(true));
    assert_eq!(shows(bo, id).await, Some(false));
    assert_eq!((shows(cy, id).await, shows(ana, ConversationId(4_711)).await), (None, None));
    let group = world.group(&[ana, bo, cy]).await;
    world.remove(ana, group, bo).await.unwrap();
    assert_eq!(shows(bo, group).await, None, "a former member");
}
