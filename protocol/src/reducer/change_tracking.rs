//! Tracks the changed parts of the state.
//!
//! A change is marked where it happens: in [`Room`] those of a conversation, in [`State`] all others. What one step may set
//! several times (an entry that leaves the list and comes back in one answer, the order of the list) is compared with the
//! state before the step.

use super::room::RequestState;
use super::touched::{Marks, same_receipts, same_summary};
use super::{Pending, Room, RoomTouched, State, Timeline, Touched};
use crate::{ConversationId, PersonStatus};

impl State {
    /// Returns the changed parts since the last call, and resets them.
    pub fn take_touched(&mut self) -> Touched {
        let mut touched = std::mem::take(&mut self.touched);
        for (id, room) in &mut self.rooms {
            let Marks { mut parts, unsent, counted } = std::mem::take(&mut room.touched);
            touched.unsent |= unsent;
            parts.receipts |= counted.is_some_and(|before| before != room.summary.member_count);
            if parts != RoomTouched::default() {
                touched.rooms.entry(*id).or_default().merge(parts);
            }
        }
        touched.notifications |= self.take_notifications_changed();
        // The order depends on the summaries, the personal states, and on what is open.
        let reorder = std::mem::take(&mut self.reorder);
        if reorder || touched.rooms.values().any(|parts| parts.summary || parts.own) {
            let order: Vec<_> = self.list().iter().map(|summary| summary.id).collect();
            touched.list |= order != self.order;
            self.order = order;
        }
        touched
    }

    /// Marks a change of the outbox of a conversation, in the list or not.
    pub(super) fn outbox_changed(&mut self, id: ConversationId) {
        match self.rooms.get_mut(&id) {
            Some(room) => room.outbox_changed(true),
            None => {
                self.touched.unsent = true;
                self.touched.rooms.entry(id).or_default().rows = true;
            }
        }
    }

    /// Sets the presence of one person.
    pub(super) fn status(&mut self, status: PersonStatus) {
        if self.presence.get(&status.user_id) != Some(&status) {
            self.touched.presence.insert(status.user_id, ());
            self.presence.insert(status.user_id, status);
        }
    }

    /// Replaces the presence of all people; who is missing is offline.
    pub(super) fn statuses(&mut self, all: Vec<PersonStatus>) {
        let touched = &mut self.touched.presence;
        self.presence.retain(|user, _| {
            let stays = all.iter().any(|status| status.user_id == *user);
            if !stays {
                touched.insert(*user, ());
            }
            stays
        });
        all.into_iter().for_each(|status| self.status(status));
    }

    /// Keeps a conversation that left the list until the end of the step, because the same answer may bring it back.
    pub(super) fn departs(&mut self, room: Room) {
        if self.departed.iter().all(|first| first.summary.id != room.summary.id) {
            self.departed.push(room);
        }
    }

    /// Compares the conversations that left the list in this step with those that replaced them.
    pub(super) fn compare_departed(&mut self) {
        for old in std::mem::take(&mut self.departed) {
            let Marks { mut parts, unsent, counted } = old.touched;
            self.touched.unsent |= unsent;
            if let Some(room) = self.rooms.get_mut(&old.summary.id) {
                parts.summary |= !same_summary(&old.summary, &room.summary);
                parts.own |= old.summary.personal() != room.summary.personal();
                parts.receipts |= !same_receipts(&old.summary, &room.summary);
                parts.typing |= !old.typists().eq(room.typists());
                parts.ephemeral |= old.ephemeral != room.ephemeral;
                parts.rows |= !same_rows(&old, room.timeline.as_ref(), &room.outbox, room.request);
                room.touched.parts = parts;
                room.touched.counted = counted.or(Some(old.summary.member_count));
            } else {
                let outbox = self.kept.get(&old.summary.id).map_or(&[][..], Vec::as_slice);
                parts.summary = true;
                parts.own = true;
                parts.receipts |= old.summary.member_count != 0 || !old.summary.members.is_empty();
                parts.typing |= !old.typing.is_empty();
                parts.ephemeral |= !old.ephemeral.is_empty();
                parts.rows |= !same_rows(&old, None, outbox, None);
                self.touched.rooms.entry(old.summary.id).or_default().merge(parts);
            }
        }
    }
}

/// Whether the rows of a conversation and their window are unchanged.
fn same_rows(
    old: &Room,
    timeline: Option<&Timeline>,
    outbox: &[Pending],
    request: Option<RequestState>,
) -> bool {
    let window = |timeline: Option<&Timeline>| {
        timeline.map(|timeline| (timeline.shown().at_start, timeline.past.is_some()))
    };
    let wanted =
        |request: Option<RequestState>| request.map(|request| matches!(request, RequestState::Jump(_)));
    let before = old.timeline.as_ref();
    let in_past = before.is_some_and(|timeline| timeline.past.is_some());
    window(before) == window(timeline)
        && wanted(old.request) == wanted(request)
        && (in_past || old.outbox == outbox)
        && before.map(|timeline| &timeline.shown().messages)
            == timeline.map(|timeline| &timeline.shown().messages)
}
