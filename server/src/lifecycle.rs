//! The lifecycle of a server: startup, background tasks, shutdown.

use crate::assets::Assets;
use crate::auth::flash_cookies::FlashCookies;
use crate::auth::throttle::Throttle;
use crate::backend::{Backend, ServerError};
use crate::check_guests;
use crate::config::AllowedOrigins;
use crate::config::Config;
use crate::data_dir;
use crate::demo::Demo;
use crate::http::router;
use crate::net::accept;
use crate::net::address_limit::AddressLimit;
use crate::net::listener::Listener;
use crate::ops::database_health::Health;
use crate::ops::metrics::MetricsServer;
use crate::ops::sd_notify;
use crate::push;
use crate::sso::SsoProducts;
use crate::state::{AppState, AppStateInner};
use crate::webhooks;
use chat::bus::Bus;
use chat::connection::PollSessions;
use chat::{ChatService, Supervisor};
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
/// Time that the database has to close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// Time that accepted writes have to finish after the stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(3);

/// Runs a server on this listener until `stop` is cancelled, or a background task fails. Then sockets are closed with 1012,
/// responses in progress finish, and all accepted writes are committed.
///
/// # Errors
/// The reason why the server cannot start, or the task that failed.
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
        Some(listen) => Some(MetricsServer::bind(listen).await?),
        None => None,
    };
    data_dir::create(&config.data)?;
    let _lock = data_dir::lock(&config.data)?;
    let _database_lock = Backend::lock_database(&config).await?;
    let backend = Backend::create(&config).await?;
    check_guests::delete_left_over(&config.data, &*backend.store, backend.clock.now()).await;
    let supervisor = Supervisor::new(stop);
    let bus = backend.bus(&config, &supervisor).await?;
    let parts = Parts { config, listener, metrics, backend, bus, demo, sweep_interval: SWEEP_INTERVAL };
    serve(parts, &supervisor).await
}

/// The parts of a server, before it serves.
struct Parts {
    config: Config,
    listener: Listener,
    metrics: Option<MetricsServer>,
    backend: Backend,
    bus: Arc<dyn Bus>,
    demo: Option<Demo>,
    sweep_interval: Duration,
}

/// Serves until the stop.
///
/// # Errors
/// A background task failed, before or after the stop.
async fn serve(parts: Parts, supervisor: &Supervisor) -> Result<(), ServerError> {
    let Parts { config, listener, metrics, backend, bus, demo, sweep_interval } = parts;
    let store = Arc::clone(&backend.store);
    let stop = supervisor.stop().clone();
    let chat = ChatService::start(
        Arc::clone(&backend.store),
        bus,
        Arc::clone(&backend.clock),
        config.limits.clone(),
        &backend.secret,
        supervisor,
    )
    .await?;
    chat.set_subject_kinds(config.subject_kinds.clone());
    chat.start_push(push::gateway(&config), supervisor).await?;
    let webhooks = webhooks::webhooks(&backend, &config);
    chat.start_webhooks(&webhooks, supervisor).await?;

    let origins =
        AllowedOrigins::new(config.public_url.clone(), config.allowed_origins.clone(), listener.port());
    let state = AppState::new(AppStateInner {
        wires: config.wires.clone(),
        chat: chat.clone(),
        webhooks,
        poll_sessions: PollSessions::start(&chat, supervisor),
        flashes: FlashCookies::new(&backend.secret, &origins),
        origins,
        sso: SsoProducts::new(&config.sso),
        embed_origins: config.embed_origins.clone(),
        proxies: Arc::new(config.trusted_proxies.clone()),
        throttle: Throttle::new(chat.rate_limiter().clone()),
        assets: Assets::find(),
        health: Health::default(),
        demo,
        sockets: TaskTracker::new(),
        supervisor: supervisor.clone(),
        stop: stop.clone(),
    });
    if let Some(demo) = &state.demo {
        demo.begin(&chat, supervisor);
    }
    supervisor.spawn("sweep", sweep(state.clone(), sweep_interval));
    supervisor.spawn("audit summary", summarise_audit(stop.clone()));
    let routes = router::router(state.clone(), backend.store);
    let metrics = metrics.map(|server| server.serve(chat.clone(), state.health.clone(), supervisor));

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

    let address_limit = AddressLimit::new(config.limits.connections_per_address, Arc::clone(&state.proxies));
    let (accept_stop, sockets) = (stop.clone(), state.sockets.clone());
    let accepting = supervisor.spawn("accept loop", async move {
        accept::serve(listener, routes, Some(&address_limit), &accept_stop, &sockets).await;
    });
    stop.cancelled().await;
    if supervisor.failed_task().is_some() {
        // A stop by a signal is notified by its handler.
        sd_notify::notify(sd_notify::STOPPING);
    }
    // Panics are in the supervisor's log.
    let _ = accepting.await;
    if let Some(metrics) = metrics {
        let _ = metrics.await;
    }
    if tokio::time::timeout(DRAIN_TIMEOUT, chat.drain()).await.is_err() {
        tracing::error!(target: LOG_TARGET, "not all accepted writes were committed before the timeout");
    }
    if tokio::time::timeout(CLOSE_TIMEOUT, store.close()).await.is_err() {
        tracing::warn!(target: LOG_TARGET, "the database was not closed before the timeout; the next start completes its log");
    }
    chat::audit::emit_suppressed(true);
    tracing::info!(target: LOG_TARGET, "stopped");
    supervisor.failed_task().map_or(Ok(()), |task| Err(ServerError::TaskFailed(task)))
}

/// Deletes expired data periodically, until the stop.
async fn sweep(state: AppState, interval: Duration) {
    while state.stop.run_until_cancelled(tokio::time::sleep(interval)).await.is_some() {
        if let Err(error) = state.chat.sweep().await {
            tracing::warn!(target: LOG_TARGET, cause = %error, "expired data cannot be deleted");
        }
    }
}

/// Reports suppressed audit events periodically, until the stop.
async fn summarise_audit(stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(AUDIT_SUMMARY_INTERVAL)).await.is_some() {
        chat::audit::emit_suppressed(false);
    }
}

#[cfg(test)]
mod tests;
