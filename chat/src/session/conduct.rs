//! How a client behaves: mistakes are answered, going on with them ends the connection.

use crate::rate::Bucket;
use protocol::{CloseCode, ErrorCode, ServerFrame};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// Frames that mean nothing, within a minute.
const MALFORMED: (usize, Duration) = (20, Duration::from_secs(60));
/// Frames refused for their rate, within ten seconds.
const REFUSED: (usize, Duration) = (100, Duration::from_secs(10));
/// Frames that came to nothing because something we depend on is away, within ten seconds.
const AWAY: (usize, Duration) = (20, Duration::from_secs(10));
/// Frames other than messages (those have the person's own limit): each second, and at once.
const FRAMES: (f64, f64) = (50.0, 200.0);
/// Words about typing, likewise; they take nothing from the others.
const TYPING: (f64, f64) = (10.0, 40.0);

/// When something happened, as far back as a span.
#[derive(Default)]
struct Window(VecDeque<Instant>);

impl Window {
    /// One more; true when it is one too many.
    fn add(&mut self, (most, span): (usize, Duration)) -> bool {
        let now = Instant::now();
        while self.0.front().is_some_and(|at| now.duration_since(*at) >= span) {
            self.0.pop_front();
        }
        self.0.push_back(now);
        self.0.len() >= most
    }
}

/// One client's record. Begun with its first frame that counts: who only listens takes no room for one.
#[derive(Default)]
pub(super) struct Conduct(Option<Box<Record>>);

struct Record {
    malformed: Window,
    refused: Window,
    away: Window,
    frames: Bucket,
    typing: Bucket,
}

impl Record {
    fn new() -> Self {
        let now = Instant::now();
        let (frames, typing) = (Bucket::full(FRAMES.1, now), Bucket::full(TYPING.1, now));
        let window = Window::default;
        Self { malformed: window(), refused: window(), away: window(), frames, typing }
    }
}

impl Conduct {
    fn record(&mut self) -> &mut Record {
        self.0.get_or_insert_with(|| Box::new(Record::new()))
    }

    /// A frame that means nothing; true: the last that is put up with.
    pub(super) fn malformed(&mut self) -> bool {
        self.record().malformed.add(MALFORMED)
    }

    /// A frame other than a message: refused with the seconds to wait when there are too many.
    pub(super) fn frame(&mut self) -> Result<(), f64> {
        self.record().frames.take(FRAMES.0, FRAMES.1, Instant::now())
    }

    /// A word about typing; false: it need not be heard. The last one counts, and it comes again or runs out.
    pub(super) fn typing(&mut self) -> bool {
        self.record().typing.take(TYPING.0, TYPING.1, Instant::now()).is_ok()
    }

    /// What went back. Who goes on regardless is told once too often to wait, and sent away.
    pub(super) fn answered(&mut self, replies: &[ServerFrame]) -> Option<CloseCode> {
        replies.iter().find_map(|reply| match reply {
            ServerFrame::Error(body) if body.code == ErrorCode::RateLimited => {
                self.record().refused.add(REFUSED).then_some(CloseCode::TooFast)
            }
            ServerFrame::Error(body) if body.code == ErrorCode::Unavailable => {
                self.record().away.add(AWAY).then_some(CloseCode::Unavailable)
            }
            _ => None,
        })
    }
}
