//! Changes of groups.

use super::world::{World, read, refusal};
use crate::Result;
use crate::store::{GroupChange, GroupChanged, GroupUpdate, GroupWrite, NewConversation, Outcome, Write};
use protocol::{
    ClientId, ConversationId, ErrorCode, GroupEventKind, History, Member, NewMessage, OpenCursors, Role,
    ServerFrame, SyncRequest, UserId,
};
use std::sync::Arc;

fn group_write(by: UserId, conversation: ConversationId, change: GroupChange) -> Write {
    Write::Group(GroupWrite { by, conversation, change, client_id: None })
}

async fn change(world: &World, by: UserId, id: ConversationId, change: GroupChange) -> Result<GroupChanged> {
    changed(world.write(group_write(by, id, change)).await)
}

#[track_caller]
fn changed(outcome: Result<Outcome>) -> Result<GroupChanged> {
    outcome.map(|outcome| match outcome {
        Outcome::GroupChanged(changed) => changed,
        other => panic!("no change of a group: {other:?}"),
    })
}

async fn update(world: &World, by: UserId, id: ConversationId, update: GroupUpdate) -> Result<GroupChanged> {
    change(world, by, id, GroupChange::Update(update)).await
}

fn history(history: History) -> GroupUpdate {
    GroupUpdate { history: Some(history), ..GroupUpdate::default() }
}

fn title(title: &str) -> GroupUpdate {
    GroupUpdate { title: Some(Some(title.to_owned())), ..GroupUpdate::default() }
}

/// The role of each current member.
async fn roles(world: &World, reader: UserId, id: ConversationId) -> Vec<(UserId, Role)> {
    let members = world.store.conversation(reader, id).await.unwrap().members;
    members.iter().filter(|member| !member.left).map(|member| (member.user.id, member.role)).collect()
}

pub(crate) async fn c3_people_are_added_with_one_message_and_their_lists(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let di = world.person("di").await;
    let id = world.group(&[ana, bo]).await;
    world.send_many(ana, id, 2).await;
    let revs = (world.user_rev(ana).await, world.user_rev(cy).await);
    // Who is a member already stays as they are.
    let added = change(world, ana, id, GroupChange::Add(vec![bo, cy, di])).await.unwrap();
    let message = &added.messages[0];
    let event = message.event.as_deref().unwrap();
    let whom: Vec<_> = event.members.iter().map(|person| person.id).collect();
    assert_eq!((added.messages.len(), message.seq, message.rev, message.sender.id), (1, 3, 3, ana));
    assert_eq!((event.kind, whom, event.others), (GroupEventKind::Added, vec![cy, di], 0));
    assert_eq!(message.content, "added cy and di");
    assert_eq!(added.removed, None);
    let member = |user: UserId| added.members.iter().find(|member| member.user.id == user).unwrap();
    for user in [cy, di] {
        let Member { role, rev, joined_seq, read_seq, left, .. } = member(user);
        assert_eq!((*role, *rev, *joined_seq, *read_seq, *left), (Role::Member, 3, 3, 0, false));
    }
    let listed: Vec<_> = added.newly_listed.iter().map(|listed| (listed.user, listed.user_rev)).collect();
    assert_eq!(listed, [(cy, revs.1 + 1), (di, 1)]);
    assert_eq!(world.user_rev(ana).await, revs.0, "nothing of one's own changed");
    for listed in &added.newly_listed {
        let entry = &listed.conversation;
        assert_eq!((entry.rev, entry.unread, entry.member_count), (3, 0, 4));
        assert_eq!(entry.last_message.as_ref(), Some(message));
        assert_eq!(world.store.conversations(listed.user).await.unwrap()[0], *entry);
    }
    // The whole history is theirs, and what comes is unread.
    assert_eq!(world.store.page(cy, id, None, 50).await.unwrap().messages.len(), 3);
    world.send(ana, id, "welcome").await;
    assert_eq!(world.store.conversation(cy, id).await.unwrap().unread, 1);
    let again = change(world, ana, id, GroupChange::Add(vec![cy])).await.unwrap();
    assert!(again.messages.is_empty() && again.newly_listed.is_empty());
    assert_eq!(world.store.counters(&[id]).await.unwrap(), [(id, 4)]);
}

