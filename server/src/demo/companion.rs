//! A simulated user: goes online and offline, receives, reads, types and answers, over a connection of its own.

use super::cast::Part;
use super::client::DemoClient;
use super::script;
use super::{Cast, Timing};
use chat::ChatService;
use protocol::{
    ClientFrame, ClientId, Conversation, ConversationId, ConversationKind, ConversationUpdated, Message,
    MessageId, MessageType, NewMessage, Person, ServerFrame, Status, SyncRequest,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Interval of repeated typing frames; clients drop the indicator without them.
const TYPES_ON: Duration = Duration::from_millis(2_500);

/// A message to send to the conversation with this title, not as an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub(super) title: &'static str,
    pub(super) text: &'static str,
}

/// A scheduled action in a conversation.
#[derive(Debug)]
enum Errand {
    Receive(MessageId),
    Read(MessageId),
    /// Start typing, for this duration. Without a text, the answer is chosen when it is sent.
    Begin(Option<&'static str>, Duration),
    /// Keep typing, and send at this time.
    Write(Option<&'static str>, Instant),
}

/// A simulated user.
pub(super) struct Companion {
    pub(super) chat: ChatService,
    pub(super) me: Person,
    pub(super) part: &'static Part,
    pub(super) cast: Arc<Cast>,
    pub(super) timing: Timing,
    pub(super) orders: mpsc::Receiver<Order>,
    pub(super) stop: CancellationToken,
}

impl Companion {
    /// Runs until the demonstration ends, except while a visitor is signed in as this user.
    pub(super) async fn play(mut self, mut there: bool) {
        let (stop, mut taken, me) = (self.stop.clone(), self.cast.visitors.watch(), self.me.id);
        let playing = async {
            loop {
                tokio::select! {
                    _ = taken.wait_for(|taken| taken.contains(&me)) => {}
                    () = self.comes_and_goes(there) => {}
                }
                // Orders from the time of the visit are dropped.
                let _ = taken.wait_for(|taken| !taken.contains(&me)).await;
                while self.orders.try_recv().is_ok() {}
                there = false;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = playing => {}
        }
    }

    async fn comes_and_goes(&mut self, mut there: bool) {
        let mut first = None;
        loop {
            if there {
                Presence::begin(self, first.take()).last().await;
            }
            first = self.is_called().await;
            there = true;
        }
    }

    /// Waits while offline: until the time to return, until somebody writes, or until there is an order.
    async fn is_called(&mut self) -> Option<Order> {
        let back = Instant::now() + self.timing.gone(self.part.host);
        while Instant::now() < back {
            tokio::select! {
                order = self.orders.recv() => return order,
                () = tokio::time::sleep(self.timing.look()) => {}
            }
            // Hosts do not return early: they are back soon, and visitors see them offline.
            if !self.part.host && self.has_been_asked().await {
                break;
            }
        }
        None
    }

    async fn has_been_asked(&self) -> bool {
        let list = self.chat.conversations(&self.me).await.unwrap_or_default();
        list.iter().any(|conversation| self.asks(conversation).is_some())
    }

    /// The last message of the conversation, if it needs an answer.
    fn asks<'a>(&self, conversation: &'a Conversation) -> Option<&'a Message> {
        let last = conversation.last_message.as_ref()?;
        let new = conversation.unread > 0 && last.timestamp >= self.cast.began;
        (new && self.answers(conversation, last)).then_some(last)
    }

    /// Whether to answer: only messages of visitors, in a direct conversation or by name. A host also answers messages that
    /// name nobody.
    fn answers(&self, conversation: &Conversation, message: &Message) -> bool {
        if message.message_type != MessageType::Text || self.cast.plays(message.sender.id) {
            return false;
        }
        let said = message.content.to_lowercase();
        let names = |part: &Part| said.contains(&part.called.to_lowercase()) || said.contains(part.username);
        match conversation.kind {
            ConversationKind::Direct => true,
            ConversationKind::Group => names(self.part) || (self.part.host && !self.cast.parts().any(names)),
        }
    }
}

/// A period online.
struct Presence<'a> {
    who: &'a mut Companion,
    line: DemoClient,
    rooms: HashMap<ConversationId, Conversation>,
    errands: Vec<(Instant, ConversationId, Errand)>,
    /// Messages since the last answer.
    heard: HashMap<ConversationId, (Person, String)>,
    /// Orders from before the list of conversations arrived.
    first: Option<Order>,
    answers: usize,
    /// Messages that are sent and not yet acknowledged.
    unsaid: usize,
    /// When the status becomes idle if nothing happens.
    idles: Option<Instant>,
    leaves: Instant,
}

/// The next event.
enum Event {
    Frame(Box<ServerFrame>),
    Order(Order),
    Due,
    Idle,
    Wait,
    HangUp,
}

impl<'a> Presence<'a> {
    fn begin(who: &'a mut Companion, first: Option<Order>) -> Self {
        let line = DemoClient::open(&who.chat, &who.me, &who.stop);
        line.say(&ClientFrame::Sync(SyncRequest { list: true, ..SyncRequest::default() }));
        let leaves = Instant::now() + who.timing.stay(who.part.host);
        let idles = Some(Instant::now() + who.timing.idle());
        let (rooms, errands, heard) = Default::default();
        Self { who, line, rooms, errands, heard, first, answers: 0, unsaid: 0, idles, leaves }
    }

