//! Notifications: those of mentions, and those that follow from unread messages.

use super::world::{World, new_message, read};
use crate::store::{GroupChange, GroupWrite, Notified, Outcome, Write};
use NotificationKind::{Direct, Mention};
use protocol::{
    ConversationId, MembershipChange, Notification, NotificationId, NotificationKind, NotificationPage, Role,
    SyncRequest, Timestamp, UserId, limits,
};
use std::collections::BTreeSet;

async fn page(world: &World, user: UserId) -> NotificationPage {
    world.store.notifications(user, None, limits::NOTIFICATIONS).await.unwrap()
}

/// Kind, conversation, `seq`, and whether it is read.
fn parts(page: &NotificationPage) -> Vec<(NotificationKind, ConversationId, i64, bool)> {
    page.notifications.iter().map(|item| (item.kind, item.conversation_id, item.seq, item.read)).collect()
}

async fn mention(world: &World, by: UserId, id: ConversationId, text: &str) -> Vec<Notified> {
    match world.write(Write::Send(new_message(by, id, text))).await.unwrap() {
        Outcome::Sent { notified, .. } => notified,
        other => panic!("not sent: {other:?}"),
    }
}

async fn mark_read(world: &World, user: UserId, up_to: Option<Timestamp>) -> Option<i64> {
    match world.write(Write::ReadNotifications { user, up_to }).await.unwrap() {
        Outcome::NotificationsRead { user_rev, .. } => user_rev,
        other => panic!("not read: {other:?}"),
    }
}

pub(crate) async fn n1_a_direct_conversation_is_one_notification_until_it_is_read(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let with_bo = world.conversation(&[ana, bo]).await;
    let with_cy = world.conversation(&[ana, cy]).await;
    assert_eq!(parts(&page(world, ana).await), []);
    let of_bo = world.send_many(bo, with_bo, 3).await;
    world.send(cy, with_cy, "  Hello\n ana ").await;
    let found = page(world, ana).await;
    assert_eq!(parts(&found), [(Direct, with_cy, 1, false), (Direct, with_bo, 3, false)]);
    assert_eq!((found.unread, found.next), (2, None));
    let newest = &found.notifications[1];
    assert_eq!((newest.message_id, newest.actor.id), (of_bo[2].id, bo));
    assert_eq!((newest.created_at, newest.title.as_deref()), (of_bo[2].timestamp, None));
    assert_eq!(found.notifications[0].preview, "Hello ana");
    // Own messages are no news to oneself, and leave what is unread.
    world.send_many(ana, with_bo, 2).await;
    assert_eq!(parts(&page(world, ana).await), parts(&found));
    world.write(read(ana, with_bo, Some(of_bo[1].id))).await.unwrap();
    assert_eq!(parts(&page(world, ana).await).len(), 2);
    world.write(read(ana, with_bo, Some(of_bo[2].id))).await.unwrap();
    assert_eq!(parts(&page(world, ana).await), [(Direct, with_cy, 1, false)]);
    assert_eq!(parts(&page(world, bo).await), [(Direct, with_bo, 5, false)]);
}

pub(crate) async fn n1_a_mention_notifies_members_of_a_group_alone(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let dan = world.person("dan").await;
    let group = world.group(&[ana, bo, cy]).await;
    let direct = world.conversation(&[ana, bo]).await;
    let rev_of_bo = world.user_rev(bo).await;
    world.send(ana, group, "no mention").await;
    assert_eq!(parts(&page(world, bo).await), []);
    // Of oneself, of somebody else than the members, and of nobody.
    let notified = mention(world, ana, group, "@bo @ana @dan @nobody ana@bo.org").await;
    assert_eq!(
        notified.iter().map(|one| (one.user, one.user_rev)).collect::<Vec<_>>(),
        [(bo, rev_of_bo + 1)]
    );
    let found = page(world, bo).await;
    assert_eq!(found.notifications, [notified[0].notification.clone()]);
    assert_eq!((found.unread, found.user_rev), (1, rev_of_bo + 1));
    let Notification { actor, title, preview, kind, seq, .. } = &found.notifications[0];
    assert_eq!((actor.id, title.as_deref(), *kind, *seq), (ana, Some("A group"), Mention, 2));
    assert_eq!(preview, "@bo @ana @dan @nobody ana@bo.org");
    for user in [ana, cy, dan] {
        assert_eq!(parts(&page(world, user).await), []);
    }
    assert_eq!(mention(world, ana, direct, "@bo").await, []);
    // Read with its conversation.
    world.write(read(bo, group, None)).await.unwrap();
    let found = page(world, bo).await;
    assert_eq!((parts(&found)[1], found.unread), ((Mention, group, 2, true), 1));
}

