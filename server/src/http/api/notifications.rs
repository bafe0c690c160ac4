//! Notifications of the user.

use super::messages::page_size;
use crate::auth::CurrentUser;
use crate::error::HttpError;
use crate::http::extract::{Json, QueryParams};
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::{ApiError, ErrorCode, Notification, NotificationId, NotificationPage, Timestamp, limits};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NotificationsQuery {
    /// Most notifications of the page, 1 to 100; 20 by default.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// The `next` of the page before; absent for the first page.
    cursor: Option<String>,
}

/// A page of the notifications of the user.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Notifications {
    /// The notifications, newest first.
    notifications: Vec<Notification>,
    /// The number of all unread notifications, 0 to 100.
    unread: u32,
    /// The `cursor` of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<NotificationId>,
}

/// Request to mark notifications as read.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct ReadNotifications {
    /// The time of the newest notification that was seen; absent: all.
    #[serde(default)]
    up_to: Option<Timestamp>,
}

#[utoipa::path(
    get, path = "/api/notifications", tag = "notifications",
    params(NotificationsQuery),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Notifications, description = "A page of the notifications of the user, newest first: unread messages of \
            direct conversations (one notification for each, of its newest message), mentions in groups, being added to a group, new \
            roles. Without those of deleted messages and of conversations that the user left"),
        (status = 400, body = ApiError, description = "The cursor is not one of this server"),
        (status = 401, body = ApiError, description = "Not signed in"),
        (status = 422, body = ApiError, description = "`limit` is outside its range"),
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    user: CurrentUser,
    QueryParams(query): QueryParams<NotificationsQuery>,
) -> Result<Answer<Notifications>, HttpError> {
    let cursor: Option<NotificationId> = match query.cursor.as_deref().map(str::parse) {
        None => None,
        Some(Ok(cursor)) => Some(cursor),
        Some(Err(_)) => return Err(HttpError::new(ErrorCode::Malformed, "`cursor` is not a `next`")),
    };
    let limit = page_size(query.limit, limits::NOTIFICATIONS, limits::MAX_NOTIFICATIONS)?;
    let page = state.chat.notifications(user.person(), cursor, limit).await?;
    let NotificationPage { notifications, unread, next, .. } = page;
    Ok(Answer(Notifications { notifications, unread, next }))
}

/// Marks notifications as read, on all devices of the user. Those of messages also become read with their messages.
#[utoipa::path(
    post, path = "/api/notifications/read", tag = "notifications",
    request_body = ReadNotifications,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "The notifications up to that time are read"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn read(
    State(state): State<AppState>,
    user: CurrentUser,
    Json(body): Json<ReadNotifications>,
) -> Result<StatusCode, HttpError> {
    state.chat.read_notifications(user.person(), body.up_to).await?;
    Ok(StatusCode::NO_CONTENT)
}