pub(crate) async fn c3_a_former_member_joins_anew(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    world.send_many(ana, id, 2).await;
    world.write(read(bo, id, None)).await.unwrap();
    change(world, ana, id, GroupChange::SetRole(bo, Role::Moderator)).await.unwrap();
    world.remove(ana, id, bo).await.unwrap();
    world.send(cy, id, "without bo").await;
    let added = change(world, ana, id, GroupChange::Add(vec![bo])).await.unwrap();
    let member = &added.members[0];
    assert_eq!((member.role, member.rev, member.joined_seq, member.left), (Role::Member, 6, 6, false));
    assert_eq!(member.read_seq, 2, "a position never falls");
    let seen = world.store.conversation(cy, id).await.unwrap();
    assert_eq!(seen.members.iter().find(|member| member.user.id == bo), added.members.first());
    assert_eq!(world.store.conversation(bo, id).await.unwrap().unread, 0);
    assert_eq!(world.store.page(bo, id, None, 50).await.unwrap().messages.len(), 6);
    assert!(world.store.is_member(bo, id).await.unwrap());
}

pub(crate) async fn c3_a_group_has_an_owner_at_any_time(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    let people = [ana, bo, cy];
    let before = world.dump(&people, &[id]).await;
    for refused in [
        GroupChange::Remove(ana),
        GroupChange::SetRole(ana, Role::Member),
        GroupChange::SetRole(ana, Role::Moderator),
    ] {
        assert_eq!(
            refusal(change(world, ana, id, refused.clone()).await),
            ErrorCode::LastOwner,
            "{refused:?}"
        );
    }
    assert_eq!(world.dump(&people, &[id]).await, before);
    // Handing over: then each of the two may go, and not both.
    let handed = change(world, ana, id, GroupChange::SetRole(bo, Role::Owner)).await.unwrap();
    let event = handed.messages[0].event.as_deref().unwrap();
    assert_eq!((event.kind, event.role), (GroupEventKind::RoleChanged, Some(Role::Owner)));
    assert_eq!(
        (handed.members[0].user.id, handed.members[0].role, handed.members[0].rev),
        (bo, Role::Owner, 1)
    );
    assert_eq!(roles(world, cy, id).await, [(ana, Role::Owner), (bo, Role::Owner), (cy, Role::Member)]);
    let batch = [GroupChange::Remove(ana), GroupChange::Remove(bo)];
    let writes = [ana, bo].into_iter().zip(batch).map(|(by, change)| group_write(by, id, change)).collect();
    let outcomes = world.batch(writes).await;
    assert!(outcomes[0].is_ok());
    assert_eq!(refusal(world.write(Write::remove(bo, id, bo)).await), ErrorCode::LastOwner);
    assert_eq!(roles(world, cy, id).await, [(bo, Role::Owner), (cy, Role::Member)]);
    // The last member takes the group along.
    world.remove(bo, id, cy).await.unwrap();
    world.remove(bo, id, bo).await.unwrap();
    assert_eq!(world.store.member_ids(id).await.unwrap(), []);
}

pub(crate) async fn c3_title_picture_and_history_are_a_change_each(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.group(&[ana, bo]).await;
    let all = GroupUpdate {
        title: Some(Some("Climbing".to_owned())),
        hue: Some(3),
        emoji: Some(Some("🧗".to_owned())),
        history: Some(History::FromJoining),
    };
    let made = update(world, ana, id, all.clone()).await.unwrap();
    let kinds: Vec<_> =
        made.messages.iter().map(|message| (message.rev, message.event.as_deref().unwrap().kind)).collect();
    use GroupEventKind::{HistoryChanged, PictureChanged, Renamed};
    assert_eq!(kinds, [(1, Renamed), (2, PictureChanged), (3, HistoryChanged)]);
    let seen = world.store.conversation(bo, id).await.unwrap();
    assert_eq!(seen.title.as_deref(), Some("Climbing"));
    assert_eq!((seen.hue, seen.emoji.as_deref(), seen.history), (Some(3), Some("🧗"), History::FromJoining));
    assert_eq!(seen.last_message.as_ref(), made.messages.last());
    assert_eq!(world.store.conversations(bo).await.unwrap()[0].emoji.as_deref(), Some("🧗"));
    // The same again is no change; one field leaves the others.
    assert!(update(world, ana, id, all).await.unwrap().messages.is_empty());
    let emoji = GroupUpdate { emoji: Some(None), ..GroupUpdate::default() };
    let made = update(world, ana, id, emoji).await.unwrap();
    let event = made.messages[0].event.as_deref().unwrap();
    assert_eq!((event.hue, event.emoji.as_deref()), (Some(3), None));
    let none = GroupUpdate { title: Some(None), ..GroupUpdate::default() };
    update(world, ana, id, none).await.unwrap();
    let seen = world.store.conversation(bo, id).await.unwrap();
    assert_eq!((seen.rev, seen.title, seen.hue, seen.emoji), (5, None, Some(3), None));
    // A client that was away learns of each.
    let changes = world.store.changes(bo, id, 1).await.unwrap();
    assert_eq!(changes.rows.iter().filter(|row| row.event.is_some()).count(), 4);
}

