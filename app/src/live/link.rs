//! What the connection does next. No clock, no I/O: events in, orders out.

use std::fmt;

/// How the connection stands, as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkState {
    /// The first attempt of this page.
    Connecting,
    /// The socket is open.
    Connected,
    /// The socket is lost; the number of failed attempts since.
    Reconnecting {
        /// Failed attempts.
        attempt: u32,
    },
    /// No socket, but polls are answered.
    Polling,
    /// The browser has no network.
    Offline,
    /// Refused for good.
    Stopped(Stop),
}

/// Why we do not come back by ourselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The sign-in has ended.
    SignedOut,
    /// The server did not understand us.
    Malformed,
    /// What we connected to is not there for us.
    Gone,
}

impl fmt::Display for LinkState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Reconnecting { .. } => "reconnecting",
            Self::Polling => "polling",
            Self::Offline => "offline",
            Self::Stopped(_) => "failed",
        })
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The socket is open, and the server said so: a proxy may open one and say nothing.
    Opened,
    /// The socket closed, or never opened; with the server's code where there is one.
    Closed(Option<u16>),
    /// An ordered [`Order::Retry`] is due.
    RetryDue,
    /// The patience ordered by [`Order::Patience`] has run out.
    PatienceOver,
    /// A poll was answered.
    PollAnswered,
    /// A poll failed.
    PollFailed,
    /// A request told that the sign-in has ended.
    SignedOut,
    /// The browser has a network again.
    Online,
    /// The browser lost its network.
    Offline,
    /// The tab came back: from sleep, from the background, from the history.
    Woke,
    /// A probe was not answered.
    ProbeFailed,
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
    /// Ask for what is missing, then send what waits.
    CatchUp,
    /// What was in flight or asked for over the socket is lost.
    Lost,
    /// A line for the console.
    Say(&'static str),
}

/// How long we wait for a socket before polls take over, in milliseconds.
pub(crate) const PATIENCE_MS: u32 = 3_000;
const BACKOFF_FIRST: u32 = 500;
const BACKOFF_MOST: u32 = 30_000;
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
    stopped: Option<Stop>,
}

impl Link {
    /// A page that begins; `online` as the browser says.
    #[must_use]
    pub(crate) fn begin(online: bool) -> (Self, Vec<Order>) {
        let link = Self { socket: false, ever: false, failures: 0, polls: Polls::Off, online, stopped: None };
        let orders = if online { vec![Order::Open, Order::Patience] } else { Vec::new() };
        (link, orders)
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
            Self { failures, .. } => LinkState::Reconnecting { attempt: *failures },
        }
    }

    /// Takes an event. `random` is in 0..1 and spreads the attempts of many clients.
    pub(crate) fn on(&mut self, event: Event, random: f64) -> Vec<Order> {
        if self.stopped.is_some() {
            return Vec::new();
        }
        match event {
            Event::Opened => self.opened(),
            Event::Closed(code) => self.closed(code, random),
            Event::RetryDue if self.online && !self.socket => vec![Order::Open],
            Event::PatienceOver if self.online && !self.socket => self.poll_instead(),
            Event::PollAnswered => self.poll_answered(),
            Event::PollFailed => {
                if self.polls == Polls::Answered {
                    self.polls = Polls::Trying;
                    return vec![Order::Lost];
                }
                Vec::new()
            }
            Event::SignedOut => self.stop(Stop::SignedOut),
            Event::Online => self.online(),
            Event::Offline => self.offline(),
            Event::Woke => self.woke(),
            Event::ProbeFailed if self.socket => {
                let mut orders = self.lose_socket();
                orders.extend([Order::Drop, Order::Open, Order::Patience]);
                orders
            }
            Event::RetryDue | Event::PatienceOver | Event::ProbeFailed => Vec::new(),
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
            Some(4001) => orders.extend(self.stop(Stop::SignedOut)),
            Some(4002) => orders.extend(self.stop(Stop::Malformed)),
            Some(4003) => orders.extend(self.stop(Stop::Gone)),
            Some(4010) => {
                // Other tabs of this person hold all the sockets there are; one may close some day.
                self.failures += 1;
                orders.extend(self.poll_instead());
                orders.push(Order::Retry(BACKOFF_MOST));
            }
            _ if !self.online => {}
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
                // The server is there (again): what waits goes out now, and the socket is worth a try.
                vec![Order::CatchUp, Order::Open]
            }
            Polls::Off | Polls::Answered => Vec::new(),
        }
    }

    fn stop(&mut self, why: Stop) -> Vec<Order> {
        self.stopped = Some(why);
        self.socket = false;
        self.polls = Polls::Off;
        vec![Order::Drop, Order::StopPolling, Order::Lost]
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
        let mut orders = self.lose_socket();
        self.polls = Polls::Off;
        orders.extend([Order::Drop, Order::StopPolling, Order::Lost]);
        orders
    }

    fn woke(&mut self) -> Vec<Order> {
        match (self.online, self.socket, self.polls) {
            (false, ..) => Vec::new(),
            (true, true, _) => vec![Order::Probe],
            (true, false, Polls::Off) => vec![Order::Open],
            (true, false, _) => vec![Order::PollNow, Order::Open],
        }
    }
}

