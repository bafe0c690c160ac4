//! Typing state. Kept in memory only: changes are announced, and it expires. Nodes publish their own typists repeatedly while
//! they type, so that those of a dead node expire too.

use crate::Supervisor;
use crate::bus::{self, Audience, Bus, BusEvent, Push, Topic};
use crate::lock::lock;
use crate::timings::Timings;
use protocol::{ConversationId, Person, ServerFrame, TypingNow, UserId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Typing state of one person in one conversation.
struct Typist {
    username: String,
    /// The connections that report typing, with the expiry of each. 0 stands for clients without a socket.
    local: BTreeMap<u64, Instant>,
    /// The other nodes that report typing, with the expiry of each.
    remote: BTreeMap<u64, Instant>,
    /// The state that was announced on this node, and when.
    announced: bool,
    announced_at: Option<Instant>,
    /// The state that was published to the other nodes, and when.
    published: bool,
    published_at: Option<Instant>,
    /// Membership need not be checked again until then.
    member_until: Instant,
}

impl Typist {
    fn new(username: String, member_until: Instant) -> Self {
        let (local, remote, announced, announced_at, published, published_at) = Default::default();
        Self { username, local, remote, announced, announced_at, published, published_at, member_until }
    }

    fn is_typing(&self) -> bool {
        !self.local.is_empty() || !self.remote.is_empty()
    }
}

type Typists = HashMap<ConversationId, BTreeMap<UserId, Typist>>;

/// Typing state of all conversations.
pub(crate) struct Typing {
    typists: Mutex<Typists>,
    changed: Notify,
    bus: Arc<dyn Bus>,
    /// The random id of this node; `None` if there are no other nodes.
    node: Option<u64>,
    expires: Duration,
    min_interval: Duration,
}

impl Typing {
    pub(crate) fn start(bus: Arc<dyn Bus>, timings: &Timings, supervisor: &Supervisor) -> Arc<Self> {
        let (typists, changed) = Default::default();
        let node = bus.link().map(|_| uuid::Uuid::new_v4().as_u64_pair().0);
        let (expires, min_interval) = (timings.typing_timeout, timings.typing_min_interval);
        let typing = Arc::new(Self { typists, changed, bus, node, expires, min_interval });
        supervisor.spawn("typing", typing.clone().run(supervisor.stop().clone()));
        typing
    }

    /// Whether the membership of this person was checked recently.
    pub(crate) fn is_known_member(&self, conversation: ConversationId, user: UserId) -> bool {
        let typists = lock(&self.typists);
        let typist = typists.get(&conversation).and_then(|all| all.get(&user));
        typist.is_some_and(|typist| typist.member_until > Instant::now())
    }

    /// Sets whether a member is typing on a connection.
    pub(crate) fn set(&self, conversation: ConversationId, user: &Person, connection: u64, is_typing: bool) {
        let now = Instant::now();
        let mut typists = lock(&self.typists);
        let all = typists.entry(conversation).or_default();
        let new = || Typist::new(user.username.clone(), now + self.expires);
        let typist = all.entry(user.id).or_insert_with(new);
        if is_typing {
            typist.local.insert(connection, now + self.expires);
        } else {
            typist.local.remove(&connection);
        }
        self.announce(conversation, user.id, typist, now);
        self.changed.notify_one();
    }

    /// Applies a typing event of another node.
    pub(crate) fn on_remote(&self, conversation: ConversationId, event: bus::Typist) {
        let now = Instant::now();
        let mut typists = lock(&self.typists);
        let all = typists.entry(conversation).or_default();
        let new = || Typist::new(event.username.clone(), now);
        let typist = all.entry(event.user).or_insert_with(new);
        if event.is_typing {
            typist.remote.insert(event.node, now + self.expires);
        } else {
            typist.remote.remove(&event.node);
        }
        self.announce(conversation, event.user, typist, now);
        self.changed.notify_one();
    }

    /// Ends typing on all connections of this node: the person sent the message, or hides typing.
    pub(crate) fn stop(&self, conversation: ConversationId, user: UserId) {
        let mut typists = lock(&self.typists);
        if let Some(typist) = typists.get_mut(&conversation).and_then(|all| all.get_mut(&user)) {
            self.stop_one(conversation, user, typist);
        }
    }

    /// Ends typing of a person whose membership ended, also of what other nodes reported: they need not have heard of it yet.
    pub(crate) fn on_member_left(&self, conversation: ConversationId, user: UserId) {
        let mut typists = lock(&self.typists);
        if let Some(typist) = typists.get_mut(&conversation).and_then(|all| all.get_mut(&user)) {
            typist.remote.clear();
            self.stop_one(conversation, user, typist);
        }
    }

    /// Ends typing of all people in a conversation, also of those on other nodes: it is closed.
    pub(crate) fn stop_all(&self, conversation: ConversationId) {
        let mut typists = lock(&self.typists);
        for (user, typist) in typists.get_mut(&conversation).into_iter().flatten() {
            typist.remote.clear();
            self.stop_one(conversation, *user, typist);
        }
    }

    fn stop_one(&self, conversation: ConversationId, user: UserId, typist: &mut Typist) {
        let now = Instant::now();
        typist.local.clear();
        typist.member_until = now;
        // Announced without delay: clients end typing with a message, and the next announcement must start from that.
        typist.announced_at = typist.announced_at.filter(|_| !typist.announced);
        typist.published_at = typist.published_at.filter(|_| !typist.published);
        self.announce(conversation, user, typist, now);
        self.changed.notify_one();
    }

    /// Ends typing of a person everywhere: they hide it from now on.
    pub(crate) fn hide(&self, user: UserId) {
        let conversations: Vec<_> = {
            let typists = lock(&self.typists);
            typists.iter().filter(|(_, all)| all.contains_key(&user)).map(|(id, _)| *id).collect()
        };
        conversations.into_iter().for_each(|conversation| self.stop(conversation, user));
    }

    /// Ends typing on a connection that closed.
    pub(crate) fn remove_connection(
        &self,
        user: UserId,
        connection: u64,
        conversations: &BTreeSet<ConversationId>,
    ) {
        let now = Instant::now();
        let mut typists = lock(&self.typists);
        for conversation in conversations {
            if let Some(typist) = typists.get_mut(conversation).and_then(|all| all.get_mut(&user)) {
                typist.local.remove(&connection);
                self.announce(*conversation, user, typist, now);
                self.changed.notify_one();
            }
        }
    }

    /// The people who are typing in these conversations, except `me`.
    pub(crate) fn now(
        &self,
        me: UserId,
        conversations: impl Iterator<Item = ConversationId>,
    ) -> Vec<TypingNow> {
        let typists = lock(&self.typists);
        let mut found = Vec::new();
        for conversation_id in conversations {
            for (user, typist) in typists.get(&conversation_id).into_iter().flatten() {
                if typist.announced && *user != me {
                    let username = typist.username.clone();
                    found.push(TypingNow { conversation_id, user_id: *user, username });
                }
            }
        }
        found
    }

    /// Announces a changed state on this node and to the other nodes, at once or, if it is too soon after the last announcement,
    /// later by [`Self::run`].
    fn announce(&self, conversation_id: ConversationId, user_id: UserId, typist: &mut Typist, now: Instant) {
        let topic = Topic::Conversation(conversation_id);
        let is_typing = typist.is_typing();
        if is_typing != typist.announced && typist.announced_at.is_none_or(|at| now >= at + self.min_interval)
        {
            (typist.announced, typist.announced_at) = (is_typing, Some(now));
            let username = typist.username.clone();
            let frame = protocol::Typing { conversation_id, user_id, username, is_typing };
            let frame = ServerFrame::Typing(frame);
            self.bus.deliver(vec![Push::frame(topic, &frame).except(user_id).to(Audience::SeesTyping)]);
        }
        if let (Some(node), Some(due)) = (self.node, self.publish_due(typist))
            && typist.published_at.is_none_or(|_| now >= due)
        {
            let is_typing = !typist.local.is_empty();
            (typist.published, typist.published_at) = (is_typing, Some(now));
            let (user, username) = (user_id, typist.username.clone());
            let typist = bus::Typist { node, user, username, is_typing };
            self.bus.publish_to_nodes(vec![Push::event(topic, BusEvent::Typing(typist))]);
        }
    }

    /// When the state is to be published to the other nodes next.
    fn publish_due(&self, typist: &Typist) -> Option<Instant> {
        let is_typing = !typist.local.is_empty();
        let after = match (typist.published, is_typing) {
            _ if self.node.is_none() => return None,
            (false, false) => return None,
            // Repeated before it expires there.
            (true, true) => self.expires / 2,
            _ => self.min_interval,
        };
        Some(typist.published_at.map_or_else(Instant::now, |at| at + after))
    }

    /// When this typist is to be processed next; `None` if it can be removed.
    fn due(&self, typist: &Typist, now: Instant) -> Option<Instant> {
        let change = (typist.announced != typist.is_typing())
            .then(|| typist.announced_at.map_or(now, |at| at + self.min_interval));
        let ends = typist.local.values().chain(typist.remote.values()).min().copied();
        let next = [change, self.publish_due(typist), ends].into_iter().flatten().min();
        let quiet = typist.announced_at.map(|at| at + self.min_interval).filter(|at| *at > now);
        let known = Some(typist.member_until).filter(|at| *at > now);
        next.or(quiet.max(known))
    }

    async fn run(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let next = self.sweep(Instant::now());
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.changed.notified() => {}
                () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {}
            }
        }
    }

    /// Expires, announces and removes typists. Gives the time of the next call.
    fn sweep(&self, now: Instant) -> Option<Instant> {
        let mut typists = lock(&self.typists);
        let mut next: Option<Instant> = None;
        typists.retain(|conversation, all| {
            all.retain(|user, typist| {
                typist.local.retain(|_, until| *until > now);
                typist.remote.retain(|_, until| *until > now);
                self.announce(*conversation, *user, typist, now);
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

    /// The number of conversations with state.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        lock(&self.typists).len()
    }
}
