//! A store whose methods fail on request.

use crate::lock::lock;
use crate::store::{
    Account, AccountStore, AdministrationStore, DeliveryRecord, DeliveryResult, ExportReader,
    ExternalIdentity, ExternalIdentityStore, ExternalSignIn, HandOver, ImportOutcome, ImportRow,
    IncomingWebhookStore, InvitationStore, LinkPreview, ManagedGroup, ManagedPerson, ModeratedConversation,
    ModeratedEntry, ModerationAccess, ModerationFilter, ModerationPosition, ModerationStore, NewAccount,
    NewPushSubscription, NewServiceKey, NewWebhook, Outcome, ProfileChange, PushCandidate, PushClaim,
    PushResult, PushStore, PushSubscription, Revocation, ServiceKeyStore, Sqlite, Store, StoredServiceKey,
    StoredSignIn, SubjectConversation, SubjectKey, SubjectStore, SyncRows, TokenHash, TokenSwap, Transfer,
    UnpushedPeople, UserCounters, Webhook, WebhookClaim, WebhookDelivery, WebhookFacts, WebhookStore,
    WebhookSwitch, Write,
};
use crate::{Error, Result};
use async_trait::async_trait;
use protocol::{
    Changes, ClientId, Conversation, ConversationId, ErrorCode, IncomingWebhook, Invitation, InvitationId,
    InvitationLink, ListFilter, ListPage, ListPosition, Message, MessageId, MessageReceipt, NotificationId,
    NotificationPage, Page, Person, Role, ServerFrame, SyncRequest, Timestamp, UserId,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// The way in which a method fails.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    Panic,
    Unavailable,
    Internal,
    Refused,
}

/// A database with faults.
pub(super) struct FaultyStore {
    inner: Arc<Sqlite>,
    faults: Mutex<HashMap<&'static str, Fault>>,
    /// The number of calls that failed, by method.
    failures: watch::Sender<HashMap<&'static str, usize>>,
}

impl FaultyStore {
    pub(super) fn new(inner: Arc<Sqlite>) -> Self {
        Self { inner, faults: Mutex::default(), failures: watch::Sender::default() }
    }

    /// Lets all calls of this method fail.
    pub(super) fn fail(&self, method: &'static str, fault: Fault) {
        self.failures.send_modify(|failures| failures.clear());
        lock(&self.faults).insert(method, fault);
    }

    /// Ends all faults.
    pub(super) fn heal(&self) {
        lock(&self.faults).clear();
    }

    /// Waits until this method failed so often since [`Self::fail`].
    pub(super) async fn failed(&self, method: &'static str, times: usize) {
        let mut failures = self.failures.subscribe();
        let enough = |failures: &HashMap<_, _>| failures.get(method).is_some_and(|count| *count >= times);
        super::soon(failures.wait_for(enough)).await.expect("the store is there");
    }

    fn check(&self, method: &'static str) -> Result<()> {
        let Some(fault) = lock(&self.faults).get(method).copied() else { return Ok(()) };
        self.failures.send_modify(|failures| *failures.entry(method).or_default() += 1);
        match fault {
            Fault::Panic => panic!("injected in {method}"),
            Fault::Unavailable => Err(Error::Unavailable("injected".into())),
            Fault::Internal => Err(Error::Internal("injected".into())),
            Fault::Refused => Err(ErrorCode::NotFound.into()),
        }
    }
}

/// Implements a trait by the inner store, with the faults before it.
macro_rules! delegate {
    ($trait:ident { $(fn $method:ident($($argument:ident: $type:ty),*) -> $output:ty;)* }) => {
        #[async_trait]
        impl $trait for FaultyStore {
            $(async fn $method(&self $(, $argument: $type)*) -> Result<$output> {
                self.check(stringify!($method))?;
                self.inner.$method($($argument),*).await
            })*
        }
    };
}

