//! Forms of invitations: answer one; make and revoke links of a group.

use super::fields::{LINK, typed};
use super::redirects::redirect_to_page;
use super::{is_other_user, parse_optional, redirect, request_id, truncate, with_next};
use crate::auth::MaybeUser;
use crate::error::HttpError;
use crate::http::extract::{ConversationPath, FormFields};
use crate::http::flash;
use crate::http::idempotency_key::IdempotencyKey;
use crate::http::invitation_link::LinkUrl;
use crate::http::pages;
use crate::state::AppState;
use app::server_pages::{CreatedLink, Flash, Form};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use chat::LinkSettings;
use chat::account::Identity;
use chat::store::LinkKey;
use protocol::{ConversationId, ErrorBody, ErrorCode, InvitationId, InvitationLinkId, Person};
use tower_sessions::Session;

/// The page of the user's invitations.
const PAGE: &str = "/invitations";

/// Accepts an invitation, and shows the group. Field: `me`.
pub(crate) async fn accept_invitation(
    State(state): State<AppState>,
    Path(invitation): Path<String>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect(&with_next("/sign-in", PAGE)) };
    let accepted = async {
        let id = invitation_id(&fields, &user, &invitation)?;
        Ok::<_, HttpError>(state.chat.accept_invitation(&user.person, id).await?)
    };
    match accepted.await {
        Ok(group) => redirect(&format!("/c/{group}")),
        Err(HttpError(why)) => refuse(&session, PAGE, why).await,
    }
}

/// Declines an invitation. Field: `me`.
pub(crate) async fn decline_invitation(
    State(state): State<AppState>,
    Path(invitation): Path<String>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect(&with_next("/sign-in", PAGE)) };
    let declined = async {
        let id = invitation_id(&fields, &user, &invitation)?;
        Ok::<_, HttpError>(state.chat.decline_invitation(&user.person, id).await?)
    };
    match declined.await {
        Ok(()) => redirect(PAGE),
        Err(HttpError(why)) => refuse(&session, PAGE, why).await,
    }
}

fn invitation_id(fields: &FormFields, user: &Identity, id: &str) -> Result<InvitationId, HttpError> {
    if is_other_user(fields, &user.person) {
        return Err(ErrorCode::NotAuthenticated.into());
    }
    id.parse().map_err(|_| ErrorCode::NotFound.into())
}

/// Makes a link, and answers with the page that shows it: the token is stored nowhere. Fields: `expires_in` in seconds, `uses`,
/// `client_id`, `me`.
pub(crate) async fn create_link(
    State(state): State<AppState>,
    ConversationPath(id): ConversationPath,
    MaybeUser(user): MaybeUser,
    session: Session,
    headers: HeaderMap,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect(&with_next("/sign-in", &format!("/c/{id}?details"))) };
    let created = async {
        let (expires_in, uses) = (fields.get("expires_in"), fields.get("uses"));
        let client_id = request_id(&fields, &user.person)?
            .map(|form| IdempotencyKey::of_form(form, &format!("link {expires_in} {uses}")));
        let (expires_in, uses) = (parse_optional(expires_in)?, parse_optional(uses)?);
        let settings = LinkSettings { expires_in, uses, client_id };
        let made = state.chat.create_link(&user.person, id, settings).await?;
        let url = LinkUrl::of(&state, &headers, &made.token);
        Ok(CreatedLink { conversation: id, url: url.0, token: made.token, link: made.link })
    };
    match created.await {
        Ok(created) => pages::created_link_page(&state, &headers, &user, created),
        Err(error) => refuse_in_group(&session, id, typed(&fields, LINK), error).await,
    }
}

/// Revokes a link. Fields: `link` (its id), `me`.
pub(crate) async fn revoke_link(
    State(state): State<AppState>,
    ConversationPath(id): ConversationPath,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect(&with_next("/sign-in", &format!("/c/{id}?details"))) };
    let revoked = async {
        if is_other_user(&fields, &user.person) {
            return Err(HttpError::from(ErrorCode::NotAuthenticated));
        }
        let link: InvitationLinkId =
            fields.get("link").parse().map_err(|_| HttpError::from(ErrorCode::Malformed))?;
        Ok(state.chat.revoke_link(&user.person, id, LinkKey::Id(link)).await?)
    };
    match revoked.await {
        Ok(()) => redirect(&format!("/c/{id}?details")),
        Err(error) => refuse_in_group(&session, id, Vec::new(), error).await,
    }
}

/// Lets the page of the group say who was invited in place of becoming a member.
pub(super) async fn note_invited(session: &Session, id: ConversationId, invited: &[Person]) {
    if !invited.is_empty() {
        let names = invited.iter().map(Person::display_name).collect::<Vec<_>>().join(", ");
        let flash = Flash::done(Form::Invitation, &format!("/c/{id}"));
        flash::set(session, &flash.typed([("invited", truncate(&names))])).await;
    }
}

/// Shows the refusal in the group, or answers 404 where the group does not exist for this person.
async fn refuse_in_group(
    session: &Session,
    id: ConversationId,
    typed: Vec<(&str, String)>,
    error: HttpError,
) -> Response {
    redirect_to_page(session, id, "?details", (Form::Invitation, typed), Err(error)).await
}

async fn refuse(session: &Session, page: &str, why: ErrorBody) -> Response {
    flash::set(session, &Flash::refused(Form::Invitation, page, why)).await;
    redirect(page)
}
