//! Long-poll sessions: frames are queued until the next request, which is held while there are none. A request to another
//! node starts a new session there from the client's cursors: a session only remembers what was sent already.

use super::fingerprint::{fingerprint, fingerprint_in, new_session_id};
use crate::account::Identity;
use crate::connection::scope::Scope;
use crate::connection::subscription::{Snapshot, Subscription, Transport};
use crate::hub::Subscriber;
use crate::lock::lock;
use crate::metrics::{self, GaugeGuard};
use crate::service::Operation;
use crate::{ChatService, Error, Result, Supervisor};
use protocol::{CloseCode, ErrorCode, PollAnswer, PollRequest, ServerFrame, UserId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Maximum number of sessions per person; a further one replaces the session that was idle longest.
const PER_PERSON: usize = 10;

type SessionMap = HashMap<Uuid, Arc<PollSession>>;

/// The long-poll sessions of a node: the entry point of clients without a socket. Cheap to clone.
#[derive(Clone)]
pub struct PollSessions {
    chat: ChatService,
    /// Empty for good once the node has stopped.
    all: Arc<Mutex<SessionMap>>,
}

pub(super) struct PollSession {
    owner: UserId,
    sign_in: String,
    pub(super) subscriber: Arc<Subscriber>,
    /// The number of requests so far. A new request ends an earlier one that is still held.
    pub(super) latest: watch::Sender<u64>,
    pub(super) state: tokio::sync::Mutex<SessionState>,
    activity: Mutex<Activity>,
    _gauge: GaugeGuard,
}

/// The state that one request at a time may use.
pub(super) struct SessionState {
    pub(super) subscription: Subscription,
    /// The number of the last batch that was sent.
    pub(super) batch: u64,
}

/// The number of requests in progress, and since when there is none.
struct Activity {
    requests: usize,
    idle_since: Instant,
}

/// Marks the session as active while a request is in progress.
struct ActiveRequest<'a> {
    session: &'a PollSession,
    _gauge: GaugeGuard,
}

impl<'a> ActiveRequest<'a> {
    fn new(session: &'a PollSession) -> Self {
        lock(&session.activity).requests += 1;
        Self { session, _gauge: GaugeGuard::new(&metrics::POLLS_HELD) }
    }
}

impl Drop for ActiveRequest<'_> {
    fn drop(&mut self) {
        let mut activity = lock(&self.session.activity);
        activity.requests -= 1;
        activity.idle_since = Instant::now();
    }
}

impl PollSessions {
    /// Starts without sessions; a task removes idle ones, and all of them when the node stops.
    #[must_use]
    pub fn start(chat: &ChatService, supervisor: &Supervisor) -> Self {
        let all = Arc::default();
        let sweep = sweep(Arc::clone(&all), chat.timings().poll_session_timeout, supervisor.stop().clone());
        // Shutdown waits until the sessions are dropped.
        let open = chat.track_connection();
        supervisor.spawn("long-poll session sweep", async move {
            sweep.await;
            drop(open);
        });
        Self { chat: chat.clone(), all }
    }

    /// Answers a request: with the next batch of its session, or with a new session. Holds it until there are frames for this
    /// person, for at most [`protocol::limits::POLL_HOLD_MS`].
    ///
    /// # Errors
    /// The sign-in has ended, the credential has expired meanwhile, or the database is unavailable.
    pub async fn poll(&self, who: &Identity, request: PollRequest) -> Result<PollAnswer> {
        let answer = self.next_answer(who, request).await?;
        // The client gets what is left out here by its cursors, once it has another token.
        match who.time_left(self.chat.now()) {
            Some(Duration::ZERO) => Err(ErrorCode::NotAuthenticated.into()),
            _ => Ok(answer),
        }
    }

