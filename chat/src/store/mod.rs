//! Storage of conversations and accounts. One contract, tested by one suite for all implementations.
//!
//! Lookup is authorization: each statement about a conversation checks the membership of the user, and whatever the user may not
//! see is [`crate::Error::not_found`], as if it did not exist.

// The files of `shared_sql/` are compiled once for each database.
#![allow(clippy::duplicate_mod)]

mod accounts;
mod administration;
mod columns;
#[cfg(test)]
pub(crate) mod contract;
mod error;
mod external;
mod groups;
mod incoming_webhooks;
mod invitations;
mod moderation;
mod postgres;
mod push;
mod service_keys;
mod sqlite;
mod subjects;
mod transfer;
mod webhooks;

pub use accounts::{
    Account, AccountKind, AccountStore, NewAccount, ProfileChange, Revocation, StoredSignIn, TokenSwap,
};
pub use administration::{AdministrationStore, ManagedGroup, ManagedPerson};
pub use external::{ExternalIdentity, ExternalIdentityStore, ExternalSignIn, HandOver, ProductIdentity};
pub use groups::{GroupChange, GroupChanged, GroupUpdate, GroupWrite};
pub use incoming_webhooks::{IncomingWebhookStore, MAX_INCOMING_WEBHOOKS, NewIncomingWebhook};
pub use invitations::{
    Admission, EndedInvitation, InvitationEnd, InvitationStore, Invited, LinkKey, LinkPreview, NewLink,
    TokenHash,
};
pub use moderation::{
    ModeratedConversation, ModeratedEntry, ModeratedMember, ModerationAccess, ModerationFilter,
    ModerationPosition, ModerationStore, ReadPosition,
};
pub use postgres::Postgres;
pub use push::{
    MAX_ENDPOINT, MAX_PUSH_SUBSCRIPTIONS, NewPushSubscription, PushCandidate, PushClaim, PushKind,
    PushResult, PushStore, PushSubscription, SWEPT_MESSAGES, UnpushedPeople,
};
pub use service_keys::{NewServiceKey, ServiceKeyStore, StoredServiceKey};
pub use sqlite::{Counts, Sqlite};
pub use subjects::{
    ClosingRoles, NewSubject, ParticipantClosing, SubjectCard, SubjectConversation, SubjectKey, SubjectStore,
    SubjectWrite,
};
pub use transfer::{
    ExportReader, ImportCounts, ImportOutcome, ImportRow, MemberPositions, Positions, Transfer,
    TransferConversation, TransferEvent, TransferMember, TransferMessage, TransferPerson, TransferRow,
    TransferSubject,
};

pub use webhooks::{
    CLAIMED_EVENTS, CLAIMED_LANES, DeliveryRecord, DeliveryResult, DeliveryState, MAX_WEBHOOKS, NewWebhook,
    UnreadRecipient, Webhook, WebhookClaim, WebhookDelivery, WebhookEventKind, WebhookEvents, WebhookFacts,
    WebhookStore, WebhookSwitch,
};
pub(crate) use webhooks::{NewWebhookEvent, events_of};

pub use crate::privacy::Privacy;

use crate::Result;
use async_trait::async_trait;
use protocol::{
    Changes, ClientId, Conversation, ConversationId, Hidden, IncomingWebhook, Invitation, InvitationId,
    InvitationLink, ListFilter, ListPage, ListPosition, MembershipChange, Message, MessageId, MessageReceipt,
    Notification, NotificationId, NotificationPage, Page, Person, PersonalState, Preferences,
    PreferencesChange, ServerFrame, SyncRequest, Timestamp, UserId,
};
use sha2::{Digest as _, Sha256};

