//! Hides, deletions and removals.

use super::world::{World, new_message, read, refusal, sent};
use crate::store::Write;
use protocol::{ErrorCode, GroupEventKind, MessageId, MessageType, Role, SyncRequest};

const HOUR: i64 = 3_600 * 1_000_000;

pub(crate) async fn hiding_is_for_oneself(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let messages = world.send_many(ana, id, 3).await;
    let (rev_of_ana, rev_of_bo) = (world.user_rev(ana).await, world.user_rev(bo).await);
    assert_eq!(world.hide(bo, id, messages[2].id, true).await.unwrap(), Some(rev_of_bo + 1));
    assert_eq!(world.hide(bo, id, messages[2].id, true).await.unwrap(), None);
    assert_eq!(world.hide(bo, id, messages[0].id, false).await.unwrap(), None);
    assert_eq!((world.user_rev(ana).await, world.user_rev(bo).await), (rev_of_ana, rev_of_bo + 1));
    let seen = world.store.page(bo, id, None, 50).await.unwrap();
    assert_eq!((seen.messages.as_slice(), seen.as_of, seen.at_start), (&messages[..2], 3, true));
    assert_eq!(world.store.page(ana, id, None, 50).await.unwrap().messages, messages);
    let last = |c: protocol::Conversation| c.last_message.map(|message| message.id);
    assert_eq!(last(world.store.conversation(bo, id).await.unwrap()), Some(messages[1].id));
    assert_eq!(last(world.store.conversation(ana, id).await.unwrap()), Some(messages[2].id));
    assert_eq!(world.hide(bo, id, messages[2].id, false).await.unwrap(), Some(rev_of_bo + 2));
    assert_eq!(world.store.page(bo, id, None, 50).await.unwrap().messages, messages);
    assert_eq!(world.store.counters(&[id]).await.unwrap(), [(id, 3)]);
}

pub(crate) async fn z4_hiding_by_a_message_elsewhere(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let elsewhere = world.conversation(&[bo, cy]).await;
    let far = world.send(cy, elsewhere, "far").await;
    let before = world.dump(&[ana, bo, cy], &[id, elsewhere]).await;
    for (user, message) in [(bo, far.id), (ana, far.id), (bo, MessageId(987_654))] {
        assert_eq!(refusal(world.hide(user, id, message, true).await), ErrorCode::NotFound);
    }
    assert_eq!(world.dump(&[ana, bo, cy], &[id, elsewhere]).await, before);
}

pub(crate) async fn deleting_for_everyone_leaves_a_tombstone(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let messages = world.send_many(ana, id, 2).await;
    let tombstone = world.delete(ana, id, messages[0].id).await.unwrap().unwrap();
    assert_eq!((tombstone.id, tombstone.seq, tombstone.rev), (messages[0].id, 1, 3));
    assert_eq!(tombstone.content, "");
    assert!(tombstone.deleted_at > Some(messages[1].timestamp));
    assert_eq!(world.delete(ana, id, messages[0].id).await.unwrap(), None);
    assert_eq!(world.store.counters(&[id]).await.unwrap(), [(id, 3)]);
    let page = world.store.page(bo, id, None, 50).await.unwrap();
    assert_eq!(page.messages, [tombstone, messages[1].clone()]);
    assert_eq!(world.send(ana, id, "goes on").await.seq, 4);
}

pub(crate) async fn who_may_delete_for_everyone(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    let of_bo = world.send_many(bo, id, 3).await;
    let before = world.dump(&[ana, bo, cy], &[id]).await;
    assert_eq!(refusal(world.delete(cy, id, of_bo[0].id).await), ErrorCode::Forbidden);
    assert_eq!(world.dump(&[ana, bo, cy], &[id]).await, before);
    world.wait(47 * HOUR);
    assert!(world.delete(bo, id, of_bo[0].id).await.unwrap().is_some());
    world.wait(HOUR);
    assert_eq!(refusal(world.delete(bo, id, of_bo[1].id).await), ErrorCode::Forbidden);
    // The owner may at any time.
    assert!(world.delete(ana, id, of_bo[1].id).await.unwrap().is_some());
    let (said, ..) = world.remove(ana, id, cy).await.unwrap();
    assert_eq!(refusal(world.delete(ana, id, said.id).await), ErrorCode::Forbidden);
    let direct = world.conversation(&[ana, bo]).await;
    let private = world.send(bo, direct, "nobody owns this").await;
    assert_eq!(refusal(world.delete(ana, direct, private.id).await), ErrorCode::Forbidden);
}

pub(crate) async fn z4_deleting_by_a_message_elsewhere(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[bo, ana]).await;
    let elsewhere = world.group(&[bo, cy]).await;
    let far = world.send(bo, elsewhere, "far").await;
    let before = world.dump(&[ana, bo, cy], &[id, elsewhere]).await;
    for (user, message) in [(bo, far.id), (ana, far.id), (bo, MessageId(987_654))] {
        assert_eq!(refusal(world.delete(user, id, message).await), ErrorCode::NotFound);
    }
    assert_eq!(world.dump(&[ana, bo, cy], &[id, elsewhere]).await, before);
}

