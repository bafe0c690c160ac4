//! The user's own account.

use crate::auth::CurrentUser;
use crate::error::HttpError;
use crate::http::extract::Json;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::State;
use protocol::{ApiError, Person, Preferences};
use serde::{Deserialize, Deserializer, Serialize};

/// The user with the fields that only they may see.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Me {
    #[serde(flatten)]
    user: Person,
    #[serde(flatten)]
    preferences: Preferences,
    /// Whether the user administers the installation.
    is_admin: bool,
}

/// Changes of the user's account. Absent fields stay as they are.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct UpdateMe {
    /// First name, at most 80 characters.
    first_name: Option<String>,
    /// Last name, at most 80 characters.
    last_name: Option<String>,
    /// Colour of the picture, 0 to 7; null: derived from the id.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u8>)]
    hue: Option<Option<u8>>,
    /// `auto`, `light` or `dark`.
    theme: Option<String>,
    /// Language code, or `auto`.
    language: Option<String>,
    /// IANA name of the time zone, or `auto`.
    time_zone: Option<String>,
}

/// Distinguishes null from an absent field.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<u8>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[utoipa::path(
    get, path = "/api/me", tag = "accounts",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Me, description = "The user"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn me(CurrentUser(identity): CurrentUser) -> Answer<Me> {
    Answer(Me { user: identity.person, preferences: identity.preferences, is_admin: identity.is_admin })
}

#[utoipa::path(
    patch, path = "/api/me", tag = "accounts",
    request_body = UpdateMe,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Me, description = "The user after the change; open pages of others show it at once"),
        (status = 401, body = ApiError, description = "Not signed in"),
        (status = 422, body = ApiError, description = "A rule is broken; nothing is changed of the names and the colour, \
            or nothing of the preferences"),
    )
)]
pub(crate) async fn change(
    State(state): State<AppState>,
    CurrentUser(identity): CurrentUser,
    Json(change): Json<UpdateMe>,
) -> Result<Answer<Me>, HttpError> {
    let (mut user, mut preferences) = (identity.person, identity.preferences);
    let UpdateMe { first_name, last_name, hue, theme, language, time_zone } = change;
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
