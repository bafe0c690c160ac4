//! Plans of the statements: indexes serve each, Postgres chooses them for tables of some size, and it replaces a plan that was
//! made for a small table.

use super::super::shared_sql::statements::STATEMENTS;
use super::super::{locks, send_sql};
use super::{SERVER, postgres};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

/// Statements of Postgres alone.
const OWN: [&str; 11] = [
    send_sql::CONTEXT,
    send_sql::INSERT,
    locks::CONVERSATIONS,
    locks::EMPTY,
    locks::UNLISTED,
    locks::RESTING,
    locks::PINNED,
    locks::PEOPLE,
    locks::MEMBERS,
    locks::INVITED,
    locks::OPENED,
];

/// Leaves the planner no choice where an index serves.
const INDEXES_ONLY: &str =
    "SET enable_seqscan = 'off'; SET enable_hashjoin = 'off'; SET enable_mergejoin = 'off'";

/// An installation of some size.
const ROWS: &str = "\
    INSERT INTO account (username, username_folded, first_name, last_name, search, password_hash, created_at) \
        SELECT 'p' || n, 'p' || n, '', '', ' p' || n, '', 0 FROM generate_series(1, 5000) n; \
    INSERT INTO person_word (user_id, word) SELECT id, username FROM account ON CONFLICT DO NOTHING; \
    INSERT INTO conversation (kind, rev, created_at) SELECT 1, 8, 0 FROM generate_series(1, 5000); \
    UPDATE conversation SET subject_kind = 'job', subject_id = id::text, subject_people = '', subject_card = '{}' \
        WHERE id % 2 = 1; \
    INSERT INTO member (conversation_id, user_id) \
        SELECT c, (c + n * 7) % 5000 + 1 FROM generate_series(1, 5000) c, unnest(ARRAY[1, 2, 3, 4]) n; \
    INSERT INTO message (conversation_id, seq, rev, sender_id, client_id, hash, content, created_at) \
        SELECT c, n, n, (c + n % 4 * 7 + 7) % 5000 + 1, decode(lpad((c * 8 + n)::text, 32, '0'), 'hex'), \
            decode(lpad('', 32, '0'), 'hex'), 'message', n FROM generate_series(1, 5000) c, unnest(ARRAY[1, 2, 3, 4, 5, 6, 7, 8]) n; \
    INSERT INTO creation (creator_id, client_id, hash, conversation_id) \
        SELECT n, decode(lpad(n::text, 32, '0'), 'hex'), decode('00', 'hex'), n FROM generate_series(1, 5000) n; \
    INSERT INTO group_request (user_id, client_id, hash, created_at) \
        SELECT n, decode(lpad(n::text, 32, '0'), 'hex'), decode('00', 'hex'), n FROM generate_series(1, 5000) n; \
    INSERT INTO imported_conversation (key, conversation_id) SELECT 'key-' || id, id FROM conversation ON CONFLICT DO NOTHING; \
    INSERT INTO hidden (user_id, message_id, conversation_id, hidden, user_rev) \
        SELECT n, n, n, 1, 1 FROM generate_series(1, 5000) n; \
    INSERT INTO session (id, user_id, data, expires_at) SELECT n, n, '', n FROM generate_series(1, 5000) n; \
    INSERT INTO draft (user_id, conversation_id, content) \
        SELECT n, n, 'so far' FROM generate_series(1, 5000) n; \
    UPDATE member SET archived = 1 WHERE conversation_id % 50 = 1; \
    UPDATE member SET pinned = 1 WHERE conversation_id % 50 = 2; \
    INSERT INTO push_subscription (session_id, user_id, endpoint, p256dh, auth, language, created_at, pushed_at) \
        SELECT n, n, 'https://push.example/' || n, decode(lpad('', 130, '0'), 'hex'), decode(lpad('', 32, '0'), 'hex'), \
            'en', 0, 0 FROM generate_series(1, 5000) n; \
    INSERT INTO receipt (conversation_id, user_id, is_read, seq, after_seq, at) \
        SELECT c, n, 1, 8, 0, c FROM generate_series(1, 5000) c, unnest(ARRAY[1, 2, 3, 4]) n; \
    INSERT INTO notification (user_id, conversation_id, seq, kind, actor_id, created_at) \
        SELECT (c + n * 7) % 5000 + 1, c, 8, 1, c % 5000 + 1, c FROM generate_series(1, 5000) c, unnest(ARRAY[1, 2, 3, 4]) n; \
    INSERT INTO service_key (name, key_hash, scopes, created_at) \
        SELECT 'key-' || n, decode(lpad(n::text, 64, '0'), 'hex'), 'subjects', n FROM generate_series(1, 5000) n; \
    INSERT INTO invitation (conversation_id, user_id, invited_by, created_at) \
        SELECT n, n, n, n FROM generate_series(1, 5000) n; \
    INSERT INTO invitation_link (conversation_id, token_hash, token_start, created_by, created_at, created_rev, expires_at) \
        SELECT n, decode(lpad(n::text, 64, '0'), 'hex'), 'start', n, n, 0, n FROM generate_series(1, 5000) n; \
    INSERT INTO incoming_webhook (conversation_id, bot_id, token_hash, created_by, created_at) \
        SELECT n, n, decode(lpad(n::text, 64, '0'), 'hex'), n, n FROM generate_series(1, 5000) n; \
    INSERT INTO webhook_event (webhook_id, key, kind, conversation_id, lane, seq, created_at, state, due_at, expires_at) \
        SELECT n % 10, decode(lpad(n::text, 32, '0'), 'hex'), 1, n, 0, 1, n, n % 2, n, n FROM generate_series(1, 5000) n; \
    INSERT INTO external_identity (issuer, subject, user_id) SELECT 'https://shop.example', n, n FROM generate_series(1, 5000) n; \
    INSERT INTO used_token (hash, expires_at) SELECT decode(lpad(n::text, 64, '0'), 'hex'), n FROM generate_series(1, 5000) n; \
    INSERT INTO moderation_access (moderator_id, conversation_id, reason, created_at) \
        SELECT n, n, 'Why', n FROM generate_series(1, 5000) n; \
    ANALYZE";

