//! Clients that send slowly, read nothing, or hold many connections. The tests take as long as the bounds that they measure.

use crate::support::{PATIENCE, Program, Server, until};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// Sends the beginning, then a byte each half second if there is one, and returns the response and the time until the end.
async fn slowly(address: &str, beginning: &str, trickle: Option<&'static [u8]>) -> (String, Duration) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    writer.write_all(beginning.as_bytes()).await.unwrap();
    let began = Instant::now();
    let sends = async {
        let mut pace = tokio::time::interval(Duration::from_millis(500));
        while let Some(byte) = trickle {
            pace.tick().await;
            if writer.write_all(byte).await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    let mut answer = Vec::new();
    let reads = async {
        // A connection that is reset after the response has ended as well.
        let _ = reader.read_to_end(&mut answer).await;
    };
    tokio::time::timeout(Duration::from_secs(60), async {
        tokio::select! { () = reads => {}, () = sends => {} }
    })
    .await
    .expect("an end");
    (String::from_utf8_lossy(&answer).into_owned(), began.elapsed())
}

#[tokio::test]
async fn v4_slow_bodies_and_slow_heads_end_after_15_s_with_408() {
    let server = Server::start().await;
    let address = server.address();
    let head = format!(
        "POST /api/token HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n"
    );
    let chunked = head.replace("content-length: 60000", "transfer-encoding: chunked");
    let long = format!("{head}{}", "x".repeat(50_000));
    let header = format!("GET /sign-in HTTP/1.1\r\nhost: {address}\r\nx: ");
    let ended = tokio::join!(
        slowly(address, &head, None),
        slowly(address, &long, None),
        slowly(address, &head, Some(b"x")),
        slowly(address, &chunked, Some(b"1\r\nx\r\n")),
        slowly(address, "GET /sign-in HT", None),
        slowly(address, &header, Some(b"x")),
    );
    for (n, (answer, time)) in <[_; 6]>::from(ended).into_iter().enumerate() {
        assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{n}: {answer}");
        assert!(answer.contains("{\"error\":{\"code\":\"request_timeout\""), "{n}: {answer}");
        assert!(answer.to_lowercase().contains("connection: close"), "{n}: {answer}");
        assert!((14..25).contains(&time.as_secs()), "{n}: {time:?}");
    }
}

/// The bytes that the kernel keeps for the client with this port until it accepts them.
fn kept_by_kernel(port: u16) -> u64 {
    let sockets = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let fields = sockets.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut to_client = fields.filter(|fields| fields[2].ends_with(&format!(":{port:04X}")));
    let queue = to_client.find_map(|fields| u64::from_str_radix(fields[4].split(':').next()?, 16).ok());
    queue.unwrap_or_default()
}

#[tokio::test]
async fn v4_a_client_that_reads_nothing_is_disconnected_after_60_s() {
    let program = Program::alone(&[]).await;
    let before = program.open_sockets();
    let stream = TcpSocket::new_v4().unwrap();
    stream.set_recv_buffer_size(4 * 1024).unwrap();
    let mut stream = stream.connect(program.address().parse().unwrap()).await.unwrap();
    // More than the kernel buffers.
    let request = format!("GET /api/openapi.json HTTP/1.1\r\nhost: {}\r\n\r\n", program.address());
    stream.write_all(request.repeat(400).as_bytes()).await.unwrap();
    let began = Instant::now();
    until("it is accepted", async || program.open_sockets() > before).await;
    let peer = stream.local_addr().unwrap().port();
    until("the kernel keeps a part of the answer", async || kept_by_kernel(peer) > 16 * 1024).await;
    let ended = async {
        let mut pace = tokio::time::interval(Duration::from_millis(200));
        while program.open_sockets() > before {
            assert!(kept_by_kernel(peer) < 512 * 1024, "the kernel keeps {} bytes", kept_by_kernel(peer));
            pace.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(90), ended).await.expect("an end");
    assert!(began.elapsed() > Duration::from_secs(58), "ended after {:?}", began.elapsed());
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("an end");
    assert!(
        ended.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset),
        "the kernel keeps nothing for it; {} bytes were read",
        rest.len()
    );
}

/// Sends a request on a kept connection, and reads its response.
async fn is_alive(stream: &mut TcpStream, address: &str) -> bool {
    let request = format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\n\r\n");
    if stream.write_all(request.as_bytes()).await.is_err() {
        return false;
    }
    let mut answer = Vec::new();
    let served = async {
        while !answer.ends_with(b"alive\n") {
            if !matches!(stream.read_buf(&mut answer).await, Ok(1..)) {
                return false;
            }
        }
        true
    };
    tokio::time::timeout(PATIENCE, served).await.expect("a response")
}

#[tokio::test]
async fn v29_a_kept_connection_lives_75_s_and_serves_further_requests() {
    let server = Server::start().await;
    let mut kept = TcpStream::connect(server.address()).await.unwrap();
    assert!(is_alive(&mut kept, server.address()).await);
    let lives = async |stream: &mut TcpStream| {
        let began = Instant::now();
        let read = tokio::time::timeout(Duration::from_secs(100), stream.read(&mut [0; 1])).await;
        assert!(matches!(read.expect("an end"), Ok(0)), "it is closed");
        began.elapsed().as_secs()
    };
    let mut unused = TcpStream::connect(server.address()).await.unwrap();
    let mut reused = TcpStream::connect(server.address()).await.unwrap();
    let (first, second, third) = tokio::join!(lives(&mut kept), lives(&mut unused), async {
        assert!(is_alive(&mut reused, server.address()).await);
        // Longer than a head may take, and than the 60 s of a balancer.
        tokio::time::sleep(Duration::from_secs(62)).await;
        is_alive(&mut reused, server.address()).await
    });
    assert!((74..85).contains(&first), "closed after {first} s");
    assert!((74..85).contains(&second), "closed after {second} s");
    assert!(third, "it serves after 62 s");
}

#[tokio::test]
async fn v4_one_address_has_a_bounded_number_of_connections() {
    const BOUND: (&str, &str) = ("RAPPORT_LIMITS__CONNECTIONS_PER_ADDRESS", "3");
    let server = Server::start_with(&[BOUND]).await;
    let address = server.address();
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        assert!(is_alive(&mut stream, address).await);
        open.push(stream);
    }
    let mut answer = String::new();
    let mut refused = TcpStream::connect(address).await.unwrap();
    tokio::time::timeout(PATIENCE, refused.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 429 Too Many Requests\r\n"), "{answer}");
    assert!(answer.contains("{\"error\":{\"code\":\"rate_limited\""), "{answer}");

    let other = TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = other.connect(address.parse().unwrap()).await.unwrap();
    assert!(is_alive(&mut other, address).await, "another address is served");
    open.pop();
    until("a place is free", async || {
        let mut stream = TcpStream::connect(address).await.unwrap();
        is_alive(&mut stream, address).await
    })
    .await;

    let server = Server::start_with(&[BOUND, ("RAPPORT_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let mut open = Vec::new();
    for _ in 0..6 {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        assert!(is_alive(&mut stream, server.address()).await, "a trusted proxy is exempt");
        open.push(stream);
    }
}
