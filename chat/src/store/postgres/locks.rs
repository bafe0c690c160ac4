//! Row locks of a batch, taken before it begins, in one order that excludes deadlocks between nodes: conversations, then people,
//! then members, each by id. The batch reads its rows after that, as the last holder of the locks left them.

use super::Connection;
use super::shared_sql::rows::{flag, get};
use crate::store::Write;
use crate::store::error::Result;
use std::collections::BTreeSet;

pub(super) const CONVERSATIONS: &str =
    "SELECT id FROM conversation WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";
/// Like [`CONVERSATIONS`], with whether each is still empty.
pub(super) const EMPTY: &str = "SELECT c.id, NOT EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.id) \
     FROM conversation c WHERE c.id = ANY($1) ORDER BY c.id FOR NO KEY UPDATE OF c";
/// The members in whose lists these conversations will appear with the first message.
pub(super) const UNLISTED: &str =
    "SELECT conversation_id, user_id FROM member WHERE conversation_id = ANY($1) AND listed = 0";
pub(super) const PEOPLE: &str = "SELECT id FROM account WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";
pub(super) const MEMBERS: &str = "SELECT w.user_id FROM unnest($1::bigint[], $2::bigint[]) AS j (conversation, person) \
     JOIN member w ON w.conversation_id = j.conversation AND w.user_id = j.person \
     ORDER BY w.conversation_id, w.user_id FOR NO KEY UPDATE OF w";

/// Locks all rows that the batch is going to change.
pub(super) async fn take(c: &mut Connection, batch: &[Write]) -> Result<()> {
    let (mut conversations, mut people, mut members) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for write in batch {
        match write {
            Write::Send(message) => {
                conversations.insert(message.conversation.0);
            }
            Write::Mark(mark) => {
                if mark.read {
                    people.insert(mark.user.0);
                }
                members.insert((mark.conversation.0, mark.user.0));
            }
            Write::Hide { user, .. } => {
                people.insert(user.0);
            }
            Write::Delete { conversation, .. } => {
                conversations.insert(conversation.0);
            }
            // Concurrent creations of the same conversation are serialised by the locks of its people, before either of them
            // looks for it. Adding it to a list changes the creator's membership, under the lock of the creator.
            Write::CreateConversation(new) => people.extend(new.participants.iter().map(|user| user.0)),
            Write::Remove { conversation, member, .. } => {
                conversations.insert(conversation.0);
                people.insert(member.0);
                members.insert((conversation.0, member.0));
            }
        }
    }
    for (conversation, person) in unlisted(c, &conversations.into_iter().collect::<Vec<_>>()).await? {
        people.insert(person);
        members.insert((conversation, person));
    }
    people_in_order(c, &people.into_iter().collect::<Vec<_>>()).await?;
    if !members.is_empty() {
        let (conversations, people): (Vec<i64>, Vec<i64>) = members.into_iter().unzip();
        sqlx::query(MEMBERS).bind(conversations).bind(people).execute(c).await?;
    }
    Ok(())
}

/// Locks these conversations, and returns the memberships that a first message changes.
async fn unlisted(c: &mut Connection, ids: &[i64]) -> Result<Vec<(i64, i64)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(EMPTY).bind(ids).fetch_all(&mut *c).await?;
    let mut empty: Vec<i64> = Vec::new();
    for row in &rows {
        if flag(row, 1)? {
            empty.push(get(row, 0)?);
        }
    }
    if empty.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(UNLISTED).bind(empty).fetch_all(c).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

/// Locks these conversations.
pub(super) async fn conversations_in_order(c: &mut Connection, ids: &[i64]) -> Result<()> {
    if !ids.is_empty() {
        sqlx::query(CONVERSATIONS).bind(ids).execute(c).await?;
    }
    Ok(())
}

/// Locks these people, after the conversations.
pub(super) async fn people_in_order(c: &mut Connection, ids: &[i64]) -> Result<()> {
    if !ids.is_empty() {
        sqlx::query(PEOPLE).bind(ids).execute(c).await?;
    }
    Ok(())
}