pub(crate) async fn c3_newcomers_see_the_history_from_their_joining_where_the_group_says_so(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo]).await;
    let old = world.send(ana, id, "before").await;
    let of_bo = world.send(bo, id, "before, too").await;
    update(world, ana, id, history(History::FromJoining)).await.unwrap();
    let added = change(world, ana, id, GroupChange::Add(vec![cy])).await.unwrap();
    change(world, ana, id, GroupChange::SetRole(cy, Role::Moderator)).await.unwrap();
    assert_eq!(added.newly_listed[0].conversation.last_message.as_ref(), added.messages.first());
    let new = world.send(ana, id, "after").await;
    let store = &world.store;
    let seqs =
        |messages: &[protocol::Message]| messages.iter().map(|message| message.seq).collect::<Vec<_>>();
    let page = store.page(cy, id, None, 50).await.unwrap();
    assert_eq!((seqs(&page.messages), page.at_start), (vec![4, 5, 6], true));
    assert_eq!(seqs(&store.page(cy, id, Some(4), 50).await.unwrap().messages), [0_i64; 0]);
    assert_eq!(seqs(&store.page_after(cy, id, 0, 50).await.unwrap().messages), [4, 5, 6]);
    assert_eq!(seqs(&store.page(bo, id, None, 50).await.unwrap().messages), [1, 2, 3, 4, 5, 6]);
    let reset = store.changes(cy, id, 0).await.unwrap().reset.unwrap();
    assert_eq!(seqs(&reset.messages), [4, 5, 6]);
    let request = SyncRequest { user_rev: 0, list: true, open: OpenCursors([(id, 0)].into_iter().collect()) };
    let rows = store.sync(cy, &request).await.unwrap();
    assert_eq!(seqs(&rows.open[0].reset.as_ref().unwrap().messages), [4, 5, 6]);
    assert_eq!(rows.list.unwrap()[0].unread, 1);
    // By id, an earlier message does not exist.
    assert_eq!(refusal(store.receipts(cy, id, old.id).await), ErrorCode::NotFound);
    assert!(store.receipts(cy, id, new.id).await.is_ok());
    assert_eq!(refusal(world.hide(cy, id, old.id, true).await), ErrorCode::NotFound);
    assert_eq!(refusal(world.delete(cy, id, old.id).await), ErrorCode::NotFound);
    assert_eq!(refusal(world.write(read(cy, id, Some(old.id))).await), ErrorCode::NotFound);
    let reply = super::world::reply(cy, id, "to that", Some(old.id));
    assert_eq!(refusal(world.write(Write::Send(reply)).await), ErrorCode::NotFound);
    let reply = super::world::reply(cy, id, "to this", Some(new.id));
    world.write(Write::Send(reply)).await.unwrap();
    // The deletion of an earlier message is no change for the newcomer.
    world.delete(bo, id, of_bo.id).await.unwrap();
    let changes = store.changes(cy, id, 6).await.unwrap();
    assert_eq!((seqs(&changes.rows), changes.cursor), (vec![7], 8));
    // It counts for those who join while it is set.
    update(world, ana, id, history(History::Whole)).await.unwrap();
    assert_eq!(seqs(&store.page(cy, id, Some(5), 50).await.unwrap().messages), [4]);
    world.remove(ana, id, cy).await.unwrap();
    change(world, ana, id, GroupChange::Add(vec![cy])).await.unwrap();
    assert_eq!(store.page(cy, id, Some(5), 50).await.unwrap().messages.len(), 4);
}

pub(crate) async fn c3_a_client_that_was_away_while_its_person_left_and_came_back_starts_anew(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    world.send(ana, id, "before").await;
    let settings = [(History::FromJoining, 4, 4), (History::Whole, 1, 7)];
    for (which, first, joined) in settings {
        update(world, ana, id, history(which)).await.unwrap();
        let cursor = world.store.changes(cy, id, 0).await.unwrap().cursor;
        world.remove(ana, id, cy).await.unwrap();
        change(world, ana, id, GroupChange::Add(vec![cy])).await.unwrap();
        let open = OpenCursors([(id, cursor)].into_iter().collect());
        let synced = world.store.sync(cy, &SyncRequest { user_rev: 0, list: true, open }).await.unwrap();
        let page = synced.open[0].reset.clone().unwrap();
        assert_eq!(page.messages.first().map(|message| message.seq), Some(first), "{which:?}");
        assert_eq!(world.store.changes(cy, id, cursor).await.unwrap().reset, Some(page));
        // From the joining on there are changes only.
        assert_eq!(world.store.changes(cy, id, joined).await.unwrap().reset, None, "{which:?}");
    }
}

