//! A conversation of the client.

use super::deferred_page::{DeferredPage, Placement};
use super::touched::Marks;
use super::{HistoryWindow, Pending, PresenceNotice, Timeline};
use crate::limits::PAGE;
use crate::{Changes, ClientId, Conversation, Message, MessageId, Page, Side, UserId};
use litemap::LiteMap;
use std::sync::Arc;

/// A conversation: its entry in the list and, if it is open, its timeline.
#[derive(Clone, Debug)]
pub struct Room {
    /// The entry in the list, kept current: preview, unread count, members with their receipts.
    pub summary: Conversation,
    /// The loaded messages, if the conversation is open.
    pub timeline: Option<Timeline>,
    /// The other people who are typing: username and expiry (milliseconds of the caller's clock).
    pub typing: LiteMap<UserId, (String, u64)>,
    /// The presence notices since the conversation was opened.
    pub ephemeral: Vec<PresenceNotice>,
    /// The unacknowledged messages, in order.
    pub outbox: Vec<Pending>,
    /// The highest known value of the conversation's counter.
    pub(super) seen: i64,
    /// The parts of the summary that need the server's list.
    pub(super) stale: Staleness,
    /// The newest page must be loaded again: a message was restored, which no change reports.
    pub(super) reload: bool,
    /// The timeline lacks restored messages, so the list decides the preview and the unread count.
    pub(super) missing: bool,
    /// The messages that the reader waits for.
    pub(super) request: Option<RequestState>,
    /// The first and last visible `seq`; `None` at the end of the conversation.
    pub(super) viewport: Option<(i64, i64)>,
    /// A page that waits for changes.
    pub(super) deferred: Option<DeferredPage>,
    /// The requests without an answer.
    pub(super) in_flight: InFlightRequests,
    /// The marks of changes that were not taken yet.
    pub(super) touched: Marks,
}

/// The parts of a summary that cannot be computed here and wait for the server's list.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Staleness {
    /// The newest message.
    pub(super) preview: bool,
    /// The number of unread messages.
    pub(super) unread: bool,
    /// The number of members.
    pub(super) members: bool,
}

/// Requests in flight.
#[derive(Clone, Debug, Default)]
pub(super) struct InFlightRequests {
    /// The list; the `rev` of the entry when it was requested.
    pub(super) list: Option<i64>,
    /// Changes for the timeline; the cursor of the request.
    pub(super) changes: Option<i64>,
    /// Changes for the deferred page; the cursor of the request.
    pub(super) deferred: Option<i64>,
    /// A page; its placement.
    pub(super) page: Option<Placement>,
    /// The page is void, because a message was restored since: it is dropped and requested again.
    pub(super) page_void: bool,
}

/// The messages that the reader requested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum RequestState {
    /// The messages before the shown window.
    Older,
    /// The messages after the shown window.
    Newer,
    /// Another window, or the shown one again because it may be out of date.
    Jump(Side),
}

