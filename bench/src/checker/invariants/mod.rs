//! What must hold between a history and what the database holds at its end.

mod contents;
mod cursors;
mod order;
mod reads;
mod removed;
pub mod screens;
#[cfg(test)]
mod tests;

use super::history::{Event, Kind, What};
use protocol::{ConversationId, Member, Message, UserId};
use std::collections::HashMap;
use std::time::Duration;

/// A conversation, as a node tells it at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Final {
    /// Which.
    pub conversation: ConversationId,
    /// Its counter.
    pub counter: i64,
    /// Its members, those who left included.
    pub members: Vec<Member>,
    /// All of its messages, oldest first.
    pub messages: Vec<Message>,
}

/// What a client shows of a conversation at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen {
    /// Which client.
    pub process: usize,
    /// Whose.
    pub user: UserId,
    /// Which conversation.
    pub conversation: ConversationId,
    /// It is in the list.
    pub listed: bool,
    /// The newest message, by the list.
    pub last: Option<Message>,
    /// The newest messages, oldest first.
    pub rows: Vec<Message>,
    /// Own messages that still wait for an acknowledgement.
    pub pending: usize,
}

/// All that is known when a run has ended.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// What happened.
    pub events: &'a [Event],
    /// What each node says.
    pub nodes: &'a [Vec<Final>],
    /// What each client shows.
    pub screens: &'a [Screen],
    /// Whose client each process is.
    pub people: &'a [UserId],
    /// So long after a removal was acknowledged its word may still be on its way to another node.
    pub grace: Duration,
}

impl Evidence<'_> {
    /// What the first node says; that the others say the same is checked.
    fn finals(&self) -> &[Final] {
        self.nodes.first().map_or(&[], Vec::as_slice)
    }

    fn user(&self, event: &Event) -> Option<UserId> {
        self.people.get(event.process?).copied()
    }
}

/// Gives what is broken, in words.
#[must_use]
pub fn check(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for (n, finals) in evidence.nodes.iter().enumerate().skip(1) {
        if finals != evidence.finals() {
            broken.push(format!("node {n} tells another history than node 0"));
        }
    }
    contents::check(evidence, &mut broken);
    order::check(evidence, &mut broken);
    reads::check(evidence, &mut broken);
    cursors::check(evidence, &mut broken);
    removed::check(evidence, &mut broken);
    broken.extend(screens::check(evidence.finals(), evidence.screens));
    broken
}

/// The messages of a conversation that its people wrote, by their ids.
fn by_id(end: &Final) -> HashMap<protocol::ClientId, Vec<&Message>> {
    let mut found: HashMap<_, Vec<&Message>> = HashMap::new();
    for message in end.messages.iter().filter(|message| message.message_type == protocol::MessageType::Text) {
        found.entry(message.client_id).or_default().push(message);
    }
    found
}

/// Deletions that became of this kind, and where in the history.
fn deletions(
    events: &[Event],
    kind: Kind,
) -> impl Iterator<Item = (usize, ConversationId, protocol::ClientId)> + '_ {
    events.iter().enumerate().filter_map(move |(at, event)| match event.what {
        What::Delete { conversation, message } if event.kind == kind => Some((at, conversation, message)),
        _ => None,
    })
}
