//! Requests for what is missing.

use super::State;
use crate::reducer::Room;
use crate::reducer::deferred_page::Placement;
use crate::{ClientFrame, ConversationId, OpenCursors, SyncRequest};

/// A request for something that is missing. It is not repeated before it was answered or the link was lost.
#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    /// Send this frame: a `sync`, `changes` or `page` request.
    Ask(ClientFrame),
}

impl State {
    /// The `sync` request of a new connection, with all cursors. It always asks for the list.
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

    /// The requests for what is missing and not requested yet. [`State::apply`] and others return them; call this after
    /// [`State::tick`], when refused requests may be repeated.
    pub fn needs(&mut self) -> Vec<Need> {
        let mut frames = Vec::new();
        let mut list = self.list_wanted || self.user_rev < self.user_seen;
        // The row of an unconfirmed one comes with a page.
        list |= self.rooms.iter().any(|(id, room)| room.wants_list() && !self.lacks(*id));
        for (id, room) in &mut self.rooms {
            room.needs(*id, self.opened.contains_key(id), &mut frames);
        }
        if list && self.sync_in_flight.is_none() {
            self.sync_in_flight = Some(self.user_rev);
            self.rooms.iter_mut().for_each(|(_, room)| room.in_flight.list = Some(room.summary.rev));
            self.list_wanted = false;
            frames.push(ClientFrame::Sync(self.sync_request()));
        }
        if self.sync_in_flight.is_none() {
            frames.extend(self.missing_list_pages());
            frames.extend(self.needs_notifications());
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
            // The timeline and the deferred page share an answer.
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
