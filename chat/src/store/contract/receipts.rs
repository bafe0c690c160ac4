//! Receipts and unread counts.

use super::world::{World, delivered, new_message, read, refusal, sent};
use crate::Result;
use crate::store::{Marked, Outcome, Write};
use protocol::{ConversationId, ErrorCode, MessageId, Timestamp, UserId};
use std::sync::Arc;

/// The positions that moved.
#[track_caller]
fn grown(outcome: Result<Outcome>) -> Option<Marked> {
    match outcome {
        Ok(Outcome::Marked(marked)) => marked,
        other => panic!("not marked: {other:?}"),
    }
}

/// `(read_seq, delivered_seq)` of a member.
async fn position(world: &World, id: ConversationId, user: UserId) -> (i64, i64) {
    let conversation = world.store.conversation(user, id).await.unwrap();
    let member = conversation.members.iter().find(|member| member.user.id == user).unwrap();
    assert_eq!(conversation.read_seq, member.read_seq);
    (member.read_seq, member.delivered_seq)
}

pub(crate) async fn f15_read_positions_only_grow(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let messages = world.send_many(ana, id, 10).await;
    let mut tasks = Vec::new();
    for seq in [5, 9, 7] {
        let (store, now) = (Arc::clone(&world.store), world.now());
        let mark = read(bo, id, Some(messages[seq - 1].id));
        tasks.push(tokio::spawn(async move { store.commit(&[mark], now).await.unwrap().remove(0) }));
    }
    let mut reached = 0;
    for task in tasks {
        reached = grown(task.await.unwrap()).map_or(0, |marked| marked.seq).max(reached);
    }
    assert_eq!(reached, 9);
    assert_eq!(position(world, id, bo).await, (9, 9));
    assert_eq!(grown(world.write(read(bo, id, Some(messages[3].id))).await), None);
    assert_eq!(grown(world.write(delivered(bo, id, Some(messages[8].id))).await), None);
    assert_eq!(position(world, id, bo).await, (9, 9));
    assert_eq!(position(world, id, ana).await, (0, 0));
    assert_eq!(world.store.counters(&[id]).await.unwrap(), [(id, 10)]);
}

pub(crate) async fn f15_in_one_batch_as_well(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let messages = world.send_many(ana, id, 10).await;
    let marks = [5, 9, 7].map(|seq| read(bo, id, Some(messages[seq - 1].id))).to_vec();
    let grown: Vec<_> = world.batch(marks).await.into_iter().map(|o| grown(o).map(|m| m.seq)).collect();
    assert_eq!(grown, [Some(5), Some(9), None]);
    assert_eq!(position(world, id, bo).await, (9, 9));
}

pub(crate) async fn reading_is_also_delivery(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let messages = world.send_many(ana, id, 3).await;
    let message = messages[1].id;
    let first = grown(world.write(delivered(bo, id, Some(message))).await);
    assert_eq!(
        first,
        Some(Marked {
            message,
            seq: 2,
            read: false,
            shown: false,
            delivered: true,
            user_rev: None,
            unmarked: false,
        })
    );
    assert_eq!(position(world, id, bo).await, (0, 2));
    let second = grown(world.write(read(bo, id, Some(message))).await);
    assert_eq!(
        second,
        Some(Marked {
            message,
            seq: 2,
            read: true,
            shown: true,
            delivered: false,
            user_rev: Some(2),
            unmarked: false,
        })
    );
    let message = messages[2].id;
    let third = grown(world.write(read(bo, id, Some(message))).await);
    assert_eq!(
        third,
        Some(Marked {
            message,
            seq: 3,
            read: true,
            shown: true,
            delivered: true,
            user_rev: Some(3),
            unmarked: false,
        })
    );
    assert_eq!(position(world, id, bo).await, (3, 3));
}

