//! One connection: what came in and is not whole yet, what goes out and was not taken yet.

use crate::rooms::Seat;
use mio::net::TcpStream;
use std::io::{self, ErrorKind, Read as _, Write as _};

/// Whoever is further behind is cut off.
const BEHIND: usize = 16 * 1024 * 1024;

pub(crate) struct Connection {
    stream: TcpStream,
    /// Where it sits, once it is a WebSocket.
    pub(crate) seat: Option<Seat>,
    /// The beginning of a request or of a frame.
    begun: Vec<u8>,
    /// What the network did not take at once.
    waiting: Vec<u8>,
}

/// What one read gave.
pub(crate) enum Got {
    /// So many bytes in all, and that there may be more.
    Bytes(usize, bool),
    /// Nothing for now.
    Nothing,
    /// The other side has gone.
    End,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, seat: None, begun: Vec::new(), waiting: Vec::new() }
    }

    /// Reads once into a buffer that all connections share, behind what had begun.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> Got {
        let begun = self.begun.len();
        into[..begun].copy_from_slice(&self.begun);
        loop {
            return match self.stream.read(&mut into[begun..]) {
                Ok(0) => Got::End,
                // A read that is not filled leaves nothing behind: what comes later is told anew.
                Ok(count) => Got::Bytes(begun + count, begun + count == into.len()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => Got::Nothing,
                Err(_) => Got::End,
            };
        }
    }

    /// Keeps what is not whole yet. An idle connection holds no memory for it.
    pub(crate) fn keep(&mut self, begun: &[u8]) {
        if begun.is_empty() {
            self.begun = Vec::new();
        } else {
            self.begun.clear();
            self.begun.extend_from_slice(begun);
        }
    }

    /// Writes once; what is not taken waits until there is room.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.waiting.is_empty() {
            if self.waiting.len() + bytes.len() > BEHIND {
                return Err(io::Error::other("too far behind"));
            }
            self.waiting.extend_from_slice(bytes);
            return Ok(());
        }
        let taken = self.offer(bytes)?;
        self.waiting.extend_from_slice(&bytes[taken..]);
        Ok(())
    }

    /// There is room again.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        while !self.waiting.is_empty() {
            let waiting = std::mem::take(&mut self.waiting);
            let taken = self.offer(&waiting)?;
            if taken == waiting.len() {
                return Ok(());
            }
            self.waiting = waiting;
            if taken == 0 {
                return Ok(());
            }
            self.waiting.drain(..taken);
        }
        Ok(())
    }

    fn offer(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.stream.write(bytes) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(0),
                other => return other,
            }
        }
    }
}