/// A change of a conversation, written in a batch with others.
#[derive(Clone, Debug)]
pub enum Write {
    /// A message, content normalised by [`protocol::normalise`].
    Send(NewMessage),
    /// Move a read or delivered position forward.
    Mark(Mark),
    /// Hide a message for one member, or show it again.
    Hide {
        /// The member.
        user: UserId,
        /// The conversation of the message.
        conversation: ConversationId,
        /// The message.
        message: MessageId,
        /// Hide (`true`) or show again.
        hidden: bool,
    },
    /// Delete a message for everyone: by its sender within 48 hours, or by a moderator or owner at any time. A tombstone
    /// remains.
    Delete {
        /// The member who deletes.
        user: UserId,
        /// The conversation of the message.
        conversation: ConversationId,
        /// The message.
        message: MessageId,
    },
    /// Create a conversation, or find the direct conversation of two people. A new direct conversation appears only in the
    /// creator's list; in the other person's list with its first message, or when that person creates it too.
    CreateConversation(NewConversation),
    /// Change a group: its members, their roles, its title, picture or history.
    Group(GroupWrite),
    /// Open or change a conversation about a subject of a product.
    Subject(SubjectWrite),
    /// Change preferences. Refused with [`ErrorCode::Invalid`](protocol::ErrorCode::Invalid) if a rule is broken.
    UpdatePreferences {
        /// The person.
        user: UserId,
        /// The change.
        change: Box<PreferencesChange>,
    },
    /// Mark the notifications of a person as read.
    ReadNotifications {
        /// The person.
        user: UserId,
        /// The time of the newest one that is read; `None`, and a time to come: now.
        up_to: Option<Timestamp>,
    },
    /// Change the state of a conversation for one member alone. Pinned conversations are numbered from 1 without gaps.
    SetMembership {
        /// The member.
        user: UserId,
        /// The conversation.
        conversation: ConversationId,
        /// The change.
        change: MembershipChange,
    },
    /// Create a link by which people join a group. For its owners and moderators.
    CreateLink(NewLink),
    /// Revoke a link of a group: it expires. For its owners and moderators.
    RevokeLink {
        /// The acting member.
        by: UserId,
        /// The group.
        conversation: ConversationId,
        /// The link.
        link: LinkKey,
    },
    /// Join a group by a link or an invitation. Of a member, nothing changes.
    Join {
        /// The person.
        user: UserId,
        /// The group of the link or invitation.
        conversation: ConversationId,
        /// The permission.
        by: Admission,
    },
    /// Create an incoming webhook of a group, with its bot, which becomes a member. For its owners and moderators.
    CreateIncomingWebhook(NewIncomingWebhook),
    /// Revoke an incoming webhook of a group; its bot leaves. For its owners and moderators.
    RevokeIncomingWebhook {
        /// The acting member.
        by: UserId,
        /// The group.
        conversation: ConversationId,
        /// The number of the webhook.
        webhook: i64,
    },
    /// End an invitation that waits for an answer, without a membership.
    EndInvitation {
        /// The invited person.
        user: UserId,
        /// The invitation.
        invitation: InvitationId,
        /// The reason.
        end: InvitationEnd,
    },
}

/// A message to store.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// The sender.
    pub sender: UserId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The id that the sender's client chose.
    pub client_id: ClientId,
    /// The result of [`content_hash`].
    pub hash: [u8; 16],
    /// The text, normalised by [`protocol::normalise`].
    pub content: String,
    /// A message of the same conversation that the sender may see.
    pub reply_to: Option<MessageId>,
}

/// Hash that distinguishes a repeat of a message from another message with the same client id: the first 16 bytes of the
/// SHA-256 of [`protocol::content_hash_input`]. `content` has to be normalised.
#[must_use]
pub fn content_hash(conversation: ConversationId, content: &str, reply_to: Option<MessageId>) -> [u8; 16] {
    let digest = Sha256::digest(protocol::content_hash_input(conversation, content, reply_to));
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest[..16]);
    hash
}

/// A receipt: moves a position of a member.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// The member.
    pub user: UserId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The last message that is covered; `None` for the newest.
    pub message: Option<MessageId>,
    /// Read, which implies delivered (`true`), or only delivered.
    pub read: bool,
}

/// A conversation to create.
#[derive(Clone, Debug)]
pub struct NewConversation {
    /// The person who creates it, and becomes the owner of a group.
    pub creator: UserId,
    /// All members, including the creator, each once.
    pub participants: Vec<UserId>,
    /// The title of a group. Two participants without a title share exactly one direct conversation.
    pub title: Option<String>,
    /// The id that the creator's client gave this request: a repeat gives the same conversation, and another request with the
    /// same id is refused with [`ErrorCode::IdConflict`](protocol::ErrorCode::IdConflict).
    pub client_id: Option<ClientId>,
    /// Whether people who do not let the creator add them are invited instead. `false` for groups that the installation itself
    /// creates.
    pub invites: bool,
}

