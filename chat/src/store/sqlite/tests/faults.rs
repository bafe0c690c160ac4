//! Faults: nothing is lost, and the store recovers.

use super::super::Sqlite;
use super::super::connections::WRITE;
use super::{sqlite, world};
use crate::Error;
use crate::store::contract::{World, new_message};
use crate::store::{AccountStore, Store, Write};
use protocol::{ConversationId, UserId};
use std::sync::Arc;
use std::time::Duration;

async fn two(world: &World) -> (UserId, ConversationId) {
    let (ana, bo, _) = world.three().await;
    (ana, world.conversation(&[ana, bo]).await)
}

/// Limits the size of the file for the write connection, as a full disk does.
async fn room_for(store: &Sqlite, pages: i64) {
    let mut writing = store.writer.begin_with(WRITE).await.unwrap();
    let sql = format!("PRAGMA max_page_count = {pages}");
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *writing).await.unwrap();
    writing.commit().await.unwrap();
}

#[tokio::test]
async fn f3_a_full_disk_and_then_room_again() {
    let (store, _folder) = sqlite().await;
    let world = world(&store);
    let (ana, id) = two(&world).await;
    let kept = world.send_many(ana, id, 10).await;
    room_for(&store, 1).await;
    let lost = new_message(ana, id, &"x".repeat(5_000));
    let batch = vec![Write::Send(lost.clone()); 100];
    let full: Vec<Write> = (0..100).map(|_| Write::Send(new_message(ana, id, &"x".repeat(5_000)))).collect();
    let result = store.commit(&full, world.now()).await;
    assert!(matches!(result, Err(Error::Unavailable(_))), "{result:?}");
    assert_eq!(store.page(ana, id, None, 50).await.unwrap().messages, kept);
    room_for(&store, i64::from(u32::MAX - 1)).await;
    let after = store.commit(&batch, world.now()).await.unwrap();
    assert!(after.iter().all(Result::is_ok));
    let page = store.page(ana, id, None, 50).await.unwrap();
    assert_eq!((page.messages.len(), page.as_of), (11, 11));
}

#[tokio::test]
async fn one_write_that_fails_does_not_take_the_others_with_it() {
    let (store, _folder) = sqlite().await;
    let world = world(&store);
    let (ana, id) = two(&world).await;
    let mut writing = store.writer.begin_with(WRITE).await.unwrap();
    sqlx::query(
        "CREATE TRIGGER poison BEFORE INSERT ON message WHEN NEW.content = 'poison' \
         BEGIN SELECT raise(ABORT, 'poison'); END",
    )
    .execute(&mut *writing)
    .await
    .unwrap();
    writing.commit().await.unwrap();
    let texts = ["one", "poison", "two"];
    let batch = texts.map(|text| Write::Send(new_message(ana, id, text))).to_vec();
    let outcomes = store.commit(&batch, world.now()).await.unwrap();
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok());
    assert!(matches!(outcomes[1], Err(Error::Internal(_))), "{:?}", outcomes[1]);
    let page = store.page(ana, id, None, 50).await.unwrap();
    let kept: Vec<_> = page.messages.iter().map(|m| (m.seq, m.content.as_str())).collect();
    assert_eq!((kept.as_slice(), page.as_of), ([(1, "one"), (2, "two")].as_slice(), 2));
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_the_store_as_it_was() {
    let (store, _folder) = sqlite().await;
    let world = world(&store);
    let (ana, id) = two(&world).await;
    for n in 0..40 {
        let batch = vec![Write::Send(new_message(ana, id, &format!("{n}")))];
        // The future is dropped before, within or after its transaction.
        let _ = tokio::time::timeout(Duration::from_micros(n * 25), store.commit(&batch, world.now())).await;
        let _ = tokio::time::timeout(Duration::from_micros(n * 25), store.conversation(ana, id)).await;
    }
    let last = world.send(ana, id, "last").await;
    let page = store.page(ana, id, None, 100).await.unwrap();
    let seqs: Vec<_> = page.messages.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, (1..=last.seq).collect::<Vec<_>>());
    assert_eq!(page.as_of, last.seq);
}

#[tokio::test]
async fn another_process_that_writes_is_waited_for() {
    let (store, folder) = sqlite().await;
    let other = Arc::new(Sqlite::open(folder.path().join("rapport.db")).await.unwrap());
    let world = world(&store);
    let (ana, id) = two(&world).await;
    let writing = other.writer.begin_with(WRITE).await.unwrap();
    let waits = {
        let (store, now) = (Arc::clone(&store), world.now());
        let batch = vec![Write::Send(new_message(ana, id, "after you"))];
        tokio::spawn(async move { store.commit(&batch, now).await })
    };
    // Reads do not wait for the writer.
    assert_eq!(store.page(ana, id, None, 50).await.unwrap().as_of, 0);
    assert!(store.account(ana).await.unwrap().is_some());
    assert!(!waits.is_finished());
    writing.rollback().await.unwrap();
    waits.await.unwrap().unwrap().remove(0).unwrap();
    assert_eq!(other.page(ana, id, None, 50).await.unwrap().as_of, 1);
}
