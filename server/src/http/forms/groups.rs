//! Forms of a group: title, picture and history, members and their roles. They are in its details (`/c/{id}?details`).

use super::fields::{self, typed};
use super::invitations::note_invited;
use super::redirects::{redirect_to_page, sign_in_before_details};
use super::{redirect, request_id};
use crate::auth::MaybeUser;
use crate::error::HttpError;
use crate::http::extract::{ConversationPath, FormFields};
use crate::state::AppState;
use app::server_pages::Form;
use axum::extract::State;
use axum::response::Response;
use chat::{AddedMembers, GroupSettings};
use protocol::{ConversationId, ErrorCode, History, Role, UserId};
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as ValueError, StrDeserializer};
use tower_sessions::Session;

/// Changes title, picture or history. Fields: those of `title`, `hue`, `emoji` and `history` that are to change, `client_id`, `me`.
pub(crate) async fn update_group(
    State(state): State<AppState>,
    ConversationPath(id): ConversationPath,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return sign_in_before_details(id) };
    let changed = async {
        let given = |name: &str| fields.all(name).next().map(str::to_owned);
        let hue = given("hue").filter(|hue| !hue.is_empty());
        let hue = hue.map(|hue| hue.parse().map_err(|_| HttpError::from(ErrorCode::Malformed)));
        let history = given("history").map(|history| word::<History>(&history));
        let settings = GroupSettings {
            title: given("title"),
            hue: hue.transpose()?,
            emoji: given("emoji"),
            history: history.transpose()?,
        };
        let client_id = request_id(&fields, &user.person)?;
        Ok(state.chat.update_conversation(&user.person, id, settings, client_id).await?)
    };
    redirect_to_details(&session, id, &fields, fields::GROUP, changed.await).await
}

/// Adds people. Fields: `usernames` (repeated, or separated by commas), `client_id`, `me`.
pub(crate) async fn add_members(
    State(state): State<AppState>,
    ConversationPath(id): ConversationPath,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return sign_in_before_details(id) };
    let added = async {
        let client_id = request_id(&fields, &user.person)?;
        let names = fields.all("usernames").flat_map(|list| list.split([',', ' ']));
        let names: Vec<String> = names
            .map(|name| name.trim_start_matches('@').to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        let AddedMembers { invited, .. } =
            state.chat.add_members_by_name(&user.person, id, &names, client_id).await?;
        note_invited(&session, id, &invited).await;
        Ok(())
    };
    redirect_to_details(&session, id, &fields, fields::PEOPLE, added.await).await
}

/// Sets the role of a member. Fields: `member`, `role`, `client_id`, `me`.
pub(crate) async fn set_role(
    State(state): State<AppState>,
    ConversationPath(id): ConversationPath,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return sign_in_before_details(id) };
    let set = async {
        let client_id = request_id(&fields, &user.person)?;
        let (member, role) = (member(&fields)?, word::<Role>(fields.get("role"))?);
        Ok(state.chat.set_role(&user.person, id, member, role, client_id).await?)
    };
    redirect_to_details(&session, id, &fields, &[], set.await).await
}

/// Removes a member; oneself to leave, which leads to the list. Fields: `member`, `client_id`, `me`.
pub(crate) async fn remove_member(
    State(state): State<AppState>,
    ConversationPath(id): ConversationPath,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return sign_in_before_details(id) };
    let removed = async {
        let client_id = request_id(&fields, &user.person)?;
        let member = member(&fields)?;
        state.chat.remove_member(&user.person, id, member, client_id).await?;
        Ok(member)
    };
    match removed.await {
        Ok(member) if member == user.person.id => redirect("/"),
        removed => redirect_to_details(&session, id, &fields, &[], removed.map(drop)).await,
    }
}

fn member(fields: &FormFields) -> Result<UserId, HttpError> {
    fields.get("member").parse().map_err(|_| ErrorCode::Malformed.into())
}

/// A value of the protocol from its word, such as `moderator`.
fn word<'de, T: serde::Deserialize<'de>>(text: &'de str) -> Result<T, HttpError> {
    let word: StrDeserializer<'_, ValueError> = text.into_deserializer();
    T::deserialize(word).map_err(|_| ErrorCode::Malformed.into())
}

/// Redirects to the details, which show the fields of these names again if the form was refused.
async fn redirect_to_details(
    session: &Session,
    id: ConversationId,
    sent: &FormFields,
    names: &[&str],
    done: Result<(), HttpError>,
) -> Response {
    let typed = typed(sent, names);
    redirect_to_page(session, id, "?details", (Form::Group, typed), done).await
}
