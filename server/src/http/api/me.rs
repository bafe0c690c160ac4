//! The user's own account.

use crate::auth::CurrentUser;
use crate::http::error::HttpError;
use crate::http::extract::Json;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::State;
use protocol::{ApiError, Person, Preferences};
use serde::{Deserialize, Deserializer, Serialize};

/// Who asks, with what others are not told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Me {
    #[serde(flatten)]
    user: Person,
    #[serde(flatten)]
    preferences: Preferences,
    /// May run the installation.
    is_admin: bool,
}

/// What is left out stays as it is.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct Change {
    first_name: Option<String>,
    last_name: Option<String>,
    /// 0 to 7; null: by the id.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u8>)]
    hue: Option<Option<u8>>,
    theme: Option<String>,
    language: Option<String>,
    time_zone: Option<String>,
}

/// Tells null from nothing.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<u8>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[utoipa::path(
    get, path = "/api/me", tag = "accounts",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Me, description = "Who asks"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn me(CurrentUser(identity): CurrentUser) -> Answer<Me> {
    Answer(Me { user: identity.person, preferences: identity.preferences, is_admin: identity.is_admin })
}

#[utoipa::path(
    patch, path = "/api/me", tag = "accounts",
    request_body = Change,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Me, description = "As it is now; others' open pages show it at once"),
        (status = 401, body = ApiError, description = "Not signed in"),
        (status = 422, body = ApiError, description = "A rule is broken; nothing is changed of the names and the colour, \
            or nothing of the preferences"),
    )
)]
pub(crate) async fn change(
    State(state): State<AppState>,
    CurrentUser(identity): CurrentUser,
    Json(change): Json<Change>,
) -> Result<Answer<Me>, HttpError> {
    let (mut user, mut preferences) = (identity.person, identity.preferences);
    let Change { first_name, last_name, hue, theme, language, time_zone } = change;
    if first_name.is_some() || last_name.is_some() || hue.is_some() {
        let first_name = first_name.unwrap_or(user.first_name);
        let last_name = last_name.unwrap_or(user.last_name);
        let hue = hue.unwrap_or(user.hue);
        user = state.chat.accounts().profile(user.id, &first_name, &last_name, hue).await?;
    }
    if theme.is_some() || language.is_some() || time_zone.is_some() {
        let wanted = Preferences {
            theme: theme.unwrap_or(preferences.theme),
            language: language.unwrap_or(preferences.language),
            time_zone: time_zone.unwrap_or(preferences.time_zone),
        };
        preferences = state.chat.accounts().preferences(user.id, wanted).await?;
    }
    Ok(Answer(Me { user, preferences, is_admin: identity.is_admin }))
}
