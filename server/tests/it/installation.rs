//! Which commands create an installation, and who else may use its database.

use crate::support::{Ended, PASSWORD, Program, until};
use serde_json::json;
use std::path::Path;
use tokio::process::Command;

fn names(folder: &Path) -> Vec<String> {
    let inside =
        std::fs::read_dir(folder).unwrap().map(|one| one.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = inside.collect();
    names.sort();
    names
}

#[track_caller]
fn refused(ended: &Ended, words: &str) {
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains(words), "{words}: {ended:?}");
}

#[tokio::test]
async fn v27_commands_need_an_installation_and_create_none() {
    let at = tempfile::tempdir().unwrap();
    let data = at.path().join("misstyped");
    for words in [vec!["user", "add", "anna"], vec!["user", "token", "anna"], vec!["user", "suspend", "anna"]]
    {
        let ended = Program::run(at.path(), &data, &words, PASSWORD).await;
        refused(&ended, data.join("rapport.db").to_str().unwrap());
        assert!(ended.err.contains("RAPPORT_DATA"), "{ended:?}");
    }
    let url = format!("sqlite:{}", at.path().join("other.db").display());
    let ended =
        Program::run(at.path(), &data, &["user", "add", "anna", "--database-url", &url], PASSWORD).await;
    refused(&ended, "other.db");
    let backup = Program::run(at.path(), &data, &["backup", "copy"], "").await;
    assert!(backup.code != Some(0) && backup.err.contains("no such database"), "{backup:?}");
    assert_eq!(names(at.path()), [""; 0], "nothing was created");

    // The first account before the first start.
    let created = Program::run(at.path(), &data, &["user", "add", "anna", "--create"], PASSWORD).await;
    assert_eq!(
        (created.code, created.out.as_str()),
        (Some(0), "Added anna, the administrator.\n"),
        "{created:?}"
    );
    let again = Program::run(at.path(), &data, &["user", "add", "ben"], PASSWORD).await;
    assert_eq!((again.code, again.out.as_str()), (Some(0), "Added ben.\n"), "{again:?}");
}

#[tokio::test]
async fn v27_a_check_without_its_servers_folder_creates_nothing() {
    let server = Program::alone(&[]).await;
    let at = tempfile::tempdir().unwrap();
    let data = at.path().join("misstyped");
    let ended = Program::run(at.path(), &data, &["check", &server.url, "--quick", "--json"], "").await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.out.contains("there is no installation here"), "{ended:?}");
    assert_eq!(names(at.path()), [""; 0]);
}

#[tokio::test]
async fn v27_a_file_that_is_empty_or_no_database_is_refused_by_every_command() {
    for content in [String::new(), "no database, and long enough to be read ".repeat(200)] {
        let data = tempfile::tempdir().unwrap();
        let database = data.path().join("rapport.db");
        std::fs::write(&database, &content).unwrap();
        std::fs::write(data.path().join("secret"), "0".repeat(64)).unwrap();
        let words = if content.is_empty() { "is empty" } else { "not a SQLite database" };
        for command in [
            vec!["serve", "--listen", "127.0.0.1:0"],
            vec!["user", "add", "anna"],
            vec!["user", "add", "anna", "--create"],
            vec!["backup", "copy"],
        ] {
            let at = tempfile::tempdir().unwrap();
            let ended = Program::run(at.path(), data.path(), &command, PASSWORD).await;
            refused(&ended, words);
            assert_eq!(std::fs::read_to_string(&database).unwrap(), content, "{command:?}");
        }
    }
}

/// Number of accounts, by a backup.
async fn accounts(at: &Path, data: &Path) -> usize {
    let copy = tempfile::tempdir().unwrap();
    let folder = copy.path().join("copy");
    let done = Program::run(at, data, &["backup", folder.to_str().unwrap()], "").await;
    let words: Vec<_> = done.out.split_whitespace().collect();
    words.get(2).and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{done:?}"))
}

