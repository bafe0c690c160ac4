//! The whole client.

use super::{Receipt, Room, Row};
use crate::{
    ClientFrame, ClientId, Conversation, ConversationId, MessageId, Person, PersonStatus, ServerFrame,
    SyncRequest, UserId,
};
use std::collections::BTreeMap;

/// What the state cannot work out by itself. The same need is not told again before it was answered or the link was lost.
#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    /// Give this frame to the transport (a `sync`, `changes` or `page` request).
    Ask(ClientFrame),
}

/// Everything a client knows, of one person.
#[derive(Clone, Debug)]
pub struct State {
    /// Who.
    pub me: Person,
    /// The person's own counter.
    pub user_rev: i64,
    /// By id; see [`State::list`] for their order on screen.
    pub rooms: BTreeMap<ConversationId, Room>,
    /// Who is there; who is missing is offline.
    pub presence: BTreeMap<UserId, PersonStatus>,
}

impl State {
    /// Knows nobody but its person.
    #[must_use]
    pub fn new(me: Person) -> Self {
        todo!()
    }

    /// Folds a frame in. `now`: milliseconds of a clock that only grows; typing runs out by it.
    pub fn apply(&mut self, frame: ServerFrame, now: u64) -> Vec<Need> {
        todo!()
    }

    /// Where this client stands: what it asks for when it comes (back) to a transport. Always wants the list.
    #[must_use]
    pub fn sync_request(&self) -> SyncRequest {
        todo!()
    }

    /// The conversation is on screen: load it, keep it live. Asks for its last page when it is not loaded yet.
    pub fn open(&mut self, id: ConversationId) -> Vec<Need> {
        todo!()
    }

    /// The conversation is off screen: forget its timeline (its unsent messages stay).
    pub fn close(&mut self, id: ConversationId) {
        todo!()
    }

    /// Older messages are wanted: asks for the page before the oldest loaded one, once.
    pub fn load_older(&mut self, id: ConversationId) -> Vec<Need> {
        todo!()
    }

    /// A message was composed: it shows at once, and goes out by [`State::next_to_send`].
    pub fn compose(
        &mut self,
        id: ConversationId,
        client_id: ClientId,
        content: String,
        reply_to: Option<MessageId>,
    ) {
        todo!()
    }

    /// The messages to hand to the transport now: for each conversation the first waiting one, if none is in flight.
    /// They are in flight from then on.
    pub fn next_to_send(&mut self, now: u64) -> Vec<ClientFrame> {
        todo!()
    }

    /// A refused message shall go out again.
    pub fn try_again(&mut self, id: ConversationId, client_id: ClientId) {
        todo!()
    }

    /// An unsent message is given up.
    pub fn discard(&mut self, id: ConversationId, client_id: ClientId) {
        todo!()
    }

    /// The transport is lost: what was in flight waits again, what was asked for may be asked again, typing and presence are forgotten.
    pub fn link_lost(&mut self) {
        todo!()
    }

    /// Drops typing that ran out; true when something changed.
    pub fn tick(&mut self, now: u64) -> bool {
        todo!()
    }

    /// When the next typing runs out or the next retry is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        todo!()
    }

    /// The list, newest activity first (an unsent message does not move it).
    #[must_use]
    pub fn list(&self) -> Vec<&Conversation> {
        todo!()
    }

    /// The rows of an open conversation: messages by place, then the unsent ones. A message that came back is one row, never two.
    #[must_use]
    pub fn rows(&self, id: ConversationId) -> Vec<Row> {
        todo!()
    }

    /// How far an own message is with the others.
    #[must_use]
    pub fn receipt(&self, id: ConversationId, seq: i64) -> Receipt {
        todo!()
    }

    /// Unread messages over all conversations.
    #[must_use]
    pub fn unread(&self) -> u32 {
        todo!()
    }
}
