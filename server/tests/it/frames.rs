//! Frames that clients send over a WebSocket.

use crate::support::{Server, Socket, room};
use futures::SinkExt as _;
use protocol::{ClientFrame, ConnectionEstablished, ConversationId, ErrorCode, ServerFrame, Typing, limits};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// A conversation of two people: the sockets of both, and its id.
async fn two(server: &Server) -> (Socket, Socket, ConversationId) {
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    (anna.enters(talk).await, ben.enters(talk).await, talk)
}

fn typed(content: impl Into<String>) -> ClientFrame {
    ClientFrame::ChatMessage {
        conversation_id: None,
        content: content.into(),
        client_id: None,
        reply_to: None,
    }
}

#[tokio::test]
async fn w1_a_frame_that_is_too_big_closes_with_1009() {
    let server = Server::start().await;
    let (mut anna, mut ben, _) = two(&server).await;
    anna.text(&"x".repeat(64 * 1024 + 1)).await;
    assert_eq!(anna.closed().await.0, 1009);
    ben.says("Still here").await;
}

#[tokio::test]
async fn w1_endless_fragments_close_with_1009() {
    let server = Server::start().await;
    let (mut anna, _ben, _) = two(&server).await;
    let piece = vec![b'x'; 1024];
    let first = Frame::message(piece.clone(), OpCode::Data(Data::Text), false);
    anna.line.send(Message::Frame(first)).await.unwrap();
    for _ in 0..10_000 {
        let next = Frame::message(piece.clone(), OpCode::Data(Data::Continue), false);
        if anna.line.send(Message::Frame(next)).await.is_err() {
            break;
        }
    }
    assert_eq!(anna.closed().await.0, 1009);
}

#[tokio::test]
async fn w2_binary_and_bad_utf8_are_refused() {
    let server = Server::start().await;
    let (mut anna, mut ben, _) = two(&server).await;
    anna.line.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(anna.closed().await.0, 1003);
    let bad = Frame::message(vec![0xff, 0xfe, 0xc0], OpCode::Data(Data::Text), true);
    ben.line.send(Message::Frame(bad)).await.unwrap();
    assert_eq!(ben.closed().await.0, 1007);
}

