//! Servers in this process whose background tasks fail.

use super::*;
use crate::config::{self, Options};
use crate::demo::Timing;
use chat::{Clock, PanicInjector, SystemClock};
use protocol::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

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

/// A server with every background task: several nodes, metrics and the demonstration.
struct Whole {
    injector: PanicInjector,
    stop: CancellationToken,
    running: JoinHandle<Result<(), ServerError>>,
    _folder: tempfile::TempDir,
}

impl Whole {
    /// Starts it, and waits until its last task is registered.
    async fn start(redis_url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let environment = [
            ("RAPPORT_LISTEN", "127.0.0.1:0"),
            ("RAPPORT_METRICS_LISTEN", "127.0.0.1:0"),
            ("RAPPORT_DATA", folder.path().to_str().unwrap()),
            ("RAPPORT_REDIS_URL", redis_url),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()));
        let config = config::read(&Options::default(), HashMap::from(environment)).unwrap();
        let demo = Some(Demo::make(&config.data, Timing::quick()).await.unwrap());
        let listener = Listener::bind(&config.listen).await.unwrap();
        let metrics = Some(MetricsServer::bind(config.metrics_listen.as_ref().unwrap()).await.unwrap());
        let backend = Backend::create(&config).await.unwrap();
        let (injector, stop) = (PanicInjector::default(), CancellationToken::new());
        let supervisor = Supervisor::with_injector(stop.clone(), injector.clone());
        let bus = backend.bus(&config, &supervisor).await.unwrap();
        let parts = Parts { config, listener, metrics, backend, bus, demo, sweep_interval: SWEEP_INTERVAL };
        let running = tokio::spawn(async move { serve(parts, &supervisor).await });
        let mut registered = injector.registered();
        let last = registered.wait_for(|names| names.contains("accept loop"));
        tokio::time::timeout(TIMEOUT, last).await.unwrap().unwrap();
        Self { injector, stop, running, _folder: folder }
    }

    /// Waits for its end.
    async fn ended(self) -> Result<(), ServerError> {
        tokio::time::timeout(TIMEOUT, self.running).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn a_panic_of_any_background_task_ends_the_server() {
    let redis = test_servers::Redis::start().unwrap();
    let server = Whole::start(&redis.url()).await;
    let names = server.injector.registered().borrow().clone();
    // Those that no fault of the database or the bus makes panic.
    for name in [
        "Redis link",
        "accept loop",
        "audit summary",
        "end of visits",
        "metrics server",
        "metrics upkeep",
        "simulated user",
        "sweep",
    ] {
        assert!(names.contains(name), "{name} is not among {names:?}");
    }
    server.stop.cancel();
    server.ended().await.unwrap();
    for name in names {
        let server = Whole::start(&redis.url()).await;
        server.injector.panic_in(name);
        let ended = server.ended().await;
        assert!(matches!(ended, Err(ServerError::TaskFailed(failed)) if failed == name), "{name}: {ended:?}");
    }
}
