//! Form of the user's own state of a conversation: mute, archive, pin, mark as unread.

use super::is_other_user;
use super::redirects::{redirect_to_page, sign_in_before_details};
use crate::auth::MaybeUser;
use crate::error::HttpError;
use crate::http::extract::{ConversationPath, FormFields};
use crate::state::AppState;
use app::server_pages::Form;
use axum::extract::State;
use axum::response::Response;
use chat::{Clock as _, SystemClock};
use protocol::limits::MUTED_FOREVER;
use protocol::{ErrorCode, MembershipChange, NotificationLevel, Timestamp};
use tower_sessions::Session;

/// Longest time of a muting with an end, in seconds: a year.
const LONGEST: i64 = 365 * 24 * 60 * 60;

/// Changes the user's own state of a conversation. Fields, each of which may be absent: `mute` (seconds, `forever` or `off`),
/// `archived` and `unread` (`true` or `false`), `pinned` (a place from 1, or `none`), `notify` (a level), `me`.
pub(crate) async fn change_own(
    State(state): State<AppState>,
    ConversationPath(id): ConversationPath,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return sign_in_before_details(id) };
    let changed = async {
        if is_other_user(&fields, &user.person) {
            return Err(HttpError::from(ErrorCode::NotAuthenticated));
        }
        let change = change(&fields, SystemClock.now())?;
        Ok(state.chat.update_membership(&user.person, id, change).await?)
    };
    redirect_to_page(&session, id, "?details", (Form::Message, Vec::new()), changed.await).await
}

fn change(fields: &FormFields, now: Timestamp) -> Result<MembershipChange, HttpError> {
    let muted_until = match fields.get("mute") {
        "" => None,
        "off" => Some(None),
        "forever" => Some(Some(Timestamp(MUTED_FOREVER))),
        seconds => {
            let seconds = seconds.parse().ok().filter(|seconds| (1..=LONGEST).contains(seconds));
            let seconds: i64 = seconds.ok_or_else(|| HttpError::from(ErrorCode::Invalid))?;
            Some(Some(Timestamp(now.0 + seconds * 1_000_000)))
        }
    };
    let pinned = match fields.get("pinned") {
        "" => None,
        "none" => Some(None),
        place => Some(Some(place.parse().map_err(|_| HttpError::from(ErrorCode::Invalid))?)),
    };
    let (archived, unread) = (flag(fields, "archived")?, flag(fields, "unread")?);
    let notify = match fields.get("notify") {
        "" => None,
        name => {
            let known = NotificationLevel::ALL.into_iter().find(|level| level.name() == name);
            Some(known.ok_or_else(|| HttpError::from(ErrorCode::Invalid))?)
        }
    };
    Ok(MembershipChange { muted_until, archived, pinned, unread, draft: None, notify })
}

fn flag(fields: &FormFields, name: &str) -> Result<Option<bool>, HttpError> {
    match fields.get(name) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| HttpError::from(ErrorCode::Invalid)),
    }
}
