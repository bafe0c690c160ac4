//! Event bus: carries frames from the node that committed them to every node with connections for them.
//!
//! The database is the source of truth: a bus may lose, duplicate and reorder pushes; the hub and the clients repair that.

#[cfg(test)]
mod contract;
mod local;
mod redis;

pub use local::Local;
pub use redis::{Redis, accepts};

pub use crate::privacy::Audience;
use bytes::Bytes;
use protocol::{ConversationId, ServerFrame, UserId};
use tokio::sync::{mpsc, watch};

/// The subject of a push; its subscribers are the receivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The members of a conversation.
    Conversation(ConversationId),
    /// The sockets of a single conversation (`/ws/chat/<id>/`).
    Opened(ConversationId),
    /// All devices of one person.
    Person(UserId),
    /// Everybody who sees the presence of this person.
    Presence(UserId),
    /// The nodes themselves; connections do not subscribe to it.
    Nodes,
}

/// An event with its receivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The topic whose subscribers receive it.
    pub topic: Topic,
    /// The new value of the conversation's or the person's counter, if the frame moves one.
    pub rev: Option<i64>,
    /// The person who caused the event, if it is only for others (typing, joining).
    pub except: Option<UserId>,
    /// On a person's topic: the conversation that it concerns. Sockets of other single conversations do not receive it.
    pub about: Option<ConversationId>,
    /// The receivers among the subscribers.
    pub audience: Audience,
    /// The content.
    pub event: BusEvent,
}

/// The content of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusEvent {
    /// An encoded frame for the clients.
    Frame(Bytes),
    /// On a person's topic: the person is a member of this conversation now. The clients know it as of this value of its
    /// counter.
    MemberJoined(ConversationId, i64),
    /// On a person's topic: the person is not a member of this conversation any more.
    MemberLeft(ConversationId),
    /// On a conversation's topic: this person is not a member any more.
    OtherMemberLeft(UserId),
    /// On the topic of a small conversation: this person is a member now.
    OtherMemberJoined(UserId),
    /// On a person's topic: this sign-in ended (`None`: all of them).
    SignInEnded(Option<String>),
    /// On a person's topic: the preferences changed. The encoded frame for the clients.
    PreferencesChanged(Bytes),
    /// On a person's topic, and only within a node: pushes after this value of the person's counter were lost.
    ResyncRequired(i64),
    /// On a conversation's topic: it is closed, so that nobody is typing any more.
    ConversationClosed,
    /// A person started (or continues) or stopped typing on another node.
    Typing(Typist),
    /// A presence message of another node, in the encoding of `presence`.
    Presence(Bytes),
    /// Another node gave out tokens of a rate limit.
    TokensSpent(TokensSpent),
    /// Pushes of the sending node may be lost: compare with the database now.
    PushesLost,
}

/// A person who types on another node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typist {
    /// The number of the node.
    pub node: u64,
    /// The person.
    pub user: UserId,
    /// The person's username.
    pub username: String,
    /// Started or stopped.
    pub is_typing: bool,
}

/// A limit that counts over all nodes, and the meaning of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quota {
    /// Messages of a person, by user id.
    Sends,
    /// The cost of everything else that a person does, by user id.
    Operations,
    /// Failed sign-ins from an address as a username, by a hash of both.
    SignIns,
    /// Failed sign-ins from an address, by its hash.
    SignInsByAddress,
    /// Failed sign-ins as a username, by its hash.
    SignInsByName,
    /// Failed changes of the own password, by user id.
    PasswordChanges,
    /// Registrations, by a hash of the address.
    Registrations,
    /// Requests by a service key, by its id.
    KeyRequests,
}

/// Tokens that another node gave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokensSpent {
    /// The quota.
    pub quota: Quota,
    /// The owner of the bucket.
    pub key: i64,
    /// The number of tokens; negative if they were returned.
    pub tokens: i64,
}

/// State of the link to the other nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The link is connected.
    pub up: bool,
    /// Incremented whenever pushes may have been lost.
    pub gaps: u64,
}

/// Publish and subscribe between nodes. Publishing never blocks and never fails: lost pushes are read from the database.
pub trait Bus: Send + Sync + 'static {
    /// Publishes to all nodes, in order as far as the bus can.
    fn publish(&self, pushes: Vec<Push>);
    /// This node has subscribers of the topic now (`true`), or no longer.
    fn interest(&self, topic: Topic, wanted: bool);
    /// The pushes for this node, in batches. To be called once, by the hub.
    fn incoming(&self) -> mpsc::Receiver<Vec<Push>>;
    /// Delivers to this node only, after everything that was published before.
    fn deliver(&self, pushes: Vec<Push>) {
        self.publish(pushes);
    }
    /// Publishes to the other nodes only, if there can be any.
    fn publish_to_nodes(&self, _pushes: Vec<Push>) {}
    /// State of the link to the other nodes; `None` if there can be none.
    fn link(&self) -> Option<watch::Receiver<Link>> {
        None
    }
}

impl Push {
    /// A frame for the subscribers of the topic.
    #[must_use]
    pub fn frame(topic: Topic, frame: &ServerFrame) -> Self {
        let event = BusEvent::Frame(Bytes::from(frame.encode()));
        let rev = match topic {
            Topic::Person(_) => frame.moves_own(),
            _ => frame.moves().map(|(_, rev)| rev),
        };
        Self { topic, rev, except: None, about: None, audience: Audience::All, event }
    }

    /// A control event for the connections themselves.
    #[must_use]
    pub fn event(topic: Topic, event: BusEvent) -> Self {
        Self { topic, rev: None, except: None, about: None, audience: Audience::All, event }
    }

    /// Excludes a person.
    #[must_use]
    pub fn except(mut self, user: UserId) -> Self {
        self.except = Some(user);
        self
    }

    /// Restricts the receivers.
    #[must_use]
    pub fn to(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// Sets the conversation that it concerns.
    #[must_use]
    pub fn about(mut self, conversation: ConversationId) -> Self {
        self.about = Some(conversation);
        self
    }
}
