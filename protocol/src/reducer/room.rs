//! A conversation of the client.

mod answers;
mod ephemeral;
mod reading;

pub use ephemeral::PresenceNotice;

use super::deferred_page::{DeferredPage, Placement};
use super::touched::Marks;
use super::{Pending, Timeline};
use crate::{ClientId, Conversation, Message, MessageId, Side, UserId};
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
    /// The title, the picture or the history.
    pub(super) group: bool,
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
