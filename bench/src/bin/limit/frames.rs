//! WebSocket frames, as far as the limit needs them: unfragmented texts.

use protocol::CloseCode;

/// Close code for a violation of RFC 6455 (section 7.4.1). Rapport leaves it to its WebSocket library.
const PROTOCOL_ERROR: u16 = 1002;

/// The longest text in bytes, as in Rapport.
pub(crate) const LONGEST: usize = 64 * 1024;

/// The first frame of some bytes from a client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next<'a> {
    /// The frame is incomplete.
    More,
    /// A text, and the length of its frame.
    Text(&'a [u8], usize),
    /// A ping, and the length of its frame.
    Ping(&'a [u8], usize),
    /// A pong, and the length of its frame.
    Pong(usize),
    /// A close frame.
    Close,
    /// An invalid frame; the connection is closed with this code.
    Bad(u16),
}

/// Reads the first frame, and unmasks it in place.
pub(crate) fn next(bytes: &mut [u8]) -> Next<'_> {
    let &mut [first, second, ref mut rest @ ..] = bytes else { return Next::More };
    // The load sends unfragmented, masked frames without extensions.
    if second & 0x80 == 0 || first & 0x70 != 0 {
        return Next::Bad(PROTOCOL_ERROR);
    }
    let (length, rest) = match (second & 0x7f, rest) {
        (126, [a, b, rest @ ..]) => (usize::from(u16::from_be_bytes([*a, *b])), rest),
        (127, [a, b, c, d, e, f, g, h, rest @ ..]) => {
            let length = u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
            (usize::try_from(length).unwrap_or(usize::MAX), rest)
        }
        (126 | 127, _) => return Next::More,
        (length, rest) => (usize::from(length), rest),
    };
    if length > LONGEST {
        return Next::Bad(CloseCode::TooBig.code());
    }
    let head = 2 + match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let [a, b, c, d, rest @ ..] = rest else { return Next::More };
    let mask = [*a, *b, *c, *d];
    let Some(payload) = rest.get_mut(..length) else { return Next::More };
    for (at, byte) in payload.iter_mut().enumerate() {
        *byte ^= mask[at % 4];
    }
    let used = head + 4 + length;
    match first {
        0x81 if std::str::from_utf8(payload).is_err() => Next::Bad(CloseCode::BadUtf8.code()),
        0x81 => Next::Text(payload, used),
        0x88 => Next::Close,
        0x89 if length < 126 => Next::Ping(payload, used),
        0x8a => Next::Pong(used),
        0x89 => Next::Bad(PROTOCOL_ERROR),
        // Fragments and binary frames.
        _ => Next::Bad(CloseCode::Binary.code()),
    }
}

/// Encodes a text.
pub(crate) fn text(payload: &[u8], into: &mut Vec<u8>) {
    frame(0x81, payload, into);
}

/// Encodes a pong.
pub(crate) fn pong(payload: &[u8], into: &mut Vec<u8>) {
    frame(0x8a, payload, into);
}

/// Encodes a close frame.
pub(crate) fn close(code: u16, into: &mut Vec<u8>) {
    frame(0x88, &code.to_be_bytes(), into);
}

fn frame(first: u8, payload: &[u8], into: &mut Vec<u8>) {
    into.push(first);
    // At most LONGEST, the only length that needs eight bytes.
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length), _) if length < 126 => into.push(length),
        (_, Ok(length)) => {
            into.push(126);
            into.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            into.push(127);
            into.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    into.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame as a client sends it.
    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        frame(first, payload, &mut bytes);
        let head = bytes.len() - payload.len();
        bytes[1] |= 0x80;
        let mask = [1, 2, 3, 4];
        bytes.splice(head..head, mask);
        for (at, byte) in bytes[head + 4..].iter_mut().enumerate() {
            *byte ^= mask[at % 4];
        }
        bytes
    }

    #[test]
    fn a_text_of_any_length_is_read_when_it_is_whole() {
        for length in [0, 1, 125, 126, 127, 65_535, LONGEST] {
            let payload = vec![b'x'; length];
            let whole = masked(0x81, &payload);
            for cut in [0, 1, 2, 5, whole.len() / 2, whole.len() - 1] {
                if cut < whole.len() {
                    assert_eq!(next(&mut whole[..cut].to_vec()), Next::More, "{cut} of {length}");
                }
            }
            let mut two = [whole.clone(), whole.clone()].concat();
            assert_eq!(next(&mut two), Next::Text(&payload, whole.len()));
        }
    }

    #[test]
    fn what_is_no_text_is_told_apart() {
        assert_eq!(next(&mut masked(0x89, b"are you there")), Next::Ping(b"are you there", 19));
        assert_eq!(next(&mut masked(0x8a, b"")), Next::Pong(6));
        assert_eq!(next(&mut masked(0x88, b"")), Next::Close);
        for (bytes, code) in [
            (masked(0x82, b"binary"), 1003),
            (masked(0x01, b"a first piece"), 1003),
            (masked(0x80, b"the last piece"), 1003),
            (masked(0xc1, b"compressed"), 1002),
            (masked(0x89, &[b'x'; 126]), 1002),
            (masked(0x81, b"\xff"), 1007),
            (masked(0x81, &vec![b'x'; LONGEST + 1]), 1009),
            (vec![0x81, 1, b'x'], 1002),
        ] {
            assert_eq!(next(&mut bytes.clone()), Next::Bad(code), "{:?}", &bytes[..2]);
        }
    }
}
