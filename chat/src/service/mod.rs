//! Domain service: the operations that socket connections, long polls, the HTTP API and the server functions share. It knows
//! none of these.

mod administration;
mod closing;
mod conversations;
mod cost;
mod delete;
mod dispatch;
mod groups;
mod in_flight;
mod incoming_webhooks;
mod invitations;
mod membership;
mod moderation;
mod notifications;
mod preferences;
mod profile;
mod push;
mod receipts;
mod send;
mod start;
mod subject_rules;
mod subjects;
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

use crate::account::{Accounts, Identity};
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
use crate::subject_kind::is_kind;
use crate::timings::Timings;
use crate::typing::Typing;
use crate::writer::Writer;
use crate::{Clock, Error, Limits, Result};
use protocol::{
    Changes, ClientFrame, Conversation, ConversationId, ErrorBody, ErrorCode, ListFilter, ListPage,
    ListPosition, Message, MessageId, MessageReceipt, OpenCursors, Page, Person, ServerFrame, SyncAnswer,
    SyncRequest, Timestamp, limits,
};
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

/// Time for which a used token of single sign-on is kept after its end: ten minutes, in microseconds, since the clock of another node
/// may be behind.
const USED_TOKENS_KEPT_MICROS: i64 = 10 * 60 * 1_000_000;
/// Lifetime of the times of receipts: thirty days, in microseconds.
const RECEIPTS_KEPT_MICROS: i64 = 30 * 24 * 60 * 60 * 1_000_000;
/// Lifetime of stored notifications: ninety days, in microseconds.
const NOTIFICATIONS_KEPT_MICROS: i64 = 90 * 24 * 60 * 60 * 1_000_000;
/// Lifetime of the ids of requests to change groups: thirty days, in microseconds.
const REQUESTS_KEPT_MICROS: i64 = 30 * 24 * 60 * 60 * 1_000_000;
/// Lifetime of deliveries of webhooks that ended: seven days, in microseconds.
const DELIVERIES_KEPT_MICROS: i64 = 7 * 24 * 60 * 60 * 1_000_000;
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

    /// The person's conversations, the archived ones included, newest activity first.
    pub async fn conversations(&self, user: &Person) -> Result<Vec<Conversation>> {
        self.charge(user, Operation::Page)?;
        self.inner.store.conversations(user.id).await
    }

    /// The next conversations of the person's list, or of the filter, about subjects of this kind (`None`: all), after a position (`None`: the first ones), newest activity
    /// first, at most `limit`, and the position behind them, if there are more. The first page of the list begins with the pinned
    /// ones, beside the others.
    pub async fn conversation_page(
        &self,
        user: &Person,
        filter: Option<ListFilter>,
        subject_kind: Option<&str>,
        after: Option<ListPosition>,
        limit: usize,
    ) -> Result<(Vec<Conversation>, Option<ListPosition>)> {
        self.charge(user, Operation::Page)?;
        // No other text is stored, and the database may refuse it.
        if subject_kind.is_some_and(|kind| !is_kind(kind)) {
            return Ok((Vec::new(), None));
        }
        self.inner
            .store
            .conversation_page(user.id, filter, subject_kind, after, limit.clamp(1, limits::MAX_LIST_PAGE))
            .await
    }

    /// The page of the person's list, or of the filter, about subjects of this kind (`None`: all), behind a position, for a client
    /// with the pages before it.
    pub async fn list_page(
        &self,
        user: &Person,
        filter: Option<ListFilter>,
        subject_kind: Option<String>,
        after: Option<ListPosition>,
    ) -> Result<ListPage> {
        self.charge(user, Operation::Page)?;
        // No other text is stored, and the database may refuse it.
        if subject_kind.as_deref().is_some_and(|kind| !is_kind(kind)) {
            return Err(invalid("`subject_kind` is no word of a kind"));
        }
        self.inner.store.list_page(user.id, filter, subject_kind, after).await
    }

    /// One conversation.
    pub async fn conversation(&self, user: &Person, id: ConversationId) -> Result<Conversation> {
        self.charge(user, Operation::One)?;
        self.inner.store.conversation(user.id, id).await
    }

    /// Messages before a `seq` (`None`: the newest).
    pub async fn page(
        &self,
        user: &Person,
        id: ConversationId,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Page> {
        self.charge(user, Operation::Page)?;
        self.inner.store.page(user.id, id, before, limit.clamp(1, limits::CHANGES)).await
    }

    /// Messages after a `seq`.
    pub async fn page_after(
        &self,
        user: &Person,
        id: ConversationId,
        after: i64,
        limit: usize,
    ) -> Result<Page> {
        self.charge(user, Operation::Page)?;
        self.inner.store.page_after(user.id, id, after, limit.clamp(1, limits::CHANGES)).await
    }

    /// The changes after a cursor.
    pub async fn changes(&self, user: &Person, id: ConversationId, after: i64) -> Result<Changes> {
        self.charge(user, Operation::Page)?;
        self.inner.store.changes(user.id, id, after).await
    }

    /// The receipts of a message.
    pub async fn receipts(
        &self,
        user: &Person,
        id: ConversationId,
        message: MessageId,
    ) -> Result<Vec<MessageReceipt>> {
        self.charge(user, Operation::Page)?;
        self.inner.store.receipts(user.id, id, message).await
    }

    /// Deletes expired rows; to be called periodically.
    pub async fn sweep(&self) -> Result<()> {
        self.inner.store.delete_expired_sign_ins(self.now()).await?;
        self.inner.store.sweep_used_tokens(Timestamp(self.now().0 - USED_TOKENS_KEPT_MICROS)).await?;
        self.inner.store.sweep_receipts(Timestamp(self.now().0 - RECEIPTS_KEPT_MICROS)).await?;
        let before = Timestamp(self.now().0 - NOTIFICATIONS_KEPT_MICROS);
        self.inner.store.sweep_notifications(before).await?;
        self.inner.store.sweep_requests(Timestamp(self.now().0 - REQUESTS_KEPT_MICROS)).await?;
        self.inner.store.sweep_webhook_events(Timestamp(self.now().0 - DELIVERIES_KEPT_MICROS)).await?;
        self.sweep_invitations().await
    }

    /// Everything that a client is missing, with current presence and typing.
    pub async fn sync(&self, user: &Person, request: &SyncRequest) -> Result<SyncAnswer> {
        self.charge(user, Operation::Sync)?;
        let rows = self.inner.store.sync(user.id, request).await?;
        self.inner.resting.list_was_read(user.id);
        let people = self.inner.store.contacts(user.id).await?;
        Ok(self.answer(rows, self.inner.presence.of(&people)))
    }

    /// The first page of the list, and what is open, for the first render of a page: with presence and typing of the listed
    /// conversations alone. The connection that follows brings the rest.
    pub async fn first_sync(&self, user: &Person, open: OpenCursors) -> Result<SyncAnswer> {
        self.charge(user, Operation::Sync)?;
        let request = SyncRequest { user_rev: 0, list: true, open };
        let rows = self.inner.store.sync_once(user.id, &request).await?;
        self.inner.resting.list_was_read(user.id);
        let mut people: Vec<(Person, Option<Timestamp>)> = Vec::new();
        let small = limits::SMALL_CONVERSATION as i64;
        for conversation in rows.list.iter().flatten().filter(|one| one.member_count <= small) {
            let there =
                conversation.members.iter().filter(|member| !member.left && member.user.id != user.id);
            people.extend(there.map(|member| (member.user.clone(), None)));
        }
        people.sort_unstable_by_key(|(person, _)| person.id);
        people.dedup_by_key(|(person, _)| person.id);
        let ids: Vec<_> = people.iter().map(|(person, _)| person.id).collect();
        for (id, at) in self.inner.store.last_seen(&ids).await? {
            if let Ok(place) = people.binary_search_by_key(&id, |(person, _)| person.id) {
                people[place].1 = Some(at);
            }
        }
        let presence = self.inner.presence.of(&people);
        Ok(self.answer(rows, presence))
    }

    /// Searches for people.
    pub async fn people(&self, user: &Person, query: &str) -> Result<Vec<Person>> {
        self.charge(user, Operation::Page)?;
        self.inner.store.people(user.id, query, PEOPLE).await
    }

    /// Handles a frame and gives the replies. Shared by socket connections and [`Self::submit`]. `scope` is the conversation of
    /// frames that name none.
    pub async fn handle(
        &self,
        who: &Identity,
        scope: Option<ConversationId>,
        frame: ClientFrame,
    ) -> Vec<ServerFrame> {
        self.handle_from(0, who, scope, frame).await
    }

    /// Handles the frames of a client without a socket, in their order, and returns the frames that answer them. The answers
    /// have at most [`limits::MAX_ANSWER`] bytes: a request whose answer does not fit is refused as `rate_limited` with
    /// `retry_after` 0, and is to be made again.
    ///
    /// # Errors
    /// [`ErrorCode::TooLarge`] for more than [`limits::MAX_FRAMES`] at once: none of them is handled.
    pub async fn submit(&self, who: &Identity, frames: Vec<ClientFrame>) -> Result<Vec<ServerFrame>> {
        if frames.len() > limits::MAX_FRAMES {
            let why = format!("At most {} frames in one request", limits::MAX_FRAMES);
            return Err(ErrorBody::because(ErrorCode::TooLarge, why).into());
        }
        let mut replies = Vec::new();
        let mut bytes = 0;
        for frame in frames {
            let reads = matches!(
                frame,
                ClientFrame::Sync(_)
                    | ClientFrame::List { .. }
                    | ClientFrame::Notifications { .. }
                    | ClientFrame::Changes { .. }
                    | ClientFrame::Page { .. }
                    | ClientFrame::ListInvitationLinks { .. }
            );
            if reads && bytes >= limits::MAX_ANSWER {
                replies.push(ServerFrame::Error(ErrorBody::rate_limited(0.0)));
                continue;
            }
            let answers = self.handle(who, None, frame).await;
            // Only the answer of a read can be large, and only it can be dropped: it changed nothing. So no other is measured.
            if !reads {
                replies.extend(answers);
                continue;
            }
            for reply in answers {
                let size = reply.encode().len();
                if bytes + size > limits::MAX_ANSWER {
                    bytes = limits::MAX_ANSWER;
                    replies.push(ServerFrame::Error(ErrorBody::rate_limited(0.0)));
                } else {
                    bytes += size;
                    replies.push(reply);
                }
            }
        }
        Ok(replies)
    }

    pub(crate) fn answer(
        &self,
        rows: crate::store::SyncRows,
        presence: Vec<protocol::PersonStatus>,
    ) -> SyncAnswer {
        let shown = rows.counters.iter().map(|(id, _)| *id).filter(|_| rows.preferences.show_typing);
        let typing = self.inner.typing.now(rows.user.id, shown);
        // They change with the person's counter, which brings the list, too.
        let preferences = rows.list.is_some().then_some(rows.preferences);
        SyncAnswer {
            user_rev: rows.user_rev,
            user: rows.user,
            list: rows.list,
            next: rows.next,
            unread_after: rows.unread_after,
            archived: rows.archived,
            open: rows.open,
            gone: rows.gone,
            hidden: rows.hidden,
            presence,
            typing,
            preferences,
            notifications: rows.notifications,
            invitations: rows.invitations,
        }
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
