//! A server in this process whose background task fails.

use super::*;
use crate::config::{self, Options};
use chat::{Clock, SystemClock};
use protocol::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const TIMEOUT: Duration = Duration::from_secs(20);

/// A clock that panics once it is broken.
#[derive(Default)]
struct BreakableClock {
    broken: AtomicBool,
}

impl Clock for BreakableClock {
    fn now(&self) -> Timestamp {
        assert!(!self.broken.load(Ordering::Acquire), "injected: the clock is broken");
        SystemClock.now()
    }
}

/// A connection with an unfinished request for this path.
async fn begin(port: u16, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Finishes the request; gives the response.
async fn finish(mut stream: TcpStream) -> String {
    stream.write_all(b"connection: close\r\n\r\n").await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

#[tokio::test]
async fn a_failed_task_makes_the_server_unready_and_end_with_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap().to_owned();
    let environment = [("RAPPORT_LISTEN", "127.0.0.1:0".to_owned()), ("RAPPORT_DATA", data)]
        .map(|(k, v)| (k.to_owned(), v));
    let config = config::read(&Options::default(), HashMap::from(environment)).unwrap();
    let listener = Listener::bind(&config.listen).await.unwrap();
    let port = listener.port().unwrap();
    let clock = Arc::new(BreakableClock::default());
    let backend = Backend { clock: clock.clone(), ..Backend::create(&config).await.unwrap() };
    let supervisor = Supervisor::new(CancellationToken::new());
    let bus = backend.bus(&config, &supervisor).await.unwrap();
    let sweep_interval = Duration::from_millis(5);
    let parts = Parts { config, listener, metrics: None, backend, bus, demo: None, sweep_interval };
    let running = {
        let supervisor = supervisor.clone();
        tokio::spawn(async move { serve(parts, &supervisor).await })
    };
    // Begun before the failure, since nothing listens afterwards: requests in progress are still answered.
    let (readiness, liveness) = (begin(port, "/readyz").await, begin(port, "/healthz").await);
    let ready = finish(begin(port, "/readyz").await).await;
    assert!(ready.starts_with("HTTP/1.1 200 ") && ready.ends_with("ready\n"), "{ready}");

    clock.broken.store(true, Ordering::Release);
    tokio::time::timeout(TIMEOUT, supervisor.stop().cancelled()).await.unwrap();
    // Requests read the clock, too.
    clock.broken.store(false, Ordering::Release);
    let unready = finish(readiness).await;
    assert!(unready.starts_with("HTTP/1.1 503 "), "{unready}");
    assert!(unready.contains("A background task has failed"), "{unready}");
    assert!(!unready.contains("injected"), "the cause is only logged: {unready}");
    let alive = finish(liveness).await;
    assert!(alive.starts_with("HTTP/1.1 200 "), "{alive}");

    let ended = tokio::time::timeout(TIMEOUT, running).await.unwrap().unwrap();
    assert!(matches!(ended, Err(ServerError::TaskFailed("sweep"))), "{ended:?}");
}
