//! Administration of people.

use super::{MAX_PAGE, PAGE, number};
use crate::auth::ServiceKey;
use crate::error::HttpError;
use crate::http::api::key_refusals::ScopeRefusals;
use crate::http::api::messages::page_size;
use crate::http::extract::{Json, NoFields, QueryParams};
use crate::http::idempotency_key::IdempotencyKey;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chat::account::{Registration, broken_password_rule};
use chat::store::{Account, ManagedPerson, ProfileChange};
use protocol::{ApiError, ErrorCode, KeyScope, Person, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// An account, as administrators see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct AdminPerson {
    /// The person, as everybody sees them.
    user: Person,
    /// Whether this is the administrator: the first person's account.
    is_admin: bool,
    /// The time of its creation.
    created_at: Timestamp,
    /// The identity by which the person signs in from a product; absent without single sign-on.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<AdminIdentity>,
}

/// An identity of single sign-on.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct AdminIdentity {
    /// The `iss` of the person's tokens.
    issuer: String,
    /// The `sub` of the person's tokens.
    sub: String,
}

impl From<ManagedPerson> for AdminPerson {
    fn from(person: ManagedPerson) -> Self {
        let ManagedPerson { user, is_admin, created_at, identity } = person;
        let identity = identity.map(|(issuer, sub)| AdminIdentity { issuer, sub });
        Self { user, is_admin, created_at, identity }
    }
}

/// A page of all people.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct AdminPeople {
    /// The accounts, by id.
    people: Vec<AdminPerson>,
    /// The `after` of the next page; absent: this is the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<UserId>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(crate) struct PeopleQuery {
    /// Only the account with this username, without regard to case.
    username: Option<String>,
    /// Only those with an id above this one: the `next` of the page before.
    after: Option<i64>,
    /// Length of the page, 1 to 200; 50 by default.
    limit: Option<i64>,
}

/// An account to create.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct NewPerson {
    /// 3 to 32 characters of `a` to `z`, digits, `_`, `.` and `-`; unique without regard to case.
    username: String,
    /// 8 to 1,024 bytes.
    password: String,
    /// At most 80 characters; empty by default.
    #[serde(default)]
    first_name: String,
    /// At most 80 characters; empty by default.
    #[serde(default)]
    last_name: String,
}

/// Changes of an account. Absent fields stay as they are.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct ChangePerson {
    /// At most 80 characters.
    #[serde(default)]
    first_name: Option<String>,
    /// At most 80 characters.
    #[serde(default)]
    last_name: Option<String>,
    /// A new password, 8 to 1,024 bytes, which ends all sign-ins.
    #[serde(default)]
    password: Option<String>,
    /// True suspends the account, which ends all sign-ins; false lifts the suspension.
    #[serde(default)]
    suspended: Option<bool>,
}

#[utoipa::path(
    get, path = "/api/admin/people", tag = "admin",
    params(PeopleQuery),
    security(("service_key" = [])),
    responses(
        (status = 200, body = AdminPeople, description = "A page of all people, suspended ones and bots included"),
        ScopeRefusals,
        (status = 422, body = ApiError, description = "`limit` is outside its range"),
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    key: ServiceKey,
    QueryParams(query): QueryParams<PeopleQuery>,
) -> Result<Answer<AdminPeople>, HttpError> {
    key.require(KeyScope::Admin)?;
    let limit = page_size(query.limit, PAGE, MAX_PAGE)?;
    if let Some(username) = query.username {
        let found = state.chat.accounts().find(&username).await?;
        let people = match found {
            Some(account) => vec![managed(&state, account.person.id).await?],
            None => Vec::new(),
        };
        return Ok(Answer(AdminPeople { people, next: None }));
    }
    // One more than the page says whether another page follows.
    let mut people = state.chat.managed_people(UserId(query.after.unwrap_or(0)), limit + 1).await?;
    let more = people.len() > limit;
    people.truncate(limit);
    let next = people.last().filter(|_| more).map(|person| person.user.id);
    Ok(Answer(AdminPeople { people: people.into_iter().map(AdminPerson::from).collect(), next }))
}

#[utoipa::path(
    post, path = "/api/admin/people", tag = "admin",
    params(IdempotencyKey),
    request_body = NewPerson,
    security(("service_key" = [])),
    responses(
        (status = 201, body = AdminPerson, description = "The account; also for a repeat with the same key and body within 24 hours"),
        ScopeRefusals,
        (status = 409, body = ApiError, description = "The name is taken"),
        (status = 422, body = ApiError, description = "A value breaks a rule"),
    )
)]
pub(crate) async fn add(
    State(state): State<AppState>,
    key: ServiceKey,
    request: IdempotencyKey,
    Json(body): Json<NewPerson>,
) -> Result<(StatusCode, Answer<AdminPerson>), HttpError> {
    key.require(KeyScope::Admin)?;
    let accounts = state.chat.accounts();
    let NewPerson { username, password, first_name, last_name } = body;
    let registration = Registration { username, password, first_name, last_name };
    let Some(request) = request.or_of(None) else {
        let made = accounts.register(registration).await;
        return created(&state, &key, made).await;
    };
    if let Some(account) = accounts.registered_by(&registration, request).await?
        && accounts.has_password(&account, &registration.password).await?
    {
        return Ok((StatusCode::CREATED, Answer(managed(&state, account.person.id).await?)));
    }
    let made = accounts.register_by(registration, request).await;
    created(&state, &key, made).await
}

