//! The bot, started by the command that docs/bots.md prints, against a real server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use protocol::{Conversation, Page};
use serde_json::{Value, json};
use server::Listener;
use server::config::{self, Options};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(20);

/// The command of the quick start, for the server at this address.
fn printed(url: &str) -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/bots.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    assert!(guide.contains("cargo build --release -p bot\n"));
    let line = guide.lines().find(|line| line.ends_with("target/release/bot")).expect("the command");
    assert!(line.contains("http://localhost:3000"));
    line.replace("http://localhost:3000", url).replace("target/release/bot", env!("CARGO_BIN_EXE_bot"))
}

#[tokio::test(flavor = "multi_thread")]
async fn x3_the_bot_answers_with_the_same_text() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap().to_owned();
    let settings =
        [("RAPPORT_LISTEN".to_owned(), "127.0.0.1:0".to_owned()), ("RAPPORT_DATA".to_owned(), data)];
    let config = config::read(&Options::default(), settings.into()).unwrap();
    let listener = Listener::bind(&config.listen).await.unwrap();
    let url = format!("http://127.0.0.1:{}", listener.port().unwrap());
    let stop = CancellationToken::new();
    let running = tokio::spawn(server::run(config, listener, stop.clone()));

    let http = reqwest::Client::new();
    for username in ["echo", "anna"] {
        let account = json!({"username": username, "password": "a long enough password"});
        let answer = http.post(format!("{url}/api/register")).json(&account).send().await.unwrap();
        assert_eq!(answer.status(), 201);
    }
    let account = json!({"username": "anna", "password": "a long enough password"});
    let tokens = http.post(format!("{url}/api/token")).json(&account).send().await.unwrap();
    let anna = tokens.json::<Value>().await.unwrap()["access"].as_str().unwrap().to_owned();

    let mut bot = Command::new("sh");
    bot.args(["-c", &format!("exec env {}", printed(&url).trim())]).stdout(Stdio::piped()).kill_on_drop(true);
    let mut bot = bot.spawn().unwrap();
    let mut lines = BufReader::new(bot.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("a line").unwrap();
    assert_eq!(line.as_deref(), Some("echo listens"));

    let body = json!({"participants": ["echo"]});
    let request = http.post(format!("{url}/api/conversations")).bearer_auth(&anna).json(&body);
    let room = request.send().await.unwrap().json::<Conversation>().await.unwrap().id;
    let messages = format!("{url}/api/conversations/{room}/messages");
    for text in ["Hello", "How are you?"] {
        let sent =
            http.post(&messages).bearer_auth(&anna).json(&json!({"content": text})).send().await.unwrap();
        assert_eq!(sent.status(), 201);
    }
    let answered = async {
        loop {
            let page =
                http.get(&messages).bearer_auth(&anna).send().await.unwrap().json::<Page>().await.unwrap();
            let of_bot = page.messages.iter().filter(|message| message.sender.username == "echo");
            let texts: Vec<_> = of_bot.map(|message| message.content.clone()).collect();
            if texts.len() == 2 {
                return texts;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let texts = tokio::time::timeout(PATIENCE, answered).await.expect("two answers");
    assert_eq!(texts, ["Hello", "How are you?"]);
    bot.kill().await.unwrap();
    stop.cancel();
    running.await.unwrap().unwrap();
}
