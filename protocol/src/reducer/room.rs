//! One conversation on a client.

use super::deferred_page::{DeferredPage, Placement};
use super::touched::Marks;
use super::{HistoryWindow, Pending, PresenceNotice, Timeline};
use crate::limits::PAGE;
use crate::{Changes, ClientId, Conversation, Message, MessageId, Page, Side, UserId};
use litemap::LiteMap;
use std::sync::Arc;

/// A conversation: its entry in the list and, when it is open, its timeline.
#[derive(Clone, Debug)]
pub struct Room {
    /// Its entry in the list, kept live: preview, unread, members with their receipts.
    pub summary: Conversation,
    /// The loaded window of messages, once opened.
    pub timeline: Option<Timeline>,
    /// Who is typing: username and when it runs out (milliseconds of the caller's clock). Never oneself.
    pub typing: LiteMap<UserId, (String, u64)>,
    /// Who came and went while it is open: ephemeral lines.
    pub ephemeral: Vec<PresenceNotice>,
    /// Unacknowledged messages, in order.
    pub outbox: Vec<Pending>,
    /// The highest value of the counter that anything told of.
    pub(super) seen: i64,
    /// What of the summary only the server's list can settle.
    pub(super) stale: Staleness,
    /// The newest page is wanted again: something that no change tells of came back.
    pub(super) reload: bool,
    /// Until then the timeline lacks messages, so that the list knows better what is newest and unread.
    pub(super) missing: bool,
    /// What the reader wants to see that is not loaded.
    pub(super) request: Option<RequestState>,
    /// From and to which place the reader sees messages; `None` at the end.
    pub(super) viewport: Option<(i64, i64)>,
    /// A page that waits for the changes since.
    pub(super) deferred: Option<DeferredPage>,
    /// What was asked and not answered yet.
    pub(super) in_flight: InFlightRequests,
    /// The changes that were not taken yet.
    pub(super) touched: Marks,
}

/// What cannot be worked out from what is held, and waits for the server's list.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Staleness {
    /// The newest message.
    pub(super) preview: bool,
    /// The number of unread ones.
    pub(super) unread: bool,
    /// The number of members.
    pub(super) members: bool,
}

/// Requests on their way.
#[derive(Clone, Debug, Default)]
pub(super) struct InFlightRequests {
    /// The list, when its entry was at this.
    pub(super) list: Option<i64>,
    /// Changes for the timeline, after this.
    pub(super) changes: Option<i64>,
    /// Changes for the deferred page, after this.
    pub(super) deferred: Option<i64>,
    /// A page, and where it goes.
    pub(super) page: Option<Placement>,
    /// That page was overtaken by something that no change tells of: drop it, ask again.
    pub(super) page_void: bool,
}

/// What a reader wants to see.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum RequestState {
    /// What comes before what is shown.
    Older,
    /// What comes after it.
    Newer,
    /// A window elsewhere, or the shown one anew: no longer known to be as new as the cursor.
    Jump(Side),
}

/// How far an own message is with the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Receipt {
    /// Stored by the server.
    Sent,
    /// On a device of every other member.
    Delivered,
    /// Read by every other member.
    Read,
}

/// One row on screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// A message that the server has.
    Message(Arc<Message>),
    /// One on its way. It has the key of the message it will become (`client_id`).
    Pending(Pending),
}

impl Room {
    pub(super) fn new(summary: Conversation, outbox: Vec<Pending>) -> Self {
        Self {
            seen: summary.rev,
            summary,
            timeline: None,
            typing: LiteMap::new_vec(),
            ephemeral: Vec::new(),
            outbox,
            stale: Staleness::default(),
            reload: false,
            missing: false,
            request: None,
            viewport: None,
            deferred: None,
            in_flight: InFlightRequests::default(),
            touched: Marks::default(),
        }
    }

    /// A message came live: it was born or changed with this value of the counter.
    pub(super) fn live(&mut self, rev: i64, message: Message, me: UserId, hidden: bool) {
        if rev > self.seen {
            self.typed(message.sender.id);
        }
        self.saw(rev.max(message.rev));
        let born = message.seq == rev && !hidden;
        self.advance_summary(rev, &message, born, me);
        let message = Arc::new(message);
        let shown = self.timeline.is_none() || {
            let next = self.timeline.as_ref().is_some_and(|timeline| rev == timeline.cursor + 1);
            if next {
                self.upsert(&message, born);
                self.timeline.iter_mut().for_each(|timeline| timeline.cursor = rev);
            }
            next
        };
        self.acknowledge(&message, me, shown);
        self.settle(me);
    }

