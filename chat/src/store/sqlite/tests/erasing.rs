//! Deleted content is in none of the files (V17).

use super::super::Sqlite;
use super::{sqlite, world};
use crate::store::contract::{World, new_message};
use crate::store::{AccountStore, Outcome, ProfileChange, Store, Write};
use protocol::UserId;
use std::path::Path;
use std::time::Duration;

/// Part of each text that is deleted.
const MARKER: &str = "marked-to-be-erased";

/// The files of this folder that contain the marker, with the number of times.
fn found(folder: &Path) -> Vec<(String, usize)> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    let counted = files.map(|file| {
        let bytes = std::fs::read(file.path()).unwrap();
        let count = bytes.windows(MARKER.len()).filter(|part| *part == MARKER.as_bytes()).count();
        (file.file_name().into_string().unwrap(), count)
    });
    counted.filter(|(_, count)| *count > 0).collect()
}

/// A text of some length, marked.
fn marked(n: usize) -> String {
    format!("{n} {MARKER} {}", "x".repeat(n * 37 % 900))
}

#[tokio::test]
async fn v17_messages_deleted_for_everyone_are_in_no_file() {
    let (store, folder) = sqlite().await;
    let world = world(&store);
    let (ana, bo, _) = world.three().await;
    let talk = world.conversation(&[ana, bo]).await;
    let mut deleted = Vec::new();
    for n in 0..400 {
        let is_kept = n % 3 == 0;
        let message = world.send(ana, talk, &if is_kept { format!("kept {n}") } else { marked(n) }).await;
        if !is_kept {
            deleted.push(message.id);
        }
    }
    assert!(!found(folder.path()).is_empty());
    for message in deleted {
        world.write(Write::Delete { user: ana, conversation: talk, message }).await.unwrap();
    }
    store.scrub().await.unwrap();
    assert_eq!(found(folder.path()), []);
    let copy = folder.path().join("copy.db");
    Sqlite::copy(&folder.path().join("rapport.db"), &copy).await.unwrap();
    assert_eq!(found(folder.path()), []);
    Sqlite::examine(&copy).await.unwrap();
}

#[tokio::test]
async fn v17_a_copy_has_no_remains_of_divided_pages() {
    let (store, folder) = sqlite().await;
    let world = world(&store);
    let (ana, bo, cy) = world.three().await;
    let talks = [world.conversation(&[ana, bo]).await, world.conversation(&[ana, cy]).await];
    // The rows of the first conversation are inserted before those of the second, which divides pages.
    let mut deleted = Vec::new();
    for n in 0..400 {
        let conversation = talks[n % 2];
        deleted.push((conversation, world.send(ana, conversation, &marked(n)).await.id));
    }
    for (conversation, message) in deleted {
        world.write(Write::Delete { user: ana, conversation, message }).await.unwrap();
    }
    let copies = tempfile::tempdir().unwrap();
    Sqlite::copy(&folder.path().join("rapport.db"), &copies.path().join("copy.db")).await.unwrap();
    assert_eq!(found(copies.path()), []);
}

#[tokio::test]
async fn v17_an_erased_account_and_an_old_name_are_in_no_file() {
    let (store, folder) = sqlite().await;
    let world = world(&store);
    let (ana, bo, _) = world.three().await;
    let eve = world.named("eve", MARKER, "").await;
    let title = format!("about {MARKER}");
    let talk = world.create_conversation(&[eve, bo], Some(&title)).await;
    let Outcome::ConversationCreated { id: talk, .. } = talk else { panic!("{talk:?}") };
    let many: Vec<_> = (0..300).map(|n| Write::Send(new_message(eve, talk, &marked(n)))).collect();
    assert!(world.batch(many).await.iter().all(Result::is_ok));
    rename(&*store, ana, MARKER).await;
    assert!(!found(folder.path()).is_empty());
    rename(&*store, ana, "Ana").await;
    store.delete_account(eve).await.unwrap();
    store.scrub().await.unwrap();
    assert_eq!(found(folder.path()), []);
}

async fn rename(store: &dyn AccountStore, id: UserId, first_name: &str) {
    let profile = ProfileChange { first_name: Some(first_name.to_owned()), ..ProfileChange::default() };
    store.change_profile(id, &profile).await.unwrap();
}

#[tokio::test]
async fn v17_a_long_read_delays_the_removal_and_no_write() {
    let (store, folder) = sqlite().await;
    let world = world(&store);
    let (ana, bo, _) = world.three().await;
    let talk = world.conversation(&[ana, bo]).await;
    let message = world.send(ana, talk, MARKER).await;
    let mut reading = store.readers.begin().await.unwrap();
    sqlx::query("SELECT count(*) FROM message").fetch_one(&mut *reading).await.unwrap();
    world.write(Write::Delete { user: ana, conversation: talk, message: message.id }).await.unwrap();
    store.scrub().await.unwrap_err();
    world.send(ana, talk, "goes on").await;
    reading.commit().await.unwrap();
    store.scrub().await.unwrap();
    assert_eq!(found(folder.path()), []);
}

