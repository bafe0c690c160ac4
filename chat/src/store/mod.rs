//! What keeps conversations and accounts. One contract, held by one suite of tests for every implementation.
//!
//! Lookup is authorization: whatever concerns a conversation is read *through* the membership of the asker, and what
//! the asker may not see is [`Error::not_found`], the same as what is not there.

// The text of `shared_sql/` is compiled for each database.
#![allow(clippy::duplicate_mod)]

mod accounts;
mod columns;
#[cfg(test)]
mod contract;
mod migrations;
mod postgres;
mod sqlite;

pub use accounts::{Account, AccountStore, NewAccount, Profile, Revocation, StoredSession};
pub use postgres::Postgres;
pub use sqlite::{Counts, Sqlite};

use crate::{Error, Result};
use async_trait::async_trait;
use protocol::{
    Changes, ClientId, Conversation, ConversationId, Hidden, Message, MessageId, MessageReceipt, Page,
    Person, ServerFrame, SyncRequest, Timestamp, UserId,
};
use sha2::{Digest as _, Sha256};

/// A change of a conversation, to be made in a batch with others.
#[derive(Clone, Debug)]
pub enum Write {
    /// A message, content normalised by [`protocol::normalise`].
    Send(NewMessage),
    /// Read (or delivered) up to a message; max-merge.
    Mark(Mark),
    /// Hide a message from oneself, or show it again.
    Hide {
        /// From whom.
        user: UserId,
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// False: show it again.
        hidden: bool,
    },
    /// Delete for everyone: by its sender within 48 h, or by a moderator or owner at any time. A tombstone stays.
    Delete {
        /// Who deletes.
        user: UserId,
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
    },
    /// Found a conversation, or find the direct one of two people. A new direct conversation appears in the founder's list
    /// alone; in the other one's with its first message, or when they find it by this write.
    Found(NewConversation),
    /// Take a member out (oneself: leave). Owners and moderators may remove members; a moderator no owner. Nobody leaves a
    /// direct conversation (`forbidden`): it is the one of its two people for ever.
    Remove {
        /// Who does it.
        by: UserId,
        /// Where.
        conversation: ConversationId,
        /// Who goes.
        member: UserId,
    },
}

/// A message to be kept.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Who sends it.
    pub sender: UserId,
    /// Where.
    pub conversation: ConversationId,
    /// Its id of the sender's making.
    pub client_id: ClientId,
    /// See [`content_hash`].
    pub hash: [u8; 16],
    /// Normalised.
    pub content: String,
    /// A message of the same conversation that the sender may see.
    pub reply_to: Option<MessageId>,
}

/// Tells a repeat of a message from another message under the same id: SHA-256 of [`protocol::content_hash_input`], its
/// first 16 bytes. `content` is normalised.
#[must_use]
pub fn content_hash(conversation: ConversationId, content: &str, reply_to: Option<MessageId>) -> [u8; 16] {
    let digest = Sha256::digest(protocol::content_hash_input(conversation, content, reply_to));
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest[..16]);
    hash
}

/// A receipt.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// Whose.
    pub user: UserId,
    /// Where.
    pub conversation: ConversationId,
    /// Up to this message; none: up to the newest.
    pub message: Option<MessageId>,
    /// Read, which is also delivered; else delivered only.
    pub read: bool,
}

/// A conversation to be founded. `participants` holds the founder and is free of doubles.
#[derive(Clone, Debug)]
pub struct NewConversation {
    /// Who founds it, and becomes its owner when it is a group.
    pub founder: UserId,
    /// All members.
    pub participants: Vec<UserId>,
    /// Two people without a title have exactly one direct conversation.
    pub title: Option<String>,
}

/// What became of one [`Write`].
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The message as it is now. `repeated`: it was there already, nothing was written.
    Sent {
        /// As it is now.
        message: Message,
        /// It was there already.
        repeated: bool,
        /// The members whose list shows the conversation only now, because this is its first message.
        entered: Vec<Entered>,
    },
    /// The positions after the merge; `None` when nothing grew (then there is nothing to tell).
    Marked(Option<Marked>),
    /// Hidden or shown; `None` when it was so already.
    Hidden {
        /// The person's own new counter.
        user_rev: Option<i64>,
    },
    /// The tombstone; `None` when it was deleted already.
    Deleted {
        /// What is left of it.
        message: Option<Message>,
    },
    /// The conversation, new or found.
    Founded {
        /// Its id.
        id: ConversationId,
        /// Whether it was founded by this write.
        created: bool,
        /// The members whose list shows it from now on, in the order of their ids: all of a new group, the founder of a
        /// new direct conversation, and whoever finds a direct conversation that their list did not show.
        entered: Vec<Entered>,
    },
    /// The system message, the member's tombstone and their new `user_rev`.
    Removed {
        /// What the system says of it.
        message: Message,
        /// Whose membership ended.
        member: protocol::Member,
        /// Their own new counter.
        user_rev: i64,
    },
}

/// A conversation that appears in a member's list.
#[derive(Clone, Debug, PartialEq)]
pub struct Entered {
    /// The member.
    pub user: UserId,
    /// The member's own counter after it.
    pub user_rev: i64,
    /// The conversation as this member sees it, before its first message.
    pub conversation: Conversation,
}

/// A receipt that grew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The newest message that it covers.
    pub message: MessageId,
    /// Its place.
    pub seq: i64,
    /// Whether the read position grew.
    pub read: bool,
    /// Whether the delivered position grew.
    pub delivered: bool,
    /// The reader's own new counter, when the read position grew.
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
    async fn commit(&self, batch: Vec<Write>, now: Timestamp) -> Result<Vec<Result<Outcome>>>;

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

/// A row that must be there is not: our own mistake.
pub(crate) fn missing(what: &str) -> Error {
    Error::Internal(format!("no row where one must be: {what}"))
}
