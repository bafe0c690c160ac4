//! Storage of webhooks: endpoints of other programs, and the outbox of their events.

use super::{Outcome, ProductIdentity, Write};
use crate::Result;
use crate::lock::lock;
use async_trait::async_trait;
use protocol::{
    ConversationId, ConversationKind, GroupEventKind, Member, Message, MessageType, Person, Subject,
    Timestamp, UserId,
};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use uuid::Uuid;

/// Maximum number of endpoints.
pub const MAX_WEBHOOKS: usize = 100;
/// Maximum number of conversations of one endpoint whose events are claimed together.
pub const CLAIMED_LANES: usize = 16;
/// Maximum number of events of one conversation that are claimed together.
pub const CLAIMED_EVENTS: usize = 16;

/// A kind of event. The numbers are bits of [`WebhookEvents`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WebhookEventKind {
    /// A person sent a message.
    MessageCreated = 1,
    /// A message was deleted for everyone.
    MessageDeleted = 2,
    /// A message is unread, and its recipient has no open connection.
    MessageUnread = 4,
    /// A conversation was created.
    ConversationCreated = 8,
    /// A person became a member of a group.
    MemberJoined = 16,
    /// A person left a group, or was removed.
    MemberLeft = 32,
    /// A conversation about a subject was closed, or is closed for another reason.
    ConversationClosed = 64,
    /// A conversation about a subject was opened again.
    ConversationReopened = 128,
}

impl WebhookEventKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::MessageCreated,
        Self::MessageDeleted,
        Self::MessageUnread,
        Self::ConversationCreated,
        Self::MemberJoined,
        Self::MemberLeft,
        Self::ConversationClosed,
        Self::ConversationReopened,
    ];

    /// The name in payloads and settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MessageCreated => "message.created",
            Self::MessageDeleted => "message.deleted",
            Self::MessageUnread => "message.unread",
            Self::ConversationCreated => "conversation.created",
            Self::MemberJoined => "member.joined",
            Self::MemberLeft => "member.left",
            Self::ConversationClosed => "conversation.closed",
            Self::ConversationReopened => "conversation.reopened",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The kind of this number.
    pub(crate) fn of(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as i64 == number)
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhookEvents(pub(crate) i64);

impl WebhookEvents {
    /// The kinds in the set.
    pub fn iter(self) -> impl Iterator<Item = WebhookEventKind> {
        WebhookEventKind::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }

    /// Whether the kind is in the set.
    #[must_use]
    pub fn contains(self, kind: WebhookEventKind) -> bool {
        self.0 & kind as i64 != 0
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<WebhookEventKind> for WebhookEvents {
    fn from_iter<I: IntoIterator<Item = WebhookEventKind>>(kinds: I) -> Self {
        Self(kinds.into_iter().fold(0, |set, kind| set | kind as i64))
    }
}

/// An endpoint to store; validated.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// The URL, at most [`super::MAX_ENDPOINT`] ASCII characters.
    pub url: String,
    /// The kinds of events that it is told of.
    pub events: WebhookEvents,
    /// The kind of the subjects whose conversations it is told of; `None`: of all conversations.
    pub subject_kind: Option<String>,
    /// Salt of the signing secret.
    pub salt: [u8; 16],
    /// The number of the service key whose request can be repeated: an endpoint with the same salt is its answer.
    pub repeatable_by: Option<i64>,
}

/// A stored endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its number.
    pub id: i64,
    /// The URL.
    pub url: String,
    /// The kinds of events that it is told of.
    pub events: WebhookEvents,
    /// The kind of the subjects whose conversations it is told of; `None`: of all conversations.
    pub subject_kind: Option<String>,
    /// Salt of the signing secret.
    pub salt: Vec<u8>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// The kinds of events that the writer stores, and a notice of stored ones. Kept in memory, so that a commit costs no statement
/// while there is no endpoint.
#[derive(Debug, Default)]
pub struct WebhookSwitch {
    wanted: AtomicI64,
    unread_delay_micros: AtomicI64,
    /// The number of calls of [`Self::want`]. Locked while `wanted` changes.
    additions: Mutex<u64>,
    recorded: Notify,
}

impl WebhookSwitch {
    /// Sets the time from a message to the decision who is away.
    pub(crate) fn set_unread_delay(&self, delay: Duration) {
        let micros = i64::try_from(delay.as_micros()).unwrap_or(i64::MAX / 4);
        self.unread_delay_micros.store(micros, Ordering::Relaxed);
    }

    /// Adds kinds that are stored from the next commit on.
    pub(crate) fn want(&self, events: WebhookEvents) {
        let mut additions = lock(&self.additions);
        *additions += 1;
        self.wanted.fetch_or(events.0, Ordering::AcqRel);
    }

    /// The number of additions, to be read before the endpoints.
    pub(crate) fn additions(&self) -> u64 {
        *lock(&self.additions)
    }