/// The outcome of a [`Write`].
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A message was sent.
    Sent {
        /// The message as stored.
        message: Message,
        /// The message existed already, and nothing was written.
        repeated: bool,
        /// The members in whose list the conversation appears with this message, its first one.
        newly_listed: Vec<NewlyListed>,
        /// The members out of whose archive this message brings the conversation, ordered by id, with their new states.
        unarchived: Vec<(UserId, PersonalChange)>,
        /// The notifications of the people whom the message mentions, ordered by person.
        notified: Vec<Notified>,
        /// The sender's own state without the draft, if the message was the draft.
        draft: Option<PersonalChange>,
    },
    /// A receipt was processed; `None` if no position moved.
    Marked(Option<Marked>),
    /// A message was hidden or shown.
    Hidden {
        /// The new counter of the person; `None` if nothing changed.
        user_rev: Option<i64>,
    },
    /// A message was deleted for everyone.
    Deleted {
        /// The tombstone; `None` if the message was deleted already.
        message: Option<Message>,
    },
    /// A conversation was created, or found.
    ConversationCreated {
        /// The conversation.
        id: ConversationId,
        /// Whether this write created it.
        created: bool,
        /// The members in whose list it appears, ordered by id: all members of a new group, the creator of a new direct
        /// conversation, or the person who finds a direct conversation that was not in their list.
        newly_listed: Vec<NewlyListed>,
        /// The people who were invited in place of becoming members, ordered by id.
        invited: Vec<Invited>,
    },
    /// A group was changed, or was so already.
    GroupChanged(GroupChanged),
    /// Preferences were changed.
    PreferencesUpdated {
        /// The preferences after the change.
        preferences: Preferences,
        /// The new counter of the person; `None` if nothing changed.
        user_rev: Option<i64>,
    },
    /// The notifications of a person were marked as read.
    NotificationsRead {
        /// The time up to which they are read.
        up_to: Timestamp,
        /// The new counter of the person; `None` if nothing changed.
        user_rev: Option<i64>,
    },
    /// Personal states were set: that of the conversation, and those of pinned ones that moved. Empty if nothing changed.
    MembershipSet(Vec<PersonalChange>),
    /// A link was created.
    LinkCreated(InvitationLink),
    /// A link was revoked.
    LinkRevoked,
    /// An incoming webhook was created.
    IncomingWebhookCreated {
        /// The webhook.
        webhook: Box<IncomingWebhook>,
        /// The change of the group: its bot is a member.
        changed: GroupChanged,
    },
    /// An incoming webhook was revoked, with the change of the group, none if its bot had been removed before.
    IncomingWebhookRevoked(GroupChanged),
    /// An invitation to a group ended; `None` if the person had declined it already.
    InvitationEnded(Option<(ConversationId, EndedInvitation)>),
}

/// A personal state that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonalChange {
    /// The conversation.
    pub conversation: ConversationId,
    /// The new counter of the person.
    pub user_rev: i64,
    /// The state after the change.
    pub state: PersonalState,
}

/// A conversation that appears in a member's list.
#[derive(Clone, Debug, PartialEq)]
pub struct NewlyListed {
    /// The member.
    pub user: UserId,
    /// The new counter of the member.
    pub user_rev: i64,
    /// The conversation as this member sees it, before the message.
    pub conversation: Conversation,
}

/// A notification that was stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Notified {
    /// The person who is notified.
    pub user: UserId,
    /// The new counter of the person.
    pub user_rev: i64,
    /// The notification.
    pub notification: Notification,
}

/// A receipt that moved a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The newest message that it covers.
    pub message: MessageId,
    /// The `seq` of that message.
    pub seq: i64,
    /// Whether the read position moved.
    pub read: bool,
    /// Whether others see that: the reader sends read receipts.
    pub shown: bool,
    /// Whether the delivered position moved.
    pub delivered: bool,
    /// Whether the unread mark was removed.
    pub unmarked: bool,
    /// The new counter of the reader, if the read position moved or the unread mark was removed.
    pub user_rev: Option<i64>,
}

/// Counters of a person and of the conversations in their list: a connection reads them before it subscribes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCounters {
    /// The counter of the person.
    pub user_rev: i64,
    /// What the person hides.
    pub privacy: Privacy,
    /// All conversations in their list, with the counter of each.
    pub counters: Vec<(ConversationId, i64)>,
}

