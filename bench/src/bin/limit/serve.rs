//! The server: one thread, one epoll.

use crate::connection::{Connection, ReadResult};
use crate::rooms::Rooms;
use crate::{frames, request};
use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use protocol::CloseCode;
use slab::Slab;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

const LISTENER: Token = Token(usize::MAX);
/// The size of the input buffer: the longest incomplete frame, and as much again to read.
const INPUT: usize = 2 * (frames::LONGEST + 16);

/// The server with all connections.
pub(crate) struct Server {
    poll: Poll,
    listener: TcpListener,
    /// A connection could not be accepted; tried again when another ends.
    full: bool,
    connections: Slab<Connection>,
    rooms: Rooms,
    /// The answer to requests that are not upgrades.
    page: Vec<u8>,
    /// The input buffer, shared by all connections.
    input: Vec<u8>,
    /// The output buffer, shared by all connections.
    output: Vec<u8>,
    /// Connections to close.
    gone: Vec<usize>,
}

/// Whether a connection continues.
#[derive(PartialEq, Eq)]
enum Flow {
    Continue,
    Close,
}

impl Server {
    pub(crate) fn listen(address: SocketAddr, page: Option<&[u8]>) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut listener = TcpListener::bind(address)?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self {
            poll,
            listener,
            full: false,
            connections: Slab::new(),
            rooms: Rooms::default(),
            page: request::answer(page),
            input: vec![0; INPUT],
            output: Vec::new(),
            gone: Vec::new(),
        })
    }

    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the process ends.
    pub(crate) fn run(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1_024);
        loop {
            match self.poll.poll(&mut events, None) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                polled => polled?,
            }
            for event in &events {
                let Token(key) = event.token();
                if event.token() == LISTENER {
                    self.accept()?;
                    continue;
                }
                // The connection may have been closed since this event.
                if event.is_writable() && self.connections.get_mut(key).is_some_and(|c| c.flush().is_err()) {
                    self.gone.push(key);
                }
                if event.is_readable() || event.is_read_closed() || event.is_error() {
                    self.read(key, event.is_read_closed() || event.is_error());
                }
                self.close_gone()?;
            }
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        loop {
            let mut stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error)
                    if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted) =>
                {
                    continue;
                }
                Err(error) => {
                    eprintln!("limit: a connection could not be taken: {error}");
                    self.full = true;
                    return Ok(());
                }
            };
            let _ = stream.set_nodelay(true);
            let entry = self.connections.vacant_entry();
            let token = Token(entry.key());
            self.poll.registry().register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
            entry.insert(Connection::new(stream));
        }
    }

    /// Reads what is available; `ends`: up to the end of the stream.
    fn read(&mut self, key: usize, ends: bool) {
        let mut input = std::mem::take(&mut self.input);
        while let Some(connection) = self.connections.get_mut(key) {
            match connection.read(&mut input) {
                ReadResult::Nothing => break,
                ReadResult::Bytes(count, more) => {
                    let mut bytes = &mut input[..count];
                    let flow = self.take(key, &mut bytes);
                    if flow == Flow::Close {
                        self.gone.push(key);
                        break;
                    }
                    if let Some(connection) = self.connections.get_mut(key) {
                        connection.keep(bytes);
                    }
                    if !more && !ends {
                        break;
                    }
                }
                ReadResult::End => {
                    self.gone.push(key);
                    break;
                }
            }
        }
        self.input = input;
    }

    /// Processes all complete requests and frames, and leaves the incomplete rest in `bytes`.
    fn take(&mut self, key: usize, bytes: &mut &mut [u8]) -> Flow {
        loop {
            let Some(connection) = self.connections.get_mut(key) else { return Flow::Close };
            let used = match connection.slot {
                None => match request::next(bytes) {
                    request::Next::More => return Flow::Continue,
                    request::Next::Bad => {
                        let _ = connection.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
                        return Flow::Close;
                    }
                    request::Next::Page(used) => {
                        if connection.write(&self.page).is_err() {
                            return Flow::Close;
                        }
                        used
                    }
                    request::Next::Upgrade { path, accept, used } => {
                        if connection.write(request::switching(&accept).as_bytes()).is_err() {
                            return Flow::Close;
                        }
                        connection.slot = Some(self.rooms.enter(path, key));
                        used
                    }
                },
                Some(slot) => {
                    self.output.clear();
                    match frames::next(bytes) {
                        frames::Next::More => return Flow::Continue,
                        frames::Next::Text(text, used) => {
                            frames::text(text, &mut self.output);
                            self.broadcast(slot.room);
                            used
                        }
                        frames::Next::Ping(payload, used) => {
                            frames::pong(payload, &mut self.output);
                            if connection.write(&self.output).is_err() {
                                return Flow::Close;
                            }
                            used
                        }
                        frames::Next::Pong(used) => used,
                        frames::Next::Close => return self.close(key, CloseCode::Normal.code()),
                        frames::Next::Bad(code) => return self.close(key, code),
                    }
                }
            };
            *bytes = &mut std::mem::take(bytes)[used..];
        }
    }

    /// Sends `output` to all sockets of a room.
    fn broadcast(&mut self, room: usize) {
        for &key in self.rooms.members(room) {
            if self.connections[key].write(&self.output).is_err() {
                self.gone.push(key);
            }
        }
    }

    fn close(&mut self, key: usize, code: u16) -> Flow {
        self.output.clear();
        frames::close(code, &mut self.output);
        if let Some(connection) = self.connections.get_mut(key) {
            let _ = connection.write(&self.output);
        }
        Flow::Close
    }

    /// Closes the connections in `gone`, and accepts waiting ones.
    fn close_gone(&mut self) -> io::Result<()> {
        let mut some = false;
        while let Some(key) = self.gone.pop() {
            let Some(connection) = self.connections.try_remove(key) else { continue };
            some = true;
            let Some(slot) = connection.slot else { continue };
            if let Some(moved) = self.rooms.leave(slot) {
                self.connections[moved].slot = Some(slot);
            }
        }
        if some && std::mem::take(&mut self.full) {
            return self.accept();
        }
        Ok(())
    }
}
