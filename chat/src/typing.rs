//! Who is typing. A state on the server, never stored: only its changes are told, and it ends by itself. Nodes tell each
//! other of their own typists, again and again while they type, so that those of a dead node end, too.

use crate::bus::{self, Bus, BusEvent, Push, Topic};
use crate::lock::lock;
use crate::timings::Timings;
use protocol::{ConversationId, Person, ServerFrame, TypingNow, UserId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// One person in one conversation.
struct Typist {
    username: String,
    /// The connections that say so, and until when each is believed. 0 stands for those without a socket.
    by: BTreeMap<u64, Instant>,
    /// The other nodes that say so, likewise.
    elsewhere: BTreeMap<u64, Instant>,
    /// What those who are connected here were told, and when.
    told: bool,
    told_at: Option<Instant>,
    /// What the other nodes were told of this one, and when.
    said: bool,
    said_at: Option<Instant>,
    /// Membership was looked up; it need not be until then.
    known_until: Instant,
}

impl Typist {
    fn new(username: String, known_until: Instant) -> Self {
        let (by, elsewhere, told, told_at, said, said_at) = Default::default();
        Self { username, by, elsewhere, told, told_at, said, said_at, known_until }
    }

    fn types(&self) -> bool {
        !self.by.is_empty() || !self.elsewhere.is_empty()
    }
}

type Typists = HashMap<ConversationId, BTreeMap<UserId, Typist>>;

/// Who is typing.
pub(crate) struct Typing {
    typists: Mutex<Typists>,
    changed: Notify,
    bus: Arc<dyn Bus>,
    /// This node's number among the others; none where there can be none.
    node: Option<u64>,
    expires: Duration,
    every: Duration,
}

impl Typing {
    pub(crate) fn start(bus: Arc<dyn Bus>, timings: &Timings, stop: CancellationToken) -> Arc<Self> {
        let (typists, changed) = Default::default();
        let node = bus.link().map(|_| uuid::Uuid::new_v4().as_u64_pair().0);
        let (expires, every) = (timings.typing, timings.typing_change);
        let typing = Arc::new(Self { typists, changed, bus, node, expires, every });
        tokio::spawn(typing.clone().run_out(stop));
        typing
    }

    /// Whether this person's membership was looked up a moment ago for the same purpose.
    pub(crate) fn knows(&self, conversation: ConversationId, user: UserId) -> bool {
        let typists = lock(&self.typists);
        let typist = typists.get(&conversation).and_then(|all| all.get(&user));
        typist.is_some_and(|typist| typist.known_until > Instant::now())
    }

    /// A connection says that its person, a member, is typing or no longer.
    pub(crate) fn set(&self, conversation: ConversationId, user: &Person, by: u64, is_typing: bool) {
        let now = Instant::now();
        let mut typists = lock(&self.typists);
        let all = typists.entry(conversation).or_default();
        let new = || Typist::new(user.username.clone(), now + self.expires);
        let typist = all.entry(user.id).or_insert_with(new);
        if is_typing {
            typist.by.insert(by, now + self.expires);
        } else {
            typist.by.remove(&by);
        }
        self.tell(conversation, user.id, typist, now);
        self.changed.notify_one();
    }

    /// Another node says that somebody types there, or no longer.
    pub(crate) fn hear(&self, conversation: ConversationId, said: bus::Typist) {
        let now = Instant::now();
        let mut typists = lock(&self.typists);
        let all = typists.entry(conversation).or_default();
        let new = || Typist::new(said.username.clone(), now);
        let typist = all.entry(said.user).or_insert_with(new);
        if said.is_typing {
            typist.elsewhere.insert(said.node, now + self.expires);
        } else {
            typist.elsewhere.remove(&said.node);
        }
        self.tell(conversation, said.user, typist, now);
        self.changed.notify_one();
    }

    /// They sent what they typed, or are no member any more: nothing is being typed on any connection.
    pub(crate) fn stop(&self, conversation: ConversationId, user: UserId) {
        let now = Instant::now();
        let mut typists = lock(&self.typists);
        if let Some(typist) = typists.get_mut(&conversation).and_then(|all| all.get_mut(&user)) {
            typist.by.clear();
            typist.known_until = now;
            // Told however soon it is: a message ends typing on every screen, and what is told next must begin from there.
            typist.told_at = typist.told_at.filter(|_| !typist.told);
            typist.said_at = typist.said_at.filter(|_| !typist.said);
            self.tell(conversation, user, typist, now);
            self.changed.notify_one();
        }
    }

    /// A connection ended, with whatever was being typed on it.
    pub(crate) fn gone(&self, user: UserId, by: u64, conversations: &BTreeSet<ConversationId>) {
        let now = Instant::now();
        let mut typists = lock(&self.typists);
        for conversation in conversations {
            if let Some(typist) = typists.get_mut(conversation).and_then(|all| all.get_mut(&user)) {
                typist.by.remove(&by);
                self.tell(*conversation, user, typist, now);
                self.changed.notify_one();
            }
        }
    }

    /// Who is typing in these conversations, but for the asker.
    pub(crate) fn now(
        &self,
        me: UserId,
        conversations: impl Iterator<Item = ConversationId>,
    ) -> Vec<TypingNow> {
        let typists = lock(&self.typists);
        let mut found = Vec::new();
        for conversation_id in conversations {
            for (user, typist) in typists.get(&conversation_id).into_iter().flatten() {
                if typist.told && *user != me {
                    let username = typist.username.clone();
                    found.push(TypingNow { conversation_id, user_id: *user, username });
                }
            }
        }
        found
    }

    /// Tells those who are connected here, and the other nodes, if it is news and not too soon after the last; else
    /// [`Self::run_out`] does later.
    fn tell(&self, conversation_id: ConversationId, user_id: UserId, typist: &mut Typist, now: Instant) {
        let topic = Topic::Conversation(conversation_id);
        let is_typing = typist.types();
        if is_typing != typist.told && typist.told_at.is_none_or(|at| now >= at + self.every) {
            (typist.told, typist.told_at) = (is_typing, Some(now));
            let username = typist.username.clone();
            let frame = protocol::Typing { conversation_id, user_id, username, is_typing };
            let frame = ServerFrame::Typing(frame);
            self.bus.deliver(vec![Push::frame(topic, &frame).except(user_id)]);
        }
        if let (Some(node), Some(due)) = (self.node, self.due_to_nodes(typist))
            && typist.said_at.is_none_or(|_| now >= due)
        {
            let is_typing = !typist.by.is_empty();
            (typist.said, typist.said_at) = (is_typing, Some(now));
            let (user, username) = (user_id, typist.username.clone());
            let typist = bus::Typist { node, user, username, is_typing };
            self.bus.publish_to_nodes(vec![Push::event(topic, BusEvent::Typing(typist))]);
        }
    }

    /// When the other nodes are to hear of this typist next, if they are.
    fn due_to_nodes(&self, typist: &Typist) -> Option<Instant> {
        let types = !typist.by.is_empty();
        let after = match (typist.said, types) {
            _ if self.node.is_none() => return None,
            (false, false) => return None,
            // Again, before it runs out there.
            (true, true) => self.expires / 2,
            _ => self.every,
        };
        Some(typist.said_at.map_or_else(Instant::now, |at| at + after))
    }

    /// When this typist needs attention next; `None`: nothing is left to remember.
    fn due(&self, typist: &Typist, now: Instant) -> Option<Instant> {
        let news = (typist.told != typist.types()).then(|| typist.told_at.map_or(now, |at| at + self.every));
        let ends = typist.by.values().chain(typist.elsewhere.values()).min().copied();
        let next = [news, self.due_to_nodes(typist), ends].into_iter().flatten().min();
        let quiet = typist.told_at.map(|at| at + self.every).filter(|at| *at > now);
        let known = Some(typist.known_until).filter(|at| *at > now);
        next.or(quiet.max(known))
    }

    async fn run_out(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let next = self.sweep(Instant::now());
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.changed.notified() => {}
                () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {}
            }
        }
    }

    /// Ends what ran out, tells what waited, forgets what is over. Gives the next moment to do so.
    fn sweep(&self, now: Instant) -> Option<Instant> {
        let mut typists = lock(&self.typists);
        let mut next: Option<Instant> = None;
        typists.retain(|conversation, all| {
            all.retain(|user, typist| {
                typist.by.retain(|_, until| *until > now);
                typist.elsewhere.retain(|_, until| *until > now);
                self.tell(*conversation, *user, typist, now);
                let due = self.due(typist, now);
                next = match (next, due) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
                due.is_some()
            });
            !all.is_empty()
        });
        next
    }

    /// How many are remembered.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        lock(&self.typists).len()
    }
}
