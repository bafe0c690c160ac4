//! What every request may use.

use crate::auth::throttle::Throttle;
use crate::config::Ours;
use crate::config::TrustedProxies;
use crate::demo::Demo;
use crate::http::assets::Assets;
use crate::ops::health::Health;
use chat::Chat;
use std::ops::Deref;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A running server's parts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Node(Arc<Parts>);

/// The parts of a [`Node`].
pub(crate) struct Parts {
    pub(crate) chat: Chat,
    pub(crate) ours: Ours,
    pub(crate) proxies: TrustedProxies,
    pub(crate) throttle: Throttle,
    pub(crate) assets: Assets,
    pub(crate) health: Health,
    /// There when this is a demonstration.
    pub(crate) demo: Option<Demo>,
    /// Open sockets, waited for at the end.
    pub(crate) sockets: TaskTracker,
    pub(crate) stop: CancellationToken,
}

/// The session cookie's name over plain HTTP.
pub(crate) const COOKIE: &str = "rapport";
/// And over TLS.
pub(crate) const COOKIE_OVER_TLS: &str = "__Host-rapport";

impl Node {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The name of the session cookie. With `__Host-` a browser takes it only over TLS, for this host and all paths.
    pub(crate) fn cookie(&self) -> &'static str {
        if self.ours.is_https() { COOKIE_OVER_TLS } else { COOKIE }
    }
}

impl Deref for Node {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
