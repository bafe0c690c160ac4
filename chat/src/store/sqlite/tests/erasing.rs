//! Deleted content is in none of the files (V17).

use super::super::Sqlite;
use super::{sqlite, world};
use crate::store::contract::new_message;
use crate::store::{AccountStore, Outcome, Profile, Store, Write};
use protocol::UserId;
use std::path::Path;

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
    let profile = Profile { first_name: first_name.to_owned(), last_name: String::new(), hue: None };
    store.set_profile(id, &profile).await.unwrap();
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