pub(crate) async fn n1_names_are_read_to_the_end_and_without_case(world: &World) {
    let (ana, dot) = (world.person("ana").await, world.person("Dot.").await);
    let (long, bo) = (world.person("bo.b-c").await, world.person("bo").await);
    let group = world.group(&[ana, dot, long, bo]).await;
    let mut whom = Vec::new();
    for text in ["@DOT.", "hi @Bo!", "see @bo.", "(@Bo.B-c)", "@bo.b-cd", "@bo.b @dot", "@ana"] {
        let notified = mention(world, ana, group, text).await;
        whom.push(notified.iter().map(|one| one.user).collect::<Vec<_>>());
    }
    assert_eq!(whom, [vec![dot], vec![bo], vec![bo], vec![long], vec![], vec![], vec![]]);
}

pub(crate) async fn n1_a_batch_of_mentions_increments_each_persons_counter(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let group = world.group(&[ana, bo, cy]).await;
    let (rev_of_bo, rev_of_cy) = (world.user_rev(bo).await, world.user_rev(cy).await);
    let texts = ["@bo @cy @bo", "@cy", "nobody"];
    let batch = texts.map(|text| Write::Send(new_message(ana, group, text))).into();
    let mut revs = Vec::new();
    for outcome in world.batch(batch).await {
        match outcome.unwrap() {
            Outcome::Sent { message, notified, .. } => {
                revs.extend(notified.iter().map(|one| (message.seq, one.user, one.user_rev)));
            }
            other => panic!("not sent: {other:?}"),
        }
    }
    assert_eq!(revs, [(1, bo, rev_of_bo + 1), (1, cy, rev_of_cy + 1), (2, cy, rev_of_cy + 2)]);
    assert_eq!(parts(&page(world, cy).await), [(Mention, group, 2, false), (Mention, group, 1, false)]);
}

pub(crate) async fn n1_a_repeat_notifies_nobody_again(world: &World) {
    let (ana, bo, _) = world.three().await;
    let group = world.group(&[ana, bo]).await;
    let message = new_message(ana, group, "@bo");
    let send = || Write::Send(message.clone());
    let mut notified = Vec::new();
    for outcome in world.batch(vec![send(), send()]).await.into_iter().chain([world.write(send()).await]) {
        match outcome.unwrap() {
            Outcome::Sent { notified: of_this, .. } => notified.push(of_this.len()),
            other => panic!("not sent: {other:?}"),
        }
    }
    assert_eq!((notified, page(world, bo).await.unread), (vec![1, 0, 0], 1));
}

pub(crate) async fn n1_what_was_deleted_hidden_or_left_is_gone(world: &World) {
    let (ana, bo, _) = world.three().await;
    let group = world.group(&[ana, bo]).await;
    let direct = world.conversation(&[ana, bo]).await;
    let said = [world.send(ana, group, "@bo one").await, world.send(ana, group, "@bo two").await];
    let told = [world.send(ana, direct, "one").await, world.send(ana, direct, "two").await];
    assert_eq!(page(world, bo).await.unread, 3);
    world.delete(ana, group, said[0].id).await.unwrap();
    world.delete(ana, direct, told[1].id).await.unwrap();
    let found = page(world, bo).await;
    assert_eq!(parts(&found), [(Direct, direct, 1, false), (Mention, group, 2, false)]);
    assert_eq!(found.unread, 2);
    world.hide(bo, direct, told[0].id, true).await.unwrap();
    world.hide(bo, group, said[1].id, true).await.unwrap();
    assert_eq!((parts(&page(world, bo).await), page(world, bo).await.unread), (vec![], 0));
    world.hide(bo, group, said[1].id, false).await.unwrap();
    assert_eq!(page(world, bo).await.unread, 1);
    world.remove(ana, group, bo).await.unwrap();
    assert_eq!((parts(&page(world, bo).await), page(world, bo).await.unread), (vec![], 0));
    assert_eq!(mention(world, ana, group, "@bo").await, [], "a former member");
}

