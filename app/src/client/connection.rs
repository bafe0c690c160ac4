//! State machine of the connection. No clock, no I/O: events in, actions out.

use super::status::{ConnectionStatus, StopReason};
use super::timing::{BACKOFF_MOST, backoff};
use protocol::CloseCode;

/// Input of the state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The socket is open and the first frame of the server arrived: a proxy may open one without a server.
    Opened,
    /// The socket closed, or never opened; with the server's code where there is one.
    Closed(Option<u16>),
    /// The socket did not open in time; `watched`: somebody is in front of the page.
    Unopened { watched: bool },
    /// An ordered [`Action::Retry`] is due.
    RetryDue,
    /// The time of an [`Action::Patience`] is over.
    PatienceOver,
    /// A poll was answered.
    PollAnswered,
    /// A poll failed.
    PollFailed,
    /// A request other than a poll has waited long for its answer.
    RequestLate,
    /// A request other than a poll was not answered.
    RequestFailed,
    /// The answer to a request was that the sign-in has ended.
    SignedOut,
    /// The browser is signed in as somebody else.
    OtherPerson,
    /// The answer to [`Action::CheckIdentity`]: the browser is still signed in as the same person.
    IdentityConfirmed,
    /// The browser has a network again.
    Online,
    /// The browser lost its network.
    Offline,
    /// The tab came back: from sleep, from the background.
    Woke,
    /// A probe was not answered.
    ProbeFailed,
    /// The page is left; the browser may keep it for the way back.
    Left,
    /// The page came back from the back/forward cache.
    Returned,
}

/// Output of the state machine: what the driver has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Open a socket, in place of any other.
    Open,
    /// Drop the socket.
    Drop,
    /// Send [`Event::RetryDue`] after this many milliseconds, in place of an earlier retry.
    Retry(u32),
    /// Send [`Event::PatienceOver`] after [`PATIENCE_MS`].
    Patience,
    /// Poll until told to stop.
    StartPolling,
    /// Poll at once, without waiting for a pending pause or answer.
    PollNow,
    /// End polling, after a socket opened or the page stopped.
    StopPolling,
    /// Send a ping to the server and expect its answer.
    Probe,
    /// Ask the server whom this browser is signed in as.
    CheckIdentity,
    /// Ask for what is missing, then send what waits.
    CatchUp,
    /// The transport is lost, and with it frames in flight and answers.
    TransportLost,
    /// A line for the console.
    Log(&'static str),
}

/// Time that a socket is waited for before polls take over, in milliseconds.
pub(crate) const PATIENCE_MS: u32 = 3_000;
const ATTEMPTS_BEFORE_POLLING: u32 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Polls {
    Off,
    /// Polling, and the last poll was not answered.
    Trying,
    Answered,
}

/// The connection of one tab.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    socket: bool,
    ever: bool,
    failures: u32,
    polls: Polls,
    online: bool,
    left: bool,
    stopped: Option<StopReason>,
}

impl Connection {
    /// State of a new page, which tries a socket even without `online`: the browser may be wrong about its network.
    #[must_use]
    pub(crate) fn begin(online: bool) -> (Self, Vec<Action>) {
        let connection = Self {
            socket: false,
            ever: false,
            failures: 0,
            polls: Polls::Off,
            online,
            left: false,
            stopped: None,
        };
        (connection, vec![Action::Open, Action::Patience])
    }

    /// Status for display.
    #[must_use]
    pub(crate) fn state(&self) -> ConnectionStatus {
        match self {
            Self { stopped: Some(stop), .. } => ConnectionStatus::Stopped(*stop),
            Self { online: false, .. } => ConnectionStatus::Offline,
            Self { socket: true, .. } => ConnectionStatus::Connected,
            Self { polls: Polls::Answered, .. } => ConnectionStatus::Polling,
            Self { ever: false, failures: 0, .. } => ConnectionStatus::Connecting,
            _ => ConnectionStatus::Reconnecting,
        }
    }

