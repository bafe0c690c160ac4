//! The measures. Each takes a running subject and returns figures; the ratio to the limit is that of the first one.

mod across;
mod durable;
mod fanout;
mod first;
mod pairs;
mod polls;
mod requests;
mod room;
mod sockets;
mod typing;

use super::figure::Figure;
use super::fixture::Size;
use super::kind::Kind;
use super::subject::{Programs, Subject};
use crate::BoxError;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A measure. The names are part of `performance.json` and of the command line.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Sockets that are opened, stay idle, and close.
    Idle,
    /// Open-loop fan-out in a large room.
    Paced,
    /// Closed-loop fan-out in a large room.
    Closed,
    /// Closed-loop load in many conversations of two.
    Pairs,
    /// Typing frames in a large room.
    Typing,
    /// Sockets that reconnect at once.
    Reconnect,
    /// Long polls that are held and answered.
    Polls,
    /// The changes after a gap.
    Sync,
    /// The page of a room.
    Page,
    /// The cost of durability, without a server.
    Durable,
    /// From one node to another.
    Across,
    /// Cold start.
    Start,
    /// The bytes of the first load.
    FirstLoad,
}

/// The scale of a run. The names are part of `performance.json`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Scale {
    /// The people and conversations.
    pub size: Size,
    /// Messages in the large conversation of a long history.
    pub long: usize,
    /// Idle sockets.
    pub idle: usize,
    /// Sockets that reconnect at once.
    pub reconnect: usize,
    /// Messages a second of the open-loop load.
    pub pace: u32,
    /// The duration of each measure, in seconds.
    pub seconds: f64,
    /// The time to wait for memory to settle, in seconds.
    pub rest: f64,
}

impl Scale {
    /// The scale of the published figures.
    pub const FULL: Self = Self {
        size: Size { users: 1_200, room: 500, pairs: 200, messages: 1_000 },
        long: 1_000_000,
        idle: 10_000,
        reconnect: 5_000,
        pace: 50,
        seconds: 6.0,
        rest: 7.0,
    };
    /// A short run, to see that everything works; its figures mean nothing.
    pub const QUICK: Self = Self {
        size: Size { users: 40, room: 20, pairs: 10, messages: 60 },
        long: 2_000,
        idle: 60,
        reconnect: 40,
        pace: 50,
        seconds: 0.5,
        rest: 0.2,
    };

    pub(super) fn rest(&self) -> Duration {
        Duration::from_secs_f64(self.rest)
    }

    /// The unmeasured time before each measure, in seconds.
    pub(super) fn warm_up(&self) -> f64 {
        self.seconds / 4.0
    }
}

impl Measure {
    /// All, in the order in which they are run: memory first, while the processes are fresh.
    pub const ALL: [Self; 13] = [
        Self::Idle,
        Self::Paced,
        Self::Closed,
        Self::Pairs,
        Self::Typing,
        Self::Reconnect,
        Self::Polls,
        Self::Sync,
        Self::Page,
        Self::Durable,
        Self::Across,
        Self::Start,
        Self::FirstLoad,
    ];

    /// The heading in the report.
    #[must_use]
    pub fn title(self, scale: &Scale) -> String {
        let Size { room, pairs, .. } = scale.size;
        match self {
            Self::Idle => format!("{} idle sockets", count(scale.idle)),
            Self::Paced => format!("Fan-out at a steady pace: {room} sockets, {} messages/s", scale.pace),
            Self::Closed => {
                format!("Fan-out in a closed loop: {room} sockets, {} senders", fanout::SENDERS)
            }
            Self::Pairs => {
                format!("{} conversations of two, one message in flight in each", pairs::count(pairs))
            }
            Self::Typing => format!("{room} sockets, {} typing frames/s", typing::PACE),
            Self::Reconnect => format!("{} sockets reconnect at once", count(scale.reconnect)),
            Self::Polls => format!("{room} long polls, woken {} times a second", polls::PACE),
            Self::Sync => format!("Sync after a gap of {} changes", requests::MISSED),
            Self::Page => "The page of a room".into(),
            Self::Durable => "The limit of durability".into(),
            Self::Across => "From one node to another".into(),
            Self::Start => "Cold start".into(),
            Self::FirstLoad => "The first load".into(),
        }
    }

