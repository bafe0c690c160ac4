//! Per-connection rate limits; repeated violations close the socket.

use crate::rate_limit::TokenBucket;
use protocol::{CloseCode, ErrorCode, ServerFrame};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// Malformed frames (count, window) that close the connection.
const MALFORMED: (usize, Duration) = (20, Duration::from_secs(60));
/// `rate_limited` errors (count, window) that close the connection.
const REFUSED: (usize, Duration) = (100, Duration::from_secs(10));
/// `unavailable` errors (count, window) that close the connection.
const UNAVAILABLE: (usize, Duration) = (20, Duration::from_secs(10));
/// Frames other than messages (rate per second, burst). Messages have a limit per person instead.
const FRAMES: (f64, f64) = (50.0, 200.0);
/// Typing frames (rate per second, burst), counted apart from the other frames.
const TYPING: (f64, f64) = (10.0, 40.0);

/// Sliding window of event times.
#[derive(Default)]
struct Window(VecDeque<Instant>);

impl Window {
    /// Adds an event; true if the window holds `most` events or more.
    fn add(&mut self, (most, span): (usize, Duration)) -> bool {
        let now = Instant::now();
        while self.0.front().is_some_and(|at| now.duration_since(*at) >= span) {
            self.0.pop_front();
        }
        self.0.push_back(now);
        self.0.len() >= most
    }
}

/// Rate limits of one connection. Allocated with the first frame that counts, since most connections only listen.
#[derive(Default)]
pub(super) struct RateLimits(Option<Box<State>>);

struct State {
    malformed: Window,
    refused: Window,
    unavailable: Window,
    frames: TokenBucket,
    typing: TokenBucket,
}

impl State {
    fn new() -> Self {
        let now = Instant::now();
        let (frames, typing) = (TokenBucket::full(FRAMES.1, now), TokenBucket::full(TYPING.1, now));
        let window = Window::default;
        Self { malformed: window(), refused: window(), unavailable: window(), frames, typing }
    }
}

impl RateLimits {
    fn state(&mut self) -> &mut State {
        self.0.get_or_insert_with(|| Box::new(State::new()))
    }

    /// Counts a malformed frame; true if the connection is to be closed.
    pub(super) fn malformed(&mut self) -> bool {
        self.state().malformed.add(MALFORMED)
    }

    /// Counts a frame other than a message.
    ///
    /// # Errors
    /// The limit is exceeded; the value is the seconds to wait.
    pub(super) fn frame(&mut self) -> Result<(), f64> {
        self.state().frames.take(FRAMES.0, FRAMES.1, Instant::now())
    }

    /// Counts a typing frame; false if it is to be dropped. A dropped frame does no harm: clients repeat them, and the
    /// state expires.
    pub(super) fn typing(&mut self) -> bool {
        self.state().typing.take(TYPING.0, TYPING.1, Instant::now()).is_ok()
    }

    /// Counts the errors among the replies; gives the close code if there were too many.
    pub(super) fn on_replies(&mut self, replies: &[ServerFrame]) -> Option<CloseCode> {
        replies.iter().find_map(|reply| match reply {
            ServerFrame::Error(body) if body.code == ErrorCode::RateLimited => {
                self.state().refused.add(REFUSED).then_some(CloseCode::TooFast)
            }
            ServerFrame::Error(body) if body.code == ErrorCode::Unavailable => {
                self.state().unavailable.add(UNAVAILABLE).then_some(CloseCode::Unavailable)
            }
            _ => None,
        })
    }
}