/// Full jitter: anywhere between nothing and a bound that doubles.
fn backoff(failures: u32, random: f64) -> u32 {
    let bound = BACKOFF_FIRST.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(BACKOFF_MOST);
    // Cannot leave 0..=bound.
    (f64::from(bound) * random.clamp(0.0, 1.0)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connected() -> Link {
        let (mut link, orders) = Link::begin(true);
        assert_eq!(orders, [Order::Open, Order::Patience]);
        assert_eq!(link.state(), LinkState::Connecting);
        let orders = link.on(Event::Opened, 0.0);
        assert_eq!(orders, [Order::Say("WebSocket connection established"), Order::Lost, Order::CatchUp]);
        assert_eq!(link.state(), LinkState::Connected);
        link
    }

    #[test]
    fn p4_a_lost_socket_is_taken_again() {
        let mut link = connected();
        let orders = link.on(Event::Closed(Some(1012)), 0.5);
        assert_eq!(orders[0], Order::Say("WebSocket connection closed"));
        assert!(orders.contains(&Order::Lost) && orders.contains(&Order::Retry(250)));
        assert_eq!(link.state(), LinkState::Reconnecting { attempt: 1 });
        assert_eq!(link.on(Event::RetryDue, 0.0), [Order::Open]);
        link.on(Event::Opened, 0.0);
        assert_eq!(link.state(), LinkState::Connected);
    }

    #[test]
    fn p3_two_failures_or_three_seconds_bring_the_polls() {
        let (mut link, _) = Link::begin(true);
        assert_eq!(link.on(Event::Closed(None), 0.0), [Order::Retry(0)]);
        let orders = link.on(Event::Closed(None), 0.0);
        assert_eq!(orders[..2], [Order::Say("Falling back to polling mechanism"), Order::StartPolling]);
        assert_eq!(link.state(), LinkState::Reconnecting { attempt: 2 }, "never a lie: no poll was answered");
        assert!(link.on(Event::PollAnswered, 0.0).contains(&Order::CatchUp));
        assert_eq!(link.state(), LinkState::Polling);

        let (mut link, _) = Link::begin(true);
        assert!(link.on(Event::PatienceOver, 0.0).contains(&Order::StartPolling));
        assert!(link.on(Event::PatienceOver, 0.0).is_empty(), "once");
    }

    #[test]
    fn p3_the_socket_ends_the_polls() {
        let (mut link, _) = Link::begin(true);
        link.on(Event::PatienceOver, 0.0);
        link.on(Event::PollAnswered, 0.0);
        assert!(link.on(Event::Opened, 0.0).contains(&Order::StopPolling));
        assert_eq!(link.state(), LinkState::Connected);
        assert!(link.on(Event::PollAnswered, 0.0).is_empty(), "an answer that was still under way");
        assert_eq!(link.state(), LinkState::Connected);
    }

    #[test]
    fn p2_polls_that_fail_are_not_called_up_to_date() {
        let (mut link, _) = Link::begin(true);
        link.on(Event::PatienceOver, 0.0);
        link.on(Event::PollAnswered, 0.0);
        assert_eq!(link.on(Event::PollFailed, 0.0), [Order::Lost]);
        assert_ne!(link.state(), LinkState::Polling);
        assert_eq!(link.on(Event::PollAnswered, 0.0), [Order::CatchUp, Order::Open]);
    }

    #[test]
    fn a_refusal_is_final() {
        for (code, stop) in [(4001, Stop::SignedOut), (4002, Stop::Malformed), (4003, Stop::Gone)] {
            let mut link = connected();
            let orders = link.on(Event::Closed(Some(code)), 0.0);
            assert!(!orders.iter().any(|order| matches!(order, Order::Retry(_) | Order::Open)));
            assert_eq!(link.state(), LinkState::Stopped(stop));
            for event in [Event::RetryDue, Event::Online, Event::Woke, Event::PatienceOver, Event::Opened] {
                assert!(link.on(event, 0.0).is_empty());
            }
        }
    }

    #[test]
    fn too_many_sockets_polls_and_tries_again_later() {
        let mut link = connected();
        let orders = link.on(Event::Closed(Some(4010)), 0.0);
        assert!(orders.contains(&Order::StartPolling) && orders.contains(&Order::Retry(30_000)));
    }

    #[test]
    fn offline_does_nothing_and_online_tries_at_once() {
        let mut link = connected();
        let orders = link.on(Event::Offline, 0.0);
        assert!(orders.contains(&Order::Drop));
        assert_eq!(link.state(), LinkState::Offline);
        assert!(link.on(Event::Closed(None), 0.0).is_empty());
        assert!(link.on(Event::RetryDue, 0.0).is_empty());
        assert!(link.on(Event::Woke, 0.0).is_empty());
        assert_eq!(link.on(Event::Online, 0.0), [Order::Open, Order::Patience]);
    }

    #[test]
    fn f11_a_socket_that_died_in_its_sleep_is_found_out() {
        let mut link = connected();
        assert_eq!(link.on(Event::Woke, 0.0), [Order::Probe]);
        let orders = link.on(Event::ProbeFailed, 0.0);
        assert!(orders.contains(&Order::Drop) && orders.contains(&Order::Open));
        assert!(link.on(Event::ProbeFailed, 0.0).is_empty());
    }

    #[test]
    fn attempts_spread_between_nothing_and_a_bound_that_doubles_to_thirty_seconds() {
        assert_eq!(backoff(1, 1.0), 500);
        assert_eq!(backoff(2, 1.0), 1_000);
        assert_eq!(backoff(7, 1.0), 30_000);
        assert_eq!(backoff(4_000_000_000, 1.0), 30_000);
        assert_eq!(backoff(9, 0.0), 0);
    }
}
