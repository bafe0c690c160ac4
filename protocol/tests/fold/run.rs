//! The client, the model of the server, and the network between them, one step at a time.

use super::model::{ME, Server, person};
use protocol::limits::PAGE;
use protocol::reducer::{Need, Row, State};
use protocol::{
    Ack, ClientFrame, ClientId, ConversationId, ErrorBody, ErrorCode, ListFilter, ListPart, MessageType,
    PageAnswer, ServerFrame, Side, Status, SyncRequest,
};
use std::collections::BTreeSet;

/// A step of the world. The numbers select among the existing rooms, people, messages and frames.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Append(u16, u16),
    Flood(u16, u16),
    DeleteForAll(u16, u16),
    Hide(u16, u16),
    Show(u16, u16),
    Member(u16, u16),
    /// The title, the picture or the history changes.
    Group(u16, u16),
    Read(u16, u16, u16),
    /// The tested person is added (`true`) or removed.
    Mine(u16, bool),
    /// A push in flight arrives.
    Deliver(u16),
    Lose(u16),
    Double(u16),
    /// The server reads the answer to a request: its snapshot.
    Read1(u16),
    /// An answer arrives.
    Answer(u16),
    Compose(u16),
    Send,
    /// The server takes a sent message.
    Take(u16),
    /// The server refuses one, for now.
    Refuse,
    Open(u16),
    Close(u16),
    Older(u16),
    Newer(u16),
    /// A link to a place is followed.
    TurnTo(u16, u16),
    /// Back to the newest.
    Latest(u16),
    /// The reader sees some of the loaded messages, or is at the end.
    Sees(u16, Option<u16>),
    /// The tested person mutes, archives, pins or marks a conversation, or types a draft.
    Own(u16, u16),
    /// The reader filters the list.
    Filter(Option<ListFilter>),
    /// The reader filters the list by a kind of subjects.
    Kind(Option<&'static str>),
    /// The reader wants more of the list.
    MoreList,
    LinkLost,
    Resume,
    Delivered(u16, u16, u16),
    Typing(u16, u16, bool),
    Status(u16, u16),
    /// The tested person shows typing, and reading, or hides them.
    Prefer(bool, bool),
    /// Somebody invites the tested person.
    Invite(u16),
    /// One of the invitations is answered.
    AnswerInvitation(u16),
    /// Time passes, in milliseconds.
    Wait(u16),
}

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) client: State,
    pushes: Vec<ServerFrame>,
    pub(crate) requests: Vec<ClientFrame>,
    pub(crate) answers: Vec<ServerFrame>,
    sends: Vec<ClientFrame>,
    pub(crate) composed: Vec<(ConversationId, ClientId)>,
    pub(crate) open: BTreeSet<ConversationId>,
    linked: bool,
    /// The client has forgotten requests, because a room was removed or is to be reloaded.
    pub(crate) anew: bool,
    minted: u128,
    now: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self {
            server: Server::new(),
            client: State::new(person(1)),
            pushes: Vec::new(),
            requests: Vec::new(),
            answers: Vec::new(),
            sends: Vec::new(),
            composed: Vec::new(),
            open: BTreeSet::new(),
            linked: true,
            anew: false,
            minted: 0,
            now: 0,
        };
        world.requests.push(ClientFrame::Sync(SyncRequest { list: true, ..SyncRequest::default() }));
        world
    }

    fn mint(&mut self) -> ClientId {
        self.minted += 1;
        ClientId(uuid::Uuid::from_u128(self.minted))
    }

    fn room(number: u16) -> usize {
        usize::from(number) % 3
    }

    pub(crate) fn id(number: u16) -> ConversationId {
        ConversationId(i64::from(number) % 3 + 1)
    }

    fn which(&self, room: usize, number: u16) -> usize {
        // Half of the time among the newest, which the client has loaded.
        let count = self.server.talks[room].messages.len().max(1);
        let back = usize::from(number / 2) % if number.is_multiple_of(2) { count } else { count.min(5) };
        count - 1 - back
    }

    fn push(&mut self, room: usize, frame: impl Into<Option<ServerFrame>>) {
        self.pushes.append(&mut self.server.before);
        let Some(frame) = frame.into() else { return };
        let own = matches!(frame, ServerFrame::ConversationRemoved(_));
        if own || self.server.talks[room].mine {
            self.pushes.push(frame);
        }
    }

    fn ask(&mut self, needs: Vec<Need>) {
        for Need::Ask(frame) in needs {
            // A repeat is allowed if the client has forgotten its requests, and for a `sync`, which `Step::Resume` requests, too.
            let twice =
                self.requests.contains(&frame) && !self.anew && !matches!(frame, ClientFrame::Sync(_));
            assert!(!twice, "asked twice: {frame:?}");
            self.requests.push(frame);
        }
    }

    pub(crate) fn apply(&mut self, frame: ServerFrame) {
        let needs = self.client.apply(frame, self.now);
        self.ask(needs);
    }

    pub(crate) fn step(&mut self, step: &Step) {
        self.now += 10;
        match *step {
            Step::Append(room, who) => {
                let (room, id) = (Self::room(room), self.mint());
                let (_, frame) = self.server.append(room, i64::from(who) % 3 + 1, id, MessageType::Text);
                self.push(room, frame);
            }
            Step::Flood(room, count) => {
                for who in 0..count {
                    self.step(&Step::Append(room, who));
                }
            }
            Step::DeleteForAll(room, which) => {
                let room = Self::room(room);
                let frame = self.server.delete(room, self.which(room, which));
                self.push(room, frame);
            }
            Step::Hide(room, which) => {
                let room = Self::room(room);
                let frame = self.server.hide(room, self.which(room, which), true);
                self.push(room, frame);
            }
            Step::Show(room, which) => {
                self.anew = true;
                let room = Self::room(room);
                let messages = self.server.talks[room].messages.iter().enumerate();
                let hidden = messages.filter(|(_, m)| self.server.hidden.contains_key(&m.id));
                let hidden: Vec<_> = hidden.map(|(at, _)| at).collect();
                if let Some(at) = hidden.get(usize::from(which) % hidden.len().max(1)) {
                    let frame = self.server.hide(room, *at, false);
                    self.push(room, frame);
                }
            }
            Step::Member(room, who) => {
                let frame = self.server.member(Self::room(room), i64::from(who) % 6 + 2);
                self.push(Self::room(room), frame);
            }
            Step::Group(room, what) => {
                let frame = self.server.group(Self::room(room), what);
                self.push(Self::room(room), frame);
            }
            Step::Read(room, who, which) => {
                let room = Self::room(room);
                let seq = self.server.talks[room].messages.get(self.which(room, which)).map_or(0, |m| m.seq);
                let frame = self.server.read(room, i64::from(who) % 3 + 1, seq);
                self.push(room, frame);
            }
            Step::Mine(room, mine) => {
                self.anew |= !mine;
                let frame = self.server.mine(Self::room(room), mine);
                self.push(Self::room(room), frame);
            }
            Step::Deliver(which) => {
                if let Some(frame) = take(&mut self.pushes, which) {
                    self.apply(frame);
                }
            }
            Step::Lose(which) => drop(take(&mut self.pushes, which)),
            Step::Double(which) => {
                if let Some(frame) = self.pushes.get(usize::from(which) % self.pushes.len().max(1)) {
                    self.apply(frame.clone());
                }
            }
            Step::Read1(which) => {
                if let Some(request) = take(&mut self.requests, which) {
                    self.read_answer(&request);
                }
            }
            Step::Answer(which) => {
                if let Some(frame) = take(&mut self.answers, which) {
                    self.apply(frame);
                }
            }
            Step::Compose(room) => {
                let (room, id) = (Self::id(room), self.mint());
                self.composed.push((room, id));
                self.client.compose(room, id, format!("mine {id}"), None);
            }
            Step::Send if self.linked => self.sends.extend(self.client.next_to_send(self.now)),
            Step::Take(which) => {
                if let Some(frame) = take(&mut self.sends, which) {
                    self.take(frame);
                }
            }
            Step::Refuse => {
                if let Some(ClientFrame::ChatMessage { client_id, .. }) = self.sends.pop() {
                    self.answers.push(ServerFrame::Error(ErrorBody::rate_limited(0.05).about(client_id)));
                }
            }
            Step::Open(room) => {
                self.open.insert(Self::id(room));
                let needs = self.client.open(Self::id(room));
                self.ask(needs);
            }
            Step::Close(room) => {
                self.open.remove(&Self::id(room));
                self.client.close(Self::id(room));
            }
            Step::Older(room) => {
                let needs = self.client.load_older(Self::id(room));
                self.ask(needs);
            }
            Step::Newer(room) => {
                let needs = self.client.load_newer(Self::id(room));
                self.ask(needs);
            }
            Step::TurnTo(room, which) => {
                self.anew = true;
                let messages = &self.server.talks[Self::room(room)].messages;
                // Sometimes past the end, or before the beginning.
                let place = i64::from(which) % (messages.len() as i64 + 5) - 1;
                let side = if which.is_multiple_of(4) { Side::After(place) } else { Side::Before(place) };
                let needs = self.client.jump_to(Self::id(room), side);
                self.ask(needs);
            }
            Step::Latest(room) => {
                self.anew = true;
                self.client.show_latest(Self::id(room));
                let needs = self.client.needs();
                self.ask(needs);
            }
            Step::Sees(room, which) => {
                let rows = self.client.rows(Self::id(room));
                let seen = which.and_then(|which| match rows.get(usize::from(which) % rows.len().max(1)) {
                    Some(Row::Message(message)) => Some((message.seq, message.seq + 10)),
                    _ => None,
                });
                self.client.set_viewport(Self::id(room), seen);
            }
            Step::Own(room, what) => {
                for frame in self.server.own(Self::room(room), what) {
                    self.push(Self::room(room), frame);
                }
            }
            Step::Filter(filter) => {
                self.anew = true;
                let needs = self.client.set_filter(filter);
                self.ask(needs);
            }
            Step::Kind(kind) => {
                self.anew = true;
                let needs = self.client.set_subject_kind(kind.map(str::to_owned));
                self.ask(needs);
            }
            Step::MoreList => {
                let needs = self.client.load_list();
                self.ask(needs);
            }
            Step::LinkLost => {
                // The server may have stored sent messages whose acknowledgements are lost.
                for frame in std::mem::take(&mut self.sends).into_iter().step_by(2) {
                    self.take(frame);
                }
                self.requests.clear();
                self.answers.clear();
                self.client.link_lost();
                self.linked = false;
            }
            Step::Resume if !self.linked => {
                self.linked = true;
                self.requests.clear();
                self.requests.push(ClientFrame::Sync(self.client.sync_request()));
            }
            Step::Delivered(room, who, which) => {
                let room = Self::room(room);
                let seq = self.server.talks[room].messages.get(self.which(room, which)).map_or(0, |m| m.seq);
                let frame = self.server.deliver(room, i64::from(who) % 3 + 1, seq);
                self.push(room, frame);
            }
            Step::Typing(room, who, is_typing) => {
                let frame = self.server.typing(Self::room(room), i64::from(who) % 3 + 1, is_typing);
                self.push(Self::room(room), frame);
            }
            Step::Status(who, which) => {
                let all = [Status::Online, Status::Away, Status::Offline];
                let frame = self.server.status(i64::from(who) % 4 + 1, all[usize::from(which) % 3]);
                self.pushes.push(frame);
            }
            Step::Prefer(typing, reading) => {
                let frame = self.server.prefer(typing, reading);
                self.pushes.push(frame);
            }
            Step::Invite(who) => {
                let frame = self.server.invite(i64::from(who) % 3 + 1);
                self.pushes.push(frame);
            }
            Step::AnswerInvitation(which) => self.pushes.extend(self.server.answer_invitation(which)),
            Step::Wait(time) => {
                self.now += u64::from(time);
                self.client.tick(self.now);
                let needs = self.client.needs();
                self.ask(needs);
            }
            Step::Send | Step::Resume => {}
        }
    }

    fn take(&mut self, frame: ClientFrame) {
        let ClientFrame::ChatMessage { conversation_id: Some(room), client_id: Some(id), .. } = frame else {
            panic!("not a message with its ids: {frame:?}");
        };
        let at = usize::try_from(room.0 - 1).expect("is one of three");
        if !self.server.talks[at].mine {
            // Not a final refusal, so that every composed message has to be stored in the end.
            let error = ErrorBody::new(ErrorCode::Unavailable).about(Some(id));
            self.answers.push(ServerFrame::Error(error));
            return;
        }
        let (message, frame) = self.server.append(at, ME.0, id, MessageType::Text);
        self.push(at, frame);
        self.answers.push(ServerFrame::Ack(Ack { client_id: id, message }));
    }

    fn read_answer(&mut self, request: &ClientFrame) {
        let answer = match request {
            ClientFrame::Sync(request) => ServerFrame::Synced(self.server.sync(request)),
            ClientFrame::List { after, filter, subject_kind } => {
                let part = ListPart { filter: *filter, subject_kind: subject_kind.clone() };
                ServerFrame::List(self.server.list_page(&part, *after))
            }
            ClientFrame::Changes { conversation_id: Some(id), after } => match self.server.talk(*id) {
                Some(talk) => ServerFrame::Changes(self.server.changes(talk, *after)),
                None => ServerFrame::Error(ErrorBody::new(ErrorCode::NotFound)),
            },
            ClientFrame::Page { conversation_id: Some(id), before, after } => match self.server.talk(*id) {
                Some(talk) => ServerFrame::Page(PageAnswer {
                    conversation_id: *id,
                    before: *before,
                    after: *after,
                    page: match Side::of(*before, *after).expect("one side") {
                        Side::Before(before) => self.server.page(talk, before, PAGE),
                        Side::After(after) => self.server.page_after(talk, after, PAGE),
                    },
                }),
                None => ServerFrame::Error(ErrorBody::new(ErrorCode::NotFound)),
            },
            other => panic!("a need that is no request: {other:?}"),
        };
        self.answers.push(answer);
    }

    /// Reconnects, answers all requests in order, and sends all messages, until nothing is in flight.
    pub(crate) fn settle(&mut self) {
        for room in 0..3 {
            self.step(&Step::Mine(room, true));
        }
        self.step(&Step::Filter(None));
        self.step(&Step::Kind(None));
        self.step(&Step::LinkLost);
        self.pushes.clear();
        self.step(&Step::Resume);
        self.rest();
    }

    /// Answers all requests in order, and sends all messages, until nothing is in flight.
    pub(crate) fn rest(&mut self) {
        for round in 0u32.. {
            assert!(round < 5_000, "never at rest: {:?} {:?}", self.requests, self.client.unsent());
            self.now += 5_000;
            self.client.tick(self.now);
            let needs = self.client.needs();
            self.ask(needs);
            self.step(&Step::MoreList);
            self.step(&Step::Send);
            while !self.sends.is_empty() {
                self.step(&Step::Take(0));
            }
            // Either the acknowledgement or the push of a message is enough.
            if round.is_multiple_of(2) {
                self.pushes.clear();
            }
            while !self.pushes.is_empty() {
                self.step(&Step::Deliver(0));
            }
            while !self.requests.is_empty() {
                self.step(&Step::Read1(0));
            }
            while !self.answers.is_empty() {
                self.step(&Step::Answer(0));
                self.holds_at_all_times();
            }
            // Those of conversations that are not loaded, as in the archive, are in no room.
            let unsent = self.client.unsent().len();
            let unsent = unsent + self.client.rooms.values().map(|room| room.outbox.len()).sum::<usize>();
            let complete = self.client.list_is_complete();
            if self.requests.is_empty() && self.pushes.is_empty() && unsent == 0 && complete {
                return;
            }
        }
    }
}

fn take<T>(from: &mut Vec<T>, which: u16) -> Option<T> {
    // Mostly the oldest, so that some frames arrive in order.
    let at = if which.is_multiple_of(3) { usize::from(which / 3) % from.len().max(1) } else { 0 };
    (at < from.len()).then(|| from.remove(at))
}
