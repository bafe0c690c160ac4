//! The JSON of the wire: its exact text, and that every frame is read as it was written, whatever stands around it.

#[path = "wire/samples.rs"]
mod samples;
#[path = "wire/values.rs"]
mod values;

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use protocol::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use values::*;

const SERVER_FRAMES: &str = include_str!("wire/server_frames.jsonl");
const CLIENT_FRAMES: &str = include_str!("wire/client_frames.jsonl");
const POLL: &str = include_str!("wire/poll.jsonl");

fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("it has a JSON form")
}

/// The `type` of a frame. A new variant does not compile here until it is named, and then it needs a sample.
fn kind(frame: &ServerFrame) -> &'static str {
    match frame {
        ServerFrame::ConnectionEstablished(_) => "connection_established",
        ServerFrame::NewMessage(_) => "new_message",
        ServerFrame::MessageUpdated(_) => "message_updated",
        ServerFrame::MessageDeleted(_) => "message_deleted",
        ServerFrame::MessageRestored(_) => "message_restored",
        ServerFrame::Typing(_) => "typing",
        ServerFrame::MessageRead(_) => "message_read",
        ServerFrame::MessageDelivered(_) => "message_delivered",
        ServerFrame::UserJoin(_) => "user_join",
        ServerFrame::UserLeave(_) => "user_leave",
        ServerFrame::UserStatus(_) => "user_status",
        ServerFrame::UserUpdated(_) => "user_updated",
        ServerFrame::Ack(_) => "ack",
        ServerFrame::Error(_) => "error",
        ServerFrame::Synced(_) => "synced",
        ServerFrame::List(_) => "list",
        ServerFrame::Changes(_) => "changes",
        ServerFrame::Page(_) => "page",
        ServerFrame::ConversationUpdated(_) => "conversation_updated",
        ServerFrame::ConversationRemoved(_) => "conversation_removed",
        ServerFrame::PreferencesUpdated(_) => "preferences_updated",
        ServerFrame::Notification(_) => "notification",
        ServerFrame::NotificationsRead(_) => "notifications_read",
        ServerFrame::Notifications(_) => "notifications",
        ServerFrame::MembershipUpdated(_) => "membership_updated",
        ServerFrame::Done(_) => "done",
        ServerFrame::InvitationAdded(_) => "invitation_added",
        ServerFrame::InvitationRemoved(_) => "invitation_removed",
        ServerFrame::InvitationLinkCreated(_) => "invitation_link_created",
        ServerFrame::InvitationLinks(_) => "invitation_links",
        ServerFrame::Ping => "ping",
        ServerFrame::Pong => "pong",
        ServerFrame::Unreadable(_) => "never sent",
    }
}

#[test]
fn server_frames_have_exactly_this_text() {
    let frames = samples::server_frames();
    assert_eq!(frames.len(), SERVER_FRAMES.lines().count());
    for (frame, line) in frames.iter().zip(SERVER_FRAMES.lines()) {
        assert_eq!(frame.encode(), line);
        assert!(line.starts_with(&format!(r#"{{"type":"{}""#, kind(frame))), "{line}");
        assert_eq!(ServerFrame::decode(line).expect("JSON"), *frame);
    }
    let kinds: BTreeSet<_> = frames.iter().map(kind).collect();
    assert_eq!(kinds.len(), 32, "a kind without a sample: {kinds:?}");
}

#[test]
fn client_frames_have_exactly_this_text() {
    let frames = samples::client_frames();
    assert_eq!(frames.len(), CLIENT_FRAMES.lines().count());
    for (frame, line) in frames.iter().zip(CLIENT_FRAMES.lines()) {
        assert_eq!(text(frame), line);
        assert_eq!(ClientFrame::decode(line).as_ref(), Ok(frame));
    }
}

#[test]
fn a_poll_has_exactly_this_text() {
    let (request, answer) = samples::poll();
    let lines: Vec<_> = POLL.lines().collect();
    assert_eq!([text(&request), text(&answer)], lines[..]);
    assert_eq!(serde_json::from_str::<PollRequest>(lines[0]).expect("a request"), request);
    assert_eq!(serde_json::from_str::<PollAnswer>(lines[1]).expect("an answer"), answer);
    assert_eq!(serde_json::from_slice::<PollAnswer>(lines[1].as_bytes()).expect("an answer"), answer);
}

/// A poll's answer with one more frame between two good ones.
fn polled(frame: &str) -> Vec<ServerFrame> {
    let text = format!(
        r#"{{"mailbox":"00000000-0000-0000-0000-000000000005","batch":1,"frames":[{{"type":"ping"}},{frame},{{"type":"pong"}}]}}"#
    );
    serde_json::from_str::<PollAnswer>(&text).expect("an answer").frames
}

/// Each way to spoil one thing somewhere in it.
fn vary(json: &Value, found: &mut dyn FnMut(Value)) {
    for other in
        [Value::Null, json!(true), json!(1), json!(-1), json!(0.5), json!("odd"), json!([]), json!({})]
    {
        found(other);
    }
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                let mut less = fields.clone();
                less.remove(name);
                found(Value::Object(less));
                vary(value, &mut |other| {
                    let mut varied = fields.clone();
                    varied.insert(name.clone(), other);
                    found(Value::Object(varied));
                });
            }
        }
        Value::Array(items) => {
            if let Some(first) = items.first() {
                vary(first, &mut |other| found(Value::Array([&[other], &items[1..]].concat())));
            }
        }
        _ => {}
    }
}

