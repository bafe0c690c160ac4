//! Who is there: a person with at least one connection, and for a few seconds after the last one. Online where any of
//! the connections says so, away where all of them do. Each node knows its own people and is told of the others'.

mod elsewhere;
mod here;
mod nodes;

pub(crate) use here::Seat;

use crate::bus::{Bus, Link, Push, Topic};
use crate::lock::lock;
use crate::store::Store;
use crate::{Clock, pace::Pace};
use elsewhere::{Change, Elsewhere};
use here::Here;
use protocol::{
    ConversationId, Person, PersonStatus, ServerFrame, Status, Timestamp, UserId, UserJoin, UserLeave,
};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

#[derive(Default)]
struct Everyone {
    here: HashMap<UserId, Here>,
    /// In the order of their time.
    leaving: VecDeque<(Instant, UserId, u64)>,
    /// Changes that come too soon after the last one; in the order of their time, too.
    waiting: VecDeque<(Instant, UserId)>,
    farewells: u64,
    /// Sockets of a person that are open on one conversation.
    opened: HashMap<(ConversationId, UserId), Open>,
    /// On the other nodes.
    elsewhere: Elsewhere,
    /// How people are over all nodes, as it was told here; who is missing is offline.
    shown: HashMap<UserId, Status>,
    /// And which conversations they have open.
    shown_open: HashSet<(ConversationId, UserId)>,
    /// Changes that the other nodes were told of.
    n: u64,
    /// They were told that this node goes.
    left: bool,
}

struct Open {
    username: String,
    sockets: usize,
}

/// Who is there.
pub(crate) struct Presence {
    everyone: Mutex<Everyone>,
    something_is_due: Notify,
    /// This node's number among the others.
    node: u64,
    bus: Arc<dyn Bus>,
    link: Option<watch::Receiver<Link>>,
    /// Another node wants to know everything.
    asked: Notify,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    grace: Duration,
    every: Duration,
    beat: Duration,
    lost: Duration,
}

impl Presence {
    pub(crate) fn start(
        bus: Arc<dyn Bus>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        pace: &Pace,
        stop: CancellationToken,
    ) -> Arc<Self> {
        let presence = Arc::new(Self {
            everyone: Mutex::default(),
            something_is_due: Notify::new(),
            node: uuid::Uuid::new_v4().as_u64_pair().0,
            link: bus.link(),
            bus,
            asked: Notify::new(),
            store,
            clock,
            grace: pace.offline,
            every: pace.status_change,
            beat: pace.beat,
            lost: pace.lost,
        });
        if let Some(link) = presence.link.clone() {
            tokio::spawn(presence.clone().meet(link, stop.clone()));
        }
        tokio::spawn(presence.clone().attend(stop));
        presence
    }

    /// A connection begins, and its reader is online; false when there are `most` sockets of that person here already.
    pub(crate) fn arrive(&self, person: &Person, seat: Seat, most: usize) -> bool {
        let now = Instant::now();
        let mut everyone = lock(&self.everyone);
        let news = match everyone.here.get(&person.id) {
            Some(here) if matches!(seat, Seat::Socket(_)) && here.sockets() >= most => return false,
            here => here.is_none(),
        };
        let here = everyone.here.entry(person.id).or_insert_with(|| Here::new(person.clone(), now));
        here.take(seat);
        // A farewell that is on its way is void.
        here.farewell = 0;
        if news {
            // Under the lock, so that what is told last is what is so.
            self.tell(&mut everyone, person, Status::Online, None);
        } else {
            self.changed(&mut everyone, person.id, now);
        }
        true
    }

    /// A connection ends.
    pub(crate) fn leave(&self, user: UserId, seat: &Seat) {
        let now = Instant::now();
        let mut everyone = lock(&self.everyone);
        let farewell = everyone.farewells + 1;
        let Some(here) = everyone.here.get_mut(&user) else { return };
        if here.leave(seat) {
            here.farewell = farewell;
            everyone.farewells = farewell;
            everyone.leaving.push_back((now + self.grace, user, farewell));
            self.something_is_due.notify_one();
        } else {
            self.changed(&mut everyone, user, now);
        }
    }

    /// A connection says that its reader is away, or back.
    pub(crate) fn say(&self, user: UserId, seat: &Seat, away: bool) {
        let mut everyone = lock(&self.everyone);
        let Some(here) = everyone.here.get_mut(&user) else { return };
        here.say(seat, away);
        self.changed(&mut everyone, user, Instant::now());
    }

    /// Tells the others if it is news and not too soon after the last; else [`Self::attend`] does later.
    fn changed(&self, everyone: &mut Everyone, user: UserId, now: Instant) {
        let Some(here) = everyone.here.get_mut(&user) else { return };
        let status = here.status();
        if status == here.told || here.waits {
            return;
        }
        if now < here.told_at + self.every {
            here.waits = true;
            everyone.waiting.push_back((now + self.every, user));
            self.something_is_due.notify_one();
            return;
        }
        (here.told, here.told_at) = (status, now);
        let person = here.person.clone();
        self.tell(everyone, &person, status, None);
    }