    /// Takes an event. `random` is in 0..1 and spreads the attempts of many clients.
    pub(crate) fn on(&mut self, event: Event, random: f64) -> Vec<Action> {
        if let Some(stop) = self.stopped {
            return self.while_stopped(stop, event, random);
        }
        match event {
            Event::Returned => return self.returned(),
            _ if self.left => return Vec::new(),
            _ => {}
        }
        match event {
            Event::Opened => self.opened(),
            Event::Closed(code) => self.closed(code, random),
            Event::Unopened { watched } => self.unopened(watched, random),
            Event::RetryDue if !self.socket => vec![Action::Open],
            Event::PatienceOver if self.online && !self.socket => self.poll_instead(),
            Event::PollAnswered => self.poll_answered(),
            Event::PollFailed => self.poll_failed(),
            Event::RequestLate if self.polls != Polls::Off => vec![Action::PollNow],
            Event::RequestFailed => {
                let mut actions = self.poll_failed();
                if self.polls != Polls::Off {
                    actions.push(Action::PollNow);
                }
                actions
            }
            Event::SignedOut => self.signed_out(),
            Event::OtherPerson => self.stop(StopReason::OtherPerson),
            Event::Online => self.online(),
            Event::Offline => self.offline(),
            Event::Woke => self.woke(),
            Event::ProbeFailed if self.socket => {
                let mut actions = self.lose_socket();
                actions.extend([Action::Drop, Action::Open, Action::Patience]);
                actions
            }
            Event::Left => self.leave(),
            Event::RetryDue
            | Event::PatienceOver
            | Event::RequestLate
            | Event::ProbeFailed
            | Event::IdentityConfirmed
            | Event::Returned => Vec::new(),
        }
    }

    /// Handles an event while stopped. Only a new sign-in in another tab starts the connection again; it is looked for
    /// when the reader comes back.
    fn while_stopped(&mut self, stop: StopReason, event: Event, random: f64) -> Vec<Action> {
        if !matches!(stop, StopReason::SignedOut | StopReason::OtherPerson) {
            return Vec::new();
        }
        match event {
            Event::Woke | Event::Online | Event::Returned => vec![Action::CheckIdentity],
            Event::SignedOut => {
                self.stopped = Some(StopReason::SignedOut);
                Vec::new()
            }
            Event::OtherPerson => {
                self.stopped = Some(StopReason::OtherPerson);
                Vec::new()
            }
            Event::IdentityConfirmed => {
                self.stopped = None;
                (self.online, self.left) = (true, false);
                self.failures += 1;
                vec![Action::Retry(backoff(self.failures, random)), Action::Patience]
            }
            _ => Vec::new(),
        }
    }

    fn opened(&mut self) -> Vec<Action> {
        self.socket = true;
        self.ever = true;
        self.failures = 0;
        self.online = true;
        let mut actions = vec![Action::Log("WebSocket connection established")];
        if self.polls != Polls::Off {
            self.polls = Polls::Off;
            actions.push(Action::StopPolling);
        }
        actions.extend([Action::TransportLost, Action::CatchUp]);
        actions
    }

    fn lose_socket(&mut self) -> Vec<Action> {
        if !std::mem::take(&mut self.socket) {
            return Vec::new();
        }
        vec![Action::Log("WebSocket connection closed"), Action::TransportLost]
    }

    fn closed(&mut self, code: Option<u16>, random: f64) -> Vec<Action> {
        let had = self.socket;
        let mut actions = self.lose_socket();
        match code.and_then(CloseCode::from_code) {
            Some(CloseCode::NotAuthenticated) => actions.extend(self.signed_out()),
            Some(CloseCode::Malformed) => actions.extend(self.stop(StopReason::Malformed)),
            Some(CloseCode::NoSuchConversation) => actions.extend(self.stop(StopReason::Gone)),
            // A refusal of a newer server, by the range of its code.
            _ if !CloseCode::reconnects(code) => actions.extend(self.stop(StopReason::Refused)),
            Some(CloseCode::TooManySockets) => {
                // Other tabs of this person hold all allowed sockets; one of them may close later.
                self.failures += 1;
                actions.extend(self.poll_instead());
                actions.push(Action::Retry(BACKOFF_MOST));
            }
            _ if !self.online => actions.push(Action::Retry(BACKOFF_MOST)),
            _ => {
                self.failures += 1;
                if had {
                    actions.push(Action::Patience);
                }
                if self.failures >= ATTEMPTS_BEFORE_POLLING {
                    actions.extend(self.poll_instead());
                }
                actions.push(Action::Retry(backoff(self.failures, random)));
            }
        }
        actions
    }