    /// The answer to a request for changes.
    pub(super) fn answered(
        &mut self,
        changes: Changes,
        me: UserId,
        open: bool,
        hidden: &LiteMap<MessageId, ()>,
    ) {
        let for_timeline = self.in_flight.changes.take_if(|after| *after == changes.after).is_some();
        let for_deferred = self.in_flight.deferred.take_if(|after| *after == changes.after).is_some();
        if for_deferred && !for_timeline && changes.reset.is_some() {
            // The deferred page is too old to be mended; it will be asked for again.
            self.deferred = None;
            self.saw(changes.cursor);
        } else if !for_timeline && self.timeline.is_some() && changes.reset.is_some() {
            // Asked for before the conversation was taken away and came back, and so perhaps was what is loaded.
            self.saw(changes.cursor);
            self.show();
            self.stale.preview = true;
            self.stale.unread = true;
        } else {
            self.changes(changes, me, open, hidden);
        }
    }

    /// What changed after a cursor. `open`: it is on screen, so a first page begins its timeline.
    pub(super) fn changes(
        &mut self,
        changes: Changes,
        me: UserId,
        open: bool,
        hidden: &LiteMap<MessageId, ()>,
    ) {
        // "More" is one more at least.
        self.saw(changes.cursor + i64::from(changes.more));
        self.merge_members(&changes.members, me);
        match changes.reset {
            Some(page) => self.reset(page, changes.after, me, open, hidden),
            None => self.catch_up(&changes, me, hidden),
        }
        self.join_deferred(me);
        self.settle(me);
    }

    fn catch_up(&mut self, changes: &Changes, me: UserId, hidden: &LiteMap<MessageId, ()>) {
        let fits = self.timeline.as_ref().is_some_and(|timeline| changes.after <= timeline.cursor);
        let fits_deferred = self.deferred.as_ref().is_some_and(|deferred| deferred.accepts(changes));
        for row in changes.rows.iter().filter(|row| !hidden.contains_key(&row.id)) {
            let row = Arc::new(row.clone());
            if fits {
                self.upsert(&row, true);
            } else if fits_deferred {
                self.deferred.iter_mut().for_each(|deferred| deferred.upsert(&row, true));
            }
            self.acknowledge(&row, me, fits || self.timeline.is_none());
        }
        if let Some(timeline) = self.timeline.as_mut().filter(|_| fits) {
            timeline.cursor = timeline.cursor.max(changes.cursor);
        }
        if let Some(deferred) = self.deferred.as_mut().filter(|_| fits_deferred) {
            deferred.caught_up_to(changes.cursor);
        }
    }

    fn reset(&mut self, mut page: Page, after: i64, me: UserId, open: bool, hidden: &LiteMap<MessageId, ()>) {
        self.saw(page.as_of);
        page.messages.retain(|message| !hidden.contains_key(&message.id));
        let shown = self.timeline.as_ref().is_none_or(|timeline| page.as_of >= timeline.cursor);
        for message in &page.messages {
            self.acknowledge(message, me, shown);
        }
        match &mut self.timeline {
            None if open => {
                self.timeline = Some(Timeline::of_page(page));
                self.touched.parts.rows = true;
                self.replaced();
            }
            None => {}
            Some(timeline) if page.as_of >= timeline.cursor => {
                timeline.cursor = page.as_of;
                self.touched.parts.rows |= timeline.replace_latest(HistoryWindow::of_page(page, None));
                self.deferred = None;
                self.replaced();
            }
            // Of an empty conversation, and overtaken: changes from nothing are a page, so there is nothing to mend.
            Some(_) if page.as_of <= 0 => self.reload |= self.missing,
            // Asked for from nothing, and overtaken: mend it before it takes the place of what is newer.
            Some(timeline) if after <= 0 => {
                self.deferred = Some(DeferredPage::new(page, Placement::Replace, timeline.cursor));
            }
            Some(_) => {}
        }
    }

    /// A page came that was read on this side of a place.
    pub(super) fn page(&mut self, side: Side, mut page: Page, me: UserId, hidden: &LiteMap<MessageId, ()>) {
        let of = |placement: &mut Placement| {
            *placement == Placement::Adjacent(side) || *placement == Placement::Separate(side)
        };
        let Some(placement) = self.in_flight.page.take_if(of) else { return };
        self.saw(page.as_of);
        let void = std::mem::take(&mut self.in_flight.page_void);
        let Some(timeline) = self.timeline.as_ref().filter(|_| !void) else { return };
        let wanted = match placement {
            Placement::Adjacent(side) => timeline.abuts(side) && !self.is_jumping(),
            _ => self.request == Some(RequestState::Jump(side)),
        };
        // A deferred page that is to take the timeline's place comes first; this one will be asked for again.
        if !wanted || self.deferred.is_some() {
            return;
        }
        let until = timeline.cursor;
        page.messages.retain(|message| !hidden.contains_key(&message.id));
        for message in &page.messages {
            self.acknowledge(message, me, false);
        }
        self.deferred = Some(DeferredPage::new(page, placement, until));
        self.join_deferred(me);
        self.settle(me);
    }

