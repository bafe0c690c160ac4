//! The members and counters of conversations, as a client sees them: in answers, each read from one snapshot, and in its own
//! state.

use super::history::What;
use protocol::reducer::{Room, State};
use protocol::{Changes, Conversation, ConversationId, ConversationKind, Member, Role, ServerFrame, UserId};
use std::collections::{BTreeMap, HashMap};

/// The counters of a conversation in the state of a client.
#[derive(Clone, Copy, Debug, Default)]
struct Counters {
    /// The `rev` up to which the loaded messages have every change.
    cursor: i64,
    /// The same of the entry in the list.
    rev: i64,
}

/// The views of one client.
#[derive(Debug, Default)]
pub(super) struct Views {
    counters: HashMap<ConversationId, Counters>,
    /// The highest counters that frames told.
    heard: HashMap<ConversationId, i64>,
    /// The members that were reported last.
    members: HashMap<ConversationId, BTreeMap<UserId, Role>>,
}

impl Views {
    /// The members in an answer. Small groups are listed with all members.
    pub(super) fn answer(&mut self, frame: &ServerFrame) -> Vec<What> {
        let mut seen = Vec::new();
        match frame {
            ServerFrame::Synced(answer) => {
                seen.extend(answer.list.iter().flatten().filter_map(of_entry));
                seen.extend(answer.open.iter().filter_map(of_changes));
                answer.open.iter().for_each(|changes| self.hear_changes(changes));
                answer.list.iter().flatten().for_each(|entry| self.hear(entry.id, entry.rev));
            }
            ServerFrame::List(page) => {
                seen.extend(page.conversations.iter().filter_map(of_entry));
                page.conversations.iter().for_each(|entry| self.hear(entry.id, entry.rev));
            }
            ServerFrame::Changes(changes) => {
                seen.extend(of_changes(changes));
                self.hear_changes(changes);
            }
            ServerFrame::ConversationUpdated(updated) => {
                seen.extend(of_entry(&updated.conversation));
                self.hear(updated.conversation.id, updated.conversation.rev);
            }
            ServerFrame::Page(answer) => self.hear(answer.conversation_id, answer.page.as_of),
            frame => frame.moves().into_iter().for_each(|(id, rev)| self.hear(id, rev)),
        }
        seen
    }

    /// The cursors that went back since the last call, and the members of groups of which the state has every change that the
    /// client knows of, where they differ from those reported last.
    pub(super) fn state(&mut self, state: &State) -> Vec<What> {
        let mut seen = Vec::new();
        let before = std::mem::take(&mut self.counters);
        for (id, room) in &state.rooms {
            let now = counters(room);
            let was = before.get(id).copied().unwrap_or_default();
            for (from, to) in [(was.cursor, now.cursor), (was.rev, now.rev)] {
                if from > to {
                    seen.push(What::Fell { conversation: *id, from, to });
                }
            }
            self.counters.insert(*id, now);
            let heard = self.heard.get(id).copied().unwrap_or_default();
            let is_complete = now.cursor > 0 && now.cursor == now.rev && now.cursor >= heard;
            if !is_complete || room.summary.kind != ConversationKind::Group {
                continue;
            }
            let there = there(&room.summary.members);
            if self.members.get(id) != Some(&there) {
                seen.push(What::Members { conversation: *id, rev: now.cursor, members: there.clone() });
                self.members.insert(*id, there);
            }
        }
        seen
    }

    /// The cursors of the conversations in the list.
    pub(super) fn cursors(&self) -> HashMap<ConversationId, i64> {
        self.counters.iter().map(|(id, counters)| (*id, counters.cursor)).collect()
    }

    fn hear(&mut self, id: ConversationId, rev: i64) {
        let heard = self.heard.entry(id).or_default();
        *heard = rev.max(*heard);
    }

    fn hear_changes(&mut self, changes: &Changes) {
        // `more` means at least one more change.
        let rev = changes.reset.as_ref().map_or(changes.cursor, |page| page.as_of);
        self.hear(changes.conversation_id, rev + i64::from(changes.more));
    }
}

fn counters(room: &Room) -> Counters {
    let cursor = room.timeline.as_ref().map_or(0, |timeline| timeline.cursor);
    Counters { cursor, rev: room.summary.rev }
}

/// The current members with their roles.
pub(super) fn there(members: &[Member]) -> BTreeMap<UserId, Role> {
    members.iter().filter(|member| !member.left).map(|member| (member.user.id, member.role)).collect()
}

fn of_entry(entry: &Conversation) -> Option<What> {
    (entry.kind == ConversationKind::Group).then(|| What::Members {
        conversation: entry.id,
        rev: entry.rev,
        members: there(&entry.members),
    })
}

fn of_changes(changes: &Changes) -> Option<What> {
    let is_whole = !changes.more && !changes.members.is_empty();
    is_whole.then(|| What::Members {
        conversation: changes.conversation_id,
        rev: changes.cursor,
        members: there(&changes.members),
    })
}
