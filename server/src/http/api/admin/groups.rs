//! Administration of groups. Nothing that is said in a group is shown.

use super::{MAX_PAGE, PAGE, PageQuery, number};
use crate::auth::ServiceKey;
use crate::error::HttpError;
use crate::http::api::key_refusals::ScopeRefusals;
use crate::http::api::messages::page_size;
use crate::http::extract::{ConversationPath, Json, NoFields, QueryParams};
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::{Path, State};
use chat::store::ManagedGroup;
use protocol::{ApiError, ConversationId, KeyScope, Person, Role, Timestamp, UserId};
use serde::Serialize;

/// A group.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct AdminGroup {
    /// The conversation.
    id: ConversationId,
    /// The title; absent if it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// The number of members.
    member_count: i64,
    /// The time of its creation.
    created_at: Timestamp,
    /// The time of the newest message, or of its creation.
    active_at: Timestamp,
}

impl From<ManagedGroup> for AdminGroup {
    fn from(group: ManagedGroup) -> Self {
        let ManagedGroup { id, title, member_count, created_at, active_at } = group;
        Self { id, title, member_count, created_at, active_at }
    }
}

/// A page of all groups.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct AdminGroups {
    /// The groups, by id.
    groups: Vec<AdminGroup>,
    /// The `after` of the next page; absent: this is the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<ConversationId>,
}

/// A group with its members.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct AdminGroupDetails {
    /// The group.
    group: AdminGroup,
    /// The members, by id.
    members: Vec<AdminMember>,
}

/// A member of a group.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct AdminMember {
    /// The person.
    user: Person,
    /// The role in the group.
    role: Role,
}

/// The outcome of a change.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct AdminChanged {
    /// False: it was so already.
    changed: bool,
}

#[utoipa::path(
    get, path = "/api/admin/groups", tag = "admin",
    params(PageQuery),
    security(("service_key" = [])),
    responses(
        (status = 200, body = AdminGroups, description = "A page of all groups. Conversations about subjects are none"),
        ScopeRefusals,
        (status = 422, body = ApiError, description = "`limit` is outside its range"),
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    key: ServiceKey,
    QueryParams(query): QueryParams<PageQuery>,
) -> Result<Answer<AdminGroups>, HttpError> {
    key.require(KeyScope::Admin)?;
    let limit = page_size(query.limit, PAGE, MAX_PAGE)?;
    // One more than the page says whether another page follows.
    let mut groups = state.chat.managed_groups(ConversationId(query.after.unwrap_or(0)), limit + 1).await?;
    let more = groups.len() > limit;
    groups.truncate(limit);
    let next = groups.last().filter(|_| more).map(|group| group.id);
    Ok(Answer(AdminGroups { groups: groups.into_iter().map(AdminGroup::from).collect(), next }))
}

#[utoipa::path(
    get, path = "/api/admin/groups/{id}", tag = "admin",
    params(("id" = i64, Path, description = "Id of the group")),
    security(("service_key" = [])),
    responses(
        (status = 200, body = AdminGroupDetails, description = "The group and its members"),
        ScopeRefusals,
        (status = 404, body = ApiError, description = "There is no such group"),
    )
)]
pub(crate) async fn one(
    State(state): State<AppState>,
    key: ServiceKey,
    ConversationPath(id): ConversationPath,
) -> Result<Answer<AdminGroupDetails>, HttpError> {
    key.require(KeyScope::Admin)?;
    let (group, members) = state.chat.managed_group(id).await?;
    let members = members.into_iter().map(|(user, role)| AdminMember { user, role }).collect();
    Ok(Answer(AdminGroupDetails { group: group.into(), members }))
}

#[utoipa::path(
    put, path = "/api/admin/groups/{id}/owners/{user}", tag = "admin",
    params(("id" = i64, Path, description = "Id of the group"), ("user" = i64, Path, description = "Id of a member")),
    security(("service_key" = [])),
    responses(
        (status = 200, body = AdminChanged, description = "The member is an owner, beside the owners that the group has, for example because \
            they are suspended. A line in the group tells it"),
        ScopeRefusals,
        (status = 404, body = ApiError, description = "There is no such group, or the person is no member"),
    )
)]
pub(crate) async fn add_owner(
    State(state): State<AppState>,
    key: ServiceKey,
    ConversationPath(id): ConversationPath,
    Path((_, user)): Path<(String, String)>,
    _: Option<Json<NoFields>>,
) -> Result<Answer<AdminChanged>, HttpError> {
    key.require(KeyScope::Admin)?;
    let user = UserId(number(&user)?);
    // A conversation that is no group is not found.
    state.chat.managed_group(id).await?;
    let changed = state.chat.make_owner(id, user).await;
    state.chat.note_administration(key.0.id, Some(user), &changed);
    Ok(Answer(AdminChanged { changed: changed? }))
}
