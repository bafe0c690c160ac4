//! R7: `rapport import` and `rapport export`, beside servers and without them.

use crate::support::{Ended, PASSWORD, Person, Program, Socket, room, until};
use bench::community::{self, Size};
use bench::measure::import::{self, Load};
use protocol::{Message, ServerFrame};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use test_servers::Postgres;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::task::block_in_place;

/// A small community.
const SIZE: Size = Size { people: 30, conversations: 120, conversations_of_one: 80, messages: 1_500 };
/// Number of lines of [`SIZE`].
const LINES: usize = 30 + 120 + 1_500;

/// How long a command may take on a busy machine.
const TIME: Duration = Duration::from_secs(120);

/// An installation: its folder, and the settings of its database.
struct Installation {
    at: tempfile::TempDir,
    settings: Vec<String>,
}

impl Installation {
    fn new(url: Option<&str>) -> Self {
        let settings = url.map(|url| vec!["--database-url".into(), url.to_owned()]);
        Self { at: tempfile::tempdir().unwrap(), settings: settings.unwrap_or_default() }
    }

    fn data(&self) -> PathBuf {
        self.at.path().join("data")
    }

    async fn run(&self, words: &[&str], input: &str) -> Ended {
        let settings = self.settings.iter().map(String::as_str);
        let words: Vec<&str> = words.iter().copied().chain(settings).collect();
        Program::run_within(TIME, self.at.path(), &self.data(), &words, input).await
    }

    /// Imports this text into an installation that it creates if there is none.
    async fn import(&self, lines: &str) -> Ended {
        self.run(&["import", "-", "--create"], lines).await
    }

    async fn imported(&self, lines: &str) -> Ended {
        let ended = self.import(lines).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended
    }

    async fn export(&self) -> String {
        let ended = self.run(&["export"], "").await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended.out
    }
}

fn community(seed: u64) -> String {
    let mut lines = Vec::new();
    community::write(&mut lines, seed, &SIZE).unwrap();
    String::from_utf8(lines).unwrap()
}

fn user(username: &str) -> String {
    format!("{}\n", json!({"type": "user", "username": username}))
}

fn conversation(key: &str, members: &[&str], title: Option<&str>) -> String {
    format!("{}\n", json!({"type": "conversation", "key": key, "members": members, "title": title}))
}

fn message(key: &str, sender: &str, number: usize, content: &str) -> String {
    let client_id = format!("01890000-0000-7000-8000-{number:012}");
    let line = json!({"type": "message", "conversation": key, "sender": sender, "client_id": client_id,
        "content": content, "timestamp": "2025-03-01T10:00:00+02:00"});
    format!("{line}\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r7_a_community_makes_the_round_trip_between_both_databases() {
    let postgres = block_in_place(Postgres::start).unwrap();
    let (first, second) = (block_in_place(|| postgres.database()), block_in_place(|| postgres.database()));
    let lines = community(1);
    let file = Installation::new(None);
    let summary = file.imported(&lines).await;
    assert!(summary.out.contains("Imported 30 people, 120 conversations and 1500 messages"), "{summary:?}");
    let exported = file.export().await;
    assert_eq!(exported.lines().count(), LINES);

    let server = Installation::new(Some(&first.unwrap()));
    server.imported(&exported).await;
    assert_eq!(server.export().await, exported, "from SQLite to Postgres");
    let other = Installation::new(Some(&second.unwrap()));
    other.imported(&lines).await;
    let from_postgres = other.export().await;
    assert_eq!(from_postgres, exported, "the same lines into Postgres");
    let back = Installation::new(None);
    back.imported(&from_postgres).await;
    let out = back.at.path().join("community.jsonl");
    let ended = back.run(&["export", out.to_str().unwrap()], "").await;
    assert!(ended.err.contains("Exported 30 people, 120 conversations and 1500 messages"), "{ended:?}");
    assert!(std::fs::read_to_string(&out).unwrap() == exported, "from Postgres to SQLite");
    assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);

    for installation in [&file, &server] {
        let again = installation.imported(&lines).await;
        assert!(again.out.contains("0 people, 0 conversations and 0 messages"), "{again:?}");
        assert!(again.out.contains(&format!("{LINES} lines were in the database already")), "{again:?}");
        assert_eq!(installation.export().await, exported);
    }
}

/// Waits until a client is told of the message with this text: by itself, or in a list that is as new.
async fn learns(socket: &mut Socket, content: &str) -> Message {
    let told = |frame: &ServerFrame| match frame {
        ServerFrame::NewMessage(new) => {
            Some(&new.message).filter(|message| message.content == content).cloned()
        }
        ServerFrame::Synced(answer) => {
            let mut newest = answer.list.iter().flatten().filter_map(|entry| entry.last_message.as_ref());
            newest.find(|message| message.content == content).cloned()
        }
        _ => None,
    };
    let frame = socket.until(|frame| told(frame).is_some()).await;
    told(&frame).unwrap()
}

