//! Memberships at rest: the list is the same, and costs less.

use super::world::{World, new_message, read};
use crate::store::{GroupChange, GroupUpdate, Mark, Write};
use protocol::limits::{ARCHIVED_IDS, LIST_PAGE, MUTED_FOREVER, UNREAD_CAP};
use protocol::{
    Conversation, ConversationId, ConversationKind, ListPosition, MembershipChange, NotificationKind,
    SyncRequest, Timestamp, UserId,
};
use std::collections::BTreeSet;

/// Conversations on the first page.
const PAGE: usize = 4;

async fn set(world: &World, user: UserId, conversation: ConversationId, change: MembershipChange) {
    world.write(Write::SetMembership { user, conversation, change }).await.unwrap();
}

fn archive(archived: bool) -> MembershipChange {
    MembershipChange { archived: Some(archived), ..MembershipChange::default() }
}

fn ids<'a>(conversations: impl IntoIterator<Item = &'a Conversation>) -> Vec<ConversationId> {
    conversations.into_iter().map(|conversation| conversation.id).collect()
}

/// The number by which a conversation counts as unread in the whole.
fn counted(conversation: &Conversation) -> u32 {
    let is_muted = conversation.muted_until.is_some();
    if is_muted { 0 } else { conversation.unread.max(conversation.marked_unread.into()) }
}

/// All pages of the list, the archive, the unread number and the notifications are what follows from all conversations, which are
/// read without regard to rest.
async fn is_right(world: &World, user: UserId) {
    let all = world.store.conversations(user).await.unwrap();
    let mut pinned: Vec<_> = all.iter().filter(|one| one.pinned.is_some()).collect();
    pinned.sort_by_key(|one| one.pinned);
    let others: Vec<_> = all.iter().filter(|one| one.pinned.is_none() && !one.archived).collect();
    let first = async |limit| world.store.conversation_page(user, None, None, None, limit).await.unwrap();

    let (page, mut next) = first(PAGE).await;
    assert_eq!(ids(&page), [ids(pinned.iter().copied()), ids(others.iter().copied().take(PAGE))].concat());
    let mut listed = ids(page.iter().skip(pinned.len()));
    while let Some(after) = next {
        let page = world.store.conversation_page(user, None, None, Some(after), 50).await.unwrap();
        listed.extend(ids(&page.0));
        next = page.1;
    }
    assert_eq!(listed, ids(others.iter().copied()));

    let request = SyncRequest { list: true, ..SyncRequest::default() };
    let rows = world.store.sync_once(user, &request).await.unwrap();
    let expected = pinned.iter().chain(others.iter().take(LIST_PAGE)).map(|one| (*one).clone());
    assert_eq!(rows.list.unwrap(), expected.collect::<Vec<_>>());
    let behind = others.iter().skip(LIST_PAGE).map(|one| counted(one)).sum::<u32>();
    assert_eq!(rows.unread_after, behind.min(UNREAD_CAP));
    let archived = ids(all.iter().filter(|one| one.archived));
    assert_eq!(rows.archived, archived[..archived.len().min(ARCHIVED_IDS)]);

    let notified = world.store.notifications(user, None, 100).await.unwrap().notifications;
    let direct = notified.iter().filter(|one| one.kind == NotificationKind::Direct);
    let unread = all.iter().filter(|one| one.kind == ConversationKind::Direct && one.unread > 0);
    let unread = unread.filter(|one| one.muted_until.is_none());
    assert_eq!(
        direct.map(|one| one.conversation_id).collect::<BTreeSet<_>>(),
        unread.map(|one| one.id).collect::<BTreeSet<_>>()
    );
}

/// A person with 70 conversations, the older half of them direct, every third one unread.
async fn busy(world: &World) -> (UserId, UserId, Vec<ConversationId>) {
    let (ana, bo) = (world.person("ana").await, world.person("bo").await);
    let mut conversations = Vec::new();
    for n in 0..70 {
        let (other, id) = if n < 35 {
            let other = world.person(&format!("other{n}")).await;
            (other, world.conversation(&[ana, other]).await)
        } else {
            (bo, world.group(&[ana, bo]).await)
        };
        world.send(other, id, "hello").await;
        if n % 3 > 0 {
            world.write(read(ana, id, None)).await.unwrap();
        }
        if n % 7 == 0 {
            world.send(ana, id, "an answer").await;
        }
        conversations.push(id);
    }
    for id in [3, 12, 50] {
        set(world, ana, conversations[id], archive(true)).await;
    }
    for id in [6, 12, 40] {
        let muted_until = Some(Some(Timestamp(MUTED_FOREVER)));
        set(world, ana, conversations[id], MembershipChange { muted_until, ..archive(false) }).await;
    }
    set(world, ana, conversations[12], archive(true)).await;
    for id in [5, 41] {
        let pin = MembershipChange { pinned: Some(Some(1)), ..MembershipChange::default() };
        set(world, ana, conversations[id], pin).await;
    }
    let mark = MembershipChange { unread: Some(true), ..MembershipChange::default() };
    set(world, ana, conversations[4], mark).await;
    (ana, bo, conversations)
}

