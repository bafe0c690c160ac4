//! Opens a database that an older version made.

use super::super::{Postgres, open};
use super::{SERVER, world};
use crate::store::Store;
use protocol::{ConversationId, UserId};
use sqlx::Connection as _;
use std::sync::Arc;

/// Two people, their conversation, and messages: two of the first of them, two of the other, one more of the first.
const OLDER: &str = "INSERT INTO account (username, username_folded, first_name, last_name, search, password_hash, created_at) \
        VALUES ('ana', 'ana', '', '', ' ana', '', 0), ('bo', 'bo', '', '', ' bo', '', 0); \
     INSERT INTO conversation (kind, rev, direct_key, created_at) VALUES (0, 6, '1:2', 0); \
     INSERT INTO member (conversation_id, user_id) VALUES (1, 1), (1, 2); \
     INSERT INTO message (conversation_id, seq, rev, sender_id, client_id, hash, content, created_at) \
        SELECT 1, n, n, CASE WHEN n IN (3, 5) THEN 2 ELSE 1 END, decode(lpad(n::text, 32, '0'), 'hex'), \
            decode(lpad('', 32, '0'), 'hex'), 'message ' || n, n FROM unnest(ARRAY[1, 2, 3, 5, 6]) n";

const RUNS: &str = "SELECT run_seq FROM message ORDER BY seq";

#[tokio::test]
async fn messages_of_an_older_version_know_their_runs() {
    let url = SERVER.database().unwrap();
    let mut older = sqlx::PgConnection::connect(&url).await.unwrap();
    open::MIGRATOR.run_direct(Some(1), &mut older, false).await.unwrap();
    sqlx::raw_sql(OLDER).execute(&mut older).await.unwrap();

    let store = Arc::new(Postgres::open_url(&url).await.unwrap());
    let runs: Vec<i64> = sqlx::query_scalar(RUNS).fetch_all(&mut older).await.unwrap();
    assert_eq!(runs, [1, 1, 3, 3, 6]);

    // A node of the older version may still write for a while: of its messages each is a run.
    let (ana, bo, id) = (UserId(1), UserId(2), ConversationId(1));
    sqlx::raw_sql(
        "INSERT INTO message (conversation_id, seq, rev, sender_id, client_id, hash, content, created_at) \
         SELECT conversation_id, 7, 7, sender_id, decode(lpad('7', 32, '0'), 'hex'), hash, content, 7 \
            FROM message WHERE seq = 6; \
         UPDATE conversation SET rev = 7",
    )
    .execute(&mut older)
    .await
    .unwrap();
    let world = world(&store);
    assert_eq!(world.send(ana, id, "and on").await.seq, 8);
    let runs: Vec<Option<i64>> = sqlx::query_scalar(RUNS).fetch_all(&mut older).await.unwrap();
    assert_eq!(runs[4..], [Some(6), None, Some(7)]);
    let unread = async |user| store.conversation(user, id).await.unwrap().unread;
    assert_eq!((unread(ana).await, unread(bo).await), (2, 5));
}

#[test]
fn migrations_that_databases_have_applied_stay_as_they_are() {
    // The first bytes of the checksums, in the order of the versions.
    let applied = ["3f947c7f01fee3bf", "599f751f94dc813a", "1ef5573756cfa634", "89fa98e21393bc7a"];
    for (version, (migration, checksum)) in (1..).zip(open::MIGRATOR.iter().zip(applied)) {
        let hex: String = migration.checksum.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((migration.version, hex.as_str()), (version, checksum), "{}", migration.description);
    }
    assert!(open::MIGRATOR.iter().count() >= applied.len());
}