#[utoipa::path(
    get, path = "/api/admin/people/{user}", tag = "admin",
    params(("user" = i64, Path, description = "Id of the person")),
    security(("service_key" = [])),
    responses(
        (status = 200, body = AdminPerson, description = "The account"),
        ScopeRefusals,
        (status = 404, body = ApiError, description = "There is no such account"),
    )
)]
pub(crate) async fn one(
    State(state): State<AppState>,
    key: ServiceKey,
    Path(user): Path<String>,
) -> Result<Answer<AdminPerson>, HttpError> {
    key.require(KeyScope::Admin)?;
    Ok(Answer(managed(&state, UserId(number(&user)?)).await?))
}

#[utoipa::path(
    patch, path = "/api/admin/people/{user}", tag = "admin",
    params(("user" = i64, Path, description = "Id of the person")),
    request_body = ChangePerson,
    security(("service_key" = [])),
    responses(
        (status = 200, body = AdminPerson, description = "The account with the changes, which apply to open connections within two seconds"),
        ScopeRefusals,
        (status = 404, body = ApiError, description = "There is no such account"),
        (status = 422, body = ApiError, description = "A value breaks a rule; nothing is changed"),
    )
)]
pub(crate) async fn change(
    State(state): State<AppState>,
    key: ServiceKey,
    Path(user): Path<String>,
    Json(body): Json<ChangePerson>,
) -> Result<Answer<AdminPerson>, HttpError> {
    key.require(KeyScope::Admin)?;
    let user = UserId(number(&user)?);
    let changed = apply(&state, user, body).await;
    state.chat.note_administration(key.0.id, Some(user), &changed);
    changed?;
    Ok(Answer(managed(&state, user).await?))
}

#[utoipa::path(
    delete, path = "/api/admin/people/{user}/sessions", tag = "admin",
    params(("user" = i64, Path, description = "Id of the person")),
    security(("service_key" = [])),
    responses(
        (status = 204, description = "All sign-ins of the person have ended, in browsers and of programs"),
        ScopeRefusals,
        (status = 404, body = ApiError, description = "There is no such account"),
    )
)]
pub(crate) async fn end_sign_ins(
    State(state): State<AppState>,
    key: ServiceKey,
    Path(user): Path<String>,
) -> Result<StatusCode, HttpError> {
    key.require(KeyScope::Admin)?;
    let user = state.chat.managed_person(UserId(number(&user)?)).await?.user.id;
    let ended = state.chat.accounts().sign_out_everywhere(user).await;
    state.chat.note_administration(key.0.id, Some(user), &ended);
    ended?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    post, path = "/api/admin/people/{user}/unlock", tag = "admin",
    params(("user" = i64, Path, description = "Id of the person")),
    security(("service_key" = [])),
    responses(
        (status = 204, description = "The rate limits of sign-ins as this account after wrong passwords are lifted, on all nodes. A repeat \
            lifts those of wrong passwords since"),
        ScopeRefusals,
        (status = 404, body = ApiError, description = "There is no such account"),
    )
)]
pub(crate) async fn unlock(
    State(state): State<AppState>,
    key: ServiceKey,
    Path(user): Path<String>,
    _: Option<Json<NoFields>>,
) -> Result<StatusCode, HttpError> {
    key.require(KeyScope::Admin)?;
    let user = state.chat.managed_person(UserId(number(&user)?)).await?.user;
    let unlocked = state.chat.accounts().unlock(&user.username).await;
    state.chat.note_administration(key.0.id, Some(user.id), &unlocked);
    unlocked?;
    Ok(StatusCode::NO_CONTENT)
}

async fn managed(state: &AppState, user: UserId) -> Result<AdminPerson, HttpError> {
    Ok(state.chat.managed_person(user).await?.into())
}

async fn created(
    state: &AppState,
    key: &ServiceKey,
    made: chat::Result<Account>,
) -> Result<(StatusCode, Answer<AdminPerson>), HttpError> {
    let user = made.as_ref().ok().map(|account| account.person.id);
    state.chat.note_administration(key.0.id, user, &made);
    Ok((StatusCode::CREATED, Answer(managed(state, made?.person.id).await?)))
}

/// Makes the changes. What can be refused is checked before the first one.
async fn apply(state: &AppState, user: UserId, change: ChangePerson) -> chat::Result<()> {
    let accounts = state.chat.accounts();
    let person = state.chat.managed_person(user).await?.user;
    let ChangePerson { first_name, last_name, password, suspended } = change;
    if let Some(password) = &password {
        if let Some(rule) = broken_password_rule(password) {
            return Err(rule.into());
        }
        if person.bot {
            return Err(protocol::ErrorBody::because(ErrorCode::Forbidden, "A bot has no password").into());
        }
    }
    if first_name.is_some() || last_name.is_some() {
        let profile = ProfileChange { first_name, last_name, ..ProfileChange::default() };
        accounts.change_profile(user, profile).await?;
    }
    if let Some(password) = password {
        accounts.reset_password(&person.username, &password).await?;
    }
    if let Some(suspended) = suspended {
        accounts.suspend(&person.username, suspended).await?;
    }
    Ok(())
}
