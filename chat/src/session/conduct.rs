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

/// Counts what happened within a span.
struct Window {
    most: usize,
    span: Duration,
    at: VecDeque<Instant>,
}

impl Window {
    fn new((most, span): (usize, Duration)) -> Self {
        Self { most, span, at: VecDeque::new() }
    }

    /// One more; true when it is one too many.
    fn add(&mut self, now: Instant) -> bool {
        while self.at.front().is_some_and(|at| now.duration_since(*at) >= self.span) {
            self.at.pop_front();
        }
        self.at.push_back(now);
        self.at.len() >= self.most
    }
}

/// One client's record.
pub(super) struct Conduct {
    malformed: Window,
    refused: Window,
    away: Window,
    frames: Bucket,
    typing: Bucket,
}

impl Conduct {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        let (frames, typing) = (Bucket::full(FRAMES.1, now), Bucket::full(TYPING.1, now));
        let (malformed, refused, away) = (Window::new(MALFORMED), Window::new(REFUSED), Window::new(AWAY));
        Self { malformed, refused, away, frames, typing }
    }

    /// A frame that means nothing; true: the last that is put up with.
    pub(super) fn malformed(&mut self) -> bool {
        self.malformed.add(Instant::now())
    }

    /// A frame other than a message: refused with the seconds to wait when there are too many.
    pub(super) fn frame(&mut self) -> Result<(), f64> {
        self.frames.take(FRAMES.0, FRAMES.1, Instant::now())
    }

    /// A word about typing; false: it need not be heard. The last one counts, and it comes again or runs out.
    pub(super) fn typing(&mut self) -> bool {
        self.typing.take(TYPING.0, TYPING.1, Instant::now()).is_ok()
    }

    /// What went back. Who goes on regardless is told once too often to wait, and sent away.
    pub(super) fn answered(&mut self, replies: &[ServerFrame]) -> Option<CloseCode> {
        replies.iter().find_map(|reply| match reply {
            ServerFrame::Error(body) if body.code == ErrorCode::RateLimited => {
                self.refused.add(Instant::now()).then_some(CloseCode::TooFast)
            }
            ServerFrame::Error(body) if body.code == ErrorCode::Unavailable => {
                self.away.add(Instant::now()).then_some(CloseCode::Unavailable)
            }
            _ => None,
        })
    }
}
