use super::*;
use crate::bus::{BusEvent, Push, Topic};
use crate::hub::{DirectWrite, WriteOutcome};
use bytes::Bytes;
use futures::FutureExt as _;
use protocol::{ConversationId, UserId};
use std::task::{Context, Waker};
use std::time::Duration;
use tokio::sync::watch;

const TIMEOUT: Duration = Duration::from_secs(20);

/// A transport that counts the frames written to it, or panics.
struct Transport {
    frames: watch::Sender<usize>,
    panics_on: Option<PanicsOn>,
}

#[derive(Clone, Copy)]
enum PanicsOn {
    /// At the latest on the write, if the batch is encoded already.
    Encode,
    Write,
}

impl DirectWrite for Transport {
    fn encode(&self, text: Bytes, into: &mut Vec<u8>) {
        into.extend_from_slice(&text);
        assert!(!matches!(self.panics_on, Some(PanicsOn::Encode)), "injected");
    }

    fn write(&self, frames: &[u8]) -> WriteOutcome {
        assert!(self.panics_on.is_none(), "injected");
        self.frames.send_modify(|count| *count += frames.len());
        WriteOutcome::Complete
    }
}

/// Idle connections, of which some have a transport that panics.
struct Room(Vec<(Arc<Subscriber>, Arc<Transport>)>);

impl Room {
    fn new(size: u64, panics_on: impl Fn(u64) -> Option<PanicsOn>) -> Self {
        let one = |id| {
            let subscriber = Subscriber::new(id, UserId(1), None, 16);
            let transport = Arc::new(Transport { frames: watch::Sender::new(0), panics_on: panics_on(id) });
            subscriber.set_direct_write(transport.clone());
            let mut context = Context::from_waker(Waker::noop());
            assert!(subscriber.poll_next(&mut context, true).is_pending(), "idle");
            (subscriber, transport)
        };
        Self((0..size).map(one).collect())
    }

    /// Delivers a frame of one byte to all.
    fn deliver(&self, pool: &FanoutPool) {
        let push =
            Push::event(Topic::Conversation(ConversationId(1)), BusEvent::Frame(Bytes::from_static(b"x")));
        let push = Arc::new(push);
        let due =
            self.0.iter().map(|(subscriber, _)| subscriber).filter(|subscriber| subscriber.offer(&push));
        pool.flush(due.cloned().collect());
    }

    /// Waits until everybody has this many frames, or has failed if the transport panics.
    async fn received(&self, frames: usize) {
        for (subscriber, transport) in &self.0 {
            let done = async {
                if transport.panics_on.is_some() {
                    subscriber.overflow().await;
                } else {
                    let mut received = transport.frames.subscribe();
                    received.wait_for(|count| *count == frames).await.expect("open");
                }
            };
            tokio::time::timeout(TIMEOUT, done).await.expect("a delivery");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panicking_transport_ends_its_own_connection_only() {
    let pool = FanoutPool::new();
    // A room for one async task, and one for the threads.
    for size in [8, CHUNK as u64 * 3 + 5] {
        // The first one encodes for those after it.
        let room = Room::new(size, |id| match id % 7 {
            0 => Some(PanicsOn::Encode),
            5 => Some(PanicsOn::Write),
            _ => None,
        });
        for frames in 1..=5 {
            room.deliver(&pool);
            room.received(frames).await;
        }
        for (subscriber, transport) in &room.0 {
            assert_eq!(subscriber.has_overflowed(), transport.panics_on.is_some());
            assert!(subscriber.overflow().now_or_never().is_some() == transport.panics_on.is_some());
        }
    }
    let idle = async {
        while lock(&pool.0.queue).threads > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(TIMEOUT, idle).await.expect("every thread returns its slot");
}
