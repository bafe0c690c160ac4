//! Acknowledged writes survive crashes.

use crate::support::{PATIENCE, Program, Trace, room, setting, until};
use bench::checker::{self, Plan};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// `TEST_SEED` and `TEST_KILLS` set the seed and the number of kills. If it fails, the message names the folder of the history.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f1_killed_20_times_while_20_people_talk_nothing_is_lost_doubled_or_out_of_order() {
    let (seed, kills) = (setting("TEST_SEED", 1), setting("TEST_KILLS", 20));
    println!("seed {seed}");
    let history = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("history-{seed}.jsonl"));
    let plan = Plan {
        program: PathBuf::from(env!("CARGO_BIN_EXE_rapport")),
        seed,
        setup: bench::checker::schedule::Setup::Alone,
        time: Duration::ZERO,
        kills: Some(u32::try_from(kills).expect("not that often")),
        people: 20,
        history: Some(history.clone()),
    };
    let report = checker::run(&plan).await.unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
    let all = report.violations.join("\n");
    assert!(report.violations.is_empty(), "seed {seed}, history in {}:\n{all}", history.display());
    // A run in which little happened proves little.
    assert!(report.sent as u64 > kills * 4 && report.unknown > 0, "{report:?}");
    std::fs::remove_file(history).unwrap();
}

#[tokio::test]
async fn f2_the_logs_sync_comes_before_any_word_of_the_message() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    if !Command::new("strace")
        .args(["-D", "-o", "/dev/null", "true"])
        .status()
        .is_ok_and(|done| done.success())
    {
        eprintln!("SKIPPED f2: strace is not installed or may not trace here (apt-get install strace)");
        return;
    }
    // -D: the program is our child, not strace, so that it ends with us.
    let calls = "trace=fsync,fdatasync,write,writev,pwrite64,pwritev,sendto,sendmsg";
    let strace = ["strace", "-D", "-f", "-y", "-s", "65536", "-e", calls, "-o", trace.to_str().unwrap()];
    let path = std::env::var("PATH").unwrap();
    let program = Program::alone_under(&strace, &[("PATH", &path)]).await;
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let (mut annas, mut bens) = (anna.enters(talk).await, ben.enters(talk).await);

    for (content, over_http) in [("said over a socket", false), ("said over HTTP", true)] {
        if over_http {
            anna.says(talk, content).await;
        } else {
            annas.says(content).await;
        }
        bens.hears(content).await;
        until("the trace of it", async || word_of(&Trace::read(&trace), content).is_some()).await;
        let Trace(calls) = Trace::read(&trace);
        let told = word_of(&Trace::read(&trace), content).unwrap();
        let written = calls.iter().filter(|call| call.is(&WRITES, "rapport.db-wal", content));
        let written = written.map(|call| call.ended).filter(|&ended| ended < told).max();
        let written = written.unwrap_or_else(|| panic!("told before it was written: {content}"));
        let synced = calls.iter().any(|call| {
            call.is(&["fsync", "fdatasync"], "rapport.db-wal", "= 0")
                && call.began > written
                && call.ended < told
        });
        assert!(synced, "told before the log was synced: {content}");
    }
    assert_eq!(tokio::time::timeout(PATIENCE, program.terminates()).await.unwrap(), Some(0));
}

const WRITES: [&str; 4] = ["write", "writev", "pwrite64", "pwritev"];

/// Line of the first write of this text to anything but the database.
fn word_of(Trace(calls): &Trace, content: &str) -> Option<usize> {
    let out = ["write", "writev", "sendto", "sendmsg"];
    let told = calls.iter().filter(|call| call.is(&out, "", content) && !call.text.contains("rapport.db"));
    told.map(|call| call.began).min()
}
