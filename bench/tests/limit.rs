//! The program `limit`, over real sockets.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use futures::{SinkExt as _, StreamExt as _};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// The timeout of every wait.
const PATIENCE: Duration = Duration::from_secs(20);

struct Limit {
    address: String,
    _child: Child,
}

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Limit {
    async fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_limit"));
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
        let address = line.strip_prefix("listening on http://").expect("the line").to_owned();
        Self { address, _child: child }
    }

    async fn socket(&self, path: &str) -> Socket {
        Socket(connect_async(format!("ws://{}{path}", self.address)).await.unwrap().0)
    }
}

impl Socket {
    async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    async fn next(&mut self) -> Message {
        tokio::time::timeout(PATIENCE, self.0.next()).await.expect("a frame").expect("no end").unwrap()
    }

    async fn hears(&mut self, text: &str) {
        assert_eq!(self.next().await, Message::text(text));
    }
}

#[tokio::test]
async fn all_of_a_path_hear_a_text_once_and_nobody_else_does() {
    let limit = Limit::start(&[]).await;
    let mut room = Vec::new();
    for n in 0..20 {
        room.push(limit.socket(&format!("/ws/chat/1/?token={n}")).await);
    }
    let mut other = limit.socket("/ws/chat/2/").await;
    for n in 0..50 {
        room[n % 20].say(&format!("{n}")).await;
        for socket in &mut room {
            socket.hears(&format!("{n}")).await;
        }
    }
    other.say("alone").await;
    other.hears("alone").await;
}

#[tokio::test]
async fn whoever_has_gone_is_missed_by_nobody() {
    let limit = Limit::start(&[]).await;
    let mut stays = limit.socket("/a").await;
    let mut closes = limit.socket("/a").await;
    let breaks = limit.socket("/a").await;
    let mut later = limit.socket("/a").await;
    closes.0.send(Message::Close(None)).await.unwrap();
    assert!(matches!(closes.next().await, Message::Close(_)));
    drop(breaks);
    let mut new = limit.socket("/a").await;
    for text in ["one", "two"] {
        stays.say(text).await;
        for socket in [&mut stays, &mut later, &mut new] {
            socket.hears(text).await;
        }
    }
}

#[tokio::test]
async fn whoever_reads_late_gets_all_of_it_in_order() {
    let limit = Limit::start(&[]).await;
    let (mut quick, mut slow) = (limit.socket("/a").await, limit.socket("/a").await);
    // 15 MB: more than the kernel buffers for a connection, and less than the limit does.
    let text = |n: usize| format!("{n} {}", "x".repeat(60_000));
    for n in 0..250 {
        quick.say(&text(n)).await;
        quick.hears(&text(n)).await;
    }
    for n in 0..250 {
        slow.hears(&text(n)).await;
    }
}

#[tokio::test]
async fn other_frames_are_answered_or_refused() {
    let limit = Limit::start(&[]).await;
    let mut socket = limit.socket("/a").await;
    socket.0.send(Message::Ping("are you there".into())).await.unwrap();
    assert_eq!(socket.next().await, Message::Pong("are you there".into()));
    socket.0.send(Message::binary(vec![1])).await.unwrap();
    match socket.next().await {
        Message::Close(Some(frame)) => assert_eq!(u16::from(frame.code), 1003),
        other => panic!("{other:?}"),
    }
}

/// Two requests at once, in three pieces.
#[tokio::test]
async fn a_page_is_served_as_often_as_one_asks() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    std::fs::write(&page, "x".repeat(200_000)).unwrap();
    let limit = Limit::start(&["--page", page.to_str().unwrap()]).await;
    let mut stream = TcpStream::connect(&limit.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    for piece in ["GET /c/1 HT", "TP/1.1\r\nHost: a\r\n\r\nGET /c/1 HTTP/1.1\r\n", "Host: a\r\n\r\n"] {
        stream.write_all(piece.as_bytes()).await.unwrap();
    }
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 200000\r\n\r\n{}",
        "x".repeat(200_000)
    );
    let mut both = vec![0; 2 * answer.len()];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut both)).await.unwrap().unwrap();
    assert!(both == answer.repeat(2).as_bytes());
    let mut socket = limit.socket("/a").await;
    socket.say("still").await;
    socket.hears("still").await;
}

#[tokio::test]
async fn without_a_page_there_is_none_and_other_requests_are_refused() {
    let limit = Limit::start(&[]).await;
    let http = reqwest::Client::new();
    let url = format!("http://{}/", limit.address);
    assert_eq!(http.get(&url).send().await.unwrap().status(), 404);
    assert_eq!(http.post(&url).body("x").send().await.unwrap().status(), 400);
    let wrong = Command::new(env!("CARGO_BIN_EXE_limit")).args(["--page", "/nowhere.html"]).output().await;
    let wrong = wrong.unwrap();
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("/nowhere.html"), "{wrong:?}");
}
