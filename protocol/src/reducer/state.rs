//! The state of the client, and the actions of the person.

mod invitations;
mod list_pages;
mod membership;
mod missing;
mod notifications;
mod order;

pub use missing::Need;
pub use notifications::News;

use list_pages::ListPages;
use notifications::Notifications;

use super::room::RequestState;
use super::{Pending, PendingState, Receipt, Room, Row, Touched, outbox};
use crate::{
    ClientFrame, ClientId, Conversation, ConversationId, Invitation, MessageId, Person, PersonStatus,
    Preferences, Side, Timestamp, UserId,
};
use litemap::LiteMap;

/// The state of a client, for one person.
#[derive(Clone, Debug)]
pub struct State {
    /// The person that this client is signed in as.
    pub me: Person,
    /// The person's preferences.
    pub preferences: Preferences,
    /// The value of the person's own counter up to which all changes are applied.
    pub user_rev: i64,
    /// The conversations by id; [`State::list`] has their order.
    pub rooms: LiteMap<ConversationId, Room>,
    /// The presence of people; who is missing is offline.
    pub presence: LiteMap<UserId, PersonStatus>,
    /// The person's invitations that wait for an answer, the newest first.
    pub invitations: Vec<Invitation>,
    /// The people whose name looks like another's, ordered by id.
    pub(super) namesakes: Vec<UserId>,
    /// People were added, removed or renamed in the current step.
    pub(super) people_changed: bool,
    /// The highest known value of the person's counter.
    pub(super) user_seen: i64,
    /// The open conversations, in the list or not.
    pub(super) opened: LiteMap<ConversationId, ()>,
    /// The messages that were hidden since this client started: answers from older snapshots may still contain them.
    pub(super) hidden: LiteMap<MessageId, ()>,
    /// The outboxes of conversations that are not in the list.
    pub(super) kept: LiteMap<ConversationId, Vec<Pending>>,
    /// The loaded part of the list.
    pub(super) pages: ListPages,
    /// The person's notifications.
    pub(super) notifications: Notifications,
    /// The loaded part of the filter that the reader chose.
    pub(super) filtered: Option<ListPages>,
    /// The known archived conversations, loaded or not, with the highest known value of the counter of each. A `sync` names those
    /// with the newest activity; a change of another one requests a list, which then names it.
    pub(super) archived: LiteMap<ConversationId, i64>,
    /// The time, by which mutings end.
    pub(super) clock: Timestamp,
    /// The order of the list may have changed without a change of a conversation.
    pub(super) reorder: bool,
    /// A list is necessary.
    pub(super) list_wanted: bool,
    /// A `sync` in flight; the value of the person's counter when it was requested.
    pub(super) sync_in_flight: Option<i64>,
    /// The time from which requests may be repeated, after one was refused.
    pub(super) retry_requests_at: Option<u64>,
    /// The changed parts outside of the conversations in the list.
    pub(super) touched: Touched,
    /// The order of the list at the last [`State::take_touched`].
    pub(super) order: Vec<ConversationId>,
    /// The conversations that left the list in the current step.
    pub(super) departed: Vec<Room>,
}

impl State {
    /// An empty state.
    #[must_use]
    pub fn new(me: Person) -> Self {
        Self {
            me,
            preferences: Preferences::default(),
            user_rev: 0,
            rooms: LiteMap::new_vec(),
            presence: LiteMap::new_vec(),
            invitations: Vec::new(),
            namesakes: Vec::new(),
            people_changed: false,
            user_seen: 0,
            opened: LiteMap::new_vec(),
            hidden: LiteMap::new_vec(),
            kept: LiteMap::new_vec(),
            pages: ListPages::new(),
            notifications: Notifications::default(),
            filtered: None,
            archived: LiteMap::new_vec(),
            clock: Timestamp(0),
            reorder: false,
            list_wanted: false,
            sync_in_flight: None,
            retry_requests_at: None,
            touched: Touched::default(),
            order: Vec::new(),
            departed: Vec::new(),
        }
    }

    /// Opens a conversation. Requests its last page if it is not loaded.
    pub fn open(&mut self, id: ConversationId) -> Vec<Need> {
        self.opened.insert(id, ());
        self.reorder = true;
        self.list_wanted |= !self.rooms.contains_key(&id);
        self.needs()
    }

    /// Closes a conversation: drops its timeline; its unsent messages stay.
    pub fn close(&mut self, id: ConversationId) {
        self.opened.remove(&id);
        self.reorder = true;
        if let Some(room) = self.rooms.get_mut(&id) {
            room.close();
        }
    }