#[tokio::test]
async fn v17_a_closed_database_is_one_file() {
    let (store, folder) = sqlite().await;
    let world = world(&store);
    let (ana, bo, _) = world.three().await;
    let talk = world.conversation(&[ana, bo]).await;
    let message = world.send(ana, talk, MARKER).await;
    world.write(Write::Delete { user: ana, conversation: talk, message: message.id }).await.unwrap();
    store.page(ana, talk, None, 50).await.unwrap();
    store.close().await.unwrap();
    store.page(ana, talk, None, 50).await.unwrap_err();
    let files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name());
    assert_eq!(files.collect::<Vec<_>>(), ["rapport.db"]);
    assert_eq!(found(folder.path()), []);
}

/// Sends in two conversations in turn, in commits of `batch` messages, and deletes all that was sent. The rows of the first
/// conversation are inserted before those of the second, which divides pages.
async fn delete_interleaved(world: &World, count: usize, batch: usize) {
    let (ana, bo, cy) = world.three().await;
    let talks = [world.conversation(&[ana, bo]).await, world.conversation(&[ana, cy]).await];
    let mut deletions = Vec::new();
    for first in (0..count).step_by(batch) {
        let texts = first..first + batch;
        let sends = texts.map(|n| Write::Send(new_message(ana, talks[n % 2], &marked(n)))).collect();
        deletions.extend(world.batch(sends).await.into_iter().map(|outcome| {
            let Ok(Outcome::Sent { message, .. }) = outcome else { panic!("not sent: {outcome:?}") };
            Write::Delete { user: ana, conversation: message.conversation_id, message: message.id }
        }));
    }
    for deletions in deletions.chunks(256) {
        assert!(world.batch(deletions.to_vec()).await.iter().all(Result::is_ok));
    }
}

#[tokio::test]
async fn v17_divided_pages_have_no_remains() {
    let mut remains = 0;
    // The last has more pages than one statement reads.
    for (count, batch) in [(200, 1), (400, 1), (400, 4), (600, 3), (1_000, 20), (4_000, 50)] {
        let (store, folder) = sqlite().await;
        let world = world(&store);
        delete_interleaved(&world, count, batch).await;
        store.scrub().await.unwrap();
        remains += found(folder.path()).iter().map(|(_, count)| count).sum::<usize>();
        store.clear_unused_space().await.unwrap();
        store.scrub().await.unwrap();
        assert_eq!(found(folder.path()), [], "{count} messages in commits of {batch}");
        let examined = Sqlite::examine(&folder.path().join("rapport.db")).await.unwrap();
        assert_eq!(examined.messages, i64::try_from(count).unwrap());
    }
    // Otherwise the texts were not where they are looked for.
    assert!(remains > 0);
}

#[tokio::test]
async fn v17_a_clear_database_is_not_written() {
    let (store, folder) = sqlite().await;
    let world = world(&store);
    delete_interleaved(&world, 400, 1).await;
    store.clear_unused_space().await.unwrap();
    store.scrub().await.unwrap();
    store.clear_unused_space().await.unwrap();
    assert_eq!(std::fs::metadata(folder.path().join("rapport.db-wal")).unwrap().len(), 0);
}

#[tokio::test]
async fn v17_a_closed_database_has_no_remains_of_divided_pages() {
    let (store, folder) = sqlite().await;
    let world = world(&store);
    delete_interleaved(&world, 400, 1).await;
    store.close().await.unwrap();
    assert_eq!(found(folder.path()), []);
    Sqlite::examine(&folder.path().join("rapport.db")).await.unwrap();
}

#[tokio::test]
async fn v17_messages_are_sent_and_pages_divided_while_unused_space_is_cleared() {
    let (store, folder) = sqlite().await;
    let world = world(&store);
    let (ana, bo, cy) = world.three().await;
    let talks = [world.conversation(&[ana, bo]).await, world.conversation(&[ana, cy]).await];
    let sending = async {
        for n in 0..400 {
            world.send(ana, talks[n % 2], &marked(n)).await;
        }
    };
    let clearing = async {
        loop {
            store.clear_unused_space().await.unwrap();
        }
    };
    tokio::select! {
        () = sending => {}
        () = clearing => {}
    }
    for (n, talk) in talks.into_iter().enumerate() {
        let page = store.page(ana, talk, None, 50).await.unwrap().messages;
        let expected: Vec<_> = (300..400).skip(n).step_by(2).map(marked).collect();
        assert_eq!(page.into_iter().map(|message| message.content).collect::<Vec<_>>(), expected);
    }
    store.scrub().await.unwrap();
    Sqlite::examine(&folder.path().join("rapport.db")).await.unwrap();
}

#[tokio::test]
async fn v17_a_pass_that_is_cut_off_does_no_harm_and_the_next_one_clears() {
    let (store, folder) = sqlite().await;
    let world = world(&store);
    delete_interleaved(&world, 400, 1).await;
    for n in 0..40 {
        // The future is dropped before, within or after its transaction.
        let _ = tokio::time::timeout(Duration::from_micros(n * 100), store.clear_unused_space()).await;
    }
    // As a process leaves them that is killed: the files without a close.
    let left = tempfile::tempdir().unwrap();
    for name in ["rapport.db", "rapport.db-wal"] {
        std::fs::copy(folder.path().join(name), left.path().join(name)).unwrap();
    }
    let store = Sqlite::open(left.path().join("rapport.db")).await.unwrap();
    store.clear_unused_space().await.unwrap();
    store.scrub().await.unwrap();
    assert_eq!(found(left.path()), []);
    Sqlite::examine(&left.path().join("rapport.db")).await.unwrap();
}
