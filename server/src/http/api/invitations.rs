//! Invitations to groups: those of the user, and links.

use crate::auth::CurrentUser;
use crate::error::HttpError;
use crate::http::extract::{ConversationPath, Json, NoFields};
use crate::http::idempotency_key::IdempotencyKey;
use crate::http::invitation_link::{self, LinkUrl};
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chat::LinkSettings;
use chat::store::{LinkKey, TokenHash};
use protocol::{
    ApiError, ClientId, Conversation, ErrorCode, Invitation, InvitationId, InvitationLink, InvitationLinkId,
};
use serde::{Deserialize, Serialize};

/// Request to make a link.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
pub(crate) struct CreateLink {
    /// Lifetime in seconds, 1 to 31,536,000 (365 days); 604,800 (7 days) by default.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 31_536_000)]
    expires_in: Option<i64>,
    /// Number of people who can join by it, 1 to 500; any number by default.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 500)]
    uses: Option<i64>,
    /// An id that the client makes once per request (UUIDv7): a repeat gives the same link.
    #[serde(default)]
    client_id: Option<ClientId>,
}

/// A link that was made. Only this answer contains its token.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CreatedLink {
    /// The token: whoever has it can join.
    token: String,
    /// The address of the page by which people join.
    url: String,
    #[serde(flatten)]
    link: InvitationLink,
}

/// The links of a group that have not ended.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Links {
    /// The newest first.
    invitations: Vec<InvitationLink>,
}

/// Invitations that wait for the user's answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Invitations {
    /// The newest first.
    invitations: Vec<Invitation>,
}

/// An invitation in a path: an id, or the token of a link. A token is longer than every id.
#[derive(Debug)]
enum Named {
    Id(i64),
    Token(String),
}

impl Named {
    fn of(text: String) -> Self {
        match text.parse() {
            Ok(id) if text.len() < 20 => Self::Id(id),
            _ => Self::Token(text),
        }
    }
}

#[utoipa::path(
    get, path = "/api/conversations/{id}/invitations", tag = "invitations",
    params(("id" = i64, Path, description = "Id of the group")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Links, description = "The links of the group that have not ended, without their tokens"),
        (status = 403, body = ApiError, description = "The user is neither owner nor moderator"),
        (status = 404, body = ApiError, description = "The conversation does not exist for this person"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn links(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
) -> Result<Answer<Links>, HttpError> {
    Ok(Answer(Links { invitations: state.chat.links(user.person(), id).await? }))
}

#[utoipa::path(
    post, path = "/api/conversations/{id}/invitations", tag = "invitations",
    params(("id" = i64, Path, description = "Id of the group"), IdempotencyKey),
    request_body = Option<CreateLink>,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, body = CreatedLink, description = "Made. The token is shown only here, and to a repeat with the same `client_id`"),
        (status = 403, body = ApiError, description = "The user is neither owner nor moderator, or the conversation is direct"),
        (status = 404, body = ApiError, description = "The conversation does not exist for this person; or a repeat, and the link has ended since"),
        (status = 409, body = ApiError, description = "The group has 100 links already, or the `client_id` was used for another request"),
        (status = 422, body = ApiError, description = "A value is outside its range"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn create_link(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    headers: HeaderMap,
    key: IdempotencyKey,
    body: Option<Json<CreateLink>>,
) -> Result<(StatusCode, Answer<CreatedLink>), HttpError> {
    let CreateLink { expires_in, uses, client_id } = body.map(|Json(body)| body).unwrap_or_default();
    let settings = LinkSettings { expires_in, uses, client_id: key.or_of(client_id) };
    let made = state.chat.create_link(user.person(), id, settings).await?;
    let LinkUrl(url) = LinkUrl::of(&state, &headers, &made.token);
    Ok((StatusCode::CREATED, Answer(CreatedLink { token: made.token, url, link: made.link })))
}

#[utoipa::path(
    delete, path = "/api/conversations/{id}/invitations/{invitation}", tag = "invitations",
    params(
        ("id" = i64, Path, description = "Id of the group"),
        ("invitation" = String, Path, description = "Id or token of the link"),
    ),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "Revoked: nobody can join by it any more"),
        (status = 403, body = ApiError, description = "The user is neither owner nor moderator"),
        (status = 404, body = ApiError, description = "The group does not exist for this person, or has no such link"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn revoke_link(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    Path((_, invitation)): Path<(String, String)>,
) -> Result<StatusCode, HttpError> {
    let key = match Named::of(invitation) {
        Named::Id(id) => LinkKey::Id(InvitationLinkId(id)),
        Named::Token(token) => LinkKey::Token(TokenHash::of(&token)),
    };
    state.chat.revoke_link(user.person(), id, key).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    get, path = "/api/invitations", tag = "invitations",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Invitations, description = "The invitations of the user that wait for an answer"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    user: CurrentUser,
) -> Result<Answer<Invitations>, HttpError> {
    Ok(Answer(Invitations { invitations: state.chat.invitations(user.person()).await? }))
}

#[utoipa::path(
    post, path = "/api/invitations/{invitation}/accept", tag = "invitations",
    params(("invitation" = String, Path, description = "Id of an invitation of the user, or token of a link")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Conversation, description = "The user is a member of the group. Who was one already spends no use of a link, and a repeat changes nothing"),
        (status = 404, body = ApiError, description = "Nobody can join by it, or this person cannot: it never existed, \
            expired, is spent or revoked, or the group is full or removed this person. The answer is the same for all of these"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn accept(
    State(state): State<AppState>,
    user: CurrentUser,
    Path(invitation): Path<String>,
    _: Option<Json<NoFields>>,
) -> Result<Answer<Conversation>, HttpError> {
    let id = match Named::of(invitation) {
        Named::Id(id) => state.chat.accept_invitation(user.person(), InvitationId(id)).await?,
        Named::Token(token) => state.chat.join_by_link(user.person(), &token).await?,
    };
    Ok(Answer(state.chat.conversation(user.person(), id).await?))
}

#[utoipa::path(
    delete, path = "/api/invitations/{invitation}", tag = "invitations",
    params(("invitation" = i64, Path, description = "Id of an invitation of the user")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "Declined, or was so already. Nobody is told"),
        (status = 404, body = ApiError, description = "The user has no such invitation"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn decline(
    State(state): State<AppState>,
    user: CurrentUser,
    Path(invitation): Path<String>,
) -> Result<StatusCode, HttpError> {
    let Named::Id(id) = Named::of(invitation) else { return Err(ErrorCode::NotFound.into()) };
    state.chat.decline_invitation(user.person(), InvitationId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    get, path = "/api/invitations/{invitation}/qr", tag = "invitations",
    params(("invitation" = String, Path, description = "Token of a link")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, content_type = "image/svg+xml", body = String, description = "The address of the link as a QR code"),
        (status = 404, body = ApiError, description = "The user is neither owner nor moderator of a group with this link"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn qr_code(
    State(state): State<AppState>,
    user: CurrentUser,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    state.chat.may_show_link(user.person(), &token).await?;
    let image = invitation_link::qr_code(&LinkUrl::of(&state, &headers, &token))?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], image).into_response())
}
