//! Single sign-on by the API.

use crate::auth::user_agent::UserAgent;
use crate::error::HttpError;
use crate::http::extract::Json;
use crate::http::single_sign_on;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::State;
use chat::account::TokenPair;
use protocol::{ApiError, Person};
use serde::{Deserialize, Serialize};

/// Hand-over of a person by a product.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct SignInByToken {
    /// The JWT that the product signed for the person (HS256, RS256, ES256 or EdDSA), with the claims `iss`, `aud`, `sub` and `exp`,
    /// at most 10 minutes ahead; optionally `iat`, `nbf`, `jti`, `name`, `preferred_username`, `picture` and `role`. At most 8,192
    /// bytes. It can be used once.
    token: String,
}

/// A signed-in person of a product.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct SignedInByToken {
    /// Access token (JWT), valid for one hour.
    access: String,
    /// Refresh token (JWT), valid for 30 days and for one use.
    refresh: String,
    /// The person, with the username that was chosen for the account.
    user: Person,
}

/// Signs in by a token of a product, which creates the account at the first time.
#[utoipa::path(
    post, path = "/api/sso", tag = "accounts",
    request_body = SignInByToken,
    responses(
        (status = 200, body = SignedInByToken, description = "A pair of tokens, and whose they are"),
        (status = 401, body = ApiError, description = "The token is expired, used, of another issuer or audience, or not signed by a known key; or the account is suspended"),
        (status = 409, body = ApiError, description = "No username for a new account is free"),
        (status = 422, body = ApiError, description = "A claim breaks a rule"),
        (status = 503, body = ApiError, description = "The keys of the issuer cannot be read"),
    )
)]
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    UserAgent(device): UserAgent,
    Json(body): Json<SignInByToken>,
) -> Result<Answer<SignedInByToken>, HttpError> {
    let account = single_sign_on::account(&state, &body.token, None).await?;
    let TokenPair { access, refresh } = state.chat.accounts().issue(&account, &device).await?;
    Ok(Answer(SignedInByToken { access, refresh, user: account.person }))
}
