//! The lifecycle of a server: startup, background tasks, shutdown.

use crate::assets::Assets;
use crate::auth::throttle::Throttle;
use crate::backend::{Backend, ServerError};
use crate::config::AllowedOrigins;
use crate::config::Config;
use crate::data_dir;
use crate::demo::Demo;
use crate::http::router;
use crate::net::accept;
use crate::net::listener::Listener;
use crate::ops::health::Health;
use crate::ops::metrics;
use crate::ops::sd_notify;
use crate::state::{AppState, AppStateInner};
use chat::ChatService;
use chat::connection::PollSessions;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::run";

/// How often expired data is deleted.
const SWEEP_INTERVAL: Duration = Duration::from_secs(3_600);
/// How often the audit log reports suppressed events.
const AUDIT_SUMMARY_INTERVAL: Duration = Duration::from_secs(60);
/// Time that accepted writes have to finish after the stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(3);

/// Runs a server on this listener until `stop` is cancelled. Then sockets are closed with 1012, responses in progress
/// finish, and all accepted writes are committed.
///
/// # Errors
/// The reason why the server cannot start.
pub async fn run(config: Config, listener: Listener, stop: CancellationToken) -> Result<(), ServerError> {
    run_with(config, listener, None, stop).await
}

/// Like [`run`], optionally with the demonstration.
pub(crate) async fn run_with(
    config: Config,
    listener: Listener,
    demo: Option<Demo>,
    stop: CancellationToken,
) -> Result<(), ServerError> {
    let metrics = match &config.metrics_listen {
        Some(listen) => Some(metrics::MetricsServer::bind(listen).await?),
        None => None,
    };
    data_dir::create(&config.data)?;
    let _lock = data_dir::lock(&config.data)?;
    let backend = Backend::open(&config).await?;
    let (store, clock) = (Arc::clone(&backend.store), Arc::clone(&backend.clock));
    let bus = backend.bus(&config, &stop).await?;
    let chat = ChatService::start(
        Arc::clone(&store),
        bus,
        clock,
        config.limits.clone(),
        &backend.secret,
        stop.clone(),
    )
    .await?;

    let state = AppState::new(AppStateInner {
        chat: chat.clone(),
        poll_sessions: PollSessions::start(&chat),
        origins: AllowedOrigins::new(
            config.public_url.clone(),
            config.allowed_origins.clone(),
            listener.port(),
        ),
        proxies: Arc::new(config.trusted_proxies.clone()),
        throttle: Throttle::new(chat.rate_limiter().clone()),
        assets: Assets::find(),
        health: Health::default(),
        demo,
        sockets: TaskTracker::new(),
        stop: stop.clone(),
    });
    if let Some(demo) = &state.demo {
        demo.begin(&chat, &stop);
    }
    let sweeping = tokio::spawn(sweep(state.clone()));
    let summing = tokio::spawn(async {
        loop {
            tokio::time::sleep(AUDIT_SUMMARY_INTERVAL).await;
            chat::audit::emit_suppressed(false);
        }
    });
    let routes = router::router(state.clone(), store);
    let metrics = metrics.map(|server| server.serve(chat.clone(), state.health.clone(), stop.clone()));

    sd_notify::notify(sd_notify::READY);
    tracing::info!(target: LOG_TARGET, "listening on {listener}");
    // For users, and for programs that wait for the line. A closed standard output is not an error.
    let _ = writeln!(std::io::stdout(), "Rapport is listening on {listener}");
    if state.demo.is_some() {
        let _ = writeln!(
            std::io::stdout(),
            "This is a demonstration: open {listener}/ and sign in at one click. Ctrl+C ends it."
        );
    }

    accept::serve(listener, routes, &stop, &state.sockets).await;
    sweeping.abort();
    summing.abort();
    if let Some(metrics) = metrics {
        let _ = metrics.await;
    }
    if tokio::time::timeout(DRAIN_TIMEOUT, chat.drain()).await.is_err() {
        tracing::error!(target: LOG_TARGET, "not all accepted writes were committed before the timeout");
    }
    chat::audit::emit_suppressed(true);
    tracing::info!(target: LOG_TARGET, "stopped");
    Ok(())
}

async fn sweep(state: AppState) {
    loop {
        tokio::time::sleep(SWEEP_INTERVAL).await;
        if let Err(error) = state.chat.sweep().await {
            tracing::warn!(target: LOG_TARGET, cause = %error, "expired data cannot be deleted");
        }
    }
}
