//! The domain's front door: sessions, the HTTP API and the server functions all come through here.

use crate::account::{Accounts, Identity};
use crate::{Clock, Limits, Result, bus::Bus, store::Store};
use protocol::{
    Changes, ClientFrame, ClientId, Conversation, ConversationId, DeleteFor, Message, MessageId, Page,
    Person, PollAnswer, PollRequest, ServerFrame, SyncAnswer, SyncRequest,
};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A message that is durable.
#[derive(Clone, Debug)]
pub struct Sent {
    /// As it is now.
    pub message: Message,
    /// It was there before: nothing was written, and no token spent.
    pub repeated: bool,
}

/// Everything a node knows. Cheap to clone.
#[derive(Clone)]
pub struct Chat {
    inner: Arc<Inner>,
}

struct Inner {}

impl Chat {
    /// Puts a node together and starts its tasks (writer, hub, presence, revocations); they end with `stop`.
    pub async fn start(
        store: Arc<dyn Store>,
        bus: Arc<dyn Bus>,
        clock: Arc<dyn Clock>,
        limits: Limits,
        secret: &[u8],
        stop: CancellationToken,
    ) -> Result<Self> {
        todo!()
    }

    /// Waits until all that was accepted is written; call after `stop`.
    pub async fn drained(&self) {
        todo!()
    }

    /// Accounts, sign-ins, tokens.
    pub fn accounts(&self) -> &Accounts {
        todo!()
    }

    /// The limits in force.
    pub fn limits(&self) -> &Limits {
        todo!()
    }

    /// Answers when the database does.
    pub async fn ready(&self) -> Result<()> {
        todo!()
    }

    /// Sends a message: normalises, checks the rate, waits until it is durable. Without a `client_id` one is made.
    pub async fn send(
        &self,
        sender: &Person,
        conversation: ConversationId,
        content: &str,
        client_id: Option<ClientId>,
        reply_to: Option<MessageId>,
    ) -> Result<Sent> {
        todo!()
    }

    /// Read up to a message (none: all).
    pub async fn mark_read(
        &self,
        user: &Person,
        conversation: ConversationId,
        up_to: Option<MessageId>,
    ) -> Result<()> {
        todo!()
    }

    /// Delivered up to a message (none: all).
    pub async fn mark_delivered(
        &self,
        user: &Person,
        conversation: ConversationId,
        up_to: Option<MessageId>,
    ) -> Result<()> {
        todo!()
    }

    /// Deletes a message, for oneself or for everyone.
    pub async fn delete(
        &self,
        user: &Person,
        conversation: ConversationId,
        message: MessageId,
        audience: DeleteFor,
    ) -> Result<()> {
        todo!()
    }

    /// Typing began, goes on or ended. Refused like everything else where the person is no member.
    pub async fn typing(&self, user: &Person, conversation: ConversationId, is_typing: bool) -> Result<()> {
        todo!()
    }

    /// Founds a conversation with these people (usernames; oneself is implied), or finds the direct one. The flag: founded now.
    pub async fn open_conversation(
        &self,
        founder: &Person,
        participants: &[String],
        title: Option<&str>,
    ) -> Result<(Conversation, bool)> {
        todo!()
    }

    /// Takes a member out; oneself: leaves.
    pub async fn remove_member(
        &self,
        by: &Person,
        conversation: ConversationId,
        member: protocol::UserId,
    ) -> Result<()> {
        todo!()
    }

    /// The person's conversations, newest activity first.
    pub async fn conversations(&self, user: &Person) -> Result<Vec<Conversation>> {
        todo!()
    }

    /// One conversation.
    pub async fn conversation(&self, user: &Person, id: ConversationId) -> Result<Conversation> {
        todo!()
    }

    /// Messages before a `seq` (none: the newest).
    pub async fn page(
        &self,
        user: &Person,
        id: ConversationId,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Page> {
        todo!()
    }

    /// What changed after a cursor.
    pub async fn changes(&self, user: &Person, id: ConversationId, after: i64) -> Result<Changes> {
        todo!()
    }

    /// Everything that a client is missing, with presence and typing as they are.
    pub async fn sync(&self, user: &Person, request: &SyncRequest) -> Result<SyncAnswer> {
        todo!()
    }

    /// People to talk with.
    pub async fn people(&self, user: &Person, query: &str) -> Result<Vec<Person>> {
        todo!()
    }

    /// Does what a frame asks and gives the frames that answer it: what a socket session and [`Self::submit`] share.
    /// `scope` is the conversation that is meant where the frame names none.
    pub async fn handle(
        &self,
        who: &Identity,
        scope: Option<ConversationId>,
        frame: ClientFrame,
    ) -> Vec<ServerFrame> {
        todo!()
    }

    /// Frames of a client without a socket.
    pub async fn submit(&self, who: &Identity, frames: Vec<ClientFrame>) -> Vec<ServerFrame> {
        todo!()
    }

    /// Holds the request until there is something for this person, for at most [`protocol::limits::POLL_HOLD_MS`].
    pub async fn poll(&self, who: &Identity, request: PollRequest) -> Result<PollAnswer> {
        todo!()
    }
}
