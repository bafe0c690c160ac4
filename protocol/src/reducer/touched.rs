//! The parts of the state that changed, so that a front end notifies only what shows them.

use crate::{Conversation, ConversationId, Member, UserId};
use litemap::LiteMap;

/// The parts of the state that changed since the last [`State::take_touched`](super::State::take_touched).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Whether the set or the order of [`State::list`](super::State::list), its end, or the number of unread messages behind
    /// that changed.
    pub list: bool,
    /// Whether [`State::me`](super::State::me) changed.
    pub me: bool,
    /// Whether [`State::preferences`](super::State::preferences) changed.
    pub preferences: bool,
    /// Whether [`State::notifications`](super::State::notifications) changed, the number of unread ones, or whether there are
    /// more of them.
    pub notifications: bool,
    /// Whether [`State::is_namesake`](super::State::is_namesake) changed for anybody.
    pub names: bool,
    /// Whether the messages of [`State::unsent`](super::State::unsent) changed.
    pub unsent: bool,
    /// Whether [`State::invitations`](super::State::invitations) changed.
    pub invitations: bool,
    /// The people whose entry in [`State::presence`](super::State::presence) changed, was added or was removed.
    pub presence: LiteMap<UserId, ()>,
    /// The changed parts of the conversations, also of those that are not (or no longer) in the list. A conversation
    /// without a change has no entry.
    pub rooms: LiteMap<ConversationId, RoomTouched>,
}

/// The parts of a conversation that changed. Where the changes that one answer brings cancel out, `summary` and `rows` may
/// be set nevertheless.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoomTouched {
    /// Whether a field of [`Room::summary`](super::Room::summary) changed, other than the `read_seq` and `delivered_seq` of
    /// its members, and the personal state.
    pub summary: bool,
    /// Whether the personal state ([`Conversation::personal`]) changed, or a muting ended.
    pub own: bool,
    /// Whether the base of [`Room::receipt`](super::Room::receipt) changed: the `read_seq` or `delivered_seq` of a member,
    /// or the set of members.
    pub receipts: bool,
    /// Whether the set of typing people or one of their names changed, without regard to when typing expires.
    pub typing: bool,
    /// Whether [`Room::ephemeral`](super::Room::ephemeral) changed.
    pub ephemeral: bool,
    /// Whether the result of [`State::rows`](super::State::rows), of [`Room::is_reading`](super::Room::is_reading) or of
    /// [`Room::is_jumping`](super::Room::is_jumping) changed, or whether the timeline is loaded, shows a past window or is
    /// at the start.
    pub rows: bool,
}

impl RoomTouched {
    pub(super) fn merge(&mut self, other: Self) {
        let Self { summary, own, receipts, typing, ephemeral, rows } = other;
        self.summary |= summary;
        self.own |= own;
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

/// Whether all but the receipts and the personal state are the same.
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
        // The personal state is compared by itself.
        muted_until: _,
        archived: _,
        pinned: _,
        marked_unread: _,
        notify: _,
        draft: _,
        hue,
        emoji,
        history,
        subject,
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
        && *hue == other.hue
        && *emoji == other.emoji
        && *history == other.history
        && *subject == other.subject
        && members.len() == other.members.len()
        && members.iter().zip(&other.members).all(|(one, other)| same_membership(one, other))
}

/// Whether all that [`Room::receipt`](super::Room::receipt) is worked out from is the same, apart from the number of members.
pub(super) fn same_receipts(one: &Conversation, other: &Conversation) -> bool {
    one.members.len() == other.members.len()
        && one.members.iter().all(|member| {
            let mut others = other.members.iter().filter(|other| other.user.id == member.user.id);
            others.any(|other| same_receipt(member, other))
        })
}

/// Whether all but the receipts of a member are the same.
pub(super) fn same_membership(one: &Member, other: &Member) -> bool {
    let Member { user, role, rev, joined_seq, read_seq: _, delivered_seq: _, left, subject_role } = one;
    *user == other.user
        && *role == other.role
        && *rev == other.rev
        && *joined_seq == other.joined_seq
        && *left == other.left
        && *subject_role == other.subject_role
}

/// Whether a member counts in the same way for [`Room::receipt`](super::Room::receipt).
pub(super) fn same_receipt(one: &Member, other: &Member) -> bool {
    let parts = |member: &Member| (member.joined_seq, member.left, member.read_seq, member.delivered_seq);
    parts(one) == parts(other)
}
