//! Opens new, existing and older files, by one process and by several.

use super::super::connections::WRITE;
use super::super::{Sqlite, open};
use super::{sqlite, world};
use crate::Error;
use crate::store::contract::new_message;
use crate::store::{AccountStore, Outcome, Store, Write};
use protocol::{ClientId, ConversationId, MessageId, UserId};
use sqlx::ConnectOptions as _;
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
    let mut reading = store.readers.acquire().await.unwrap();
    let applied: i64 =
        sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations").fetch_one(&mut *reading).await.unwrap();
    assert_eq!(applied, open::MIGRATOR.iter().count() as i64);
}

#[tokio::test]
async fn v29_a_database_of_a_newer_version_is_unsupported() {
    let (store, folder) = sqlite().await;
    let mut writing = store.writer.begin_with(WRITE).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        VALUES (9999, 'of a newer version', TRUE, x'00', 0)";
    sqlx::query(newer).execute(&mut *writing).await.unwrap();
    writing.commit().await.unwrap();
    drop(store);
    let refused = Sqlite::open(folder.path().join("rapport.db")).await.err();
    let Some(Error::Unsupported(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("a newer version of Rapport") && why.contains("9999"), "{why}");
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

/// Two people, their conversation, and messages: three of the first of them, the second one deleted, the third an answer to
/// the first; two of the other; one more of the first.
const OLDER: &str = "INSERT INTO account (id, username, username_folded, first_name, last_name, search, password_hash, created_at) \
        VALUES (1, 'ana', 'ana', '', '', ' ana', '', 0), (2, 'bo', 'bo', '', '', ' bo', '', 0); \
     INSERT INTO conversation (id, kind, rev, direct_key, created_at) VALUES (5, 0, 7, '1:2', 0); \
     INSERT INTO member (conversation_id, user_id) VALUES (5, 1), (5, 2); \
     INSERT INTO message (id, conversation_id, seq, rev, sender_id, client_id, hash, content, created_at, deleted_at, reply_to) \
        VALUES (7, 5, 1, 1, 1, x'00000000000000000000000000000001', zeroblob(16), 'one', 10, NULL, NULL), \
            (9, 5, 2, 4, 1, x'00000000000000000000000000000002', zeroblob(16), '', 20, 40, NULL), \
            (8, 5, 3, 3, 1, x'00000000000000000000000000000003', zeroblob(16), 'three', 30, NULL, 7), \
            (10, 5, 5, 5, 2, x'00000000000000000000000000000004', zeroblob(16), 'four', 50, NULL, NULL), \
            (11, 5, 6, 6, 2, x'00000000000000000000000000000005', zeroblob(16), 'five', 60, NULL, NULL), \
            (12, 5, 7, 7, 1, x'00000000000000000000000000000006', zeroblob(16), 'six', 70, NULL, NULL)";

#[tokio::test]
async fn messages_of_an_older_version_are_kept_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rapport.db");
    let mut older = open::writing(&path).create_if_missing(true).connect().await.unwrap();
    open::MIGRATOR.run_direct(Some(5), &mut older, false).await.unwrap();
    sqlx::raw_sql(OLDER).execute(&mut older).await.unwrap();
    drop(older);

    let store = Arc::new(Sqlite::open(&path).await.unwrap());
    assert_eq!(
        store.people(UserId(1), "bo", 9).await.unwrap()[0].id,
        UserId(2),
        "V14 older names are folded"
    );
    let (ana, bo, id) = (UserId(1), UserId(2), ConversationId(5));
    let kept = store.page(bo, id, None, 50).await.unwrap().messages;
    let told: Vec<_> = kept
        .iter()
        .map(|m| {
            (m.id.0, m.seq, m.rev, m.content.as_str(), m.timestamp.0, m.deleted_at.is_some(), m.reply_to)
        })
        .collect();
    let expected = [
        (7, 1, 1, "one", 10, false, None),
        (9, 2, 4, "", 20, true, None),
        (8, 3, 3, "three", 30, false, Some(MessageId(7))),
        (10, 5, 5, "four", 50, false, None),
        (11, 6, 6, "five", 60, false, None),
        (12, 7, 7, "six", 70, false, None),
    ];
    assert_eq!(told, expected);
    assert_eq!(store.conversation(bo, id).await.unwrap().unread, 3);
    let mut reading = store.readers.acquire().await.unwrap();
    let runs: Vec<i64> = sqlx::query_scalar("SELECT run_seq FROM message ORDER BY seq")
        .fetch_all(&mut *reading)
        .await
        .unwrap();
    drop(reading);
    assert_eq!(runs, [1, 1, 1, 5, 5, 7]);
    // A repeat of an older message is recognised, and a new one gets the next id and `seq`.
    let world = world(&store);
    let mut again = new_message(ana, id, "one");
    (again.client_id, again.hash) = (ClientId(kept[0].client_id.0), [0; 16]);
    let Outcome::Sent { message, repeated: true, .. } = world.write(Write::Send(again)).await.unwrap() else {
        panic!("it was there")
    };
    assert_eq!(message.id, MessageId(7));
    let next = world.send(ana, id, "next").await;
    assert_eq!((next.id, next.seq), (MessageId(13), 8));
}

#[tokio::test]
async fn f2_each_commit_is_synced_and_the_log_is_on() {
    let (store, _folder) = sqlite().await;
    let mut writing = store.writer.begin_with(WRITE).await.unwrap();
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *writing).await.unwrap();
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *writing).await.unwrap();
    let keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(&mut *writing).await.unwrap();
    assert_eq!((journal.as_str(), synchronous, keys), ("wal", 2, 1));
    writing.rollback().await.unwrap();
    let mut reading = store.readers.acquire().await.unwrap();
    let refused = sqlx::query("DELETE FROM account").execute(&mut *reading).await;
    assert!(refused.is_err(), "those that read cannot write");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rapport.db");
    std::fs::write(&path, "something else altogether, long enough to look at".repeat(100)).unwrap();
    assert!(matches!(Sqlite::open(&path).await, Err(Error::Unsupported(_))));
    assert!(Sqlite::open(folder.path()).await.is_err());
}

