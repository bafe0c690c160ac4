//! The invariants between a history and the final state of the database.

mod changes;
mod commits;
mod contents;
mod cursors;
mod matching;
mod members;
mod order;
mod reads;
mod removed;
mod replay;
pub mod screens;
#[cfg(test)]
mod tests;

pub use replay::Replays;

use super::history::{Event, Kind, What};
use protocol::{ConversationId, History, Member, Message, Role, UserId};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// A conversation at its creation.
#[derive(Clone, Debug, PartialEq)]
pub struct Created {
    /// The conversation.
    pub conversation: ConversationId,
    /// The members with their roles.
    pub members: BTreeMap<UserId, Role>,
    /// The title.
    pub title: Option<String>,
}

/// The final state of a conversation, as one node reports it.
#[derive(Clone, Debug, PartialEq)]
pub struct Final {
    /// The conversation.
    pub conversation: ConversationId,
    /// The counter.
    pub counter: i64,
    /// The members, including those who left.
    pub members: Vec<Member>,
    /// The title.
    pub title: Option<String>,
    /// The history that newcomers see.
    pub history: History,
    /// All messages, oldest first.
    pub messages: Vec<Message>,
}

/// The final screen of a client for one conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen {
    /// The index of the client.
    pub process: usize,
    /// The person of the client.
    pub user: UserId,
    /// The conversation.
    pub conversation: ConversationId,
    /// Whether it is in the list.
    pub listed: bool,
    /// The newest message according to the list.
    pub last: Option<Message>,
    /// The members with their roles.
    pub members: BTreeMap<UserId, Role>,
    /// The title.
    pub title: Option<String>,
    /// The history that newcomers see.
    pub history: History,
    /// The loaded messages, oldest first.
    pub rows: Vec<Message>,
    /// The number of own messages without an acknowledgement.
    pub pending: usize,
}

/// The input of the invariants.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The history.
    pub events: &'a [Event],
    /// The conversations at their creation.
    pub created: &'a [Created],
    /// The final state by node.
    pub nodes: &'a [Vec<Final>],
    /// The final screens.
    pub screens: &'a [Screen],
    /// The person of each client.
    pub people: &'a [UserId],
    /// The time after the acknowledgement of a removal in which another node may still deliver.
    pub grace: Duration,
}

impl Evidence<'_> {
    /// The final state of the first node. [`check`] compares the others with it.
    fn finals(&self) -> &[Final] {
        self.nodes.first().map_or(&[], Vec::as_slice)
    }

    fn user(&self, event: &Event) -> Option<UserId> {
        self.people.get(event.process?).copied()
    }
}

/// Describes each violation.
#[must_use]
pub fn check(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for (n, finals) in evidence.nodes.iter().enumerate().skip(1) {
        if finals != evidence.finals() {
            broken.push(format!("node {n} tells another history than node 0"));
        }
    }
    let mut replays = Replays::of(evidence.created, evidence.finals());
    commits::set(&mut replays, evidence);
    contents::check(evidence, &mut broken);
    order::check(evidence, &mut broken);
    reads::check(evidence, &replays, &mut broken);
    cursors::check(evidence, &mut broken);
    members::check(evidence, &replays, &mut broken);
    changes::check(evidence, &replays, &mut broken);
    removed::check(evidence, &replays, &mut broken);
    broken.extend(screens::check(&replays, evidence.finals(), evidence.screens));
    broken
}

/// The messages that people wrote, by client id.
fn by_id(end: &Final) -> HashMap<protocol::ClientId, Vec<&Message>> {
    let mut found: HashMap<_, Vec<&Message>> = HashMap::new();
    for message in end.messages.iter().filter(|message| message.message_type == protocol::MessageType::Text) {
        found.entry(message.client_id).or_default().push(message);
    }
    found
}

/// The deletions with this result, with the index of the event.
fn deletions(
    events: &[Event],
    kind: Kind,
) -> impl Iterator<Item = (usize, ConversationId, protocol::ClientId)> + '_ {
    events.iter().enumerate().filter_map(move |(at, event)| match event.what {
        What::Delete { conversation, message } if event.kind == kind => Some((at, conversation, message)),
        _ => None,
    })
}
