//! Presence between nodes. Each tells the others of its own people and keeps what they tell of theirs, so that nothing
//! has to be asked when somebody wants to know, and Redis holds none of it.

use super::elsewhere::{Change, News, Touched, Whole};
use super::{Everyone, Presence};
use crate::bus::{BusEvent, Link, Push, Topic};
use crate::lock::lock;
use bytes::Bytes;
use protocol::{ServerFrame, Status, Timestamp, UserId};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Rows in one part of the whole.
const PART: usize = 1_000;
/// The whole is told at most this often, to all who asked meanwhile.
const BREATH: Duration = Duration::from_millis(100);
/// Silence is looked for this often.
const TICK: Duration = Duration::from_secs(1);
/// Without a way to the others their people are believed to be as they were, for this long.
const FROZEN: Duration = Duration::from_secs(300);

impl Presence {
    /// Tells the other nodes of a change here.
    pub(super) fn announce(&self, everyone: &mut Everyone, what: Change) {
        if self.link.is_some() && !everyone.left {
            everyone.n += 1;
            self.say_to_nodes(&[News::Change { node: self.node, n: everyone.n, what }]);
        }
    }

    fn say_to_nodes(&self, news: &[News]) {
        let encoded = news.iter().filter_map(|news| serde_json::to_vec(news).ok());
        let pushes =
            encoded.map(|news| Push::event(Topic::Nodes, BusEvent::Presence(Bytes::from(news)))).collect();
        self.bus.publish_to_nodes(pushes);
    }

    /// Takes what another node said.
    pub(crate) fn hear(&self, news: &[u8]) {
        let Ok(news) = serde_json::from_slice::<News>(news) else {
            tracing::warn!("what another node says cannot be read: it may be of another version");
            return;
        };
        if let News::Tell { of } = news {
            if of.is_none_or(|of| of == self.node) {
                self.asked.notify_one();
            }
            return;
        }
        let mut touched = Touched::default();
        // Whoever goes down has sent its people away, who take a moment to come elsewhere.
        let lease = if matches!(news, News::Gone { .. }) { self.grace * 2 } else { self.lost };
        {
            let mut everyone = lock(&self.everyone);
            let (News::Beat { node, .. }
            | News::Change { node, .. }
            | News::Whole { node, .. }
            | News::Gone { node }) = &news
            else {
                return;
            };
            let node = *node;
            if everyone.elsewhere.hear(news, Instant::now() + lease, &mut touched) {
                self.say_to_nodes(&[News::Tell { of: Some(node) }]);
            }
            self.show(&mut everyone, &touched);
        }
    }

    /// Tells those who are connected here what is different now. Gives who is nowhere any more without having said so.
    fn show(&self, everyone: &mut Everyone, touched: &Touched) -> Vec<UserId> {
        let mut lost = Vec::new();
        for (user, (name, seen)) in &touched.people {
            let went = self.shown(everyone, *user, name, *seen);
            lost.extend((went && seen.is_none()).then_some(*user));
        }
        for (key, name) in &touched.opened {
            self.shown_open(everyone, *key, name);
        }
        lost
    }

    /// Goes on until the end: says that this node is there, and notices that others are no more.
    pub(super) async fn meet(self: Arc<Self>, mut link: watch::Receiver<Link>, stop: CancellationToken) {
        let mut beat = Instant::now();
        let mut ticked = Instant::now();
        let mut down: Option<Instant> = Some(Instant::now());
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                Ok(()) = link.changed() => {}
                () = self.asked.notified() => {
                    tokio::time::sleep(BREATH).await;
                    self.tell_whole();
                }
                () = tokio::time::sleep(TICK.min(self.beat)) => {}
            }
            let (now, up) = (Instant::now(), link.borrow_and_update().up);
            match (up, down) {
                (true, Some(_)) => {
                    down = None;
                    lock(&self.everyone).elsewhere.extend(now + self.lost);
                    self.say_to_nodes(&[News::Tell { of: None }]);
                    self.tell_whole();
                    beat = now + self.beat;
                }
                (false, None) => down = Some(now),
                _ => {}
            }
            if up && now >= beat {
                beat = now + self.beat;
                let everyone = lock(&self.everyone);
                // After its farewell a node is not there again.
                if !everyone.left {
                    self.say_to_nodes(&[News::Beat { node: self.node, n: everyone.n }]);
                }
            }
            // It was we who stood still: what the others said meanwhile is still to be heard.
            if now > ticked + TICK * 5 {
                lock(&self.everyone).elsewhere.extend(now + self.beat * 2);
            }
            ticked = now;
            if down.is_none_or(|since| now > since + FROZEN) {
                self.forget_lost(now).await;
            }
        }
    }

    async fn forget_lost(&self, now: Instant) {
        let time = self.clock.now();
        let lost = {
            let mut everyone = lock(&self.everyone);
            let mut touched = Touched::default();
            everyone.elsewhere.sweep(now, &mut touched);
            touched.people.values_mut().for_each(|(_, seen)| *seen = None);
            self.show(&mut everyone, &touched)
        };
        self.seen(&lost, time).await;
    }

    /// Everything of one's own, in parts.
    fn tell_whole(&self) {
        let everyone = lock(&self.everyone);
        if everyone.left {
            return;
        }
        let n = everyone.n;
        let people =
            everyone.here.values().map(|here| (here.person.id, here.person.username.clone(), here.told));
        let mut people: Vec<_> = people.collect();
        let opened = everyone.opened.iter();
        let mut opened: Vec<_> =
            opened.map(|((id, user), open)| (*id, *user, open.username.clone())).collect();
        let total = people.len() + opened.len();
        let mut news = Vec::new();
        while news.is_empty() || !people.is_empty() || !opened.is_empty() {
            let people = people.split_off(people.len().saturating_sub(PART));
            let opened = opened.split_off(opened.len().saturating_sub(PART));
            let part = Whole { people, opened, total: None };
            news.push(News::Whole { node: self.node, n, part });
        }
        if let Some(News::Whole { part, .. }) = news.last_mut() {
            part.total = Some(total);
        }
        // Under the lock, so that no change comes between.
        self.say_to_nodes(&news);
    }

    /// This node goes down, and says nothing more.
    pub(crate) fn take_leave(&self) {
        let mut everyone = lock(&self.everyone);
        everyone.left = true;
        // Under the lock, so that nothing comes after it.
        self.say_to_nodes(&[News::Gone { node: self.node }]);
    }

    /// Tells those who listen here if somebody is otherwise than they were, over all nodes; true: they went.
    pub(super) fn shown(
        &self,
        everyone: &mut Everyone,
        user: UserId,
        username: &str,
        last_seen_at: Option<Timestamp>,
    ) -> bool {
        let here = everyone.here.get(&user).map_or(Status::Offline, |here| here.told);
        let status = super::elsewhere::better(here, everyone.elsewhere.status(user));
        let was = everyone.shown.get(&user).copied().unwrap_or(Status::Offline);
        if status == was {
            return false;
        }
        let went = status == Status::Offline;
        if went {
            everyone.shown.remove(&user);
        } else {
            everyone.shown.insert(user, status);
        }
        let last_seen_at = went.then(|| last_seen_at.unwrap_or_else(|| self.clock.now()));
        let status =
            protocol::PersonStatus { user_id: user, username: username.to_owned(), status, last_seen_at };
        let frame = ServerFrame::UserStatus(status);
        self.bus.deliver(vec![Push::frame(Topic::Presence(user), &frame).except(user)]);
        went
    }
}