pub(crate) async fn c2_lists_are_the_same_with_memberships_at_rest(world: &World) {
    let (ana, bo, _) = busy(world).await;
    is_right(world, ana).await;
    let request = SyncRequest { list: true, ..SyncRequest::default() };
    let seen = async || {
        let mut seen = Vec::new();
        for user in [ana, bo] {
            seen.push(format!("{:?}", world.store.sync_once(user, &request).await.unwrap()));
        }
        seen
    };
    let before = seen().await;
    assert_eq!(world.store.rest(ana, 69, 8).await.unwrap(), 62);
    is_right(world, ana).await;
    assert!(seen().await == before, "somebody sees it");
}

pub(crate) async fn c2_what_ends_the_rest_of_a_membership(world: &World) {
    let (ana, bo, conversations) = busy(world).await;
    let rest = async || {
        let rested = world.store.rest(ana, 0, 0).await.unwrap();
        is_right(world, ana).await;
        rested
    };
    assert_eq!(rest().await, 70);
    assert_eq!(rest().await, 0, "all are at rest");

    // A message, of either side, and several in one batch.
    let other = world.person("else").await;
    let at = |n: usize| conversations[n];
    world.send(bo, at(36), "again").await;
    is_right(world, ana).await;
    world.send(ana, at(7), "once more").await;
    is_right(world, ana).await;
    let batch =
        [new_message(bo, at(37), "one"), new_message(ana, at(38), "two"), new_message(bo, at(37), "three")];
    for outcome in world.batch(batch.map(Write::Send).into()).await {
        outcome.unwrap();
    }
    is_right(world, ana).await;
    assert_eq!(rest().await, 4);

    // The archive: a message brings one back, and not the muted one.
    let partner = world.store.conversation(ana, at(12)).await.unwrap();
    let partner = partner.members.iter().find(|member| member.user.id != ana).unwrap().user.id;
    world.send(bo, at(50), "back").await;
    world.send(partner, at(12), "silently").await;
    is_right(world, ana).await;
    assert_eq!(rest().await, 2);

    // Changes of a group, with a message about each.
    let title = GroupUpdate { title: Some(Some("Another".into())), ..GroupUpdate::default() };
    world.change_group(ana, at(45), GroupChange::Update(title)).await.unwrap();
    is_right(world, ana).await;
    world.change_group(ana, at(46), GroupChange::Add(vec![other])).await.unwrap();
    is_right(world, ana).await;
    assert_eq!(rest().await, 2);

    // Reading what was unread.
    let page = world.store.page(ana, at(9), None, 10).await.unwrap();
    let mark = Mark { user: ana, conversation: at(9), message: Some(page.messages[0].id), read: false };
    world.write(Write::Mark(mark)).await.unwrap();
    is_right(world, ana).await;
    assert_eq!(rest().await, 0, "a delivery is no reading");
    world.write(Write::Mark(Mark { read: true, ..mark })).await.unwrap();
    is_right(world, ana).await;
    assert_eq!(rest().await, 1);

    // The state of the member, and deletions, end none.
    set(world, ana, at(20), archive(true)).await;
    set(world, ana, at(3), archive(false)).await;
    is_right(world, ana).await;
    let unread = async |n: usize| {
        let page = world.store.page(ana, at(n), None, 10).await.unwrap();
        page.messages.iter().find(|message| message.sender.id != ana).unwrap().id
    };
    let (hidden, deleted) = (unread(15).await, unread(39).await);
    world.send(ana, at(15), "the newest stays").await;
    assert_eq!(rest().await, 1);
    world.hide(ana, at(15), hidden, true).await.unwrap();
    world.delete(bo, at(39), deleted).await.unwrap();
    is_right(world, ana).await;
    assert_eq!(rest().await, 0);
    world.hide(ana, at(15), hidden, false).await.unwrap();
    is_right(world, ana).await;

    // Leaving and coming back.
    let id = at(60);
    world.remove(ana, id, bo).await.unwrap();
    assert!(world.store.rest(bo, 0, 0).await.unwrap() > 0);
    is_right(world, bo).await;
    world.change_group(ana, id, GroupChange::Add(vec![bo])).await.unwrap();
    world.send(ana, id, "welcome").await;
    is_right(world, bo).await;
    is_right(world, ana).await;
}