/// Imports beside a running server, whose client learns of everything.
async fn beside(program: &Program, installation: &Installation) {
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    anna.says(talk, "before").await;
    let mut socket = anna.connect().await;
    let words = |lines: String| async move {
        let ended = installation.run(&["import", "-"], &lines).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
    };
    let first = user("zoe")
        + &conversation("pair", &["anna", "ben"], None)
        + &message("pair", "ben", 1, "into the known one")
        + &conversation("team", &["zoe", "anna"], Some("Team"))
        + &message("team", "zoe", 2, "into a new one");
    words(first.clone()).await;
    let heard = learns(&mut socket, "into the known one").await;
    assert_eq!((heard.conversation_id, heard.seq), (talk, 2));
    let list = async || -> Vec<protocol::Conversation> {
        let answer: Value = anna.get("/api/conversations").await.json().await.unwrap();
        serde_json::from_value(answer["conversations"].clone()).unwrap()
    };
    let team = list().await.into_iter().find(|one| one.title.as_deref() == Some("Team")).expect("the group");
    assert_eq!((team.unread, team.last_message.unwrap().content.as_str()), (0, "into a new one"));
    // The socket was told of the new conversation, and follows it.
    words(first + &message("team", "zoe", 3, "and later")).await;
    assert_eq!(learns(&mut socket, "and later").await.conversation_id, team.id);
    // People who were imported are people.
    assert_eq!(anna.says(team.id, "hello").await.seq, 3);
    let found: Value = anna.get("/api/people?q=zo").await.json().await.unwrap();
    assert!(found.to_string().contains("zoe"), "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r7_clients_of_a_running_server_see_what_is_imported() {
    let program = Program::alone(&[]).await;
    let mut installation = Installation::new(None);
    installation.settings = vec!["--data".into(), program.data().to_str().unwrap().into()];
    beside(&program, &installation).await;

    let postgres = block_in_place(Postgres::start).unwrap();
    let url = block_in_place(|| postgres.database()).unwrap();
    let program = Program::alone(&[("RAPPORT_DATABASE_URL", &url)]).await;
    beside(&program, &Installation::new(Some(&url))).await;
}

#[tokio::test]
async fn r7_a_bad_line_is_named_and_the_next_run_goes_on() {
    let installation = Installation::new(None);
    let good = user("anna")
        + &user("ben")
        + &conversation("team", &["anna", "ben"], Some("Team"))
        + &(0..700).map(|n| message("team", "anna", n, &format!("message {n}"))).collect::<String>();
    let bad = good.replace("message 550", &"x".repeat(5_001));
    let ended = installation.import(&bad).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("rapport: line 554: Message too long"), "{ended:?}");
    let kept = installation.export().await;
    let number = kept.lines().count();
    assert!(number < 554 && number > 0, "{number} lines");
    let words = format!("Lines 1 to {number} are imported, and nothing from line {} on.", number + 1);
    assert!(ended.err.contains(&words), "{ended:?}");

    for (lines, words) in [
        (format!("{good}{}", &user("cara")[..20]), "line 704: The file ends in the middle of this line"),
        (good.clone() + "{\"type\": \"room\"}\n", "line 704: unknown variant `room`"),
        (good.clone() + &message("team", "dora", 300, "x"), "line 704: There is nobody named dora"),
    ] {
        let ended = installation.import(&lines).await;
        assert!(ended.code == Some(1) && ended.err.contains(words), "{words}: {ended:?}");
    }
    let ended = installation.imported(&good).await;
    assert!(!ended.out.contains("700 messages"), "{ended:?}");
    assert_eq!(installation.export().await.lines().count(), 703);

    let missing = installation.run(&["import", "nowhere.jsonl"], "").await;
    assert!(missing.code == Some(1) && missing.err.contains("nowhere.jsonl"), "{missing:?}");
    let folder = installation.run(&["import", "."], "").await;
    assert!(folder.code == Some(1) && folder.err.contains("directory"), "{folder:?}");
    let nobody = installation.run(&["export", "--conversation", "99"], "").await;
    assert!(nobody.code == Some(1) && nobody.err.contains("no conversation with the id 99"), "{nobody:?}");
    let empty = Installation::new(None);
    for words in [["import", "-"], ["export", "-"]] {
        let refused = empty.run(&words, &good).await;
        assert!(refused.code == Some(2) && refused.err.contains("no installation"), "{refused:?}");
    }
    assert!(!empty.data().exists());
}

