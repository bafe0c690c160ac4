//! Presence.

use crate::support::{Server, room};
use protocol::{ClientFrame, ServerFrame, Status, SyncAnswer};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn p1_online_away_and_last_seen_over_sockets_and_polls() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    room(&[&anna, &ben], None).await;
    let mut annas = anna.connect().await;
    let ben_is = |wanted: Status| move |frame: &ServerFrame| matches!(frame, ServerFrame::UserStatus(is) if is.status == wanted);
    let (mut tab, mut other) = (ben.connect().await, ben.connect().await);
    annas.until(ben_is(Status::Online)).await;
    for socket in [&mut tab, &mut other] {
        socket.send(&ClientFrame::UserStatus { status: Status::Away }).await;
    }
    annas.until(ben_is(Status::Away)).await;
    let synced: SyncAnswer = anna.post("/api/sync", &json!({})).await.json().await.unwrap();
    assert_eq!(synced.presence.iter().map(|is| is.status).collect::<Vec<_>>(), [Status::Away]);
    // Without a socket, by a browser of his own.
    let phone = ben.again().await;
    let poll = json!({"mailbox": null, "batch": 0, "wait": false, "sync": {}});
    assert_eq!(phone.post("/api/poll", &poll).await.status(), 200);
    annas.until(ben_is(Status::Online)).await;
    let says = |word: &str| json!({"frames": [{"type": "user_status", "status": word}]});
    let said: Value = phone.post("/api/submit", &says("offline")).await.json().await.unwrap();
    assert_eq!(said["frames"][0]["code"], "malformed", "{said}");
    assert_eq!(phone.post("/api/submit", &says("asleep")).await.status(), 400);
    let said: Value = phone.post("/api/submit", &says("away")).await.json().await.unwrap();
    assert_eq!(said, json!({"frames": []}));
    annas.until(ben_is(Status::Away)).await;
    // Five seconds after the last of them, which is the mailbox, kept for a while after its last poll.
    drop((tab, other));
    let gone = annas.until_within(Duration::from_secs(60), ben_is(Status::Offline)).await;
    assert!(matches!(gone, ServerFrame::UserStatus(is) if is.last_seen_at.is_some()));
    // Whoever begins now is told since when. It is written down right after it was told.
    let mut seen = None;
    while seen.is_none() {
        let answer: SyncAnswer = anna.post("/api/sync", &json!({})).await.json().await.unwrap();
        let ben = answer.presence.into_iter().find(|person| person.user_id == ben.me.id);
        seen = ben.and_then(|ben| ben.last_seen_at);
    }
}
