//! What carries frames from the node that committed them to every node that has sockets for them.
//!
//! A push is a hint, the database is the truth: a bus may lose, double and reorder; the hub and the clients mend it.

mod allowance;
#[cfg(test)]
mod contract;
mod local;
mod redis;

pub use allowance::{Allowance, Answer};
pub use local::Local;
pub use redis::{Redis, accepts};

use async_trait::async_trait;
use bytes::Bytes;
use protocol::{ConversationId, ServerFrame, UserId};
use tokio::sync::{mpsc, watch};

/// What a frame is about, and so who gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// All who are in it.
    Conversation(ConversationId),
    /// All who have it open by itself (`/ws/chat/<id>/`).
    Opened(ConversationId),
    /// All devices of one person, with what concerns that person alone.
    Person(UserId),
    /// All who want to know whether this person is there.
    Presence(UserId),
    /// The nodes themselves: no connection hears it.
    Nodes,
}

/// One thing to spread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// To whom.
    pub topic: Topic,
    /// The counter of the conversation, or of the person, where the frame moves it.
    pub rev: Option<i64>,
    /// Whose doing it is: what only others want to know (typing, joining) is not told to them.
    pub except: Option<UserId>,
    /// On a person's topic: the conversation that it concerns, for those of their sockets that are about one.
    pub about: Option<ConversationId>,
    /// What it is.
    pub body: Body,
}

/// The content of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// For the sessions of that person, from this node's hub and never from another: what the person's own counter moved
    /// past this value has not come.
    Behind(i64),
    /// From another node's typists: this person began (again) or ended typing there.
    Typing(Typist),
    /// From another node's presence, in its own encoding.
    News(Bytes),
    /// Some pushes of the node that says so may be lost: compare with the database now.
    Lost,
}

/// Somebody who types on another node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typist {
    /// The node.
    pub node: u64,
    /// Who.
    pub user: UserId,
    /// Their username.
    pub username: String,
    /// Began, or ended.
    pub is_typing: bool,
}

/// How the way to the other nodes is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Pushes go out and come in.
    pub up: bool,
    /// Grows whenever something may have been missed.
    pub gaps: u64,
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
    /// Hands these to this node alone, after what was published before.
    fn deliver(&self, pushes: Vec<Push>) {
        self.publish(pushes);
    }
    /// Says something to the other nodes alone; where there can be none, to nobody.
    fn tell_nodes(&self, _pushes: Vec<Push>) {}
    /// How the way to the other nodes is; none where there can be none.
    fn link(&self) -> Option<watch::Receiver<Link>> {
        None
    }
    /// Spends from allowances that all nodes share. None: they cannot be asked now, and the node's own have to do.
    async fn spend(&self, _asked: &[Allowance]) -> Option<Vec<Answer>> {
        None
    }
}

impl Push {
    /// A frame for everyone who listens to the topic.
    #[must_use]
    pub fn frame(topic: Topic, frame: &ServerFrame) -> Self {
        let body = Body::Frame(Bytes::from(frame.encode()));
        let rev = match topic {
            Topic::Person(_) => frame.moves_own(),
            _ => frame.moves().map(|(_, rev)| rev),
        };
        Self { topic, rev, except: None, about: None, body }
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
