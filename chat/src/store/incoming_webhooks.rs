//! Storage of incoming webhooks: URLs by which programs post to a group, each as a bot of its own.

use super::TokenHash;
use crate::Result;
use async_trait::async_trait;
use protocol::{ClientId, ConversationId, IncomingWebhook, Person, UserId};

/// Maximum number of incoming webhooks of a group.
pub const MAX_INCOMING_WEBHOOKS: usize = 20;

/// An incoming webhook to create; validated.
#[derive(Clone, Debug)]
pub struct NewIncomingWebhook {
    /// The member who creates it.
    pub by: UserId,
    /// The group.
    pub conversation: ConversationId,
    /// The shown name of its bot.
    pub name: String,
    /// The username of its bot.
    pub username: String,
    /// The hash of its token.
    pub token: TokenHash,
    /// The id that the member's client gave this request: a repeat gives the same webhook.
    pub client_id: Option<ClientId>,
}

/// Storage of incoming webhooks. They are created and revoked by [`super::Write`]s.
#[async_trait]
pub trait IncomingWebhookStore: Send + Sync + 'static {
    /// Reads the incoming webhooks of a group, in the order in which they were created. For its owners and moderators.
    async fn incoming_webhooks(&self, user: UserId, id: ConversationId) -> Result<Vec<IncomingWebhook>>;
    /// Reads the bot of a token and its group; `None` if there is none, or the bot was removed from the group or suspended.
    async fn incoming_webhook(&self, token: TokenHash) -> Result<Option<(Person, ConversationId)>>;
}
