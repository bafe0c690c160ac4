//! The HTTP API tested by its OpenAPI document: schemathesis makes up requests that agree and disagree with it, and compares
//! the answers with the document.

use crate::support::{Server, room};
use protocol::KeyScope;
use std::ffi::OsStr;
use std::process::Stdio;
use tokio::process::Command;

/// Operations that end the sign-in of the run. They have a run of their own.
const SIGN_OUTS: [&str; 3] = ["/api/token", "/api/me/sessions", "/api/me/sessions/{session}"];

/// An empty parameter is an absent one, since forms send those, too; the document cannot say so.
const CONFIGURATION: &str = r#"
[[operations]]
include-path-regex = "^/api/(conversations|conversations/\\{id\\}/messages|notifications|people|admin/(people|groups)|moderation/conversations(/\\{id\\}/messages)?)$"
checks.negative_data_rejection.enabled = false
"#;

/// Operations of products, by their keys.
const OF_KEYS: &str = "^/api/(key$|subjects/|webhook|admin/)";

async fn run(program: &OsStr, server: &Server, token: &str, options: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let configuration = folder.path().join("schemathesis.toml");
    std::fs::write(&configuration, CONFIGURATION).unwrap();
    let ended = Command::new(program)
        // Where it leaves its cache.
        .current_dir(&folder)
        .arg("--config-file")
        .arg(configuration)
        .args(["run", &format!("{}/api/openapi.json", server.url)])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        // Whether a value that agrees with the schema is accepted depends on more than the schema: names that are taken, rules of
        // passwords, ids of others.
        .args(["--exclude-checks", "positive_data_acceptance"])
        .args(["--max-examples", "20", "--seed", "1", "--no-color"])
        .args(options)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let report = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{report}\n{}", String::from_utf8_lossy(&ended.stderr));
    assert!(report.contains(" passed"), "nothing was tested: {report}");
}

#[tokio::test]
async fn x1_schemathesis_finds_nothing() {
    let Some(program) = std::env::var_os("RAPPORT_SCHEMATHESIS") else {
        println!("SKIPPED: x1_schemathesis_finds_nothing: RAPPORT_SCHEMATHESIS does not name the program");
        return;
    };
    let many = "1000000";
    let server = Server::start_with(&[
        ("RAPPORT_LIMITS__SENDS_PER_SECOND", many),
        ("RAPPORT_LIMITS__SEND_BURST", many),
        ("RAPPORT_LIMITS__OPERATIONS_PER_SECOND", many),
        ("RAPPORT_LIMITS__OPERATION_BURST", many),
        ("RAPPORT_LIMITS__REGISTRATIONS_PER_HOUR", many),
        ("RAPPORT_LIMITS__SIGN_INS_PER_MINUTE", many),
        ("RAPPORT_SUBJECTS__LISTING__NAME", "Listing"),
        ("RAPPORT_SUBJECTS__LISTING__ROLES", "buyer, seller"),
        ("RAPPORT_SUBJECTS__LISTING__PER_SUBJECT", "many"),
        ("RAPPORT_SUBJECTS__LISTING__MODERATORS", "anna"),
    ])
    .await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let club = room(&[&anna, &ben], Some("Club")).await;
    anna.says(club, "Hello").await;
    // A held poll is answered after 25 seconds.
    let mut apart = vec!["--exclude-path", "/api/poll", "--exclude-path-regex", OF_KEYS];
    apart.extend(SIGN_OUTS.iter().flat_map(|path| ["--exclude-path", path]));
    run(&program, &server, &anna.access, &apart).await;
    let ends: Vec<_> = SIGN_OUTS.iter().flat_map(|path| ["--include-path", path]).collect();
    run(&program, &server, &anna.again().await.access, &ends).await;
    let key = server.key("all", &KeyScope::ALL).await;
    let of_products = ["--include-path-regex", OF_KEYS, "--exclude-path-regex", "^/api/admin/"];
    run(&program, &server, &key, &of_products).await;
    assert_eq!(ben.get("/api/me").await.status(), 200, "nobody else was signed out");
    // A key that revokes itself is refused from then on.
    let of_admin = ["--include-path-regex", "^/api/admin/", "--exclude-path", "/api/admin/keys/{key}"];
    run(&program, &server, &key, &of_admin).await;
}
