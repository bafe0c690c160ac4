//! What must hold between a history and what the database holds at its end.

use super::history::{Event, Kind};
use protocol::Message;
use std::collections::{HashMap, HashSet};

/// Holds the history against the final messages (oldest first, complete) and each client's screen (the newest messages,
/// oldest first). Gives what is broken, in words.
#[must_use]
pub fn check(events: &[Event], stored: &[Message], screens: &[Vec<Message>]) -> Vec<String> {
    let mut broken = Vec::new();
    contents(events, stored, &mut broken);
    order(events, stored, &mut broken);
    reads(events, &mut broken);
    cursors(events, &mut broken);
    for (n, screen) in screens.iter().enumerate() {
        let tail = &stored[stored.len().saturating_sub(screen.len())..];
        if screen.is_empty() && !stored.is_empty() || screen.as_slice() != tail {
            broken.push(format!("the screen of person {n} is not what the database holds"));
        }
    }
    broken
}

/// ok ⊆ final, once, with the same body; final ⊆ ok ∪ info; fail ∩ final = ∅.
fn contents(events: &[Event], stored: &[Message], broken: &mut Vec<String>) {
    let mut times: HashMap<&str, u32> = HashMap::new();
    for message in stored {
        *times.entry(&message.content).or_default() += 1;
    }
    let of = |kind| events.iter().filter(move |event| event.kind == kind).map(|event| event.body.as_str());
    let known: HashSet<&str> = of(Kind::Ok).chain(of(Kind::Info)).collect();
    for body in of(Kind::Ok) {
        match times.get(body) {
            Some(1) => {}
            None => broken.push(format!("acknowledged and lost: {body}")),
            Some(n) => broken.push(format!("stored {n} times: {body}")),
        }
    }
    for body in of(Kind::Info) {
        if times.get(body).is_some_and(|&n| n > 1) {
            broken.push(format!("stored more than once: {body}"));
        }
    }
    for body in times.keys() {
        if !known.contains(body) {
            broken.push(format!("stored and never acknowledged nor unknown: {body}"));
        }
    }
    for body in of(Kind::Fail) {
        if times.contains_key(body) {
            broken.push(format!("refused and stored: {body}"));
        }
    }
}

/// seq = 1…n without a hole; what was told to the sender is where it is; acknowledged before sent means before.
fn order(events: &[Event], stored: &[Message], broken: &mut Vec<String>) {
    for (n, message) in (1..).zip(stored) {
        if message.seq != n {
            broken.push(format!("the message at place {n} says that it is at {}", message.seq));
            break;
        }
    }
    let place: HashMap<&str, i64> =
        stored.iter().map(|message| (message.content.as_str(), message.seq)).collect();
    let mut acknowledged = 0;
    let mut floor: HashMap<&str, i64> = HashMap::new();
    for event in events {
        match event.kind {
            Kind::Invoke => {
                floor.insert(&event.body, acknowledged);
            }
            Kind::Ok => {
                let seq = event.seq.unwrap_or_default();
                if place.get(event.body.as_str()).is_some_and(|&stored| stored != seq) {
                    broken.push(format!("acknowledged at place {seq} and stored elsewhere: {}", event.body));
                }
                if floor.get(event.body.as_str()).is_some_and(|&floor| seq <= floor) {
                    broken
                        .push(format!("sent after an acknowledgement and placed before it: {}", event.body));
                }
                acknowledged = acknowledged.max(seq);
            }
            _ => {}
        }
    }
}

/// Each read of the newest page shows all that was acknowledged before it began (as far back as the page goes).
fn reads(events: &[Event], broken: &mut Vec<String>) {
    let mut seen: HashMap<usize, HashMap<i64, &str>> = HashMap::new();
    for event in events.iter().filter(|event| event.kind == Kind::ReadSaw) {
        if let (Some(about), Some(seq)) = (event.about, event.seq) {
            seen.entry(about).or_default().insert(seq, &event.body);
        }
    }
    let mut acknowledged: Vec<(i64, &str)> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        match event.kind {
            Kind::Ok => acknowledged.push((event.seq.unwrap_or_default(), &event.body)),
            Kind::ReadBegan => {
                let Some(page) = seen.get(&index) else { continue };
                let oldest = page.keys().min().copied().unwrap_or(i64::MAX);
                for (seq, body) in acknowledged.iter().filter(|(seq, _)| *seq >= oldest) {
                    if page.get(seq) != Some(body) {
                        broken.push(format!("acknowledged before a read that did not show it: {body}"));
                    }
                }
            }
            _ => {}
        }
    }
}

