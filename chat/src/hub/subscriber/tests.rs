use super::*;
use crate::bus::{BusEvent, Topic};
use bytes::Bytes;
use futures::FutureExt as _;
use proptest::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Wake, Waker};

/// A transport that accepts as many bytes as the test allows.
#[derive(Default)]
struct Transport {
    written: Mutex<String>,
    capacity: Mutex<usize>,
}

impl DirectWrite for Transport {
    fn encode(&self, text: Bytes, into: &mut Vec<u8>) {
        assert_ne!(text, "panic");
        into.extend_from_slice(&text);
        into.push(b' ');
    }

    fn write(&self, frames: &[u8]) -> WriteOutcome {
        let mut capacity = lock(&self.capacity);
        let accepted = frames.len().min(*capacity);
        *capacity -= accepted;
        if accepted == 0 {
            return WriteOutcome::Nothing;
        }
        // The writer keeps the rest and sends it first.
        lock(&self.written).push_str(std::str::from_utf8(frames).unwrap());
        if accepted == frames.len() { WriteOutcome::Complete } else { WriteOutcome::Partial }
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A subscriber, its transport, and its task.
struct Fixture {
    subscriber: Arc<Subscriber>,
    transport: Arc<Transport>,
    woken: Arc<Woken>,
    encoded: EncodedBatch,
}

impl Fixture {
    fn new(about: Option<ConversationId>, capacity: usize) -> Self {
        let subscriber = Subscriber::new(1, UserId(1), about, 64);
        let transport = Arc::new(Transport::default());
        *lock(&transport.capacity) = capacity;
        subscriber.set_direct_write(transport.clone());
        Self { subscriber, transport, woken: Arc::default(), encoded: EncodedBatch::default() }
    }

    /// Polls as the task does.
    fn next(&self, allow_direct: bool) -> Option<Next> {
        self.woken.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(self.woken.clone());
        match self.subscriber.poll_next(&mut Context::from_waker(&waker), allow_direct) {
            Poll::Ready(next) => Some(next),
            Poll::Pending => None,
        }
    }

    fn flush(&mut self) -> u64 {
        self.subscriber.flush(&mut self.encoded)
    }

    fn written(&self) -> String {
        lock(&self.transport.written).clone()
    }

    fn woken(&self) -> bool {
        self.woken.0.load(Ordering::Relaxed)
    }
}

fn frame(text: &str) -> Arc<Push> {
    let event = BusEvent::Frame(Bytes::from(text.to_owned()));
    Arc::new(Push::event(Topic::Person(UserId(1)), event))
}

fn control() -> Arc<Push> {
    Arc::new(Push::event(Topic::Person(UserId(1)), BusEvent::SignInEnded(None)))
}

#[test]
fn frames_are_written_without_waking_an_idle_task() {
    let mut fixture = Fixture::new(None, 1_000);
    assert!(!fixture.subscriber.offer(&frame("early")), "not idle yet");
    assert_eq!(fixture.next(true), Some(Next::Push(frame("early"))));
    assert_eq!(fixture.next(true), None);
    assert!(fixture.subscriber.offer(&frame("a")), "the first offer schedules a flush");
    assert!(!fixture.subscriber.offer(&frame("b")), "the second is included in it");
    assert_eq!((fixture.flush(), fixture.written().as_str(), fixture.woken()), (2, "a b ", false));
    assert_eq!((fixture.subscriber.take_peak(), fixture.subscriber.take_peak()), (2, 0));
    assert!(fixture.subscriber.offer(&frame("c")));
    assert_eq!((fixture.flush(), fixture.written().as_str(), fixture.woken()), (1, "a b c ", false));
}

#[test]
fn control_pushes_and_later_frames_wait_for_the_task() {
    let mut fixture = Fixture::new(None, 1_000);
    assert_eq!(fixture.next(true), None);
    for push in [frame("a"), control(), frame("b")] {
        fixture.subscriber.offer(&push);
    }
    assert_eq!((fixture.flush(), fixture.written().as_str(), fixture.woken()), (1, "a ", true));
    assert_eq!(fixture.flush(), 0);
    assert_eq!(fixture.next(true), Some(Next::Push(control())));
    assert_eq!(fixture.next(true), Some(Next::Push(frame("b"))));
}

#[test]
fn held_pushes_are_not_written_directly() {
    let mut fixture = Fixture::new(None, 1_000);
    assert_eq!(fixture.next(true), None);
    assert!(fixture.subscriber.offer(&frame("a")));
    fixture.subscriber.hold();
    assert_eq!((fixture.flush(), fixture.subscriber.len()), (0, 1));
    assert!(!fixture.subscriber.offer(&frame("b")));
    assert_eq!(fixture.next(true), Some(Next::Push(frame("a"))));
    assert_eq!(fixture.next(false), Some(Next::Push(frame("b"))));
    assert_eq!(fixture.next(false), None);
    assert!(!fixture.subscriber.offer(&frame("c")), "the task is not idle");
    assert!(fixture.woken());
}

#[test]
fn a_full_transport_is_left_to_the_task() {
    let mut fixture = Fixture::new(None, 3);
    assert_eq!(fixture.next(true), None);
    fixture.subscriber.offer(&frame("long"));
    assert_eq!((fixture.flush(), fixture.woken()), (1, true));
    assert_eq!(fixture.next(true), Some(Next::Flush), "it has to flush");
    assert_eq!(fixture.next(true), None);
    assert!(fixture.subscriber.offer(&frame("later")));
    assert_eq!((fixture.flush(), fixture.woken()), (0, true));
    assert_eq!(fixture.next(true), Some(Next::Push(frame("later"))));
}

#[test]
fn a_push_that_does_not_fit_ends_the_connection() {
    let fixture = Fixture::new(None, 1_000);
    for n in 0..=64 {
        assert!(!fixture.subscriber.has_overflowed(), "{n}");
        fixture.subscriber.offer(&frame("more"));
    }
    assert!(fixture.subscriber.has_overflowed());
    assert!(fixture.subscriber.overflow().now_or_never().is_some());
    assert!(!fixture.subscriber.offer(&frame("late")));
    assert_eq!(fixture.subscriber.len(), 64);
}

#[test]
fn a_panic_in_a_flush_leaves_the_queue_to_the_task() {
    let mut fixture = Fixture::new(None, 1_000);
    assert_eq!(fixture.next(true), None);
    assert!(fixture.subscriber.offer(&frame("panic")));
    assert!(catch_unwind(AssertUnwindSafe(|| fixture.flush())).is_err());
    assert!(!fixture.subscriber.offer(&frame("next")) && fixture.woken());
    assert_eq!(fixture.next(true), Some(Next::Push(frame("panic"))));
    assert_eq!(fixture.next(true), Some(Next::Push(frame("next"))));
}

#[test]
fn only_frames_about_its_conversation_are_written() {
    let (here, there) = (Some(ConversationId(1)), Some(ConversationId(2)));
    let (mut one, mut all) = (Fixture::new(here, 1_000), Fixture::new(None, 1_000));
    let about = |text: &str, id: Option<ConversationId>| {
        Arc::new(Push { about: id, ..Arc::unwrap_or_clone(frame(text)) })
    };
    let pushes = [about("here", here), about("there", there), frame("anywhere")];
    let mut encoded = EncodedBatch::default();
    for fixture in [&mut one, &mut all] {
        assert_eq!(fixture.next(true), None);
        for push in &pushes {
            fixture.subscriber.offer(push);
        }
        fixture.subscriber.flush(&mut encoded);
    }
    assert_eq!((one.written().as_str(), all.written().as_str()), ("here anywhere ", "here there anywhere "));
}

proptest! {
    /// Every frame arrives once and in order, whoever writes and however much the transport accepts, and each queued push has
    /// a writer.
    #[test]
    fn everything_arrives_once_and_in_order(steps in prop::collection::vec((0..6_u8, 0..12_usize), 0..200)) {
        let mut fixture = Fixture::new(None, 20);
        let mut offered = Vec::new();
        let forward = |fixture: &Fixture, next: Option<Next>| {
            if let Some(Next::Push(push)) = next
                && let BusEvent::Frame(text) = &push.event
            {
                lock(&fixture.transport.written).push_str(&format!("{} ", str::from_utf8(text).unwrap()));
            }
        };
        // The task runs; a flush was requested, and neither done nor overtaken by the task.
        let (mut awake, mut due) = (true, false);
        for (step, size) in steps {
            match step {
                // More would not fit.
                0 | 1 if fixture.subscriber.len() == 64 => {}
                0 if size == 0 => due |= fixture.subscriber.offer(&control()),
                0 | 1 => {
                    let text = offered.len().to_string();
                    due |= fixture.subscriber.offer(&frame(&text));
                    offered.push(text);
                }
                2 => {
                    fixture.flush();
                    due = false;
                }
                3 => {
                    let next = fixture.next(size % 2 == 0);
                    (awake, due) = (next.is_some(), false);
                    forward(&fixture, next);
                }
                4 => {
                    fixture.subscriber.hold();
                    (awake, due) = (true, false);
                }
                _ => *lock(&fixture.transport.capacity) = size,
            }
            prop_assert!(fixture.subscriber.len() == 0 || awake || fixture.woken() || due);
        }
        while let Some(next) = fixture.next(false) {
            forward(&fixture, Some(next));
        }
        let written = fixture.written();
        prop_assert_eq!(written.split_whitespace().map(str::to_owned).collect::<Vec<_>>(), offered);
    }
}
