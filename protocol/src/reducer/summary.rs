//! The summary of a conversation, its entry in the list.

use super::Room;
use super::room::Staleness;
use super::timeline::counts;
use super::touched::{same_membership, same_receipt, same_receipts, same_summary};
use crate::limits::{SMALL_CONVERSATION, UNREAD_CAP};
use crate::{Conversation, ConversationKind, GroupEventKind, Member, Message, UserId};

impl Room {
    /// Whether the summary needs the server's list.
    pub(super) fn wants_list(&self) -> bool {
        // With a timeline, the changes that fill its gap update the summary, too.
        let hole = self.timeline.is_none() && self.summary.rev < self.seen;
        hole || self.stale != Staleness::default()
    }

    /// Merges the server's entry, whose snapshot may be older or newer than the state.
    pub(super) fn merge_summary(&mut self, new: Conversation, me: UserId) {
        self.saw(new.rev);
        if new.rev < self.summary.rev {
            let read_seq = new.read_seq;
            self.merge_receipts(&new.members, me);
            self.read_up_to(read_seq, me);
            return;
        }
        let before = self.touched.parts;
        let old = std::mem::replace(&mut self.summary, new);
        self.touched.counted.get_or_insert(old.member_count);
        self.compare_people(&old.members);
        self.stale = Staleness::default();
        for member in &mut self.summary.members {
            if let Some(held) = old.members.iter().find(|held| held.user.id == member.user.id) {
                grow(member, held);
            }
        }
        if let Some(message) = self.summary.last_message.clone() {
            self.acknowledge(&message, me, self.timeline.is_none());
        }
        self.read_up_to(old.read_seq, me);
        self.settle(me);
        // Changes that were marked meanwhile may cancel out.
        self.touched.parts.summary = before.summary || !same_summary(&old, &self.summary);
        self.touched.parts.receipts = before.receipts || !same_receipts(&old, &self.summary);
    }

    /// Applies a live message if it is the next change; after a gap the summary waits for the list or the timeline.
    pub(super) fn advance_summary(&mut self, rev: i64, message: &Message, born: bool, me: UserId) {
        if rev != self.summary.rev + 1 {
            return;
        }
        self.summary.rev = rev;
        self.touched.parts.summary = true;
        if message.seq == rev {
            self.apply_event(message);
        }
        let unread = message.seq > self.read_floor(me);
        if born {
            if unread && counts(message, me) {
                self.summary.unread = (self.summary.unread + 1).min(UNREAD_CAP);
            }
            self.summary.last_message = Some(message.clone());
            return;
        }
        if let Some(last) = self.summary.last_message.as_mut().filter(|last| last.id == message.id)
            && message.rev > last.rev
        {
            *last = message.clone();
        }
        // A hidden message was not counted, so the server decides.
        self.stale.unread |=
            message.deleted_at.is_some() && unread && message.sender.id != me && self.summary.unread > 0;
    }

    /// Applies the change of the group that a system message is about. The members come beside it.
    pub(super) fn apply_event(&mut self, message: &Message) {
        let Some(event) = &message.event else { return };
        let summary = &mut self.summary;
        match event.kind {
            GroupEventKind::Renamed => summary.title.clone_from(&event.title),
            GroupEventKind::PictureChanged => {
                summary.hue = event.hue;
                summary.emoji.clone_from(&event.emoji);
            }
            GroupEventKind::HistoryChanged => summary.history = event.history.unwrap_or_default(),
            GroupEventKind::SubjectUpdated | GroupEventKind::Closed | GroupEventKind::Reopened => {
                summary.subject.clone_from(&event.subject);
            }
            _ => return,
        }
        self.touched.parts.summary = true;
    }

    /// Notes that changes up to `rev` become known in part: one that is missing may have changed the group.
    pub(super) fn doubt_group(&mut self, rev: i64) {
        self.stale.group |= self.summary.kind == ConversationKind::Group && rev > self.summary.rev;
    }

    /// Updates the summary and the outbox from the timeline, and trims that.
    pub(super) fn settle(&mut self, me: UserId) {
        self.settle_outbox();
        self.settle_summary(me);
        self.trim();
    }

