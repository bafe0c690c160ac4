//! Links by which people join a group.

use super::connections::transaction;
use super::dialect::at_most;
use super::request::Request;
use super::rows::{flag, get, kind, person, person_columns, role};
use super::{Backend, Connection, Row, invitations};
use crate::policy;
use crate::store::error::{Result, StoreError};
use crate::store::{LinkKey, LinkPreview, NewLink, Outcome, TokenHash};
use protocol::limits::MAX_LINKS;
use protocol::{
    ConversationId, ConversationKind, ErrorBody, ErrorCode, GroupPreview, InvitationLink, InvitationLinkId,
    Person, Role, Timestamp, UserId,
};

/// The kind and counter of the conversation `$2`, and the role of its member `$1`, with the account.
pub(super) const LOOK: &str = concat!(
    "SELECT c.kind, c.rev, w.role, ",
    person_columns!("a"),
    " FROM member w JOIN conversation c ON c.id = w.conversation_id JOIN account a ON a.id = w.user_id \
     WHERE w.conversation_id = $2 AND w.user_id = $1 AND w.has_left = 0"
);

/// Links of the conversation `$1` that have not ended at `$2`.
macro_rules! links {
    ($more:literal) => {
        concat!(
            "SELECT l.id, l.token_start, l.created_at, l.expires_at, l.uses_left, ",
            person_columns!("a"),
            " FROM invitation_link l JOIN account a ON a.id = l.created_by \
             WHERE l.conversation_id = $1 AND l.expires_at > $2 AND coalesce(l.uses_left, 1) > 0",
            $more
        )
    };
}

pub(super) const OF: &str = concat!(links!(" ORDER BY l.created_at DESC, l.id DESC"), at_most!("$3"));
const BY_HASH: &str = links!(" AND l.token_hash = $3");

/// Lets a link of the conversation `$2` expire at `$3`, unless it did before.
macro_rules! expire {
    ($link:literal) => {
        concat!(
            "UPDATE invitation_link SET expires_at = CASE WHEN expires_at < $3 THEN expires_at ELSE $3 END \
             WHERE conversation_id = $2 AND ",
            $link
        )
    };
}

/// The link with the hash `$2`, its group, and what is known of the person `$1` there. A system message stands at the counter
/// of a membership that ended: somebody else wrote it if the person was removed.
pub(super) const FACTS: &str = concat!(
    "SELECT l.id, l.expires_at, l.uses_left, l.created_rev, c.kind, c.id, c.title, c.hue, c.emoji, ",
    invitations::member_count!(),
    ", coalesce(w.has_left, 1), (SELECT m.seq FROM message m WHERE m.conversation_id = w.conversation_id AND m.seq = w.rev \
        AND w.has_left = 1 AND m.sender_id <> w.user_id), ",
    person_columns!("a"),
    " FROM invitation_link l \
     JOIN conversation c ON c.id = l.conversation_id \
     JOIN account a ON a.id = l.created_by \
     LEFT JOIN member w ON w.conversation_id = l.conversation_id AND w.user_id = $1 \
     WHERE l.token_hash = $2"
);

/// A link, as [`FACTS`] reads it.
pub(super) struct Facts {
    pub(super) id: i64,
    pub(super) conversation: GroupPreview,
    pub(super) is_member: bool,
    by: Person,
    link: policy::LinkFacts,
}

impl Facts {
    /// Whether the person can join by the link.
    pub(super) fn may_join(&self, now: Timestamp) -> Result<()> {
        Ok(policy::may_join_by_link(&self.link, self.conversation.member_count, now)?)
    }
}

/// Reads a link that exists and has not expired; every other one is refused like one that was never made.
pub(super) async fn facts(
    c: &mut Connection,
    user: UserId,
    token: TokenHash,
    now: Timestamp,
) -> Result<Facts> {
    let row = sqlx::query(FACTS)
        .bind(user.0)
        .bind(token.0.as_slice())
        .fetch_optional(c)
        .await?
        .ok_or_else(policy::invitation_has_ended)?;
    let expires_at = Timestamp(get(&row, 1)?);
    if expires_at <= now {
        return Err(policy::invitation_has_ended().into());
    }
    let by = person(&row, 12)?;
    Ok(Facts {
        id: get(&row, 0)?,
        conversation: invitations::group(&row, 5)?,
        is_member: !flag(&row, 10)?,
        link: policy::LinkFacts {
            by_suspended: by.suspended,
            kind: kind(get(&row, 4)?),
            expires_at,
            uses_left: get(&row, 2)?,
            created_rev: get(&row, 3)?,
            removed_at: get(&row, 11)?,
        },
        by,
    })
}

/// See [`crate::store::InvitationStore::link_preview`].
pub(super) async fn preview(
    c: &mut Connection,
    user: UserId,
    token: TokenHash,
    now: Timestamp,
) -> Result<LinkPreview> {
    let facts = facts(c, user, token, now).await?;
    if !facts.is_member {
        facts.may_join(now)?;
    }
    let Facts { conversation, by, is_member, .. } = facts;
    Ok(LinkPreview { conversation, by, is_member })
}

/// A member who may make, see and revoke the links of a conversation.
struct Manager {
    rev: i64,
    person: Person,
}

