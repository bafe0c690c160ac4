//! Statements about incoming webhooks.

use super::request::Request;
use super::rows::{get, person, person_columns};
use super::{Connection, accounts, group};
use crate::policy;
use crate::store::error::{Result, StoreError};
use crate::store::{
    AccountKind, GroupChanged, MAX_INCOMING_WEBHOOKS, NewAccount, NewIncomingWebhook, Outcome, TokenHash,
};
use protocol::{
    AddableBy, ConversationId, ErrorBody, ErrorCode, GroupEvent, GroupEventKind, IncomingWebhook, Person,
    Timestamp, UserId,
};

/// A position behind every message: the largest integer of JSON.
const EVERYTHING: i64 = (1 << 53) - 1;

pub(super) const OF: &str = concat!(
    "SELECT i.id, i.created_at, ",
    person_columns!("b"),
    ", ",
    person_columns!("a"),
    " FROM incoming_webhook i JOIN account b ON b.id = i.bot_id JOIN account a ON a.id = i.created_by \
     WHERE i.conversation_id = $1 ORDER BY i.id LIMIT 20"
);

pub(super) const BY_TOKEN: &str = concat!(
    "SELECT i.conversation_id, ",
    person_columns!("a"),
    " FROM incoming_webhook i JOIN account a ON a.id = i.bot_id AND a.suspended = 0 \
     JOIN member w ON w.conversation_id = i.conversation_id AND w.user_id = i.bot_id AND w.has_left = 0 \
     WHERE i.token_hash = $1"
);

/// See [`crate::store::IncomingWebhookStore::incoming_webhooks`].
pub(super) async fn of(c: &mut Connection, user: UserId, id: ConversationId) -> Result<Vec<IncomingWebhook>> {
    let facts = group::facts(c, user, id).await?;
    policy::may_manage_incoming_webhooks(facts.kind(), facts.role())?;
    read(c, id).await
}

async fn read(c: &mut Connection, id: ConversationId) -> Result<Vec<IncomingWebhook>> {
    let rows = sqlx::query(OF).bind(id.0).fetch_all(c).await?;
    let webhook = |row| {
        Ok(IncomingWebhook {
            id: get(row, 0)?,
            created_at: Timestamp(get(row, 1)?),
            bot: person(row, 2)?,
            by: person(row, 2 + super::rows::PERSON_COLUMNS)?,
        })
    };
    rows.iter().map(webhook).collect()
}

/// See [`crate::store::IncomingWebhookStore::incoming_webhook`].
pub(super) async fn by_token(
    c: &mut Connection,
    token: TokenHash,
) -> Result<Option<(Person, ConversationId)>> {
    let row = sqlx::query(BY_TOKEN).bind(token.0.as_slice()).fetch_optional(c).await?;
    row.map(|row| Ok((person(&row, 1)?, ConversationId(get(&row, 0)?)))).transpose()
}

/// See [`crate::store::Write::CreateIncomingWebhook`].
pub(super) async fn create(c: &mut Connection, new: &NewIncomingWebhook, now: Timestamp) -> Result<Outcome> {
    let facts = group::facts(c, new.by, new.conversation).await?;
    policy::may_manage_incoming_webhooks(facts.kind(), facts.role())?;
    let request = Request::incoming_webhook(new);
    if request.is_repeated(c).await? {
        return created_before(c, new).await;
    }
    if read(c, new.conversation).await?.len() >= MAX_INCOMING_WEBHOOKS {
        let why = format!("A group has at most {MAX_INCOMING_WEBHOOKS} incoming webhooks: revoke one first");
        return Err(ErrorBody::because(ErrorCode::Conflict, why).into());
    }
    policy::has_room(facts.members(), 1)?;
    let account = NewAccount {
        username: new.username.clone(),
        first_name: new.name.clone(),
        last_name: String::new(),
        // No hash of a password: nobody can sign in.
        password_hash: String::new(),
        kind: AccountKind::Bot,
        addable_by: AddableBy::Nobody,
        request_hash: None,
    };
    let bot = accounts::make(c, &account, now).await?.person;
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO incoming_webhook (conversation_id, bot_id, token_hash, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5) RETURNING id",
    )
    .bind(new.conversation.0)
    .bind(bot.id.0)
    .bind(new.token.0.as_slice())
    .bind(new.by.0)
    .bind(now.0)
    .fetch_one(&mut *c)
    .await?;
    // It counts as having read everything, else no message would ever be read by all. A membership keeps earlier positions.
    sqlx::query(
        "INSERT INTO member (conversation_id, user_id, role, has_left, listed, read_seq, shown_read_seq, delivered_seq) \
         VALUES ($1, $2, 0, 1, 0, $3, $3, $3)",
    )
    .bind(new.conversation.0)
    .bind(bot.id.0)
    .bind(EVERYTHING)
    .execute(&mut *c)
    .await?;
    request.record(c, now).await?;
    let by = facts.by().clone();
    let event = GroupEvent::about(GroupEventKind::Added, vec![bot.clone()]);
    let changed = group::admit(c, &facts, vec![bot.clone()], event, now).await?;
    let webhook = IncomingWebhook { id, bot, by, created_at: now };
    Ok(Outcome::IncomingWebhookCreated { webhook: Box::new(webhook), changed })
}

/// Reads the webhook of a request that is repeated, unless it was revoked.
async fn created_before(c: &mut Connection, new: &NewIncomingWebhook) -> Result<Outcome> {
    let id: Option<i64> =
        sqlx::query_scalar("SELECT id FROM incoming_webhook WHERE token_hash = $1 AND conversation_id = $2")
            .bind(new.token.0.as_slice())
            .bind(new.conversation.0)
            .fetch_optional(&mut *c)
            .await?;
    let webhooks = read(c, new.conversation).await?;
    let webhook = webhooks.into_iter().find(|webhook| Some(webhook.id) == id);
    let webhook = Box::new(webhook.ok_or_else(StoreError::not_found)?);
    Ok(Outcome::IncomingWebhookCreated { webhook, changed: GroupChanged::default() })
}

/// See [`crate::store::Write::RevokeIncomingWebhook`].
pub(super) async fn revoke(
    c: &mut Connection,
    by: UserId,
    conversation: ConversationId,
    id: i64,
    now: Timestamp,
) -> Result<Outcome> {
    let facts = group::facts(c, by, conversation).await?;
    policy::may_manage_incoming_webhooks(facts.kind(), facts.role())?;
    let bot: Option<i64> =
        sqlx::query_scalar("SELECT bot_id FROM incoming_webhook WHERE id = $1 AND conversation_id = $2")
            .bind(id)
            .bind(conversation.0)
            .fetch_optional(&mut *c)
            .await?;
    let bot = UserId(bot.ok_or_else(StoreError::not_found)?);
    // It may have been removed as a member before.
    let changed = match group::is_member(c, conversation, bot).await? {
        true => group::remove_member(c, &facts, bot, now).await?,
        false => GroupChanged::default(),
    };
    sqlx::query("DELETE FROM incoming_webhook WHERE id = $1").bind(id).execute(c).await?;
    Ok(Outcome::IncomingWebhookRevoked(changed))
}
