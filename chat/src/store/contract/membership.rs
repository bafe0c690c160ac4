//! The state of a conversation for one member alone.

use super::world::{World, new_message, read, refusal};
use crate::Result;
use crate::store::{Outcome, PersonalChange, Write};
use protocol::limits::{MAX_PINNED, MUTED_FOREVER};
use protocol::{
    ConversationId, ErrorCode, ListFilter, MembershipChange, NotificationLevel, PersonalState, SyncRequest,
    Timestamp, UserId,
};

fn none() -> MembershipChange {
    MembershipChange::default()
}

fn archive(archived: bool) -> MembershipChange {
    MembershipChange { archived: Some(archived), ..none() }
}

fn pin(place: Option<u32>) -> MembershipChange {
    MembershipChange { pinned: Some(place), ..none() }
}

fn mark(unread: bool) -> MembershipChange {
    MembershipChange { unread: Some(unread), ..none() }
}

fn mute(until: i64) -> MembershipChange {
    MembershipChange { muted_until: Some(Some(Timestamp(until))), ..none() }
}

async fn set(
    world: &World,
    user: UserId,
    conversation: ConversationId,
    change: MembershipChange,
) -> Result<Vec<PersonalChange>> {
    match world.write(Write::SetMembership { user, conversation, change }).await? {
        Outcome::MembershipSet(changes) => Ok(changes),
        other => panic!("not set: {other:?}"),
    }
}

async fn state(world: &World, user: UserId, id: ConversationId) -> PersonalState {
    world.store.conversation(user, id).await.unwrap().personal()
}

/// The conversations on the first page of this part.
async fn listed(world: &World, user: UserId, filter: Option<ListFilter>) -> Vec<ConversationId> {
    let page = world.store.list_page(user, filter, None, None).await.unwrap();
    page.conversations.iter().map(|conversation| conversation.id).collect()
}

/// The members out of whose archive a message brought the conversation.
fn brought(outcome: &Result<Outcome>) -> &[(UserId, PersonalChange)] {
    match outcome {
        Ok(Outcome::Sent { unarchived, .. }) => unarchived,
        other => panic!("not sent: {other:?}"),
    }
}

pub(crate) async fn c5_a_personal_state_is_of_one_member_and_a_repeat_writes_nothing(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    world.send(bo, id, "hello").await;
    let (before, of_bo) = (world.user_rev(ana).await, world.dump(&[bo], &[id]).await);
    let change = MembershipChange {
        muted_until: Some(Some(Timestamp(MUTED_FOREVER))),
        archived: Some(false),
        pinned: Some(Some(7)),
        unread: Some(true),
        draft: Some(Some(" so \"far\"\n".into())),
        notify: Some(NotificationLevel::Mentions),
    };
    let expected = PersonalState {
        muted_until: Some(Timestamp(MUTED_FOREVER)),
        archived: false,
        pinned: Some(1),
        marked_unread: true,
        draft: Some(" so \"far\"\n".into()),
        notify: NotificationLevel::Mentions,
    };
    let told = PersonalChange { conversation: id, user_rev: before + 1, state: expected.clone() };
    assert_eq!(set(world, ana, id, change.clone()).await.unwrap(), [told]);
    assert_eq!(state(world, ana, id).await, expected);
    let request = SyncRequest { list: true, ..SyncRequest::default() };
    let rows = world.store.sync(ana, &request).await.unwrap();
    assert_eq!((rows.user_rev, rows.list.unwrap()[0].personal()), (before + 1, expected.clone()));
    assert_eq!(set(world, ana, id, change).await.unwrap(), [], "a repeat");
    assert_eq!(set(world, ana, id, none()).await.unwrap(), []);
    assert_eq!(world.user_rev(ana).await, before + 1);
    assert_eq!(world.dump(&[bo], &[id]).await, of_bo, "nobody else sees it");
    // A draft alone keeps the rest.
    let draft = MembershipChange { draft: Some(None), ..none() };
    assert_eq!(set(world, ana, id, draft).await.unwrap()[0].state, PersonalState { draft: None, ..expected });
    for level in NotificationLevel::ALL {
        let change = MembershipChange { notify: Some(level), ..none() };
        set(world, ana, id, change).await.unwrap();
        assert_eq!(state(world, ana, id).await.notify, level);
    }
    // Strangers and mistakes.
    let dump = world.dump(&[ana, bo], &[id]).await;
    for (user, conversation) in [(cy, id), (ana, ConversationId(987_654))] {
        assert_eq!(refusal(set(world, user, conversation, mark(false)).await), ErrorCode::NotFound);
    }
    assert_eq!(refusal(set(world, ana, id, mute(1)).await), ErrorCode::Invalid);
    assert_eq!(refusal(set(world, ana, id, pin(Some(0))).await), ErrorCode::Invalid);
    assert_eq!(world.dump(&[ana, bo], &[id]).await, dump);
}