pub(crate) async fn reading_takes_the_readers_own_counter(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let (first, second) = (world.conversation(&[ana, bo]).await, world.conversation(&[bo, cy]).await);
    let (one, two) = (world.send_many(ana, first, 3).await, world.send_many(cy, second, 1).await);
    let before = world.user_rev(bo).await;
    let batch = vec![
        read(bo, first, Some(one[0].id)),
        read(ana, first, Some(one[0].id)),
        delivered(bo, first, Some(one[2].id)),
        read(bo, second, Some(two[0].id)),
        read(bo, first, Some(one[0].id)),
        read(bo, first, Some(one[1].id)),
    ];
    let revs: Vec<_> =
        world.batch(batch).await.into_iter().map(|o| grown(o).and_then(|m| m.user_rev)).collect();
    assert_eq!(
        revs,
        [Some(before + 1), Some(before), None, Some(before + 2), None, Some(before + 3)],
        "each that grew takes the next value of its reader, in order; ana's counter was one behind bo's"
    );
    let mut all = world.store.user_revs(&[cy, UserId(987_654), bo]).await.unwrap();
    all.sort_unstable();
    assert_eq!(all, [(bo, before + 3), (cy, world.user_rev(cy).await)]);
    assert_eq!(world.store.user_revs(&[]).await.unwrap(), []);
}

pub(crate) async fn marking_all_goes_to_the_newest(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let messages = world.send_many(ana, id, 3).await;
    // The counter is past the newest message now; a position is always a message's.
    world.delete(ana, id, messages[0].id).await.unwrap();
    let marked = grown(world.write(read(bo, id, None)).await);
    assert_eq!(
        marked,
        Some(Marked {
            message: messages[2].id,
            seq: 3,
            read: true,
            shown: true,
            delivered: true,
            user_rev: Some(2),
            unmarked: false,
        })
    );
    assert_eq!(grown(world.write(read(bo, id, None)).await), None);
}

pub(crate) async fn an_empty_conversation_has_nothing_to_mark(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    assert_eq!(grown(world.write(read(bo, id, None)).await), None);
    assert_eq!(grown(world.write(delivered(bo, id, None)).await), None);
    assert_eq!(position(world, id, bo).await, (0, 0));
}

pub(crate) async fn z4_marking_by_a_message_elsewhere(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let elsewhere = world.conversation(&[bo, cy]).await;
    let near = world.send(ana, id, "near").await;
    let far = world.send_many(cy, elsewhere, 5).await.remove(4);
    let before = world.dump(&[ana, bo, cy], &[id, elsewhere]).await;
    let outcomes = world
        .batch(vec![
            read(bo, id, Some(far.id)),
            delivered(bo, id, Some(MessageId(987_654))),
            read(ana, elsewhere, Some(near.id)),
        ])
        .await;
    for outcome in outcomes {
        assert_eq!(refusal(outcome), ErrorCode::NotFound);
    }
    assert_eq!(world.dump(&[ana, bo, cy], &[id, elsewhere]).await, before);
}

pub(crate) async fn unread_counts_what_is_not_read(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    let unread = async |user| {
        let one = world.store.conversation(user, id).await.unwrap().unread;
        assert_eq!(world.store.conversations(user).await.unwrap()[0].unread, one);
        one
    };
    let from_ana = world.send_many(ana, id, 4).await;
    world.send_many(bo, id, 2).await;
    assert_eq!((unread(ana).await, unread(bo).await, unread(cy).await), (2, 4, 6));
    world.write(read(cy, id, Some(from_ana[1].id))).await.unwrap();
    assert_eq!(unread(cy).await, 4);
    world.hide(cy, id, from_ana[2].id, true).await.unwrap();
    assert_eq!(unread(cy).await, 3);
    world.delete(ana, id, from_ana[3].id).await.unwrap();
    assert_eq!((unread(cy).await, unread(bo).await), (2, 3));
    world.hide(cy, id, from_ana[2].id, false).await.unwrap();
    assert_eq!(unread(cy).await, 3);
    // System messages are not counted; messages of former members are.
    world.remove(ana, id, bo).await.unwrap();
    assert_eq!(unread(cy).await, 3);
    world.write(delivered(cy, id, None)).await.unwrap();
    assert_eq!(unread(cy).await, 3);
    world.write(read(cy, id, None)).await.unwrap();
    assert_eq!((unread(cy).await, unread(ana).await), (0, 2));
}

