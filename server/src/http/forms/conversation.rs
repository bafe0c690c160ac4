//! Forms of conversations: open one, send a message, mark as read.

use super::invitations::note_invited;
use super::redirects::{redirect_to_page, sign_in_first, sign_in_path};
use super::{is_other_user, parse_optional, redirect, reject_other_user, truncate, with_next};
use crate::auth::MaybeUser;
use crate::error::HttpError;
use crate::http::extract::{ConversationPath, FormFields};
use crate::http::flash;
use crate::http::rejected_form;
use crate::state::AppState;
use app::server_pages::{Flash, Form};
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use chat::OpenedConversation;
use protocol::{ClientId, ConversationId, ErrorBody, ErrorCode, UserId};
use tower_sessions::Session;

/// Opens a conversation. Fields: `participants` (repeated, or separated by commas), `title`, `client_id`, `me`. The form shows a
/// rejected title again.
pub(crate) async fn open_conversation(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let names = fields.all("participants").flat_map(|list| list.split([',', ' ']));
    let names: Vec<String> = names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let Some(user) = user else { return redirect(&with_next("/sign-in", &form_address(&names))) };
    if let Some(flash) = reject_other_user(&fields, &user, Form::Conversation, "/new") {
        flash::set(&session, &flash).await;
        return redirect("/new");
    }
    let title = Some(fields.get("title").trim()).filter(|title| !title.is_empty());
    let opened = async {
        let client_id = parse_optional(fields.get("client_id"))?;
        Ok::<_, HttpError>(state.chat.open_conversation_once(&user.person, &names, title, client_id).await?)
    };
    match opened.await {
        Ok(OpenedConversation { conversation, invited, .. }) => {
            note_invited(&session, conversation.id, &invited).await;
            redirect(&format!("/c/{}", conversation.id))
        }
        Err(HttpError(why)) => {
            // An id in use by another conversation would be rejected again.
            let client_id = if why.code == ErrorCode::IdConflict { "" } else { fields.get("client_id") };
            let typed = [("title", fields.get("title")), ("client_id", client_id)];
            let typed = typed.map(|(field, text)| (field, truncate(text)));
            let flash = Flash::refused(Form::Conversation, "/new", why).typed(typed);
            flash::set(&session, &flash).await;
            redirect(&form_address(&names))
        }
    }
}

/// The address of the form with these participants.
fn form_address(participants: &[String]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in participants {
        query.append_pair("participants", name);
    }
    format!("/new?{}", query.finish())
}

/// Sends a message. Fields: `content`, `client_id`, `reply_to`, `me`. The form shows a rejected message again.
pub(crate) async fn message(
    State(state): State<AppState>,
    ConversationPath(id): ConversationPath,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let content = fields.get("content");
    let me: Option<UserId> = parse_optional(fields.get("me")).unwrap_or_default();
    let client_id: Option<ClientId> = parse_optional(fields.get("client_id")).unwrap_or_default();
    let Some(user) = user else {
        return match me {
            // The browser sends the form to the sign-in page, which carries the message: a visitor may store nothing.
            Some(_) if !content.is_empty() => Redirect::temporary(&sign_in_path(id)).into_response(),
            _ => sign_in_first(id),
        };
    };
    let sent = async {
        if is_other_user(&fields, &user.person) {
            return Err(HttpError::from(ErrorCode::NotAuthenticated));
        }
        let client_id = parse_optional(fields.get("client_id"))?;
        let reply_to = parse_optional(fields.get("reply_to"))?;
        Ok(state.chat.send(&user.person, id, content, client_id, reply_to).await?)
    };
    let sent = sent.await.map(drop);
    if let Err(HttpError(ErrorBody { code, .. })) = &sent
        && !matches!(code, ErrorCode::NotFound | ErrorCode::EmptyMessage)
    {
        let me = me.unwrap_or(user.person.id);
        let _ = rejected_form::store(&session, me, id, content, client_id, *code).await;
    }
    redirect_to_conversation(&session, id, sent).await
}

/// Marks the conversation as read, up to the newest message. Field: `me`.
pub(crate) async fn read(
    State(state): State<AppState>,
    ConversationPath(id): ConversationPath,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return sign_in_first(id) };
    let read = match is_other_user(&fields, &user.person) {
        true => Err(HttpError::from(ErrorCode::NotAuthenticated)),
        false => state.chat.mark_read(&user.person, id, None).await.map_err(HttpError::from),
    };
    redirect_to_conversation(&session, id, read).await
}

async fn redirect_to_conversation(
    session: &Session,
    id: ConversationId,
    done: Result<(), HttpError>,
) -> Response {
    redirect_to_page(session, id, "", (Form::Message, Vec::new()), done).await
}
