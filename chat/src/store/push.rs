//! Storage of push subscriptions, and the reads that decide on pushes.

use crate::Result;
use async_trait::async_trait;
use protocol::{ConversationId, NotificationLevel, Person, Timestamp, UserId};
use serde::Serialize;

/// A push subscription to store; validated.
#[derive(Clone, Debug)]
pub struct NewPushSubscription {
    /// The id of the sign-in that it belongs to.
    pub sign_in: String,
    /// The person.
    pub user: UserId,
    /// The URL at the push service, at most [`MAX_ENDPOINT`] ASCII characters.
    pub endpoint: String,
    /// The browser's public key: an uncompressed point of P-256.
    pub p256dh: [u8; 65],
    /// The secret that is shared with the browser.
    pub auth: [u8; 16],
    /// The language of the page that subscribed.
    pub language: String,
}

/// Maximum length of an endpoint.
pub const MAX_ENDPOINT: usize = 2_048;
/// Maximum number of subscriptions of one person.
pub const MAX_PUSH_SUBSCRIPTIONS: usize = 20;

/// A stored push subscription of a sign-in that has not expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushSubscription {
    /// Its number.
    pub id: i64,
    /// The URL at the push service.
    pub endpoint: String,
    /// The browser's public key: an uncompressed point of P-256.
    pub p256dh: Vec<u8>,
    /// The secret that is shared with the browser, 16 bytes.
    pub auth: Vec<u8>,
    /// The language of the page that subscribed.
    pub language: String,
    /// Everything up to this time was pushed, or was not to be.
    pub pushed_at: Timestamp,
    /// Refusals by the push service since the last push that it accepted.
    pub refusals: i64,
    /// Until then one node sends to it, or nobody does, because its push service asked to wait.
    pub leased_until: Timestamp,
}

/// A subscription that one node has claimed, with its state under the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushClaim {
    /// The number of the subscription.
    pub id: i64,
    /// Everything up to this time was pushed, or was not to be.
    pub pushed_at: Timestamp,
    /// Refusals by the push service since the last push that it accepted.
    pub refusals: i64,
}

/// The end of a claim of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushResult {
    /// The number of the subscription.
    pub id: i64,
    /// The end of the lease, by which the claim is known. A claim that another node has replaced stays as it is.
    pub leased_until: Timestamp,
    /// Everything up to this time was pushed, or was not to be.
    pub pushed_at: Timestamp,
    /// Refusals by the push service since the last push that it accepted.
    pub refusals: i64,
    /// The time before which nobody sends, because the push service asked to wait.
    pub wait_until: Option<Timestamp>,
}

/// People who may have to be told of messages that no node looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnpushedPeople {
    /// The people, ordered by id.
    pub people: Vec<UserId>,
    /// The number of the last message that was read.
    pub upto: i64,
    /// Whether there may be more messages.
    pub more: bool,
}

/// Number of messages that [`PushStore::unpushed_people`] reads.
pub const SWEPT_MESSAGES: usize = 1_000;

/// The reason for a push. Of several in one conversation, the last one in this order is pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PushKind {
    /// Messages in a group.
    Group,
    /// Messages in a direct conversation.
    Direct,
    /// The person became a moderator or owner of a group.
    Role,
    /// The person was added to a group.
    Added,
    /// A message of a group mentions the person.
    Mention,
}

/// Something unread in a conversation, which a push may be about.
#[derive(Clone, Debug, PartialEq)]
pub struct PushCandidate {
    /// The reason.
    pub kind: PushKind,
    /// The conversation.
    pub conversation: ConversationId,
    /// The title of a group, if it has one.
    pub title: Option<String>,
    /// The number of unread messages, at most [`protocol::limits::UNREAD_CAP`]; 1 for a mention, an addition and a role.
    pub count: u32,
    /// The place of the newest message in the conversation, or of the one that the notification leads to.
    pub seq: i64,
    /// The time of that message.
    pub at: Timestamp,
    /// The sender of that message, or who made the change.
    pub sender: Person,
    /// The text of that message; empty for [`PushKind::Role`] and [`PushKind::Added`].
    pub content: String,
    /// The end of the muting of the conversation; `None` if it is not muted.
    pub muted_until: Option<Timestamp>,
    /// The events of the conversation that the person wants to be told of.
    pub level: NotificationLevel,
}

/// Storage of push subscriptions.
#[async_trait]
pub trait PushStore: Send + Sync + 'static {
    /// Adds a subscription, whose `pushed_at` is now; `false` if the sign-in has the same one already. A subscription of another
    /// sign-in with this endpoint is replaced: it is the same browser.
    ///
    /// # Errors
    /// `not_authenticated` if the sign-in has ended, `invalid` if the person has [`MAX_PUSH_SUBSCRIPTIONS`].
    async fn add_push_subscription(&self, new: &NewPushSubscription, now: Timestamp) -> Result<bool>;
    /// Removes a person's subscription with this endpoint, if there is one.
    async fn remove_push_subscription(&self, user: UserId, endpoint: &str) -> Result<()>;
    /// Removes subscriptions by their numbers: those whose push service does not know them any more.
    async fn drop_push_subscriptions(&self, ids: &[i64]) -> Result<()>;
    /// Reads a person's subscriptions.
    async fn push_subscriptions(&self, user: UserId, now: Timestamp) -> Result<Vec<PushSubscription>>;
    /// Reads the people with subscriptions: all (`None`), or the members of these conversations.
    async fn people_with_push(&self, among: Option<&[ConversationId]>) -> Result<Vec<UserId>>;
    /// Moves `pushed_at` of these subscriptions forward, each list to its time, in one transaction.
    async fn set_pushed(&self, progress: &[(Timestamp, Vec<i64>)]) -> Result<()>;
    /// Claims those of these subscriptions that nobody has claimed, until `leased_until`, after which others may claim them.
    async fn claim_push_subscriptions(
        &self,
        ids: &[i64],
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Vec<PushClaim>>;
    /// Ends claims, in one transaction.
    async fn finish_pushes(&self, results: &[PushResult]) -> Result<()>;
    /// Reads the number of the newest message; 0 if there is none.
    async fn last_message(&self) -> Result<i64>;
    /// Reads the people with a subscription that was not pushed to since a message came that they have not read: among the next
    /// [`SWEPT_MESSAGES`] messages after the number `after`, up to the first one that is newer than `until`.
    async fn unpushed_people(&self, after: i64, until: Timestamp) -> Result<UnpushedPeople>;
    /// Reads what is unread of the time after `after`, up to `until`: conversations with unread messages, and stored notifications,
    /// of each at most 20, newest first. Without what the person has marked as read in the list of notifications.
    async fn push_candidates(
        &self,
        user: UserId,
        after: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<PushCandidate>>;
}