pub(crate) async fn unread_stops_at_the_cap(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    world.send_many(ana, id, 99).await;
    assert_eq!(world.store.conversation(bo, id).await.unwrap().unread, 99);
    world.write(Write::Send(new_message(ana, id, "one more"))).await.unwrap();
    assert_eq!(world.store.conversation(bo, id).await.unwrap().unread, 100);
    world.send_many(ana, id, 50).await;
    assert_eq!(world.store.conversation(bo, id).await.unwrap().unread, protocol::limits::UNREAD_CAP);
    assert_eq!(world.store.conversation(ana, id).await.unwrap().unread, 0);
}

/// Counts where most messages are the user's own, with batches that begin and end within a run.
pub(crate) async fn unread_is_counted_past_long_runs(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let dee = world.person("dee").await;
    let id = world.group(&[ana, bo, cy, dee]).await;
    let mut said = Vec::new();
    for round in 0..40 {
        // A run of Ana's, sometimes longer than what is looked at one by one, in two batches; the second goes on with a
        // few of others and one of hers.
        let long = if round % 13 == 5 { 280 } else { 7 + round % 5 };
        said.extend(world.send_many(ana, id, long).await);
        if round == 20 {
            // The system's words, in her name, begin another run of hers.
            world.remove(ana, id, dee).await.unwrap();
        }
        let others = [ana, bo, cy, bo].into_iter().take(1 + round % 4).chain([ana]);
        let batch = others.map(|who| Write::Send(new_message(who, id, "and on"))).collect::<Vec<_>>();
        said.extend(world.batch(batch).await.into_iter().map(|outcome| sent(outcome).0));
    }
    let others = |user| said.iter().filter(move |m| m.sender.id != user).collect::<Vec<_>>();
    let gone = [others(ana)[3].id, others(ana)[30].id];
    for message in gone {
        let by = said.iter().find(|m| m.id == message).unwrap().sender.id;
        world.delete(by, id, message).await.unwrap();
    }
    for user in [ana, bo, cy] {
        let hidden = [others(user)[1].id, others(user)[40].id];
        for message in hidden {
            world.hide(user, id, message, true).await.unwrap();
        }
        // From nothing read to all, within runs and at their ends.
        for step in 0..=20 {
            let read_to = step * (said.len() - 1) / 20;
            if step > 0 {
                world.write(read(user, id, Some(said[read_to].id))).await.unwrap();
            }
            let past = if step > 0 { said[read_to].seq } else { 0 };
            let expected = others(user)
                .iter()
                .filter(|m| m.seq > past && !gone.contains(&m.id) && !hidden.contains(&m.id))
                .count()
                .min(100);
            let told = world.store.conversation(user, id).await.unwrap().unread;
            assert_eq!(told as usize, expected, "{user:?} read to {past}");
        }
    }
}

/// The person, and the times of delivery and reading, in microseconds.
async fn told(
    world: &World,
    user: UserId,
    id: ConversationId,
    message: MessageId,
) -> Vec<(UserId, [Option<i64>; 2])> {
    let receipts = world.store.receipts(user, id, message).await.unwrap();
    let when = |done: bool, at: Option<Timestamp>| {
        assert!(done || at.is_none());
        at.map(|at| at.0)
    };
    receipts
        .into_iter()
        .map(|r| (r.user.id, [when(r.delivered, r.delivered_at), when(r.read, r.read_at)]))
        .collect()
}

