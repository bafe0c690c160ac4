//! The task of web push.

use super::agenda::Agenda;
use super::gateway::PushGateway;
use super::hints::{Due, Hints};
use super::keys::VapidKeys;
use super::look::{Looker, PersonState, before};
use super::progress::Progress;
use super::sweep::{Sweep, Swept};
use crate::lock::lock;
use crate::presence::Presence;
use crate::store::Store;
use crate::timings::Timings;
use crate::{Clock, Result, Supervisor, contain};
use protocol::UserId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Number of people who are looked at simultaneously. A push service that does not answer occupies one place for five seconds.
const SIMULTANEOUS: usize = 64;
/// Time after which a look, or a read of what is due, is repeated when the database failed.
const REPEAT: Duration = Duration::from_secs(1);

/// The state of the task.
struct PushTask {
    looker: Arc<Looker>,
    hints: Arc<Hints>,
    progress_interval: Duration,
    /// Time for which looks go on after the stop.
    close_timeout: Duration,
    people: Mutex<HashMap<UserId, PersonState>>,
}

/// Starts the task.
///
/// # Errors
/// The keys cannot be read.
pub(crate) async fn start(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    presence: Arc<Presence>,
    hints: Arc<Hints>,
    gateway: PushGateway,
    timings: &Timings,
    supervisor: &Supervisor,
) -> Result<Arc<Looker>> {
    let keys = VapidKeys::load(&*store).await?;
    let looker = Arc::new(Looker {
        store,
        clock,
        presence,
        gateway,
        keys,
        progress: Progress::default(),
        delay: timings.push_delay,
        grace: timings.offline_after + timings.status_min_interval,
        retry_after: timings.push_retry_after,
        lease: timings.push_lease,
    });
    hints.open(looker.delay);
    let progress_interval = timings.push_progress_interval;
    let sweep = Sweep::new(&*looker.store, timings.push_sweep_interval).await?;
    let close_timeout = timings.close_timeout;
    let people = Mutex::default();
    let task = PushTask { looker: looker.clone(), hints, progress_interval, close_timeout, people };
    supervisor.spawn("web push", Arc::new(task).run(sweep, supervisor.stop().clone()));
    Ok(looker)
}

impl PushTask {
    async fn run(self: Arc<Self>, mut sweep: Sweep, stop: CancellationToken) {
        let mut agenda = Agenda::default();
        // Tasks of their own: a look that waits for the rest of this task could hold the connection that the rest waits for.
        let mut looking = JoinSet::new();
        // For what was committed before a crash and not pushed yet.
        let mut everybody = Some(Instant::now() + self.looker.delay);
        let mut write_at = None;
        loop {
            let now = Instant::now();
            while looking.len() < SIMULTANEOUS
                && let Some(user) = agenda.take(now)
            {
                looking.spawn(Arc::clone(&self).contained_look(user));
            }
            if write_at.is_none() && !self.looker.progress.is_empty() {
                write_at = Some(now + self.progress_interval);
            }
            let look = agenda.next().filter(|_| looking.len() < SIMULTANEOUS);
            let next =
                [look, everybody, write_at, self.hints.next(), Some(sweep.at)].into_iter().flatten().min();
            tokio::select! {
                () = stop.cancelled() => break,
                Some(looked) = looking.join_next(), if !looking.is_empty() => {
                    // A panic is contained, and nobody aborts a look.
                    if let Ok((user, again)) = looked {
                        agenda.done(user, again);
                    }
                }
                () = self.hints.added() => {}
                () = tokio::time::sleep_until(next.unwrap_or(now)) => {}
            }
            let now = Instant::now();
            match self.hints.take(now) {
                None => {}
                Some(Due::Everybody) => everybody = Some(now),
                Some(Due::Conversations(changed)) => {
                    let changed: Vec<_> = changed.into_iter().collect();
                    match self.looker.store.people_with_push(Some(&changed)).await {
                        Ok(people) => people.into_iter().for_each(|user| agenda.add(user, now)),
                        Err(error) => {
                            tracing::warn!(%error, "the people to push to cannot be read");
                            self.hints.add(changed, REPEAT, now);
                        }
                    }
                }
            }
            if sweep.at <= now {
                match self.sweep(&mut sweep).await {
                    Ok(Swept::People(people)) => people.into_iter().for_each(|user| agenda.add(user, now)),
                    Ok(Swept::Everybody) => everybody = Some(now),
                    Err(error) => tracing::warn!(%error, "messages that were not pushed cannot be read"),
                }
            }
            if everybody.is_some_and(|at| at <= now) {
                everybody = self.add_everybody(&mut agenda, now).await;
            }
            if write_at.is_some_and(|at| at <= now) {
                self.write_progress().await;
                write_at = None;
            }
        }
        // What is being sent is noted, else another node would send it again.
        let looks = async { while looking.join_next().await.is_some() {} };
        if tokio::time::timeout(self.close_timeout, looks).await.is_err() {
            tracing::warn!("web pushes were not answered in time");
        }
        self.write_progress().await;
    }

    async fn sweep(&self, sweep: &mut Sweep) -> Result<Swept> {
        let looker = &self.looker;
        // By then the node of a message has looked, and noted what it sent.
        sweep.run(&*looker.store, before(looker.clock.now(), looker.delay * 3)).await
    }

    /// Adds everybody with a subscription. Gives the time of a repetition if the database fails.
    async fn add_everybody(&self, agenda: &mut Agenda, now: Instant) -> Option<Instant> {
        match self.looker.store.people_with_push(None).await {
            Ok(people) => {
                people.into_iter().for_each(|user| agenda.add(user, now));
                None
            }
            Err(error) => {
                tracing::warn!(%error, "the people with push subscriptions cannot be read");
                Some(now + REPEAT)
            }
        }
    }

    async fn write_progress(&self) {
        if !self.looker.progress.is_empty()
            && let Err(error) = self.looker.progress.write(&*self.looker.store).await
        {
            tracing::warn!(%error, "the progress of pushes cannot be written");
        }
    }

    /// Looks at a person; an error or a panic concerns this person alone.
    async fn contained_look(self: Arc<Self>, user: UserId) -> (UserId, Option<Instant>) {
        let mut state = lock(&self.people).remove(&user).unwrap_or_default();
        let next = match contain("a web push", self.looker.look(user, &mut state)).await {
            Some(Ok(next)) => next,
            Some(Err(error)) => {
                tracing::warn!(%error, user = user.0, "unread messages cannot be pushed");
                matches!(error, crate::Error::Unavailable(_)).then(|| Instant::now() + REPEAT)
            }
            None => None,
        };
        if !state.is_idle() {
            lock(&self.people).insert(user, state);
        }
        (user, next)
    }
}
