//! Requests to change groups, by the ids that clients gave them.

use super::connections::transaction;
use super::rows::{flag, get};
use super::{Backend, Connection};
use crate::store::error::{Result, StoreError};
use crate::store::{GroupWrite, NewIncomingWebhook, NewLink, ParticipantClosing};
use protocol::{ClientId, ErrorBody, ErrorCode, Timestamp, UserId};
use sha2::{Digest as _, Sha256};

/// A request of a person. One without an id is never a repeat.
pub(super) struct Request {
    by: UserId,
    client_id: Option<ClientId>,
    /// SHA-256 of the group and the change.
    hash: Vec<u8>,
}

impl Request {
    /// A change of a group.
    pub(super) fn change(write: &GroupWrite) -> Self {
        Self::new(write.by, write.client_id, format!("{} {:?}", write.conversation, write.change))
    }

    /// The closing or reopening of a conversation about a subject.
    pub(super) fn closing(write: &ParticipantClosing) -> Self {
        let ParticipantClosing { by, conversation, reason, roles: _, client_id } = write;
        Self::new(*by, *client_id, format!("{conversation} closed {reason:?}"))
    }

    /// A link to create.
    pub(super) fn link(new: &NewLink) -> Self {
        let NewLink { by, conversation, client_id, lifetime, uses, .. } = new;
        Self::new(*by, *client_id, format!("{conversation} link {lifetime} {uses:?}"))
    }

    /// An incoming webhook to create.
    pub(super) fn incoming_webhook(new: &NewIncomingWebhook) -> Self {
        let NewIncomingWebhook { by, conversation, client_id, name, .. } = new;
        Self::new(*by, *client_id, format!("{conversation} incoming webhook {name}"))
    }

    fn new(by: UserId, client_id: Option<ClientId>, words: String) -> Self {
        Self { by, client_id, hash: Sha256::digest(words).to_vec() }
    }

    /// Whether the request was carried out before. Another request with the same id is refused, also one of another kind.
    pub(super) async fn is_repeated(&self, c: &mut Connection) -> Result<bool> {
        let Some(client_id) = self.client_id else { return Ok(false) };
        let row = sqlx::query("SELECT hash FROM group_request WHERE user_id = $1 AND client_id = $2")
            .bind(self.by.0)
            .bind(client_id.0.as_bytes().as_slice())
            .fetch_optional(&mut *c)
            .await?;
        let Some(row) = row else {
            refuse_used(c, BEFORE_CHANGE, self.by, client_id).await?;
            return Ok(false);
        };
        if get::<Vec<u8>>(&row, 0)? != self.hash {
            return Err(used());
        }
        Ok(true)
    }

    /// Records the request under its id.
    pub(super) async fn record(self, c: &mut Connection, now: Timestamp) -> Result<()> {
        let Some(client_id) = self.client_id else { return Ok(()) };
        sqlx::query(
            "INSERT INTO group_request (user_id, client_id, hash, created_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(self.by.0)
        .bind(client_id.0.as_bytes().as_slice())
        .bind(self.hash)
        .bind(now.0)
        .execute(c)
        .await?;
        Ok(())
    }
}

/// Whether the person `$1` gave the id `$2` to a message or a new conversation.
pub(super) const BEFORE_CHANGE: &str = "SELECT \
        EXISTS (SELECT 1 FROM message m WHERE m.sender_id = $1 AND m.client_id = $2) \
        OR EXISTS (SELECT 1 FROM creation r WHERE r.creator_id = $1 AND r.client_id = $2)";

/// Whether the person `$1` gave the id `$2` to a message or a change of a group.
pub(super) const BEFORE_CREATION: &str = "SELECT \
        EXISTS (SELECT 1 FROM message m WHERE m.sender_id = $1 AND m.client_id = $2) \
        OR EXISTS (SELECT 1 FROM group_request r WHERE r.user_id = $1 AND r.client_id = $2)";

/// Refuses an id that the person gave to a request of another kind, by one of the statements above. For messages,
/// `names_other_request` in the statement of a send says it.
pub(super) async fn refuse_used(
    c: &mut Connection,
    statement: &'static str,
    by: UserId,
    client_id: ClientId,
) -> Result<()> {
    let row = sqlx::query(statement).bind(by.0).bind(client_id.0.as_bytes().as_slice()).fetch_one(c).await?;
    if flag(&row, 0)? { Err(used()) } else { Ok(()) }
}

fn used() -> StoreError {
    let why = "This client_id was used for another request";
    StoreError::Refused(ErrorBody::because(ErrorCode::IdConflict, why))
}

/// See [`crate::store::Store::sweep_requests`].
pub(in crate::store) async fn sweep(store: &Backend, before: Timestamp) -> crate::Result<u64> {
    transaction!(store, c => sweep_all(c, before))
}

async fn sweep_all(c: &mut Connection, before: Timestamp) -> Result<u64> {
    let swept =
        sqlx::query("DELETE FROM group_request WHERE created_at < $1").bind(before.0).execute(c).await?;
    Ok(swept.rows_affected())
}
