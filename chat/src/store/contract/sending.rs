//! Sends: stored once, in order, by members only.

use super::world::{World, new_message, read, refusal, reply, sent};
use crate::store::{Outcome, Write};
use protocol::{ConversationId, ErrorCode, MessageId, MessageType};
use std::sync::Arc;

pub(crate) async fn a_message_is_kept_and_given_back(world: &World) {
    let ana = world.named("ana", "Ana", "Silva").await;
    let bo = world.person("bo").await;
    let id = world.conversation(&[ana, bo]).await;
    let first = world.send(ana, id, "hello").await;
    assert_eq!((first.seq, first.rev, first.conversation_id), (1, 1, id));
    assert_eq!((first.sender.id, first.sender.last_name.as_str()), (ana, "Silva"));
    assert_eq!((first.message_type, first.deleted_at, first.edited_at), (MessageType::Text, None, None));
    assert!(first.id.0 >= 1);
    let answer = sent(world.write(Write::Send(reply(bo, id, "and you", Some(first.id)))).await).0;
    assert_eq!((answer.seq, answer.reply_to), (2, Some(first.id)));
    assert!(answer.timestamp > first.timestamp);
    let page = world.store.page(bo, id, None, 50).await.unwrap();
    assert_eq!(page.messages, [first, answer]);
    assert_eq!((page.as_of, page.at_start), (2, true));
}

