//! The members of conversations over time, replayed from the system messages.

use super::{Created, Final};
use crate::checker::change::Change;
use protocol::{ConversationId, History, Message, MessageType, Role, UserId};
use std::collections::{BTreeMap, HashMap};

/// The state of a group.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub(super) members: BTreeMap<UserId, Role>,
    pub(super) title: Option<String>,
    pub(super) history: History,
}

/// The time of a commit, as indexes of events: after one and before the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) after: usize,
    pub(super) before: usize,
}

/// A system message with the change that it tells.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) seq: i64,
    pub(super) id: protocol::ClientId,
    pub(super) by: UserId,
    pub(super) change: Change,
    pub(super) commit: Commit,
    /// The state after it.
    pub(super) group: Group,
}

/// A membership from its beginning to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stay {
    /// The counter at which it began; 0 from the creation on.
    pub(super) joined: i64,
    /// Only later messages are visible.
    pub(super) from: i64,
    /// The counter at which it ended.
    pub(super) left: Option<i64>,
}

/// A conversation over time.
#[derive(Clone, Debug)]
pub(super) struct Replay {
    pub(super) created: Group,
    pub(super) lines: Vec<Line>,
    pub(super) stays: HashMap<UserId, Vec<Stay>>,
    /// The contradictions of the lines.
    pub(super) broken: Vec<String>,
}

/// All conversations over time.
#[derive(Clone, Debug)]
pub struct Replays(pub(super) BTreeMap<ConversationId, Replay>);

impl Replays {
    /// Replays the conversations.
    #[must_use]
    pub fn of(created: &[Created], finals: &[Final]) -> Self {
        let replay = |created: &Created| {
            let end = finals.iter().find(|end| end.conversation == created.conversation)?;
            Some((created.conversation, Replay::of(created, &end.messages)))
        };
        Self(created.iter().filter_map(replay).collect())
    }

    /// The memberships of a person in order.
    pub(super) fn stays(&self, conversation: ConversationId, user: UserId) -> &[Stay] {
        self.0.get(&conversation).and_then(|replay| replay.stays.get(&user)).map_or(&[], Vec::as_slice)
    }
}

impl Replay {
    fn of(created: &Created, messages: &[Message]) -> Self {
        let Created { conversation, members, title } = created;
        let group = Group { members: members.clone(), title: title.clone(), history: History::Whole };
        let first = Stay { joined: 0, from: 0, left: None };
        let stays = members.keys().map(|user| (*user, vec![first])).collect();
        let mut replay = Self { created: group.clone(), lines: Vec::new(), stays, broken: Vec::new() };
        let mut group = group;
        for line in messages.iter().filter(|message| message.message_type == MessageType::System) {
            let Some((by, change)) = Change::of_line(line) else {
                replay.broken.push(format!("a line that nobody asked for: {:?}", line.content));
                continue;
            };
            if let Err(why) = group.apply(by, &change) {
                replay.broken.push(format!("change {} of conversation {conversation}: {why}", line.seq));
            }
            replay.note_stay(line.seq, &change, group.history);
            let commit = Commit { after: 0, before: usize::MAX };
            let (seq, id, group) = (line.seq, line.client_id, group.clone());
            replay.lines.push(Line { seq, id, by, change, commit, group });
        }
        replay
    }

    fn note_stay(&mut self, seq: i64, change: &Change, history: History) {
        match change {
            Change::Add { user } => {
                // From the line about the joining itself.
                let from = if history.is_whole() { 0 } else { seq - 1 };
                self.stays.entry(*user).or_default().push(Stay { joined: seq, from, left: None });
            }
            Change::Remove { user } => {
                if let Some(stay) = self.stays.get_mut(user).and_then(|stays| stays.last_mut()) {
                    stay.left.get_or_insert(seq);
                }
            }
            _ => {}
        }
    }

    /// The state at a value of the counter.
    pub(super) fn at(&self, rev: i64) -> &Group {
        let last = self.lines.iter().rev().find(|line| line.seq <= rev);
        last.map_or(&self.created, |line| &line.group)
    }

    /// The states in order, each with the time from its earliest beginning to its latest end.
    pub(super) fn states(&self) -> impl Iterator<Item = (&Group, Commit)> {
        let groups = [&self.created].into_iter().chain(self.lines.iter().map(|line| &line.group));
        let begins = [0].into_iter().chain(self.lines.iter().map(|line| line.commit.after));
        let ends = self.lines.iter().map(|line| line.commit.before).chain([usize::MAX]);
        groups.zip(begins.zip(ends)).map(|(group, (after, before))| (group, Commit { after, before }))
    }

    /// The commit of the line with this `seq`; of the creation if there is none.
    pub(super) fn commit(&self, seq: i64) -> Commit {
        let line = self.lines.iter().find(|line| line.seq == seq);
        line.map_or(Commit { after: 0, before: 0 }, |line| line.commit)
    }
}

impl Group {
    /// Makes a change, also one that contradicts the state or the permissions, which is an error.
    fn apply(&mut self, by: UserId, change: &Change) -> Result<(), String> {
        let role = self.members.get(&by).copied();
        let before = self.clone();
        let mut broken = None;
        let mut needs = |needed: Option<Role>, is_possible: bool| {
            if !is_possible {
                broken = Some("it fits no state of the group");
            } else if role.is_none() || role < needed {
                broken = Some("whoever made it was not permitted to");
            }
        };
        match change {
            Change::Add { user } => {
                let is_new = self.members.insert(*user, Role::Member).is_none();
                needs(Some(Role::Moderator), is_new);
            }
            Change::Remove { user } => {
                let removed = self.members.remove(user);
                let needed = removed.map(|removed| removed.max(Role::Moderator));
                needs(if by == *user { None } else { needed }, removed.is_some());
            }
            Change::SetRole { user, role } => {
                let was = self.members.insert(*user, *role);
                needs(Some(Role::Owner), was.is_some_and(|was| was != *role));
            }
            Change::Rename { title } => {
                self.title = Some(title.clone());
                needs(Some(Role::Moderator), self.title != before.title);
            }
            Change::SetHistory { history } => {
                self.history = *history;
                needs(Some(Role::Owner), self.history != before.history);
            }
        }
        if !self.members.is_empty() && !self.has_owner() {
            broken = Some("the group has no owner");
        }
        broken.map_or(Ok(()), |why| Err(format!("{why}: {change:?} by person {by}")))
    }

    /// Whether one of the members is an owner.
    pub(super) fn has_owner(&self) -> bool {
        self.members.values().any(|role| *role == Role::Owner)
    }

    /// Whether a change would change nothing.
    pub(super) fn has(&self, change: &Change) -> bool {
        match change {
            Change::Add { user } => self.members.contains_key(user),
            Change::SetRole { user, role } => self.members.get(user) == Some(role),
            Change::SetHistory { history } => self.history == *history,
            Change::Rename { .. } | Change::Remove { .. } => false,
        }
    }
}
