//! State that all handlers share.

use crate::assets::Assets;
use crate::auth::flash_cookies::FlashCookies;
use crate::auth::throttle::Throttle;
use crate::config::{AllowedOrigins, Origin, TrustedProxies, Wires};
use crate::demo::{Demo, Visitors};
use crate::ops::database_health::Health;
use crate::sso::SsoProducts;
use axum::extract::FromRef;
use chat::connection::PollSessions;
use chat::webhooks::Webhooks;
use chat::{ChatService, Supervisor};
use std::ops::Deref;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Shared state of a running server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct AppState(Arc<AppStateInner>);

/// The fields of an [`AppState`], which dereferences to them.
pub(crate) struct AppStateInner {
    pub(crate) chat: ChatService,
    pub(crate) webhooks: Webhooks,
    pub(crate) poll_sessions: PollSessions,
    pub(crate) origins: AllowedOrigins,
    pub(crate) wires: Wires,
    pub(crate) proxies: Arc<TrustedProxies>,
    pub(crate) throttle: Throttle,
    pub(crate) flashes: FlashCookies,
    pub(crate) sso: SsoProducts,
    /// Origins whose pages may show embedded pages.
    pub(crate) embed_origins: Vec<Origin>,
    pub(crate) assets: Assets,
    pub(crate) health: Health,
    /// Set if the server was started with `--demo`.
    pub(crate) demo: Option<Demo>,
    /// Tracks open WebSockets; shutdown waits for them.
    pub(crate) sockets: TaskTracker,
    pub(crate) supervisor: Supervisor,
    /// Cancelled when the server shuts down.
    pub(crate) stop: CancellationToken,
}

impl AppState {
    pub(crate) fn new(parts: AppStateInner) -> Self {
        Self(Arc::new(parts))
    }

    /// Whether pages of this origin may show embedded pages.
    pub(crate) fn allows_embedding(&self, origin: &str) -> bool {
        Origin::parse(origin).is_some_and(|origin| self.embed_origins.contains(&origin))
    }
}

impl Deref for AppState {
    type Target = AppStateInner;

    fn deref(&self) -> &AppStateInner {
        &self.0
    }
}

impl FromRef<AppState> for ChatService {
    fn from_ref(state: &AppState) -> Self {
        state.chat.clone()
    }
}

impl FromRef<AppState> for Arc<TrustedProxies> {
    fn from_ref(state: &AppState) -> Self {
        Arc::clone(&state.proxies)
    }
}

/// The visitors of the demonstration, if the server runs it.
impl FromRef<AppState> for Option<Visitors> {
    fn from_ref(state: &AppState) -> Self {
        state.demo.as_ref().map(|demo| demo.visitors().clone())
    }
}