/// Starts a check, and kills it when its accounts are there beside these.
async fn killed_check(url: &str, at: &Path, data: &Path, others: usize) {
    let mut check = Command::new(env!("CARGO_BIN_EXE_rapport"));
    check.args(["check", url]).current_dir(at).env_clear().env("RAPPORT_DATA", data);
    check.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut check = check.kill_on_drop(true).spawn().unwrap();
    until("the accounts of the check are there", async || accounts(at, data).await == others + 2).await;
    check.kill().await.unwrap();
}

#[tokio::test]
async fn v27_a_killed_check_leaves_no_administrator_and_its_accounts_are_deleted() {
    let (at, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (at, data) = (at.path(), data.path());
    let server = Program::serve(at, data, "127.0.0.1:0").await;
    killed_check(&server.url, at, data, 0).await;
    assert_eq!(accounts(at, data).await, 2, "left over");
    let anna = server.register("anna").await;
    let me: serde_json::Value = anna.get("/api/me").await.json().await.unwrap();
    assert_eq!(me["is_admin"], json!(true), "the accounts of the check do not count");
    // The next check deletes them, and its own.
    let checked = Program::run(at, data, &["check", &server.url, "--quick"], "").await;
    assert!(checked.out.contains("The test users are deleted"), "{checked:?}");
    assert_eq!(accounts(at, data).await, 1);
    // So does the next start.
    killed_check(&server.url, at, data, 1).await;
    assert_eq!(server.terminates().await, Some(0));
    assert_eq!(accounts(at, data).await, 3);
    let next = Program::serve(at, data, "127.0.0.1:0").await;
    assert_eq!(accounts(at, data).await, 1);
    assert_eq!(next.terminates().await, Some(0));
}

#[tokio::test]
async fn v28_a_database_has_one_server_whatever_path_leads_to_it() {
    let (at, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Program::serve(at.path(), data.path(), "127.0.0.1:0").await;
    let database = data.path().join("rapport.db");
    let (other, linked) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::hard_link(&database, linked.path().join("rapport.db")).unwrap();
    std::os::unix::fs::symlink(&database, other.path().join("link.db")).unwrap();
    std::os::unix::fs::symlink(data.path(), other.path().join("folder")).unwrap();
    let relative = format!("../{}/rapport.db", data.path().file_name().unwrap().to_str().unwrap());
    let second = |folder: &Path, url: Option<&str>| {
        let (folder, url) = (folder.to_owned(), url.map(str::to_owned));
        let at = other.path();
        async move {
            let mut words = vec!["serve", "--listen", "127.0.0.1:0"];
            words.extend(url.as_deref().into_iter().flat_map(|url| ["--database-url", url]));
            Program::run(at, &folder, &words, "").await
        }
    };
    let own = other.path().join("own");
    for ended in [
        second(linked.path(), None).await,
        second(&other.path().join("folder"), None).await,
        second(&own, Some("sqlite:link.db")).await,
        second(&own, Some(&format!("sqlite:{relative}"))).await,
    ] {
        refused(&ended, "another server is running");
        assert!(ended.err.contains(&format!("process {}", server.pid())), "{ended:?}");
    }
    // Commands work beside the server, and take nothing from its lock.
    let added = Program::run(at.path(), data.path(), &["user", "add", "anna"], PASSWORD).await;
    assert_eq!(added.code, Some(0), "{added:?}");
    assert_eq!(accounts(at.path(), data.path()).await, 1);
    refused(&second(&own, Some("sqlite:link.db")).await, "another server is running");
    // However the server ends, the next one starts.
    assert_eq!(server.ends_by("-KILL").await, None);
    let next = Program::serve(at.path(), &other.path().join("folder"), "127.0.0.1:0").await;
    refused(&second(&own, Some(&format!("sqlite:{relative}"))).await, "another server is running");
    assert_eq!(next.terminates().await, Some(0));
}