pub(crate) async fn f7_the_same_client_id_100_times_at_once(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let message = new_message(ana, id, "once");
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (store, message, now) = (Arc::clone(&world.store), message.clone(), world.now());
            tokio::spawn(async move { store.commit(&[Write::Send(message)], now).await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(sent(task.await.unwrap().unwrap().remove(0)));
    }
    assert_eq!(answers.iter().filter(|(_, repeated)| !repeated).count(), 1);
    assert!(answers.iter().all(|(answer, _)| *answer == answers[0].0));
    let page = world.store.page(bo, id, None, 50).await.unwrap();
    assert_eq!((page.messages.as_slice(), page.as_of), ([answers[0].0.clone()].as_slice(), 1));
}

pub(crate) async fn f7_the_same_client_id_twice_in_one_batch(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let first = new_message(ana, id, "first");
    let mut other = new_message(ana, id, "other");
    other.client_id = first.client_id;
    let mut theirs = new_message(bo, id, "of somebody else");
    theirs.client_id = first.client_id;
    let batch = [&first, &first, &other, &theirs, &first].map(|m| Write::Send(m.clone())).to_vec();
    let mut outcomes = world.batch(batch).await.into_iter();
    let (message, repeated) = sent(outcomes.next().unwrap());
    assert!(!repeated);
    assert_eq!(sent(outcomes.next().unwrap()), (message.clone(), true));
    assert_eq!(refusal(outcomes.next().unwrap()), ErrorCode::IdConflict);
    let (second, repeated) = sent(outcomes.next().unwrap());
    assert_eq!((second.seq, second.sender.id, repeated), (2, bo, false));
    assert_eq!(sent(outcomes.next().unwrap()), (message.clone(), true));
    assert_eq!(world.store.page(ana, id, None, 50).await.unwrap().messages, [message, second]);
}

pub(crate) async fn f7_a_repeat_gives_the_message_as_it_is_now(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let message = new_message(ana, id, "soon gone");
    let (first, _) = sent(world.write(Write::Send(message.clone())).await);
    let tombstone = world.delete(ana, id, first.id).await.unwrap().unwrap();
    assert_eq!(sent(world.write(Write::Send(message)).await), (tombstone, true));
    assert_eq!(world.store.counters(&[id]).await.unwrap(), [(id, 2)]);
}

pub(crate) async fn f8_another_body_under_the_same_client_id(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let elsewhere = world.conversation(&[ana, cy]).await;
    let message = new_message(ana, id, "first");
    sent(world.write(Write::Send(message.clone())).await);
    let before = world.dump(&[ana, bo, cy], &[id, elsewhere]).await;
    let mut others = [new_message(ana, id, "second"), new_message(ana, elsewhere, "first")];
    for other in &mut others {
        other.client_id = message.client_id;
        assert_eq!(refusal(world.write(Write::Send(other.clone())).await), ErrorCode::IdConflict);
    }
    assert_eq!(world.dump(&[ana, bo, cy], &[id, elsewhere]).await, before);
}

pub(crate) async fn z1_an_outsider_and_a_conversation_that_is_not_there(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let message = world.send(ana, id, "between us").await;
    let before = world.dump(&[ana, bo, cy], &[id]).await;
    for there in [id, ConversationId(987_654)] {
        let writes = [
            Write::Send(new_message(cy, there, "let me in")),
            Write::Send(reply(cy, there, "let me in", Some(message.id))),
            read(cy, there, None),
            read(cy, there, Some(message.id)),
            Write::Hide { user: cy, conversation: there, message: message.id, hidden: true },
            Write::Delete { user: cy, conversation: there, message: message.id },
            Write::remove(cy, there, ana),
            Write::remove(cy, there, cy),
        ];
        for write in writes {
            assert_eq!(refusal(world.write(write).await), ErrorCode::NotFound);
        }
        assert_eq!(refusal(world.store.conversation(cy, there).await), ErrorCode::NotFound);
        assert_eq!(refusal(world.store.page(cy, there, None, 50).await), ErrorCode::NotFound);
        assert_eq!(refusal(world.store.changes(cy, there, 0).await), ErrorCode::NotFound);
        assert_eq!(refusal(world.store.changes(cy, there, 1).await), ErrorCode::NotFound);
    }
    assert_eq!(world.dump(&[ana, bo, cy], &[id]).await, before);
}

pub(crate) async fn z4_a_reply_to_a_message_elsewhere(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let elsewhere = world.conversation(&[ana, cy]).await;
    let message = world.send(cy, elsewhere, "elsewhere").await;
    let hidden = world.send(bo, id, "to be hidden").await;
    world.hide(ana, id, hidden.id, true).await.unwrap();
    let before = world.dump(&[ana, bo, cy], &[id, elsewhere]).await;
    for to in [message.id, hidden.id, MessageId(987_654)] {
        assert_eq!(
            refusal(world.write(Write::Send(reply(ana, id, "?", Some(to)))).await),
            ErrorCode::NotFound
        );
    }
    assert_eq!(world.dump(&[ana, bo, cy], &[id, elsewhere]).await, before);
    sent(world.write(Write::Send(reply(bo, id, "bo still sees it", Some(hidden.id)))).await);
}

pub(crate) async fn one_counter_without_gaps_however_many_send(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let ids = [world.group(&[ana, bo, cy]).await, world.group(&[bo, ana, cy]).await];
    let mut tasks = Vec::new();
    for n in 0..60 {
        let (store, now) = (Arc::clone(&world.store), world.now());
        let sender = [ana, bo, cy][n % 3];
        let batch: Vec<_> =
            (0..5).map(|m| Write::Send(new_message(sender, ids[m % 2], &format!("{n} {m}")))).collect();
        tasks.push(tokio::spawn(async move { store.commit(&batch, now).await }));
    }
    for task in tasks {
        assert!(task.await.unwrap().unwrap().iter().all(Result::is_ok));
    }
    let mut all = Vec::new();
    for (id, count) in [(ids[0], 180), (ids[1], 120)] {
        let page = world.store.page(ana, id, None, 1_000).await.unwrap();
        let seqs: Vec<i64> = page.messages.iter().map(|message| message.seq).collect();
        assert_eq!(seqs, (1..=count).collect::<Vec<_>>());
        assert_eq!(page.as_of, count);
        all.extend(page.messages.into_iter().map(|message| message.id));
    }
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 300);
}

