//! The user's preferences.

use crate::auth::CurrentUser;
use crate::error::HttpError;
use crate::http::extract::Json;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::State;
use protocol::{ApiError, Preferences, PreferencesChange};

#[utoipa::path(
    get, path = "/api/me/preferences", tag = "accounts", operation_id = "preferences",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Preferences, description = "The preferences"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn read(CurrentUser(identity): CurrentUser) -> Answer<Preferences> {
    Answer(identity.preferences)
}

#[utoipa::path(
    patch, path = "/api/me/preferences", tag = "accounts", operation_id = "change_preferences",
    request_body = PreferencesChange,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Preferences, description = "The preferences after the change; all devices have them at once"),
        (status = 401, body = ApiError, description = "Not signed in"),
        (status = 422, body = ApiError, description = "A rule is broken: the message begins with the name of the field, and \
            nothing is changed"),
    )
)]
pub(crate) async fn change(
    State(state): State<AppState>,
    CurrentUser(identity): CurrentUser,
    Json(change): Json<PreferencesChange>,
) -> Result<Answer<Preferences>, HttpError> {
    Ok(Answer(state.chat.update_preferences(&identity.person, change).await?))
}
