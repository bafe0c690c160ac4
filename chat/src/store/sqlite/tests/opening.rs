//! Opening a file: once, at once, again.

use super::super::Sqlite;
use super::{sqlite, world};
use crate::Error;
use crate::store::{AccountStore, Store};
use std::sync::Arc;

#[tokio::test]
async fn f13_many_open_an_empty_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/rapport.db");
    // A runtime and a thread of its own each, as processes have.
    let opening: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let store = Sqlite::open(&path).await?;
                    store.ready().await
                })
            })
        })
        .collect();
    for result in opening {
        result.join().unwrap().unwrap();
    }
    let store = Sqlite::open(&path).await.unwrap();
    let mut reading = store.readers.take().await.unwrap();
    let applied: i64 =
        sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations").fetch_one(&mut *reading).await.unwrap();
    assert_eq!(applied, super::super::open::MIGRATIONS.len() as i64);
}

#[tokio::test]
async fn what_was_kept_is_there_when_it_is_opened_again() {
    let (store, folder) = sqlite().await;
    let before = {
        let world = world(&store);
        let (ana, bo, _) = world.three().await;
        let id = world.conversation(&[ana, bo]).await;
        world.send_many(ana, id, 5).await;
        world.dump(&[ana, bo], &[id]).await
    };
    drop(store);
    let url = format!("sqlite:{}", folder.path().join("rapport.db").display());
    let store = Arc::new(Sqlite::open_url(&url).await.unwrap());
    let ids = ["ana", "bo"].map(str::to_owned);
    let people: Vec<_> =
        store.accounts_by_name(&ids).await.unwrap().iter().map(|account| account.person.id).collect();
    let id = store.conversations(people[0]).await.unwrap()[0].id;
    assert_eq!(world(&store).dump(&people, &[id]).await, before);
}

#[tokio::test]
async fn f2_each_commit_is_synced_and_the_log_is_on() {
    let (store, _folder) = sqlite().await;
    let mut writing = store.pen.begin().await.unwrap();
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *writing).await.unwrap();
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *writing).await.unwrap();
    let keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(&mut *writing).await.unwrap();
    assert_eq!((journal.as_str(), synchronous, keys), ("wal", 2, 1));
    writing.rollback().await.unwrap();
    let mut reading = store.readers.take().await.unwrap();
    let refused = sqlx::query("DELETE FROM account").execute(&mut *reading).await;
    assert!(refused.is_err(), "those that read cannot write");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rapport.db");
    std::fs::write(&path, "something else altogether, long enough to look at".repeat(100)).unwrap();
    assert!(matches!(Sqlite::open(&path).await, Err(Error::Internal(_))));
    assert!(Sqlite::open(folder.path()).await.is_err());
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rapport.db");
    let modes = || {
        let files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap());
        files
            .map(|file| (file.file_name(), file.metadata().unwrap().permissions().mode() & 0o777))
            .collect::<Vec<_>>()
    };
    for name in ["ana", "bo"] {
        let store = Sqlite::open(&path).await.unwrap();
        world(&Arc::new(store)).person(name).await;
        assert!(!modes().is_empty() && modes().iter().all(|(_, mode)| *mode == 0o600), "{:?}", modes());
        // As an older version, or somebody's hand, left it.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
}
