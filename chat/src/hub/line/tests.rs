use super::*;
use crate::bus::Topic;
use proptest::prelude::*;
use std::task::Wake;

/// A line of which the other end reads when the test says so.
#[derive(Default)]
struct Cable {
    heard: Mutex<String>,
    room: Mutex<usize>,
}

impl DirectWrite for Cable {
    fn encode(&self, text: Bytes, into: &mut Vec<u8>) {
        into.extend_from_slice(&text);
        into.push(b' ');
    }

    fn write(&self, frames: &[u8]) -> WriteOutcome {
        let mut room = lock(&self.room);
        let taken = frames.len().min(*room);
        *room -= taken;
        if taken == 0 {
            return WriteOutcome::Nothing;
        }
        // A rest is kept by the line, in front of everything else.
        lock(&self.heard).push_str(std::str::from_utf8(frames).unwrap());
        if taken == frames.len() { WriteOutcome::Complete } else { WriteOutcome::Partial }
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A line, its cable, and its task.
struct Place {
    line: Arc<Line>,
    cable: Arc<Cable>,
    woken: Arc<Woken>,
    framed: Framed,
}

impl Place {
    fn new(about: Option<ConversationId>, room: usize) -> Self {
        let (line, cable) = (Line::new(1, UserId(1), about, 64), Arc::new(Cable::default()));
        *lock(&cable.room) = room;
        line.set_direct_write(cable.clone());
        Self { line, cable, woken: Arc::default(), framed: Framed::default() }
    }

    /// The task asks what is next.
    fn next(&self, may_rest: bool) -> Option<Next> {
        self.woken.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(self.woken.clone());
        match self.line.poll_next(&mut Context::from_waker(&waker), may_rest) {
            Poll::Ready(next) => Some(next),
            Poll::Pending => None,
        }
    }

    fn write(&mut self) -> u64 {
        self.line.write(&mut self.framed)
    }

    fn heard(&self) -> String {
        lock(&self.cable.heard).clone()
    }

    fn woken(&self) -> bool {
        self.woken.0.load(Ordering::Relaxed)
    }
}

fn frame(text: &str) -> Arc<Push> {
    let body = Body::Frame(Bytes::from(text.to_owned()));
    Arc::new(Push::word(Topic::Person(UserId(1)), body))
}

fn word() -> Arc<Push> {
    Arc::new(Push::word(Topic::Person(UserId(1)), Body::Revoked(None)))
}

#[test]
fn a_task_that_rests_is_not_woken_for_frames() {
    let mut place = Place::new(None, 1_000);
    assert!(!place.line.offer(&frame("early")), "nobody rests yet");
    assert_eq!(place.next(true), Some(Next::Push(frame("early"))));
    assert_eq!(place.next(true), None);
    assert!(place.line.offer(&frame("a")), "whoever offers the first has it written");
    assert!(!place.line.offer(&frame("b")), "and the second with it");
    assert_eq!((place.write(), place.heard().as_str(), place.woken()), (2, "a b ", false));
    assert_eq!((place.line.waited(), place.line.waited()), (2, 0));
    assert!(place.line.offer(&frame("c")));
    assert_eq!((place.write(), place.heard().as_str(), place.woken()), (1, "a b c ", false));
}

#[test]
fn what_is_for_the_task_waits_for_it_and_so_does_what_comes_after() {
    let mut place = Place::new(None, 1_000);
    assert_eq!(place.next(true), None);
    for push in [frame("a"), word(), frame("b")] {
        place.line.offer(&push);
    }
    assert_eq!((place.write(), place.heard().as_str(), place.woken()), (1, "a ", true));
    assert_eq!(place.write(), 0);
    assert_eq!(place.next(true), Some(Next::Push(word())));
    assert_eq!(place.next(true), Some(Next::Push(frame("b"))));
}

#[test]
fn nothing_is_written_past_a_task_that_wants_it_held() {
    let mut place = Place::new(None, 1_000);
    assert_eq!(place.next(true), None);
    assert!(place.line.offer(&frame("a")));
    place.line.hold();
    assert_eq!((place.write(), place.line.waiting()), (0, 1));
    assert!(!place.line.offer(&frame("b")));
    assert_eq!(place.next(true), Some(Next::Push(frame("a"))));
    assert_eq!(place.next(false), Some(Next::Push(frame("b"))));
    assert_eq!(place.next(false), None);
    assert!(!place.line.offer(&frame("c")), "it does not rest");
    assert!(place.woken());
}

#[test]
fn a_line_that_is_full_is_left_to_its_task() {
    let mut place = Place::new(None, 3);
    assert_eq!(place.next(true), None);
    place.line.offer(&frame("long"));
    assert_eq!((place.write(), place.woken()), (1, true));
    assert_eq!(place.next(true), Some(Next::Rest), "it has to flush");
    assert_eq!(place.next(true), None);
    assert!(place.line.offer(&frame("later")));
    assert_eq!((place.write(), place.woken()), (0, true));
    assert_eq!(place.next(true), Some(Next::Push(frame("later"))));
    for n in 0..65 {
        assert!(!place.line.has_fallen(), "{n}");
        place.line.offer(&frame("more"));
    }
    assert!(place.line.has_fallen(), "no more than so many wait");
}

#[test]
fn only_what_concerns_it_is_written_and_each_line_gets_its_own() {
    let (here, there) = (Some(ConversationId(1)), Some(ConversationId(2)));
    let (mut one, mut all) = (Place::new(here, 1_000), Place::new(None, 1_000));
    let about = |text: &str, id: Option<ConversationId>| {
        Arc::new(Push { about: id, ..Arc::unwrap_or_clone(frame(text)) })
    };
    let pushes = [about("here", here), about("there", there), frame("anywhere")];
    let mut framed = Framed::default();
    for place in [&mut one, &mut all] {
        assert_eq!(place.next(true), None);
        for push in &pushes {
            place.line.offer(push);
        }
        place.line.write(&mut framed);
    }
    assert_eq!((one.heard().as_str(), all.heard().as_str()), ("here anywhere ", "here there anywhere "));
}

proptest! {
    /// Whoever writes, and however much the line takes: everything arrives once and in order.
    #[test]
    fn everything_arrives_once_and_in_order(steps in prop::collection::vec((0..5_u8, 0..12_usize), 0..200)) {
        let mut place = Place::new(None, 20);
        let mut offered = Vec::new();
        let said_by_task = |place: &Place, next: Option<Next>| {
            if let Some(Next::Push(push)) = next
                && let Body::Frame(text) = &push.body
            {
                lock(&place.cable.heard).push_str(&format!("{} ", str::from_utf8(text).unwrap()));
            }
        };
        for (step, size) in steps {
            match step {
                // More would not fit.
                0 | 1 if place.line.waiting() == 64 => {}
                0 if size == 0 => _ = place.line.offer(&word()),
                0 | 1 => {
                    let text = offered.len().to_string();
                    place.line.offer(&frame(&text));
                    offered.push(text);
                }
                2 => _ = place.write(),
                3 => {
                    let next = place.next(size % 2 == 0);
                    said_by_task(&place, next);
                }
                _ => *lock(&place.cable.room) = size,
            }
        }
        while let Some(next) = place.next(false) {
            said_by_task(&place, Some(next));
        }
        let heard = place.heard();
        prop_assert_eq!(heard.split_whitespace().map(str::to_owned).collect::<Vec<_>>(), offered);
    }
}
