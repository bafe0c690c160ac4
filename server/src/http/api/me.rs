//! The user's own account.

use crate::auth::CurrentUser;
use crate::error::HttpError;
use crate::http::extract::Json;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::State;
use chat::store::ProfileChange;
use protocol::{AddableBy, ApiError, Person, Preferences, PreferencesChange};
use serde::{Deserialize, Deserializer, Serialize};

/// The user with the fields that only they may see.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Me {
    #[serde(flatten)]
    user: Person,
    /// The colour scheme: `auto`, `light` or `dark`.
    theme: String,
    /// The language of the interface: `auto`, `en`, `de` or `ar`.
    language: String,
    /// The time zone: `auto`, or an IANA name such as `Europe/Berlin`.
    time_zone: String,
    /// Whom the user lets add them to groups.
    addable_by: AddableBy,
    /// Whether the user administers the installation.
    is_admin: bool,
}

impl Me {
    /// All preferences have a path of their own.
    fn new(user: Person, preferences: Preferences, is_admin: bool) -> Self {
        let Preferences { theme, language, time_zone, addable_by, .. } = preferences;
        Self { user, theme, language, time_zone, addable_by, is_admin }
    }
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
    #[schema(value_type = Option<u8>, maximum = 7)]
    hue: Option<Option<u8>>,
    /// `auto`, `light` or `dark`.
    theme: Option<String>,
    /// Language code, or `auto`.
    language: Option<String>,
    /// IANA name of the time zone, or `auto`.
    time_zone: Option<String>,
    /// Whom the user lets add them to groups.
    addable_by: Option<AddableBy>,
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
    Answer(Me::new(identity.person, identity.preferences, identity.is_admin))
}

#[utoipa::path(
    patch, path = "/api/me", tag = "accounts",
    request_body = UpdateMe,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Me, description = "The user after the change; open pages of others show it at once"),
        (status = 401, body = ApiError, description = "Not signed in"),
        (status = 422, body = ApiError, description = "A rule is broken; the message begins with the name of the field. Nothing is changed of the names and the colour, \
            or nothing of the preferences"),
    )
)]
pub(crate) async fn change(
    State(state): State<AppState>,
    CurrentUser(identity): CurrentUser,
    Json(change): Json<UpdateMe>,
) -> Result<Answer<Me>, HttpError> {
    let (mut user, mut preferences) = (identity.person, identity.preferences);
    let UpdateMe { first_name, last_name, hue, theme, language, time_zone, addable_by } = change;
    if first_name.is_some() || last_name.is_some() || hue.is_some() {
        let change = ProfileChange { first_name, last_name, hue, picture: None };
        user = state.chat.update_profile(&user, change).await?;
    }
    if theme.is_some() || language.is_some() || time_zone.is_some() || addable_by.is_some() {
        let change =
            PreferencesChange { theme, language, time_zone, addable_by, ..PreferencesChange::default() };
        preferences = state.chat.update_preferences(&user, change).await?;
    }
    Ok(Answer(Me::new(user, preferences, identity.is_admin)))
}