delegate! { Store {
    fn commit(batch: &[Write], now: Timestamp) -> Vec<Result<Outcome>>;
    fn user_counters(user: UserId) -> UserCounters;
    fn sync(user: UserId, request: &SyncRequest) -> SyncRows;
    fn sync_once(user: UserId, request: &SyncRequest) -> SyncRows;
    fn conversation(user: UserId, id: ConversationId) -> Conversation;
    fn conversations(user: UserId) -> Vec<Conversation>;
    fn list_page(user: UserId, filter: Option<ListFilter>, subject_kind: Option<String>, after: Option<ListPosition>) -> ListPage;
    fn conversation_page(user: UserId, filter: Option<ListFilter>, subject_kind: Option<&str>, after: Option<ListPosition>, limit: usize) -> (Vec<Conversation>, Option<ListPosition>);
    fn changes(user: UserId, id: ConversationId, after: i64) -> Changes;
    fn page(user: UserId, id: ConversationId, before: Option<i64>, limit: usize) -> Page;
    fn page_after(user: UserId, id: ConversationId, after: i64, limit: usize) -> Page;
    fn sent(sender: UserId, client_id: ClientId) -> Option<(Message, [u8; 16])>;
    fn member_ids(id: ConversationId) -> Vec<UserId>;
    fn is_member(user: UserId, id: ConversationId) -> bool;
    fn shows_typing(user: UserId, id: ConversationId) -> Option<bool>;
    fn contacts(user: UserId) -> Vec<(Person, Option<Timestamp>)>;
    fn last_seen(users: &[UserId]) -> Vec<(UserId, Timestamp)>;
    fn receipts(user: UserId, id: ConversationId, message: MessageId) -> Vec<MessageReceipt>;
    fn sweep_receipts(before: Timestamp) -> u64;
    fn notifications(user: UserId, cursor: Option<NotificationId>, limit: usize) -> NotificationPage;
    fn sweep_notifications(before: Timestamp) -> u64;
    fn rest(user: UserId, most_awake: usize, newest: usize) -> u64;
    fn sweep_requests(before: Timestamp) -> u64;
    fn counters(ids: &[ConversationId]) -> Vec<(ConversationId, i64)>;
    fn user_revs(users: &[UserId]) -> Vec<(UserId, i64)>;
    fn shared(name: &str, fresh: &str) -> String;
    fn frames_after(id: ConversationId, after: i64) -> Vec<ServerFrame>;
    fn people(user: UserId, query: &str, limit: usize) -> Vec<Person>;
    fn seen(users: &[UserId], now: Timestamp) -> ();
    fn command_changes() -> i64;
    fn count_command_change() -> ();
    fn ready() -> ();
    fn clear_unused_space() -> ();
    fn scrub() -> ();
    fn close() -> ();
} }

delegate! { InvitationStore {
    fn invitations(user: UserId) -> Vec<Invitation>;
    fn invitation_group(user: UserId, id: InvitationId) -> Option<ConversationId>;
    fn invitations_before(before: Timestamp) -> Vec<(UserId, InvitationId)>;
    fn links(user: UserId, id: ConversationId, now: Timestamp) -> Vec<InvitationLink>;
    fn link_preview(user: UserId, token: TokenHash, now: Timestamp) -> LinkPreview;
    fn sweep_links(before: Timestamp) -> u64;
} }

delegate! { AccountStore {
    fn create_account(account: NewAccount, now: Timestamp) -> Account;
    fn has_accounts() -> bool;
    fn account(id: UserId) -> Option<Account>;
    fn account_by_name(username: &str) -> Option<Account>;
    fn registered_account(username: &str, request_hash: [u8; 32], since: Timestamp) -> Option<Account>;
    fn accounts_by_name(usernames: &[String]) -> Vec<Account>;
    fn change_profile(id: UserId, profile: &ProfileChange) -> Account;
    fn set_password(id: UserId, hash: &str, keep: Option<&str>, now: Timestamp) -> Account;
    fn revoke_all(id: UserId, now: Timestamp) -> ();
    fn end_other_sign_ins(id: UserId, keep: &str, now: Timestamp) -> ();
    fn suspend(id: UserId, suspended: bool, now: Timestamp) -> ();
    fn temporary_accounts() -> Vec<(Person, Timestamp)>;
    fn unlock(id: UserId) -> ();
    fn suspended() -> Vec<UserId>;
    fn delete_account(id: UserId) -> ();
    fn create_sign_in(session: StoredSignIn) -> ();
    fn update_sign_in(session: StoredSignIn) -> bool;
    fn sign_in(id: &str, now: Timestamp) -> Option<StoredSignIn>;
    fn signed_in(id: &str, user: UserId, now: Timestamp) -> Option<Account>;
    fn sign_ins_of(user: UserId, now: Timestamp) -> Vec<StoredSignIn>;
    fn swap_sign_in(id: &str, from: &str, to: &str, expires_at: Timestamp, now: Timestamp, repeat_after: Timestamp) -> TokenSwap;
    fn confirm_sign_in(id: &str, current: &str) -> ();
    fn renew_password_hash(id: UserId, old: &str, new: &str) -> ();
    fn end_sign_in(id: &str, now: Timestamp) -> ();
    fn delete_expired_sign_ins(now: Timestamp) -> u64;
    fn revocations(after: i64) -> Vec<Revocation>;
    fn last_revocation() -> i64;
} }

delegate! { Transfer {
    fn import(rows: &[ImportRow], now: Timestamp) -> ImportOutcome;
    fn export(only: Option<ConversationId>) -> Box<dyn ExportReader>;
} }

delegate! { ExternalIdentityStore {
    fn external_account(identity: &ExternalIdentity, token: HandOver) -> ExternalSignIn;
    fn account_of_identity(issuer: &str, subject: &str) -> Option<Account>;
    fn create_external_account(identity: &ExternalIdentity, account: NewAccount, token: Option<HandOver>, now: Timestamp) -> ExternalSignIn;
    fn sweep_used_tokens(now: Timestamp) -> u64;
} }