pub(crate) async fn c3_a_repeated_request_changes_nothing(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo]).await;
    let people = [ana, bo, cy];
    let with_id = |change: GroupChange, client_id| {
        Write::Group(GroupWrite { by: ana, conversation: id, change, client_id: Some(client_id) })
    };
    let changes = [
        GroupChange::Add(vec![cy]),
        GroupChange::SetRole(cy, Role::Owner),
        GroupChange::Update(title("New")),
        GroupChange::Remove(bo),
        GroupChange::Remove(ana),
    ];
    for change in changes {
        let client_id = ClientId::mint();
        assert_eq!(changed(world.write(with_id(change.clone(), client_id)).await).unwrap().messages.len(), 1);
        let before = world.dump(&people, &[id]).await;
        // Also by one who has left with it.
        let repeat = changed(world.write(with_id(change.clone(), client_id)).await).unwrap();
        assert!(repeat.messages.is_empty() && repeat.newly_listed.is_empty() && repeat.removed.is_none());
        let other = with_id(GroupChange::Update(title("Other")), client_id);
        assert_eq!(refusal(world.write(other).await), ErrorCode::IdConflict, "{change:?}");
        assert_eq!(world.dump(&people, &[id]).await, before);
    }
    assert_eq!(world.store.sweep_requests(protocol::Timestamp(0)).await.unwrap(), 0);
    assert_eq!(world.store.sweep_requests(world.now()).await.unwrap(), 5);
}

pub(crate) async fn c3_refused_changes_of_groups_leave_nothing(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let (di, eve) = (world.person("di").await, world.person("eve").await);
    let id = world.group(&[ana, bo, cy]).await;
    change(world, ana, id, GroupChange::SetRole(bo, Role::Moderator)).await.unwrap();
    let direct = world.conversation(&[ana, bo]).await;
    let fay = world.person("fay").await;
    world.store.suspend(fay, true, world.now()).await.unwrap();
    let people = [ana, bo, cy, di, eve];
    let before = world.dump(&people, &[id, direct]).await;
    let unknown = UserId(987_654);
    let all = || {
        [
            GroupChange::Add(vec![di]),
            GroupChange::Remove(ana),
            GroupChange::SetRole(cy, Role::Owner),
            GroupChange::Update(title("Mine")),
        ]
    };
    // A member without a role, a moderator with those of an owner, a stranger, and a direct conversation.
    let mut refused: Vec<(UserId, ConversationId, GroupChange, ErrorCode)> = Vec::new();
    refused.extend(all().map(|change| (cy, id, change, ErrorCode::Forbidden)));
    refused.extend(
        [
            GroupChange::SetRole(bo, Role::Owner),
            GroupChange::SetRole(cy, Role::Moderator),
            GroupChange::Update(history(History::FromJoining)),
            GroupChange::Remove(ana),
        ]
        .map(|change| (bo, id, change, ErrorCode::Forbidden)),
    );
    refused.extend(all().map(|change| (eve, id, change, ErrorCode::NotFound)));
    refused.extend(all().map(|change| (ana, ConversationId(987_654), change, ErrorCode::NotFound)));
    refused.push((ana, direct, GroupChange::Add(vec![cy]), ErrorCode::Forbidden));
    refused.push((ana, direct, GroupChange::Remove(ana), ErrorCode::Forbidden));
    refused.push((ana, direct, GroupChange::SetRole(bo, Role::Owner), ErrorCode::Forbidden));
    refused.push((ana, direct, GroupChange::Update(title("Ours")), ErrorCode::Forbidden));
    // People who do not exist; one of them is enough.
    refused.push((ana, id, GroupChange::Add(vec![di, unknown]), ErrorCode::NotFound));
    refused.push((ana, id, GroupChange::Add(vec![di, fay]), ErrorCode::Suspended));
    refused.push((ana, id, GroupChange::Remove(di), ErrorCode::NotFound));
    refused.push((ana, id, GroupChange::SetRole(di, Role::Moderator), ErrorCode::NotFound));
    for (by, conversation, change, code) in refused {
        let write = Write::Group(GroupWrite {
            by,
            conversation,
            change: change.clone(),
            client_id: Some(ClientId::mint()),
        });
        assert_eq!(refusal(world.write(write).await), code, "{by} {change:?}");
    }
    assert_eq!(world.dump(&people, &[id, direct]).await, before);
    assert_eq!(world.store.sweep_requests(world.now()).await.unwrap(), 0, "no id is spent");
    // A moderator adds, removes and renames.
    change(world, bo, id, GroupChange::Add(vec![di])).await.unwrap();
    update(world, bo, id, title("Ours")).await.unwrap();
    world.remove(bo, id, cy).await.unwrap();
}

