//! One socket of the load.

use super::wire::{self, opcode};
use mio::net::TcpStream;
use protocol::CloseCode;
use std::io::{ErrorKind, Read as _, Write as _};
use std::time::Instant;

/// The state of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The upgrade request is sent or queued.
    Upgrading,
    /// The upgrade is accepted; the first frame is awaited.
    Awaiting,
    /// The socket is open.
    Open,
    /// The server closed it with this code; [`CloseCode::ABNORMAL`] without a close frame.
    Closed(u16),
}

/// A socket.
#[derive(Debug)]
pub(super) struct Conn {
    pub(super) stream: TcpStream,
    pub(super) state: State,
    pub(super) begun: Instant,
    server_greets: bool,
    /// The beginning of an incomplete frame.
    pending: Vec<u8>,
    /// Bytes that the kernel has not taken yet.
    unsent: Vec<u8>,
}

impl Conn {
    /// A connection in progress, with its upgrade request. `server_greets`: the server sends the first frame.
    pub(super) fn new(stream: TcpStream, request: Vec<u8>, server_greets: bool) -> Self {
        let (state, begun) = (State::Upgrading, Instant::now());
        Self { stream, state, begun, server_greets, pending: Vec::new(), unsent: request }
    }

    /// Writes now, or as soon as the kernel takes more.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.unsent.extend_from_slice(bytes);
        self.flush()
    }

    /// Writes the remaining bytes.
    pub(super) fn flush(&mut self) -> Result<(), String> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(count) => drop(self.unsent.drain(..count)),
                // Also while the connection is in progress.
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => {
                    break;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(())
    }

    /// Reads all available bytes, and passes every text to `tell`.
    pub(super) fn read(&mut self, buffer: &mut [u8], mut tell: impl FnMut(&[u8])) -> Result<(), String> {
        loop {
            let count = match self.stream.read(buffer) {
                Ok(0) => {
                    if !matches!(self.state, State::Closed(_)) {
                        self.state = State::Closed(CloseCode::ABNORMAL);
                    }
                    return Ok(());
                }
                Ok(count) => count,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => {
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.to_string()),
            };
            if self.pending.is_empty() {
                let taken = self.take(&buffer[..count], &mut tell)?;
                self.pending.extend_from_slice(&buffer[taken..count]);
            } else {
                let mut all = std::mem::take(&mut self.pending);
                all.extend_from_slice(&buffer[..count]);
                let taken = self.take(&all, &mut tell)?;
                all.drain(..taken);
                // There are thousands of sockets, so an empty buffer is freed.
                self.pending = if all.is_empty() { Vec::new() } else { all };
            }
            if count < buffer.len() {
                return Ok(());
            }
        }
    }

    /// Processes all complete frames; returns their length in bytes.
    fn take(&mut self, bytes: &[u8], tell: &mut impl FnMut(&[u8])) -> Result<usize, String> {
        let mut taken = 0;
        if self.state == State::Upgrading {
            let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else { return Ok(0) };
            if !bytes.starts_with(b"HTTP/1.1 101") {
                let line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
                return Err(format!("not upgraded: {}", String::from_utf8_lossy(line)));
            }
            taken = end + 4;
            self.state = if self.server_greets { State::Awaiting } else { State::Open };
        }
        while let Some(frame) = wire::first(&bytes[taken..])? {
            taken += frame.taken;
            match frame.opcode {
                opcode::TEXT if self.state == State::Awaiting => self.state = State::Open,
                opcode::TEXT => tell(frame.payload),
                opcode::PING => self.write(&wire::frame(opcode::PONG, frame.payload))?,
                opcode::CLOSE => {
                    let code = frame.payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                    self.state = State::Closed(code.unwrap_or(CloseCode::NO_STATUS));
                }
                _ => {}
            }
        }
        Ok(taken)
    }
}
