//! A client without a socket: its frames wait in a mailbox until the next poll, which is held while there are none. A poll
//! that comes to another node begins anew there from the client's own cursors: a mailbox is no more than a way to know
//! what was told already.

mod held;
mod print;

use crate::account::Identity;
use crate::connection::Scope;
use crate::connection::subscription::{Snapshot, Subscription, Transport};
use crate::hub::Subscriber;
use crate::lock::lock;
use crate::metric::{self, One};
use crate::pace::Pace;
use crate::{Chat, Error, Result};
use held::Inside;
use print::{fingerprint, named, printed};
use protocol::{CloseCode, ErrorCode, PollAnswer, PollRequest, ServerFrame, UserId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Mailboxes of one person; the one that rested longest makes room.
const PER_PERSON: usize = 10;

/// All mailboxes of this node.
pub(crate) struct Mailboxes {
    all: Arc<Mutex<HashMap<Uuid, Arc<Mailbox>>>>,
}

struct Mailbox {
    owner: UserId,
    sign_in: String,
    subscriber: Arc<Subscriber>,
    /// How many polls there were: the last one counts, an earlier one that is still held gives way.
    turn: watch::Sender<u64>,
    inside: tokio::sync::Mutex<Inside>,
    rest: Mutex<Rest>,
}

/// Polls that are held now, and since when there is none.
struct Rest {
    held: usize,
    since: Instant,
}

/// A poll that is being answered.
struct Busy<'a> {
    mailbox: &'a Mailbox,
    _one: One,
}

impl<'a> Busy<'a> {
    fn new(mailbox: &'a Mailbox) -> Self {
        lock(&mailbox.rest).held += 1;
        Self { mailbox, _one: One::more(&metric::POLLS_HELD) }
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        let mut rest = lock(&self.mailbox.rest);
        rest.held -= 1;
        rest.since = Instant::now();
    }
}

impl Mailboxes {
    /// None yet. They are swept out when nobody asks for them any more.
    pub(crate) fn start(pace: &Pace, stop: CancellationToken) -> Self {
        let all = Arc::default();
        tokio::spawn(sweep(Arc::clone(&all), pace.mailbox, stop));
        Self { all }
    }

    pub(crate) async fn poll(&self, chat: &Chat, who: &Identity, request: PollRequest) -> Result<PollAnswer> {
        if let Some((id, mailbox)) = self.find(who, request.mailbox) {
            let _busy = Busy::new(&mailbox);
            match mailbox.next(chat, request.batch, request.wait).await {
                Ok(Some((batch, frames))) => {
                    let ended = if frames.is_empty() { &metric::POLLS_EXPIRED } else { &metric::POLLS_WOKEN };
                    ended.increment(1);
                    return Ok(PollAnswer { mailbox: id, batch, frames });
                }
                // Another batch than ours, or it fell behind: begin anew.
                Ok(None) | Err(CloseCode::FellBehind) => self.remove(id),
                Err(code) => {
                    self.remove(id);
                    return Err(error(code));
                }
            }
        }
        let who = Arc::new(who.clone());
        let opened =
            Subscription::open(chat.clone(), who, Scope::All, Transport::LongPoll, Some(&request.sync)).await;
        let (subscription, opened) = opened.map_err(error)?;
        let frames = match opened {
            Snapshot::All(Some(rows), presence) => vec![ServerFrame::Synced(chat.answer(*rows, presence))],
            Snapshot::All(None, _) | Snapshot::One(..) => Vec::new(),
        };
        let print = fingerprint(&frames);
        let (id, mailbox) = self.keep(subscription, print);
        metric::POLLS_BEGUN.increment(1);
        // It was given exactly this by another node, and nothing since.
        if request.wait && request.batch == 1 && print.is_some() && request.mailbox.and_then(printed) == print
        {
            let _busy = Busy::new(&mailbox);
            if let Ok(Some((batch, frames))) = mailbox.next(chat, 1, true).await {
                return Ok(PollAnswer { mailbox: id, batch, frames });
            }
        }
        Ok(PollAnswer { mailbox: id, batch: 1, frames })
    }

    fn find(&self, who: &Identity, id: Option<Uuid>) -> Option<(Uuid, Arc<Mailbox>)> {
        let id = id?;
        let mailbox = lock(&self.all).get(&id)?.clone();
        let same = mailbox.owner == who.person.id && mailbox.sign_in == who.sign_in;
        same.then_some((id, mailbox))
    }

    fn keep(&self, subscription: Subscription, print: Option<u64>) -> (Uuid, Arc<Mailbox>) {
        let id = named(print);
        let (owner, subscriber) = (subscription.who.person.id, subscription.subscriber.clone());
        let sign_in = subscription.who.sign_in.clone();
        let inside = tokio::sync::Mutex::new(Inside { subscription, batch: 1 });
        let rest = Mutex::new(Rest { held: 0, since: Instant::now() });
        let mailbox = Mailbox { owner, sign_in, subscriber, turn: watch::Sender::new(0), inside, rest };
        let mut all = lock(&self.all);
        let mut theirs: Vec<_> = all
            .iter()
            .filter(|(_, mailbox)| mailbox.owner == owner)
            .map(|(id, mailbox)| {
                let rest = lock(&mailbox.rest);
                ((rest.held > 0, rest.since), *id)
            })
            .collect();
        theirs.sort_unstable();
        let surplus = (theirs.len() + 1).saturating_sub(PER_PERSON);
        let out: Vec<_> = theirs.iter().take(surplus).filter_map(|(_, id)| all.remove(id)).collect();
        let mailbox = Arc::new(mailbox);
        all.insert(id, mailbox.clone());
        drop(all);
        // Dropped without the lock, since they unsubscribe.
        drop(out);
        (id, mailbox)
    }

    fn remove(&self, id: Uuid) {
        let gone = lock(&self.all).remove(&id);
        drop(gone);
    }

    /// Drops all of them: the node goes down.
    pub(crate) fn clear(&self) {
        let all = std::mem::take(&mut *lock(&self.all));
        drop(all);
    }

    /// How many there are.
    pub(crate) fn size(&self) -> usize {
        lock(&self.all).len()
    }
}

async fn sweep(all: Arc<Mutex<HashMap<Uuid, Arc<Mailbox>>>>, kept: Duration, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(kept / 10) => {}
        }
        let gone: Vec<_> = {
            let mut all = lock(&all);
            let resting = |mailbox: &Mailbox| {
                let rest = lock(&mailbox.rest);
                mailbox.subscriber.has_overflowed() || (rest.held == 0 && rest.since.elapsed() >= kept)
            };
            let ids: Vec<_> = all.iter().filter(|(_, mailbox)| resting(mailbox)).map(|(id, _)| *id).collect();
            ids.into_iter().filter_map(|id| all.remove(&id)).collect()
        };
        drop(gone);
    }
    let rest = std::mem::take(&mut *lock(&all));
    drop(rest);
}

fn error(code: CloseCode) -> Error {
    match code {
        CloseCode::NotAuthenticated => ErrorCode::NotAuthenticated.into(),
        CloseCode::NoSuchConversation => Error::not_found(),
        other => Error::Unavailable(format!("a mailbox cannot be opened: {}", other.reason())),
    }
}