    /// Sets the kinds that are stored from the next commit on, unless there were more additions meanwhile.
    pub(crate) fn set(&self, wanted: WebhookEvents, additions: u64) {
        let current = lock(&self.additions);
        if *current == additions {
            self.wanted.store(wanted.0, Ordering::Release);
        }
    }

    /// The kinds that are stored.
    pub(crate) fn wanted(&self) -> WebhookEvents {
        WebhookEvents(self.wanted.load(Ordering::Acquire))
    }

    /// The time from a message to the decision who is away, in microseconds.
    pub(crate) fn unread_delay_micros(&self) -> i64 {
        self.unread_delay_micros.load(Ordering::Relaxed)
    }

    /// Notes that events are due.
    pub(crate) fn note(&self) {
        self.recorded.notify_one();
    }

    /// Waits until events were noted since the last call.
    pub(crate) async fn recorded(&self) {
        self.recorded.notified().await;
    }
}

/// An event of a commit, before it is known which endpoints are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewWebhookEvent {
    pub(crate) kind: WebhookEventKind,
    pub(crate) conversation: ConversationId,
    /// The message that the event is about, or that tells of it.
    pub(crate) seq: Option<i64>,
    /// The person who joined or left.
    pub(crate) user: Option<UserId>,
}

/// Appends the events of a change, in their order.
pub(crate) fn events_of(write: &Write, outcome: &Outcome, out: &mut Vec<NewWebhookEvent>) {
    use WebhookEventKind::{
        ConversationClosed, ConversationCreated, ConversationReopened, MemberJoined, MemberLeft,
        MessageCreated, MessageDeleted, MessageUnread,
    };
    let mut add = |kind, conversation, seq, user| {
        out.push(NewWebhookEvent { kind, conversation, seq, user });
    };
    match (write, outcome) {
        (_, Outcome::Sent { message, repeated: false, .. }) => {
            add(MessageCreated, message.conversation_id, Some(message.seq), None);
            add(MessageUnread, message.conversation_id, Some(message.seq), None);
        }
        (_, Outcome::Deleted { message: Some(message) }) if message.message_type == MessageType::Text => {
            add(MessageDeleted, message.conversation_id, Some(message.seq), None);
        }
        (_, Outcome::ConversationCreated { id, created: true, .. }) => {
            add(ConversationCreated, *id, None, None);
        }
        (
            _,
            Outcome::GroupChanged(changed)
            | Outcome::IncomingWebhookCreated { changed, .. }
            | Outcome::IncomingWebhookRevoked(changed),
        ) => {
            for message in &changed.messages {
                let kind = match message.event.as_deref().map(|event| event.kind) {
                    Some(GroupEventKind::Added | GroupEventKind::Joined) => MemberJoined,
                    Some(GroupEventKind::Left | GroupEventKind::Removed) => MemberLeft,
                    Some(GroupEventKind::Closed) => {
                        add(ConversationClosed, message.conversation_id, Some(message.seq), None);
                        continue;
                    }
                    Some(GroupEventKind::Reopened) => {
                        add(ConversationReopened, message.conversation_id, Some(message.seq), None);
                        continue;
                    }
                    _ => continue,
                };
                for member in changed.members.iter().filter(|member| member.rev == message.rev) {
                    add(kind, message.conversation_id, Some(message.seq), Some(member.user.id));
                }
            }
        }
        _ => {}
    }
}

/// An event that is claimed for delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// Its number.
    pub id: i64,
    /// The id that the endpoint knows.
    pub key: Uuid,
    /// The kind.
    pub kind: WebhookEventKind,
    /// The conversation.
    pub conversation: ConversationId,
    /// The message that the event is about, or that tells of it.
    pub seq: Option<i64>,
    /// The person who joined or left.
    pub user: Option<UserId>,
    /// When it happened.
    pub created_at: Timestamp,
    /// The number of failed attempts.
    pub attempts: i64,
    /// The time after which no attempt is made.
    pub expires_at: Timestamp,
    /// Until then it is claimed.
    pub leased_until: Timestamp,
}

/// The claim of a delivery by one node. It has ended when the delivery has another lease, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookClaim {
    /// The number of the delivery.
    pub id: i64,
    /// The end of the lease.
    pub leased_until: Timestamp,
}

impl WebhookDelivery {
    /// The claim under which it is delivered.
    #[must_use]
    pub fn claim(&self) -> WebhookClaim {
        WebhookClaim { id: self.id, leased_until: self.leased_until }
    }

    /// The id as the endpoint knows it.
    #[must_use]
    pub fn event_id(&self) -> String {
        event_id(self.key)
    }
}

fn event_id(key: Uuid) -> String {
    format!("evt_{}", key.simple())
}

/// The end of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryResult {
    /// The endpoint accepted it, with this status.
    Delivered(u16),
    /// To be tried again at this time, as the following events of the conversation. The status of the answer, if there was one.
    Failed(Option<u16>, Timestamp),
    /// Not to be tried again. The status of the answer, if there was one.
    GivenUp(Option<u16>),
    /// No attempt was made.
    Released,
    /// No attempt was made, and none is to be made before this time.
    Postponed(Timestamp),
    /// There is nothing to tell: the conversation is gone, or nobody is away.
    Dropped,
}