async fn manager(c: &mut Connection, user: UserId, id: ConversationId) -> Result<Manager> {
    let row = sqlx::query(LOOK)
        .bind(user.0)
        .bind(id.0)
        .fetch_optional(c)
        .await?
        .ok_or_else(StoreError::not_found)?;
    let (kind, role): (ConversationKind, Role) = (kind(get(&row, 0)?), role(get(&row, 2)?));
    policy::may_manage_links(kind, role)?;
    Ok(Manager { rev: get(&row, 1)?, person: person(&row, 3)? })
}

fn link(row: &Row) -> Result<InvitationLink> {
    Ok(InvitationLink {
        id: InvitationLinkId(get(row, 0)?),
        token_start: get(row, 1)?,
        created_at: Timestamp(get(row, 2)?),
        expires_at: Timestamp(get(row, 3)?),
        uses_left: get(row, 4)?,
        by: person(row, 5)?,
    })
}

/// See [`crate::store::InvitationStore::links`].
pub(super) async fn of(
    c: &mut Connection,
    user: UserId,
    id: ConversationId,
    now: Timestamp,
) -> Result<Vec<InvitationLink>> {
    manager(c, user, id).await?;
    read(c, id, now).await
}

async fn read(c: &mut Connection, id: ConversationId, now: Timestamp) -> Result<Vec<InvitationLink>> {
    let most = i64::try_from(MAX_LINKS).unwrap_or(i64::MAX);
    let rows = sqlx::query(OF).bind(id.0).bind(now.0).bind(most).fetch_all(c).await?;
    rows.iter().map(link).collect()
}

/// See [`crate::store::Write::CreateLink`].
pub(super) async fn create(c: &mut Connection, new: &NewLink, now: Timestamp) -> Result<Outcome> {
    let Manager { rev, person } = manager(c, new.by, new.conversation).await?;
    let request = Request::link(new);
    if request.is_repeated(c).await? {
        return created_before(c, new, now).await;
    }
    if read(c, new.conversation, now).await?.len() >= MAX_LINKS {
        let why = format!("A group has at most {MAX_LINKS} invitation links: revoke one first");
        return Err(ErrorBody::because(ErrorCode::Conflict, why).into());
    }
    let expires_at = Timestamp(now.0 + new.lifetime);
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO invitation_link (conversation_id, token_hash, token_start, created_by, created_at, created_rev, \
            expires_at, uses_left) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
    )
    .bind(new.conversation.0)
    .bind(new.token.0.as_slice())
    .bind(&new.token_start)
    .bind(new.by.0)
    .bind(now.0)
    .bind(rev)
    .bind(expires_at.0)
    .bind(new.uses)
    .fetch_one(&mut *c)
    .await?;
    request.record(c, now).await?;
    Ok(Outcome::LinkCreated(InvitationLink {
        id: InvitationLinkId(id),
        token_start: new.token_start.clone(),
        by: person,
        created_at: now,
        expires_at,
        uses_left: new.uses,
    }))
}

/// Reads the link of a request that is repeated, unless it has ended.
async fn created_before(c: &mut Connection, new: &NewLink, now: Timestamp) -> Result<Outcome> {
    let row = sqlx::query(BY_HASH)
        .bind(new.conversation.0)
        .bind(now.0)
        .bind(new.token.0.as_slice())
        .fetch_optional(c)
        .await?;
    Ok(Outcome::LinkCreated(link(&row.ok_or_else(policy::invitation_has_ended)?)?))
}

/// See [`crate::store::Write::RevokeLink`]. The link expires now: it stays until it is swept, so that a repeat succeeds.
pub(super) async fn revoke(
    c: &mut Connection,
    by: UserId,
    id: ConversationId,
    link: LinkKey,
    now: Timestamp,
) -> Result<Outcome> {
    manager(c, by, id).await?;
    let update = match link {
        LinkKey::Id(link) => sqlx::query(expire!("id = $1")).bind(link.0),
        LinkKey::Token(token) => sqlx::query(expire!("token_hash = $1")).bind(token.0.to_vec()),
    };
    let revoked = update.bind(id.0).bind(now.0).execute(c).await?.rows_affected();
    if revoked == 0 {
        return Err(policy::invitation_has_ended().into());
    }
    Ok(Outcome::LinkRevoked)
}

/// Takes one use of a link with a limit.
pub(super) async fn spend(c: &mut Connection, id: i64) -> Result<()> {
    sqlx::query(
        "UPDATE invitation_link SET uses_left = uses_left - 1 WHERE id = $1 AND uses_left IS NOT NULL",
    )
    .bind(id)
    .execute(c)
    .await?;
    Ok(())
}

/// See [`crate::store::InvitationStore::sweep_links`].
pub(super) async fn sweep(store: &Backend, before: Timestamp) -> crate::Result<u64> {
    transaction!(store, c => delete_expired(c, before))
}

async fn delete_expired(c: &mut Connection, before: Timestamp) -> Result<u64> {
    let done =
        sqlx::query("DELETE FROM invitation_link WHERE expires_at <= $1").bind(before.0).execute(c).await?;
    Ok(done.rows_affected())
}
