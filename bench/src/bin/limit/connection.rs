//! One connection, with its incomplete input and its unwritten output.

use crate::rooms::Slot;
use mio::net::TcpStream;
use std::io::{self, ErrorKind, Read as _, Write as _};

/// The most unwritten output, in bytes; a connection with more is closed.
const BEHIND: usize = 16 * 1024 * 1024;

pub(crate) struct Connection {
    stream: TcpStream,
    /// Its place in a room, once it is a WebSocket.
    pub(crate) slot: Option<Slot>,
    /// The beginning of an incomplete request or frame.
    begun: Vec<u8>,
    /// Output that the kernel has not taken yet.
    waiting: Vec<u8>,
}

/// The result of one read.
pub(crate) enum ReadResult {
    /// The number of bytes in the buffer, and whether there may be more.
    Bytes(usize, bool),
    /// Nothing is available.
    Nothing,
    /// The connection ended.
    End,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, slot: None, begun: Vec::new(), waiting: Vec::new() }
    }

    /// Reads once into the shared buffer, after the incomplete input.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> ReadResult {
        let begun = self.begun.len();
        into[..begun].copy_from_slice(&self.begun);
        loop {
            return match self.stream.read(&mut into[begun..]) {
                Ok(0) => ReadResult::End,
                // After a short read nothing is left: epoll reports what arrives later.
                Ok(count) => ReadResult::Bytes(begun + count, begun + count == into.len()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => ReadResult::Nothing,
                Err(_) => ReadResult::End,
            };
        }
    }

    /// Keeps incomplete input. An idle connection holds no memory for it.
    pub(crate) fn keep(&mut self, begun: &[u8]) {
        if begun.is_empty() {
            self.begun = Vec::new();
        } else {
            self.begun.clear();
            self.begun.extend_from_slice(begun);
        }
    }

    /// Writes once; keeps what the kernel does not take.
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

    /// Writes the kept output.
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