#[tokio::test]
async fn w3_malformed_frames_are_errors_and_the_twentieth_closes() {
    let server = Server::start().await;
    let (mut anna, _ben, _) = two(&server).await;
    let bad = [
        ("{", ErrorCode::InvalidJson),
        ("", ErrorCode::InvalidJson),
        (&"[".repeat(60_000), ErrorCode::InvalidJson),
        ("[]", ErrorCode::UnknownType),
        ("null", ErrorCode::UnknownType),
        (r#"{"type": "dance"}"#, ErrorCode::UnknownType),
        (r#"{"type": "chat_message", "content": 5}"#, ErrorCode::Malformed),
        (r#"{"type": "mark_read", "message_id": 99999999999999999999}"#, ErrorCode::Malformed),
        (r#"{"type": "mark_read", "message_id": 1e999}"#, ErrorCode::InvalidJson),
        (r#"{"type": "delete_message", "message_id": "x"}"#, ErrorCode::MessageIdRequired),
    ];
    for (text, code) in bad.iter().cycle().take(19) {
        anna.text(text).await;
        let error = anna.refused().await;
        assert_eq!(error.code, *code, "{text:.60}");
        assert_eq!(error.message, code.text());
    }
    anna.says("Still here").await;
    anna.text("{").await;
    assert_eq!(anna.closed().await.0, 4002);
}

#[tokio::test]
async fn w4_the_bounds_of_a_message() {
    let server = Server::start().await;
    let (mut anna, mut ben, _) = two(&server).await;
    for (content, code) in [
        (String::new(), ErrorCode::EmptyMessage),
        (" \r\n\t\u{3000}".into(), ErrorCode::EmptyMessage),
        ("x".repeat(5_001), ErrorCode::MessageTooLong),
        ("e\u{301}".repeat(2_500) + "e", ErrorCode::MessageTooLong),
        ("a\0b".into(), ErrorCode::InvalidContent),
    ] {
        anna.send(&typed(content)).await;
        let error = anna.refused().await;
        assert_eq!((error.code, error.message.as_str()), (code, code.text()));
    }
    for content in [
        "x".repeat(5_000),
        "e\u{301}".repeat(2_500),
        "👩".repeat(5_000),
        format!("  {}\r\n", "y".repeat(5_000)),
    ] {
        let sent = anna.says(&content).await;
        assert_eq!(sent.content, content.trim());
        ben.hears(content.trim()).await;
    }
}

#[tokio::test]
async fn w5_sending_too_fast_is_an_error_and_then_closes() {
    let server = Server::start().await;
    let (mut anna, mut ben, _) = two(&server).await;
    for n in 0..30 {
        anna.send(&typed(format!("{n}"))).await;
    }
    let error = anna.refused().await;
    assert_eq!(error.code, ErrorCode::RateLimited);
    assert!(error.retry_after.is_some_and(|wait| wait > 0.0 && wait < 10.0), "{error:?}");
    ben.hears("0").await;
    ben.hears("19").await;
    // Going on regardless.
    for n in 0..1_000 {
        let text = serde_json::to_string(&typed(format!("more {n}"))).unwrap();
        if anna.line.send(Message::text(text)).await.is_err() {
            break;
        }
    }
    assert_eq!(anna.closed().await.0, 4008);
    ben.says("Others notice nothing").await;
}

#[tokio::test]
async fn w5_repeated_typing_is_sent_once() {
    let server = Server::start().await;
    let (mut anna, mut ben, _) = two(&server).await;
    ben.so_far().await;
    for _ in 0..1_000 {
        anna.send(&ClientFrame::Typing { conversation_id: None, is_typing: true }).await;
    }
    // A message is not typing, and gets its answer; a refusal of the typing would come before it.
    let client_id = Some(protocol::ClientId::mint());
    let content = "Done".to_owned();
    anna.send(&ClientFrame::ChatMessage { conversation_id: None, content, client_id, reply_to: None }).await;
    let answer = anna.until(|frame| matches!(frame, ServerFrame::Ack(_) | ServerFrame::Error(_))).await;
    assert!(matches!(answer, ServerFrame::Ack(_)), "{answer:?}");
    ben.until(|frame| matches!(frame, ServerFrame::Typing(Typing { is_typing: true, .. }))).await;
    let more = ben.so_far().await.into_iter().filter(|frame| matches!(frame, ServerFrame::Typing(_))).count();
    assert!(more <= 3, "{more} more");
}

#[tokio::test]
async fn w5_pings_are_answered() {
    let server = Server::start().await;
    let (mut anna, _ben, _) = two(&server).await;
    for _ in 0..5 {
        anna.so_far().await;
    }
}

#[tokio::test]
async fn w6_the_eleventh_socket_is_one_too_many() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let mut open = Vec::new();
    for n in 0..10 {
        open.push(if n % 2 == 0 { anna.connect().await } else { anna.enters(talk).await });
    }
    let mut extra = anna.line("/ws/").await;
    assert_eq!(extra.closed().await, (4010, vec![]));
    for socket in &mut open {
        socket.so_far().await;
    }
    ben.connect().await;
    // One goes, another may come.
    let mut first = open.remove(0);
    first.line.close(None).await.unwrap();
    first.closed().await;
    loop {
        let mut socket = anna.line("/ws/").await;
        use futures::StreamExt as _;
        match socket.line.next().await {
            Some(Ok(Message::Text(_))) => break,
            // The goodbye is still being said.
            Some(Ok(Message::Close(Some(frame)))) => assert_eq!(u16::from(frame.code), 4010),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_first_frame_has_all_that_a_client_needs() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    anna.says(talk, "Hello").await;
    let mut socket = anna.line(&format!("/ws/chat/{talk}/")).await;
    match socket.greeted().await {
        ServerFrame::ConnectionEstablished(ConnectionEstablished {
            message,
            user,
            conversation_id,
            cursor,
            ..
        }) => {
            assert_eq!((message.as_str(), user), ("Connected to chat", anna.me.clone()));
            assert_eq!((conversation_id, cursor), (Some(talk), Some(1)));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(socket.so_far().await, vec![], "nothing unasked follows");
}

#[tokio::test]
async fn submit_has_the_same_limit_over_both_routes() {
    let server = Server::start().await;
    let browser = server.browser("anna").await;
    let submit = async |path: &str, count: usize| {
        let frames = vec![ClientFrame::Ping; count];
        let request = browser.request(Method::POST, path).header("origin", &server.url);
        let answer = request.json(&json!({"me": null, "frames": frames})).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let refused = submit("/api/submit", limits::MAX_FRAMES + 1).await;
    assert_eq!((refused.0, &refused.1["error"]["code"]), (413, &json!("too_large")));
    assert_eq!(submit("/rpc/submit", limits::MAX_FRAMES + 1).await, refused);
    let (status, answer) = submit("/api/submit", limits::MAX_FRAMES).await;
    assert_eq!((status, answer["frames"].as_array().unwrap().len()), (200, limits::MAX_FRAMES));
    assert_eq!(submit("/rpc/submit", limits::MAX_FRAMES).await, (200, answer["frames"].clone()));
}
