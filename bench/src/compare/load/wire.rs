//! WebSocket frames of the load, and the mark in the content by which a message is recognised.

use memchr::memmem::Finder;
use std::sync::LazyLock;

/// The text before the mark in the content, and the byte after it.
const MARK: (&[u8], u8) = (b"[[", b']');
/// Fills a message up to an ordinary length.
const WORDS: &str = "shall we meet at the usual place, a little later";
/// Any mask but zero, which a server might skip.
const MASK: [u8; 4] = [0x5a, 0xc3, 0x96, 0x0f];

/// The mark of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The number of the message within its conversation, from 0.
    pub number: u64,
    /// The time at which it was due, in microseconds of the load's clock.
    pub due: u64,
}

/// The content of a message with this mark.
#[must_use]
pub fn content(mark: Mark) -> String {
    format!("[[{}.{}]] {WORDS}", mark.number, mark.due)
}

/// The kind of a frame from a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// A message of the load.
    Message(Mark),
    /// A typing frame.
    Typing,
    /// An error frame.
    Error,
    /// Any other frame.
    Other,
}

/// The search patterns, built once: hundreds of thousands of frames a second are searched.
struct Needles {
    message: Finder<'static>,
    typing: Finder<'static>,
    error: Finder<'static>,
    mark: Finder<'static>,
}

static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles {
    message: Finder::new(b"\"new_message\""),
    typing: Finder::new(b"\"typing\""),
    error: Finder::new(b"\"error\""),
    mark: Finder::new(MARK.0),
});

/// Reads only what the load needs of a frame: its type, which comes first, and the mark.
#[must_use]
pub fn classify(text: &[u8]) -> Received {
    let head = &text[..text.len().min(40)];
    let is = |name: &Finder<'_>| name.find(head).is_some();
    if is(&NEEDLES.message) {
        mark(text).map_or(Received::Other, Received::Message)
    } else if is(&NEEDLES.typing) {
        Received::Typing
    } else if is(&NEEDLES.error) {
        Received::Error
    } else {
        Received::Other
    }
}

fn mark(text: &[u8]) -> Option<Mark> {
    let rest = &text[NEEDLES.mark.find(text)? + MARK.0.len()..];
    let inner = std::str::from_utf8(&rest[..memchr::memchr(MARK.1, rest)?]).ok()?;
    let (number, due) = inner.split_once('.')?;
    Some(Mark { number: number.parse().ok()?, due: due.parse().ok()? })
}

/// The WebSocket upgrade request.
#[must_use]
pub fn upgrade(address: &str, path: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    .into_bytes()
}

/// The opcodes of frames.
pub mod opcode {
    /// A text frame.
    pub const TEXT: u8 = 1;
    /// A close frame.
    pub const CLOSE: u8 = 8;
    /// A ping.
    pub const PING: u8 = 9;
    /// A pong.
    pub const PONG: u8 = 10;
}

/// A masked frame, as a client sends it.
#[must_use]
pub fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len() + 14);
    bytes.push(0x80 | opcode);
    #[allow(clippy::cast_possible_truncation)]
    match payload.len() {
        length @ 0..126 => bytes.push(0x80 | length as u8),
        length @ 126..65_536 => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// A frame from a server.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The opcode.
    pub opcode: u8,
    /// The payload.
    pub payload: &'a [u8],
    /// The length of the whole frame in bytes.
    pub taken: usize,
}

/// The first frame of these bytes; `None` while it is incomplete.
///
/// # Errors
/// The frame is masked, fragmented, or longer than 16 MiB.
pub fn first(bytes: &[u8]) -> Result<Option<Frame<'_>>, String> {
    let [head, length, ..] = *bytes else { return Ok(None) };
    if head & 0xf0 != 0x80 || length & 0x80 != 0 {
        return Err(format!("a frame that begins {head:#x} {length:#x}"));
    }
    let number = |size: usize| -> Option<u64> {
        Some(bytes.get(2..2 + size)?.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    };
    let (size, length) = match length {
        126 => (2, number(2)),
        127 => (8, number(8)),
        short => (0, Some(u64::from(short))),
    };
    let Some(length) = length else { return Ok(None) };
    let length = usize::try_from(length).ok().filter(|length| *length <= 1 << 24).ok_or("a huge frame")?;
    let taken = 2 + size + length;
    Ok(bytes.get(2 + size..taken).map(|payload| Frame { opcode: head & 15, payload, taken }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_known_by_its_mark_however_it_is_spaced() {
        let mark = Mark { number: 7, due: 1_234 };
        for text in [
            format!(r#"{{"type":"new_message","message":{{"content":"{}"}}}}"#, content(mark)),
            format!(r#"{{"type": "new_message", "message": {{"content": "{}"}}}}"#, content(mark)),
        ] {
            assert_eq!(classify(text.as_bytes()), Received::Message(mark));
        }
        let acknowledged = format!(r#"{{"type":"ack","message":{{"content":"{}"}}}}"#, content(mark));
        assert_eq!(
            classify(acknowledged.as_bytes()),
            Received::Other,
            "told twice, it would count as doubled"
        );
        assert_eq!(classify(br#"{"type":"new_message","message":{"content":"[[oh"}}"#), Received::Other);
        assert_eq!(classify(br#"{"type": "typing"}"#), Received::Typing);
        assert_eq!(classify(br#"{"type":"error","code":"not_found"}"#), Received::Error);
        assert_eq!(classify(b""), Received::Other);
    }

    #[test]
    fn frames_of_every_length_are_read_when_they_are_all_there() {
        for length in [0, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; length];
            let masked = frame(opcode::TEXT, &payload);
            let header = masked.len() - length - 4;
            // The same without a mask, as a server sends it.
            let mut plain = masked[..header].to_vec();
            plain[1] &= 0x7f;
            plain.extend(&payload);
            let read = first(&plain).unwrap().unwrap();
            assert_eq!((read.opcode, read.payload.len(), read.taken), (1, length, plain.len()));
            assert_eq!(first(&plain[..plain.len() - 1]), Ok(None));
            assert!(first(&masked).is_err(), "a server does not mask");
        }
        assert_eq!(first(&[0x81]), Ok(None));
        assert!(first(&[0x01, 0x00]).is_err(), "the first of several pieces");
        assert!(first(&[0x81, 127, 1, 0, 0, 0, 0, 0, 0, 0]).is_err(), "huge");
    }

    #[test]
    fn what_is_masked_can_be_unmasked() {
        let bytes = frame(opcode::PING, b"hello");
        let plain: Vec<u8> =
            bytes[6..].iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        assert_eq!(plain, b"hello");
    }
}