pub(crate) async fn c5_pinned_conversations_stand_first_in_their_own_order(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let mut ids = Vec::new();
    for title in 0..4 {
        let id = world.group(&[ana, bo, cy]).await;
        world.send(bo, id, &format!("message {title}")).await;
        ids.push(id);
    }
    let places = async || {
        let mut places = Vec::new();
        for id in &ids {
            places.push(state(world, ana, *id).await.pinned);
        }
        places
    };
    let all =
        |changes: Vec<PersonalChange>| changes.into_iter().map(|one| one.conversation).collect::<Vec<_>>();
    assert_eq!(all(set(world, ana, ids[0], pin(Some(1))).await.unwrap()), [ids[0]]);
    assert_eq!(all(set(world, ana, ids[1], pin(Some(50))).await.unwrap()), [ids[1]], "the last one");
    assert_eq!(listed(world, ana, None).await, [ids[0], ids[1], ids[3], ids[2]]);
    assert_eq!(listed(world, bo, None).await, [ids[3], ids[2], ids[1], ids[0]]);
    // Those behind it move, each with a counter of its own.
    let before = world.user_rev(ana).await;
    let changes = set(world, ana, ids[2], pin(Some(1))).await.unwrap();
    let revs: Vec<_> = changes.iter().map(|change| change.user_rev).collect();
    assert_eq!(revs, [before + 1, before + 2, before + 3]);
    assert_eq!(places().await, [Some(2), Some(3), Some(1), None]);
    assert_eq!(all(set(world, ana, ids[2], pin(Some(2))).await.unwrap()), [ids[2], ids[0]]);
    assert_eq!(listed(world, ana, None).await, [ids[0], ids[2], ids[1], ids[3]]);
    assert_eq!(all(set(world, ana, ids[2], pin(Some(2))).await.unwrap()), [], "a repeat");
    assert_eq!(all(set(world, ana, ids[0], pin(None)).await.unwrap()), [ids[0], ids[2], ids[1]]);
    assert_eq!(places().await, [None, Some(2), Some(1), None]);
    // The archive has no pins.
    assert_eq!(all(set(world, ana, ids[2], archive(true)).await.unwrap()), [ids[2], ids[1]]);
    assert_eq!(listed(world, ana, None).await, [ids[1], ids[3], ids[0]]);
    assert_eq!(listed(world, ana, Some(ListFilter::Archived)).await, [ids[2]]);
    set(world, ana, ids[2], pin(Some(1))).await.unwrap();
    assert_eq!(listed(world, ana, None).await, [ids[2], ids[1], ids[3], ids[0]]);
    assert_eq!(listed(world, ana, Some(ListFilter::Archived)).await, []);
}

