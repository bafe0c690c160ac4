//! Closed-loop HTTP load over persistent connections.

use super::Latencies;
use crate::BoxError;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The body.
    pub body: Vec<u8>,
    /// The time to the first byte.
    pub first_byte: Duration,
    /// The time to the last byte.
    pub whole: Duration,
}

/// A persistent connection.
#[derive(Debug)]
pub struct Connection {
    address: String,
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Opens a connection.
    ///
    /// # Errors
    /// The address refuses the connection.
    pub fn open(address: &str) -> Result<Self, BoxError> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { address: address.to_owned(), stream, buffer: Vec::new() })
    }

    /// Makes a GET request with this token.
    ///
    /// # Errors
    /// The connection broke, or the status is not 200.
    pub fn get(&mut self, path: &str, token: &str) -> Result<Answer, BoxError> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nAccept: */*\r\n\r\n",
            self.address
        );
        let begun = Instant::now();
        self.stream.write_all(request.as_bytes())?;
        self.buffer.clear();
        let mut first_byte = None;
        let (head, length) = loop {
            self.fill()?;
            first_byte.get_or_insert_with(|| begun.elapsed());
            if let Some(head) = self.head(path)? {
                break head;
            }
        };
        let body = match length {
            Some(length) => {
                while self.buffer.len() < head + length {
                    self.fill()?;
                }
                self.buffer[head..head + length].to_vec()
            }
            None => self.chunks(head)?,
        };
        Ok(Answer { body, first_byte: first_byte.unwrap_or_default(), whole: begun.elapsed() })
    }

    /// The end of the head, and the length of the body or `None` if it is chunked; `None` while the head is incomplete.
    fn head(&self, path: &str) -> Result<Option<(usize, Option<usize>)>, BoxError> {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut response = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(end) = response.parse(&self.buffer)? else { return Ok(None) };
        if response.code != Some(200) {
            return Err(format!("{path} was answered by {:?}", response.code).into());
        }
        let length =
            response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
        let length = length.map(|header| std::str::from_utf8(header.value)).transpose()?;
        Ok(Some((end, length.map(str::parse).transpose()?)))
    }

    /// The chunked body from this position.
    fn chunks(&mut self, mut at: usize) -> Result<Vec<u8>, BoxError> {
        let mut body = Vec::new();
        loop {
            match httparse::parse_chunk_size(&self.buffer[at..]).map_err(|_| "not a chunk")? {
                httparse::Status::Complete((head, size)) => {
                    let (from, size) = (at + head, usize::try_from(size)?);
                    while self.buffer.len() < from + size + 2 {
                        self.fill()?;
                    }
                    if size == 0 {
                        return Ok(body);
                    }
                    body.extend_from_slice(&self.buffer[from..from + size]);
                    at = from + size + 2;
                }
                httparse::Status::Partial => self.fill()?,
            }
        }
    }

    fn fill(&mut self) -> Result<(), BoxError> {
        let mut piece = [0; 16_384];
        loop {
            match self.stream.read(&mut piece) {
                Ok(0) => return Err("the line was closed".into()),
                Ok(count) => {
                    self.buffer.extend_from_slice(&piece[..count]);
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// The results of many requests.
#[derive(Debug, Default)]
pub struct Responses {
    /// The number of requests.
    pub count: u64,
    /// The times to the first byte.
    pub first_byte: Latencies,
    /// The times to the last byte.
    pub whole: Latencies,
}

/// Repeats a request over this many connections for this time; every body has to pass.
///
/// # Errors
/// A connection broke, or a body did not pass.
pub fn repeat(
    address: &str,
    (path, token): (&str, &str),
    connections: usize,
    time: Duration,
    passes: &(dyn Fn(&[u8]) -> bool + Sync),
) -> Result<Responses, BoxError> {
    let end = Instant::now() + time;
    let one = || -> Result<Responses, BoxError> {
        let mut connection = Connection::open(address)?;
        let mut asked = Responses::default();
        while Instant::now() < end {
            let answer = connection.get(path, token)?;
            if !passes(&answer.body) {
                return Err(
                    format!("an answer of {} bytes is not what was asked for", answer.body.len()).into()
                );
            }
            asked.count += 1;
            asked.first_byte.add(micros(answer.first_byte));
            asked.whole.add(micros(answer.whole));
        }
        Ok(asked)
    };
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..connections).map(|_| scope.spawn(one)).collect();
        let mut sum = Responses::default();
        for one in all {
            let one = one.join().map_err(|_| "a line ended in panic")??;
            sum.count += one.count;
            sum.first_byte.append(one.first_byte);
            sum.whole.append(one.whole);
        }
        Ok(sum)
    })
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// A server that answers each request on one connection with the next of these, in pieces of three bytes.
    fn server(answers: Vec<&'static str>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_nodelay(true).unwrap();
            for answer in answers {
                let mut asked = Vec::new();
                while !asked.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    stream.read_exact(&mut byte).unwrap();
                    asked.push(byte[0]);
                }
                for piece in answer.as_bytes().chunks(3) {
                    stream.write_all(piece).unwrap();
                }
            }
        });
        address
    }

    #[test]
    fn bodies_are_read_with_a_length_and_in_chunks() {
        let address = server(vec![
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        ]);
        let mut connection = Connection::open(&address).unwrap();
        assert_eq!(connection.get("/", "t").unwrap().body, b"hello");
        let answer = connection.get("/", "t").unwrap();
        assert_eq!(answer.body, b"hello");
        assert!(answer.first_byte <= answer.whole);
        assert!(connection.get("/", "t").unwrap_err().to_string().contains("404"));
        assert!(connection.get("/", "t").is_err(), "closed");
    }

    #[test]
    fn an_answer_that_does_not_pass_fails() {
        let address = server(vec!["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"]);
        let asked = repeat(&address, ("/", "t"), 1, Duration::from_secs(5), &|body| body == b"bye");
        assert!(asked.unwrap_err().to_string().contains("not what was asked for"));
    }
}
