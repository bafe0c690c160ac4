//! Web push: the key of the installation, and the subscriptions of the user's browsers.

use crate::auth::CurrentUser;
use crate::error::HttpError;
use crate::http::extract::Json;
use crate::http::preferences::DisplayPreferences;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chat::BrowserSubscription;
use protocol::{ApiError, PushKeys};
use serde::{Deserialize, Serialize};

/// The key that browsers subscribe with.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PushKey {
    /// `applicationServerKey` of `PushManager.subscribe`: base64url of an uncompressed point of P-256, 87 characters.
    key: String,
}

/// A subscription, as `PushSubscription.toJSON()` gives it.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct NewSubscription {
    /// The https URL at the push service, at most 2,048 characters. All addresses of its host are public.
    endpoint: String,
    /// The keys of the browser.
    keys: PushKeys,
}

/// A subscription to remove.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct EndedSubscription {
    /// The URL at the push service.
    endpoint: String,
}

#[utoipa::path(
    get, path = "/api/push", tag = "push",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = PushKey, description = "The key that browsers subscribe with (VAPID, RFC 8292); it stays the same"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn key(State(state): State<AppState>, _: CurrentUser) -> Result<Answer<PushKey>, HttpError> {
    Ok(Answer(PushKey { key: state.chat.push_key()?.to_owned() }))
}

#[utoipa::path(
    post, path = "/api/me/push-subscriptions", tag = "push",
    request_body = NewSubscription,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, description = "This browser receives pushes while the sign-in lasts. A subscription of another sign-in with \
            this endpoint has ended: it is the same browser"),
        (status = 200, description = "The sign-in has this subscription already"),
        (status = 401, body = ApiError, description = "Not signed in"),
        (status = 422, body = ApiError, description = "A field is refused; the message begins with its name: `endpoint` is no https \
            URL, too long or at a private address, or the user has 20 subscriptions; `keys.p256dh` or `keys.auth` is not of its form"),
    )
)]
pub(crate) async fn subscribe(
    State(state): State<AppState>,
    CurrentUser(user): CurrentUser,
    headers: HeaderMap,
    Json(subscription): Json<NewSubscription>,
) -> Result<StatusCode, HttpError> {
    let language = DisplayPreferences::of(&headers, None).language;
    let NewSubscription { endpoint, keys: PushKeys { p256dh, auth } } = subscription;
    let subscription = BrowserSubscription { endpoint, p256dh, auth };
    let is_new = state.chat.subscribe_push(&user, &subscription, language.code()).await?;
    Ok(if is_new { StatusCode::CREATED } else { StatusCode::OK })
}

#[utoipa::path(
    delete, path = "/api/me/push-subscriptions", tag = "push",
    request_body = EndedSubscription,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "The user has no subscription with this endpoint any more"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn unsubscribe(
    State(state): State<AppState>,
    CurrentUser(user): CurrentUser,
    Json(ended): Json<EndedSubscription>,
) -> Result<StatusCode, HttpError> {
    state.chat.unsubscribe_push(&user, &ended.endpoint).await?;
    Ok(StatusCode::NO_CONTENT)
}