/// State of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waits for its first or next attempt.
    Pending,
    /// The endpoint accepted it.
    Delivered,
    /// The endpoint did not accept it within a day.
    GivenUp,
}

/// A delivery as operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Its number.
    pub id: i64,
    /// The id that the endpoint knows.
    pub key: Uuid,
    /// The kind.
    pub kind: WebhookEventKind,
    /// The conversation.
    pub conversation: ConversationId,
    /// When the event happened.
    pub created_at: Timestamp,
    /// The state.
    pub state: DeliveryState,
    /// The number of attempts.
    pub attempts: i64,
    /// When the last attempt was made.
    pub tried_at: Option<Timestamp>,
    /// The HTTP status of the last answer; `None` if there was none.
    pub status: Option<u16>,
    /// When the next attempt is made, if it is pending.
    pub next_at: Option<Timestamp>,
}

impl DeliveryRecord {
    /// The id as the endpoint knows it.
    #[must_use]
    pub fn event_id(&self) -> String {
        event_id(self.key)
    }
}

/// The contents of an event, read at the time of delivery.
#[derive(Clone, Debug)]
pub struct WebhookFacts {
    /// The kind of the conversation.
    pub conversation_kind: ConversationKind,
    /// The title of a group.
    pub title: Option<String>,
    /// When the conversation was created.
    pub conversation_created_at: Timestamp,
    /// The subject that the conversation is about.
    pub subject: Option<Subject>,
    /// The message that the event is about, or that tells of it.
    pub message: Option<Message>,
    /// The person who joined or left.
    pub user: Option<Person>,
    /// The members of a new conversation, at most [`protocol::limits::SMALL_CONVERSATION`].
    pub members: Vec<Member>,
    /// The members who have not read the message of a [`WebhookEventKind::MessageUnread`] and want to be told of it. None in a
    /// conversation of more than [`protocol::limits::SMALL_CONVERSATION`] members.
    pub recipients: Vec<UnreadRecipient>,
    /// How their products name the people above, where they come from products.
    pub identities: BTreeMap<UserId, ProductIdentity>,
}

/// A member who has not read a message.
#[derive(Clone, Debug, PartialEq)]
pub struct UnreadRecipient {
    /// The member.
    pub person: Person,
    /// The role in the subject of the conversation.
    pub subject_role: Option<String>,
    /// The number of unread messages, at most [`protocol::limits::UNREAD_CAP`].
    pub unread: i64,
}

/// Storage of webhooks.
#[async_trait]
pub trait WebhookStore: Send + Sync + 'static {
    /// The kinds of events that commits store.
    fn webhook_switch(&self) -> &WebhookSwitch;
    /// Adds an endpoint.
    ///
    /// # Errors
    /// `invalid` if there are [`MAX_WEBHOOKS`]. `id_conflict` if the request is a repeat, and asks for something else.
    async fn add_webhook(&self, new: &NewWebhook, now: Timestamp) -> Result<Webhook>;
    /// Reads all endpoints, in the order in which they were added.
    async fn webhooks(&self) -> Result<Vec<Webhook>>;
    /// Removes an endpoint with its deliveries; `false` if there is none with this number.
    async fn remove_webhook(&self, id: i64) -> Result<bool>;
    /// Claims pending events of an endpoint until `leased_until`, after which others may claim them: the first ones of up to
    /// [`CLAIMED_LANES`] conversations, a list for each, in their order. An event is claimed only together with or after all
    /// earlier ones of its conversation. Unread messages count as a conversation of their own.
    async fn claim_webhook_events(
        &self,
        webhook: i64,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Vec<Vec<WebhookDelivery>>>;
    /// Ends claims, in one transaction. The result of a claim that has ended before changes nothing: another node may have delivered
    /// the event since.
    async fn finish_webhook_events(
        &self,
        results: &[(WebhookClaim, DeliveryResult)],
        now: Timestamp,
    ) -> Result<()>;
    /// Reads the contents of an event; `None` if the conversation, the message or the person is gone.
    async fn webhook_facts(&self, event: &WebhookDelivery, now: Timestamp) -> Result<Option<WebhookFacts>>;
    /// Reads the deliveries of an endpoint before a number (`None`: the newest), newest first, at most `limit`.
    async fn webhook_deliveries(
        &self,
        webhook: i64,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>>;
    /// Makes a delivery pending again, due now, until `expires_at`; `false` if there is none with this number. From then on it counts
    /// as a conversation of its own: it waits for no other event, and no other event waits for it.
    async fn resend_webhook_event(&self, id: i64, now: Timestamp, expires_at: Timestamp) -> Result<bool>;
    /// Deletes deliveries that ended before this time, and those of endpoints that are gone, and returns their number.
    async fn sweep_webhook_events(&self, before: Timestamp) -> Result<u64>;
}
