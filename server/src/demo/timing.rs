//! Durations of what companions do.

use std::time::Duration;

/// Ranges in milliseconds, from which each duration is drawn at random.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// From a message to its receipt, to reading it, and to the start of an answer.
    arrive: (u64, u64),
    read: (u64, u64),
    think: (u64, u64),
    /// Typing: minimum, per character, maximum.
    write: (u64, u64, u64),
    /// How long a host stays online and offline.
    host: ((u64, u64), (u64, u64)),
    /// The same for other users.
    guest: ((u64, u64), (u64, u64)),
    /// From the last activity to idle.
    idle: (u64, u64),
    /// How often an offline user checks for messages.
    look: u64,
    /// Between two unasked messages.
    lines: (u64, u64),
    /// Timeout of a visit without requests.
    absent: u64,
    /// Timeout of a visit after a sign-out, during which the user is not simulated.
    left: u64,
}

const SECOND: u64 = 1_000;

impl Default for Timing {
    fn default() -> Self {
        Self {
            arrive: (300, 700),
            read: (900, 1_500),
            think: (600, 1_200),
            write: (1_600, 35, 5_000),
            host: ((300 * SECOND, 540 * SECOND), (20 * SECOND, 30 * SECOND)),
            guest: ((90 * SECOND, 240 * SECOND), (180 * SECOND, 480 * SECOND)),
            idle: (60 * SECOND, 100 * SECOND),
            look: 3 * SECOND,
            lines: (35 * SECOND, 80 * SECOND),
            absent: 120 * SECOND,
            left: 32 * SECOND,
        }
    }
}

fn within((least, most): (u64, u64)) -> Duration {
    Duration::from_millis(rand::random_range(least..=most))
}

impl Timing {
    /// As short as possible, for tests.
    #[cfg(test)]
    pub(crate) fn quick() -> Self {
        let (soon, later) = ((1, 5), (20_000, 20_000));
        Self {
            arrive: soon,
            read: soon,
            think: soon,
            write: (20, 0, 20),
            host: (later, soon),
            guest: ((50, 60), later),
            idle: (300, 400),
            look: 20,
            lines: later,
            absent: 20_000,
            left: 50,
        }
    }

    /// Like [`Self::quick`], with a short timeout of visits.
    #[cfg(test)]
    pub(crate) fn quick_to_miss() -> Self {
        Self { absent: 200, ..Self::quick() }
    }

    /// Like [`Self::quick`], with unasked messages.
    #[cfg(test)]
    pub(crate) fn quick_stage() -> Self {
        Self { lines: (40, 50), ..Self::quick() }
    }

    pub(super) fn arrive(&self) -> Duration {
        within(self.arrive)
    }

    pub(super) fn read(&self) -> Duration {
        within(self.read)
    }

    pub(super) fn think(&self) -> Duration {
        within(self.think)
    }

    pub(super) fn write(&self, text: &str) -> Duration {
        let (least, each, most) = self.write;
        Duration::from_millis((least + each * text.chars().count() as u64).min(most))
    }

    pub(super) fn stay(&self, host: bool) -> Duration {
        within(if host { self.host.0 } else { self.guest.0 })
    }

    pub(super) fn gone(&self, host: bool) -> Duration {
        within(if host { self.host.1 } else { self.guest.1 })
    }

    pub(super) fn idle(&self) -> Duration {
        within(self.idle)
    }

    pub(super) fn look(&self) -> Duration {
        Duration::from_millis(self.look)
    }

    pub(super) fn absent(&self) -> Duration {
        Duration::from_millis(self.absent)
    }

    pub(super) fn left(&self) -> Duration {
        Duration::from_millis(self.left)
    }

    pub(super) fn between_lines(&self) -> Duration {
        within(self.lines)
    }
}
