//! The peers of the benchmark (`bench/peers/`) can be installed, used and ended. A peer that cannot be installed here is
//! skipped with a message.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod client;
mod subject;

use client::{Client, Refusal};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use subject::Subject;

#[tokio::test]
async fn node_with_ws_speaks_the_wire() {
    speaks_the_wire("node", Refusal::Closed).await;
}

#[tokio::test]
async fn django_channels_speaks_the_wire() {
    // As in its guide, it refuses before the upgrade.
    speaks_the_wire("channels", Refusal::Http).await;
}

async fn speaks_the_wire(peer: &str, refusal: Refusal) {
    let Some(subject) = Subject::start(peer) else { return };
    let (room, pair) = (&subject.fixture.room, &subject.fixture.pairs[0]);
    assert_eq!((room.members.len(), subject.fixture.pairs.len(), subject.fixture.tokens.len()), (5, 3, 12));
    talk(&subject).await;
    for (socket, token, code) in [
        (pair.id, subject.fixture.tokens[room.members[0]].as_str(), 4003),
        (pair.id + 1_000, &subject.fixture.tokens[pair.a], 4003),
        (pair.id, "nonsense", 4001),
    ] {
        let found = Client::refused(&subject.address, socket, token).await;
        match refusal {
            Refusal::Closed => assert_eq!(found, code),
            Refusal::Http => assert_eq!(found, 403),
        }
    }
    // It continues after SIGSTOP and SIGCONT, which the benchmark sends to subjects that are not measured.
    subject.signal("STOP");
    subject.signal("CONT");
    talk(&subject).await;
    subject.ends();
}

/// Messages in the room and in a pair, at the same time.
async fn talk(subject: &Subject) {
    let (room, pair) = (&subject.fixture.room, &subject.fixture.pairs[0]);
    let enter = |id, who: usize| Client::enter(&subject.address, id, &subject.fixture.tokens[who]);
    let mut a = enter(pair.id, pair.a).await;
    let mut b = enter(pair.id, pair.b).await;
    let mut members = Vec::new();
    for who in &room.members {
        members.push(enter(room.id, *who).await);
    }

    let first = a.say("  Grüße, \u{1f44b}  ").await;
    assert_eq!(first["content"], "Grüße, \u{1f44b}");
    assert_eq!(first["sender"]["username"], format!("user{}", pair.a));
    assert!(first["timestamp"].is_string() && first["sender"]["id"].is_i64());
    assert_eq!(b.message().await, first, "all hear the same");

    // Typing frames are not sent back to their sender, whose next frame is the answer.
    a.tell(json!({"type": "typing", "is_typing": true})).await;
    let typing = b.hear().await;
    assert_eq!((&typing["type"], &typing["is_typing"]), (&json!("typing"), &json!(true)));
    assert_eq!(
        (&typing["user_id"], &typing["username"]),
        (&first["sender"]["id"], &first["sender"]["username"])
    );
    let second = b.say("answer").await;
    assert!(second["id"].as_i64() > first["id"].as_i64());
    assert_eq!(a.message().await, second);

    // Each member of the room receives each message once, and nothing of the pair.
    for number in 0..3 {
        let said = members[number].say(&format!("to all {number}")).await;
        for (_, member) in members.iter_mut().enumerate().filter(|(at, _)| *at != number) {
            assert_eq!(member.message().await, said);
        }
    }

    for (frame, error) in [
        (json!({"type": "chat_message", "content": "  "}), "Empty message"),
        (json!({"type": "chat_message", "content": "x".repeat(5_001)}), "Message too long"),
        (json!({"type": "delete_message"}), "Message ID required"),
        (json!({"type": "delete_message", "message_id": 1_000_000}), "Failed to delete message"),
        (json!({"type": "sing"}), "Unknown message type"),
    ] {
        a.tell(frame).await;
        assert_eq!(a.hear().await, json!({"type": "error", "message": error}));
    }
    a.write("{").await;
    assert_eq!(a.hear().await["message"], "Invalid JSON");
    members[0].tell(json!({"type": "delete_message", "message_id": first["id"]})).await;
    assert_eq!(members[0].hear().await["message"], "Failed to delete message", "of another conversation");
    b.tell(json!({"type": "delete_message", "message_id": first["id"]})).await;
    assert_eq!(b.hear().await, json!({"type": "message_deleted", "message_id": first["id"]}));
}

#[test]
fn what_cannot_be_installed_says_so() {
    for peer in ["node", "channels"] {
        let folder = tempfile::tempdir().unwrap();
        let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(peer).join("run");
        let output =
            Command::new(run).arg(folder.path()).arg("0").env("PATH", folder.path()).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(75), "{words}");
        assert!(words.contains("is left out: there is no ") && words.lines().count() == 1, "{words}");
        assert!(output.stdout.is_empty());
    }
}