    /// How these people are: who is there, and when the others were last.
    pub(crate) fn of(&self, people: &[(Person, Option<Timestamp>)]) -> Vec<PersonStatus> {
        let everyone = lock(&self.everyone);
        let status = |(person, seen): &(Person, Option<Timestamp>)| {
            // The status that was told last, so that the next change begins from there.
            let status = everyone.shown.get(&person.id).copied().unwrap_or(Status::Offline);
            let last_seen_at = seen.filter(|_| status == Status::Offline);
            PersonStatus { user_id: person.id, username: person.username.clone(), status, last_seen_at }
        };
        let is_known = |s: &PersonStatus| s.status != Status::Offline || s.last_seen_at.is_some();
        people.iter().map(status).filter(is_known).collect()
    }

    /// Somebody opened a conversation by itself.
    pub(crate) fn open(&self, conversation: ConversationId, person: &Person) {
        let mut everyone = lock(&self.everyone);
        let (key, username) = ((conversation, person.id), &person.username);
        let open = || Open { username: username.clone(), sockets: 0 };
        let open = everyone.opened.entry(key).or_insert_with(open);
        open.sockets += 1;
        if open.sockets == 1 {
            self.announce(&mut everyone, Change::Opened(conversation, person.id, username.clone(), true));
            self.shown_open(&mut everyone, key, username);
        }
    }

    /// And closed it.
    pub(crate) fn close(&self, conversation: ConversationId, person: &Person) {
        let mut everyone = lock(&self.everyone);
        let (key, username) = ((conversation, person.id), &person.username);
        let Some(open) = everyone.opened.get_mut(&key) else { return };
        open.sockets -= 1;
        if open.sockets == 0 {
            everyone.opened.remove(&key);
            self.announce(&mut everyone, Change::Opened(conversation, person.id, username.clone(), false));
            self.shown_open(&mut everyone, key, username);
        }
    }

    /// Tells those who have the conversation open here if that is different now, over all nodes.
    fn shown_open(&self, everyone: &mut Everyone, key: (ConversationId, UserId), username: &str) {
        let open = everyone.opened.contains_key(&key) || everyone.elsewhere.has_open(key);
        let news = if open { everyone.shown_open.insert(key) } else { everyone.shown_open.remove(&key) };
        if !news {
            return;
        }
        let ((conversation_id, user_id), username) = (key, username.to_owned());
        let frame = if open {
            ServerFrame::UserJoin(UserJoin { conversation_id, user_id, username })
        } else {
            ServerFrame::UserLeave(UserLeave { conversation_id, user_id, username })
        };
        self.bus.deliver(vec![Push::frame(Topic::Opened(conversation_id), &frame).except(user_id)]);
    }

    /// Remembers of everyone who is there that they were: the node goes down.
    pub(crate) async fn remember(&self) {
        let users: Vec<_> = lock(&self.everyone).here.keys().copied().collect();
        self.seen(&users, self.clock.now()).await;
    }

    async fn seen(&self, users: &[UserId], now: Timestamp) {
        if users.is_empty() {
            return;
        }
        if let Err(error) = self.store.seen(users, now).await {
            tracing::warn!(%error, "when people were last seen is not kept");
        }
    }

    /// Announces those who have been gone for long enough, and what came too soon.
    async fn attend(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let next = {
                let everyone = lock(&self.everyone);
                let leaving = everyone.leaving.front().map(|(at, ..)| *at);
                leaving.into_iter().chain(everyone.waiting.front().map(|(at, _)| *at)).min()
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.something_is_due.notified() => continue,
                () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {}
            }
            self.tell_late();
            let now = self.clock.now();
            let gone = self.take_gone(now);
            self.seen(&gone, now).await;
        }
    }

    fn tell_late(&self) {
        let now = Instant::now();
        let mut everyone = lock(&self.everyone);
        while let Some((_, user)) = everyone.waiting.pop_front_if(|(at, _)| *at <= now) {
            if let Some(here) = everyone.here.get_mut(&user) {
                here.waits = false;
                self.changed(&mut everyone, user, now);
            }
        }
    }

    fn take_gone(&self, now: Timestamp) -> Vec<UserId> {
        let mut everyone = lock(&self.everyone);
        let mut gone = Vec::new();
        while everyone.leaving.front().is_some_and(|(at, ..)| *at <= Instant::now()) {
            let Some((_, user, farewell)) = everyone.leaving.pop_front() else { break };
            if everyone.here.get(&user).is_some_and(|here| here.farewell == farewell) {
                if let Some(here) = everyone.here.remove(&user) {
                    self.tell(&mut everyone, &here.person, Status::Offline, Some(now));
                }
                gone.push(user);
            }
        }
        gone
    }

    /// Tells the other nodes how somebody is here, and those who are connected here how they are by that.
    fn tell(
        &self,
        everyone: &mut Everyone,
        person: &Person,
        status: Status,
        last_seen_at: Option<Timestamp>,
    ) {
        self.announce(everyone, Change::Is(person.id, person.username.clone(), status, last_seen_at));
        self.shown(everyone, person.id, &person.username, last_seen_at);
    }

    /// How many people are here.
    pub(crate) fn count(&self) -> usize {
        lock(&self.everyone).here.len()
    }

    /// Whether somebody is there on any node.
    #[cfg(test)]
    pub(crate) fn sees(&self, user: UserId) -> bool {
        lock(&self.everyone).shown.contains_key(&user)
    }

    /// How much is kept: people, farewells, opened conversations.
    #[cfg(test)]
    pub(crate) fn size(&self) -> (usize, usize, usize) {
        let everyone = lock(&self.everyone);
        (everyone.here.len(), everyone.leaving.len() + everyone.waiting.len(), everyone.opened.len())
    }
}