/// A program that imports what is written to it.
fn importing(installation: &Installation) -> tokio::process::Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
    command.args(["import", "-", "--create"]).current_dir(installation.at.path()).env_clear();
    command.env("RAPPORT_DATA", installation.data()).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[tokio::test]
async fn r7_a_line_of_200_mb_is_refused_before_it_is_read() {
    let installation = Installation::new(None);
    let mut child = importing(&installation);
    let mut stdin = child.stdin.take().unwrap();
    let begin = user("anna") + "{\"type\":\"user\",\"first_name\":\"";
    stdin.write_all(begin.as_bytes()).await.unwrap();
    let part = [b'x'; 65_536];
    let mut written = 0;
    while written < 200_000_000 && stdin.write_all(&part).await.is_ok() {
        written += part.len();
    }
    // 1 MiB, and what the pipe and the buffers hold.
    assert!(written < 2_000_000, "{written} bytes were read");
    drop(stdin);
    let ended = tokio::time::timeout(TIME, child.wait_with_output()).await.unwrap().unwrap();
    let err = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{err}");
    assert!(err.contains("line 2: The line has more than 1048576 bytes"), "{err}");
    assert!(err.contains("Nothing was imported."), "{err}");
}

fn messages_in(database: &Path) -> i64 {
    rusqlite::Connection::open(database)
        .and_then(|database| database.query_row("SELECT count(*) FROM message", [], |row| row.get(0)))
        .unwrap_or(0)
}

#[tokio::test]
async fn r7_an_import_that_is_killed_is_run_again() {
    let lines = community(2);
    let (half, _) = lines.split_at(lines.match_indices('\n').nth(LINES / 2).unwrap().0);
    let (killed, whole) = (Installation::new(None), Installation::new(None));
    let mut child = importing(&killed);
    child.stdin.as_mut().unwrap().write_all(half.as_bytes()).await.unwrap();
    let database = killed.data().join("rapport.db");
    until("messages of the first half", async || messages_in(&database) > 0).await;
    child.kill().await.unwrap();
    let before = messages_in(&database);
    assert!(before > 0 && before < 1_500, "{before} messages");
    killed.imported(&lines).await;
    whole.imported(&lines).await;
    assert_eq!(killed.export().await, whole.export().await);
}

#[tokio::test]
async fn r7_imported_people_sign_in_once_they_have_a_password() {
    let installation = Installation::new(None);
    installation.imported(&(user("anna") + &user("ben"))).await;
    let program = Program::serve(installation.at.path(), &installation.data(), "127.0.0.1:0").await;
    let http = reqwest::Client::new();
    let sign_in = async |password: &str| {
        let body = json!({"username": "ben", "password": password});
        http.post(format!("{}/api/token", program.url)).json(&body).send().await.unwrap().status().as_u16()
    };
    for password in ["", "!", PASSWORD] {
        assert_eq!(sign_in(password).await, 401, "{password:?}");
    }
    let short = installation.run(&["user", "password", "ben"], "short\n").await;
    assert!(short.code == Some(1) && short.err.contains("at least 8"), "{short:?}");
    let unknown = installation.run(&["user", "password", "cara"], PASSWORD).await;
    assert!(unknown.code == Some(1) && unknown.err.contains("no account named cara"), "{unknown:?}");
    let set = installation.run(&["user", "password", "BEN"], &format!("{PASSWORD}\n")).await;
    assert!(set.code == Some(0) && set.out.contains("ben has a new password"), "{set:?}");
    assert_eq!(sign_in(PASSWORD).await, 200);
    // A new password ends the sign-ins with the former one.
    let cara: Person = program.register("cara").await;
    assert_eq!(cara.get("/api/me").await.status(), 200);
    let set = installation.run(&["user", "password", "cara"], "another password\n").await;
    assert_eq!(set.code, Some(0), "{set:?}");
    until("the end of the sign-in", async || cara.get("/api/me").await.status() == 401).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r7_an_import_beside_a_busy_server_is_measured() {
    let load = Load { pairs: 2, rate: 20, before: Duration::from_secs(1) };
    let found = import::run(Path::new(env!("CARGO_BIN_EXE_rapport")), None, load, &SIZE).await.unwrap();
    assert!(found.before.count > 0 && found.before.p95_ms >= found.before.p50_ms, "{found:?}");
    assert!(found.meanwhile.count > 0 && found.messages_per_second > 0.0, "{found:?}");
    assert_eq!(found.long_list.conversations, SIZE.conversations_of_one);
    assert!(found.usual_list.conversations < 80 && found.usual_list.bytes > 5_000, "{found:?}");
}
