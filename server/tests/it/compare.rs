//! A short run of the comparison benchmark (docs/performance.md): everything that it sends arrives, and it reports.

use bench::compare::measures::{Measure, Scale};
use bench::compare::subject::{Kind, Programs};
use bench::compare::{Plan, chart, report, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Path of the program `limit`, where Cargo puts it in a test of the workspace; built there if only these tests are run.
fn limit() -> PathBuf {
    let limit = Path::new(env!("CARGO_BIN_EXE_rapport")).with_file_name("limit");
    if !limit.exists() {
        let words = ["build", "--workspace", "--exclude", "frontend", "--bin", "limit"];
        assert!(Command::new(env!("CARGO")).args(words).status().unwrap().success());
    }
    limit
}

/// Measurements of a program without a site, as Cargo alone builds it.
fn measures() -> Vec<Measure> {
    Measure::ALL.into_iter().filter(|measure| *measure != Measure::FirstLoad).collect()
}

fn plan() -> Plan {
    let (rapport, nowhere) =
        (PathBuf::from(env!("CARGO_BIN_EXE_rapport")), Path::new(env!("CARGO_TARGET_TMPDIR")));
    Plan {
        command: "bench compare --quick".into(),
        programs: Programs {
            limit: limit(),
            rapport,
            peers: nowhere.join("no-peers"),
            installed: nowhere.join("no-peers"),
        },
        scale: Scale::QUICK,
        blocks: 1,
        measures: measures(),
        kinds: Kind::ALL.to_vec(),
    }
}

#[test]
fn everything_is_compared_with_the_limit_and_absent_peers_are_reported_postgres_and_redis_too() {
    let plan = plan();
    let results = run(&plan, &|line| println!("{line}")).unwrap();
    assert!(results.is_sound(), "{results:?}");
    assert_eq!(results.measures(), measures());
    for entry in &results.entries {
        assert!(entry.figures.len() > 1, "{entry:?}");
        assert!(entry.figures.iter().any(|figure| figure.value > 0.0), "{entry:?}");
    }
    assert_eq!(results.left_out.len(), 2);
    let text = report::markdown(&results, "performance.svg");
    assert!(text.contains("Left out: Node ws + SQLite"), "{text}");
    assert!(text.contains("| Rapport, two nodes |"), "{text}");
    assert!(chart::svg(&results).contains("Rapport"));
}

#[test]
fn a_rapport_that_does_not_start_yields_no_result() {
    let mut plan = plan();
    plan.programs.rapport = "/bin/false".into();
    plan.kinds = vec![Kind::Rapport];
    assert!(run(&plan, &|_| {}).unwrap_err().to_string().contains("Rapport"));
}
