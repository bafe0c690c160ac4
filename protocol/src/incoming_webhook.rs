//! Incoming webhooks: URLs by which programs post to a group, each as a bot of its own.

use crate::{Person, Timestamp};
use serde::{Deserialize, Serialize};

/// An incoming webhook of a group, as its owners and moderators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IncomingWebhook {
    /// The number of the webhook, 1 or more.
    pub id: i64,
    /// The bot: the sender of the webhook's messages, an account that cannot sign in.
    pub bot: Person,
    /// The member who created the webhook.
    pub by: Person,
    /// The time at which it was created.
    pub created_at: Timestamp,
}
