//! Storage of conversations and accounts. One contract, tested by one suite for all implementations.
//!
//! Lookup is authorization: everything about a conversation is read *through* the membership of the user, and what the user
//! may not see is [`crate::Error::not_found`], like what does not exist.

// The files of `shared_sql/` are compiled once for each database.
#![allow(clippy::duplicate_mod)]

mod accounts;
mod columns;
#[cfg(test)]
mod contract;
mod error;
mod pool;
mod postgres;
mod sqlite;

pub use accounts::{Account, AccountStore, NewAccount, Profile, Revocation, StoredSession};
pub use postgres::Postgres;
pub use sqlite::{Counts, Sqlite};

use crate::Result;
use async_trait::async_trait;
use protocol::{
    Changes, ClientId, Conversation, ConversationId, Hidden, Message, MessageId, MessageReceipt, Page,
    Person, ServerFrame, SyncRequest, Timestamp, UserId,
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
    /// Remove a member, or leave. Owners and moderators may remove members, moderators no owners. Direct conversations cannot
    /// be left (`forbidden`).
    Remove {
        /// The acting member.
        by: UserId,
        /// The conversation.
        conversation: ConversationId,
        /// The member to remove; equal to `by` to leave.
        member: UserId,
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
        entered: Vec<Entered>,
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
        entered: Vec<Entered>,
    },
    /// A member was removed, or left.
    Removed {
        /// The system message about it.
        message: Message,
        /// The former member.
        member: protocol::Member,
        /// The new counter of the former member.
        user_rev: i64,
    },
}

/// A conversation that appears in a member's list.
#[derive(Clone, Debug, PartialEq)]
pub struct Entered {
    /// The member.
    pub user: UserId,
    /// The new counter of the member.
    pub user_rev: i64,
    /// The conversation as this member sees it, before its first message.
    pub conversation: Conversation,
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
    /// Whether the delivered position moved.
    pub delivered: bool,
    /// The new counter of the reader, if the read position moved.
    pub user_rev: Option<i64>,
}

/// Where a person stands: all that a connection has to know before it listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The person's own counter.
    pub user_rev: i64,
    /// All conversations in their list, with the counter of each.
    pub counters: Vec<(ConversationId, i64)>,
}

/// What a sync reads from one snapshot; the hub adds presence and typing.
#[derive(Clone, Debug)]
pub struct SyncRows {
    /// The person's own counter.
    pub user_rev: i64,
    /// The person.
    pub user: Person,
    /// When asked for, or when `user_rev` is past the asker's.
    pub list: Option<Vec<Conversation>>,
    /// For each open conversation that is there.
    pub open: Vec<Changes>,
    /// Those that are not.
    pub gone: Vec<ConversationId>,
    /// Since the asked-for `user_rev`.
    pub hidden: Vec<Hidden>,
    /// All conversations in the person's list with their counters, so that the caller knows what its snapshot covers.
    pub counters: Vec<(ConversationId, i64)>,
}

/// Keeps conversations.
#[async_trait]
pub trait Store: AccountStore {
    /// Makes all of these changes durable in one transaction, each as if alone in the given order, and says what became
    /// of each. A refused one leaves nothing and does not disturb the others.
    ///
    /// # Errors
    /// The whole batch failed, and nothing of it was written.
    async fn commit(&self, batch: &[Write], now: Timestamp) -> Result<Vec<Result<Outcome>>>;

    /// Where a person stands, by one statement: each connection begins with it.
    async fn standing(&self, user: UserId) -> Result<Standing>;

    /// Everything that `request` is missing, from one snapshot.
    async fn sync(&self, user: UserId, request: &SyncRequest) -> Result<SyncRows>;

    /// One conversation as its asker sees it, with all of its members.
    async fn conversation(&self, user: UserId, id: ConversationId) -> Result<Conversation>;

    /// The conversations in the asker's list, newest activity first.
    async fn conversations(&self, user: UserId) -> Result<Vec<Conversation>>;

    /// What changed after a cursor: at most [`protocol::limits::CHANGES`] rows, or the last page when the cursor is more
    /// than [`protocol::limits::RESET_BEHIND`] behind or not above 0.
    async fn changes(&self, user: UserId, id: ConversationId, after: i64) -> Result<Changes>;

    /// Messages with a `seq` below `before` (none: the newest), at most `limit`.
    async fn page(&self, user: UserId, id: ConversationId, before: Option<i64>, limit: usize)
    -> Result<Page>;

    /// Messages with a `seq` above `after`, the oldest of them, at most `limit`.
    async fn page_after(&self, user: UserId, id: ConversationId, after: i64, limit: usize) -> Result<Page>;

    /// The message that this sender gave this id, with the hash it was sent under, if there is one in a conversation that
    /// they are still a member of.
    async fn sent(&self, sender: UserId, client_id: ClientId) -> Result<Option<(Message, [u8; 16])>>;

    /// Ids of all members who are in the conversation now.
    async fn member_ids(&self, id: ConversationId) -> Result<Vec<UserId>>;

    /// Whether the user is in the conversation now.
    async fn is_member(&self, user: UserId, id: ConversationId) -> Result<bool>;

    /// The other members of the conversations in this person's list that have at most
    /// [`protocol::limits::SMALL_CONVERSATION`] members, each once, with when they were last seen: those whose presence is told one by one.
    async fn acquaintances(&self, user: UserId) -> Result<Vec<(Person, Option<Timestamp>)>>;

    /// Who of those who were there has a message that the asker may see, and since when as far as that is kept: in
    /// conversations of at most [`protocol::limits::SMALL_CONVERSATION`] members, until [`Self::sweep_receipts`].
    async fn receipts(
        &self,
        user: UserId,
        id: ConversationId,
        message: MessageId,
    ) -> Result<Vec<MessageReceipt>>;

    /// Forgets when positions moved before this, and says how many such moves there were.
    async fn sweep_receipts(&self, before: Timestamp) -> Result<u64>;

    /// The counters of these conversations, without asking for whom: for the hub's own comparison.
    async fn counters(&self, ids: &[ConversationId]) -> Result<Vec<(ConversationId, i64)>>;

    /// The own counters of these people: for the hub's comparison, too.
    async fn user_revs(&self, users: &[UserId]) -> Result<Vec<(UserId, i64)>>;

    /// What all nodes of this installation share under this name: what was kept first, which is `fresh` where there was
    /// nothing.
    async fn shared(&self, name: &str, fresh: &str) -> Result<String>;

    /// The frames that moved a conversation's counter past `after`, in order, at most [`protocol::limits::CHANGES`], as far as
    /// they can still be told: a message that changed twice is told once, as it is now. For the hub.
    async fn frames_after(&self, id: ConversationId, after: i64) -> Result<Vec<ServerFrame>>;

    /// People whose username or name begins with (or contains) the words, without the asker and the suspended.
    async fn people(&self, user: UserId, query: &str, limit: usize) -> Result<Vec<Person>>;

    /// Remembers that these people were there until now.
    async fn seen(&self, users: &[UserId], now: Timestamp) -> Result<()>;

    /// Answers when the database does.
    async fn ready(&self) -> Result<()>;
}
