//! Presence. A person is present with at least one connection, and for a grace period after the last one; online if any of
//! the connections is, away if all of them are. Each node tracks its own people and receives the others' from their nodes.

mod exchange;
mod local;
mod remote;

pub(crate) use local::PresenceSource;

use crate::bus::{Bus, Link, Push, Topic};
use crate::lock::lock;
use crate::store::Store;
use crate::{Clock, Supervisor, timings::Timings};
use local::LocalPerson;
use protocol::{
    ConversationId, Person, PersonStatus, ServerFrame, Status, Timestamp, UserId, UserJoin, UserLeave,
};
use remote::{Change, RemoteNodes};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

#[derive(Default)]
struct State {
    local: HashMap<UserId, LocalPerson>,
    /// People in the grace period, with the id of the departure; ordered by time.
    departures: VecDeque<(Instant, UserId, u64)>,
    /// Changes that came too soon after the last announcement; ordered by time.
    delayed: VecDeque<(Instant, UserId)>,
    last_departure: u64,
    /// Sockets of a person on a single conversation.
    opened: HashMap<(ConversationId, UserId), Open>,
    /// State of the other nodes.
    remote: RemoteNodes,
    /// The announced status over all nodes; people without an entry are offline.
    announced: HashMap<UserId, Status>,
    /// The announced open conversations.
    announced_opened: HashSet<(ConversationId, UserId)>,
    /// The number of the last change that was published to the other nodes.
    n: u64,
    /// The shutdown of this node was published.
    shut_down: bool,
}

struct Open {
    username: String,
    sockets: usize,
}

/// Presence of all people.
pub(crate) struct Presence {
    state: Mutex<State>,
    wake: Notify,
    /// The random id of this node.
    node: u64,
    bus: Arc<dyn Bus>,
    link: Option<watch::Receiver<Link>>,
    /// Another node requested a snapshot.
    snapshot_requested: Notify,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    grace: Duration,
    min_interval: Duration,
    heartbeat: Duration,
    node_timeout: Duration,
}

impl Presence {
    pub(crate) fn start(
        bus: Arc<dyn Bus>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        timings: &Timings,
        supervisor: &Supervisor,
    ) -> Arc<Self> {
        let presence = Arc::new(Self {
            state: Mutex::default(),
            wake: Notify::new(),
            node: uuid::Uuid::new_v4().as_u64_pair().0,
            link: bus.link(),
            bus,
            snapshot_requested: Notify::new(),
            store,
            clock,
            grace: timings.offline_after,
            min_interval: timings.status_min_interval,
            heartbeat: timings.heartbeat_interval,
            node_timeout: timings.node_timeout,
        });
        if let Some(link) = presence.link.clone() {
            let stop = supervisor.stop().clone();
            supervisor.spawn("presence exchange", presence.clone().run_exchange(link, stop));
        }
        supervisor.spawn("presence", presence.clone().run(supervisor.stop().clone()));
        presence
    }

    /// Adds a connection, whose person is then online; false if the person has `max_sockets` sockets here already.
    pub(crate) fn join(&self, person: &Person, source: PresenceSource, max_sockets: usize) -> bool {
        let now = Instant::now();
        let mut state = lock(&self.state);
        let is_new = match state.local.get(&person.id) {
            Some(local) if matches!(source, PresenceSource::Socket(_)) && local.sockets() >= max_sockets => {
                return false;
            }
            local => local.is_none(),
        };
        let local = state.local.entry(person.id).or_insert_with(|| LocalPerson::new(person.clone(), now));
        local.join(source);
        // Cancels a departure in progress.
        local.departure = 0;
        if is_new {
            // Under the lock, so that the last announcement is the current status.
            self.announce(&mut state, person, Status::Online, None);
        } else {
            self.update(&mut state, person.id, now);
        }
        true
    }

    /// Removes a connection.
    pub(crate) fn leave(&self, user: UserId, source: &PresenceSource) {
        let now = Instant::now();
        let mut state = lock(&self.state);
        let departure = state.last_departure + 1;
        let Some(local) = state.local.get_mut(&user) else { return };
        if local.leave(source) {
            local.departure = departure;
            state.last_departure = departure;
            state.departures.push_back((now + self.grace, user, departure));
            self.wake.notify_one();
        } else {
            self.update(&mut state, user, now);
        }
    }

    /// Sets the status that a connection reports.
    pub(crate) fn set(&self, user: UserId, source: &PresenceSource, away: bool) {
        let mut state = lock(&self.state);
        let Some(local) = state.local.get_mut(&user) else { return };
        local.set(source, away);
        self.update(&mut state, user, Instant::now());
    }

    /// Announces a changed status, at once or, if it is too soon after the last announcement, later by [`Self::run`].
    fn update(&self, state: &mut State, user: UserId, now: Instant) {
        let Some(local) = state.local.get_mut(&user) else { return };
        let status = local.status();
        if status == local.announced || local.delayed {
            return;
        }
        if now < local.announced_at + self.min_interval {
            local.delayed = true;
            state.delayed.push_back((now + self.min_interval, user));
            self.wake.notify_one();
            return;
        }
        (local.announced, local.announced_at) = (status, now);
        let person = local.person.clone();
        self.announce(state, &person, status, None);
    }

