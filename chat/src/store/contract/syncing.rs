//! Sync from one snapshot.

use super::world::{World, new_message};
use crate::store::Write;
use protocol::{Changes, ConversationId, Hidden, Message, OpenCursors, SyncRequest, UserId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn request(user_rev: i64, list: bool, open: &[(ConversationId, i64)]) -> SyncRequest {
    SyncRequest { user_rev, list, open: OpenCursors(open.iter().copied().collect()) }
}

pub(crate) async fn sync_gives_all_from_one_snapshot(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let first = world.conversation(&[ana, bo]).await;
    let second = world.conversation(&[ana, cy]).await;
    let all = world.send_many(bo, first, 5).await;
    let fresh = world.store.sync(ana, &request(0, true, &[(first, 0)])).await.unwrap();
    assert_eq!((fresh.user_rev, fresh.user.id), (2, ana));
    assert_eq!(fresh.list, Some(world.store.conversations(ana).await.unwrap()));
    let mut counters = fresh.counters;
    counters.sort_unstable();
    assert_eq!(counters, [(first, 5), (second, 0)]);
    assert_eq!(fresh.open[0].reset.as_ref().map(|page| page.messages.as_slice()), Some(all.as_slice()));
    let later = world.store.sync(ana, &request(2, false, &[(first, 3), (second, 0)])).await.unwrap();
    assert_eq!((later.list, later.open.len(), later.gone.len()), (None, 2, 0));
    assert_eq!(later.open[0], world.store.changes(ana, first, 3).await.unwrap());
    assert_eq!(later.open[0].rows, all[3..]);
    assert_eq!(later.open[1], world.store.changes(ana, second, 0).await.unwrap());
    assert!(world.store.sync(ana, &request(1, false, &[])).await.unwrap().list.is_some());
    assert!(world.store.sync(UserId(987_654), &request(0, true, &[])).await.is_err());
}

pub(crate) async fn sync_tells_what_is_gone(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let group = world.group(&[ana, bo, cy]).await;
    let kept = world.conversation(&[bo, cy]).await;
    let nowhere = ConversationId(987_654);
    world.remove(ana, group, bo).await.unwrap();
    let rows =
        world.store.sync(bo, &request(2, false, &[(group, 1), (kept, 0), (nowhere, 1)])).await.unwrap();
    assert_eq!(rows.gone, [group, nowhere]);
    assert_eq!(rows.open.iter().map(|changes| changes.conversation_id).collect::<Vec<_>>(), [kept]);
    assert_eq!(rows.list.map(|list| list.iter().map(|c| c.id).collect::<Vec<_>>()), Some(vec![kept]));
    assert_eq!(rows.counters, [(kept, 0)]);
}

pub(crate) async fn sync_tells_what_was_hidden(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let all = world.send_many(ana, id, 3).await;
    let rev = world.user_rev(bo).await;
    for message in &all[..2] {
        world.hide(bo, id, message.id, true).await.unwrap();
    }
    world.hide(bo, id, all[0].id, false).await.unwrap();
    let hidden = async |user, after, open: &[(ConversationId, i64)]| {
        world.store.sync(user, &request(after, false, open)).await.unwrap().hidden
    };
    let told = |n: usize, hidden| Hidden { conversation_id: id, message_id: all[n].id, hidden };
    assert_eq!(hidden(bo, rev, &[]).await, [told(1, true), told(0, false)]);
    assert_eq!(hidden(bo, rev + 2, &[]).await, [told(0, false)]);
    assert_eq!(hidden(bo, rev + 3, &[]).await, []);
    assert_eq!(hidden(ana, rev, &[]).await, []);
    // A client without state needs no hidden rows, except of conversations that it has open.
    assert_eq!(hidden(bo, 0, &[]).await, []);
    assert_eq!(hidden(bo, 0, &[(id, 1)]).await.len(), 2);
}

/// The state of a client: messages by their `seq`.
type Loaded = BTreeMap<i64, Message>;

fn fold(loaded: &mut Loaded, changes: Changes) -> i64 {
    if let Some(page) = changes.reset {
        *loaded = page.messages.into_iter().map(|message| (message.seq, message)).collect();
    }
    for row in changes.rows {
        if loaded.get(&row.seq).is_none_or(|old| old.rev < row.rev) {
            loaded.insert(row.seq, row);
        }
    }
    changes.cursor
}

/// One person writes and deletes while another syncs again and again.
pub(crate) async fn stale_state_and_changes_are_a_fresh_load(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    world.send_many(ana, id, 20).await;
    let done = Arc::new(AtomicBool::new(false));
    let writer = {
        let (store, done, now) = (Arc::clone(&world.store), Arc::clone(&done), world.now());
        tokio::spawn(async move {
            for n in 0..40 {
                let page = store.page(ana, id, None, 7).await.unwrap();
                let mut batch: Vec<Write> =
                    (0..n % 5).map(|m| Write::Send(new_message(ana, id, &format!("{n} {m}")))).collect();
                let message = page.messages[0].id;
                batch.insert(0, Write::Delete { user: ana, conversation: id, message });
                store.commit(&batch, now).await.unwrap();
            }
            done.store(true, Ordering::SeqCst);
        })
    };
    let mut loaded = Loaded::new();
    let mut cursor = 0;
    loop {
        let last = done.load(Ordering::SeqCst);
        let rows = world.store.sync(bo, &request(1, false, &[(id, cursor)])).await.unwrap();
        assert_eq!(rows.open[0].cursor, rows.counters[0].1, "one snapshot");
        cursor = fold(&mut loaded, rows.open.into_iter().next().unwrap());
        if last {
            break;
        }
    }
    writer.await.unwrap();
    let fresh = world.store.page(bo, id, None, 1_000).await.unwrap();
    assert_eq!(fresh.as_of, cursor);
    assert_eq!(loaded.into_values().collect::<Vec<_>>(), fresh.messages);
}
