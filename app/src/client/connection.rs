//! What the connection does next. No clock, no I/O: events in, orders out.

use super::backoff::{BACKOFF_MOST, backoff};
use super::status::{LinkState, Stop};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The socket is open, and the server said so: a proxy may open one and say nothing.
    Opened,
    /// The socket closed, or never opened; with the server's code where there is one.
    Closed(Option<u16>),
    /// The socket did not open in the time it was given; `watched`: somebody is in front of the page.
    Unopened { watched: bool },
    /// An ordered [`Order::Retry`] is due.
    RetryDue,
    /// The patience ordered by [`Order::Patience`] has run out.
    PatienceOver,
    /// A poll was answered.
    PollAnswered,
    /// A poll failed.
    PollFailed,
    /// A request beside the polls has waited long for its answer.
    RequestLate,
    /// A request beside the polls was not answered.
    RequestFailed,
    /// A request told that the sign-in has ended.
    SignedOut,
    /// The server takes this browser for somebody else.
    SomebodyElse,
    /// Asked by [`Order::AskWho`], the server knows us.
    StillOneself,
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
    /// And it came back.
    Returned,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Open a socket, in place of any other.
    Open,
    /// Let go of the socket.
    Drop,
    /// Tell [`Event::RetryDue`] in so many milliseconds, in place of an earlier retry.
    Retry(u32),
    /// Tell [`Event::PatienceOver`] in [`PATIENCE_MS`].
    Patience,
    /// Poll until told to stop.
    StartPolling,
    /// Poll at once, whatever is waited for.
    PollNow,
    /// No more polls.
    StopPolling,
    /// Ask the server for a sign of life.
    Probe,
    /// Ask the server whom it takes us for.
    AskWho,
    /// Ask for what is missing, then send what waits.
    CatchUp,
    /// What was in flight or asked for over the socket is lost.
    Lost,
    /// A line for the console.
    Say(&'static str),
}

/// How long we wait for a socket before polls take over, in milliseconds.
pub(crate) const PATIENCE_MS: u32 = 3_000;
const ATTEMPTS_BEFORE_POLLING: u32 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Polls {
    Off,
    /// Wanted, and not answered yet (or no more).
    Trying,
    Answered,
}

/// The machine.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    socket: bool,
    ever: bool,
    failures: u32,
    polls: Polls,
    online: bool,
    left: bool,
    stopped: Option<Stop>,
}

impl Link {
    /// A page that begins; `online` as the browser says. A browser may be wrong about that: one attempt tells.
    #[must_use]
    pub(crate) fn begin(online: bool) -> (Self, Vec<Order>) {
        let link = Self {
            socket: false,
            ever: false,
            failures: 0,
            polls: Polls::Off,
            online,
            left: false,
            stopped: None,
        };
        (link, vec![Order::Open, Order::Patience])
    }

    /// What is shown.
    #[must_use]
    pub(crate) fn state(&self) -> LinkState {
        match self {
            Self { stopped: Some(stop), .. } => LinkState::Stopped(*stop),
            Self { online: false, .. } => LinkState::Offline,
            Self { socket: true, .. } => LinkState::Connected,
            Self { polls: Polls::Answered, .. } => LinkState::Polling,
            Self { ever: false, failures: 0, .. } => LinkState::Connecting,
            _ => LinkState::Reconnecting,
        }
    }

