//! Backups, and the database after a restore.

use super::super::connections::WRITE;
use super::{sqlite, world};
use crate::store::{Counts, Sqlite, Store};

#[tokio::test]
async fn f14_a_copy_is_whole_and_its_original_goes_on() {
    let (store, folder) = sqlite().await;
    let world = world(&store);
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    world.send_many(ana, id, 30).await;
    let copy = folder.path().join("copy.db");
    Sqlite::copy(&folder.path().join("rapport.db"), &copy).await.unwrap();
    world.send(ana, id, "later").await;
    let counts = Counts { accounts: 3, conversations: 1, messages: 30 };
    assert_eq!(Sqlite::examine(&copy).await.unwrap(), counts);
    assert!(Sqlite::copy(&folder.path().join("nothing.db"), &folder.path().join("b.db")).await.is_err());
    assert!(
        Sqlite::copy(&folder.path().join("rapport.db"), &copy).await.is_err(),
        "there is something already"
    );
}

#[tokio::test]
async fn f14_damage_is_found() {
    let (store, folder) = sqlite().await;
    let world = world(&store);
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    world.send_many(ana, id, 100).await;
    let copy = folder.path().join("copy.db");
    Sqlite::copy(&folder.path().join("rapport.db"), &copy).await.unwrap();
    let store = Sqlite::open(&copy).await.unwrap();
    let mut writing = store.writer.begin_with(WRITE).await.unwrap();
    let lost = "UPDATE message SET conversation_id = 99 WHERE conversation_id = $1 AND seq = 7";
    sqlx::query(lost).bind(id.0).execute(&mut *writing).await.unwrap();
    writing.commit().await.unwrap();
    drop(store);
    let dangling = Sqlite::examine(&copy).await.unwrap_err();
    assert!(dangling.to_string().contains("rows that are not there"), "{dangling}");
    let mut bytes = std::fs::read(&copy).unwrap();
    // The counts of the pages' cells and free bytes: the file opens, and is not as SQLite leaves it.
    for page in bytes.chunks_mut(4096).skip(1) {
        page[1..8].fill(0x55);
    }
    std::fs::write(&copy, bytes).unwrap();
    Sqlite::examine(&copy).await.unwrap_err();
    std::fs::write(&copy, "no database at all, but long enough to be looked at as if it were one".repeat(99))
        .unwrap();
    Sqlite::examine(&copy).await.unwrap_err();
}

#[tokio::test]
async fn f14_in_a_new_life_whoever_knows_more_is_far_behind_and_nothing_is_used_twice() {
    let (store, _folder) = sqlite().await;
    let world = world(&store);
    let (ana, bo, cy) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let last = world.send_many(ana, id, 30).await.pop().unwrap();
    let user_rev = store.sync(bo, &Default::default()).await.unwrap().user_rev;
    store.step_ahead().await.unwrap();
    for known in [30, 31, 5_000] {
        let changes = store.changes(bo, id, known).await.unwrap();
        let page = changes.reset.unwrap();
        assert_eq!(page.messages.last(), Some(&last));
        assert!(page.as_of > known + 10_000 && changes.cursor == page.as_of);
    }
    assert!(store.sync(bo, &Default::default()).await.unwrap().user_rev > user_rev + 10_000);
    let next = world.send(bo, id, "in the new life").await;
    assert!(next.id.0 > last.id.0 + 10_000 && next.seq > last.seq + 10_000);
    assert!(world.conversation(&[ana, cy]).await.0 > id.0 + 10_000);
}