#[test]
fn a_spoilt_frame_is_unreadable_or_another_frame_and_spoils_no_other() {
    for line in SERVER_FRAMES.lines() {
        let whole: Value = serde_json::from_str(line).expect("JSON");
        vary(&whole, &mut |spoilt| {
            let text = spoilt.to_string();
            let frame = ServerFrame::decode(&text).expect("JSON is never an error");
            match &frame {
                ServerFrame::Unreadable(unreadable) => {
                    assert_eq!(unreadable.kind.as_deref(), spoilt.get("type").and_then(Value::as_str));
                }
                frame => assert_eq!(ServerFrame::decode(&frame.encode()).expect("JSON"), *frame),
            }
            assert_eq!(polled(&text), [ServerFrame::Ping, frame, ServerFrame::Pong]);
        });
    }
}

/// A text with one stretch of it replaced.
fn mutated(lines: &'static str) -> impl Strategy<Value = String> {
    let lines: Vec<_> = lines.lines().collect();
    (select(lines), any::<Index>(), 0usize..12, prop_oneof!["\\PC{0,3}", "[\\[\\]{}:,\"\\\\0-9ntf]{0,3}"])
        .prop_map(|(line, at, length, put)| {
            let mut letters: Vec<char> = line.chars().collect();
            let from = at.index(letters.len());
            let to = (from + length).min(letters.len());
            letters.splice(from..to, put.chars());
            letters.into_iter().collect()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_server_frame_is_read_as_it_was_written(frame in server_frame(), extra in "[a-z]{1,8}") {
        let text = frame.encode();
        prop_assert_eq!(&ServerFrame::decode(&text).expect("JSON"), &frame);
        prop_assert_eq!(&serde_json::from_slice::<ServerFrame>(text.as_bytes()).expect("JSON"), &frame);
        let more = format!(r#"{{ "a_new_field" : {{"{extra}":[{text},null]}}, {}"#, &text[1..]);
        prop_assert_eq!(&ServerFrame::decode(&more).expect("JSON"), &frame);
    }

    #[test]
    fn every_answer_to_a_poll_is_read_as_it_was_written(
        frames in vec(server_frame(), 0..4), mailbox in any::<u128>(), batch in any::<u64>(),
    ) {
        let answer = PollAnswer { mailbox: uuid::Uuid::from_u128(mailbox), batch, frames };
        prop_assert_eq!(serde_json::from_str::<PollAnswer>(&text(&answer)).expect("an answer"), answer);
    }

    #[test]
    fn every_client_frame_is_read_as_it_was_written(frame in client_frame()) {
        prop_assert_eq!(ClientFrame::decode(&text(&frame)), Ok(frame));
    }

    #[test]
    fn every_poll_is_read_as_it_was_written(
        sync in sync_request(), mailbox in of(any::<u128>()), batch in any::<u64>(), wait in any::<bool>(),
    ) {
        let poll = PollRequest { mailbox: mailbox.map(uuid::Uuid::from_u128), batch, wait, sync };
        prop_assert_eq!(serde_json::from_str::<PollRequest>(&text(&poll)).expect("a request"), poll);
    }

    #[test]
    fn any_text_is_read_or_refused(
        any in any::<String>(),
        near in "[-+.0-9eE\\[\\]{}:, \"\\\\a-fnrtu\n]{0,24}",
        server in mutated(SERVER_FRAMES),
        client in mutated(CLIENT_FRAMES),
    ) {
        for text in [any, near, server, client] {
            let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(ServerFrame::decode(&text).is_ok(), is_json);
            if is_json {
                prop_assert_eq!(polled(&text).len(), 3);
            }
            let _ = ClientFrame::decode(&text);
            let _ = serde_json::from_str::<PollAnswer>(&text);
        }
    }
}

#[test]
fn deep_nesting_is_read_or_refused() {
    for depth in [1, 127, 128, 10_000] {
        let deep = "[".repeat(depth) + &"]".repeat(depth);
        assert!(ServerFrame::decode(&"[".repeat(depth)).is_err());
        let frame = format!(r#"{{"type":"ping","deep":{deep}}}"#);
        assert_eq!(ServerFrame::decode(&frame).expect("JSON"), ServerFrame::Ping);
    }
}