    fn join_deferred(&mut self, me: UserId) {
        if self.timeline.is_none() {
            return;
        }
        if let Some(deferred) = self.deferred.take_if(|deferred| deferred.is_ready()) {
            for message in deferred.page.messages.values() {
                self.acknowledge(message, me, true);
            }
            let Some(timeline) = &mut self.timeline else { return };
            let placement = deferred.placement;
            self.touched.parts.rows |= deferred.join(timeline);
            match placement {
                Placement::Replace => self.replaced(),
                Placement::Adjacent(_) if self.is_jumping() => {}
                Placement::Adjacent(_) | Placement::Separate(_) => self.set_request(None),
            }
        }
    }

    /// The newest messages are others. They lack nothing, if they were read after what came back.
    fn replaced(&mut self) {
        self.missing &= self.reload || self.in_flight.changes == Some(0);
        self.reload_past();
    }

    /// What is shown apart from the newest messages is out of date: it is read anew, where the reader looks.
    fn reload_past(&mut self) {
        let Some(past) = self.timeline.as_ref().and_then(|timeline| timeline.past.as_ref()) else { return };
        if !self.is_jumping() {
            let below = |last| past.messages.keys().filter(move |seq| **seq >= last).nth(PAGE / 4);
            let to = self.viewport.and_then(|(_, last)| below(last)).map_or(past.to, |seq| *seq);
            self.set_request(Some(RequestState::Jump(Side::Before(to + 1))));
        }
    }