pub(crate) async fn c5_at_most_fifty_are_pinned(world: &World) {
    let (ana, bo) = (world.person("ana").await, world.person("bo").await);
    let mut ids = Vec::new();
    for _ in 0..=MAX_PINNED {
        ids.push(world.group(&[ana, bo]).await);
    }
    for id in &ids[..MAX_PINNED] {
        set(world, ana, *id, pin(Some(50))).await.unwrap();
    }
    let dump = world.dump(&[ana], &ids).await;
    assert_eq!(refusal(set(world, ana, ids[MAX_PINNED], pin(Some(1))).await), ErrorCode::Invalid);
    assert_eq!(world.dump(&[ana], &ids).await, dump);
    assert_eq!(set(world, ana, ids[MAX_PINNED - 1], pin(Some(1))).await.unwrap().len(), MAX_PINNED);
    // All of them come with the first page, beside the others.
    let (page, next) = world.store.conversation_page(ana, None, None, None, 1).await.unwrap();
    assert_eq!((page.len(), next), (MAX_PINNED + 1, None));
}

pub(crate) async fn c5_a_message_brings_a_conversation_back_from_the_archive(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    world.send(bo, id, "first").await;
    set(world, ana, id, archive(true)).await.unwrap();
    let kept = MembershipChange { draft: Some(Some("so far".into())), unread: Some(true), ..archive(true) };
    set(world, cy, id, kept).await.unwrap();
    let send = async |sender, content: &str| world.write(Write::Send(new_message(sender, id, content))).await;
    let users =
        |outcome: &Result<Outcome>| brought(outcome).iter().map(|(user, _)| *user).collect::<Vec<_>>();
    // The sender's own archive keeps it.
    let outcome = send(ana, "second").await;
    assert_eq!(users(&outcome), [cy]);
    assert_eq!((state(world, ana, id).await.archived, state(world, cy, id).await.archived), (true, false));
    let told = PersonalChange {
        conversation: id,
        user_rev: world.user_rev(cy).await,
        state: state(world, cy, id).await,
    };
    assert_eq!(brought(&outcome)[0].1, told);
    assert_eq!((told.state.draft.as_deref(), told.state.marked_unread), (Some("so far"), true));
    // One that is muted stays there, until the muting ends.
    set(world, ana, id, mute(world.now().0 + 60_000_000)).await.unwrap();
    assert_eq!(users(&send(bo, "third").await), []);
    assert!(state(world, ana, id).await.archived);
    world.wait(120_000_000);
    assert_eq!(users(&send(bo, "fourth").await), [ana]);
    assert_eq!(users(&send(bo, "fifth").await), [], "nobody has archived it any more");
    // Two senders in one batch: each is somebody else for the other. A repeat in front publishes nothing.
    set(world, ana, id, archive(true)).await.unwrap();
    set(world, bo, id, archive(true)).await.unwrap();
    let known = new_message(cy, id, "sixth");
    let batch = [known.clone(), known, new_message(ana, id, "seventh"), new_message(bo, id, "eighth")];
    let outcomes = world.batch(batch.into_iter().map(Write::Send).collect()).await;
    assert_eq!(outcomes.iter().map(|outcome| brought(outcome).len()).collect::<Vec<_>>(), [2, 0, 0, 0]);
    assert_eq!(listed(world, ana, None).await, [id]);
    assert_eq!(listed(world, bo, None).await, [id]);
}

pub(crate) async fn c5_reading_removes_the_unread_mark(world: &World) {
    let (ana, bo) = (world.person("ana").await, world.person("bo").await);
    let id = world.conversation(&[ana, bo]).await;
    world.send(bo, id, "hello").await;
    world.write(read(ana, id, None)).await.unwrap();
    set(world, ana, id, mark(true)).await.unwrap();
    assert_eq!(listed(world, ana, Some(ListFilter::Unread)).await, [id]);
    world.write(super::world::delivered(ana, id, None)).await.unwrap();
    assert!(state(world, ana, id).await.marked_unread, "delivery is not reading");
    let before = world.user_rev(ana).await;
    // No position moves, and the mark goes; once in a batch.
    let outcomes = world.batch(vec![read(ana, id, None), read(ana, id, None)]).await;
    let revs: Vec<_> = outcomes
        .into_iter()
        .map(|outcome| match outcome {
            Ok(Outcome::Marked(marked)) => {
                marked.map(|marked| (marked.read, marked.unmarked, marked.user_rev))
            }
            other => panic!("not marked: {other:?}"),
        })
        .collect();
    assert_eq!(revs, [Some((false, true, Some(before + 1))), None]);
    assert!(!state(world, ana, id).await.marked_unread);
    assert_eq!(listed(world, ana, Some(ListFilter::Unread)).await, []);
    // With a position that moves.
    set(world, ana, id, mark(true)).await.unwrap();
    world.send(bo, id, "again").await;
    world.write(read(ana, id, None)).await.unwrap();
    assert_eq!(state(world, ana, id).await, PersonalState::default());
}

