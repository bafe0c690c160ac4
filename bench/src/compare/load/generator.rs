//! The load generator: many sockets and one epoll. Where reading every socket at once would limit the measurement, only the
//! senders are in the epoll and the others are read by round robin.

use super::conn::{Conn, State};
use super::wire::{self, Mark, Received, opcode};
use crate::BoxError;
use mio::{Events, Interest, Poll, Token};
use protocol::CloseCode;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

/// Sockets for each loopback address. An address has some 28,000 ports.
const FROM_ONE_ADDRESS: usize = 2_000;
/// The number of sockets that are read at a time by round robin, and the interval in microseconds: each of 500 every 8 ms.
const ROUND_ROBIN: (usize, u64) = (63, 1_000);
/// The silence after which a server counts as stuck.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// A message that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// The index of the socket.
    pub socket: usize,
    /// The mark of the message.
    pub mark: Mark,
    /// The time of arrival, in microseconds of the load's clock.
    pub at: u64,
}

/// Counters of received frames.
#[derive(Clone, Copy, Debug, Default)]
pub struct FrameCounts {
    /// All text frames.
    pub frames: u64,
    /// Typing frames.
    pub typing: u64,
}

/// Many sockets to one server.
#[derive(Debug)]
pub struct LoadGenerator {
    address: SocketAddr,
    server_greets: bool,
    poll: Poll,
    events: Events,
    buffer: Vec<u8>,
    conns: Vec<Conn>,
    /// The sockets that are read by round robin, the next of them, and the time at which it is due.
    polled: Vec<usize>,
    next: usize,
    due: u64,
    clock: Instant,
    opening: usize,
    opened: Vec<Duration>,
    arrivals: Vec<Arrival>,
    counts: FrameCounts,
}

impl LoadGenerator {
    /// A generator without sockets. `server_greets`: a socket is open once the server sent a first frame.
    ///
    /// # Errors
    /// The address is invalid, or this is not a Unix.
    pub fn new(address: &str, server_greets: bool) -> Result<Self, BoxError> {
        Ok(Self {
            address: address.parse()?,
            server_greets,
            poll: Poll::new()?,
            events: Events::with_capacity(1_024),
            buffer: vec![0; 65_536],
            conns: Vec::new(),
            polled: Vec::new(),
            next: 0,
            due: 0,
            clock: Instant::now(),
            opening: 0,
            opened: Vec::new(),
            arrivals: Vec::new(),
            counts: FrameCounts::default(),
        })
    }

    /// Sets the address of the sockets that are opened from now on.
    ///
    /// # Errors
    /// The address is invalid.
    pub fn set_address(&mut self, address: &str) -> Result<(), BoxError> {
        self.address = address.parse()?;
        Ok(())
    }

    /// Opens a socket at each of these paths, `at_once` at the same time; returns the time that each took.
    ///
    /// # Errors
    /// The server refuses a socket, or is stuck.
    pub fn open(&mut self, paths: &[String], at_once: usize) -> Result<Vec<Duration>, BoxError> {
        let mut left = paths.iter();
        let mut progress = Instant::now();
        let mut before = 0;
        self.opened.clear();
        loop {
            while self.opening < at_once
                && let Some(path) = left.next()
            {
                self.begin(path)?;
            }
            if self.opening == 0 {
                return Ok(std::mem::take(&mut self.opened));
            }
            self.poll_once(Duration::from_millis(100))?;
            if self.opened.len() > before {
                (before, progress) = (self.opened.len(), Instant::now());
            } else if progress.elapsed() > STALL_TIMEOUT {
                return Err(format!("{before} of {} sockets opened, and then no more", paths.len()).into());
            }
        }
    }

    fn begin(&mut self, path: &str) -> Result<(), BoxError> {
        let number = self.conns.len();
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        let source = Ipv4Addr::new(127, 0, 0, u8::try_from(2 + number / FROM_ONE_ADDRESS)?);
        socket.bind(&SocketAddr::from((source, 0)).into())?;
        match socket.connect(&SockAddr::from(self.address)) {
            Err(error) if error.raw_os_error() != Some(EINPROGRESS) => return Err(error.into()),
            _ => {}
        }
        let mut stream = mio::net::TcpStream::from_std(socket.into());
        self.poll.registry().register(&mut stream, Token(number), Interest::READABLE | Interest::WRITABLE)?;
        let request = wire::upgrade(&self.address.to_string(), path);
        self.conns.push(Conn::new(stream, request, self.server_greets));
        self.opening += 1;
        Ok(())
    }

    /// The number of sockets.
    #[must_use]
    pub fn len(&self) -> usize {
        self.conns.len()
    }