    /// Runs until it is time to leave, or the connection is closed.
    async fn last(mut self) {
        loop {
            let due = self.errands.iter().map(|(at, ..)| *at).min();
            let quiet = self.idles.map_or(self.leaves, |idles| idles.min(self.leaves));
            let wake = due.unwrap_or(quiet);
            let event = tokio::select! {
                frame = self.line.next() => frame.map_or(Event::HangUp, |frame| Event::Frame(Box::new(frame))),
                Some(order) = self.who.orders.recv() => Event::Order(order),
                () = tokio::time::sleep_until(wake) => match due {
                    Some(_) => Event::Due,
                    // A companion with something to send stays online until it is sent.
                    None if self.first.is_some() || self.unsaid > 0 => Event::Wait,
                    None if wake == self.leaves => Event::HangUp,
                    None => Event::Idle,
                },
            };
            match event {
                Event::Frame(frame) => self.hear(*frame),
                Event::Order(order) => self.obey(order),
                Event::Due => self.run_errands(),
                Event::Idle => {
                    self.idles = None;
                    self.line.say(&ClientFrame::UserStatus { status: Status::Away });
                }
                Event::Wait => self.stays(),
                Event::HangUp => return,
            }
        }
    }

    fn hear(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Synced(answer) => {
                for conversation in answer.list.unwrap_or_default() {
                    let new = conversation.last_message.clone().filter(|_| conversation.unread > 0);
                    let asked = self.who.asks(&conversation).is_some();
                    let id = conversation.id;
                    self.rooms.insert(id, conversation);
                    if let Some(message) = new {
                        self.receive(id, message, asked);
                    }
                }
                if let Some(order) = self.first.take() {
                    self.obey(order);
                }
            }
            ServerFrame::ConversationUpdated(ConversationUpdated { conversation, .. }) => {
                self.rooms.insert(conversation.id, conversation);
            }
            ServerFrame::NewMessage(NewMessage { conversation_id, message, .. })
                if message.sender.id != self.who.me.id =>
            {
                let room = self.rooms.get(&conversation_id);
                let asked = room.is_some_and(|room| self.who.answers(room, &message));
                self.receive(conversation_id, message, asked);
            }
            ServerFrame::Ack(_) | ServerFrame::Error(_) => self.unsaid = self.unsaid.saturating_sub(1),
            _ => {}
        }
    }

    /// Handles a message: schedules receipt, reading, and an answer if one is needed. A pending answer in the same
    /// conversation is merged with it.
    fn receive(&mut self, id: ConversationId, message: Message, asked: bool) {
        let now = Instant::now();
        let arrived = now + self.who.timing.arrive();
        let read = arrived + self.who.timing.read();
        self.errands.retain(|(_, at, errand)| {
            *at != id || matches!(errand, Errand::Begin(Some(_), _) | Errand::Write(Some(_), _))
        });
        self.errands.push((arrived, id, Errand::Receive(message.id)));
        self.errands.push((read, id, Errand::Read(message.id)));
        self.stays();
        if asked {
            let (_, heard) = self.heard.entry(id).or_insert((message.sender, String::new()));
            heard.push_str(&message.content);
            heard.push(' ');
        }
        if self.heard.contains_key(&id) {
            let begins = read + self.who.timing.think();
            let takes = self.who.timing.write(&self.answer(id).unwrap_or_default());
            self.errands.push((begins, id, Errand::Begin(None, takes)));
        }
    }

    /// Postpones leaving and idleness while there is something to do.
    fn stays(&mut self) {
        if self.idles.is_none() {
            self.line.say(&ClientFrame::UserStatus { status: Status::Online });
        }
        self.idles = Some(Instant::now() + self.who.timing.idle());
        self.leaves = self.leaves.max(Instant::now() + self.who.timing.stay(false));
    }

    fn answer(&self, id: ConversationId) -> Option<String> {
        let (to, said) = self.heard.get(&id)?;
        Some(script::answer(self.who.part, to, said, self.answers))
    }

    fn obey(&mut self, order: Order) {
        let titled = |room: &&Conversation| room.title.as_deref() == Some(order.title);
        if let Some(id) = self.rooms.values().find(titled).map(|room| room.id) {
            let begins = Instant::now() + self.who.timing.think();
            let takes = self.who.timing.write(order.text);
            self.errands.push((begins, id, Errand::Begin(Some(order.text), takes)));
            self.stays();
        }
    }

    fn run_errands(&mut self) {
        let now = Instant::now();
        let (due, later) = std::mem::take(&mut self.errands).into_iter().partition(|(at, ..)| *at <= now);
        self.errands = later;
        for (_, id, errand) in due {
            let conversation_id = Some(id);
            match errand {
                Errand::Receive(message) => {
                    self.line.say(&ClientFrame::MarkDelivered { conversation_id, message_id: Some(message) });
                }
                Errand::Read(message) => {
                    self.line.say(&ClientFrame::MarkRead { conversation_id, message_id: Some(message) });
                }
                // Typing is shown even if the answer is late.
                Errand::Begin(text, takes) => {
                    self.line.say(&ClientFrame::Typing { conversation_id, is_typing: true });
                    let done = now + takes;
                    self.errands.push((done.min(now + TYPES_ON), id, Errand::Write(text, done)));
                }
                Errand::Write(text, done) if done > now => {
                    self.line.say(&ClientFrame::Typing { conversation_id, is_typing: true });
                    self.errands.push((done.min(now + TYPES_ON), id, Errand::Write(text, done)));
                }
                Errand::Write(text, _) => {
                    let text = text.map(str::to_owned).or_else(|| self.answer(id));
                    self.heard.remove(&id);
                    self.answers += 1;
                    self.say(id, text.unwrap_or_default());
                }
            }
        }
    }

    /// A rejected message (rate limit, no longer a member) is dropped.
    fn say(&mut self, id: ConversationId, content: String) {
        self.unsaid += 1;
        let client_id = Some(ClientId::mint());
        self.line.say(&ClientFrame::ChatMessage {
            conversation_id: Some(id),
            content,
            client_id,
            reply_to: None,
        });
    }
}
