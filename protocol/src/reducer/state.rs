//! The whole client: what is on screen, and what a person does.

use super::room::RequestState;
use super::{Need, Pending, PendingState, Receipt, Room, Row, Touched, outbox};
use crate::{
    ClientFrame, ClientId, Conversation, ConversationId, MessageId, Person, PersonStatus, Side, UserId,
};
use litemap::LiteMap;

/// Everything a client knows, of one person.
#[derive(Clone, Debug)]
pub struct State {
    /// The person that this client is signed in as.
    pub me: Person,
    /// The person's own counter: all changes up to here are applied.
    pub user_rev: i64,
    /// By id; see [`State::list`] for their order on screen.
    pub rooms: LiteMap<ConversationId, Room>,
    /// Who is there; who is missing is offline.
    pub presence: LiteMap<UserId, PersonStatus>,
    /// The highest value of the person's counter that anything told of.
    pub(super) user_seen: i64,
    /// What is on screen, whether it is in the list yet or not.
    pub(super) opened: LiteMap<ConversationId, ()>,
    /// Messages hidden while this client watched: answers read before that may still hold them.
    pub(super) hidden: LiteMap<MessageId, ()>,
    /// Unsent messages of conversations that are not in the list.
    pub(super) kept: LiteMap<ConversationId, Vec<Pending>>,
    /// Something was seen that only a list can explain.
    pub(super) list_wanted: bool,
    /// A `sync` is on its way, asked for when the person's counter was here.
    pub(super) sync_in_flight: Option<i64>,
    /// A request was refused: from then on, what was asked for may be asked for again.
    pub(super) retry_requests_at: Option<u64>,
    /// The changes that no conversation of the list marks itself.
    pub(super) touched: Touched,
    /// The order of the list when the changes were last taken.
    pub(super) order: Vec<ConversationId>,
    /// The conversations that left the list in the current step, as they were.
    pub(super) departed: Vec<Room>,
}

impl State {
    /// Knows nobody but its person.
    #[must_use]
    pub fn new(me: Person) -> Self {
        Self {
            me,
            user_rev: 0,
            rooms: LiteMap::new_vec(),
            presence: LiteMap::new_vec(),
            user_seen: 0,
            opened: LiteMap::new_vec(),
            hidden: LiteMap::new_vec(),
            kept: LiteMap::new_vec(),
            list_wanted: false,
            sync_in_flight: None,
            retry_requests_at: None,
            touched: Touched::default(),
            order: Vec::new(),
            departed: Vec::new(),
        }
    }

    /// The conversation is on screen: load it, keep it live. Asks for its last page when it is not loaded yet.
    pub fn open(&mut self, id: ConversationId) -> Vec<Need> {
        self.opened.insert(id, ());
        self.list_wanted |= !self.rooms.contains_key(&id);
        self.needs()
    }

    /// The conversation is off screen: forget its timeline (its unsent messages stay).
    pub fn close(&mut self, id: ConversationId) {
        self.opened.remove(&id);
        if let Some(room) = self.rooms.get_mut(&id) {
            room.close();
        }
    }

    /// Older messages than the shown ones are wanted: asks for the page before them, once.
    pub fn load_older(&mut self, id: ConversationId) -> Vec<Need> {
        self.load(id, RequestState::Older)
    }

    /// Newer messages than the shown ones are wanted, where those are not the newest.
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

    /// The window on this side of a place shall be shown: by its own, until paging on reaches the newest messages.
    pub fn jump_to(&mut self, id: ConversationId, side: Side) -> Vec<Need> {
        self.rooms.get_mut(&id).into_iter().for_each(|room| room.jump_to(side));
        self.needs()
    }

    /// The newest messages shall be shown.
    pub fn show_latest(&mut self, id: ConversationId) {
        self.rooms.get_mut(&id).into_iter().for_each(Room::show_latest);
    }

    /// The reader sees the messages from and to a place, or `None`: the end. What is far from there is let go of;
    /// true when something was.
    pub fn set_viewport(&mut self, id: ConversationId, viewport: Option<(i64, i64)>) -> bool {
        let Some(room) = self.rooms.get_mut(&id) else { return false };
        room.viewport = viewport;
        room.trim()
    }

    /// A message was composed: it shows at once, and goes out by [`State::next_to_send`]. Also brings back what an
    /// earlier session could not send ([`State::unsent`]). A conversation that is not in the list keeps it, too:
    /// whether there is such a conversation is for the server to say.
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

