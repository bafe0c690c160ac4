//! HTTP requests: a WebSocket upgrade, or a request for the page.

use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The longest head of a request, in bytes.
const LONGEST: usize = 16 * 1024;
const HEADERS: usize = 64;

/// The first request of some bytes from a client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The head is incomplete.
    More,
    /// A WebSocket upgrade on this path, and the length of the head.
    Upgrade { path: String, accept: String, used: usize },
    /// Another GET, and the length of the head.
    Page(usize),
    /// Anything else.
    Bad,
}

/// Reads the first request.
pub(crate) fn next(bytes: &[u8]) -> Next {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let used = match request.parse(bytes) {
        Ok(httparse::Status::Complete(used)) => used,
        Ok(httparse::Status::Partial) if bytes.len() < LONGEST => return Next::More,
        _ => return Next::Bad,
    };
    let (Some("GET"), Some(target)) = (request.method, request.path) else { return Next::Bad };
    let header = |name: &str| {
        request
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value)
    };
    let upgrades = header("upgrade").is_some_and(|value| value.eq_ignore_ascii_case(b"websocket"));
    match header("sec-websocket-key") {
        Some(key) if upgrades => {
            let path = target.split('?').next().unwrap_or_default().to_owned();
            Next::Upgrade { path, accept: derive_accept_key(key), used }
        }
        _ => Next::Page(used),
    }
}

/// The answer to an upgrade.
pub(crate) fn switching(accept: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// The answer to any other GET: the page, or 404.
pub(crate) fn answer(page: Option<&[u8]>) -> Vec<u8> {
    let (status, body) = page.map_or(("404 Not Found", &b""[..]), |page| ("200 OK", page));
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_websocket_is_told_from_other_requests_when_the_head_is_whole() {
        // The key and the answer are those of RFC 6455.
        let upgrade = b"GET /ws/chat/7/?token=secret HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nupgrade: WebSocket\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        let (path, accept) = ("/ws/chat/7/".to_owned(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".to_owned());
        let used = upgrade.len();
        assert_eq!(next(upgrade), Next::Upgrade { path, accept, used });
        for cut in [0, 1, 40, used - 1] {
            assert_eq!(next(&upgrade[..cut]), Next::More);
        }
        let page = b"GET /c/1 HTTP/1.1\r\nHost: a\r\n\r\n";
        assert_eq!(next(&[&page[..], page].concat()), Next::Page(page.len()));
        assert_eq!(next(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"), Next::Bad);
        assert_eq!(next(b"nothing of the kind\r\n\r\n"), Next::Bad);
        assert_eq!(next(&[&b"GET / HTTP/1.1\r\nX: "[..], &[b'x'; LONGEST]].concat()), Next::Bad);
    }
}