    /// The status of these people, and when those who are offline were last seen.
    pub(crate) fn of(&self, people: &[(Person, Option<Timestamp>)]) -> Vec<PersonStatus> {
        let state = lock(&self.state);
        let status = |(person, seen): &(Person, Option<Timestamp>)| {
            // The announced status, so that later announcements continue from it.
            let status = state.announced.get(&person.id).copied().unwrap_or(Status::Offline);
            let last_seen_at = seen.filter(|_| status == Status::Offline);
            PersonStatus { user_id: person.id, username: person.username.clone(), status, last_seen_at }
        };
        let is_known = |s: &PersonStatus| s.status != Status::Offline || s.last_seen_at.is_some();
        people.iter().map(status).filter(is_known).collect()
    }

    /// Adds a socket of a single conversation.
    pub(crate) fn open(&self, conversation: ConversationId, person: &Person) {
        let mut state = lock(&self.state);
        let (key, username) = ((conversation, person.id), &person.username);
        let open = || Open { username: username.clone(), sockets: 0 };
        let open = state.opened.entry(key).or_insert_with(open);
        open.sockets += 1;
        if open.sockets == 1 {
            self.publish_change(&mut state, Change::Opened(conversation, person.id, username.clone(), true));
            self.announce_opened(&mut state, key, username);
        }
    }

    /// Removes a socket of a single conversation.
    pub(crate) fn close(&self, conversation: ConversationId, person: &Person) {
        let mut state = lock(&self.state);
        let (key, username) = ((conversation, person.id), &person.username);
        let Some(open) = state.opened.get_mut(&key) else { return };
        open.sockets -= 1;
        if open.sockets == 0 {
            state.opened.remove(&key);
            self.publish_change(&mut state, Change::Opened(conversation, person.id, username.clone(), false));
            self.announce_opened(&mut state, key, username);
        }
    }

    /// Announces to the sockets of the conversation on this node whether the person has it open on any node, if that changed.
    fn announce_opened(&self, state: &mut State, key: (ConversationId, UserId), username: &str) {
        let open = state.opened.contains_key(&key) || state.remote.has_open(key);
        let changed =
            if open { state.announced_opened.insert(key) } else { state.announced_opened.remove(&key) };
        if !changed {
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

    /// Saves that everybody on this node was seen now, on shutdown.
    pub(crate) async fn save_all_last_seen(&self) {
        let users: Vec<_> = lock(&self.state).local.keys().copied().collect();
        self.save_last_seen(&users, self.clock.now()).await;
    }

    async fn save_last_seen(&self, users: &[UserId], now: Timestamp) {
        if users.is_empty() {
            return;
        }
        if let Err(error) = self.store.seen(users, now).await {
            tracing::warn!(%error, "the times at which people were last seen cannot be saved");
        }
    }

    /// Announces departures after the grace period, and delayed changes.
    async fn run(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let next = {
                let state = lock(&self.state);
                let departure = state.departures.front().map(|(at, ..)| *at);
                departure.into_iter().chain(state.delayed.front().map(|(at, _)| *at)).min()
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.wake.notified() => continue,
                () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {}
            }
            self.announce_delayed();
            let now = self.clock.now();
            let gone = self.finish_departures(now);
            self.save_last_seen(&gone, now).await;
        }
    }

    fn announce_delayed(&self) {
        let now = Instant::now();
        let mut state = lock(&self.state);
        while let Some((_, user)) = state.delayed.pop_front_if(|(at, _)| *at <= now) {
            if let Some(local) = state.local.get_mut(&user) {
                local.delayed = false;
                self.update(&mut state, user, now);
            }
        }
    }

    fn finish_departures(&self, now: Timestamp) -> Vec<UserId> {
        let mut state = lock(&self.state);
        let mut gone = Vec::new();
        while state.departures.front().is_some_and(|(at, ..)| *at <= Instant::now()) {
            let Some((_, user, departure)) = state.departures.pop_front() else { break };
            if state.local.get(&user).is_some_and(|local| local.departure == departure) {
                if let Some(local) = state.local.remove(&user) {
                    self.announce(&mut state, &local.person, Status::Offline, Some(now));
                }
                gone.push(user);
            }
        }
        gone
    }

    /// Publishes a person's status on this node to the other nodes, and announces the resulting status here.
    fn announce(&self, state: &mut State, person: &Person, status: Status, last_seen_at: Option<Timestamp>) {
        self.publish_change(state, Change::Status(person.id, person.username.clone(), status, last_seen_at));
        self.announce_status(state, person.id, &person.username, last_seen_at);
    }

    /// The number of people on this node.
    pub(crate) fn count(&self) -> usize {
        lock(&self.state).local.len()
    }

    /// Whether the person is announced as online, on any node.
    pub(crate) fn is_online(&self, user: UserId) -> bool {
        lock(&self.state).announced.get(&user) == Some(&Status::Online)
    }

    /// Whether the person is present on any node.
    #[cfg(test)]
    pub(crate) fn sees(&self, user: UserId) -> bool {
        lock(&self.state).announced.contains_key(&user)
    }

    /// The number of people, of departures and delayed changes, and of open conversations.
    #[cfg(test)]
    pub(crate) fn size(&self) -> (usize, usize, usize) {
        let state = lock(&self.state);
        (state.local.len(), state.departures.len() + state.delayed.len(), state.opened.len())
    }
}