    /// All messages that the server has not yet taken: what is to survive this client.
    #[must_use]
    pub fn unsent(&self) -> Vec<(ConversationId, Pending)> {
        let rooms = self.rooms.iter().map(|(id, room)| (id, &room.outbox));
        let all = rooms.chain(&self.kept).flat_map(|(id, outbox)| outbox.iter().map(|p| (*id, p)));
        all.filter(|(_, pending)| !pending.acked).map(|(id, pending)| (id, pending.clone())).collect()
    }

    /// The messages to hand to the transport now: for each conversation the first waiting one, if none is in flight.
    /// They are in flight from then on.
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

    /// A refused message shall go out again.
    pub fn try_again(&mut self, id: ConversationId, client_id: ClientId) {
        let pending = self.outbox(id).and_then(|outbox| outbox.iter_mut().find(|p| p.client_id == client_id));
        let idle = |state: &PendingState| !matches!(state, PendingState::InFlight | PendingState::Waiting);
        if let Some(pending) = pending.filter(|pending| idle(&pending.state)) {
            pending.state = PendingState::Waiting;
            self.outbox_changed(id);
        }
    }

    /// An unsent message is given up.
    pub fn discard(&mut self, id: ConversationId, client_id: ClientId) {
        let Some(outbox) = self.outbox(id) else { return };
        let before = outbox.len();
        outbox.retain(|pending| pending.client_id != client_id);
        if outbox.len() != before {
            self.outbox_changed(id);
        }
        self.kept.retain(|_, outbox| !outbox.is_empty());
    }

    /// The transport is lost: what was in flight waits again, what was asked for may be asked again, typing is
    /// forgotten. Presence stays as it was until the next sync says how it is.
    pub fn link_lost(&mut self) {
        self.sync_in_flight = None;
        self.retry_requests_at = None;
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

    /// Drops typing and ephemeral lines that ran out; true when something changed. See [`State::needs`] for what may be due, too.
    pub fn tick(&mut self, now: u64) -> bool {
        self.retry_requests(now);
        let mut changed = false;
        for (_, room) in &mut self.rooms {
            changed |= room.tick(now);
        }
        changed
    }

    /// When the next of these runs out or the next retry is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        let ephemeral = self.rooms.values().filter_map(Room::runs_out);
        let outboxes = self.rooms.values().map(|room| &room.outbox).chain(self.kept.values());
        let retries = outboxes.filter_map(|outbox| outbox::next(outbox)).map(|(_, due)| due);
        ephemeral.chain(retries.filter(|due| *due > 0)).chain(self.retry_requests_at).min()
    }

    /// The list, newest activity first (an unsent message does not move it).
    #[must_use]
    pub fn list(&self) -> Vec<&Conversation> {
        let mut list: Vec<_> = self.rooms.values().map(|room| &room.summary).collect();
        list.sort_unstable_by_key(|summary| std::cmp::Reverse((summary.last_activity(), summary.id)));
        list
    }

    /// The rows of an open conversation: messages by place, then, at the newest ones, what is unsent. A message that
    /// came back is one row, never two.
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

    /// How far an own message is with the others.
    #[must_use]
    pub fn receipt(&self, id: ConversationId, seq: i64) -> Receipt {
        self.rooms.get(&id).map_or(Receipt::Sent, |room| room.receipt(seq, self.me.id))
    }

    /// Unread messages over all conversations.
    #[must_use]
    pub fn unread(&self) -> u32 {
        self.rooms.values().fold(0, |sum, room| sum.saturating_add(room.summary.unread))
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

    /// Puts a conversation into the list; its unsent messages come along.
    pub(super) fn enter(&mut self, summary: Conversation) {
        let (id, me) = (summary.id, self.me.id);
        if let Some(room) = self.rooms.get_mut(&id) {
            room.merge_summary(summary, me);
        } else {
            let outbox = self.kept.remove(&id).unwrap_or_default();
            let mut room = Room::new(summary, outbox);
            room.touched.parts.summary = true;
            room.touched.parts.receipts = true;
            if let Some(message) = room.summary.last_message.clone() {
                room.acknowledge(&message, me, true);
            }
            self.rooms.insert(id, room);
        }
    }

    /// Takes a conversation out of the list; its unsent messages stay. Whether it is on screen is not ours to say:
    /// should it come back while it is, it is loaded again.
    pub(super) fn leave(&mut self, id: ConversationId) {
        let Some(room) = self.rooms.remove(&id) else { return };
        let unsent: Vec<_> = room.outbox.iter().filter(|pending| !pending.acked).cloned().collect();
        if !unsent.is_empty() {
            self.kept.insert(id, unsent);
        }
        self.departs(room);
    }
}