    /// Handles a socket that did not open in time. While somebody watches and polls are not answered either, the next
    /// attempt follows at once, because the time without an answer was the pause.
    fn unopened(&mut self, watched: bool, random: f64) -> Vec<Action> {
        if !self.online {
            return vec![Action::Retry(BACKOFF_MOST)];
        }
        self.failures += 1;
        let mut actions = self.poll_instead();
        let failures = if watched && self.polls != Polls::Answered { 1 } else { self.failures };
        actions.push(Action::Retry(backoff(failures, random)));
        actions
    }

    fn poll_instead(&mut self) -> Vec<Action> {
        if self.polls != Polls::Off {
            return Vec::new();
        }
        self.polls = Polls::Trying;
        vec![Action::Log("Falling back to polling mechanism"), Action::StartPolling]
    }

    fn poll_answered(&mut self) -> Vec<Action> {
        match self.polls {
            Polls::Trying => {
                self.polls = Polls::Answered;
                self.ever = true;
                // The server answers: waiting frames are sent now, and a socket is tried.
                vec![Action::CatchUp, Action::Open]
            }
            Polls::Off | Polls::Answered => Vec::new(),
        }
    }

    fn poll_failed(&mut self) -> Vec<Action> {
        if self.polls != Polls::Answered {
            return Vec::new();
        }
        self.polls = Polls::Trying;
        vec![Action::TransportLost]
    }

    /// The sign-in has ended, or another tab signed in anew: the identity check tells.
    fn signed_out(&mut self) -> Vec<Action> {
        let mut actions = self.stop(StopReason::SignedOut);
        actions.push(Action::CheckIdentity);
        actions
    }

    fn stop(&mut self, why: StopReason) -> Vec<Action> {
        let mut actions = self.let_go();
        self.stopped = Some(why);
        actions.push(Action::TransportLost);
        actions
    }

    /// Drops every transport.
    fn let_go(&mut self) -> Vec<Action> {
        let mut actions = self.lose_socket();
        self.polls = Polls::Off;
        actions.extend([Action::Drop, Action::StopPolling]);
        actions
    }

    fn online(&mut self) -> Vec<Action> {
        if self.online {
            return self.woke();
        }
        self.online = true;
        self.failures = 0;
        vec![Action::Open, Action::Patience]
    }

    fn offline(&mut self) -> Vec<Action> {
        if !std::mem::replace(&mut self.online, false) {
            return Vec::new();
        }
        let mut actions = self.let_go();
        // The browser may be wrong, so the socket is tried now and then.
        actions.extend([Action::TransportLost, Action::Retry(BACKOFF_MOST)]);
        actions
    }

    /// Drops the socket: a browser does not cache a page with an open one.
    fn leave(&mut self) -> Vec<Action> {
        let mut actions = self.let_go();
        self.left = true;
        actions.push(Action::TransportLost);
        actions
    }

    fn returned(&mut self) -> Vec<Action> {
        if !std::mem::take(&mut self.left) {
            return self.woke();
        }
        self.failures = 0;
        vec![Action::Open, Action::Patience]
    }

    fn woke(&mut self) -> Vec<Action> {
        match (self.online, self.socket, self.polls) {
            (false, ..) => Vec::new(),
            (true, true, _) => vec![Action::Probe],
            // The first attempt is in progress.
            (true, false, Polls::Off) if !self.ever && self.failures == 0 => Vec::new(),
            (true, false, Polls::Off) => vec![Action::Open],
            (true, false, _) => vec![Action::PollNow, Action::Open],
        }
    }
}

#[cfg(test)]
mod tests;