pub(crate) async fn c2_short_lists_and_large_conversations_do_not_rest(world: &World) {
    let ana = world.person("ana").await;
    let mut people = vec![ana];
    for n in 0..32 {
        people.push(world.person(&format!("member{n}")).await);
    }
    let (small, large) = (world.group(&people[..32]).await, world.group(&people).await);
    for id in [small, large] {
        world.send(ana, id, "hello").await;
    }
    assert_eq!(world.store.rest(ana, 2, 0).await.unwrap(), 0, "two may be awake");
    assert_eq!(world.store.rest(ana, 1, 2).await.unwrap(), 0, "the newest two stay awake");
    assert_eq!(world.store.rest(ana, 1, 0).await.unwrap(), 1, "the large one stays awake");
    is_right(world, ana).await;
    // A first page has them in one order.
    let page = world.store.list_page(ana, None, None, None).await.unwrap();
    assert_eq!(ids(&page.conversations), [large, small]);
    assert_eq!(page.next, None::<ListPosition>);
}

pub(crate) async fn c2_memberships_are_put_to_rest_while_messages_are_sent(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let mut conversations = Vec::new();
    for _ in 0..20 {
        conversations.push(world.group(&[ana, bo, cy]).await);
    }
    let store = &world.store;
    let send = async |sender: UserId| {
        for round in 0..20_usize {
            let mut batch: Vec<_> =
                conversations.iter().map(|id| new_message(sender, *id, "hello")).collect();
            // Each sender has another order.
            batch.rotate_left((round + usize::try_from(sender.0).unwrap()) % 20);
            let batch: Vec<_> = batch.into_iter().map(Write::Send).collect();
            for outcome in store.commit(&batch, world.now()).await.unwrap() {
                outcome.unwrap();
            }
        }
    };
    let rest = async |user: UserId| {
        let mut rested = 0;
        for _ in 0..20 {
            rested += store.rest(user, 0, 0).await.unwrap();
        }
        rested
    };
    let mark = async |user: UserId| {
        for _ in 0..20 {
            let batch: Vec<_> = conversations.iter().rev().map(|id| read(user, *id, None)).collect();
            for outcome in store.commit(&batch, world.now()).await.unwrap() {
                outcome.unwrap();
            }
        }
    };
    let ((), (), rested, other, ()) = tokio::join!(send(bo), send(cy), rest(ana), rest(bo), mark(ana));
    assert!(rested >= 20 && other >= 20, "{rested} {other}");
    // Whatever order they came in: a message ends the rest of each.
    for id in conversations {
        world.send(cy, id, "the last").await;
    }
    for user in [ana, bo, cy] {
        is_right(world, user).await;
    }
}

pub(crate) async fn c2_an_answer_names_a_hundred_archived_conversations(world: &World) {
    let (ana, bo) = (world.person("ana").await, world.person("bo").await);
    let mut conversations = Vec::new();
    for _ in 0..ARCHIVED_IDS + 3 {
        let id = world.group(&[ana, bo]).await;
        let muted_until = Some(Some(Timestamp(MUTED_FOREVER)));
        set(world, ana, id, MembershipChange { muted_until, ..archive(true) }).await;
        conversations.push(id);
    }
    is_right(world, ana).await;
    assert_eq!(world.store.rest(ana, 0, 2).await.unwrap(), 101);
    is_right(world, ana).await;
    // One that was not named is, once there is a message in it.
    let request = SyncRequest { list: true, ..SyncRequest::default() };
    let named = async || world.store.sync(ana, &request).await.unwrap().archived;
    assert!(!named().await.contains(&conversations[1]));
    world.send(bo, conversations[1], "hello").await;
    let after = named().await;
    assert_eq!((after.len(), after[0]), (ARCHIVED_IDS, conversations[1]));
    is_right(world, ana).await;
}
