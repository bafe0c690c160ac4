//! The service key of the request.

use super::key_refusals::KeyRefusals;
use crate::auth::ServiceKey;
use axum::Json as Answer;
use protocol::{KeyScope, Timestamp};
use serde::Serialize;

/// A service key, without the key itself.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ServiceKeyInfo {
    /// The name that the operator gave it, 1 to 64 characters.
    name: String,
    /// The parts of the API that it may use.
    scopes: Vec<KeyScope>,
    /// The time of its creation.
    created_at: Timestamp,
}

#[utoipa::path(
    get, path = "/api/key", tag = "keys",
    security(("service_key" = [])),
    responses(
        (status = 200, body = ServiceKeyInfo, description = "The service key of the request, whatever its scopes"),
        KeyRefusals,
    )
)]
pub(crate) async fn of_request(ServiceKey(key): ServiceKey) -> Answer<ServiceKeyInfo> {
    Answer(ServiceKeyInfo { name: key.name, scopes: key.scopes, created_at: key.created_at })
}
