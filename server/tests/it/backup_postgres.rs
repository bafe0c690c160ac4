//! Backup of Postgres with its own tools, as in docs/deploy.md (F14).

use crate::backup::{Client, FAST, Load};
use crate::support::{Program, room, until};
use std::process::Command;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f14_a_dump_of_postgres_under_load_restored_elsewhere_has_all_that_was_acknowledged_before_it() {
    let postgres = test_servers::Postgres::start().unwrap();
    let (before, after) = (postgres.database().unwrap(), postgres.database().unwrap());
    let name = |address: &str| address.rsplit('/').next().unwrap().to_owned();
    let tool = |program: &str, database: &str| {
        let mut tool = Command::new(program);
        tool.env("PGHOST", "127.0.0.1").env("PGPORT", postgres.port().to_string());
        tool.env("PGUSER", "rapport").env("PGDATABASE", name(database));
        tool
    };
    let program = Program::alone(&[FAST[0], FAST[1], ("RAPPORT_DATABASE_URL", &before)]).await;
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let load = Load::begin(&[&anna, &ben, &anna, &ben], talk);
    until("some were acknowledged", async || load.acknowledged().len() > 200).await;

    let out = tempfile::tempdir().unwrap();
    let dump = out.path().join("rapport.dump");
    let acknowledged = load.acknowledged();
    let done = tool("pg_dump", &before).arg("--format=custom").arg("--file").arg(&dump).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    until("more were acknowledged", async || load.acknowledged().len() > acknowledged.len() + 100).await;
    let all = load.ends().await;
    let mut client = Client::opens(&anna, talk).await;

    let mut restore = tool("pg_restore", &after);
    restore.args([
        &format!("--dbname={}", name(&after)),
        "--no-owner",
        "--exit-on-error",
        "--single-transaction",
    ]);
    let done = restore.arg(&dump).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    let sql = include_str!("../../../deploy/postgres/after-restore.sql");
    postgres.ask(&name(&after), sql).unwrap();
    let again = Program::alone(&[("RAPPORT_DATABASE_URL", &after)]).await;
    // The secret came along.
    let ben = ben.at(&again.url);
    let kept = ben.reads_all(talk).await;
    assert!(acknowledged.iter().all(|message| kept.contains(message)), "acknowledged before the dump began");
    assert!(kept.iter().all(|message| all.contains(message)) && kept.len() < all.len());
    client.goes_to(&again.url).await;
    assert_eq!(client.shows(), kept[kept.len() - client.shows().len()..]);
    let said = ben.says(talk, "After the restore").await;
    assert!(
        !all.iter().any(|message| message.id == said.id || message.seq == said.seq),
        "nothing is used twice"
    );
    client.comes_back().await;
    assert_eq!(client.shows().last(), Some(&said));
}