    async fn next_answer(&self, who: &Identity, request: PollRequest) -> Result<PollAnswer> {
        let chat = &self.chat;
        // Dropped last: shutdown waits until the session of this request is dropped.
        let _open = chat.track_connection();
        if let Some((id, session)) = self.find(who, request.mailbox) {
            let _active = ActiveRequest::new(&session);
            match session.next(chat, who, request.batch, request.wait).await {
                Ok(Some((batch, frames))) => {
                    let ended =
                        if frames.is_empty() { &metrics::POLLS_EXPIRED } else { &metrics::POLLS_WOKEN };
                    ended.increment(1);
                    return Ok(PollAnswer { mailbox: id, batch, frames });
                }
                // The client has another batch, or the queue overflowed: start a new session.
                Ok(None) | Err(CloseCode::FellBehind) => self.remove(id),
                Err(code) => {
                    self.remove(id);
                    return Err(error(code));
                }
            }
        }
        chat.charge(&who.person, Operation::Sync)?;
        let who = Arc::new(who.clone());
        let opened = Subscription::open(
            chat.clone(),
            Arc::clone(&who),
            Scope::All,
            Transport::LongPoll,
            Some(&request.sync),
        )
        .await;
        let (subscription, opened) = opened.map_err(error)?;
        let frames = match opened {
            Snapshot::All(Some(rows), presence) => vec![ServerFrame::Synced(chat.answer(*rows, presence))],
            Snapshot::All(None, _) | Snapshot::One(..) => Vec::new(),
        };
        let fingerprint = fingerprint(&frames);
        let (id, session) = self.insert(subscription, fingerprint);
        metrics::POLLS_BEGUN.increment(1);
        // The session on the other node gave the client exactly these frames, and none after them.
        if request.wait
            && request.batch == 1
            && fingerprint.is_some()
            && request.mailbox.and_then(fingerprint_in) == fingerprint
        {
            let _active = ActiveRequest::new(&session);
            match session.next(chat, &who, 1, true).await {
                Ok(Some((batch, frames))) => return Ok(PollAnswer { mailbox: id, batch, frames }),
                Err(CloseCode::NotAuthenticated) => {
                    self.remove(id);
                    return Err(error(CloseCode::NotAuthenticated));
                }
                Ok(None) | Err(_) => {}
            }
        }
        Ok(PollAnswer { mailbox: id, batch: 1, frames })
    }

    fn find(&self, who: &Identity, id: Option<Uuid>) -> Option<(Uuid, Arc<PollSession>)> {
        let id = id?;
        let session = lock(&self.all).get(&id)?.clone();
        let same = session.owner == who.person.id && session.sign_in == who.sign_in;
        same.then_some((id, session))
    }

    fn insert(&self, subscription: Subscription, fingerprint: Option<u64>) -> (Uuid, Arc<PollSession>) {
        let id = new_session_id(fingerprint);
        let (owner, subscriber) = (subscription.who.person.id, subscription.subscriber.clone());
        let sign_in = subscription.who.sign_in.clone();
        let state = tokio::sync::Mutex::new(SessionState { subscription, batch: 1 });
        let activity = Mutex::new(Activity { requests: 0, idle_since: Instant::now() });
        let latest = watch::Sender::new(0);
        let _gauge = GaugeGuard::new(&metrics::MAILBOXES);
        let session = Arc::new(PollSession { owner, sign_in, subscriber, latest, state, activity, _gauge });
        let mut all = lock(&self.all);
        // Checked under the lock: the last sweep, after the stop, drops all that are there.
        if self.chat.stop().is_cancelled() {
            return (id, session);
        }
        let mut theirs: Vec<_> = all
            .iter()
            .filter(|(_, session)| session.owner == owner)
            .map(|(id, session)| {
                let activity = lock(&session.activity);
                ((activity.requests > 0, activity.idle_since), *id)
            })
            .collect();
        theirs.sort_unstable();
        let surplus = (theirs.len() + 1).saturating_sub(PER_PERSON);
        let removed: Vec<_> = theirs.iter().take(surplus).filter_map(|(_, id)| all.remove(id)).collect();
        all.insert(id, session.clone());
        drop(all);
        // Dropped without the lock, since they unsubscribe.
        drop(removed);
        (id, session)
    }

    fn remove(&self, id: Uuid) {
        let removed = lock(&self.all).remove(&id);
        drop(removed);
    }

    /// The service whose sessions these are.
    #[cfg(test)]
    pub(crate) fn chat(&self) -> &ChatService {
        &self.chat
    }

    /// The number of sessions.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        lock(&self.all).len()
    }
}

/// Drops sessions that were idle for `lifetime`, and all of them when the node stops.
async fn sweep(all: Arc<Mutex<SessionMap>>, lifetime: Duration, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(lifetime / 10) => {}
        }
        let removed: Vec<_> = {
            let mut all = lock(&all);
            let expired = |session: &PollSession| {
                let activity = lock(&session.activity);
                session.subscriber.has_overflowed()
                    || (activity.requests == 0 && activity.idle_since.elapsed() >= lifetime)
            };
            let ids: Vec<_> = all.iter().filter(|(_, session)| expired(session)).map(|(id, _)| *id).collect();
            ids.into_iter().filter_map(|id| all.remove(&id)).collect()
        };
        drop(removed);
    }
    let rest = std::mem::take(&mut *lock(&all));
    drop(rest);
}

fn error(code: CloseCode) -> Error {
    match code {
        CloseCode::NotAuthenticated => ErrorCode::NotAuthenticated.into(),
        CloseCode::NoSuchConversation => Error::not_found(),
        other => Error::Unavailable(format!("a long-poll session cannot be opened: {}", other.reason())),
    }
}
