//! Live messages, and the answers to requests for changes and pages.

use super::super::deferred_page::{DeferredPage, Placement};
use super::super::{HistoryWindow, Timeline};
use super::{RequestState, Room};
use crate::{Changes, Message, MessageId, Page, Side, UserId};
use litemap::LiteMap;
use std::sync::Arc;

impl Room {
    /// A live message: created or changed with this value of the counter.
    pub(in crate::reducer) fn live(&mut self, rev: i64, message: Message, me: UserId, hidden: bool) {
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
    pub(in crate::reducer) fn answered(
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
    pub(in crate::reducer) fn changes(
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
        if fits {
            self.catch_up_group(changes);
        }
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

    /// Applies the changes of the group that the summary lacks.
    fn catch_up_group(&mut self, changes: &Changes) {
        let known = changes.after.max(self.summary.rev);
        let new = changes.rows.iter().filter(|row| row.rev > known);
        let count = i64::try_from(new.clone().count()).unwrap_or(i64::MAX);
        // A message that was hidden, or changed again later.
        if count < changes.cursor - known {
            self.doubt_group(changes.cursor);
        }
        new.filter(|row| row.seq == row.rev).for_each(|row| self.apply_event(row));
    }

    fn reset(&mut self, mut page: Page, after: i64, me: UserId, open: bool, hidden: &LiteMap<MessageId, ()>) {
        self.saw(page.as_of);
        self.doubt_group(page.as_of);
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
    pub(in crate::reducer) fn page(
        &mut self,
        side: Side,
        mut page: Page,
        me: UserId,
        hidden: &LiteMap<MessageId, ()>,
    ) {
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
}
