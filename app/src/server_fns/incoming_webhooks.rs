//! Server functions of incoming webhooks, for owners and moderators of a group.

use super::{Json, RequestError};
use leptos::prelude::*;
use protocol::{ClientId, ConversationId, IncomingWebhook, UserId};
use serde::{Deserialize, Serialize};

/// An incoming webhook that was created. Only this answer contains its token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreatedIncomingWebhook {
    /// The token: whoever has it can post.
    pub token: String,
    /// The webhook.
    pub webhook: IncomingWebhook,
}

/// The incoming webhooks of a group, in the order in which they were created.
#[server(prefix = "/rpc", endpoint = "incoming-webhooks", input = Json, output = Json)]
pub async fn incoming_webhooks(conversation: ConversationId) -> Result<Vec<IncomingWebhook>, RequestError> {
    let (chat, who) = super::caller::caller()?;
    chat.incoming_webhooks(&who.person, conversation).await.map_err(super::caller::fault)
}

/// Creates an incoming webhook with a bot of this name. A repeat with the same `client_id` has the same answer. `me` is the person
/// that the tab was loaded for.
#[server(prefix = "/rpc", endpoint = "create-incoming-webhook", input = Json, output = Json)]
pub async fn create_incoming_webhook(
    me: UserId,
    conversation: ConversationId,
    name: String,
    client_id: ClientId,
) -> Result<CreatedIncomingWebhook, RequestError> {
    let (chat, who) = super::caller::caller_as(me)?;
    let created = chat.create_incoming_webhook(&who.person, conversation, &name, Some(client_id)).await;
    let created = created.map_err(super::caller::fault)?;
    Ok(CreatedIncomingWebhook { token: created.token, webhook: created.webhook })
}

/// Revokes an incoming webhook. One that was revoked already stays so. `me` is the person that the tab was loaded for.
#[server(prefix = "/rpc", endpoint = "revoke-incoming-webhook", input = Json, output = Json)]
pub async fn revoke_incoming_webhook(
    me: UserId,
    conversation: ConversationId,
    webhook: i64,
) -> Result<(), RequestError> {
    let (chat, who) = super::caller::caller_as(me)?;
    chat.end_incoming_webhook(&who.person, conversation, webhook).await.map_err(super::caller::fault)
}