pub(crate) async fn n1_marking_as_read_takes_the_persons_counter(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let group = world.group(&[ana, bo, cy]).await;
    let direct = world.conversation(&[ana, bo]).await;
    let first = world.send(ana, group, "@bo one").await;
    world.send(ana, direct, "one").await;
    world.send(ana, group, "@bo two").await;
    let before = world.user_rev(bo).await;
    let (others, of_cy) = (world.user_rev(ana).await, world.user_rev(cy).await);
    assert_eq!(mark_read(world, bo, Some(first.timestamp)).await, Some(before + 1));
    assert_eq!(mark_read(world, bo, Some(first.timestamp)).await, None, "it is so already");
    assert_eq!(mark_read(world, bo, Some(Timestamp(0))).await, None, "it never goes back");
    let found = page(world, bo).await;
    let expected = [(Mention, group, 2, false), (Direct, direct, 1, false), (Mention, group, 1, true)];
    assert_eq!((parts(&found).as_slice(), found.unread), (expected.as_slice(), 2));
    // A time to come is the present: what comes later is unread.
    assert_eq!(mark_read(world, bo, Some(Timestamp(i64::MAX))).await, Some(before + 2));
    assert_eq!(page(world, bo).await.unread, 0);
    assert!(parts(&page(world, bo).await).iter().all(|(.., read)| *read));
    world.send(ana, direct, "two").await;
    let found = page(world, bo).await;
    assert_eq!((parts(&found)[0], found.unread), ((Direct, direct, 2, false), 1));
    assert!(mark_read(world, bo, None).await.is_some());
    assert_eq!(page(world, bo).await.unread, 0);
    // The conversations stay as they are, for everybody.
    assert_eq!(world.store.conversation(bo, group).await.unwrap().unread, 2);
    assert_eq!((world.user_rev(ana).await, world.user_rev(cy).await), (others, of_cy));
}