#[tokio::test]
async fn v27_an_empty_file_and_a_link_to_nothing_are_refused_and_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (empty, link) = (folder.path().join("empty.db"), folder.path().join("link.db"));
    std::fs::write(&empty, "").unwrap();
    std::os::unix::fs::symlink("nowhere.db", &link).unwrap();
    for path in [&empty, &link] {
        for opened in [Sqlite::open(path).await.map(Some), Sqlite::open_existing(path).await] {
            let Some(Error::Unsupported(why)) = opened.err() else { panic!("{path:?}") };
            assert!(why.contains(path.to_str().unwrap()), "{why}");
        }
    }
    assert_eq!(std::fs::metadata(&empty).unwrap().len(), 0);
    let copied = Sqlite::copy(&empty, &folder.path().join("copy.db")).await;
    assert!(matches!(copied, Err(Error::Unsupported(_))), "{copied:?}");
    assert!(Sqlite::open_existing(folder.path().join("missing.db")).await.unwrap().is_none());
    let mut left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["empty.db", "link.db"], "nothing was created");
}

#[tokio::test]
async fn v27_a_file_that_is_cut_off_and_a_log_without_its_database_are_refused_and_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rapport.db");
    let refused = async |words: &str| {
        for opened in [Sqlite::open(&path).await.map(Some), Sqlite::open_existing(&path).await] {
            let Some(Error::Unsupported(why)) = opened.err() else { panic!("{words}") };
            assert!(why.contains(words) && why.contains(path.to_str().unwrap()), "{why}");
        }
    };
    for length in [1, 16, 99] {
        std::fs::write(&path, &b"SQLite format 3\0".repeat(10)[..length]).unwrap();
        refused("is cut off").await;
        assert_eq!(std::fs::metadata(&path).unwrap().len(), u64::try_from(length).unwrap());
    }
    std::fs::remove_file(&path).unwrap();
    let log = folder.path().join("rapport.db-wal");
    std::fs::write(&log, "messages").unwrap();
    refused("its log").await;
    assert_eq!(std::fs::read(&log).unwrap(), b"messages");
    assert!(!path.exists());
    std::fs::write(&log, "").unwrap();
    Sqlite::open(&path).await.expect("an empty log holds nothing");
}

#[tokio::test]
async fn v27_a_new_file_is_complete_and_leaves_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rapport.db");
    Sqlite::create(&path).await.unwrap();
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(left, ["rapport.db"]);
    assert_eq!(Sqlite::examine(&path).await.unwrap().accounts, 0);
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
        // Permissions as an older version left them.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
}

#[test]
fn migrations_that_databases_have_applied_stay_as_they_are() {
    // The first bytes of the checksums, in the order of the versions.
    let applied = [
        "33fb67da40bd3ad2",
        "1530d13bc0754952",
        "5953b5c979d3b9a3",
        "84d31cd28efa7111",
        "be80afaffabb251b",
        "6e2a23cea5af45fa",
        "624b85f79178a296",
        "8f76e6792170d184",
        "89fa98e21393bc7a",
    ];
    for (version, (migration, checksum)) in (1..).zip(open::MIGRATOR.iter().zip(applied)) {
        let hex: String = migration.checksum.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((migration.version, hex.as_str()), (version, checksum), "{}", migration.description);
    }
    assert!(open::MIGRATOR.iter().count() >= applied.len());
}
