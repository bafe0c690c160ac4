//! Metrics for Prometheus at `/metrics`, on a separate address that users of the chat cannot reach.

mod http;
pub(crate) mod names;
mod process;

pub(crate) use http::count as count_request;

use crate::config::Listen;
use crate::net::accept;
use crate::net::listener::{ListenError, Listener};
use crate::ops::database_health::Health;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chat::metrics as domain;
use chat::{ChatService, Supervisor};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::metrics";

/// How often recorded histograms are folded, to bound their memory even if nothing scrapes them.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);
/// Bucket bounds of histograms.
const SECONDS_BUCKETS: [f64; 14] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];
const COUNT_BUCKETS: [f64; 12] = [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// The recorder of this process; metrics are not recorded before it is installed.
static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Whether metrics are recorded.
fn is_recording() -> bool {
    RECORDER.get().is_some()
}

/// The recorder, installed at the first call. Metric handles from before the installation record nothing, so the first
/// call must come before anything else starts.
fn recorder() -> &'static PrometheusHandle {
    RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new();
        let recorder = match builder
            .set_buckets(&COUNT_BUCKETS)
            .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS_BUCKETS))
        {
            Ok(builder) => builder.build_recorder(),
            Err(error) => unreachable!("the bounds of the buckets are not empty: {error}"),
        };
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!(target: LOG_TARGET, "another recorder is installed in this process: no metrics are recorded");
        }
        domain::begin();
        names::begin();
        process::begin();
        handle
    })
}

/// The bound metrics server, before it serves.
pub(crate) struct MetricsServer {
    listener: Listener,
}

impl MetricsServer {
    /// Binds the address and starts recording.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub(crate) async fn bind(listen: &Listen) -> Result<Self, ListenError> {
        let listener = Listener::bind_for(listen, "--metrics-listen or RAPPORT_METRICS_LISTEN").await?;
        recorder();
        Ok(Self { listener })
    }

    /// Serves until the stop.
    pub(crate) fn serve(self, chat: ChatService, health: Health, supervisor: &Supervisor) -> JoinHandle<()> {
        tracing::info!(target: LOG_TARGET, "metrics are at {}/metrics", self.listener);
        let stop = supervisor.stop().clone();
        let upkeep_stop = stop.clone();
        supervisor.spawn("metrics upkeep", async move {
            while upkeep_stop.run_until_cancelled(tokio::time::sleep(UPKEEP_INTERVAL)).await.is_some() {
                recorder().run_upkeep();
            }
        });
        let routes = Router::new().route("/metrics", get(render)).with_state((chat, health));
        supervisor.spawn("metrics server", async move {
            accept::serve(self.listener, routes, None, &stop, &TaskTracker::new()).await;
        })
    }
}

async fn render(State((chat, health)): State<(ChatService, Health)>) -> Response {
    chat.measure();
    process::measure();
    names::DATABASE_UP.set(if health.database_answers(&chat).await { 1.0 } else { 0.0 });
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, recorder().render()).into_response()
}
