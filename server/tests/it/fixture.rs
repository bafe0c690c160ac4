//! `rapport fixture`: the installation for measurements, and rejected arguments.

use crate::support::{Ended, Program, Socket};
use protocol::{Conversation, Page};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

const NUMBERS: [&str; 8] = ["--users", "12", "--room", "5", "--pairs", "3", "--messages", "2101"];

/// Runs `rapport fixture` on this data folder, with these further arguments.
async fn fixture(data: &Path, out: &Path, more: &[&str]) -> Ended {
    let mut words = vec!["fixture", "--out", out.to_str().unwrap()];
    words.extend(more);
    Program::run_within(Duration::from_secs(120), data.parent().unwrap(), data, &words, "").await
}

fn written(out: &Path) -> Value {
    assert_eq!(std::fs::metadata(out).unwrap().permissions().mode() & 0o777, 0o600);
    serde_json::from_slice(&std::fs::read(out).unwrap()).unwrap()
}

/// Sends a request with this token.
async fn asks<T: serde::de::DeserializeOwned>(program: &Program, token: &Value, path: &str) -> T {
    let request = reqwest::Client::new().get(format!("{}/api/{path}", program.url));
    let answer = request.bearer_auth(token.as_str().unwrap()).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

async fn lists(program: &Program, token: &Value) -> Vec<Conversation> {
    let list: Value = asks(program, token, "conversations").await;
    serde_json::from_value(list["conversations"].clone()).unwrap()
}

/// Lifetime of a token in seconds, from its claims.
fn lasts(token: &Value) -> i64 {
    let body = token.as_str().unwrap().split('.').nth(1).unwrap();
    let digit = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'-' => 62,
        _ => 63,
    };
    let bits: Vec<u8> = body.bytes().flat_map(|c| (0..6).rev().map(move |n| digit(c) >> n & 1)).collect();
    let bytes: Vec<u8> =
        bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit)).collect();
    let claims: Value = serde_json::from_slice(&bytes).unwrap();
    claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap()
}

