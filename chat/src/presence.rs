//! Who is there: a person with at least one connection, and for a few seconds after the last one. Online where any of
//! the connections says so, away where all of them do.

mod here;

pub(crate) use here::Seat;

use crate::bus::{Bus, Push, Topic};
use crate::lock::lock;
use crate::store::Store;
use crate::{Clock, pace::Pace};
use here::Here;
use protocol::{ConversationId, Person, PersonStatus, ServerFrame, Status, Timestamp, UserId};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;
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
    /// How many sockets of a person are open on one conversation.
    opened: HashMap<(ConversationId, UserId), usize>,
}

/// Who is there.
pub(crate) struct Presence {
    everyone: Mutex<Everyone>,
    something_is_due: Notify,
    bus: Arc<dyn Bus>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    grace: std::time::Duration,
    every: std::time::Duration,
}

impl Presence {
    pub(crate) fn start(
        bus: Arc<dyn Bus>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        pace: &Pace,
        stop: CancellationToken,
    ) -> Arc<Self> {
        let (everyone, something_is_due) = Default::default();
        let (grace, every) = (pace.offline, pace.status_change);
        let presence = Arc::new(Self { everyone, something_is_due, bus, store, clock, grace, every });
        tokio::spawn(presence.clone().attend(stop));
        presence
    }

    /// A connection begins, and its reader is online; false when there are `most` sockets of that person already.
    pub(crate) fn arrive(&self, person: &Person, seat: Seat, most: usize) -> bool {
        let now = Instant::now();
        let mut everyone = lock(&self.everyone);
        let everyone = &mut *everyone;
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
            self.tell(person, Status::Online, None);
        } else {
            self.changed(here, &mut everyone.waiting, now);
        }
        true
    }

    /// A connection ends.
    pub(crate) fn leave(&self, user: UserId, seat: &Seat) {
        let now = Instant::now();
        let mut everyone = lock(&self.everyone);
        let everyone = &mut *everyone;
        let Some(here) = everyone.here.get_mut(&user) else { return };
        if here.leave(seat) {
            everyone.farewells += 1;
            here.farewell = everyone.farewells;
            everyone.leaving.push_back((now + self.grace, user, here.farewell));
            self.something_is_due.notify_one();
        } else {
            self.changed(here, &mut everyone.waiting, now);
        }
    }

    /// A connection says that its reader is away, or back.
    pub(crate) fn say(&self, user: UserId, seat: &Seat, away: bool) {
        let mut everyone = lock(&self.everyone);
        let everyone = &mut *everyone;
        let Some(here) = everyone.here.get_mut(&user) else { return };
        here.say(seat, away);
        self.changed(here, &mut everyone.waiting, Instant::now());
    }

    /// Tells the others if it is news and not too soon after the last; else [`Self::attend`] does later.
    fn changed(&self, here: &mut Here, waiting: &mut VecDeque<(Instant, UserId)>, now: Instant) {
        let status = here.status();
        if status == here.told || here.waits {
            return;
        }
        if now < here.told_at + self.every {
            here.waits = true;
            waiting.push_back((now + self.every, here.person.id));
            self.something_is_due.notify_one();
            return;
        }
        (here.told, here.told_at) = (status, now);
        self.tell(&here.person, status, None);
    }

    /// How these people are: who is there, and when the others were last.
    pub(crate) fn of(&self, people: Vec<(Person, Option<Timestamp>)>) -> Vec<PersonStatus> {
        let everyone = lock(&self.everyone);
        let status = |(person, seen): (Person, Option<Timestamp>)| {
            // What was told last, so that what is told next begins from there.
            let status = everyone.here.get(&person.id).map_or(Status::Offline, |here| here.told);
            let last_seen_at = seen.filter(|_| status == Status::Offline);
            PersonStatus { user_id: person.id, username: person.username, status, last_seen_at }
        };
        let told = |s: &PersonStatus| s.status != Status::Offline || s.last_seen_at.is_some();
        people.into_iter().map(status).filter(told).collect()
    }

    /// Somebody opened a conversation by itself.
    pub(crate) fn open(&self, conversation: ConversationId, person: &Person) {
        let mut everyone = lock(&self.everyone);
        let count = everyone.opened.entry((conversation, person.id)).or_default();
        *count += 1;
        if *count == 1 {
            let (user_id, username) = (person.id, person.username.clone());
            let frame = ServerFrame::UserJoin { conversation_id: conversation, user_id, username };
            self.bus.publish(vec![Push::frame(Topic::Opened(conversation), &frame).except(user_id)]);
        }
    }

    /// And closed it.
    pub(crate) fn close(&self, conversation: ConversationId, person: &Person) {
        let mut everyone = lock(&self.everyone);
        let key = (conversation, person.id);
        let Some(count) = everyone.opened.get_mut(&key) else { return };
        *count -= 1;
        if *count == 0 {
            everyone.opened.remove(&key);
            let (user_id, username) = (person.id, person.username.clone());
            let frame = ServerFrame::UserLeave { conversation_id: conversation, user_id, username };
            self.bus.publish(vec![Push::frame(Topic::Opened(conversation), &frame).except(user_id)]);
        }
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
        let everyone = &mut *everyone;
        while let Some((_, user)) = everyone.waiting.pop_front_if(|(at, _)| *at <= now) {
            if let Some(here) = everyone.here.get_mut(&user) {
                here.waits = false;
                self.changed(here, &mut everyone.waiting, now);
            }
        }
    }

    fn take_gone(&self, now: Timestamp) -> Vec<UserId> {
        let mut everyone = lock(&self.everyone);
        let everyone = &mut *everyone;
        let mut gone = Vec::new();
        while everyone.leaving.front().is_some_and(|(at, ..)| *at <= Instant::now()) {
            let Some((_, user, farewell)) = everyone.leaving.pop_front() else { break };
            if everyone.here.get(&user).is_some_and(|here| here.farewell == farewell) {
                if let Some(here) = everyone.here.remove(&user) {
                    self.tell(&here.person, Status::Offline, Some(now));
                }
                gone.push(user);
            }
        }
        gone
    }

    fn tell(&self, person: &Person, status: Status, last_seen_at: Option<Timestamp>) {
        let frame = ServerFrame::status(person, status, last_seen_at);
        self.bus.publish(vec![Push::frame(Topic::Presence(person.id), &frame).except(person.id)]);
    }

    /// How many people are here.
    pub(crate) fn count(&self) -> usize {
        lock(&self.everyone).here.len()
    }

    /// How much is kept: people, farewells, opened conversations.
    #[cfg(test)]
    pub(crate) fn size(&self) -> (usize, usize, usize) {
        let everyone = lock(&self.everyone);
        (everyone.here.len(), everyone.leaving.len() + everyone.waiting.len(), everyone.opened.len())
    }
}
