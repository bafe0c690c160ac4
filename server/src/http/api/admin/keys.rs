//! Administration of service keys.

use super::number;
use crate::auth::ServiceKey;
use crate::error::HttpError;
use crate::http::api::key_refusals::ScopeRefusals;
use crate::http::extract::Json;
use crate::http::idempotency_key::IdempotencyKey;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chat::service_keys::KeyRequest;
use chat::store::StoredServiceKey;
use protocol::{ApiError, KeyScope, Timestamp};
use serde::{Deserialize, Serialize};

/// A service key, without the key itself.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct AdminKey {
    /// Its number.
    id: i64,
    /// Its name, unique among the keys that are not revoked.
    name: String,
    /// The parts of the API that it may use.
    scopes: Vec<KeyScope>,
    /// The time of its creation.
    created_at: Timestamp,
    /// The time of its last use, to within an hour; absent if it was never used.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
    /// The time of its revocation; absent if it is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Timestamp>,
}

impl From<StoredServiceKey> for AdminKey {
    fn from(key: StoredServiceKey) -> Self {
        let StoredServiceKey { id, name, scopes, created_at, last_used_at, revoked_at } = key;
        Self { id, name, scopes, created_at, last_used_at, revoked_at }
    }
}

/// All service keys.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct AdminKeys {
    /// The keys, revoked ones included, in the order of their creation.
    keys: Vec<AdminKey>,
}

/// A service key to create.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct NewKey {
    /// Begins with a letter, and has at most 64 letters (`a` to `z`, `A` to `Z`), digits, `_`, `.` and `-`.
    name: String,
    /// The parts of the API that it may use, at least one.
    #[schema(min_items = 1)]
    scopes: Vec<KeyScope>,
}

/// A key that was created.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CreatedKey {
    /// What is stored of it.
    key: AdminKey,
    /// The key itself: `rk_` and 43 letters. It cannot be read again.
    secret: String,
}

#[utoipa::path(
    get, path = "/api/admin/keys", tag = "admin",
    security(("service_key" = [])),
    responses(
        (status = 200, body = AdminKeys, description = "All service keys, without the keys themselves"),
        ScopeRefusals,
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    key: ServiceKey,
) -> Result<Answer<AdminKeys>, HttpError> {
    key.require(KeyScope::Admin)?;
    let keys = state.chat.service_keys().list().await?;
    Ok(Answer(AdminKeys { keys: keys.into_iter().map(AdminKey::from).collect() }))
}

#[utoipa::path(
    post, path = "/api/admin/keys", tag = "admin",
    params(IdempotencyKey),
    request_body = NewKey,
    security(("service_key" = [])),
    responses(
        (status = 201, body = CreatedKey, description = "The key, shown once. A repeat with the same `Idempotency-Key` has the same answer, \
            while the key is valid"),
        ScopeRefusals,
        (status = 409, body = ApiError, description = "A valid key has this name, or the `Idempotency-Key` was used for another key"),
        (status = 422, body = ApiError, description = "The name breaks its rule, or there is no scope"),
    )
)]
pub(crate) async fn add(
    State(state): State<AppState>,
    key: ServiceKey,
    request: IdempotencyKey,
    Json(NewKey { name, scopes }): Json<NewKey>,
) -> Result<(StatusCode, Answer<CreatedKey>), HttpError> {
    key.require(KeyScope::Admin)?;
    let keys = state.chat.service_keys();
    let added = match request.or_of(None) {
        Some(client_id) => keys.add_by(&name, scopes, KeyRequest { service_key: key.0.id, client_id }).await,
        None => keys.add(&name, scopes).await,
    };
    state.chat.note_administration(key.0.id, None, &added);
    let (secret, stored) = added?;
    Ok((StatusCode::CREATED, Answer(CreatedKey { key: stored.into(), secret })))
}

#[utoipa::path(
    delete, path = "/api/admin/keys/{key}", tag = "admin",
    params(("key" = i64, Path, description = "The number of the key")),
    security(("service_key" = [])),
    responses(
        (status = 204, description = "The key is revoked at once, on all nodes; also the key of the request"),
        ScopeRefusals,
        (status = 404, body = ApiError, description = "There is no such key, or it is revoked already"),
    )
)]
pub(crate) async fn revoke(
    State(state): State<AppState>,
    key: ServiceKey,
    Path(revoked): Path<String>,
) -> Result<StatusCode, HttpError> {
    key.require(KeyScope::Admin)?;
    // Names of keys are no numbers.
    let revoked = state.chat.service_keys().revoke(&number(&revoked)?.to_string()).await;
    state.chat.note_administration(key.0.id, None, &revoked);
    revoked?;
    Ok(StatusCode::NO_CONTENT)
}