    fn settle_summary(&mut self, me: UserId) {
        let floor = self.read_floor(me);
        let Some(timeline) = self.timeline.as_ref().filter(|timeline| timeline.cursor >= self.summary.rev)
        else {
            return;
        };
        let moved = timeline.cursor > self.summary.rev;
        self.summary.rev = timeline.cursor;
        self.touched.parts.summary |= moved;
        if self.missing {
            self.stale.preview |= moved;
            self.stale.unread |= moved;
            return;
        }
        match timeline.latest.messages.values().next_back() {
            Some(newest) => {
                let same = |last: &Message| last.id == newest.id && last.rev == newest.rev;
                if !self.summary.last_message.as_ref().is_some_and(same) {
                    self.summary.last_message = Some(Message::clone(newest));
                    self.touched.parts.summary = true;
                }
                self.stale.preview = false;
            }
            None if timeline.latest.at_start => {
                self.touched.parts.summary |= self.summary.last_message.take().is_some();
                self.stale.preview = false;
            }
            None => self.stale.preview |= moved,
        }
        match timeline.unread(floor, me) {
            Some(unread) => {
                self.touched.parts.summary |= self.summary.unread != unread;
                self.summary.unread = unread;
                self.stale.unread = false;
            }
            None => self.stale.unread |= moved,
        }
    }

    /// The `seq` after which messages are unread.
    pub(super) fn read_floor(&self, me: UserId) -> i64 {
        let own = self.summary.members.iter().find(|member| member.user.id == me);
        self.summary.read_seq.max(own.map_or(0, |member| member.joined_seq))
    }

    /// Advances the own read position.
    fn read_up_to(&mut self, seq: i64, me: UserId) {
        if seq <= self.summary.read_seq {
            return;
        }
        self.summary.read_seq = seq;
        self.touched.parts.summary = true;
        self.saw(seq);
        if self.summary.last_message.as_ref().is_none_or(|last| last.seq <= seq) {
            self.summary.unread = 0;
            self.stale.unread = false;
        }
        self.stale.unread |= self.summary.unread > 0;
        self.settle(me);
    }

    /// A member read or received everything up to `seq`.
    pub(super) fn receipt_grew(&mut self, user: UserId, seq: i64, read: bool, me: UserId) {
        self.saw(seq);
        if let Some(member) = self.summary.members.iter_mut().find(|member| member.user.id == user) {
            let grew = seq > member.delivered_seq || (read && seq > member.read_seq);
            self.touched.parts.receipts |= grew;
            member.delivered_seq = member.delivered_seq.max(seq);
            if read {
                member.read_seq = member.read_seq.max(seq);
            }
        }
        if read && user == me {
            self.read_up_to(seq, me);
        }
    }

    /// Merges members of a snapshot: the newer membership wins, receipts only grow.
    pub(super) fn merge_members(&mut self, members: &[Member], me: UserId) {
        if members.is_empty() {
            return;
        }
        let small = usize::try_from(self.summary.member_count).is_ok_and(|count| count <= SMALL_CONVERSATION);
        if small {
            for member in members {
                if !self.summary.members.iter().any(|held| held.user.id == member.user.id) {
                    self.summary.members.push(member.clone());
                    self.touched.parts.summary = true;
                    self.touched.parts.receipts = true;
                }
            }
        } else {
            // Only some members are known, so the server counts them.
            self.stale.members |= members.iter().any(|member| member.rev > self.summary.rev);
        }
        self.merge_receipts(members, me);
        if small {
            let there = self.summary.members.iter().filter(|member| !member.left).count();
            let there = i64::try_from(there).unwrap_or(i64::MAX);
            if self.summary.member_count != there {
                self.touched.counted.get_or_insert(self.summary.member_count);
                self.touched.parts.summary = true;
                self.summary.member_count = there;
                // The list shows some members of a large conversation only.
                self.stale.members |= usize::try_from(there).is_ok_and(|count| count > SMALL_CONVERSATION);
            }
        }
    }

    fn merge_receipts(&mut self, members: &[Member], me: UserId) {
        for held in &mut self.summary.members {
            if let Some(member) = members.iter().find(|member| member.user.id == held.user.id) {
                let old = std::mem::replace(held, member.clone());
                grow(held, &old);
                self.touched.parts.summary |= !same_membership(&old, held);
                self.touched.parts.receipts |= !same_receipt(&old, held);
            }
        }
        if let Some(own) = members.iter().find(|member| member.user.id == me) {
            self.read_up_to(own.read_seq, me);
        }
    }
}

/// Merges `held` into `member`: the newer membership, and the higher receipts.
fn grow(member: &mut Member, held: &Member) {
    let (read_seq, delivered_seq) =
        (member.read_seq.max(held.read_seq), member.delivered_seq.max(held.delivered_seq));
    if held.rev > member.rev {
        *member = held.clone();
    }
    member.read_seq = read_seq;
    member.delivered_seq = delivered_seq;
}
