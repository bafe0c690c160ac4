//! Accounts and tokens.

use crate::auth::CurrentUser;
use crate::auth::client_addr::ClientAddr;
use crate::auth::user_agent::UserAgent;
use crate::auth::{registration, sign_in};
use crate::error::HttpError;
use crate::http::extract::Json;
use crate::http::idempotency_key::IdempotencyKey;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use chat::account::{Registration, TokenPair};
use protocol::{ApiError, Person};
use serde::{Deserialize, Serialize};

/// Request to create an account.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct Register {
    /// 3 to 32 characters of `a` to `z`, digits, `_`, `.` and `-`; unique without regard to case.
    username: String,
    /// 8 to 1,024 bytes.
    password: String,
    /// At most 80 characters; empty by default.
    #[serde(default)]
    first_name: String,
    /// At most 80 characters; empty by default.
    #[serde(default)]
    last_name: String,
}

/// Username and password of a sign-in.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct Credentials {
    /// The username, without regard to case.
    username: String,
    /// The password.
    password: String,
}

/// Request for a new pair of tokens.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct RefreshTokens {
    /// The refresh token of the last pair.
    refresh: String,
}

/// A pair of tokens.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Tokens {
    /// Access token (JWT), valid for one hour.
    access: String,
    /// Refresh token (JWT), valid for 30 days and for one use.
    refresh: String,
}

impl From<TokenPair> for Tokens {
    fn from(TokenPair { access, refresh }: TokenPair) -> Self {
        Self { access, refresh }
    }
}

#[utoipa::path(
    post, path = "/api/register", tag = "accounts",
    params(IdempotencyKey),
    request_body = Register,
    responses(
        (status = 201, body = Person, description = "The account; also for a repeat with the same key and body within 24 hours"),
        (status = 409, body = ApiError, description = "The name is taken"),
        (status = 422, body = ApiError, description = "A value breaks a rule"),
        (status = 429, body = ApiError, description = "Too many registrations from this address"),
    )
)]
pub(crate) async fn register(
    State(state): State<AppState>,
    ClientAddr(address): ClientAddr,
    key: IdempotencyKey,
    Json(body): Json<Register>,
) -> Result<(StatusCode, Answer<Person>), HttpError> {
    let Register { username, password, first_name, last_name } = body;
    let registration = Registration { username, password, first_name, last_name };
    let key = key.or_of(None);
    let account = registration::register(&state.chat, &state.throttle, address, registration, key).await?;
    Ok((StatusCode::CREATED, Answer(account.person)))
}

#[utoipa::path(
    post, path = "/api/token", tag = "accounts",
    request_body = Credentials,
    responses(
        (status = 200, body = Tokens, description = "A pair of tokens. A repeat makes another pair, of a sign-in of its own: tokens are stored nowhere"),
        (status = 401, body = ApiError, description = "Wrong username or password"),
        (status = 429, body = ApiError, description = "Too many attempts"),
    )
)]
pub(crate) async fn token(
    State(state): State<AppState>,
    ClientAddr(address): ClientAddr,
    UserAgent(device): UserAgent,
    Json(body): Json<Credentials>,
) -> Result<Answer<Tokens>, HttpError> {
    let account =
        sign_in::by_password(&state.chat, &state.throttle, address, &body.username, &body.password).await?;
    Ok(Answer(state.chat.accounts().issue(&account, &device).await?.into()))
}

#[utoipa::path(
    post, path = "/api/token/refresh", tag = "accounts",
    request_body = RefreshTokens,
    responses(
        (status = 200, body = Tokens, description = "A new pair; the old one is used up"),
        (status = 401, body = ApiError, description = "Expired, ended or used before"),
    )
)]
pub(crate) async fn refresh(
    State(state): State<AppState>,
    Json(body): Json<RefreshTokens>,
) -> Result<Answer<Tokens>, HttpError> {
    Ok(Answer(state.chat.accounts().refresh(&body.refresh).await?.into()))
}

/// Ends the sign-in of this request.
#[utoipa::path(
    delete, path = "/api/token", tag = "accounts",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "The sign-in has ended"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn sign_out(
    State(state): State<AppState>,
    user: CurrentUser,
) -> Result<StatusCode, HttpError> {
    state.chat.accounts().sign_out(&user.0).await?;
    Ok(StatusCode::NO_CONTENT)
}
