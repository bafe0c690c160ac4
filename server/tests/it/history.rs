//! The history checker, for a minute (docs/checker.md): under all faults no message may be lost, duplicated, reordered, or
//! shown to a person who is not a member. `TEST_SEED` sets the seed.

use crate::support::setting;
use bench::checker::schedule::Setup;
use bench::checker::{self, Plan, Report};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Runs the checker. If it fails, the message names the folder of the history.
async fn checked(name: &str, setup: Setup, seconds: u64, kills: Option<u32>) -> Report {
    let seed = setting("TEST_SEED", 1);
    let history = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{seed}.jsonl"));
    let plan = Plan {
        program: PathBuf::from(env!("CARGO_BIN_EXE_rapport")),
        seed,
        setup,
        time: Duration::from_secs(seconds),
        kills,
        people: 8,
        history: Some(history.clone()),
    };
    let report = checker::run(&plan).await.unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
    println!("seed {seed}\n{report}");
    assert!(report.violations.is_empty(), "seed {seed}, history in {}:\n{report}", history.display());
    // A run in which little happened proves little.
    assert!(report.sent as u64 > seconds && report.lines.0 > 10 && report.lines.1 > 10, "{report:?}");
    std::fs::remove_file(history).unwrap();
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f1_whatever_befalls_one_node_and_its_lines_nothing_is_lost_doubled_or_out_of_order() {
    let report = checked("alone", Setup::Alone, 60, None).await;
    assert!(report.faults.len() >= 5, "{report:?}");
}

#[test]
fn the_checkers_own_faults_still_fit_the_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let run = Command::new(root.join("bench/mutation-test")).arg("--applies").output().unwrap();
    assert!(
        run.status.success(),
        "{}{}",
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr)
    );
}

mod cluster {
    use super::{Setup, checked};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn f4_f5_whatever_befalls_two_nodes_redis_and_postgres_nothing_is_lost_doubled_or_out_of_order() {
        let report = checked("cluster", Setup::Cluster, 60, None).await;
        assert!(report.faults.len() >= 8, "{report:?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn f6_the_clients_of_a_node_that_is_killed_under_load_go_on_at_another() {
        let report = checked("f6", Setup::Cluster, 0, Some(6)).await;
        assert!(report.through.len() == 6 && report.through.iter().all(|count| *count > 0), "{report:?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn r2_behind_nginx_a_node_redis_postgres_and_nginx_are_killed_in_turn_under_load() {
        let report = checked("nginx", Setup::BehindNginx, 0, Some(5)).await;
        let killed = |what: &str| report.faults.get(what).copied().unwrap_or(0);
        assert_eq!(killed("node killed"), 2, "{report:?}");
        for service in ["Redis killed", "Postgres killed", "nginx killed"] {
            assert_eq!(killed(service), 1, "{report:?}");
        }
    }
}
