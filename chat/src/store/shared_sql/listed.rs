//! Conversations that appear in the lists of their members.

use super::dialect::{among, numbers};
use super::rows::get;
use super::{Connection, counters, list};
use crate::store::NewlyListed;
use crate::store::error::Result;
use protocol::{ConversationId, UserId};

/// Lists the conversations `$1` for the member `$2`, or for all members where that is null.
pub(super) const WRITE: &str = concat!(
    "UPDATE member SET listed = 1 WHERE conversation_id ",
    among!("$1"),
    " AND listed = 0 AND user_id = coalesce($2, user_id) RETURNING conversation_id, user_id"
);

/// Lists these conversations for `only`, or for all of their members, and returns the members in whose lists one is new, in the
/// order of `conversations`, then of the members' ids. Before the first message is inserted, it returns each conversation
/// without it.
pub(super) async fn list_for(
    c: &mut Connection,
    conversations: &[ConversationId],
    only: Option<UserId>,
) -> Result<Vec<NewlyListed>> {
    let rows = sqlx::query(WRITE)
        .bind(numbers(conversations.iter().map(|id| id.0))?)
        .bind(only.map(|user| user.0))
        .fetch_all(&mut *c)
        .await?;
    let mut members =
        rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect::<Result<Vec<(i64, i64)>>>()?;
    members.sort_unstable_by_key(|(conversation, user)| {
        (conversations.iter().position(|id| id.0 == *conversation), *user)
    });
    let mut newly_listed = Vec::with_capacity(members.len());
    for (conversation, user) in members {
        let user = UserId(user);
        let user_rev = counters::next_of_person(c, user).await?;
        let conversation = list::one(c, user, ConversationId(conversation)).await?;
        newly_listed.push(NewlyListed { user, user_rev, conversation });
    }
    Ok(newly_listed)
}
