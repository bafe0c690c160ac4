//! Conversations about subjects of a product, by its service key.

use super::key_refusals::ScopeRefusals;
use crate::auth::ServiceKey;
use crate::error::HttpError;
use crate::http::extract::{Json, QueryParams};
use crate::sso::SsoProducts;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use chat::account::ExternalPerson;
use chat::store::SubjectConversation;
use chat::{ParticipantName, SubjectKind, SubjectRequest};
use protocol::{ApiError, ConversationId, ErrorCode, KeyScope, Person, Subject, SubjectField, Timestamp};
use serde::{Deserialize, Serialize};

/// Maximum number of conversations in one answer.
const PAGE: usize = 100;

/// A subject with the participants of its conversation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct PutSubject {
    /// The title, one line of 1 to 120 characters.
    title: String,
    /// The http or https URL of the subject's page, at most 2,048 characters.
    #[serde(default)]
    url: Option<String>,
    /// The URL of a picture, at most 2,048 characters, at one of the `image_origins` of the kind.
    #[serde(default)]
    image: Option<String>,
    /// What else is known of the subject, in the order in which it is shown; at most 12, with a `name` of at most 40 and a `value` of at
    /// most 200 characters.
    #[serde(default)]
    fields: Vec<SubjectField>,
    /// The participants, 2 to 32, each once.
    participants: Vec<NewParticipant>,
}

/// A participant, named either by `username`, or by `issuer` and `sub`, with or without a `name`.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct NewParticipant {
    /// The username of the participant. For people of single sign-on, give `issuer` and `sub` instead: their usernames are chosen here,
    /// and one that a product expects may belong to somebody else.
    #[serde(default)]
    username: Option<String>,
    /// The `iss` of the tokens by which the participant signs in; with `sub`.
    #[serde(default)]
    issuer: Option<String>,
    /// The `sub` of the tokens by which the participant signs in; with `issuer`. Somebody who has never signed in gets an account.
    #[serde(default)]
    sub: Option<String>,
    /// The shown name that this account gets, at most 80 characters; with `issuer` and `sub`.
    #[serde(default)]
    name: Option<String>,
    /// The role of the participant, one of the kind's.
    role: String,
}

impl NewParticipant {
    fn named(self, products: &SsoProducts) -> Result<(ParticipantName, String), HttpError> {
        let invalid = |why| Err(HttpError::new(ErrorCode::Invalid, why));
        let name = match (self.username, self.issuer, self.sub, self.name) {
            (Some(username), None, None, None) => ParticipantName::Username(username),
            (None, Some(issuer), Some(subject), name) => {
                if !products.has_issuer(&issuer) {
                    return invalid("No product with this `issuer` is configured");
                }
                ParticipantName::External(ExternalPerson { issuer, subject, name, ..Default::default() })
            }
            _ => return invalid("A participant has either a `username`, or an `issuer` and a `sub`"),
        };
        Ok((name, self.role))
    }
}

/// A conversation about a subject.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ConversationAboutSubject {
    /// The id of the conversation.
    id: ConversationId,
    /// The subject, and whether its conversation is closed.
    subject: Subject,
    /// The participants.
    participants: Vec<Participant>,
    /// The time of the conversation's creation.
    created_at: Timestamp,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Participant {
    /// The participant.
    pub(super) user: Person,
    /// The role of the participant in the subject.
    pub(super) role: String,
}

impl From<SubjectConversation> for ConversationAboutSubject {
    fn from(SubjectConversation { id, subject, participants, created_at }: SubjectConversation) -> Self {
        let participants = participants.into_iter().map(|(user, role)| Participant { user, role }).collect();
        Self { id, subject, participants, created_at }
    }
}

/// The conversations about a subject.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ConversationsAboutSubject {
    /// In the order of their ids, at most 100.
    conversations: Vec<ConversationAboutSubject>,
    /// The `after` of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<ConversationId>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(crate) struct AboutSubjectQuery {
    /// The `next` of the page before; absent for the first page.
    after: Option<i64>,
}

/// The closing of the conversations about a subject.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct CloseSubject {
    /// The reason, which the participants read: one line of 1 to 280 characters.
    reason: String,
    /// The one conversation to close; absent: all of the subject.
    #[serde(default)]
    conversation_id: Option<ConversationId>,
}

/// The reopening of the conversations about a subject.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
pub(crate) struct ReopenSubject {
    /// The one conversation to reopen; absent: all of the subject.
    #[serde(default)]
    conversation_id: Option<ConversationId>,
}

/// The outcome of closing or reopening.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ChangedConversations {
    /// The number of conversations that changed; those that were so already are not counted.
    changed: usize,
}

/// The kind and the id of the subject in the path.
#[derive(Debug)]
pub(crate) struct SubjectPath {
    kind: String,
    id: String,
}

impl<S: Send + Sync> FromRequestParts<S> for SubjectPath {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((kind, id)) = path.map_err(|_| HttpError::from(ErrorCode::Malformed))?;
        Ok(Self { kind, id })
    }
}

/// The configured kind of this word.
fn kind<'a>(state: &'a AppState, path: &SubjectPath) -> Result<&'a SubjectKind, HttpError> {
    let unknown = || HttpError::new(ErrorCode::NotFound, "There is no such kind of subject");
    state.chat.subject_kinds().iter().find(|kind| kind.kind() == path.kind).ok_or_else(unknown)
}

