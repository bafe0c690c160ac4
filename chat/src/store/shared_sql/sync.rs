//! Everything that a client lacks, from one snapshot.

use super::changes::{self, Found};
use super::dialect::{among, numbers};
use super::rows::{flag, get, is_member, person, person_columns};
use super::{Connection, counters, list};
use crate::store::SyncRows;
use crate::store::error::{Result, StoreError};
use protocol::limits::{LIST_PAGE, MAX_ANSWER, MAX_OPEN};
use protocol::{Conversation, ConversationId, Hidden, MessageId, SyncRequest, UserId};

// A client without state ($2 is 0) has loaded messages only in the conversations $3.
pub(super) const HIDDEN: &str = concat!(
    "SELECT h.conversation_id, h.message_id, h.hidden FROM hidden h \
     WHERE h.user_id = $1 AND h.user_rev > $2 AND ",
    is_member!("h.conversation_id"),
    " AND ($2 > 0 OR h.conversation_id ",
    among!("$3"),
    ") ORDER BY h.user_rev"
);

/// See [`crate::store::Store::sync`].
pub(super) async fn rows(c: &mut Connection, user: UserId, request: &SyncRequest) -> Result<SyncRows> {
    let row =
        sqlx::query(concat!("SELECT a.user_rev, ", person_columns!("a"), " FROM account a WHERE a.id = $1"))
            .bind(user.0)
            .fetch_optional(&mut *c)
            .await?
            .ok_or_else(StoreError::not_found)?;
    let user_rev: i64 = get(&row, 0)?;
    let (mut list, mut next, mut unread_after) = (None, None, 0);
    if request.list || user_rev > request.user_rev {
        let also: Vec<_> = request.open.0.keys().take(MAX_OPEN).copied().collect();
        let (first, behind) = list::page(c, user, None, LIST_PAGE, &also).await?;
        unread_after = list::unread_after(c, user, behind).await?;
        (list, next) = (Some(first), behind);
    }
    let counters = match &list {
        Some(list) if next.is_none() => {
            list.iter().map(|conversation| (conversation.id, conversation.rev)).collect()
        }
        _ => counters::of_person(c, user).await?,
    };
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
                Some(conversation) => changes::of(c, user, id, found(conversation), cursor).await,
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
    Ok(SyncRows { user_rev, user: person(&row, 1)?, list, next, unread_after, open, gone, hidden, counters })
}

/// The facts of a listed conversation that the changes need.
fn found(conversation: &Conversation) -> Found {
    Found { rev: conversation.rev, members: conversation.member_count }
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