    /// Requests the page before the shown window, once.
    pub fn load_older(&mut self, id: ConversationId) -> Vec<Need> {
        self.load(id, RequestState::Older)
    }

    /// Requests the page after the shown window, if that is not the newest.
    pub fn load_newer(&mut self, id: ConversationId) -> Vec<Need> {
        self.load(id, RequestState::Newer)
    }

    fn load(&mut self, id: ConversationId, request: RequestState) -> Vec<Need> {
        if let Some(room) = self.rooms.get_mut(&id).filter(|room| !room.is_jumping()) {
            let is_there = room.page_for(request).is_some();
            room.set_request(is_there.then_some(request));
        }
        self.needs()
    }

    /// Shows the window on this side of a position, apart from the newest messages until paging reaches them.
    pub fn jump_to(&mut self, id: ConversationId, side: Side) -> Vec<Need> {
        self.rooms.get_mut(&id).into_iter().for_each(|room| room.jump_to(side));
        self.needs()
    }

    /// Shows the newest messages.
    pub fn show_latest(&mut self, id: ConversationId) {
        self.rooms.get_mut(&id).into_iter().for_each(Room::show_latest);
    }

    /// Sets the viewport: the first and last visible `seq`, or `None` at the end. Drops messages far from it; true if there
    /// were any.
    pub fn set_viewport(&mut self, id: ConversationId, viewport: Option<(i64, i64)>) -> bool {
        let Some(room) = self.rooms.get_mut(&id) else { return false };
        room.viewport = viewport;
        room.trim()
    }

    /// Adds a message to the outbox. It shows at once, and is sent by [`State::next_to_send`]. Also restores messages of an
    /// earlier client ([`State::unsent`]). The conversation need not be in the list: the server decides whether it exists.
    pub fn compose(
        &mut self,
        id: ConversationId,
        client_id: ClientId,
        content: String,
        reply_to: Option<MessageId>,
    ) {
        let me = self.me.id;
        let timeline = self.rooms.get(&id).and_then(|room| room.timeline.as_ref());
        let is_there = timeline.is_some_and(|timeline| {
            let mut messages = timeline.messages();
            messages.any(|message| message.client_id == client_id && message.sender.id == me)
        });
        let outbox = match self.rooms.get_mut(&id) {
            Some(room) => &mut room.outbox,
            None => self.kept.entry(id).or_default(),
        };
        if !is_there && outbox.iter().all(|pending| pending.client_id != client_id) {
            outbox.push(Pending::new(client_id, content, reply_to));
            self.outbox_changed(id);
        }
    }

    /// All messages without an acknowledgement, to be stored beyond this client.
    #[must_use]
    pub fn unsent(&self) -> Vec<(ConversationId, Pending)> {
        let rooms = self.rooms.iter().map(|(id, room)| (id, &room.outbox));
        let all = rooms.chain(&self.kept).flat_map(|(id, outbox)| outbox.iter().map(|p| (*id, p)));
        all.filter(|(_, pending)| !pending.acked).map(|(id, pending)| (id, pending.clone())).collect()
    }

    /// The messages to send now: the first waiting one of each conversation without one in flight. They count as in flight
    /// from then on.
    pub fn next_to_send(&mut self, now: u64) -> Vec<ClientFrame> {
        let (mut frames, mut sending) = (Vec::new(), Vec::new());
        for (id, outbox) in self.outboxes() {
            if let Some((at, due)) = outbox::next(outbox)
                && due <= now
            {
                outbox[at].state = PendingState::InFlight;
                frames.push(outbox[at].frame(id));
                sending.push(id);
            }
        }
        sending.into_iter().for_each(|id| self.outbox_changed(id));
        frames
    }

    /// Sends a refused message again.
    pub fn try_again(&mut self, id: ConversationId, client_id: ClientId) {
        let pending = self.outbox(id).and_then(|outbox| outbox.iter_mut().find(|p| p.client_id == client_id));
        let idle = |state: &PendingState| !matches!(state, PendingState::InFlight | PendingState::Waiting);
        if let Some(pending) = pending.filter(|pending| idle(&pending.state)) {
            pending.state = PendingState::Waiting;
            self.outbox_changed(id);
        }
    }

    /// Removes a message from the outbox.
    pub fn discard(&mut self, id: ConversationId, client_id: ClientId) {
        let Some(outbox) = self.outbox(id) else { return };
        let before = outbox.len();
        outbox.retain(|pending| pending.client_id != client_id);
        if outbox.len() != before {
            self.outbox_changed(id);
        }
        self.kept.retain(|_, outbox| !outbox.is_empty());
    }