pub(crate) async fn t2_who_has_a_message_since_when(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    let messages = world.send_many(ana, id, 3).await;
    let [first, second, third] = [0, 1, 2].map(|n: usize| messages[n].id);
    assert_eq!(told(world, ana, id, first).await, [(bo, [None; 2]), (cy, [None; 2])]);
    let at = world.now().0;
    let after = |seconds: i64| Some(at + seconds * 1_000_000);
    world.write(delivered(bo, id, Some(second))).await.unwrap();
    world.write(read(bo, id, Some(first))).await.unwrap();
    world.write(read(bo, id, Some(third))).await.unwrap();
    // Two moves of one member in one batch are one.
    world.batch(vec![delivered(cy, id, Some(first)), read(cy, id, Some(second))]).await;
    // Nothing that grew, so nothing that moved.
    world.write(read(bo, id, Some(first))).await.unwrap();
    let of_bo = [[after(1), after(2)], [after(1), after(3)], [after(3), after(3)]];
    let of_cy = [[after(4), after(4)], [after(4), after(4)], [None, None]];
    for (n, message) in [first, second, third].into_iter().enumerate() {
        for asker in [ana, bo, cy] {
            assert_eq!(told(world, asker, id, message).await, [(bo, of_bo[n]), (cy, of_cy[n])], "{n}");
        }
    }
    // The receipts of another person's message: of all members but its sender.
    let reply = world.send(bo, id, "a reply").await.id;
    assert_eq!(told(world, ana, id, reply).await, [(ana, [None; 2]), (cy, [None; 2])]);
    // A member who left later is included; one who left before is not.
    world.remove(ana, id, cy).await.unwrap();
    assert_eq!(told(world, ana, id, first).await.len(), 2);
    let later = world.send(ana, id, "without her").await.id;
    assert_eq!(told(world, ana, id, later).await, [(bo, [None; 2])]);
}

pub(crate) async fn t2_receipts_are_for_members_alone(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let (id, other) = (world.conversation(&[ana, bo]).await, world.conversation(&[bo, cy]).await);
    let message = world.send(ana, id, "hello").await.id;
    let elsewhere = world.send(cy, other, "hello").await.id;
    for (user, conversation, message) in [
        (cy, id, message),
        (bo, other, message),
        (ana, id, elsewhere),
        (ana, id, MessageId(987_654)),
        (ana, ConversationId(4_711), message),
    ] {
        assert_eq!(refusal(world.store.receipts(user, conversation, message).await), ErrorCode::NotFound);
    }
    world.hide(bo, id, message, true).await.unwrap();
    assert_eq!(refusal(world.store.receipts(bo, id, message).await), ErrorCode::NotFound);
    assert_eq!(world.store.receipts(ana, id, message).await.unwrap().len(), 1);
}

pub(crate) async fn t2_times_are_kept_for_a_while_and_never_wrong(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let messages = world.send_many(ana, id, 2).await;
    world.write(read(bo, id, Some(messages[0].id))).await.unwrap();
    let between = world.now();
    world.write(read(bo, id, Some(messages[1].id))).await.unwrap();
    assert_eq!(world.store.sweep_receipts(Timestamp(0)).await.unwrap(), 0);
    assert_eq!(world.store.sweep_receipts(between).await.unwrap(), 2);
    assert_eq!(world.store.sweep_receipts(between).await.unwrap(), 0);
    let old = world.store.receipts(ana, id, messages[0].id).await.unwrap().remove(0);
    assert!(old.read && old.delivered);
    assert_eq!((old.read_at, old.delivered_at), (None, None), "not the time of the next one");
    let new = world.store.receipts(ana, id, messages[1].id).await.unwrap().remove(0);
    assert!(new.read_at.is_some_and(|at| at > between) && new.delivered_at == new.read_at);
}

pub(crate) async fn t2_a_large_conversation_keeps_no_times(world: &World) {
    let mut people = Vec::new();
    for n in 0..=32 {
        people.push(world.person(&format!("p{n}")).await);
    }
    for (size, kept) in [(32, true), (33, false)] {
        let id = world.group(&people[..size]).await;
        let message = world.send(people[0], id, "hello").await.id;
        world.write(read(people[1], id, Some(message))).await.unwrap();
        let receipts = world.store.receipts(people[0], id, message).await.unwrap();
        assert_eq!(receipts.len(), size - 1);
        assert!(receipts[0].read && !receipts[1].delivered);
        assert_eq!(receipts[0].read_at.is_some(), kept);
    }
}