/// A person's read position never falls.
fn cursors(events: &[Event], broken: &mut Vec<String>) {
    let mut last: HashMap<usize, i64> = HashMap::new();
    for event in events.iter().filter(|event| event.kind == Kind::Cursor) {
        let seq = event.seq.unwrap_or_default();
        let held = last.entry(event.person).or_default();
        if seq < *held {
            broken.push(format!("the read position of person {} fell from {held} to {seq}", event.person));
        }
        *held = seq.max(*held);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{ClientId, ConversationId, MessageId, MessageType, Person, Timestamp, UserId};

    fn message(seq: i64, body: &str) -> Message {
        Message {
            id: MessageId(seq),
            conversation_id: ConversationId(1),
            seq,
            rev: seq,
            client_id: ClientId(Default::default()),
            sender: Person {
                id: UserId(1),
                username: "a".into(),
                first_name: String::new(),
                last_name: String::new(),
                hue: None,
            },
            content: body.into(),
            message_type: MessageType::Text,
            timestamp: Timestamp(0),
            edited_at: None,
            deleted_at: None,
            reply_to: None,
        }
    }

    fn event(kind: Kind, body: &str, seq: Option<i64>) -> Event {
        Event { kind, person: 0, body: body.into(), seq, about: None }
    }

    /// Two messages, one after the other, both acknowledged, and a read that shows both.
    fn good() -> (Vec<Event>, Vec<Message>) {
        let mut events = vec![
            event(Kind::Invoke, "a", None),
            event(Kind::Ok, "a", Some(1)),
            event(Kind::Invoke, "b", None),
            event(Kind::Ok, "b", Some(2)),
            event(Kind::Cursor, "", Some(2)),
            event(Kind::ReadBegan, "", None),
        ];
        for (seq, body) in [(1, "a"), (2, "b")] {
            events.push(Event { about: Some(5), ..event(Kind::ReadSaw, body, Some(seq)) });
        }
        (events, vec![message(1, "a"), message(2, "b")])
    }

    #[test]
    fn a_good_history_passes() {
        let (events, stored) = good();
        assert_eq!(check(&events, &stored, &[stored.clone(), stored[1..].to_vec()]), Vec::<String>::new());
    }

    type Break = fn(&mut Vec<Event>, &mut Vec<Message>);

    #[test]
    fn each_way_to_break_it_is_caught() {
        let ways: [(&str, Break); 9] = [
            ("lost", |_, stored| drop(stored.pop())),
            ("doubled", |_, stored| stored.push(message(3, "b"))),
            ("from nowhere", |_, stored| stored.push(message(3, "c"))),
            ("refused and stored", |events, stored| {
                events.push(event(Kind::Fail, "c", None));
                events.push(event(Kind::Info, "c", None));
                stored.push(message(3, "c"));
            }),
            ("a hole", |_, stored| stored[1].seq = 3),
            ("swapped", |events, stored| {
                events[1].seq = Some(2);
                events[3].seq = Some(1);
                *stored = vec![message(1, "b"), message(2, "a")];
            }),
            ("elsewhere", |events, _| events[3].seq = Some(3)),
            ("a stale read", |events, _| {
                events.pop();
                events.push(Event { about: Some(5), ..event(Kind::ReadSaw, "x", Some(2)) });
            }),
            ("a falling cursor", |events, _| events.push(event(Kind::Cursor, "", Some(1)))),
        ];
        for (way, break_it) in ways {
            let (mut events, mut stored) = good();
            break_it(&mut events, &mut stored);
            assert!(!check(&events, &stored, &[]).is_empty(), "{way} was not caught");
        }
    }

    #[test]
    fn a_wrong_screen_is_caught() {
        let (events, stored) = good();
        assert!(!check(&events, &stored, &[vec![message(2, "x")]]).is_empty());
        assert!(!check(&events, &stored, &[Vec::new()]).is_empty());
    }
}
