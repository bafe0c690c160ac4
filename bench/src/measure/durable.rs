//! The limit of durability: a bare loop writes the rows of messages into the tables of a real installation, under the same
//! settings of SQLite, with a fixed number of messages to a commit.

use super::quantile;
use crate::BoxError;
use protocol::ClientId;
use rusqlite::{Connection, TransactionBehavior, params};
use std::path::Path;
use std::time::{Duration, Instant};

/// The result.
#[derive(Debug)]
pub struct Durable {
    /// Messages written.
    pub messages: usize,
    /// Durable messages a second.
    pub messages_per_second: f64,
    /// Processor seconds of the loop for a thousand messages.
    pub cpu_per_thousand: f64,
    /// The median time of a transaction, in milliseconds.
    pub p50_ms: f64,
    /// The 99th percentile, in milliseconds.
    pub p99_ms: f64,
}

/// A direct conversation: its id, one of its members, its counter.
struct Pair {
    conversation: i64,
    sender: i64,
    rev: i64,
}

/// Creates an installation with this many pairs by `rapport fixture` in a temporary folder, and writes into it for `time`.
///
/// # Errors
/// The program fails, or [`write`] does.
pub async fn run(program: &Path, pairs: usize, batch: usize, time: Duration) -> Result<Durable, BoxError> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let made = tokio::process::Command::new(std::path::absolute(program)?)
        .args([
            "fixture",
            "--users",
            &(2 + 2 * pairs).to_string(),
            "--room",
            "2",
            "--pairs",
            &pairs.to_string(),
        ])
        .arg("--out")
        .arg(folder.path().join("fixture.json"))
        .arg("--data")
        .arg(&data)
        .current_dir(folder.path())
        .env_clear()
        .output()
        .await?;
    if !made.status.success() {
        return Err(format!("rapport fixture: {}", String::from_utf8_lossy(&made.stderr)).into());
    }
    tokio::task::spawn_blocking(move || write(&data.join("rapport.db"), batch, time)).await?
}

/// Writes into the direct conversations of this database, in turn, for `time`. No server may run on it.
///
/// # Errors
/// The database cannot be written, or does not hold what was written.
pub fn write(database: &Path, batch: usize, time: Duration) -> Result<Durable, BoxError> {
    let mut connection = open(database)?;
    let mut pairs = pairs(&connection)?;
    if pairs.is_empty() || batch == 0 {
        return Err("there is nothing to write".into());
    }
    let (before, revs) = sums(&connection)?;
    let mut id: i64 =
        connection.query_row("SELECT coalesce(max(id), 0) FROM message", [], |row| row.get(0))?;
    let (mut times, mut sent) = (Vec::new(), 0);
    let (begun, cpu) = (Instant::now(), cpu()?);
    while begun.elapsed() < time {
        let commit = Instant::now();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut insert = transaction.prepare_cached(
            "INSERT INTO message (id, conversation_id, seq, rev, run_seq, sender_id, client_id, hash, content, created_at) \
             VALUES (?1, ?2, ?3, ?3, 1, ?4, ?5, ?6, ?7, ?8)",
        )?;
        let mut count = transaction.prepare_cached("UPDATE conversation SET rev = ?2 WHERE id = ?1")?;
        for n in sent..sent + batch {
            let at = n % pairs.len();
            let pair = &mut pairs[at];
            id += 1;
            pair.rev += 1;
            let client_id = ClientId::mint();
            let bytes = client_id.0.as_bytes().as_slice();
            let content = format!("message {}", pair.rev);
            insert.execute(params![
                id,
                pair.conversation,
                pair.rev,
                pair.sender,
                bytes,
                bytes,
                content,
                id
            ])?;
        }
        // One update for each conversation, however many of its messages are in the batch.
        for n in sent..sent + batch.min(pairs.len()) {
            let pair = &pairs[n % pairs.len()];
            count.execute(params![pair.conversation, pair.rev])?;
        }
        drop((insert, count));
        transaction.commit()?;
        times.push(commit.elapsed().as_secs_f64() * 1_000.0);
        sent += batch;
    }
    let (seconds, cpu) = (begun.elapsed().as_secs_f64(), self::cpu()?.saturating_sub(cpu).as_secs_f64());
    let written = i64::try_from(sent)?;
    if sums(&connection)? != (before + written, revs + written) {
        return Err("the database does not hold what was written".into());
    }
    times.sort_by(f64::total_cmp);
    #[allow(clippy::cast_precision_loss)]
    let messages = sent as f64;
    Ok(Durable {
        messages: sent,
        messages_per_second: messages / seconds,
        cpu_per_thousand: cpu / messages * 1_000.0,
        p50_ms: quantile(&times, 0.5),
        p99_ms: quantile(&times, 0.99),
    })
}

/// Opens the database with the settings of Rapport's write connection.
fn open(database: &Path) -> Result<Connection, BoxError> {
    let connection = Connection::open(database)?;
    for (name, value) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
        ("cache_size", "-2048"),
        ("wal_autocheckpoint", "4096"),
        ("journal_size_limit", "33554432"),
        ("temp_store", "2"),
    ] {
        connection.pragma_update(None, name, value)?;
        let is: rusqlite::types::Value = connection.pragma_query_value(None, name, |row| row.get(0))?;
        let is = match is {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => format!("{other:?}"),
        };
        if is != value {
            return Err(format!("SQLite's {name} is {is}, not {value}").into());
        }
    }
    Ok(connection)
}

fn pairs(connection: &Connection) -> Result<Vec<Pair>, BoxError> {
    let mut direct = connection.prepare(
        "SELECT c.id, min(m.user_id), c.rev FROM conversation c JOIN member m ON m.conversation_id = c.id \
         WHERE c.direct_key IS NOT NULL GROUP BY c.id",
    )?;
    let rows = direct
        .query_map([], |row| Ok(Pair { conversation: row.get(0)?, sender: row.get(1)?, rev: row.get(2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The number of messages, and the sum of all counters.
fn sums(connection: &Connection) -> Result<(i64, i64), BoxError> {
    let sums = "SELECT (SELECT count(*) FROM message), (SELECT sum(rev) FROM conversation)";
    Ok(connection.query_row(sums, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// The processor time of this thread so far.
fn cpu() -> Result<Duration, BoxError> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = told.split_whitespace().next().ok_or("unreadable schedstat")?.parse()?;
    Ok(Duration::from_nanos(nanos))
}