fn database(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

async fn run(c: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(c)
        .await
        .unwrap_or_else(|error| panic!("{error}: {sql}"));
}

/// Prepares the statements, as `s0` and so on, for plans without regard to the values of the parameters.
async fn prepare(c: &mut PgConnection) {
    run(c, "SET plan_cache_mode = 'force_generic_plan'").await;
    for (n, sql) in statements().enumerate() {
        run(c, &format!("PREPARE s{n} AS {sql}")).await;
    }
}

/// The statements that read a table from one end to the other, with the tables.
async fn scans(c: &mut PgConnection) -> Vec<(&'static str, Vec<String>)> {
    let mut scans = Vec::new();
    for (n, sql) in statements().enumerate() {
        let parameters = (1..20).take_while(|n| sql.contains(&format!("${n}"))).map(|_| "NULL");
        let parameters = parameters.collect::<Vec<_>>().join(", ");
        let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE s{n} ({parameters})");
        let row = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_one(&mut *c).await.unwrap();
        let text: String = row.try_get_unchecked(0).unwrap();
        let mut tables = Vec::new();
        collect(&serde_json::from_str::<Value>(&text).unwrap()[0]["Plan"], &mut tables);
        if !tables.is_empty() {
            scans.push((sql, tables));
        }
    }
    scans
}

fn statements() -> impl Iterator<Item = &'static str> {
    STATEMENTS.into_iter().chain(OWN)
}

/// Collects tables that are read without an index, or by an index without a condition.
fn collect(plan: &Value, tables: &mut Vec<String>) {
    let is_scan = match plan["Node Type"].as_str().unwrap() {
        "Seq Scan" => true,
        "Index Scan" | "Index Only Scan" | "Bitmap Index Scan" => plan["Index Cond"].is_null(),
        _ => false,
    };
    if is_scan {
        tables.push(plan["Relation Name"].as_str().or(plan["Index Name"].as_str()).unwrap().to_owned());
    }
    for plan in plan["Plans"].as_array().into_iter().flatten() {
        collect(plan, tables);
    }
}

#[tokio::test]
async fn no_statement_scans_a_table_of_some_size() {
    let (store, url) = postgres().await;
    SERVER.ask(database(&url), ROWS).unwrap();
    // The planner's own choice; then whether indexes serve at all.
    for settings in ["", INDEXES_ONLY] {
        let mut c = store.readers.acquire().await.unwrap();
        run(&mut c, settings).await;
        prepare(&mut c).await;
        assert_eq!(scans(&mut c).await, []);
    }
}

#[tokio::test]
async fn a_plan_for_small_tables_is_replaced_after_the_next_analyze() {
    let (store, url) = postgres().await;
    SERVER.ask(database(&url), &ROWS.replace("5000", "5")).unwrap();
    let mut c = store.readers.acquire().await.unwrap();
    prepare(&mut c).await;
    assert_ne!(scans(&mut c).await, [], "a table of one page is cheaper to scan");
    // Autovacuum does the same, at most a minute after a table has grown by a tenth and 50 rows.
    SERVER.ask(database(&url), &ROWS.replace("series(1,", "series(6,")).unwrap();
    assert_eq!(scans(&mut c).await, []);
}
