//! The bucket of all operations of a person, and the bound of answers.

use crate::support::{Person, Server, room};
use protocol::limits::MAX_ANSWER;
use protocol::{ApiError, ClientFrame, ConversationId, ErrorCode, ServerFrame};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A bucket of 45 that is not refilled during a test.
const FEW: [(&str, &str); 2] =
    [("RAPPORT_LIMITS__OPERATIONS_PER_SECOND", "0.001"), ("RAPPORT_LIMITS__OPERATION_BURST", "45")];
/// Limits above the load of a test.
const MANY_SENDS: [(&str, &str); 2] =
    [("RAPPORT_LIMITS__SENDS_PER_SECOND", "100000"), ("RAPPORT_LIMITS__SEND_BURST", "100000")];

#[derive(serde::Deserialize)]
struct Submitted {
    frames: Vec<ServerFrame>,
}

fn page(id: ConversationId, before: i64) -> ClientFrame {
    ClientFrame::Page { conversation_id: Some(id), before: Some(before), after: None }
}

async fn submits(person: &Person, frames: &[ClientFrame]) -> (usize, Vec<ServerFrame>) {
    let answer = person.post("/api/submit", &json!({"frames": frames})).await;
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    let answer: Submitted = serde_json::from_str(&text).unwrap();
    (text.len(), answer.frames)
}

#[tokio::test]
async fn v6_all_that_a_person_does_comes_out_of_one_bucket() {
    let server = Server::start_with(&FEW).await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    // Costs Anna 1, and Ben as well, who opens it, too.
    let talk = room(&[&anna, &ben], None).await;
    let messages = format!("/api/conversations/{talk}/messages");
    let read = format!("/api/conversations/{talk}/read");
    let mut socket = anna.connect().await;

    // 10 by each transport.
    assert_eq!(anna.get(&messages).await.status(), 200);
    let (_, answers) = submits(&anna, &[page(talk, 1)]).await;
    assert!(matches!(answers[..], [ServerFrame::Page(_)]), "{answers:?}");
    socket.send(&page(talk, 1)).await;
    socket.until(|frame| matches!(frame, ServerFrame::Page(_))).await;
    assert_eq!(anna.post("/api/sync", &json!({"list": true})).await.status(), 200);

    // 4 are left, so that every page is refused, with the time to wait.
    let refused = anna.get(&messages).await;
    assert_eq!(refused.status(), 429);
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((5_000..=6_000).contains(&wait), "{wait} s for 6 at 0.001 a second");
    let body: ApiError = refused.json().await.unwrap();
    assert_eq!(body.error.code, ErrorCode::RateLimited);
    for path in ["/api/conversations", "/api/people?q=b", "/api/me/sessions"] {
        assert_eq!(anna.get(path).await.status(), 429, "{path}");
    }
    let (_, answers) = submits(&anna, &[page(talk, 1)]).await;
    let [ServerFrame::Error(error)] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!(error.code, ErrorCode::RateLimited);
    assert!(error.retry_after.is_some_and(|wait| wait > 5_000.0), "{error:?}");
    socket.send(&page(talk, 1)).await;
    assert_eq!(socket.refused().await.code, ErrorCode::RateLimited);

    // What costs 1 works until nothing is left, and sends have their own bucket.
    let mut marked = 0;
    while anna.post(&read, &json!({})).await.status() == 204 {
        marked += 1;
    }
    assert_eq!(marked, 4);
    assert_eq!(anna.post(&read, &json!({})).await.status(), 429);
    assert_eq!(anna.delete("/api/me/sessions").await.status(), 204, "other sign-ins can always be ended");
    assert_eq!(anna.post("/api/conversations", &json!({"participants": ["ben"]})).await.status(), 429);
    let message = anna.says(talk, "still heard").await;
    assert_eq!(anna.delete(&format!("{messages}/{}", message.id)).await.status(), 429);
    socket.send(&ClientFrame::Typing { conversation_id: Some(talk), is_typing: true }).await;
    assert_eq!(socket.refused().await.code, ErrorCode::RateLimited);

    // Ben has another bucket.
    assert_eq!(ben.reads(talk).await.last().map(|message| message.seq), Some(1));
    server.stops().await;
}

#[tokio::test]
async fn v6_an_answer_has_at_most_4_mib_and_the_rest_is_asked_for_again() {
    let server = Server::start_with(&MANY_SENDS).await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let text = "\u{1f600}".repeat(5_000);
    for _ in 0..60 {
        anna.says(talk, &text).await;
    }
    // 40 pages of 1 MB.
    let mut wanted: BTreeSet<i64> = (22..=61).collect();
    let mut rounds = 0;
    while !wanted.is_empty() {
        let frames: Vec<_> = wanted.iter().map(|before| page(talk, *before)).collect();
        let (bytes, answers) = submits(&ben, &frames).await;
        assert!(bytes <= MAX_ANSWER + 100 * frames.len(), "{bytes} bytes");
        assert_eq!(answers.len(), frames.len());
        let before = wanted.len();
        for answer in answers {
            match answer {
                ServerFrame::Page(page) => assert!(wanted.remove(&page.before.unwrap())),
                ServerFrame::Error(error) => {
                    assert_eq!((error.code, error.retry_after), (ErrorCode::RateLimited, Some(0.0)));
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(wanted.len() < before, "it goes on");
        rounds += 1;
    }
    assert!(rounds >= 8, "{rounds} answers for 40 MB");

    // A write behind the bound is done and answered: only reads are put off.
    let mut frames: Vec<_> = (52..=61).map(|before| page(talk, before)).collect();
    frames.push(ClientFrame::MarkRead { conversation_id: Some(talk), message_id: None });
    submits(&ben, &frames).await;
    let seen: Value = ben.get(&format!("/api/conversations/{talk}")).await.json().await.unwrap();
    assert_eq!((&seen["unread"], &seen["read_seq"]), (&json!(0), &json!(60)));
    server.stops().await;
}
