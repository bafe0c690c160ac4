//! `rapport backup` under load, and `rapport restore` into another folder (F14).

use crate::support::{Person, Program, room, until};
use protocol::reducer::{Need, Row, State};
use protocol::{ClientFrame, ConversationId, Message, ServerFrame, SyncAnswer};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;

/// Raised limits: the load exceeds the defaults.
pub(super) const FAST: [(&str, &str); 2] =
    [("RAPPORT_LIMITS__SENDS_PER_SECOND", "100000"), ("RAPPORT_LIMITS__SEND_BURST", "100000")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f14_a_backup_under_load_restores_all_that_was_acknowledged_before_it() {
    let program = Program::alone(&FAST).await;
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let load = Load::begin(&[&anna, &ben, &anna, &ben], talk);
    until("some were acknowledged", async || load.acknowledged().len() > 300).await;

    let out = tempfile::tempdir().unwrap();
    let (backup, data) = (out.path().join("backup"), out.path().join("data"));
    let run =
        async |at: &Program, arguments: &[&str]| Program::run(out.path(), &at.data(), arguments, "").await;
    let before = load.acknowledged();
    let made = run(&program, &["backup", backup.to_str().unwrap()]).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.out.starts_with("Backed up 2 accounts, 1 conversations and "), "{made:?}");
    let meanwhile = load.acknowledged().len() - before.len();
    assert!(meanwhile > 0, "the server goes on while it is backed up");
    until("more were acknowledged", async || load.acknowledged().len() > before.len() + meanwhile + 50).await;
    let all = load.ends().await;
    let mut client = Client::opens(&anna, talk).await;

    let restored =
        run(&program, &["restore", backup.to_str().unwrap(), "--into", data.to_str().unwrap()]).await;
    assert_eq!(restored.code, Some(0), "{restored:?}");
    let again = Program::serve(out.path(), &data, "127.0.0.1:0").await;
    // The secret came along: what was signed before still counts.
    let ben = ben.at(&again.url);
    let kept = ben.reads_all(talk).await;
    assert_eq!(
        kept.iter().map(|message| message.seq).collect::<Vec<_>>(),
        (1..=kept.len() as i64).collect::<Vec<_>>()
    );
    for message in &before {
        assert!(kept.contains(message), "acknowledged before the backup began: {message:?}");
    }
    assert!(kept.iter().all(|message| all.contains(message)), "nothing that was never said");
    assert!(kept.len() < all.len(), "what came after is gone, so the client knows more than the database");

    // It finds its way without asking on and on, and goes on with what is said from now.
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

#[tokio::test]
async fn f14_invalid_requests_are_rejected_with_a_message() {
    let program = Program::alone(&[]).await;
    let out = tempfile::tempdir().unwrap();
    let backup = out.path().join("backup");
    let (backup, data) = (backup.to_str().unwrap(), program.data());
    let run = async |arguments: &[&str]| Program::run(out.path(), &data, arguments, "").await;
    assert_eq!(run(&["backup", backup]).await.code, Some(0));
    for (arguments, words) in [
        (vec!["backup", backup], "is not empty"),
        (vec!["restore", backup, "--into", data.to_str().unwrap()], "is not empty"),
        (vec!["restore", out.path().to_str().unwrap(), "--into", "new"], "is not a complete backup"),
        (vec!["backup", "elsewhere", "--data", "nowhere"], "no such database"),
    ] {
        let ended = run(&arguments).await;
        assert_eq!(ended.code, Some(1), "{arguments:?}: {ended:?}");
        assert!(ended.err.contains(words), "{arguments:?}: {ended:?}");
    }
    std::fs::write(format!("{backup}/secret"), "0".repeat(64)).unwrap();
    let damaged = run(&["restore", backup, "--into", "new"]).await;
    assert_eq!(damaged.code, Some(1), "{damaged:?}");
    assert!(damaged.err.contains("the backup is damaged: secret"), "{damaged:?}");
    assert!(!out.path().join("new").exists() && !out.path().join("elsewhere").exists());
}

#[tokio::test]
async fn v25_an_unprivileged_backup_passes_over_what_it_cannot_read_and_warns_of_modes() {
    use std::os::unix::fs::PermissionsExt as _;
    const NOBODY: u32 = 65_534;
    let (at, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let data = at.path().join("data");
    let added = Program::run(at.path(), &data, &["user", "add", "anna", "--create"], "correct horse").await;
    assert_eq!(added.code, Some(0), "{added:?}");
    if std::os::unix::fs::chown(&data, Some(NOBODY), Some(NOBODY)).is_err() {
        println!("SKIPPED: a backup by another user, because only root can change users");
        return;
    }
    for inside in std::fs::read_dir(&data).unwrap() {
        std::os::unix::fs::chown(inside.unwrap().path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    // Of root, and closed to others.
    std::fs::create_dir(data.join("closed")).unwrap();
    mode(&data.join("closed"), 0o700);
    std::fs::write(data.join("note"), "of root").unwrap();
    std::os::unix::fs::symlink("nowhere", data.join("dangling")).unwrap();
    mode(&data.join("note"), 0o600);
    // A target of root, too, in which everybody may write.
    let target = out.path().join("target");
    std::fs::create_dir(&target).unwrap();
    for (path, bits) in [(at.path(), 0o755), (out.path(), 0o755), (target.as_path(), 0o777)] {
        mode(path, bits);
    }
    // The folder of the build may be closed to others.
    let program = at.path().join("rapport");
    std::fs::copy(env!("CARGO_BIN_EXE_rapport"), &program).unwrap();
    let program = program.to_str().unwrap();
    let words =
        ["--reuid=65534", "--regid=65534", "--clear-groups", program, "backup", target.to_str().unwrap()];
    let mut backup = tokio::process::Command::new("setpriv");
    backup.args(words).current_dir(at.path()).env_clear().env("RAPPORT_DATA", &data);
    let ended = backup.output().await.unwrap();
    let err = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(0), "{err}");
    for line in ["closed is not part", "note is not part", "dangling is not part", "mode cannot be changed"] {
        assert!(err.contains(line), "{line}: {err}");
    }
    assert!(target.join("manifest.json").exists() && !target.join("note").exists());
}

/// People who send messages one after the other over HTTP.
pub(super) struct Load {
    acknowledged: Arc<Mutex<Vec<Message>>>,
    stop: CancellationToken,
    talkers: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    pub(super) fn begin(people: &[&Person], talk: ConversationId) -> Self {
        let (acknowledged, stop) = (Arc::new(Mutex::new(Vec::new())), CancellationToken::new());
        let talkers = people.iter().enumerate().map(|(which, person)| {
            let (person, acknowledged, stop) = (Person::clone(person), acknowledged.clone(), stop.clone());
            tokio::spawn(async move {
                for n in 0.. {
                    let message = person.says(talk, &format!("{which}: {n}")).await;
                    acknowledged.lock().unwrap().push(message);
                    if stop.is_cancelled() {
                        break;
                    }
                }
            })
        });
        Self { talkers: talkers.collect(), acknowledged, stop }
    }

    pub(super) fn acknowledged(&self) -> Vec<Message> {
        self.acknowledged.lock().unwrap().clone()
    }

    pub(super) async fn ends(self) -> Vec<Message> {
        self.stop.cancel();
        for talker in self.talkers {
            talker.await.unwrap();
        }
        self.acknowledged.lock().unwrap().clone()
    }
}

/// A client that syncs as a page does, over HTTP.
pub(super) struct Client {
    person: Person,
    talk: ConversationId,
    state: State,
}

impl Client {
    pub(super) async fn opens(person: &Person, talk: ConversationId) -> Self {
        let mut client = Self { person: person.clone(), talk, state: State::new(person.me.clone()) };
        client.state.open(talk);
        client.comes_back().await;
        client
    }

    /// Moves to another server.
    pub(super) async fn goes_to(&mut self, url: &str) {
        self.person = self.person.at(url);
        self.comes_back().await;
    }

    /// Catches up after a lost connection, in a few requests at most.
    pub(super) async fn comes_back(&mut self) {
        self.state.link_lost();
        let request = serde_json::to_value(self.state.sync_request()).unwrap();
        let answer: SyncAnswer = self.person.post("/api/sync", &request).await.json().await.unwrap();
        let mut needs = self.state.apply(ServerFrame::Synced(answer), 0);
        for _ in 0..5 {
            let frames: Vec<ClientFrame> = needs.into_iter().map(|Need::Ask(frame)| frame).collect();
            if frames.is_empty() {
                return;
            }
            let answer: Value =
                self.person.post("/api/submit", &json!({"frames": frames})).await.json().await.unwrap();
            let frames: Vec<ServerFrame> = serde_json::from_str(&answer["frames"].to_string()).unwrap();
            needs = frames.into_iter().flat_map(|frame| self.state.apply(frame, 0)).collect();
        }
        panic!("asks on and on: {needs:?}");
    }

    pub(super) fn shows(&self) -> Vec<Message> {
        let rows = self.state.rows(self.talk).into_iter();
        rows.map(|row| match row {
            Row::Message(message) => Message::clone(&message),
            Row::Pending(pending) => panic!("pending: {pending:?}"),
        })
        .collect()
    }
}
