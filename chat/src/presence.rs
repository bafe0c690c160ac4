//! Who is there: a person with at least one connection, and for a few seconds after the last one.

use crate::bus::{Bus, Push, Topic};
use crate::lock::lock;
use crate::store::Store;
use crate::{Clock, pace::Pace};
use protocol::{ConversationId, Person, PersonStatus, ServerFrame, Status, Timestamp, UserId};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What a connection is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A socket: there may be so many of one person.
    Socket,
    /// A mailbox: bounded elsewhere.
    Mailbox,
}

struct Here {
    person: Person,
    sockets: usize,
    mailboxes: usize,
    /// Grows when the last connection goes, so that an old farewell does not count.
    farewell: u64,
}

#[derive(Default)]
struct Everyone {
    here: HashMap<UserId, Here>,
    /// In the order of their time.
    leaving: VecDeque<(Instant, UserId, u64)>,
    farewells: u64,
    /// How many sockets of a person are open on one conversation.
    opened: HashMap<(ConversationId, UserId), usize>,
}

/// Who is there.
pub(crate) struct Presence {
    everyone: Mutex<Everyone>,
    somebody_leaves: Notify,
    bus: Arc<dyn Bus>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    grace: std::time::Duration,
}

impl Presence {
    pub(crate) fn start(
        bus: Arc<dyn Bus>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        pace: &Pace,
        stop: CancellationToken,
    ) -> Arc<Self> {
        let (everyone, somebody_leaves) = Default::default();
        let presence = Arc::new(Self { everyone, somebody_leaves, bus, store, clock, grace: pace.offline });
        tokio::spawn(presence.clone().see_off(stop));
        presence
    }

    /// A connection begins; false when there are `most` sockets of that person already.
    pub(crate) fn arrive(&self, person: &Person, kind: Kind, most: usize) -> bool {
        let mut everyone = lock(&self.everyone);
        let here = everyone.here.get_mut(&person.id);
        if kind == Kind::Socket && here.as_ref().map_or(0, |here| here.sockets) >= most {
            return false;
        }
        let news = here.is_none();
        let here = match here {
            Some(here) => here,
            None => everyone.here.entry(person.id).or_insert_with(|| Here {
                person: person.clone(),
                sockets: 0,
                mailboxes: 0,
                farewell: 0,
            }),
        };
        match kind {
            Kind::Socket => here.sockets += 1,
            Kind::Mailbox => here.mailboxes += 1,
        }
        // A farewell that is on its way is void.
        here.farewell = 0;
        if news {
            // Under the lock, so that what is told last is what is so.
            self.tell(person, Status::Online, None);
        }
        true
    }

    /// A connection ends.
    pub(crate) fn leave(&self, user: UserId, kind: Kind) {
        let mut everyone = lock(&self.everyone);
        let everyone = &mut *everyone;
        let Some(here) = everyone.here.get_mut(&user) else { return };
        match kind {
            Kind::Socket => here.sockets = here.sockets.saturating_sub(1),
            Kind::Mailbox => here.mailboxes = here.mailboxes.saturating_sub(1),
        }
        if here.sockets == 0 && here.mailboxes == 0 {
            everyone.farewells += 1;
            here.farewell = everyone.farewells;
            everyone.leaving.push_back((Instant::now() + self.grace, user, here.farewell));
            self.somebody_leaves.notify_one();
        }
    }

    /// How these people are: who is there, and when the others were last.
    pub(crate) fn of(&self, people: Vec<(Person, Option<Timestamp>)>) -> Vec<PersonStatus> {
        let everyone = lock(&self.everyone);
        let status = |(person, seen): (Person, Option<Timestamp>)| {
            let here = everyone.here.contains_key(&person.id);
            PersonStatus {
                user_id: person.id,
                username: person.username,
                status: if here { Status::Online } else { Status::Offline },
                last_seen_at: if here { None } else { seen },
            }
        };
        people
            .into_iter()
            .map(status)
            .filter(|s| s.status == Status::Online || s.last_seen_at.is_some())
            .collect()
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

    /// Announces those who have been away for long enough.
    async fn see_off(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let next = lock(&self.everyone).leaving.front().map(|(at, ..)| *at);
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.somebody_leaves.notified() => continue,
                () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {}
            }
            let now = self.clock.now();
            let gone = self.take_gone(now);
            self.seen(&gone, now).await;
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

    /// How much is kept: people, farewells, opened conversations.
    #[cfg(test)]
    pub(crate) fn size(&self) -> (usize, usize, usize) {
        let everyone = lock(&self.everyone);
        (everyone.here.len(), everyone.leaving.len(), everyone.opened.len())
    }
}
