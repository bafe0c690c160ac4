//! Forms that close and reopen a conversation about a subject. They are in its details (`/c/{id}?details`).

use super::fields::{REASON, typed};
use super::redirects::{redirect_to_page, sign_in_before_details};
use super::request_id;
use crate::auth::MaybeUser;
use crate::http::extract::{ConversationPath, FormFields};
use crate::state::AppState;
use app::server_pages::Form;
use axum::extract::State;
use axum::response::Response;
use tower_sessions::Session;

/// Closes the conversation. Fields: `reason`, `client_id`, `me`.
pub(crate) async fn close_conversation(
    State(state): State<AppState>,
    ConversationPath(id): ConversationPath,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return sign_in_before_details(id) };
    let closed = async {
        let client_id = request_id(&fields, &user.person)?;
        Ok(state.chat.close_conversation(&user.person, id, fields.get("reason"), client_id).await?)
    };
    let typed = typed(&fields, REASON);
    redirect_to_page(&session, id, "?details", (Form::Closing, typed), closed.await).await
}

/// Opens the conversation again. Fields: `client_id`, `me`.
pub(crate) async fn reopen_conversation(
    State(state): State<AppState>,
    ConversationPath(id): ConversationPath,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return sign_in_before_details(id) };
    let reopened = async {
        let client_id = request_id(&fields, &user.person)?;
        Ok(state.chat.reopen_conversation(&user.person, id, client_id).await?)
    };
    redirect_to_page(&session, id, "?details", (Form::Closing, Vec::new()), reopened.await).await
}
