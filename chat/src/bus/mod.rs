//! What carries frames from the node that committed them to every node that has sockets for them.
//!
//! A push is a hint, the database is the truth: a bus may lose, double and reorder; the hub and the clients mend it.

mod local;

pub use local::Local;

use async_trait::async_trait;
use bytes::Bytes;
use protocol::{ConversationId, ServerFrame, UserId};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

/// What a frame is about, and so who gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Topic {
    /// All who are in it.
    Conversation(ConversationId),
    /// All who have it open by itself (`/ws/chat/<id>/`).
    Opened(ConversationId),
    /// All devices of one person, with what concerns that person alone.
    Person(UserId),
    /// All who want to know whether this person is there.
    Presence(UserId),
}

/// One thing to spread.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Push {
    /// To whom.
    pub topic: Topic,
    /// The conversation's counter, where the frame moves it.
    pub rev: Option<i64>,
    /// Whose doing it is: what only others want to know (typing, joining) is not told to them.
    pub except: Option<UserId>,
    /// On a person's topic: the conversation that it concerns, for those of their sockets that are about one.
    pub about: Option<ConversationId>,
    /// What it is.
    pub body: Body,
}

/// The content of a push.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Body {
    /// An encoded frame for the sockets.
    Frame(Bytes),
    /// For the sessions of that person: this conversation is now theirs; listen to it. They were told of it as it was at
    /// this value of its counter.
    Entered(ConversationId, i64),
    /// For the sessions of that person: this conversation is no longer theirs.
    Left(ConversationId),
    /// For the sessions of a conversation's members: this person is a member no longer.
    Parted(UserId),
    /// For the sessions of that person: this sign-in (or all) ended.
    Revoked(Option<String>),
}

/// Spreads pushes. Publishing never waits and never fails: what is lost is found again in the database.
#[async_trait]
pub trait Bus: Send + Sync + 'static {
    /// Spreads these, in order as far as the bus can.
    fn publish(&self, pushes: Vec<Push>);
    /// This node has sockets for the topic now (`true`), or no longer.
    fn interest(&self, topic: Topic, wanted: bool);
    /// What arrives for this node. Taken once, by the hub.
    fn incoming(&self) -> mpsc::Receiver<Vec<Push>>;
}

impl Push {
    /// A frame for everyone who listens to the topic.
    #[must_use]
    pub fn frame(topic: Topic, frame: &ServerFrame) -> Self {
        let body = Body::Frame(Bytes::from(frame.encode()));
        Self { topic, rev: frame.moves().map(|(_, rev)| rev), except: None, about: None, body }
    }

    /// Something for the sessions themselves.
    #[must_use]
    pub fn word(topic: Topic, body: Body) -> Self {
        Self { topic, rev: None, except: None, about: None, body }
    }

    /// The same, but not for this person.
    #[must_use]
    pub fn except(mut self, user: UserId) -> Self {
        self.except = Some(user);
        self
    }

    /// The same, concerning this conversation.
    #[must_use]
    pub fn about(mut self, conversation: ConversationId) -> Self {
        self.about = Some(conversation);
        self
    }
}