    /// The description in the report.
    #[must_use]
    pub fn explained(self) -> &'static str {
        match self {
            Self::Idle => {
                "Authenticated sockets are opened, 64 at the same time, each until the server's first frame; then they stay \
                 idle, then they close. Memory is the anonymous memory of the processes (`Pss_Anon`), less that before the \
                 first socket."
            }
            Self::Paced => {
                "Messages are due at fixed times and sent by all members in turn; a latency is the time from the due time of \
                 a message to its arrival at each socket."
            }
            Self::Closed => {
                "Each sender sends the next message when it has received its last one. The sockets of the senders are read at \
                 once; the other sockets are read in turns, each every 8 ms, so that the load is not the bottleneck; each \
                 message is still checked at each socket. A latency is the time from sending to the arrival at each of the \
                 senders."
            }
            Self::Pairs => {
                "Each sender sends the next message when it has received its last one, which is durable then (the limit \
                 stores nothing). A latency is the time from sending to the arrival at each of the two people, who are at \
                 different nodes if there are two."
            }
            Self::Typing => {
                "Members in turn begin and end typing at fixed times. The server may delay or drop typing frames."
            }
            Self::Reconnect => {
                "Sockets are opened, closed, and reopened all at the same time, as after a restart of a proxy."
            }
            Self::Polls => {
                "All members hold a poll; a message answers all polls, and the members poll again. A latency is the time from \
                 sending to the answer at each member."
            }
            Self::Durable => {
                "A bare loop writes the same rows as messages in conversations of two, with the same settings of SQLite. Only \
                 the loop's processor time counts."
            }
            Self::Across => {
                "A person sends at one node and another receives at both, one message after the other; in turn with each \
                 message, Redis alone passes as many bytes from one connection to another. Postgres stores the messages."
            }
            Self::Start => {
                "The time from the start of the process, on existing data, to its first answer; memory after an idle second."
            }
            Self::FirstLoad => {
                "The page of a conversation and all code and style that it loads, compressed by brotli, in thousands of \
                 bytes."
            }
            Self::Sync => "`GET …/messages?after=…`, over four connections that stay.",
            Self::Page => {
                "The whole page of a conversation, not compressed, asked for by one of its members, over four connections \
                 that stay. The limit answers with the same bytes, made once."
            }
        }
    }

    /// Whether this program is measured.
    #[must_use]
    pub fn applies(self, kind: Kind) -> bool {
        match self {
            Self::Pairs => kind != Kind::RapportOfAMillion,
            Self::Across => kind == Kind::TwoNodes,
            Self::Page => matches!(kind, Kind::Limit | Kind::Rapport | Kind::RapportOfAMillion),
            Self::Polls | Self::Sync | Self::Durable | Self::Start | Self::FirstLoad => kind == Kind::Rapport,
            _ => matches!(kind, Kind::Limit | Kind::Node | Kind::Channels | Kind::Rapport),
        }
    }

    /// Runs the measure.
    ///
    /// # Errors
    /// The subject failed: a message was lost or doubled, a socket closed, a request refused.
    pub fn run(self, subject: &Subject, programs: &Programs, scale: &Scale) -> Result<Vec<Figure>, BoxError> {
        match self {
            Self::Idle => sockets::idle(subject, scale),
            Self::Paced => fanout::paced(subject, scale),
            Self::Closed => fanout::closed(subject, scale),
            Self::Pairs => pairs::run(subject, scale),
            Self::Typing => typing::run(subject, scale),
            Self::Reconnect => sockets::reconnect(subject, scale),
            Self::Polls => polls::run(subject, scale),
            Self::Sync => requests::sync(subject, scale),
            Self::Page => requests::page(subject, scale),
            Self::Across => across::run(subject, scale),
            Self::Durable => durable::run(&programs.rapport, scale),
            Self::Start => first::start(&programs.rapport),
            Self::FirstLoad => first::load(&programs.rapport),
        }
    }
}

/// A count as text.
fn count(count: usize) -> String {
    #[allow(clippy::cast_precision_loss)]
    super::figure::number(count as f64)
}