pub(crate) async fn n1_pages_give_each_notification_once(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let group = world.group(&[ana, bo]).await;
    let directs = [world.conversation(&[ana, bo]).await, world.conversation(&[cy, bo]).await];
    // Of one time, as of one batch.
    let batch = (0..5).map(|n| Write::Send(new_message(ana, group, &format!("@bo {n}")))).collect();
    world.batch(batch).await;
    world.send(ana, directs[0], "one").await;
    world.send(cy, directs[1], "one").await;
    world.send(ana, group, "@bo last").await;
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page = world.store.notifications(bo, cursor, 3).await.unwrap();
        assert_eq!((page.cursor, page.unread), (cursor, 8));
        assert!(page.notifications.len() <= 3);
        seen.extend(page.notifications.iter().map(|item| item.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let sorted: BTreeSet<NotificationId> = seen.iter().copied().collect();
    assert_eq!((seen.len(), sorted.into_iter().rev().collect::<Vec<_>>()), (8, seen));
    let exact = world.store.notifications(bo, None, 8).await.unwrap();
    assert_eq!((exact.notifications.len(), exact.next), (8, None));
    let stranger = world.person("dan").await;
    assert_eq!(world.store.notifications(stranger, None, 3).await.unwrap().notifications, []);
    assert!(world.store.notifications(UserId(987_654), None, 3).await.is_err());
}

pub(crate) async fn n1_the_number_of_unread_ones_stops_at_the_cap(world: &World) {
    let (ana, bo, _) = world.three().await;
    let group = world.group(&[ana, bo]).await;
    let batch = (0..110).map(|n| Write::Send(new_message(ana, group, &format!("@bo {n}")))).collect();
    world.batch(batch).await;
    world.send(ana, world.conversation(&[ana, bo]).await, "one").await;
    assert_eq!(page(world, bo).await.unread, limits::UNREAD_CAP);
}

pub(crate) async fn n1_stored_ones_are_kept_for_a_while(world: &World) {
    let (ana, bo, _) = world.three().await;
    let group = world.group(&[ana, bo]).await;
    world.send(ana, group, "@bo one").await;
    let direct = world.conversation(&[ana, bo]).await;
    world.send(ana, direct, "one").await;
    let between = world.now();
    world.send(ana, group, "@bo two").await;
    assert_eq!(world.store.sweep_notifications(Timestamp(0)).await.unwrap(), 0);
    assert_eq!(world.store.sweep_notifications(between).await.unwrap(), 1);
    assert_eq!(world.store.sweep_notifications(between).await.unwrap(), 0);
    assert_eq!(parts(&page(world, bo).await), [(Mention, group, 2, false), (Direct, direct, 1, false)]);
}

pub(crate) async fn n1_sync_brings_the_newest_with_the_list(world: &World) {
    let (ana, bo, _) = world.three().await;
    let group = world.group(&[ana, bo]).await;
    let batch = (0..25).map(|n| Write::Send(new_message(ana, group, &format!("@bo {n}")))).collect();
    world.batch(batch).await;
    let rev = world.user_rev(bo).await;
    let synced = async |user_rev, list| {
        let request = SyncRequest { user_rev, list, ..SyncRequest::default() };
        world.store.sync(bo, &request).await.unwrap().notifications
    };
    let newest = synced(rev, true).await.expect("with the list");
    assert_eq!(newest, page(world, bo).await);
    assert_eq!((newest.notifications.len(), newest.unread), (limits::NOTIFICATIONS, 25));
    assert_eq!(newest.next, Some(newest.notifications[19].id));
    assert!(synced(rev - 1, false).await.is_some(), "the counter moved");
    assert_eq!(synced(rev, false).await, None);
}

/// What a change of the group notifies of: the person, the kind and the role.
async fn changed(
    world: &World,
    by: UserId,
    conversation: ConversationId,
    change: GroupChange,
) -> Vec<(UserId, NotificationKind, Option<Role>)> {
    let write = GroupWrite { by, conversation, change, client_id: None };
    match world.write(Write::Group(write)).await.unwrap() {
        Outcome::GroupChanged(changed) => changed
            .notified
            .into_iter()
            .map(|one| (one.user, one.notification.kind, one.notification.role))
            .collect(),
        other => panic!("not changed: {other:?}"),
    }
}

pub(crate) async fn n1_being_added_and_new_roles_notify_the_person_concerned(world: &World) {
    use NotificationKind::{Added, Role as RoleSet};
    let (ana, bo, cy) = world.three().await;
    let group = world.group(&[ana, bo]).await;
    assert_eq!(parts(&page(world, bo).await), [], "who founds a group is seen by its first members anyway");
    let before = world.user_rev(cy).await;
    let added = changed(world, ana, group, GroupChange::Add(vec![bo, cy])).await;
    assert_eq!(added, [(cy, Added, None)], "who was a member already is told nothing");
    let found = page(world, cy).await;
    assert_eq!((parts(&found).as_slice(), found.unread), ([(Added, group, 1, false)].as_slice(), 1));
    assert_eq!((found.notifications[0].actor.id, found.notifications[0].preview.as_str()), (ana, ""));
    // The list, and the notification.
    assert_eq!(found.user_rev, before + 2);
    let moderator = changed(world, ana, group, GroupChange::SetRole(cy, Role::Moderator)).await;
    assert_eq!(moderator, [(cy, RoleSet, Some(Role::Moderator))]);
    assert_eq!(changed(world, ana, group, GroupChange::SetRole(cy, Role::Moderator)).await, [], "a repeat");
    assert_eq!(changed(world, ana, group, GroupChange::SetRole(cy, Role::Member)).await, [], "no honour");
    let owner = changed(world, ana, group, GroupChange::SetRole(bo, Role::Owner)).await;
    assert_eq!(owner, [(bo, RoleSet, Some(Role::Owner))]);
    assert_eq!(
        changed(world, ana, group, GroupChange::SetRole(ana, Role::Moderator)).await,
        [],
        "of oneself"
    );
    assert_eq!(page(world, bo).await.notifications[0].role, Some(Role::Owner));
    assert_eq!(parts(&page(world, ana).await), []);
    // Read with the system messages.
    world.write(read(cy, group, None)).await.unwrap();
    assert_eq!((page(world, cy).await.notifications.len(), page(world, cy).await.unread), (2, 0));
    // Who left and is added again is told of that alone.
    changed(world, bo, group, GroupChange::Remove(cy)).await;
    assert_eq!(parts(&page(world, cy).await), []);
    changed(world, bo, group, GroupChange::Add(vec![cy])).await;
    let found = page(world, cy).await;
    assert_eq!((found.notifications.len(), found.unread, found.notifications[0].kind), (1, 1, Added));
}

pub(crate) async fn n1_a_muted_conversation_notifies_of_mentions_alone(world: &World) {
    let (ana, bo, _) = world.three().await;
    let (direct, group) = (world.conversation(&[ana, bo]).await, world.group(&[ana, bo]).await);
    world.send(ana, direct, "one").await;
    assert_eq!(page(world, bo).await.unread, 1);
    let mute = async |conversation, until| {
        let change = MembershipChange { muted_until: Some(until), ..MembershipChange::default() };
        world.write(Write::SetMembership { user: bo, conversation, change }).await.unwrap();
    };
    let for_ever = Some(Timestamp(253_402_300_799_000_000));
    for id in [direct, group] {
        mute(id, for_ever).await;
    }
    assert_eq!((parts(&page(world, bo).await), page(world, bo).await.unread), (vec![], 0));
    let told = changed(world, ana, group, GroupChange::SetRole(bo, Role::Moderator)).await;
    assert_eq!(told, [], "no role");
    world.send(ana, group, "@bo").await;
    assert_eq!(parts(&page(world, bo).await), [(Mention, group, 2, false)]);
    mute(direct, None).await;
    assert_eq!(page(world, bo).await.unread, 2);
}