/// Rows of a sync, from one snapshot; the hub adds presence and typing.
#[derive(Clone, Debug)]
pub struct SyncRows {
    /// The person's own counter.
    pub user_rev: i64,
    /// The person.
    pub user: Person,
    /// The person's preferences.
    pub preferences: Preferences,
    /// The first conversations of the list and the open ones, if the list was requested, or if `user_rev` is past the one of
    /// the request.
    pub list: Option<Vec<Conversation>>,
    /// The position behind the first conversations of the list, if those are not all.
    pub next: Option<ListPosition>,
    /// The number of unread messages in the conversations behind that position, at most [`protocol::limits::UNREAD_CAP`].
    pub unread_after: u32,
    /// Changes of each open conversation of which the person is a member.
    pub open: Vec<Changes>,
    /// Open conversations of which the person is not a member, or which do not exist.
    pub gone: Vec<ConversationId>,
    /// The archived conversations, with `list`.
    pub archived: Vec<ConversationId>,
    /// Messages that were hidden or shown again since the `user_rev` of the request.
    pub hidden: Vec<Hidden>,
    /// The newest notifications, if there is a list.
    pub notifications: Option<NotificationPage>,
    /// All conversations in the person's list with their counters, which are the high-water marks of the snapshot.
    pub counters: Vec<(ConversationId, i64)>,
    /// The invitations of the person that wait for an answer, together with the list.
    pub invitations: Option<Vec<Invitation>>,
}

