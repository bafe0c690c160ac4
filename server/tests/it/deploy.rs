//! The files of `deploy/`: they name the variables that the configuration reads, and systemd accepts the units (R4).

use crate::support::{PATIENCE, Program, until};
use server::config::{self, Options};
use std::collections::{BTreeSet, HashMap};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;

fn file(name: &str) -> String {
    let path = at(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn at(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

/// Every variable that the configuration reads: the error for an unknown key of the file names the known ones.
fn read_by_the_configuration() -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Leptos.toml");
    let keys = |table: &str| {
        std::fs::write(&file, format!("[{table}]\nnothing = 1\n")).unwrap();
        let options = Options { config: Some(file.clone()), ..Options::default() };
        let refused = config::read(&options, HashMap::new()).unwrap_err().to_string();
        let (_, expected) = refused.split_once("expected one of").unwrap_or_else(|| panic!("{refused}"));
        let keys = expected.split('`').skip(1).step_by(2).map(str::to_uppercase).collect::<Vec<_>>();
        assert!(keys.len() > 5, "{refused}");
        // The limits, whose keys are found by the second error, and the tables whose names operators choose.
        keys.into_iter()
            .filter(|key| !["LIMITS", "SSO", "SUBJECTS"].contains(&key.as_str()))
            .collect::<Vec<_>>()
    };
    let outer = keys("rapport").into_iter().chain(["CONFIG".to_owned()]).map(|key| format!("RAPPORT_{key}"));
    outer.chain(keys("rapport.limits").into_iter().map(|key| format!("RAPPORT_LIMITS__{key}"))).collect()
}

/// The variables in a text.
fn named(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (start, _) in text.match_indices("RAPPORT_") {
        let rest = &text[start..];
        let end = rest.find(|c: char| !(c.is_ascii_uppercase() || c == '_')).unwrap_or(rest.len());
        found.insert(rest[..end].to_owned());
    }
    found.remove("RAPPORT_LIMITS__");
    // Of `rapport tail`.
    found.remove("RAPPORT_TOKEN");
    found.retain(|name| !name.starts_with("RAPPORT_SSO__") && !name.starts_with("RAPPORT_SUBJECTS__"));
    found
}

#[test]
fn r4_readme_and_example_name_exactly_the_variables_that_are_read() {
    let real = read_by_the_configuration();
    let example = file("deploy/systemd/rapport.env");
    assert_eq!(named(&example), real, "deploy/systemd/rapport.env");
    assert!(
        example.lines().all(|line| line.is_empty() || line.starts_with('#')),
        "all of it is commented out"
    );
    // The README names limits in their short form, in a table of their own.
    let readme = file("README.md");
    for name in &real {
        let short = name.strip_prefix("RAPPORT_LIMITS__").map(str::to_lowercase);
        let name = short.as_ref().unwrap_or(name);
        assert!(readme.contains(&format!("`{name}`")), "the README does not name {name}");
    }
    let mut texts = vec![at("README.md")];
    for folder in ["deploy/nginx", "deploy/systemd", "deploy/container", "docs"] {
        texts.extend(std::fs::read_dir(at(folder)).unwrap().map(|entry| entry.unwrap().path()));
    }
    for path in texts {
        // Pictures name nothing.
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let unknown: Vec<_> = named(&text).difference(&real).cloned().collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", path.display());
    }
}

#[test]
fn r4_systemd_verifies_the_units_and_their_hardening() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        eprintln!("SKIPPED r4: systemd-analyze is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for name in ["rapport.service", "rapport@.service"] {
        let unit = folder.path().join(name);
        let here = file(&format!("deploy/systemd/{name}"))
            .replace("/usr/local/bin/rapport", env!("CARGO_BIN_EXE_rapport"));
        assert!(here.contains(env!("CARGO_BIN_EXE_rapport")));
        std::fs::write(&unit, here).unwrap();
        // Ten is exposed to everything; a usual service has 9.6.
        for arguments in [vec!["verify"], vec!["security", "--offline=yes", "--threshold=15"]] {
            let ended = Command::new("systemd-analyze").args(&arguments).arg(&unit).output().unwrap();
            let said = String::from_utf8_lossy(&ended.stderr);
            assert!(ended.status.success() && !said.contains(name), "{name} {arguments:?}: {ended:?}");
        }
    }
}

#[test]
fn r4_both_units_have_the_same_hardening() {
    let hardening = |name: &str| {
        let unit = file(&format!("deploy/systemd/{name}"));
        unit[unit.find("Restart=").unwrap()..].to_owned()
    };
    assert_eq!(hardening("rapport.service"), hardening("rapport@.service"));
}

#[tokio::test]
async fn r4_the_supervisor_is_notified_of_ready_and_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let supervisor = UnixDatagram::bind(&path).unwrap();
    supervisor.set_read_timeout(Some(PATIENCE)).unwrap();
    let next = || {
        let mut buffer = [0; 64];
        let n = supervisor.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..n]).into_owned()
    };
    let program = Program::alone(&[("NOTIFY_SOCKET", path.to_str().unwrap())]).await;
    assert_eq!(next(), "READY=1\n");
    assert!(reqwest::get(format!("{}/readyz", program.url)).await.unwrap().status().is_success());
    let url = program.url.clone();
    assert_eq!(program.terminates().await, Some(0));
    assert_eq!(next(), "STOPPING=1\n");
    until("nobody listens", async || reqwest::get(&url).await.is_err()).await;
}

#[tokio::test]
async fn r4_the_server_starts_without_a_listening_supervisor() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nobody");
    let program = Program::alone(&[("NOTIFY_SOCKET", path.to_str().unwrap())]).await;
    assert!(reqwest::get(format!("{}/readyz", program.url)).await.unwrap().status().is_success());
    assert!(program.log().contains("the supervisor cannot be notified of READY=1"));
}

#[test]
fn v29_the_proxies_close_idle_connections_before_the_server_does() {
    let mut names: Vec<String> =
        ["tcp", "two", "unix"].iter().map(|kind| format!("deploy/nginx/upstream-{kind}.conf")).collect();
    names.push("deploy/container/nginx.conf".into());
    for name in names {
        let text = file(&name);
        let (_, rest) = text.split_once("keepalive_timeout ").unwrap_or_else(|| panic!("{name}"));
        let seconds: u64 = rest.split_once("s;").unwrap().0.parse().unwrap();
        // The server keeps them for 75 s.
        assert!(seconds < 75, "{name}: {seconds}");
    }
}
