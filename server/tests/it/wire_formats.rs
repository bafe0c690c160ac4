//! The wire formats `003` and `004`, and the clients of the guides that have them (end2end/fixtures).

use crate::support::{Browser, PATIENCE, Person, Server, Socket, room, until};
use futures::StreamExt as _;
use protocol::{ClientFrame, ConversationId};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::{Mutex, MutexGuard};
use tokio_tungstenite::tungstenite;

/// The address that the guides print.
const PRINTED: &str = "127.0.0.1:8000";
/// One server at a time has it.
static TURN: Mutex<()> = Mutex::const_new(());

/// The next text frame, as it is.
async fn heard(socket: &mut Socket) -> Value {
    let text = async {
        loop {
            match socket.line.next().await {
                Some(Ok(tungstenite::Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(tungstenite::Message::Ping(_) | tungstenite::Message::Pong(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, text).await.expect("a frame")
}

/// The next text frame of this type.
async fn heard_of(socket: &mut Socket, kind: &str) -> Value {
    loop {
        let frame = heard(socket).await;
        if frame["type"] == kind {
            return frame;
        }
    }
}

/// A server of this wire, its two people, and their conversation.
async fn two(wire: &str) -> (Server, Person, Person, ConversationId) {
    let server = Server::start_with(&[("RAPPORT_WIRE", wire)]).await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let room = room(&[&anna, &ben], None).await;
    (server, anna, ben, room)
}

async fn opens(person: &Person, room: ConversationId) -> Socket {
    person.line(&format!("/ws/chat/{room}/")).await
}

/// Waits until the socket gets what is sent from now on: these formats have no first frame, but an error for this.
async fn is_open(socket: &mut Socket) {
    socket.text("[]").await;
    assert_eq!(heard(socket).await["code"], "unknown_type");
}

#[tokio::test]
async fn x4_the_nested_format_has_messages_typing_presence_and_reading() {
    let (_server, anna, ben, room) = two("003").await;
    let mut annas = opens(&anna, room).await;
    annas.text(r#"{"message": "Hello! Can we start tomorrow?", "type": "TEXT"}"#).await;
    // Nothing comes before it.
    let first = heard(&mut annas).await;
    let stored = &ben.reads(room).await[0];
    let message = json!({
        "id": stored.id,
        "conversation_id": room.to_string(),
        "sender_id": anna.me.id.to_string(),
        "sender_name": "anna",
        "message_text": "Hello! Can we start tomorrow?",
        "message_type": "TEXT",
        "timestamp": stored.timestamp,
        "is_read": false,
    });
    assert_eq!(first, json!({"type": "message", "message": message}));

    // The other person has the socket of all conversations, whose format is the same as ever.
    let mut bens = ben.connect().await;
    let online = json!({"type": "user_status", "user_id": ben.me.id.to_string(), "status": "online"});
    assert_eq!(heard_of(&mut annas, "user_status").await, online);
    bens.send(&ClientFrame::Typing { conversation_id: Some(room), is_typing: true }).await;
    let typing = json!({"type": "user_typing", "user_id": ben.me.id.to_string(), "is_typing": true});
    assert_eq!(heard_of(&mut annas, "user_typing").await, typing);
    bens.send(&ClientFrame::MarkRead { conversation_id: Some(room), message_id: None }).await;
    let read = json!({"type": "message_read", "message_id": stored.id, "reader_id": ben.me.id.to_string()});
    assert_eq!(heard_of(&mut annas, "message_read").await, read);
    annas.text(r#"{"typing": true}"#).await;
    bens.until(|frame| matches!(frame, protocol::ServerFrame::Typing(typing) if typing.is_typing)).await;
}

#[tokio::test]
async fn x4_the_flat_format_has_messages_and_typing() {
    let (_server, anna, ben, room) = two("004").await;
    let mut annas = opens(&anna, room).await;
    let mut bens = opens(&ben, room).await;
    is_open(&mut annas).await;
    is_open(&mut bens).await;
    annas.text(r#"{"typing": true}"#).await;
    assert_eq!(heard(&mut bens).await, json!({"type": "typing", "typing": true, "user": "anna"}));
    annas.text(r#"{"typing": false}"#).await;
    assert_eq!(heard(&mut bens).await, json!({"typing": false, "user": "anna"}));
    annas.text(r#"{"message": "Hello!"}"#).await;
    let (own, bens_frame) = (heard(&mut annas).await, heard(&mut bens).await);
    let stored = &ben.reads(room).await[0];
    assert_eq!(own, bens_frame);
    assert_eq!((&own["type"], &own["message"]), (&json!("message"), &json!("Hello!")));
    assert_eq!(own["message_id"], json!(stored.id));
    assert_eq!(own["sender_id"], json!(anna.me.id));
    // Over HTTP it is the same as for everybody.
    ben.says(room, "Hello, Anna").await;
    assert_eq!(heard(&mut annas).await["message"], "Hello, Anna");
}

#[tokio::test]
async fn x4_bad_input_is_answered_in_the_format_of_the_socket() {
    for (wire, image) in [("003", r#"{"message": "Image.jpg", "type": "IMAGE"}"#), ("004", "{}")] {
        let (_server, anna, ben, room) = two(wire).await;
        let mut socket = opens(&anna, room).await;
        let long = json!({"message": "x".repeat(5_001)}).to_string();
        for (text, message, code) in [
            ("{", "Invalid JSON", "invalid_json"),
            ("[]", "Unknown message type", "unknown_type"),
            (image, "Unknown message type", "unknown_type"),
            (r#"{"type": "chat_message", "content": "x"}"#, "Unknown message type", "unknown_type"),
            (r#"{"message": 5}"#, "Malformed", "malformed"),
            (r#"{"typing": 1}"#, "Malformed", "malformed"),
            (r#"{"message": "  "}"#, "Empty message", "empty_message"),
            (&long, "Message too long", "message_too_long"),
        ] {
            socket.text(text).await;
            let error = json!({"type": "error", "message": message, "code": code});
            assert_eq!(heard(&mut socket).await, error, "{text:.60}");
        }
        assert_eq!(ben.reads(room).await.len(), 0);
        // As on any socket, repeated bad input closes it, and so does a conversation that is not there.
        for _ in 0..20 {
            socket.text("{").await;
        }
        assert_eq!(socket.closed().await.0, 4002);
        assert_eq!(opens(&anna, ConversationId(99)).await.closed().await.0, 4003);
    }
}

#[tokio::test]
async fn x4_the_origin_chooses_the_format() {
    let settings = [("RAPPORT_WIRE_BY_ORIGIN", "http://jobs.example=003, http://shop.example=004")];
    let server = Server::start_with(&settings).await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let room = room(&[&anna, &ben], None).await;
    let bearer = format!("Bearer {}", anna.access);
    let open = async |path: &str, origin: &str| {
        let headers = [("authorization", bearer.as_str()), ("origin", origin)];
        Socket::open(&server.ws(path), &headers).await.unwrap()
    };
    let path = format!("/ws/chat/{room}/");
    let mut jobs = open(&path, "http://jobs.example").await;
    let mut shop = open(&path, "http://shop.example").await;
    let (mut other, mut all) =
        (open(&path, "http://other.example").await, open("/ws/", "http://shop.example").await);
    is_open(&mut jobs).await;
    is_open(&mut shop).await;
    other.greeted().await;
    all.greeted().await;
    ben.says(room, "Hello").await;
    assert_eq!(heard_of(&mut jobs, "message").await["message"]["message_text"], "Hello");
    assert_eq!(heard_of(&mut shop, "message").await["message"], "Hello");
    other.hears("Hello").await;
    all.hears("Hello").await;
}

/// The server at the printed address, with the conversation 1 of anna, who has a browser, and Ben Baker.
struct Printed {
    server: Server,
    anna: Browser,
    ben: Person,
    room: ConversationId,
    _turn: MutexGuard<'static, ()>,
}

/// The origin of the pages of the guides: their development server has another port.
const PAGE: &str = "http://localhost:5173";

impl Printed {
    async fn start(wire: &str) -> Self {
        let turn = TURN.lock().await;
        until("the port that the guides print is free", async || TcpListener::bind(PRINTED).await.is_ok())
            .await;
        let settings =
            [("RAPPORT_LISTEN", PRINTED), ("RAPPORT_WIRE", wire), ("RAPPORT_ALLOWED_ORIGINS", PAGE)];
        let server = Server::start_with(&settings).await;
        let ben = server.register("ben").await;
        let names = json!({"first_name": "Ben", "last_name": "Baker"});
        assert_eq!(ben.ask(reqwest::Method::PATCH, "/api/me", Some(&names)).await.status(), 200);
        let anna = server.browser("anna").await;
        let body = json!({"participants": ["anna"]});
        let answer = ben.post("/api/conversations", &body).await.json::<protocol::Conversation>().await;
        let room = answer.unwrap().id;
        assert_eq!(room, ConversationId(1), "the conversation of the guides");
        Self { server, anna, ben, room, _turn: turn }
    }

    /// Runs one of the scripts beside this folder as anna.
    fn script(&self, name: &str) -> Child {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guides");
        let mut node = Command::new("node");
        node.arg(folder.join(name))
            .env("COOKIE", self.anna.cookie.as_deref().expect("a session"))
            .env("ORIGIN", PAGE);
        node.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        node.spawn().expect("Node.js, which CONTRIBUTING.md names")
    }
}

async fn succeeds(script: Child) {
    let ended = tokio::time::timeout(PATIENCE * 3, script.wait_with_output()).await.expect("an end").unwrap();
    let said = [ended.stdout, ended.stderr].concat();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[tokio::test]
async fn x4_the_hook_and_the_console_lines_of_the_job_chat_run_unmodified() {
    let printed = Printed::start("003").await;
    let mut bens = printed.ben.connect().await;
    let hook = printed.script("hook.mjs");
    bens.hears("Hello! Can we start tomorrow?").await;
    printed.ben.says(printed.room, "Yes, at nine").await;
    succeeds(hook).await;
    succeeds(printed.script("console.mjs")).await;
    bens.hears("Hello").await;
    printed.server.stops().await;
}

#[tokio::test]
async fn x4_the_messages_of_the_shop_chat_run_unmodified() {
    let printed = Printed::start("004").await;
    let mut bens = printed.ben.connect().await;
    let script = printed.script("shop.mjs");
    bens.until(|frame| matches!(frame, protocol::ServerFrame::Typing(typing) if typing.is_typing)).await;
    bens.hears("Hello!").await;
    printed.ben.says(printed.room, "It is still there").await;
    for is_typing in [true, false] {
        bens.send(&ClientFrame::Typing { conversation_id: Some(printed.room), is_typing }).await;
    }
    succeeds(script).await;
    printed.server.stops().await;
}

#[tokio::test]
async fn x4_the_wscat_lines_of_the_job_chat_run_unmodified() {
    let printed = Printed::start("003").await;
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let guide = std::fs::read_to_string(top.join("end2end/fixtures/job-chat-guide.md")).unwrap();
    let line = |start: &str| {
        let found = guide.lines().find(|line| line.starts_with(start));
        found.unwrap_or_else(|| panic!("the guide has no {start}")).to_owned()
    };
    let (command, said) = (line("wscat -c "), line("> {"));
    // In a terminal: elsewhere it prints messages alone.
    let run = |more: &str| {
        let mut terminal = Command::new("script");
        terminal.args([
            "--quiet",
            "--return",
            "--command",
            &format!("{command} --no-color{more}"),
            "/dev/null",
        ]);
        let path = format!("{}:{}", top.join("node_modules/.bin").display(), std::env::var("PATH").unwrap());
        terminal.env("PATH", path).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut terminal = terminal.spawn().expect("script, a part of Debian's bsdutils");
        let lines = BufReader::new(terminal.stdout.take().unwrap()).lines();
        (terminal, lines)
    };
    let shows = async |lines: &mut Lines<BufReader<ChildStdout>>, wanted: &str| {
        let mut shown = String::new();
        let found = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some((_, rest)) = line.split_once(wanted) {
                    return rest.trim_end().to_owned();
                }
                shown += &line;
            }
            panic!("it ended without {wanted}: {shown}");
        };
        tokio::time::timeout(PATIENCE, found).await.expect("a line")
    };

    // "If not authenticated, connection will close"
    let (mut terminal, mut lines) = run("");
    shows(&mut lines, "Disconnected (code: 4001").await;
    assert!(tokio::time::timeout(PATIENCE, terminal.wait()).await.expect("an end").unwrap().success());

    // "If authenticated and authorized, connection stays open"
    let (mut terminal, mut lines) = run(&format!(" -H 'Authorization: Bearer {}'", printed.ben.access));
    shows(&mut lines, "Connected").await;
    let typed = format!("{}\r", said.trim_start_matches("> "));
    terminal.stdin.as_mut().unwrap().write_all(typed.as_bytes()).await.unwrap();
    // The terminal's colour follows.
    let shown = shows(&mut lines, "< ").await;
    let frame = serde_json::Deserializer::from_str(&shown).into_iter::<Value>().next().unwrap().unwrap();
    assert_eq!(frame["type"], "message");
    assert_eq!(frame["message"]["message_text"], "Test message");
    assert_eq!(frame["message"]["sender_name"], "Ben Baker");
    printed.server.stops().await;
}
