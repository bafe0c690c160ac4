//! Form of the notifications.

use super::{redirect, reject_other_user};
use crate::auth::MaybeUser;
use crate::error::HttpError;
use crate::http::extract::FormFields;
use crate::http::flash;
use crate::state::AppState;
use app::server_pages::{Flash, Form};
use axum::extract::State;
use axum::response::Response;
use protocol::{ErrorCode, Timestamp};
use tower_sessions::Session;

const PAGE: &str = "/notifications";

/// Marks notifications as read. Fields: `up_to` (the time of the newest one that the page showed; empty: all), `me`.
pub(crate) async fn read(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect("/sign-in?next=/notifications") };
    if let Some(flash) = reject_other_user(&fields, &user, Form::ReadNotifications, PAGE) {
        flash::set(&session, &flash).await;
        return redirect(PAGE);
    }
    let read = async {
        let up_to = match fields.get("up_to") {
            "" => None,
            text => Some(Timestamp::parse(text).ok_or_else(|| HttpError::from(ErrorCode::Malformed))?),
        };
        Ok::<_, HttpError>(state.chat.read_notifications(&user.person, up_to).await?)
    };
    if let Err(HttpError(why)) = read.await {
        flash::set(&session, &Flash::refused(Form::ReadNotifications, PAGE, why)).await;
    }
    redirect(PAGE)
}