pub(crate) async fn c2_filters_and_the_count_behind_the_page(world: &World) {
    let (ana, bo) = (world.person("ana").await, world.person("bo").await);
    let mut ids = Vec::new();
    for _ in 0..60 {
        let id = world.group(&[ana, bo]).await;
        world.send(bo, id, "hello").await;
        ids.push(id);
    }
    ids.reverse();
    let request = SyncRequest { list: true, ..SyncRequest::default() };
    let behind = async || world.store.sync(ana, &request).await.unwrap().unread_after;
    assert_eq!(behind().await, 10);
    set(world, ana, ids[59], mute(MUTED_FOREVER)).await.unwrap();
    assert_eq!(behind().await, 9, "a muted one does not count");
    world.write(read(ana, ids[58], None)).await.unwrap();
    set(world, ana, ids[58], mark(true)).await.unwrap();
    assert_eq!(behind().await, 9, "one that is only marked counts 1");
    set(world, ana, ids[57], mark(true)).await.unwrap();
    assert_eq!(behind().await, 9, "and one with messages as many as they are");
    set(world, ana, ids[56], pin(Some(1))).await.unwrap();
    assert_eq!(behind().await, 8, "a pinned one is on the first page");
    set(world, ana, ids[0], archive(true)).await.unwrap();
    let rows = world.store.sync(ana, &request).await.unwrap();
    assert_eq!(rows.archived, [ids[0]]);
    let list: Vec<_> = rows.list.unwrap().iter().map(|conversation| conversation.id).collect();
    assert_eq!(list, [&[ids[56]], &ids[1..51]].concat());
    assert!(rows.counters.iter().any(|(id, _)| *id == ids[0]), "its frames go on");
    // Pages of a filter, by key.
    for id in &ids[1..55] {
        world.write(read(ana, *id, None)).await.unwrap();
    }
    let (first, next) =
        world.store.conversation_page(ana, Some(ListFilter::Unread), None, None, 3).await.unwrap();
    let (rest, end) =
        world.store.conversation_page(ana, Some(ListFilter::Unread), None, next, 3).await.unwrap();
    let unread: Vec<_> = first.iter().chain(&rest).map(|conversation| conversation.id).collect();
    assert_eq!((unread, end), (ids[55..60].to_vec(), None));
    assert_eq!(listed(world, ana, Some(ListFilter::Archived)).await, [ids[0]]);
    // An open one comes along from the archive.
    let open = protocol::OpenCursors([(ids[0], 0)].into_iter().collect());
    let rows = world.store.sync(ana, &SyncRequest { open, ..request.clone() }).await.unwrap();
    assert_eq!((rows.open.len(), rows.list.unwrap().last().map(|last| last.id)), (1, Some(ids[0])));
}

pub(crate) async fn c5_leaving_clears_the_personal_state(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    let draft = MembershipChange { draft: Some(Some("never sent".into())), ..pin(Some(1)) };
    set(world, bo, id, draft).await.unwrap();
    world.remove(ana, id, bo).await.unwrap();
    assert_eq!(refusal(set(world, bo, id, mark(true)).await), ErrorCode::NotFound);
    let other = world.group(&[ana, bo, cy]).await;
    assert_eq!(set(world, bo, other, pin(Some(2))).await.unwrap()[0].state.pinned, Some(1));
}
