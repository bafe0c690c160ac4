//! What the state cannot work out by itself.

use super::deferred_page::Placement;
use super::{Room, State};
use crate::{ClientFrame, ConversationId, OpenCursors, SyncRequest};

/// What the state cannot work out by itself. The same need is not told again before it was answered or the link was lost.
#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    /// Give this frame to the transport (a `sync`, `changes` or `page` request).
    Ask(ClientFrame),
}

impl State {
    /// Where this client stands: what it asks for when it comes (back) to a transport. Always wants the list.
    #[must_use]
    pub fn sync_request(&self) -> SyncRequest {
        let cursor = |id: &ConversationId| match self.rooms.get(id) {
            Some(Room { timeline: Some(timeline), reload: false, .. }) => timeline.cursor,
            _ => 0,
        };
        let mut open = OpenCursors::default();
        for id in self.opened.keys() {
            open.0.insert(*id, cursor(id));
        }
        SyncRequest { user_rev: self.user_rev, list: true, open }
    }

    /// What is missing and not asked for yet. [`State::apply`] and the others return it by themselves; this is for
    /// after [`State::tick`], when a refused request may be made again.
    pub fn needs(&mut self) -> Vec<Need> {
        let mut frames = Vec::new();
        let mut list = self.list_wanted || self.user_rev < self.user_seen;
        for (id, room) in &mut self.rooms {
            list |= room.wants_list();
            room.needs(*id, self.opened.contains_key(id), &mut frames);
        }
        if list && self.sync_in_flight.is_none() {
            self.sync_in_flight = Some(self.user_rev);
            self.rooms.iter_mut().for_each(|(_, room)| room.in_flight.list = Some(room.summary.rev));
            self.list_wanted = false;
            frames.push(ClientFrame::Sync(self.sync_request()));
        }
        frames.into_iter().map(Need::Ask).collect()
    }
}

impl Room {
    fn needs(&mut self, id: ConversationId, open: bool, frames: &mut Vec<ClientFrame>) {
        let changes = |after| ClientFrame::Changes { conversation_id: Some(id), after };
        if self.in_flight.changes.is_none() {
            self.in_flight.changes = match &self.timeline {
                None => open.then_some(0),
                Some(_) if std::mem::take(&mut self.reload) => Some(0),
                Some(timeline) => (timeline.cursor < self.seen).then_some(timeline.cursor),
            };
            // One answer serves both.
            let ask = self.in_flight.changes.filter(|_| self.in_flight.changes != self.in_flight.deferred);
            frames.extend(ask.map(changes));
        }
        if self.timeline.is_none() {
            return;
        }
        match &self.deferred {
            Some(deferred) if self.in_flight.deferred != Some(deferred.cursor) => {
                self.in_flight.deferred = Some(deferred.cursor);
                if self.in_flight.deferred != self.in_flight.changes {
                    frames.push(changes(deferred.cursor));
                }
            }
            None if self.in_flight.page.is_none() => {
                self.in_flight.page = self.next_page();
                if let Some(Placement::Adjacent(side) | Placement::Separate(side)) = self.in_flight.page {
                    let (before, after) = side.parts();
                    frames.push(ClientFrame::Page { conversation_id: Some(id), before, after });
                }
            }
            _ => {}
        }
    }
}