    /// The transport is lost: messages in flight wait again, requests may be repeated, typing ends. Presence stays until the
    /// next sync.
    pub fn link_lost(&mut self) {
        self.sync_in_flight = None;
        self.retry_requests_at = None;
        self.forget_list_requests();
        self.forget_notification_request();
        self.rooms.iter_mut().for_each(|(_, room)| room.link_lost());
        for (id, outbox) in &mut self.kept {
            for pending in outbox {
                if pending.link_lost() {
                    self.touched.unsent = true;
                    self.touched.rooms.entry(*id).or_default().rows = true;
                }
            }
        }
    }

    /// Drops expired typing and presence notices; true if anything changed. Call [`State::needs`] afterwards.
    pub fn tick(&mut self, now: u64) -> bool {
        self.retry_requests(now);
        let mut changed = false;
        for (_, room) in &mut self.rooms {
            changed |= room.tick(now);
        }
        changed
    }

    /// The time of the next expiry or retry.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        let ephemeral = self.rooms.values().filter_map(Room::runs_out);
        let outboxes = self.rooms.values().map(|room| &room.outbox).chain(self.kept.values());
        let retries = outboxes.filter_map(|outbox| outbox::next(outbox)).map(|(_, due)| due);
        ephemeral.chain(retries.filter(|due| *due > 0)).chain(self.retry_requests_at).min()
    }

    /// The rows of an open conversation: the messages by `seq`, followed at the newest ones by the outbox. An acknowledged
    /// message is one row, never two.
    #[must_use]
    pub fn rows(&self, id: ConversationId) -> Vec<Row> {
        let room = self.rooms.get(&id);
        let timeline = room.and_then(|room| room.timeline.as_ref());
        let messages = timeline.into_iter().flat_map(|timeline| timeline.shown().messages.values());
        let outbox = room.map(|room| &room.outbox).or_else(|| self.kept.get(&id));
        let at_end = timeline.is_none_or(|timeline| timeline.past.is_none());
        let pending = outbox.into_iter().flatten().filter(|_| at_end);
        messages.cloned().map(Row::Message).chain(pending.cloned().map(Row::Pending)).collect()
    }

    /// The receipt of an own message.
    #[must_use]
    pub fn receipt(&self, id: ConversationId, seq: i64) -> Receipt {
        self.rooms.get(&id).map_or(Receipt::Sent, |room| room.receipt(seq, self.me.id))
    }

    fn outbox(&mut self, id: ConversationId) -> Option<&mut Vec<Pending>> {
        match self.rooms.get_mut(&id) {
            Some(room) => Some(&mut room.outbox),
            None => self.kept.get_mut(&id),
        }
    }

    pub(super) fn outboxes(&mut self) -> impl Iterator<Item = (ConversationId, &mut Vec<Pending>)> {
        let rooms = self.rooms.iter_mut().map(|(id, room)| (*id, &mut room.outbox));
        rooms.chain(self.kept.iter_mut().map(|(id, outbox)| (*id, outbox)))
    }

    /// Adds or updates a conversation of the list, with its outbox.
    pub(super) fn enter(&mut self, mut summary: Conversation) {
        self.conceal_reads(&mut summary.members);
        let (id, me) = (summary.id, self.me.id);
        self.people_changed = true;
        let archived = self.note_archived(id, summary.archived);
        if let Some(room) = self.rooms.get_mut(&id) {
            room.set_personal(summary.personal());
            room.merge_summary(summary, me);
        } else {
            let outbox = self.kept.remove(&id).unwrap_or_default();
            let mut room = Room::new(summary, outbox);
            // Replaced by an older list: a request for the newest page is still in flight, and serves the new entry as well.
            let replaced = self.departed.iter().find(|departed| departed.summary.id == id);
            room.in_flight.changes =
                replaced.and_then(|room| room.in_flight.changes).filter(|after| *after == 0);
            room.touched.parts.summary = true;
            room.touched.parts.own = true;
            room.touched.parts.receipts = true;
            room.saw(archived);
            if let Some(message) = room.summary.last_message.clone() {
                room.acknowledge(&message, me, true);
            }
            self.rooms.insert(id, room);
        }
    }

    /// Removes a conversation from the list; its unsent messages stay. It stays open: if it comes back, it is loaded again.
    pub(super) fn leave(&mut self, id: ConversationId) {
        self.no_longer_lacks(id);
        self.notifications_left(id);
        let Some(room) = self.rooms.remove(&id) else { return };
        self.people_changed = true;
        let unsent: Vec<_> = room.outbox.iter().filter(|pending| !pending.acked).cloned().collect();
        if !unsent.is_empty() {
            self.kept.insert(id, unsent);
        }
        self.departs(room);
    }
}