pub(crate) async fn removal_is_a_message_and_a_tombstone(world: &World) {
    let ana = world.person("ana").await;
    let bo = world.named("bo", "Bo", "Lind").await;
    let cy = world.person("cy").await;
    let id = world.group(&[ana, bo, cy]).await;
    world.send_many(bo, id, 2).await;
    world.write(read(bo, id, None)).await.unwrap();
    let revs = (world.user_rev(ana).await, world.user_rev(bo).await);
    let (message, member, user_rev) = world.remove(ana, id, bo).await.unwrap();
    assert_eq!((message.seq, message.rev, message.sender.id), (3, 3, ana));
    assert_eq!((message.message_type, message.content.as_str()), (MessageType::System, "removed Bo Lind"));
    let event = message.event.as_deref().unwrap();
    assert_eq!((event.kind, event.members.as_slice()), (GroupEventKind::Removed, &[member.user.clone()][..]));
    assert_eq!((member.user.id, member.rev, member.left, member.read_seq), (bo, 3, true, 2));
    assert_eq!(user_rev, revs.1 + 1);
    assert_eq!((world.user_rev(ana).await, world.user_rev(bo).await), (revs.0, user_rev));
    let seen = world.store.conversation(cy, id).await.unwrap();
    assert_eq!((seen.rev, seen.member_count, seen.members.len()), (3, 2, 3));
    assert_eq!(seen.members.iter().find(|m| m.user.id == bo), Some(&member));
    assert_eq!(seen.last_message.as_ref(), Some(&message));
    assert_eq!(world.store.member_ids(id).await.unwrap(), [ana, cy]);
    assert!(world.store.is_member(ana, id).await.unwrap());
    assert!(!world.store.is_member(bo, id).await.unwrap(), "bo was removed");
    assert_eq!(refusal(world.remove(ana, id, bo).await), ErrorCode::NotFound);
    let (message, member, _) = world.remove(cy, id, cy).await.unwrap();
    assert_eq!((message.content.as_str(), message.sender.id, member.rev), ("left", cy, 4));
}

pub(crate) async fn who_may_remove_whom(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    let direct = world.conversation(&[ana, bo]).await;
    let roles: Vec<_> =
        world.store.conversation(bo, id).await.unwrap().members.iter().map(|member| member.role).collect();
    assert_eq!(roles, [Role::Owner, Role::Member, Role::Member]);
    let before = world.dump(&[ana, bo, cy], &[id, direct]).await;
    for (by, conversation, member) in [(bo, id, cy), (bo, id, ana), (ana, direct, bo), (ana, direct, ana)] {
        assert_eq!(refusal(world.remove(by, conversation, member).await), ErrorCode::Forbidden);
    }
    let stranger = protocol::UserId(987_654);
    assert_eq!(refusal(world.remove(ana, id, stranger).await), ErrorCode::NotFound);
    assert_eq!(world.dump(&[ana, bo, cy], &[id, direct]).await, before);
    world.remove(bo, id, bo).await.unwrap();
    world.remove(ana, id, cy).await.unwrap();
    world.remove(ana, id, ana).await.unwrap();
}

pub(crate) async fn z3_a_former_member_finds_nothing(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.group(&[ana, bo]).await;
    let old = new_message(bo, id, "while I was there");
    let (message, _) = sent(world.write(Write::Send(old.clone())).await);
    world.hide(bo, id, message.id, true).await.unwrap();
    world.remove(ana, id, bo).await.unwrap();
    let before = world.dump(&[ana, bo], &[id]).await;
    let writes = [
        Write::Send(old.clone()),
        Write::Send(new_message(bo, id, "still here?")),
        read(bo, id, None),
        Write::Hide { user: bo, conversation: id, message: message.id, hidden: false },
        Write::Delete { user: bo, conversation: id, message: message.id },
        Write::remove(bo, id, bo),
        Write::remove(bo, id, ana),
    ];
    for write in writes {
        assert_eq!(refusal(world.write(write).await), ErrorCode::NotFound);
    }
    assert_eq!(refusal(world.store.conversation(bo, id).await), ErrorCode::NotFound);
    assert_eq!(refusal(world.store.page(bo, id, None, 50).await), ErrorCode::NotFound);
    assert_eq!(refusal(world.store.changes(bo, id, 1).await), ErrorCode::NotFound);
    assert!(world.store.sent(bo, old.client_id).await.unwrap().is_none());
    assert_eq!(world.store.conversations(bo).await.unwrap(), []);
    assert_eq!(world.store.contacts(bo).await.unwrap(), []);
    let request =
        SyncRequest { user_rev: 1, list: true, open: protocol::OpenCursors([(id, 1)].into_iter().collect()) };
    let rows = world.store.sync(bo, &request).await.unwrap();
    assert_eq!((rows.gone.as_slice(), rows.open.len(), rows.list), ([id].as_slice(), 0, Some(vec![])));
    assert_eq!((rows.hidden, rows.counters), (vec![], vec![]));
    assert_eq!(world.dump(&[ana, bo], &[id]).await, before);
}