pub(crate) async fn c3_a_group_has_at_most_500_members(world: &World) {
    let mut people = Vec::new();
    for n in 0..501 {
        people.push(world.person(&format!("p{n}")).await);
    }
    let (owner, rest) = (people[0], &people[1..]);
    let participants = people[..400].to_vec();
    let new = NewConversation { creator: owner, participants, title: None, client_id: None, invites: false };
    let Outcome::ConversationCreated { id, .. } = world.write(Write::CreateConversation(new)).await.unwrap()
    else {
        panic!("not created");
    };
    let too_many = GroupChange::Add(rest.to_vec());
    assert_eq!(refusal(change(world, owner, id, too_many).await), ErrorCode::Invalid);
    assert_eq!(world.store.counters(&[id]).await.unwrap(), [(id, 0)]);
    let added = change(world, owner, id, GroupChange::Add(rest[..499].to_vec())).await.unwrap();
    let event = added.messages[0].event.as_deref().unwrap();
    assert_eq!((added.members.len(), event.members.len(), event.others), (100, 32, 68));
    assert_eq!(added.newly_listed.len(), 100);
    let entry = &added.newly_listed[99].conversation;
    assert_eq!((entry.member_count, entry.members.len()), (500, 32));
    assert_eq!(
        refusal(change(world, owner, id, GroupChange::Add(vec![people[500]])).await),
        ErrorCode::Invalid
    );
}

pub(crate) async fn c3_changes_at_once_have_a_rev_each(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo]).await;
    change(world, ana, id, GroupChange::SetRole(bo, Role::Owner)).await.unwrap();
    let mut tasks = Vec::new();
    for n in 0..20 {
        let (by, other) = if n % 2 == 0 { (ana, bo) } else { (bo, ana) };
        let change = match n % 5 {
            0 => GroupChange::Add(vec![cy]),
            1 => GroupChange::Remove(cy),
            2 => GroupChange::Update(title(&format!("Title {n}"))),
            3 => GroupChange::SetRole(other, Role::Member),
            _ => GroupChange::SetRole(other, Role::Owner),
        };
        let (store, now) = (Arc::clone(&world.store), world.now());
        let write = group_write(by, id, change);
        tasks.push(tokio::spawn(async move { store.commit(&[write], now).await }));
    }
    let mut revs = vec![1];
    for task in tasks {
        if let Ok(changed) = changed(task.await.unwrap().unwrap().remove(0)) {
            revs.extend(changed.messages.iter().map(|message| message.rev));
        }
    }
    revs.sort_unstable();
    let upto = i64::try_from(revs.len()).unwrap();
    assert_eq!(revs, (1..=upto).collect::<Vec<_>>(), "no gap and no value twice");
    let reader = world.store.member_ids(id).await.unwrap()[0];
    assert!(roles(world, reader, id).await.iter().any(|(_, role)| *role == Role::Owner), "an owner is left");
}

pub(crate) async fn c3_each_missed_line_has_the_memberships_as_of_then(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    for change_of_cy in [
        GroupChange::SetRole(cy, Role::Moderator),
        GroupChange::Remove(cy),
        GroupChange::Add(vec![cy]),
        GroupChange::SetRole(cy, Role::Owner),
    ] {
        change(world, ana, id, change_of_cy).await.unwrap();
    }
    change(world, cy, id, GroupChange::Remove(cy)).await.unwrap();
    change(world, ana, id, GroupChange::Add(vec![cy])).await.unwrap();
    let frames = world.store.frames_after(id, 0).await.unwrap();
    let told: Vec<_> = frames
        .iter()
        .map(|frame| match frame {
            ServerFrame::NewMessage(NewMessage { rev, members, .. }) => {
                let of_cy = members.iter().find(|member| member.user.id == cy).unwrap();
                assert_eq!((members.len(), of_cy.rev), (1, *rev));
                (of_cy.role, of_cy.left)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    // The role of somebody who left is of no use to anybody.
    let there: Vec<_> = told.iter().map(|(role, left)| (!left).then_some(*role)).collect();
    let (member, moderator, owner) = (Some(Role::Member), Some(Role::Moderator), Some(Role::Owner));
    assert_eq!(there, [moderator, None, member, owner, None, member]);
}