delegate! { PushStore {
    fn add_push_subscription(new: &NewPushSubscription, now: Timestamp) -> bool;
    fn remove_push_subscription(user: UserId, endpoint: &str) -> ();
    fn drop_push_subscriptions(ids: &[i64]) -> ();
    fn push_subscriptions(user: UserId, now: Timestamp) -> Vec<PushSubscription>;
    fn people_with_push(among: Option<&[ConversationId]>) -> Vec<UserId>;
    fn set_pushed(progress: &[(Timestamp, Vec<i64>)]) -> ();
    fn claim_push_subscriptions(ids: &[i64], now: Timestamp, leased_until: Timestamp) -> Vec<PushClaim>;
    fn finish_pushes(results: &[PushResult]) -> ();
    fn last_message() -> i64;
    fn unpushed_people(after: i64, until: Timestamp) -> UnpushedPeople;
    fn push_candidates(user: UserId, after: Timestamp, until: Timestamp) -> Vec<PushCandidate>;
} }

#[async_trait]
impl WebhookStore for FaultyStore {
    fn webhook_switch(&self) -> &WebhookSwitch {
        self.inner.webhook_switch()
    }

    async fn add_webhook(&self, new: &NewWebhook, now: Timestamp) -> Result<Webhook> {
        self.check("add_webhook")?;
        self.inner.add_webhook(new, now).await
    }

    async fn webhooks(&self) -> Result<Vec<Webhook>> {
        self.check("webhooks")?;
        self.inner.webhooks().await
    }

    async fn remove_webhook(&self, id: i64) -> Result<bool> {
        self.check("remove_webhook")?;
        self.inner.remove_webhook(id).await
    }

    async fn claim_webhook_events(
        &self,
        webhook: i64,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Vec<Vec<WebhookDelivery>>> {
        self.check("claim_webhook_events")?;
        self.inner.claim_webhook_events(webhook, now, leased_until).await
    }

    async fn finish_webhook_events(
        &self,
        results: &[(WebhookClaim, DeliveryResult)],
        now: Timestamp,
    ) -> Result<()> {
        self.check("finish_webhook_events")?;
        self.inner.finish_webhook_events(results, now).await
    }

    async fn webhook_facts(&self, event: &WebhookDelivery, now: Timestamp) -> Result<Option<WebhookFacts>> {
        self.check("webhook_facts")?;
        self.inner.webhook_facts(event, now).await
    }

    async fn webhook_deliveries(
        &self,
        webhook: i64,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>> {
        self.check("webhook_deliveries")?;
        self.inner.webhook_deliveries(webhook, before, limit).await
    }

    async fn resend_webhook_event(&self, id: i64, now: Timestamp, expires_at: Timestamp) -> Result<bool> {
        self.check("resend_webhook_event")?;
        self.inner.resend_webhook_event(id, now, expires_at).await
    }

    async fn sweep_webhook_events(&self, before: Timestamp) -> Result<u64> {
        self.check("sweep_webhook_events")?;
        self.inner.sweep_webhook_events(before).await
    }
}

delegate! { AdministrationStore {
    fn managed_people(after: UserId, limit: usize) -> Vec<ManagedPerson>;
    fn managed_person(id: UserId) -> Option<ManagedPerson>;
    fn managed_groups(after: ConversationId, limit: usize) -> Vec<ManagedGroup>;
    fn managed_group(id: ConversationId) -> Option<(ManagedGroup, Vec<(Person, Role)>)>;
} }

delegate! { ServiceKeyStore {
    fn add_service_key(new: &NewServiceKey, now: Timestamp) -> StoredServiceKey;
    fn service_keys() -> Vec<StoredServiceKey>;
    fn service_key(hash: TokenHash) -> Option<StoredServiceKey>;
    fn revoke_service_key(id: i64, now: Timestamp) -> bool;
    fn note_service_key_use(id: i64, now: Timestamp, unless_after: Timestamp) -> ();
} }

delegate! { IncomingWebhookStore {
    fn incoming_webhooks(user: UserId, id: ConversationId) -> Vec<IncomingWebhook>;
    fn incoming_webhook(token: TokenHash) -> Option<(Person, ConversationId)>;
} }

delegate! { SubjectStore {
    fn subject_conversations(key: &SubjectKey, after: ConversationId, limit: usize) -> Vec<SubjectConversation>;
    fn own_subject_conversation(user: UserId, key: &SubjectKey) -> Option<ConversationId>;
} }

delegate! { ModerationStore {
    fn role_in_product(user: UserId) -> Option<String>;
    fn moderated_list(filter: ModerationFilter<'_>, after: Option<ModerationPosition>, limit: usize) -> Vec<ModeratedEntry>;
    fn subject_of(id: ConversationId) -> Option<SubjectKey>;
    fn moderated_conversation(id: ConversationId) -> ModeratedConversation;
    fn moderated_page(id: ConversationId, before: Option<i64>, limit: usize) -> Page;
    fn moderation_access(moderator: UserId, id: ConversationId) -> Option<ModerationAccess>;
    fn give_moderation_access(moderator: UserId, id: ConversationId, reason: &str, now: Timestamp) -> ModerationAccess;
} }