#[utoipa::path(
    put, path = "/api/subjects/{kind}/{subject}/conversation", tag = "subjects",
    params(
        ("kind" = String, Path, description = "A configured kind"),
        ("subject" = String, Path, description = "The product's id of the subject: 1 to 200 visible characters, no space and no slash"),
    ),
    request_body = PutSubject,
    security(("service_key" = [])),
    responses(
        (status = 201, body = ConversationAboutSubject, description = "Created; it is in the lists of all participants"),
        (status = 200, body = ConversationAboutSubject, description = "The conversation existed. Another title, url, image or other fields \
            were taken over: one `rev`, whose system message has the subject"),
        ScopeRefusals,
        (status = 403, body = ApiError, description = "The key does not have the scope `subjects`; or `suspended`: the account of a participant"),
        (status = 404, body = ApiError, description = "No such kind"),
        (status = 409, body = ApiError, description = "The kind has one conversation per subject, and that has other participants; or the \
            participants have other roles"),
        (status = 422, body = ApiError, description = "A value breaks a rule, a participant does not exist or is there twice, or a role is \
            none of the kind"),
    )
)]
pub(crate) async fn put(
    State(state): State<AppState>,
    key: ServiceKey,
    path: SubjectPath,
    Json(body): Json<PutSubject>,
) -> Result<(StatusCode, Answer<ConversationAboutSubject>), HttpError> {
    key.require(KeyScope::Subjects)?;
    let kind = kind(&state, &path)?;
    let PutSubject { title, url, image, fields, participants } = body;
    let participants = participants.into_iter().map(|one| one.named(&state.sso)).collect::<Result<_, _>>()?;
    let request = SubjectRequest { title, url, image, fields, participants };
    let (conversation, created) = state.chat.open_subject(&key.0, kind, &path.id, request).await?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Answer(conversation.into())))
}

#[utoipa::path(
    get, path = "/api/subjects/{kind}/{subject}/conversation", tag = "subjects",
    params(
        ("kind" = String, Path, description = "A configured kind"),
        ("subject" = String, Path, description = "The product's id of the subject"),
        AboutSubjectQuery,
    ),
    security(("service_key" = [])),
    responses(
        (status = 200, body = ConversationsAboutSubject, description = "The conversations about the subject: one, or one for each set of people"),
        ScopeRefusals,
        (status = 404, body = ApiError, description = "No such kind, or no conversation about the subject"),
    )
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    key: ServiceKey,
    path: SubjectPath,
    QueryParams(query): QueryParams<AboutSubjectQuery>,
) -> Result<Answer<ConversationsAboutSubject>, HttpError> {
    key.require(KeyScope::Subjects)?;
    let kind = kind(&state, &path)?;
    let after = ConversationId(query.after.unwrap_or(0));
    let mut found = state.chat.subject_conversations(kind, &path.id, after, PAGE + 1).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().map(|last| last.id).filter(|_| more);
    let conversations = found.into_iter().map(Into::into).collect();
    Ok(Answer(ConversationsAboutSubject { conversations, next }))
}

#[utoipa::path(
    post, path = "/api/subjects/{kind}/{subject}/conversation/close", tag = "subjects",
    params(
        ("kind" = String, Path, description = "A configured kind"),
        ("subject" = String, Path, description = "The product's id of the subject"),
    ),
    request_body = CloseSubject,
    security(("service_key" = [])),
    responses(
        (status = 200, body = ChangedConversations, description = "The conversations about the subject are closed for this reason: they can be \
            read, and nobody can write"),
        ScopeRefusals,
        (status = 404, body = ApiError, description = "No such kind, or no such conversation about the subject"),
        (status = 422, body = ApiError, description = "The reason breaks a rule"),
    )
)]
pub(crate) async fn close(
    State(state): State<AppState>,
    key: ServiceKey,
    path: SubjectPath,
    Json(body): Json<CloseSubject>,
) -> Result<Answer<ChangedConversations>, HttpError> {
    key.require(KeyScope::Subjects)?;
    let kind = kind(&state, &path)?;
    let CloseSubject { reason, conversation_id } = body;
    let changed = state.chat.close_subject(&key.0, kind, &path.id, conversation_id, &reason).await?;
    Ok(Answer(ChangedConversations { changed }))
}

#[utoipa::path(
    post, path = "/api/subjects/{kind}/{subject}/conversation/reopen", tag = "subjects",
    params(
        ("kind" = String, Path, description = "A configured kind"),
        ("subject" = String, Path, description = "The product's id of the subject"),
    ),
    request_body = Option<ReopenSubject>,
    security(("service_key" = [])),
    responses(
        (status = 200, body = ChangedConversations, description = "The conversations about the subject are open"),
        ScopeRefusals,
        (status = 404, body = ApiError, description = "No such kind, or no such conversation about the subject"),
    )
)]
pub(crate) async fn reopen(
    State(state): State<AppState>,
    key: ServiceKey,
    path: SubjectPath,
    body: Option<Json<ReopenSubject>>,
) -> Result<Answer<ChangedConversations>, HttpError> {
    key.require(KeyScope::Subjects)?;
    let kind = kind(&state, &path)?;
    let only = body.unwrap_or(Json(ReopenSubject::default())).0.conversation_id;
    let changed = state.chat.reopen_subject(&key.0, kind, &path.id, only).await?;
    Ok(Answer(ChangedConversations { changed }))
}