    /// Whether messages are on their way that the reader wants to see.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.request.is_some()
    }

    /// Whether another window is to take the place of what is shown.
    #[must_use]
    pub fn is_jumping(&self) -> bool {
        matches!(self.request, Some(RequestState::Jump(_)))
    }

    pub(super) fn set_request(&mut self, request: Option<RequestState>) {
        let before = (self.is_reading(), self.is_jumping());
        self.request = request;
        self.touched.parts.rows |= before != (self.is_reading(), self.is_jumping());
    }

    /// The page to ask for next.
    pub(super) fn next_page(&self) -> Option<Placement> {
        self.page_for(self.request?)
    }

    /// The page that brings what is wanted.
    pub(super) fn page_for(&self, request: RequestState) -> Option<Placement> {
        let timeline = self.timeline.as_ref()?;
        let shown = timeline.shown();
        match request {
            RequestState::Jump(side) => Some(Placement::Separate(side)),
            RequestState::Older => (!shown.at_start).then_some(Placement::Adjacent(Side::Before(shown.from))),
            RequestState::Newer => {
                timeline.past.as_ref().map(|past| Placement::Adjacent(Side::After(past.to)))
            }
        }
    }

    /// The reader wants to see a window; where it is loaded, there is nothing to do.
    pub(super) fn jump_to(&mut self, side: Side) {
        let nearest = match side {
            Side::Before(before) => before - 1,
            Side::After(after) => after + 1,
        };
        let within = |window: &HistoryWindow| window.places().contains(&nearest);
        self.viewport = None;
        if let Some(timeline) = &mut self.timeline {
            if !matches!(self.request, Some(RequestState::Jump(_)))
                && timeline.past.as_ref().is_some_and(within)
            {
                return;
            }
            if within(&timeline.latest) {
                return self.show_latest();
            }
        }
        self.set_request(Some(RequestState::Jump(side)));
    }

    /// Back to the newest messages.
    pub(super) fn show_latest(&mut self) {
        self.set_request(None);
        self.viewport = None;
        if let Some(timeline) = &mut self.timeline {
            self.touched.parts.rows |= timeline.past.take().is_some();
        }
        self.deferred.take_if(|deferred| matches!(deferred.placement, Placement::Separate(_)));
        self.trim();
    }

    /// Lets go of what is far from what the reader sees.
    pub(super) fn trim(&mut self) -> bool {
        let (viewport, is_jumping) = (self.viewport, self.is_jumping());
        let timeline = self.timeline.as_mut().filter(|_| !is_jumping);
        let went = timeline.is_some_and(|timeline| timeline.trim(viewport));
        if went {
            self.touched.parts.rows = true;
            self.request = None;
        }
        went
    }

    fn upsert(&mut self, message: &Arc<Message>, insert: bool) {
        self.deferred.iter_mut().for_each(|deferred| deferred.upsert(message, insert));
        if let Some(timeline) = &mut self.timeline {
            self.touched.parts.rows |= timeline.upsert(message, insert);
        }
    }

    /// Something told of this value of the counter.
    pub(super) fn saw(&mut self, rev: i64) {
        self.seen = self.seen.max(rev);
    }

    /// The server has this message. `shown`: it is in the timeline, or there is none that it could be missing from.
    pub(super) fn acknowledge(&mut self, message: &Message, me: UserId, shown: bool) {
        if self.outbox.is_empty() || message.sender.id != me {
            return;
        }
        self.acknowledge_pending(message.client_id, shown);
    }

    fn acknowledge_pending(&mut self, client_id: ClientId, shown: bool) {
        let Some(at) = self.outbox.iter().position(|pending| pending.client_id == client_id) else { return };
        let was_acked = std::mem::replace(&mut self.outbox[at].acked, true);
        if shown {
            self.outbox.remove(at);
        }
        if shown || !was_acked {
            self.outbox_changed(!was_acked);
        }
    }

    /// The outbox changed: its rows do, where they are shown. `unsent`: and what the server has not taken yet.
    pub(super) fn outbox_changed(&mut self, unsent: bool) {
        self.touched.unsent |= unsent;
        self.touched.parts.rows |= self.timeline.as_ref().is_none_or(|timeline| timeline.past.is_none());
    }

    /// Drops acknowledged rows that wait for nothing any more: all that is known of is in the timeline, so the
    /// message is hidden or lies before the range.
    pub(super) fn settle_outbox(&mut self) {
        if self.timeline.as_ref().is_none_or(|timeline| timeline.cursor >= self.seen) {
            let before = self.outbox.len();
            self.outbox.retain(|pending| !pending.acked);
            if self.outbox.len() != before {
                self.outbox_changed(false);
            }
        }
    }

    /// Off screen.
    pub(super) fn close(&mut self) {
        self.touched.parts.rows |= self.timeline.take().is_some();
        self.touched.parts.ephemeral |= !self.ephemeral.is_empty();
        self.ephemeral.clear();
        self.deferred = None;
        self.reload = false;
        self.missing = false;
        self.set_request(None);
        self.viewport = None;
        // A page on its way belongs to what was forgotten; `changes` from nothing may begin the next timeline.
        self.in_flight.page = None;
        self.in_flight.page_void = false;
        self.in_flight.deferred = None;
        self.settle_outbox();
    }

    /// A message is hidden from oneself.
    pub(super) fn hide(&mut self, id: MessageId, me: UserId) {
        if let Some(timeline) = &mut self.timeline {
            self.touched.parts.rows |= timeline.remove(id);
        }
        self.deferred.iter_mut().for_each(|deferred| deferred.remove(id));
        self.stale.preview |= self.summary.last_message.as_ref().is_some_and(|message| message.id == id);
        self.stale.unread |= self.summary.unread > 0;
        self.settle(me);
    }

    /// A hidden message is shown again: no change tells of it, so what is loaded is loaded anew.
    pub(super) fn show(&mut self) {
        self.reload = self.timeline.is_some() || self.in_flight.changes.is_some();
        self.missing = self.reload;
        self.deferred = None;
        self.in_flight.page_void = self.in_flight.page.is_some();
        self.reload_past();
    }

    /// The transport is lost.
    pub(super) fn link_lost(&mut self) {
        self.typing_only(|_| false);
        // A reload that was asked for is still wanted.
        self.reload |= self.timeline.is_some() && self.in_flight.changes == Some(0);
        self.in_flight = InFlightRequests::default();
        let mut changed = false;
        for pending in &mut self.outbox {
            changed |= pending.link_lost();
        }
        if changed {
            self.outbox_changed(true);
        }
    }

    /// How far the message at `seq` is with the others.
    #[must_use]
    pub fn receipt(&self, seq: i64, me: UserId) -> Receipt {
        let there = self.summary.members.iter().filter(|member| !member.left);
        if i64::try_from(there.clone().count()).is_ok_and(|known| known < self.summary.member_count) {
            // Too many to be told one by one.
            return Receipt::Sent;
        }
        // Who came later was not written to.
        let others = there.filter(|member| member.user.id != me && member.joined_seq < seq);
        others
            .map(|member| match seq {
                _ if member.read_seq >= seq => Receipt::Read,
                _ if member.delivered_seq >= seq => Receipt::Delivered,
                _ => Receipt::Sent,
            })
            .min()
            .unwrap_or(Receipt::Sent)
    }
}
