//! Incoming webhooks: URLs by which programs post to a group, each as a bot of its own.

use super::invitations::generate_token;
use super::{ChatService, Operation, Sent, unexpected};
use crate::account::normalise_name;
use crate::audit::{AuditAction, AuditEvent};
use crate::store::{NewIncomingWebhook, Outcome, TokenHash, Write};
use crate::{Error, Result};
use protocol::{ClientId, ConversationId, ErrorBody, ErrorCode, IncomingWebhook, Person};
use uuid::Uuid;

/// Beginning of every token, by which scanners for secrets find it.
const PREFIX: &str = "rin_";

/// A new incoming webhook.
#[derive(Clone)]
pub struct NewIncoming {
    /// The webhook.
    pub webhook: IncomingWebhook,
    /// Its token, URL-safe, which cannot be read again.
    pub token: String,
}

impl ChatService {
    /// Creates an incoming webhook of a group, with a bot of this shown name, which becomes a member. A repeat with the same
    /// `client_id` gives the same webhook and token.
    ///
    /// # Errors
    /// `Invalid`: a name that a person cannot have, or an empty one. `Forbidden`: the person is neither owner nor moderator.
    /// `Conflict`: the group has [`crate::store::MAX_INCOMING_WEBHOOKS`]. `IdConflict`: the id was used for another request.
    /// `NotFound`: a repeat, and the webhook was revoked since.
    pub async fn create_incoming_webhook(
        &self,
        by: &Person,
        conversation: ConversationId,
        name: &str,
        client_id: Option<ClientId>,
    ) -> Result<NewIncoming> {
        self.charge(by, Operation::Change)?;
        let name = normalise_name(name)?;
        if name.is_empty() {
            return Err(ErrorBody::because(ErrorCode::Invalid, "name: at least one character").into());
        }
        let token = match client_id {
            Some(client_id) => {
                let request = format!("incoming webhook of {conversation} by {} in {client_id}", by.id);
                self.token_of_request(&request)?
            }
            None => generate_token()?,
        };
        let token = format!("{PREFIX}{token}");
        let new = NewIncomingWebhook {
            by: by.id,
            conversation,
            name,
            username: format!("bot-{}", Uuid::new_v4().simple().to_string().get(..12).unwrap_or_default()),
            token: TokenHash::of(&token),
            client_id,
        };
        let created = self.inner.writer.write(Write::CreateIncomingWebhook(new)).await;
        if let Some(event) = AuditEvent::of(AuditAction::CreateIncomingWebhook, &created) {
            event.by(by.id).conversation(conversation).emit();
        }
        match created? {
            Outcome::IncomingWebhookCreated { webhook, .. } => Ok(NewIncoming { webhook: *webhook, token }),
            other => Err(unexpected(&other)),
        }
    }

    /// The incoming webhooks of a group, in the order in which they were created.
    pub async fn incoming_webhooks(
        &self,
        user: &Person,
        conversation: ConversationId,
    ) -> Result<Vec<IncomingWebhook>> {
        self.charge(user, Operation::Page)?;
        self.inner.store.incoming_webhooks(user.id, conversation).await
    }

    /// Revokes an incoming webhook of a group. Its bot leaves; its messages stay.
    pub async fn revoke_incoming_webhook(
        &self,
        by: &Person,
        conversation: ConversationId,
        webhook: i64,
    ) -> Result<()> {
        self.charge(by, Operation::Change)?;
        let write = Write::RevokeIncomingWebhook { by: by.id, conversation, webhook };
        let revoked = self.inner.writer.write(write).await.map(drop);
        if let Some(event) = AuditEvent::of(AuditAction::RevokeIncomingWebhook, &revoked) {
            event.by(by.id).conversation(conversation).emit();
        }
        revoked
    }

    /// As [`Self::revoke_incoming_webhook`], for pages, whose requests may be repeated: one that the group does not have was revoked.
    pub async fn end_incoming_webhook(
        &self,
        by: &Person,
        conversation: ConversationId,
        webhook: i64,
    ) -> Result<()> {
        match self.revoke_incoming_webhook(by, conversation, webhook).await {
            Err(Error::Refused(why)) if why.code == ErrorCode::NotFound => {
                // The group may be what there is not for this person.
                self.incoming_webhooks(by, conversation).await.map(drop)
            }
            ended => ended,
        }
    }

    /// Sends a message as the bot of this token. A repeat with the same `client_id` changes nothing.
    ///
    /// # Errors
    /// `NotFound`: an unknown or revoked token, or the bot was removed from the group or suspended. The errors of [`Self::send`].
    pub async fn send_by_token(
        &self,
        token: &str,
        content: &str,
        client_id: Option<ClientId>,
    ) -> Result<Sent> {
        let found = self.inner.store.incoming_webhook(TokenHash::of(token)).await?;
        let (bot, conversation) = found.ok_or_else(Error::not_found)?;
        self.send(&bot, conversation, content, client_id, None).await
    }
}
