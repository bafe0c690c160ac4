//! Plans of the statements: no table is scanned, so that the cost of a statement does not grow with the history.

use super::super::connections::WRITE;
use super::super::send_sql;
use super::super::shared_sql::people;
use super::super::shared_sql::statements::STATEMENTS;
use super::{sqlite, world};
use crate::store::Store;
use sqlx::{AssertSqlSafe, Row};
use std::time::{Duration, Instant};

/// The steps of SQLite's plan.
async fn plan(store: &super::Sqlite, sql: &str) -> Vec<String> {
    let mut reading = store.readers.acquire().await.unwrap();
    let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
        .fetch_all(&mut *reading)
        .await
        .unwrap_or_else(|error| panic!("{error}: {sql}"));
    drop(reading);
    rows.iter().map(|row| row.get::<String, _>(3)).collect()
}

#[tokio::test]
async fn no_statement_scans_a_table() {
    let (store, _folder) = sqlite().await;
    // Parameters, results of subqueries, and a table of one row.
    let small = [
        "SCAN j",
        "SCAN json_each VIRTUAL",
        "SCAN x",
        "SCAN p",
        "SCAN q",
        "SCAN y",
        "SCAN t",
        "SCAN (subquery",
        "SCAN erased",
        "SCAN newest",
        "SCAN recent",
        "SCAN run",
        "SCAN seen",
        "SCAN given",
        "SCAN 8 CONSTANT ROWS",
        "SCAN 128 CONSTANT ROWS",
        "SCAN 0-ROW VALUES CLAUSE",
    ];
    let of_sends = send_sql::CONTEXT.all().chain(send_sql::INSERT.all());
    for sql in STATEMENTS.into_iter().chain(of_sends).flat_map(|sql| sql.split(';')) {
        // A bare `LIMIT $n` would have SQLite prepare the statement again at each execution.
        assert_eq!(sql.matches("LIMIT $").count(), sql.matches(" + 0").count(), "{sql}");
        let plan = plan(&store, sql).await;
        assert!(!plan.is_empty());
        for step in &plan {
            let scans = step.starts_with("SCAN ") && step != "SCAN CONSTANT ROW";
            assert!(
                !scans || small.iter().any(|small| step.starts_with(small)),
                "{step}\nof {plan:#?}\nof {sql}"
            );
            assert!(!step.contains("AUTOMATIC"), "{step}\nof {sql}");
        }
    }
    // The search for people goes through the index of words, by their beginnings.
    let search = plan(&store, people::PEOPLE).await;
    for step in ["person_word_by_word (word>? AND word<?)", "(user_id=? AND word>? AND word<?)"] {
        assert!(search.iter().any(|found| found.contains(step)), "V14 {search:#?}");
    }
}

#[tokio::test]
async fn c2_a_list_looks_one_by_one_at_what_is_awake_or_unread_alone() {
    let (store, _folder) = sqlite().await;
    let by_order = "COVERING INDEX member_by_user (user_id=? AND has_left=? AND listed=? AND archived=? AND pinned=? AND rested_at";
    for (part, steps) in [
        ("w.rested_at IS NOT NULL ORDER", [format!("{by_order}=?)"), format!("{by_order}>?)")]),
        // A page of it is looked up by the ids of its conversations.
        (
            "+w.listed = 1 AND w.conversation_id IN",
            ["SEARCH w USING PRIMARY KEY (conversation_id=? AND user_id=?)".into(), String::new()],
        ),
        ("w.may_be_unread = 1 AND", ["SEARCH w USING INDEX member_unread (user_id=?)".into(), String::new()]),
    ] {
        let statements: Vec<_> = STATEMENTS.into_iter().filter(|sql| sql.contains(part)).collect();
        assert_eq!(statements.len(), 2, "{part}");
        for sql in statements {
            let plan = plan(&store, sql).await;
            for step in &steps {
                assert!(plan.iter().any(|found| found.contains(step)), "{step}\nof {plan:#?}\nof {sql}");
            }
        }
    }
}

/// The shortest of several runs, which other load disturbs least.
async fn best<F: Future>(mut what: impl FnMut() -> F) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..30 {
        let start = Instant::now();
        what().await;
        best = best.min(start.elapsed());
    }
    best
}

#[tokio::test]
async fn a_long_history_costs_what_a_short_one_does() {
    let (store, _folder) = sqlite().await;
    let world = world(&store);
    let (ana, bo, cy) = world.three().await;
    let (short, long) = (world.conversation(&[ana, bo]).await, world.conversation(&[ana, cy]).await);
    world.send_many(ana, short, 1_000).await;
    world.send_many(ana, long, 1_000).await;
    let mut writing = store.writer.begin_with(WRITE).await.unwrap();
    sqlx::query(
        "WITH RECURSIVE n (n) AS (SELECT 1001 UNION ALL SELECT n + 1 FROM n WHERE n < 60000) \
         INSERT INTO message (id, conversation_id, seq, rev, run_seq, sender_id, client_id, hash, content, created_at) \
         SELECT 100000 + n, ?1, n, n, 1, ?2, randomblob(16), zeroblob(16), 'message ' || n, 1 FROM n; \
         UPDATE conversation SET rev = 60000 WHERE id = ?1",
    )
    .bind(long.0)
    .bind(ana.0)
    .execute(&mut *writing)
    .await
    .unwrap();
    writing.commit().await.unwrap();
    // Ana wrote all of it and has read nothing: the worst for counting what is unread.
    for (what, costs) in [
        (
            "page",
            [best(|| store.page(ana, short, None, 50)).await, best(|| store.page(ana, long, None, 50)).await],
        ),
        (
            "page after",
            [
                best(|| store.page_after(ana, short, 500, 50)).await,
                best(|| store.page_after(ana, long, 30_000, 50)).await,
            ],
        ),
        (
            "conversation",
            [best(|| store.conversation(ana, short)).await, best(|| store.conversation(ana, long)).await],
        ),
        (
            "changes",
            [best(|| store.changes(ana, short, 990)).await, best(|| store.changes(ana, long, 59_990)).await],
        ),
        ("list", [best(|| store.conversations(bo)).await, best(|| store.conversations(cy)).await]),
    ] {
        eprintln!("{what}: {costs:?}");
        // A scan of 60 times as many rows would be far above this; the rest is noise of a busy machine.
        assert!(costs[1] < costs[0] * 4 + Duration::from_millis(1), "{what}: {costs:?}");
    }
}