    /// Whether there are no sockets.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.conns.is_empty()
    }

    /// Microseconds since the generator was made.
    #[must_use]
    pub fn now(&self) -> u64 {
        u64::try_from(self.clock.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// From now on the sockets below `few` are read at once, and all others by round robin, many messages in one read. Reading
    /// each message at once costs more than a server spends on sending it, and would limit the measurement.
    ///
    /// # Errors
    /// A socket cannot be removed from the epoll.
    pub fn read_at_once(&mut self, few: usize) -> Result<(), BoxError> {
        for socket in few..self.conns.len() {
            self.poll.registry().deregister(&mut self.conns[socket].stream)?;
            self.polled.push(socket);
        }
        Ok(())
    }

    /// Whether this socket is read at once.
    #[must_use]
    pub fn is_read_at_once(&self, socket: usize) -> bool {
        self.polled.first().is_none_or(|first| socket < *first)
    }

    /// Sends a text over a socket.
    ///
    /// # Errors
    /// The connection broke.
    pub fn send(&mut self, socket: usize, text: &str) -> Result<(), BoxError> {
        Ok(self.conns[socket].write(&wire::frame(opcode::TEXT, text.as_bytes()))?)
    }

    /// Receives for at most `wait`, and replaces `arrivals` by what arrived.
    ///
    /// # Errors
    /// A connection broke, a socket was closed, or the server sent an error.
    pub fn receive(&mut self, wait: Duration, arrivals: &mut Vec<Arrival>) -> Result<(), BoxError> {
        arrivals.clear();
        self.poll_once(wait)?;
        std::mem::swap(&mut self.arrivals, arrivals);
        Ok(())
    }

    fn poll_once(&mut self, wait: Duration) -> Result<(), BoxError> {
        // epoll waits whole milliseconds, so a shorter interval is not possible.
        let wait = if self.polled.is_empty() { wait } else { wait.min(Duration::from_micros(ROUND_ROBIN.1)) };
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => return Ok(()),
            other => other?,
        }
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        for event in &events {
            let socket = event.token().0;
            if event.is_writable() {
                self.conns[socket].flush().map_err(|why| format!("socket {socket}: {why}"))?;
            }
            if event.is_readable() {
                self.read(socket)?;
            }
        }
        std::mem::swap(&mut self.events, &mut events);
        if !self.polled.is_empty() && self.now() >= self.due {
            for _ in 0..ROUND_ROBIN.0.min(self.polled.len()) {
                let socket = self.polled[self.next];
                self.next = (self.next + 1) % self.polled.len();
                self.conns[socket].flush().map_err(|why| format!("socket {socket}: {why}"))?;
                self.read(socket)?;
            }
            self.due = self.now() + ROUND_ROBIN.1;
        }
        Ok(())
    }

    /// Reads all that arrived at a socket.
    fn read(&mut self, socket: usize) -> Result<(), BoxError> {
        let at = self.now();
        let conn = &mut self.conns[socket];
        let was_opening = matches!(conn.state, State::Upgrading | State::Awaiting);
        let (arrivals, counts, mut refused) = (&mut self.arrivals, &mut self.counts, None);
        conn.read(&mut self.buffer, |text| {
            counts.frames += 1;
            match wire::classify(text) {
                Received::Message(mark) => arrivals.push(Arrival { socket, mark, at }),
                Received::Typing => counts.typing += 1,
                Received::Error => refused = Some(String::from_utf8_lossy(text).into_owned()),
                Received::Other => {}
            }
        })
        .map_err(|why| format!("socket {socket}: {why}"))?;
        if let Some(refused) = refused {
            return Err(format!("socket {socket}: refused: {refused}").into());
        }
        match conn.state {
            State::Closed(code) => return Err(format!("socket {socket}: closed with {code}").into()),
            State::Open if was_opening => {
                self.opening -= 1;
                self.opened.push(conn.begun.elapsed());
            }
            _ => {}
        }
        Ok(())
    }

    /// Receives until nothing has arrived for `quiet`, such as presence frames after opening.
    ///
    /// # Errors
    /// As [`Self::receive`]; or frames keep arriving.
    pub fn settle(&mut self, quiet: Duration) -> Result<(), BoxError> {
        let begun = Instant::now();
        let (mut before, mut since) = (self.counts.frames, Instant::now());
        while since.elapsed() < quiet {
            self.poll_once(quiet / 4)?;
            if self.counts.frames != before {
                (before, since) = (self.counts.frames, Instant::now());
            }
            // A server that is far behind may need a while.
            if begun.elapsed() > STALL_TIMEOUT * 4 {
                return Err("it does not become quiet".into());
            }
        }
        self.arrivals.clear();
        Ok(())
    }

    /// The counters so far.
    #[must_use]
    pub fn counts(&self) -> FrameCounts {
        self.counts
    }

    /// Closes all sockets.
    pub fn close(mut self) {
        let goodbye = wire::frame(opcode::CLOSE, &CloseCode::Normal.code().to_be_bytes());
        for conn in &mut self.conns {
            let _ = conn.write(&goodbye);
        }
        // Reads until the servers have closed; else what they still send would be answered by a reset.
        let until = Instant::now() + Duration::from_millis(500);
        while Instant::now() < until {
            if self.poll.poll(&mut self.events, Some(Duration::from_millis(50))).is_err() {
                break;
            }
            let told = self.events.iter().map(|event| event.token().0);
            for socket in told.chain(self.polled.iter().copied()) {
                let _ = self.conns[socket].read(&mut self.buffer, |_| {});
            }
        }
    }
}

/// `EINPROGRESS`, the same number on every supported Linux.
const EINPROGRESS: i32 = 115;