/// Checks that the contents of the file exist in the database of this server.
async fn holds(program: &Program, written: &Value) {
    let tokens = written["tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), 12);
    assert_eq!(lasts(&tokens[0]), 86_400);
    assert_eq!(written["room"]["members"], serde_json::json!([0, 1, 2, 3, 4]));
    let room = &written["room"]["id"];
    let path = format!("conversations/{room}/messages");
    for member in &tokens[..5] {
        let page: Page = asks(program, member, &path).await;
        let last: Vec<i64> = page.messages.iter().map(|message| message.seq).collect();
        assert_eq!(last, (2_052..=2_101).collect::<Vec<_>>());
        assert_eq!(page.messages[49].content.split('.').next(), Some("Message 2101"));
        assert!(page.messages[48].sender != page.messages[49].sender);
    }
    let newest: Page = asks(program, &tokens[0], &path).await;
    let older: Page = asks(program, &tokens[0], &format!("{path}?before=2001")).await;
    assert!(older.messages[49].timestamp < newest.messages[49].timestamp);
    let pairs = written["pairs"].as_array().unwrap();
    let places: Vec<_> = pairs.iter().map(|pair| (&pair["a"], &pair["b"])).collect();
    assert_eq!(places, [(&5.into(), &6.into()), (&7.into(), &8.into()), (&9.into(), &10.into())]);
    for pair in pairs {
        for end in ["a", "b"] {
            let token = &tokens[usize::try_from(pair[end].as_u64().unwrap()).unwrap()];
            let list = lists(program, token).await;
            assert_eq!(
                list.iter().map(|one| serde_json::json!(one.id)).collect::<Vec<_>>(),
                [pair["id"].clone()]
            );
        }
    }
    assert_eq!(lists(program, &tokens[11]).await, []);
    let address = format!("{}/ws/?token={}", program.url.replace("http", "ws"), tokens[0].as_str().unwrap());
    Socket::open(&address, &[]).await.unwrap().greeted().await;
}

#[tokio::test]
async fn a_fixture_is_served_and_created_only_once() {
    let at = tempfile::tempdir().unwrap();
    let (data, out) = (at.path().join("data"), at.path().join("fixture.json"));
    let made = fixture(&data, &out, &NUMBERS).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    let before = std::fs::read(&out).unwrap();
    let program = Program::serve(at.path(), &data, "127.0.0.1:0").await;
    holds(&program, &written(&out)).await;
    assert_eq!(program.terminates().await, Some(0));

    let again = fixture(&data, &out, &NUMBERS).await;
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(again.err.contains("is not empty"), "{again:?}");
    let (elsewhere, url) = (at.path().join("other"), format!("sqlite:{}", data.join("rapport.db").display()));
    for _ in 0..2 {
        let same = fixture(&elsewhere, &out, &[NUMBERS.as_slice(), &["--database-url", &url]].concat()).await;
        assert_eq!(same.code, Some(2), "{same:?}");
        assert!(same.err.contains("accounts in this database"), "{same:?}");
    }
    assert_eq!(std::fs::read(&out).unwrap(), before, "what was refused wrote nothing");
}

#[tokio::test]
async fn an_invalid_fixture_is_rejected_before_anything_is_created() {
    let at = tempfile::tempdir().unwrap();
    let (data, out) = (at.path().join("data"), at.path().join("fixture.json"));
    for (numbers, words) in [
        (["--users", "10", "--room", "5", "--pairs", "3"], "need 11 users"),
        (["--users", "10", "--room", "1", "--pairs", "3"], "--room"),
        (["--users", "0", "--room", "5", "--pairs", "3"], "--users"),
        (["--users", "10", "--room", "5", "--messages", "1000001"], "--messages"),
    ] {
        let ended = fixture(&data, &out, &numbers).await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.err.contains(words), "{ended:?}");
        assert!(!data.exists() && !out.exists());
    }
    let nowhere = at.path().join("nowhere/fixture.json");
    let ended = fixture(&data, &nowhere, &NUMBERS).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("nowhere/fixture.json"), "{ended:?}");
    assert!(!data.join("rapport.db").exists());
    // A refusal does not stand in the way of what is right.
    let ended = fixture(&data, &out, &["--users", "2", "--room", "2", "--pairs", "0"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(written(&out)["pairs"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fixture_is_created_on_postgres() {
    let postgres = tokio::task::block_in_place(test_servers::Postgres::start).unwrap();
    let url = tokio::task::block_in_place(|| postgres.database()).unwrap();
    let at = tempfile::tempdir().unwrap();
    let (data, out) = (at.path().join("data"), at.path().join("fixture.json"));
    let words = [NUMBERS.as_slice(), &["--database-url", &url]].concat();
    let made = fixture(&data, &out, &words).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    holds(&Program::alone(&[("RAPPORT_DATABASE_URL", &url)]).await, &written(&out)).await;
    let again = fixture(&at.path().join("other"), &out, &words).await;
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(again.err.contains("accounts in this database"), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_reads_what_the_durability_limit_writes() {
    let at = tempfile::tempdir().unwrap();
    let (data, out) = (at.path().join("data"), at.path().join("fixture.json"));
    let made = fixture(&data, &out, &NUMBERS).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    let database = data.join("rapport.db");
    let write = || bench::measure::durable::write(&database, 10, Duration::from_millis(200));
    let found = tokio::task::block_in_place(write).unwrap();
    assert!(
        found.messages >= 10 && found.messages_per_second > 0.0 && found.p99_ms >= found.p50_ms,
        "{found:?}"
    );
    let program = Program::serve(at.path(), &data, "127.0.0.1:0").await;
    let fixture = written(&out);
    let mut sent = 0;
    for pair in fixture["pairs"].as_array().unwrap() {
        let token = &fixture["tokens"][usize::try_from(pair["b"].as_u64().unwrap()).unwrap()];
        let page: Page = asks(&program, token, &format!("conversations/{}/messages", pair["id"])).await;
        let last = page.messages.last().unwrap();
        assert_eq!(last.content, format!("message {}", last.seq));
        sent += last.seq;
    }
    assert_eq!(usize::try_from(sent).unwrap(), found.messages);
    assert_eq!(program.terminates().await, Some(0));
    let none = bench::measure::durable::write(&at.path().join("none.db"), 1, Duration::from_millis(1));
    assert!(none.is_err());
}
