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

/// The request as the server received it.
#[derive(Debug, Deserialize, Serialize, utoipa::ToSchema)]
pub(crate) struct Connection {
    /// `Host` header of the request.
    pub(crate) host: String,
    /// Configured public URL of the server; absent if none is configured.
    pub(crate) public_url: Option<String>,
    /// TCP port of the listener; absent on a Unix socket.
    pub(crate) port: Option<u16>,
    /// IP address that rate limits are counted by; absent if it is unknown.
    #[schema(value_type = Option<String>)]
    pub(crate) client: Option<IpAddr>,
    /// Addresses that proxies reported, separated by commas; absent if none did.
    pub(crate) forwarded_for: Option<String>,
    /// Whether the last of these proxies is trusted.
    pub(crate) trusted: bool,
    /// Whether the address that the last of these proxies reported can be read; true if none did.
    pub(crate) understood: bool,
    /// Clock of the server.
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
    ForwardedFor { list, trusted, understood }: ForwardedFor,
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
        understood,
        now: SystemClock.now(),
    })
}
