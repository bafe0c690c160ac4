//! How the server sees a request, to diagnose proxies between the two.

use crate::auth::CurrentUser;
use crate::auth::client_addr::{ClientAddr, ForwardedFor};
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use chat::{Clock as _, SystemClock};
use protocol::{ApiError, Timestamp};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A request, as it arrives.
#[derive(Debug, Deserialize, Serialize, utoipa::ToSchema)]
pub(crate) struct Connection {
    /// The name that was asked for.
    pub(crate) host: String,
    /// What the server takes for its own address.
    pub(crate) public_url: Option<String>,
    /// The port that it listens on; none on a Unix socket.
    pub(crate) port: Option<u16>,
    /// The address that limits are counted by; none where it is not known.
    #[schema(value_type = Option<String>)]
    pub(crate) client: Option<IpAddr>,
    /// What proxies said about it.
    pub(crate) forwarded_for: Option<String>,
    /// Whether the last of them is believed.
    pub(crate) trusted: bool,
    /// The server's clock.
    pub(crate) now: Timestamp,
}

#[utoipa::path(
    get, path = "/api/connection", tag = "accounts",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Connection, description = "How the server sees this request"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn connection(
    State(state): State<AppState>,
    _: CurrentUser,
    ClientAddr(client): ClientAddr,
    ForwardedFor { list, trusted }: ForwardedFor,
    headers: HeaderMap,
) -> Answer<Connection> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    Answer(Connection {
        host: host.to_owned(),
        public_url: state.origins.public().map(ToString::to_string),
        port: state.origins.port(),
        client,
        forwarded_for: Some(list).filter(|list| !list.is_empty()),
        trusted,
        now: SystemClock.now(),
    })
}