pub(crate) async fn batches_of_any_size_over_many_conversations(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let mut ids = Vec::new();
    for _ in 0..140 {
        ids.push(world.group(&[ana, bo]).await);
    }
    // Each conversation has in it the numbers of its messages.
    let mut kept = vec![Vec::new(); ids.len()];
    let mut all = Vec::new();
    for size in [1, 7, 8, 9, 127, 128, 129, 300] {
        let first = new_message(ana, ids[0], &format!("first of {size}"));
        let mut batch = vec![first.clone()];
        kept[0].push(first.content.clone());
        for n in 1..size {
            let (at, content) = (n % ids.len(), format!("{n} of {size}"));
            batch.push(new_message(if n % 2 == 0 { ana } else { bo }, ids[at], &content));
            kept[at].push(content);
        }
        batch.push(new_message(cy, ids[1], "an outsider"));
        batch.push(first);
        let mut outcomes = world.batch(batch.into_iter().map(Write::Send).collect()).await;
        let again = sent(outcomes.pop().unwrap());
        assert_eq!(refusal(outcomes.pop().unwrap()), ErrorCode::NotFound);
        let sent: Vec<_> = outcomes.into_iter().map(sent).collect();
        assert!(sent.iter().all(|(_, repeated)| !repeated));
        assert_eq!(again, (sent[0].0.clone(), true));
        all.extend(sent.into_iter().map(|(message, _)| message.id));
    }
    for (id, kept) in ids.iter().zip(&kept) {
        let page = world.store.page(ana, *id, None, 100).await.unwrap();
        let found: Vec<_> = page.messages.iter().map(|message| (message.seq, &message.content)).collect();
        let expected: Vec<_> = (1..).zip(kept).collect();
        assert_eq!(found, expected);
        assert_eq!(usize::try_from(page.as_of).unwrap(), kept.len());
    }
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
}

pub(crate) async fn a_batch_of_good_and_refused_writes(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo]).await;
    let good = world.send(ana, id, "good").await;
    let outcomes = world
        .batch(vec![
            Write::Send(new_message(ana, id, "two")),
            Write::Send(new_message(cy, id, "an outsider")),
            Write::Send(new_message(ana, ConversationId(987_654), "nowhere")),
            Write::Send(reply(bo, id, "to nothing", Some(MessageId(987_654)))),
            Write::Send(new_message(bo, id, "three")),
            read(cy, id, None),
            read(bo, id, Some(good.id)),
            Write::Delete { user: bo, conversation: id, message: good.id },
            Write::remove(bo, id, ana),
            Write::Hide { user: cy, conversation: id, message: good.id, hidden: true },
            Write::Delete { user: ana, conversation: id, message: good.id },
            Write::Send(new_message(bo, id, "five")),
        ])
        .await;
    let refused: Vec<_> = outcomes.iter().map(|outcome| outcome.is_err()).collect();
    assert_eq!(refused, [false, true, true, true, false, true, false, true, true, true, false, false]);
    let page = world.store.page(ana, id, None, 50).await.unwrap();
    let seqs: Vec<_> = page.messages.iter().map(|m| (m.seq, m.rev, m.content.as_str())).collect();
    assert_eq!(seqs, [(1, 4, ""), (2, 2, "two"), (3, 3, "three"), (5, 5, "five")]);
    assert_eq!(page.as_of, 5);
}

pub(crate) async fn kinds_in_a_batch_keep_their_order(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.group(&[ana, bo]).await;
    let outcomes = world
        .batch(vec![
            Write::Send(new_message(bo, id, "before")),
            Write::remove(ana, id, bo),
            Write::Send(new_message(bo, id, "after")),
            Write::Send(new_message(ana, id, "alone")),
            read(ana, id, None),
        ])
        .await;
    assert!(matches!(&outcomes[1], Ok(Outcome::GroupChanged(changed)) if changed.messages[0].seq == 2));
    assert!(outcomes[2].is_err());
    assert!(matches!(&outcomes[3], Ok(Outcome::Sent { message, .. }) if message.seq == 3));
    assert!(matches!(&outcomes[4], Ok(Outcome::Marked(Some(marked))) if marked.seq == 3));
}

pub(crate) async fn any_text_comes_back_as_it_was(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let long = "👩‍👩‍👧".repeat(1_000);
    let texts = [
        "123",
        "null",
        "[1, \"two\"]",
        "'; DROP TABLE message; --",
        "\"\\\u{8}\n\t\u{1f}\u{7f}",
        "\u{202e}abc",
        &long,
    ];
    let batch = texts.iter().map(|text| Write::Send(new_message(ana, id, text))).collect();
    for (outcome, text) in world.batch(batch).await.into_iter().zip(texts) {
        assert_eq!(sent(outcome).0.content, text);
    }
    let page = world.store.page(bo, id, None, 50).await.unwrap();
    let kept: Vec<_> = page.messages.iter().map(|message| message.content.as_str()).collect();
    assert_eq!(kept, texts);
}
