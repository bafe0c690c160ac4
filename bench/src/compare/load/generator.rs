//! Many sockets and one epoll: of all, or of the few whose next step depends on what they hear, while the others are read in
//! turns.

use super::conn::{Conn, State};
use super::wire::{self, Mark, Received, opcode};
use crate::BoxError;
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

/// Sockets from one of this machine's addresses, each of which has some 28,000 ports.
const FROM_ONE_ADDRESS: usize = 2_000;
/// How many of those that are read in turns are read one after the other, and how often: so each of 500 every 8 ms.
const ROUND_ROBIN: (usize, u64) = (63, 1_000);
/// A server that says nothing for so long is stuck.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// A message that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// At which socket.
    pub socket: usize,
    /// Which.
    pub mark: Mark,
    /// When, in microseconds of the load's clock.
    pub at: u64,
}

/// What else was heard.
#[derive(Clone, Copy, Debug, Default)]
pub struct FrameCounts {
    /// All frames.
    pub frames: u64,
    /// That somebody types, or no longer.
    pub typing: u64,
}

/// Many sockets of one server.
#[derive(Debug)]
pub struct LoadGenerator {
    address: SocketAddr,
    server_greets: bool,
    poll: Poll,
    events: Events,
    buffer: Vec<u8>,
    conns: Vec<Conn>,
    /// Those that are read in turns, and who begins the next turn, when.
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
    /// Nobody yet. `server_greets`: this server speaks first, and a socket is open when it did.
    ///
    /// # Errors
    /// The address is none, or this is no Unix.
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

    /// Whoever is opened from now on is opened there.
    ///
    /// # Errors
    /// The address is none.
    pub fn set_address(&mut self, address: &str) -> Result<(), BoxError> {
        self.address = address.parse()?;
        Ok(())
    }

    /// Opens a socket at each of these paths, so many at the same time; gives how long each of them took.
    ///
    /// # Errors
    /// The server refuses one, or is stuck.
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

    /// How many sockets there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.conns.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.conns.is_empty()
    }

    /// Microseconds since the generator was made.
    #[must_use]
    pub fn now(&self) -> u64 {
        u64::try_from(self.clock.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// From now on what comes to these (each below `few`) is heard at once, and what comes to all others when it is their
    /// turn, in one read however many messages it is. Hearing each at once costs more than a server spends on saying it, and
    /// would be what is measured.
    ///
    /// # Errors
    /// A socket is none.
    pub fn read_at_once(&mut self, few: usize) -> Result<(), BoxError> {
        for socket in few..self.conns.len() {
            self.poll.registry().deregister(&mut self.conns[socket].stream)?;
            self.polled.push(socket);
        }
        Ok(())
    }

    /// Whether what comes to this socket is heard at once.
    #[must_use]
    pub fn is_read_at_once(&self, socket: usize) -> bool {
        self.polled.first().is_none_or(|first| socket < *first)
    }

    /// Says a text at a socket.
    ///
    /// # Errors
    /// The line broke.
    pub fn send(&mut self, socket: usize, text: &str) -> Result<(), BoxError> {
        Ok(self.conns[socket].write(&wire::frame(opcode::TEXT, text.as_bytes()))?)
    }

    /// Waits for so long at most, and takes what is there into `arrivals`.
    ///
    /// # Errors
    /// A line broke, a socket was closed, or the server refused something.
    pub fn receive(&mut self, wait: Duration, arrivals: &mut Vec<Arrival>) -> Result<(), BoxError> {
        arrivals.clear();
        self.poll_once(wait)?;
        std::mem::swap(&mut self.arrivals, arrivals);
        Ok(())
    }

    fn poll_once(&mut self, wait: Duration) -> Result<(), BoxError> {
        // An epoll waits whole milliseconds, so that much between two turns is what there is.
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

    /// Takes all that came to a socket.
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

    /// Reads until nothing has come for so long, such as who else came in.
    ///
    /// # Errors
    /// As `pump`; or it does not become quiet.
    pub fn settle(&mut self, quiet: Duration) -> Result<(), BoxError> {
        let begun = Instant::now();
        let (mut before, mut since) = (self.counts.frames, Instant::now());
        while since.elapsed() < quiet {
            self.poll_once(quiet / 4)?;
            if self.counts.frames != before {
                (before, since) = (self.counts.frames, Instant::now());
            }
            // One that is far behind may need a while.
            if begun.elapsed() > STALL_TIMEOUT * 4 {
                return Err("it does not become quiet".into());
            }
        }
        self.arrivals.clear();
        Ok(())
    }

    /// What was heard so far.
    #[must_use]
    pub fn counts(&self) -> FrameCounts {
        self.counts
    }

    /// All say goodbye and go.
    pub fn close(mut self) {
        let goodbye = wire::frame(opcode::CLOSE, &1_000u16.to_be_bytes());
        for conn in &mut self.conns {
            let _ = conn.write(&goodbye);
        }
        // A moment to hear the servers' goodbyes, or else what they still say is answered by a reset.
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

/// The connection is being made (the same number on every Linux that we run on).
const EINPROGRESS: i32 = 115;
