//! Domain service: the operations that socket connections, long polls, the HTTP API and the server functions share. It knows
//! none of these.

mod administration;
mod closing;
mod conversations;
mod cost;
mod delete;
mod dispatch;
mod groups;
mod history;
mod in_flight;
mod incoming_webhooks;
mod invitations;
mod list;
mod membership;
mod moderation;
mod notifications;
mod preferences;
mod profile;
mod push;
mod receipts;
mod retention;
mod send;
mod start;
mod subject_rules;
mod subjects;
mod submit;
mod sync;
mod typing;
mod webhooks;

pub use conversations::OpenedConversation;
use conversations::invalid;
pub(crate) use conversations::refused_title;
pub(crate) use cost::Operation;
pub use groups::{AddedMembers, GroupSettings};
pub use incoming_webhooks::NewIncoming;
pub use invitations::{LinkSettings, NewInvitationLink};
pub use moderation::{ModerationPage, ModerationRequest, Moderator};
pub use push::BrowserSubscription;
pub(crate) use subject_rules::{checked_card, checked_reason, subject_key};
pub use subjects::{ParticipantName, SubjectRequest};

use crate::account::Accounts;
use crate::hub::Hub;
use crate::metrics;
use crate::presence::Presence;
use crate::push::{Hints, Looker};
use crate::rate_limit::RateLimiter;
use crate::resting::Resting;
use crate::revocations::Revocations;
use crate::scrubber::Scrubber;
use crate::service_keys::ServiceKeys;
use crate::store::{Outcome, Store};
use crate::timings::Timings;
use crate::typing::Typing;
use crate::writer::Writer;
use crate::{Clock, Error, Limits, Result};
use protocol::{Message, Person, Timestamp};
use std::sync::{Arc, OnceLock};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A message that was stored durably.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The message as stored.
    pub message: Message,
    /// The message existed already: nothing was written, and no token of the rate limit was spent.
    pub repeated: bool,
}

/// The service of one node. Cheap to clone.
#[derive(Clone)]
pub struct ChatService {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    timings: Timings,
    accounts: Accounts,
    service_keys: ServiceKeys,
    scrubber: Scrubber,
    resting: Resting,
    writer: Writer,
    hub: Arc<Hub>,
    presence: Arc<Presence>,
    typing: Arc<Typing>,
    rate_limiter: Arc<RateLimiter>,
    push_hints: Arc<Hints>,
    /// Set once web push has started.
    push: OnceLock<Arc<Looker>>,
    /// Set once the installation's kinds of subjects are known.
    subject_kinds: OnceLock<closing::SubjectKinds>,
    in_flight: in_flight::InFlight,
    revocations: Arc<Revocations>,
    connections: TaskTracker,
    stop: CancellationToken,
}

impl Drop for Inner {
    /// Stops the node, so that the end of tasks that depend on a handle in it is none before the stop.
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Maximum number of results of a search for people.
const PEOPLE: usize = 20;

impl ChatService {
    /// Closes connections and waits until all accepted writes are durable; to be called after `stop`.
    pub async fn drain(&self) {
        // Published first, since the link to the other nodes may close before slow sockets do.
        self.inner.presence.announce_shutdown();
        self.inner.connections.close();
        let patience = self.inner.timings.close_timeout * 2;
        if tokio::time::timeout(patience, self.inner.connections.wait()).await.is_err() {
            tracing::warn!(target: "chat::chat", left = self.inner.connections.len(), "connections did not close in time");
        }
        self.inner.presence.save_all_last_seen().await;
        self.inner.writer.finish().await;
    }

    /// Accounts, sign-ins and tokens.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.inner.accounts
    }

    /// The keys of products.
    #[must_use]
    pub fn service_keys(&self) -> &ServiceKeys {
        &self.inner.service_keys
    }

    /// The configured limits.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// The rate limits that count over all nodes.
    #[must_use]
    pub fn rate_limiter(&self) -> &Arc<RateLimiter> {
        &self.inner.rate_limiter
    }

    /// Succeeds if the database answers.
    pub async fn ready(&self) -> Result<()> {
        self.inner.store.ready().await
    }

    /// Whether the latest commit failed a short time ago. A node without writes forgets a failure after three seconds.
    #[must_use]
    pub fn commits_fail(&self) -> bool {
        self.inner.writer.commits_fail()
    }

    /// Updates the gauges of [`crate::metrics`] that are computed on demand.
    #[allow(clippy::cast_precision_loss, reason = "counts of what fits into memory")]
    pub fn measure(&self) {
        metrics::WRITER_QUEUE.set(self.inner.writer.waiting() as f64);
        metrics::PEOPLE_HERE.set(self.inner.presence.count() as f64);
    }

    /// Searches for people.
    pub async fn people(&self, user: &Person, query: &str) -> Result<Vec<Person>> {
        self.charge(user, Operation::Page)?;
        self.inner.store.people(user.id, query, PEOPLE).await
    }

    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.inner.hub
    }

    pub(crate) fn presence(&self) -> &Presence {
        &self.inner.presence
    }

    pub(crate) fn typists(&self) -> &Typing {
        &self.inner.typing
    }

    pub(crate) fn revocations(&self) -> &Revocations {
        &self.inner.revocations
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.inner.store
    }

    pub(crate) fn timings(&self) -> &Timings {
        &self.inner.timings
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.inner.clock
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.inner.stop
    }

    /// Counts a connection as open until the token is dropped, so that shutdown waits for its close frame.
    pub(crate) fn track_connection(&self) -> tokio_util::task::task_tracker::TaskTrackerToken {
        self.inner.connections.token()
    }
}

/// The error for an outcome that does not belong to the write.
fn unexpected(outcome: &Outcome) -> Error {
    // Not the outcome itself: it may contain a message, and this error is logged.
    let kind = std::mem::discriminant(outcome);
    Error::Internal(format!("another outcome than the write's: {kind:?}"))
}