/// Storage of conversations.
///
/// What members hide stays hidden: others' read positions are those that they show, and 0 for a user who hides reading.
#[async_trait]
pub trait Store:
    AccountStore
    + ExternalIdentityStore
    + InvitationStore
    + Transfer
    + PushStore
    + WebhookStore
    + ServiceKeyStore
    + AdministrationStore
    + IncomingWebhookStore
    + SubjectStore
    + ModerationStore
{
    /// Applies all of these changes in one transaction, as if one after another in the given order, and returns the outcome of
    /// each. A refused one leaves nothing and does not disturb the others.
    ///
    /// # Errors
    /// The whole batch failed, and nothing of it was written.
    async fn commit(&self, batch: &[Write], now: Timestamp) -> Result<Vec<Result<Outcome>>>;

    /// Reads the counters of a person, by one statement: each connection begins with it.
    async fn user_counters(&self, user: UserId) -> Result<UserCounters>;

    /// Reads everything that the client of `request` lacks, from one snapshot.
    async fn sync(&self, user: UserId, request: &SyncRequest) -> Result<SyncRows>;

    /// Reads the same as [`Self::sync`] with a list for a client that does not subscribe: `counters` has the listed conversations
    /// alone, so that the cost does not grow with the list.
    async fn sync_once(&self, user: UserId, request: &SyncRequest) -> Result<SyncRows>;

    /// Reads one conversation as this user sees it, with all of its members.
    async fn conversation(&self, user: UserId, id: ConversationId) -> Result<Conversation>;

    /// Reads all conversations of the user, the archived ones included, newest activity first.
    async fn conversations(&self, user: UserId) -> Result<Vec<Conversation>>;

    /// Reads the next `limit` conversations of the user's list, or of the filter, after a position (`None`: the first ones),
    /// newest activity first, and the position behind them, if there are more. The first page of the list begins with the pinned
    /// conversations, beside the others. Each conversation that the list contained at the time of the first page is on one of
    /// the pages, also when conversations move meanwhile.
    async fn conversation_page(
        &self,
        user: UserId,
        filter: Option<ListFilter>,
        subject_kind: Option<&str>,
        after: Option<ListPosition>,
        limit: usize,
    ) -> Result<(Vec<Conversation>, Option<ListPosition>)>;

    /// Reads the page of the list, or of the filter, about subjects of this kind (`None`: all), behind a position, for a client with
    /// the pages before it.
    async fn list_page(
        &self,
        user: UserId,
        filter: Option<ListFilter>,
        subject_kind: Option<String>,
        after: Option<ListPosition>,
    ) -> Result<ListPage>;

    /// Reads the changes after a cursor: at most [`protocol::limits::CHANGES`] rows, or the last page when the cursor is more
    /// than [`protocol::limits::RESET_BEHIND`] behind or not above 0.
    async fn changes(&self, user: UserId, id: ConversationId, after: i64) -> Result<Changes>;

    /// Reads messages with a `seq` below `before` (`None`: the newest), at most `limit`.
    async fn page(&self, user: UserId, id: ConversationId, before: Option<i64>, limit: usize)
    -> Result<Page>;

    /// Reads messages with a `seq` above `after`, the oldest of them, at most `limit`.
    async fn page_after(&self, user: UserId, id: ConversationId, after: i64, limit: usize) -> Result<Page>;

    /// Reads the message that this sender gave this client id, with its [`content_hash`], if the sender is still a member of
    /// its conversation.
    async fn sent(&self, sender: UserId, client_id: ClientId) -> Result<Option<(Message, [u8; 16])>>;

    /// Reads the ids of all current members.
    async fn member_ids(&self, id: ConversationId) -> Result<Vec<UserId>>;

    /// Whether the user is a current member.
    async fn is_member(&self, user: UserId, id: ConversationId) -> Result<bool>;

    /// Whether others see the user typing in a conversation; `None` if the user is not a current member.
    async fn shows_typing(&self, user: UserId, id: ConversationId) -> Result<Option<bool>>;

    /// Reads the other members of the conversations in this person's list that have at most
    /// [`protocol::limits::SMALL_CONVERSATION`] members, each once, with the time when they were last seen. The person is sent
    /// the presence of each of them.
    async fn contacts(&self, user: UserId) -> Result<Vec<(Person, Option<Timestamp>)>>;

    /// Reads when these people were last seen, as far as they ever were.
    async fn last_seen(&self, users: &[UserId]) -> Result<Vec<(UserId, Timestamp)>>;

    /// Reads which members have received and read a message, and when, as far as times are kept: in
    /// conversations of at most [`protocol::limits::SMALL_CONVERSATION`] members, until [`Self::sweep_receipts`].
    async fn receipts(
        &self,
        user: UserId,
        id: ConversationId,
        message: MessageId,
    ) -> Result<Vec<MessageReceipt>>;

    /// Deletes the times of receipts before this time, and returns their number.
    async fn sweep_receipts(&self, before: Timestamp) -> Result<u64>;

    /// Reads the notifications of this person before a key (`None`: the newest), newest first, at most `limit`, and the number of
    /// all unread ones: stored ones until [`Self::sweep_notifications`], and one for each direct conversation with unread
    /// messages. Without those of deleted messages and of conversations that the person left.
    async fn notifications(
        &self,
        user: UserId,
        cursor: Option<NotificationId>,
        limit: usize,
    ) -> Result<NotificationPage>;

    /// Deletes stored notifications from before this time, and returns their number.
    async fn sweep_notifications(&self, before: Timestamp) -> Result<u64>;

    /// Puts memberships of this person to rest if more than `most_awake` are not, but for the `newest` ones and those of large
    /// conversations, and returns their number. That changes nothing that anybody sees: it bounds what reading the list costs.
    async fn rest(&self, user: UserId, most_awake: usize, newest: usize) -> Result<u64>;

    /// Deletes the ids of requests to change groups that were carried out before this time, and returns their number.
    async fn sweep_requests(&self, before: Timestamp) -> Result<u64>;

    /// Reads the counters of these conversations, without a check of membership: for the hub's gap repair.
    async fn counters(&self, ids: &[ConversationId]) -> Result<Vec<(ConversationId, i64)>>;

    /// Reads the counters of these people: for the hub's gap repair.
    async fn user_revs(&self, users: &[UserId]) -> Result<Vec<(UserId, i64)>>;

    /// Reads a value that all nodes of the installation share under this name. The first caller sets it, to `fresh`.
    async fn shared(&self, name: &str, fresh: &str) -> Result<String>;

    /// Reads the frames of a conversation's changes past `after`, in order, at most [`protocol::limits::CHANGES`]. A message that
    /// changed twice has one frame, with its current state. For the hub's gap repair.
    async fn frames_after(&self, id: ConversationId, after: i64) -> Result<Vec<ServerFrame>>;

    /// Finds people by the beginnings of words of their username and names, without the user and the suspended. Case, marks and
    /// variants of letters do not matter; each word of the query has to begin a word. All people, for an empty query.
    async fn people(&self, user: UserId, query: &str, limit: usize) -> Result<Vec<Person>>;

    /// Sets the time when these people were last seen.
    async fn seen(&self, users: &[UserId], now: Timestamp) -> Result<()>;

    /// The number of changes that commands made beside a running server.
    async fn command_changes(&self) -> Result<i64>;
    /// Counts a change that a command made, so that each node compares its conversations with the database.
    async fn count_command_change(&self) -> Result<()>;

    /// Succeeds if the database answers.
    async fn ready(&self) -> Result<()>;

    /// Clears the parts of the database's files that hold no rows, but may hold copies of deleted ones. It reads the whole
    /// SQLite database; on Postgres, it does nothing.
    async fn clear_unused_space(&self) -> Result<()>;

    /// Removes content that was deleted before from the files that this program writes: SQLite's write-ahead log. On
    /// Postgres, the server decides how long it keeps its log.
    ///
    /// # Errors
    /// A long read, such as a backup, prevents it for now.
    async fn scrub(&self) -> Result<()>;

    /// Closes the database, after everything that uses it has ended. SQLite's log is then in the database.
    async fn close(&self) -> Result<()>;
}