/// The receipt of an own message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Receipt {
    /// Stored by the server.
    Sent,
    /// On a device of every other member.
    Delivered,
    /// Read by every other member.
    Read,
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// A message from the server.
    Message(Arc<Message>),
    /// An unacknowledged message. Its key, the `client_id`, is that of the message that it becomes.
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

    /// A live message: created or changed with this value of the counter.
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
            // The deferred page is too old to catch up; it will be requested again.
            self.deferred = None;
            self.saw(changes.cursor);
        } else if !for_timeline && self.timeline.is_some() && changes.reset.is_some() {
            // Requested before the conversation left the list and came back; the loaded messages may be from before, too.
            self.saw(changes.cursor);
            self.show();
            self.stale.preview = true;
            self.stale.unread = true;
        } else {
            self.changes(changes, me, open, hidden);
        }
    }

    /// Applies changes. `open`: the conversation is open, so a first page starts its timeline.
    pub(super) fn changes(
        &mut self,
        changes: Changes,
        me: UserId,
        open: bool,
        hidden: &LiteMap<MessageId, ()>,
    ) {
        // `more` means at least one more change.
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
            // An outdated page of an empty conversation: `changes` after 0 is a page again, so it cannot catch up.
            Some(_) if page.as_of <= 0 => self.reload |= self.missing,
            // Older than the timeline: it catches up before it replaces the newest messages.
            Some(timeline) if after <= 0 => {
                self.deferred = Some(DeferredPage::new(page, Placement::Replace, timeline.cursor));
            }
            Some(_) => {}
        }
    }

    /// A page that was read on this side of a position.
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
        // A deferred page comes first; this one will be requested again.
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

    /// The newest messages were replaced. They are complete, if they were read after the restored messages.
    fn replaced(&mut self) {
        self.missing &= self.reload || self.in_flight.changes == Some(0);
        self.reload_past();
    }

    /// Reloads the past window, which may be out of date, around the viewport.
    fn reload_past(&mut self) {
        let Some(past) = self.timeline.as_ref().and_then(|timeline| timeline.past.as_ref()) else { return };
        if !self.is_jumping() {
            let below = |last| past.messages.keys().filter(move |seq| **seq >= last).nth(PAGE / 4);
            let to = self.viewport.and_then(|(_, last)| below(last)).map_or(past.to, |seq| *seq);
            self.set_request(Some(RequestState::Jump(Side::Before(to + 1))));
        }
    }

    /// Whether the reader waits for messages.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.request.is_some()
    }

    /// Whether another window will replace the shown one.
    #[must_use]
    pub fn is_jumping(&self) -> bool {
        matches!(self.request, Some(RequestState::Jump(_)))
    }

    pub(super) fn set_request(&mut self, request: Option<RequestState>) {
        let before = (self.is_reading(), self.is_jumping());
        self.request = request;
        self.touched.parts.rows |= before != (self.is_reading(), self.is_jumping());
    }

    /// The placement of the next page to request.
    pub(super) fn next_page(&self) -> Option<Placement> {
        self.page_for(self.request?)
    }

    /// The placement of the page that serves a request.
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

    /// Shows the window on this side of a position, and requests it if it is not loaded.
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

    /// Shows the newest messages.
    pub(super) fn show_latest(&mut self) {
        self.set_request(None);
        self.viewport = None;
        if let Some(timeline) = &mut self.timeline {
            self.touched.parts.rows |= timeline.past.take().is_some();
        }
        self.deferred.take_if(|deferred| matches!(deferred.placement, Placement::Separate(_)));
        self.trim();
    }

    /// Drops messages far from the viewport; true if there were any.
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

    /// Notes a known value of the counter.
    pub(super) fn saw(&mut self, rev: i64) {
        self.seen = self.seen.max(rev);
    }

    /// Acknowledges an own message. `shown`: it is in the timeline, or there is no timeline.
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

    /// Marks a change of the outbox. `unsent`: the messages without an acknowledgement changed.
    pub(super) fn outbox_changed(&mut self, unsent: bool) {
        self.touched.unsent |= unsent;
        self.touched.parts.rows |= self.timeline.as_ref().is_none_or(|timeline| timeline.past.is_none());
    }

    /// Drops acknowledged rows once the timeline has caught up: their messages are hidden or before the loaded ones.
    pub(super) fn settle_outbox(&mut self) {
        if self.timeline.as_ref().is_none_or(|timeline| timeline.cursor >= self.seen) {
            let before = self.outbox.len();
            self.outbox.retain(|pending| !pending.acked);
            if self.outbox.len() != before {
                self.outbox_changed(false);
            }
        }
    }

    /// Closes the conversation.
    pub(super) fn close(&mut self) {
        self.touched.parts.rows |= self.timeline.take().is_some();
        self.touched.parts.ephemeral |= !self.ephemeral.is_empty();
        self.ephemeral.clear();
        self.deferred = None;
        self.reload = false;
        self.missing = false;
        self.set_request(None);
        self.viewport = None;
        // A page in flight belongs to the dropped timeline; `changes` after 0 may start the next one.
        self.in_flight.page = None;
        self.in_flight.page_void = false;
        self.in_flight.deferred = None;
        self.settle_outbox();
    }

    /// The person hid a message.
    pub(super) fn hide(&mut self, id: MessageId, me: UserId) {
        if let Some(timeline) = &mut self.timeline {
            self.touched.parts.rows |= timeline.remove(id);
        }
        self.deferred.iter_mut().for_each(|deferred| deferred.remove(id));
        self.stale.preview |= self.summary.last_message.as_ref().is_some_and(|message| message.id == id);
        self.stale.unread |= self.summary.unread > 0;
        self.settle(me);
    }

    /// A hidden message was restored. No change reports it, so the loaded messages are loaded again.
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
        // A reload in flight is still necessary.
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

    /// The receipt of the own message at `seq`.
    #[must_use]
    pub fn receipt(&self, seq: i64, me: UserId) -> Receipt {
        let there = self.summary.members.iter().filter(|member| !member.left);
        if i64::try_from(there.clone().count()).is_ok_and(|known| known < self.summary.member_count) {
            // A large conversation: the receipts of most members are not known here.
            return Receipt::Sent;
        }
        // Members who joined later are not recipients.
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
