//! The parts of the state that changed, so that a front end notifies only what shows them.
//!
//! Changes are marked where they happen: in [`Room`] those of a conversation, in [`State`] all others. What a step may set
//! several times (an entry that leaves the list and comes back in one answer, the order of the list) is compared with how
//! it was before.

use super::room::RequestState;
use super::{Pending, Room, State, Timeline};
use crate::{Conversation, ConversationId, Member, PersonStatus, UserId};
use litemap::LiteMap;

/// The parts of the state that changed since the last [`State::take_touched`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Whether the set or the order of [`State::list`] changed.
    pub list: bool,
    /// Whether [`State::me`] changed.
    pub me: bool,
    /// Whether the messages of [`State::unsent`] changed.
    pub unsent: bool,
    /// The people whose entry in [`State::presence`] changed, was added or was removed.
    pub presence: LiteMap<UserId, ()>,
    /// The changed parts of the conversations, also of those that are not (or no longer) in the list. A conversation
    /// without a change has no entry.
    pub rooms: LiteMap<ConversationId, RoomTouched>,
}

/// The parts of a conversation that changed. Where the changes that one answer brings cancel out, `summary` and `rows` may
/// be set nevertheless.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoomTouched {
    /// Whether a field of [`Room::summary`] changed, other than its members' `read_seq` and `delivered_seq`.
    pub summary: bool,
    /// Whether the base of [`Room::receipt`] changed: a member's `read_seq` or `delivered_seq`, or who the members are.
    pub receipts: bool,
    /// Whether the set of typing people or one of their names changed, without regard to when typing expires.
    pub typing: bool,
    /// Whether [`Room::ephemeral`] changed.
    pub ephemeral: bool,
    /// Whether the result of [`State::rows`], of [`Room::is_reading`] or of [`Room::is_jumping`] changed, or whether the timeline
    /// is loaded, shows a past window or is at the start.
    pub rows: bool,
}

impl RoomTouched {
    fn merge(&mut self, other: Self) {
        let Self { summary, receipts, typing, ephemeral, rows } = other;
        self.summary |= summary;
        self.receipts |= receipts;
        self.typing |= typing;
        self.ephemeral |= ephemeral;
        self.rows |= rows;
    }
}

/// The marks that a conversation collects until they are taken.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks {
    pub(super) parts: RoomTouched,
    pub(super) unsent: bool,
    /// The number of members before it was first set: an answer may set it twice.
    pub(super) counted: Option<i64>,
}

impl State {
    /// The parts that all calls since the last one of this method changed, and forgets them.
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
        // The order follows from the summaries.
        if touched.rooms.values().any(|parts| parts.summary) {
            let order: Vec<_> = self.list().iter().map(|summary| summary.id).collect();
            touched.list = order != self.order;
            self.order = order;
        }
        touched
    }

    /// The outbox of a conversation, in the list or not, changed.
    pub(super) fn outbox_changed(&mut self, id: ConversationId) {
        match self.rooms.get_mut(&id) {
            Some(room) => room.outbox_changed(true),
            None => {
                self.touched.unsent = true;
                self.touched.rooms.entry(id).or_default().rows = true;
            }
        }
    }

    /// Takes the presence of one person.
    pub(super) fn status(&mut self, status: PersonStatus) {
        if self.presence.get(&status.user_id) != Some(&status) {
            self.touched.presence.insert(status.user_id, ());
            self.presence.insert(status.user_id, status);
        }
    }

    /// Takes the presence of everybody; who is missing is offline.
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

    /// A conversation leaves the list. It is kept until the end of the step, since the same answer may bring it back.
    pub(super) fn departs(&mut self, room: Room) {
        if self.departed.iter().all(|first| first.summary.id != room.summary.id) {
            self.departed.push(room);
        }
    }

    /// Compares the conversations that left the list in this step with what is there in their place.
    pub(super) fn compare_departed(&mut self) {
        for old in std::mem::take(&mut self.departed) {
            let Marks { mut parts, unsent, counted } = old.touched;
            self.touched.unsent |= unsent;
            if let Some(room) = self.rooms.get_mut(&old.summary.id) {
                parts.summary |= !same_summary(&old.summary, &room.summary);
                parts.receipts |= !same_receipts(&old.summary, &room.summary);
                parts.typing |= !old.typists().eq(room.typists());
                parts.ephemeral |= old.ephemeral != room.ephemeral;
                parts.rows |= !same_rows(&old, room.timeline.as_ref(), &room.outbox, room.request);
                room.touched.parts = parts;
                room.touched.counted = counted.or(Some(old.summary.member_count));
            } else {
                let outbox = self.kept.get(&old.summary.id).map_or(&[][..], Vec::as_slice);
                parts.summary = true;
                parts.receipts |= old.summary.member_count != 0 || !old.summary.members.is_empty();
                parts.typing |= !old.typing.is_empty();
                parts.ephemeral |= !old.ephemeral.is_empty();
                parts.rows |= !same_rows(&old, None, outbox, None);
                self.touched.rooms.entry(old.summary.id).or_default().merge(parts);
            }
        }
    }
}

/// Whether the rows of a conversation, and what belongs to them, are as they were.
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

/// Whether all but the receipts are the same.
pub(super) fn same_summary(one: &Conversation, other: &Conversation) -> bool {
    let Conversation {
        id,
        kind,
        title,
        rev,
        members,
        member_count,
        last_message,
        unread,
        read_seq,
        created_at,
    } = one;
    *id == other.id
        && *kind == other.kind
        && *title == other.title
        && *rev == other.rev
        && *member_count == other.member_count
        && *last_message == other.last_message
        && *unread == other.unread
        && *read_seq == other.read_seq
        && *created_at == other.created_at
        && members.len() == other.members.len()
        && members.iter().zip(&other.members).all(|(one, other)| same_membership(one, other))
}

/// Whether all that [`Room::receipt`] is worked out from is the same, apart from the number of members.
pub(super) fn same_receipts(one: &Conversation, other: &Conversation) -> bool {
    one.members.len() == other.members.len()
        && one.members.iter().all(|member| {
            let mut others = other.members.iter().filter(|other| other.user.id == member.user.id);
            others.any(|other| same_receipt(member, other))
        })
}

/// Whether all but the receipts of a member are the same.
pub(super) fn same_membership(one: &Member, other: &Member) -> bool {
    let Member { user, role, rev, joined_seq, read_seq: _, delivered_seq: _, left } = one;
    *user == other.user
        && *role == other.role
        && *rev == other.rev
        && *joined_seq == other.joined_seq
        && *left == other.left
}

/// Whether a member counts in the same way for [`Room::receipt`].
pub(super) fn same_receipt(one: &Member, other: &Member) -> bool {
    let parts = |member: &Member| (member.joined_seq, member.left, member.read_seq, member.delivered_seq);
    parts(one) == parts(other)
}