    /// Takes an event. `random` is in 0..1 and spreads the attempts of many clients.
    pub(crate) fn on(&mut self, event: Event, random: f64) -> Vec<Order> {
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
            Event::RetryDue if !self.socket => vec![Order::Open],
            Event::PatienceOver if self.online && !self.socket => self.poll_instead(),
            Event::PollAnswered => self.poll_answered(),
            Event::PollFailed => self.poll_failed(),
            Event::RequestLate if self.polls != Polls::Off => vec![Order::PollNow],
            Event::RequestFailed => {
                let mut orders = self.poll_failed();
                if self.polls != Polls::Off {
                    orders.push(Order::PollNow);
                }
                orders
            }
            Event::SignedOut => self.signed_out(),
            Event::SomebodyElse => self.stop(Stop::SomebodyElse),
            Event::Online => self.online(),
            Event::Offline => self.offline(),
            Event::Woke => self.woke(),
            Event::ProbeFailed if self.socket => {
                let mut orders = self.lose_socket();
                orders.extend([Order::Drop, Order::Open, Order::Patience]);
                orders
            }
            Event::Left => self.leave(),
            Event::RetryDue
            | Event::PatienceOver
            | Event::RequestLate
            | Event::ProbeFailed
            | Event::StillOneself
            | Event::Returned => Vec::new(),
        }
    }

    /// Only a new sign-in, made in another tab, brings a stopped link back: looked for when somebody looks at us.
    fn while_stopped(&mut self, stop: Stop, event: Event, random: f64) -> Vec<Order> {
        if !matches!(stop, Stop::SignedOut | Stop::SomebodyElse) {
            return Vec::new();
        }
        match event {
            Event::Woke | Event::Online | Event::Returned => vec![Order::AskWho],
            Event::SignedOut => {
                self.stopped = Some(Stop::SignedOut);
                Vec::new()
            }
            Event::SomebodyElse => {
                self.stopped = Some(Stop::SomebodyElse);
                Vec::new()
            }
            Event::StillOneself => {
                self.stopped = None;
                (self.online, self.left) = (true, false);
                self.failures += 1;
                vec![Order::Retry(backoff(self.failures, random)), Order::Patience]
            }
            _ => Vec::new(),
        }
    }

    fn opened(&mut self) -> Vec<Order> {
        self.socket = true;
        self.ever = true;
        self.failures = 0;
        self.online = true;
        let mut orders = vec![Order::Say("WebSocket connection established")];
        if self.polls != Polls::Off {
            self.polls = Polls::Off;
            orders.push(Order::StopPolling);
        }
        orders.extend([Order::Lost, Order::CatchUp]);
        orders
    }

    fn lose_socket(&mut self) -> Vec<Order> {
        if !std::mem::take(&mut self.socket) {
            return Vec::new();
        }
        vec![Order::Say("WebSocket connection closed"), Order::Lost]
    }

    fn closed(&mut self, code: Option<u16>, random: f64) -> Vec<Order> {
        let had = self.socket;
        let mut orders = self.lose_socket();
        match code {
            Some(4001) => orders.extend(self.signed_out()),
            Some(4002) => orders.extend(self.stop(Stop::Malformed)),
            Some(4003) => orders.extend(self.stop(Stop::Gone)),
            Some(4010) => {
                // Other tabs of this person hold all the sockets there are; one may close some day.
                self.failures += 1;
                orders.extend(self.poll_instead());
                orders.push(Order::Retry(BACKOFF_MOST));
            }
            _ if !self.online => orders.push(Order::Retry(BACKOFF_MOST)),
            _ => {
                self.failures += 1;
                if had {
                    orders.push(Order::Patience);
                }
                if self.failures >= ATTEMPTS_BEFORE_POLLING {
                    orders.extend(self.poll_instead());
                }
                orders.push(Order::Retry(backoff(self.failures, random)));
            }
        }
        orders
    }

    /// Perhaps nothing passes, and nobody says so. Where polls are not answered either, the next attempt comes at once
    /// for whoever watches: the time it was given was the pause.
    fn unopened(&mut self, watched: bool, random: f64) -> Vec<Order> {
        if !self.online {
            return vec![Order::Retry(BACKOFF_MOST)];
        }
        self.failures += 1;
        let mut orders = self.poll_instead();
        let failures = if watched && self.polls != Polls::Answered { 1 } else { self.failures };
        orders.push(Order::Retry(backoff(failures, random)));
        orders
    }

    fn poll_instead(&mut self) -> Vec<Order> {
        if self.polls != Polls::Off {
            return Vec::new();
        }
        self.polls = Polls::Trying;
        vec![Order::Say("Falling back to polling mechanism"), Order::StartPolling]
    }

    fn poll_answered(&mut self) -> Vec<Order> {
        match self.polls {
            Polls::Trying => {
                self.polls = Polls::Answered;
                self.ever = true;
                // The server is there (again): what waits goes out now, and the socket is worth a try.
                vec![Order::CatchUp, Order::Open]
            }
            Polls::Off | Polls::Answered => Vec::new(),
        }
    }

    fn poll_failed(&mut self) -> Vec<Order> {
        if self.polls != Polls::Answered {
            return Vec::new();
        }
        self.polls = Polls::Trying;
        vec![Order::Lost]
    }

    /// Or signed in anew, in another tab; as oneself or as somebody else: that is asked.
    fn signed_out(&mut self) -> Vec<Order> {
        let mut orders = self.stop(Stop::SignedOut);
        orders.push(Order::AskWho);
        orders
    }

    fn stop(&mut self, why: Stop) -> Vec<Order> {
        let mut orders = self.let_go();
        self.stopped = Some(why);
        orders.push(Order::Lost);
        orders
    }

    /// No transport any more.
    fn let_go(&mut self) -> Vec<Order> {
        let mut orders = self.lose_socket();
        self.polls = Polls::Off;
        orders.extend([Order::Drop, Order::StopPolling]);
        orders
    }

    fn online(&mut self) -> Vec<Order> {
        if self.online {
            return self.woke();
        }
        self.online = true;
        self.failures = 0;
        vec![Order::Open, Order::Patience]
    }

    fn offline(&mut self) -> Vec<Order> {
        if !std::mem::replace(&mut self.online, false) {
            return Vec::new();
        }
        let mut orders = self.let_go();
        // A browser that is wrong about it does not keep us away for ever.
        orders.extend([Order::Lost, Order::Retry(BACKOFF_MOST)]);
        orders
    }

    /// An open socket would keep the browser from keeping the page.
    fn leave(&mut self) -> Vec<Order> {
        let mut orders = self.let_go();
        self.left = true;
        orders.push(Order::Lost);
        orders
    }

    fn returned(&mut self) -> Vec<Order> {
        if !std::mem::take(&mut self.left) {
            return self.woke();
        }
        self.failures = 0;
        vec![Order::Open, Order::Patience]
    }

    fn woke(&mut self) -> Vec<Order> {
        match (self.online, self.socket, self.polls) {
            (false, ..) => Vec::new(),
            (true, true, _) => vec![Order::Probe],
            // The very first attempt is under way.
            (true, false, Polls::Off) if !self.ever && self.failures == 0 => Vec::new(),
            (true, false, Polls::Off) => vec![Order::Open],
            (true, false, _) => vec![Order::PollNow, Order::Open],
        }
    }
}

#[cfg(test)]
mod tests;
