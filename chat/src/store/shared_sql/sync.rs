//! Everything that a client lacks, from one snapshot.

use super::changes::{self, Found};
use super::dialect::{among, numbers};
use super::rows::{flag, get, is_member};
use super::{Connection, accounts, counters, invitations, list_pages, notifications};
use crate::store::SyncRows;
use crate::store::error::{Result, StoreError};
use protocol::limits::{LIST_PAGE, MAX_ANSWER, MAX_OPEN, NOTIFICATIONS};
use protocol::{ConversationId, Hidden, MessageId, SyncRequest, UserId};

// A client without state ($2 is 0) has loaded messages only in the conversations $3.
pub(super) const HIDDEN: &str = concat!(
    "SELECT h.conversation_id, h.message_id, h.hidden FROM hidden h \
     WHERE h.user_id = $1 AND h.user_rev > $2 AND ",
    is_member!("h.conversation_id"),
    " AND ($2 > 0 OR h.conversation_id ",
    among!("$3"),
    ") ORDER BY h.user_rev"
);

pub(super) const STARTS: &str = concat!(
    "SELECT w.conversation_id, w.from_seq, w.joined_seq FROM member w WHERE w.user_id = $1 AND w.conversation_id ",
    among!("$2")
);

/// See [`crate::store::Store::sync`] and, without the counters of all conversations, [`crate::store::Store::sync_once`].
pub(super) async fn rows(
    c: &mut Connection,
    user: UserId,
    request: &SyncRequest,
    all_counters: bool,
) -> Result<SyncRows> {
    let (account, user_rev) = accounts::with_counter(c, user).await?.ok_or_else(StoreError::not_found)?;
    let (person, preferences) = (account.person, account.preferences);

    let (mut list, mut next, mut unread_after, mut invited) = (None, None, 0, None);
    let (mut archived, mut newest) = (Vec::new(), None);

    if request.list || user_rev > request.user_rev {
        let also: Vec<_> = request.open.0.keys().take(MAX_OPEN).copied().collect();
        let (first, behind) = list_pages::page(c, user, (None, None), None, LIST_PAGE, &also).await?;
        unread_after = list_pages::unread_after(c, user, behind).await?;
        archived = list_pages::archived(c, user).await?;
        (list, next) = (Some(first), behind);
        newest = Some(notifications::page(c, user, None, NOTIFICATIONS).await?);
        invited = Some(invitations::of(c, user).await?);
    }
    let counters = match &list {
        Some(list) if !all_counters || next.is_none() && archived.is_empty() => {
            list.iter().map(|conversation| (conversation.id, conversation.rev)).collect()
        }
        _ => counters::of_person(c, user).await?,
    };
    let starts = if request.open.0.is_empty() { Vec::new() } else { starts(c, user, request).await? };
    let mut open = Vec::with_capacity(request.open.0.len());
    let mut gone = Vec::new();
    let mut bytes = 0;
    for (&id, &cursor) in request.open.0.iter().take(MAX_OPEN) {
        // The client asks again for the changes of the others: it learns from the list, or from the next frame, that it
        // lacks some.
        if bytes >= MAX_ANSWER / 2 {
            break;
        }
        let changes = match &list {
            Some(list) => match list.iter().find(|conversation| conversation.id == id) {
                Some(conversation) => {
                    let start = starts.iter().find(|start| start.0 == id);
                    let (_, from_seq, joined_seq) = start.copied().unwrap_or((id, 0, 0));
                    let (rev, members) = (conversation.rev, conversation.member_count);
                    let found = Found { rev, from_seq, joined_seq, members };
                    changes::of(c, user, id, found, cursor).await
                }
                None => Err(StoreError::not_found()),
            },
            None if counters.iter().any(|(listed, _)| *listed == id) => {
                changes::after(c, user, id, cursor).await
            }
            None => Err(StoreError::not_found()),
        };
        match changes {
            Ok(changes) => {
                bytes += changes::size(&changes);
                open.push(changes);
            }
            Err(StoreError::Refused(_)) => gone.push(id),
            Err(fault) => return Err(fault),
        }
    }
    let hidden = if user_rev > request.user_rev { hidden(c, user, request).await? } else { Vec::new() };
    Ok(SyncRows {
        user_rev,
        user: person,
        preferences,
        list,
        next,
        unread_after,
        open,
        gone,
        archived,
        hidden,
        notifications: newest,
        counters,
        invitations: invited,
    })
}

/// The `seq` past which the user sees each open conversation, and the counter when the user joined.
async fn starts(
    c: &mut Connection,
    user: UserId,
    request: &SyncRequest,
) -> Result<Vec<(ConversationId, i64, i64)>> {
    let open = numbers(request.open.0.keys().take(MAX_OPEN).map(|id| id.0))?;
    let rows = sqlx::query(STARTS).bind(user.0).bind(open).fetch_all(c).await?;
    rows.iter().map(|row| Ok((ConversationId(get(row, 0)?), get(row, 1)?, get(row, 2)?))).collect()
}

async fn hidden(c: &mut Connection, user: UserId, request: &SyncRequest) -> Result<Vec<Hidden>> {
    let loaded = request.open.0.iter().filter(|(_, cursor)| **cursor > 0).map(|(id, _)| id.0);
    let rows =
        sqlx::query(HIDDEN).bind(user.0).bind(request.user_rev).bind(numbers(loaded)?).fetch_all(c).await?;
    rows.iter()
        .map(|row| {
            Ok(Hidden {
                conversation_id: ConversationId(get(row, 0)?),
                message_id: MessageId(get(row, 1)?),
                hidden: flag(row, 2)?,
            })
        })
        .collect()
}
