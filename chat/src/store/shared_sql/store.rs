//! The traits, implemented by the functions of the other modules.

use super::connections::{read, snapshot, transaction};
use super::{
    Backend, accounts, administration, changes, commit, counters, delete_account, erasure, export, external,
    history, import, incoming_webhooks, invitation_links, invitations, list, list_pages, moderation,
    notifications, people, push, push_claims, push_sweep, receipts, request, rest, service_keys, sign_ins,
    subjects, sync, webhooks,
};
use crate::Result;
use crate::store::{
    Account, AccountStore, AdministrationStore, DeliveryRecord, DeliveryResult, ExportReader,
    ExternalIdentity, ExternalIdentityStore, ExternalSignIn, HandOver, ImportOutcome, ImportRow,
    IncomingWebhookStore, InvitationStore, LinkPreview, ManagedGroup, ManagedPerson, ModeratedConversation,
    ModeratedEntry, ModerationAccess, ModerationFilter, ModerationPosition, ModerationStore, NewAccount,
    NewPushSubscription, NewServiceKey, NewWebhook, Outcome, ProfileChange, PushCandidate, PushClaim,
    PushResult, PushStore, PushSubscription, Revocation, ServiceKeyStore, Store, StoredServiceKey,
    StoredSignIn, SubjectConversation, SubjectKey, SubjectStore, SyncRows, TokenHash, TokenSwap, Transfer,
    UnpushedPeople, UserCounters, Webhook, WebhookClaim, WebhookDelivery, WebhookFacts, WebhookStore,
    WebhookSwitch, Write,
};
use async_trait::async_trait;
use protocol::{
    Changes, ClientId, Conversation, ConversationId, IncomingWebhook, Invitation, InvitationId,
    InvitationLink, ListFilter, ListPage, ListPosition, Message, MessageId, MessageReceipt, NotificationId,
    NotificationPage, Page, Person, Role, ServerFrame, SyncRequest, Timestamp, UserId,
};

#[async_trait]
impl Store for Backend {
    async fn commit(&self, batch: &[Write], now: Timestamp) -> Result<Vec<Result<Outcome>>> {
        commit::commit(self, batch, now).await
    }

    async fn user_counters(&self, user: UserId) -> Result<UserCounters> {
        read!(self, c => counters::user_counters(c, user))
    }

    async fn sync(&self, user: UserId, request: &SyncRequest) -> Result<SyncRows> {
        snapshot!(self, c => sync::rows(c, user, request, true))
    }

    async fn sync_once(&self, user: UserId, request: &SyncRequest) -> Result<SyncRows> {
        snapshot!(self, c => sync::rows(c, user, request, false))
    }

    async fn conversation(&self, user: UserId, id: ConversationId) -> Result<Conversation> {
        snapshot!(self, c => list::one(c, user, id))
    }

    async fn conversation_page(
        &self,
        user: UserId,
        filter: Option<ListFilter>,
        subject_kind: Option<&str>,
        after: Option<ListPosition>,
        limit: usize,
    ) -> Result<(Vec<Conversation>, Option<ListPosition>)> {
        snapshot!(self, c => list_pages::page(c, user, (filter, subject_kind), after, limit, &[]))
    }

    async fn list_page(
        &self,
        user: UserId,
        filter: Option<ListFilter>,
        subject_kind: Option<String>,
        after: Option<ListPosition>,
    ) -> Result<ListPage> {
        snapshot!(self, c => list_pages::page_after(c, user, filter, subject_kind.clone(), after))
    }

    async fn conversations(&self, user: UserId) -> Result<Vec<Conversation>> {
        snapshot!(self, c => list::all(c, user))
    }

    async fn changes(&self, user: UserId, id: ConversationId, after: i64) -> Result<Changes> {
        snapshot!(self, c => changes::after(c, user, id, after))
    }

    async fn page(
        &self,
        user: UserId,
        id: ConversationId,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Page> {
        snapshot!(self, c => history::page(c, user, id, before, limit))
    }

    async fn page_after(&self, user: UserId, id: ConversationId, after: i64, limit: usize) -> Result<Page> {
        snapshot!(self, c => history::page_after(c, user, id, after, limit))
    }

    async fn sent(&self, sender: UserId, client_id: ClientId) -> Result<Option<(Message, [u8; 16])>> {
        read!(self, c => history::sent(c, sender, client_id))
    }

    async fn member_ids(&self, id: ConversationId) -> Result<Vec<UserId>> {
        read!(self, c => history::member_ids(c, id))
    }

    async fn is_member(&self, user: UserId, id: ConversationId) -> Result<bool> {
        read!(self, c => history::is_member(c, user, id))
    }

    async fn shows_typing(&self, user: UserId, id: ConversationId) -> Result<Option<bool>> {
        read!(self, c => history::shows_typing(c, user, id))
    }

    async fn contacts(&self, user: UserId) -> Result<Vec<(Person, Option<Timestamp>)>> {
        read!(self, c => people::contacts(c, user))
    }

    async fn last_seen(&self, users: &[UserId]) -> Result<Vec<(UserId, Timestamp)>> {
        read!(self, c => people::last_seen(c, users))
    }

    async fn receipts(
        &self,
        user: UserId,
        id: ConversationId,
        message: MessageId,
    ) -> Result<Vec<MessageReceipt>> {
        snapshot!(self, c => receipts::of(c, user, id, message))
    }

    async fn sweep_receipts(&self, before: Timestamp) -> Result<u64> {
        receipts::sweep(self, before).await
    }

    async fn notifications(
        &self,
        user: UserId,
        cursor: Option<NotificationId>,
        limit: usize,
    ) -> Result<NotificationPage> {
        snapshot!(self, c => notifications::page(c, user, cursor, limit))
    }

    async fn sweep_notifications(&self, before: Timestamp) -> Result<u64> {
        notifications::sweep(self, before).await
    }

    async fn rest(&self, user: UserId, most_awake: usize, newest: usize) -> Result<u64> {
        rest::rest(self, user, most_awake, newest).await
    }

    async fn sweep_requests(&self, before: Timestamp) -> Result<u64> {
        request::sweep(self, before).await
    }

    async fn counters(&self, ids: &[ConversationId]) -> Result<Vec<(ConversationId, i64)>> {
        read!(self, c => counters::of(c, ids))
    }

    async fn user_revs(&self, users: &[UserId]) -> Result<Vec<(UserId, i64)>> {
        read!(self, c => counters::of_people(c, users))
    }

    async fn shared(&self, name: &str, fresh: &str) -> Result<String> {
        transaction!(self, c => counters::shared(c, name, fresh))
    }

    async fn frames_after(&self, id: ConversationId, after: i64) -> Result<Vec<ServerFrame>> {
        snapshot!(self, c => changes::frames(c, id, after))
    }

    async fn people(&self, user: UserId, query: &str, limit: usize) -> Result<Vec<Person>> {
        read!(self, c => people::find(c, user, query, limit))
    }

    async fn seen(&self, users: &[UserId], now: Timestamp) -> Result<()> {
        transaction!(self, c => people::seen(c, users, now))
    }

    async fn command_changes(&self) -> Result<i64> {
        read!(self, c => counters::command_changes(c))
    }

    async fn count_command_change(&self) -> Result<()> {
        counters::count_command_change(self).await
    }

    async fn ready(&self) -> Result<()> {
        read!(self, c => accounts::are_there(c)).map(|_| ())
    }

    async fn clear_unused_space(&self) -> Result<()> {
        erasure::clear_unused_space(self).await
    }

    async fn scrub(&self) -> Result<()> {
        Ok(erasure::scrub(self).await?)
    }

    async fn close(&self) -> Result<()> {
        erasure::close(self).await;
        Ok(())
    }
}

#[async_trait]
impl InvitationStore for Backend {
    async fn invitations(&self, user: UserId) -> Result<Vec<Invitation>> {
        read!(self, c => invitations::of(c, user))
    }

    async fn invitation_group(&self, user: UserId, id: InvitationId) -> Result<Option<ConversationId>> {
        read!(self, c => invitations::group_of(c, user, id))
    }

    async fn invitations_before(&self, before: Timestamp) -> Result<Vec<(UserId, InvitationId)>> {
        read!(self, c => invitations::before(c, before))
    }

    async fn links(&self, user: UserId, id: ConversationId, now: Timestamp) -> Result<Vec<InvitationLink>> {
        snapshot!(self, c => invitation_links::of(c, user, id, now))
    }

    async fn link_preview(&self, user: UserId, token: TokenHash, now: Timestamp) -> Result<LinkPreview> {
        read!(self, c => invitation_links::preview(c, user, token, now))
    }

    async fn sweep_links(&self, before: Timestamp) -> Result<u64> {
        invitation_links::sweep(self, before).await
    }
}

#[async_trait]
impl AccountStore for Backend {
    async fn create_account(&self, account: NewAccount, now: Timestamp) -> Result<Account> {
        accounts::create(self, &account, now).await
    }

    async fn has_accounts(&self) -> Result<bool> {
        read!(self, c => accounts::are_there(c))
    }

    async fn account(&self, id: UserId) -> Result<Option<Account>> {
        read!(self, c => accounts::by_id(c, id))
    }

    async fn account_by_name(&self, username: &str) -> Result<Option<Account>> {
        read!(self, c => accounts::by_name(c, username))
    }

    async fn registered_account(
        &self,
        username: &str,
        request_hash: [u8; 32],
        since: Timestamp,
    ) -> Result<Option<Account>> {
        read!(self, c => accounts::registered(c, username, request_hash, since))
    }

    async fn accounts_by_name(&self, usernames: &[String]) -> Result<Vec<Account>> {
        read!(self, c => accounts::by_names(c, usernames))
    }

    async fn change_profile(&self, id: UserId, change: &ProfileChange) -> Result<Account> {
        accounts::change_profile(self, id, change).await
    }

    async fn set_password(
        &self,
        id: UserId,
        hash: &str,
        keep: Option<&str>,
        now: Timestamp,
    ) -> Result<Account> {
        accounts::set_password(self, id, hash, keep, now).await
    }

    async fn renew_password_hash(&self, id: UserId, old: &str, new: &str) -> Result<()> {
        accounts::renew_password_hash(self, id, old, new).await
    }

    async fn end_other_sign_ins(&self, id: UserId, keep: &str, now: Timestamp) -> Result<()> {
        accounts::end_other_sign_ins(self, id, keep, now).await
    }

    async fn revoke_all(&self, id: UserId, now: Timestamp) -> Result<()> {
        accounts::revoke_all(self, id, now).await
    }

    async fn suspend(&self, id: UserId, suspended: bool, now: Timestamp) -> Result<()> {
        accounts::suspend(self, id, suspended, now).await
    }

    async fn temporary_accounts(&self) -> Result<Vec<(Person, Timestamp)>> {
        read!(self, c => accounts::temporary(c))
    }

    async fn unlock(&self, id: UserId) -> Result<()> {
        accounts::unlock(self, id).await
    }

    async fn suspended(&self) -> Result<Vec<UserId>> {
        read!(self, c => accounts::suspended(c))
    }

    async fn delete_account(&self, id: UserId) -> Result<()> {
        delete_account::account(self, id).await
    }

    async fn create_sign_in(&self, session: StoredSignIn) -> Result<()> {
        sign_ins::create(self, &session).await
    }

    async fn update_sign_in(&self, session: StoredSignIn) -> Result<bool> {
        sign_ins::update(self, &session).await
    }

    async fn sign_in(&self, id: &str, now: Timestamp) -> Result<Option<StoredSignIn>> {
        read!(self, c => sign_ins::get_one(c, id, now))
    }

    async fn signed_in(&self, id: &str, user: UserId, now: Timestamp) -> Result<Option<Account>> {
        read!(self, c => accounts::signed_in(c, id, user, now))
    }

    async fn sign_ins_of(&self, user: UserId, now: Timestamp) -> Result<Vec<StoredSignIn>> {
        read!(self, c => sign_ins::of(c, user, now))
    }

    async fn swap_sign_in(
        &self,
        id: &str,
        from: &str,
        to: &str,
        expires_at: Timestamp,
        now: Timestamp,
        repeat_after: Timestamp,
    ) -> Result<TokenSwap> {
        sign_ins::swap(self, id, [from, to], expires_at, now, repeat_after).await
    }

    async fn confirm_sign_in(&self, id: &str, current: &str) -> Result<()> {
        if read!(self, c => sign_ins::is_unconfirmed(c, id, current))? {
            sign_ins::confirm(self, id, current).await?;
        }
        Ok(())
    }

    async fn end_sign_in(&self, id: &str, now: Timestamp) -> Result<()> {
        sign_ins::end_one(self, id, now).await
    }

    async fn delete_expired_sign_ins(&self, now: Timestamp) -> Result<u64> {
        sign_ins::sweep(self, now).await
    }

    async fn revocations(&self, after: i64) -> Result<Vec<Revocation>> {
        read!(self, c => sign_ins::revocations(c, after))
    }

    async fn last_revocation(&self) -> Result<i64> {
        read!(self, c => sign_ins::last_revocation(c))
    }
}

#[async_trait]
impl Transfer for Backend {
    async fn import(&self, rows: &[ImportRow], now: Timestamp) -> Result<ImportOutcome> {
        import::import(self, rows, now).await
    }

    async fn export(&self, only: Option<ConversationId>) -> Result<Box<dyn ExportReader>> {
        export::begin(self, only).await
    }
}

#[async_trait]
impl ExternalIdentityStore for Backend {
    async fn external_account(&self, identity: &ExternalIdentity, token: HandOver) -> Result<ExternalSignIn> {
        external::find(self, identity, token).await
    }

    async fn account_of_identity(&self, issuer: &str, subject: &str) -> Result<Option<Account>> {
        read!(self, c => external::account(c, issuer, subject))
    }

    async fn create_external_account(
        &self,
        identity: &ExternalIdentity,
        account: NewAccount,
        token: Option<HandOver>,
        now: Timestamp,
    ) -> Result<ExternalSignIn> {
        external::create(self, identity, &account, token, now).await
    }

    async fn sweep_used_tokens(&self, now: Timestamp) -> Result<u64> {
        external::sweep(self, now).await
    }
}

#[async_trait]
impl PushStore for Backend {
    async fn add_push_subscription(&self, new: &NewPushSubscription, now: Timestamp) -> Result<bool> {
        push::add(self, new, now).await
    }

    async fn remove_push_subscription(&self, user: UserId, endpoint: &str) -> Result<()> {
        push::remove(self, user, endpoint).await
    }

    async fn drop_push_subscriptions(&self, ids: &[i64]) -> Result<()> {
        push::drop_some(self, ids).await
    }

    async fn push_subscriptions(&self, user: UserId, now: Timestamp) -> Result<Vec<PushSubscription>> {
        read!(self, c => push::of(c, user, now))
    }

    async fn people_with_push(&self, among: Option<&[ConversationId]>) -> Result<Vec<UserId>> {
        read!(self, c => push::people(c, among))
    }

    async fn set_pushed(&self, progress: &[(Timestamp, Vec<i64>)]) -> Result<()> {
        push_claims::set_pushed(self, progress).await
    }

    async fn claim_push_subscriptions(
        &self,
        ids: &[i64],
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Vec<PushClaim>> {
        push_claims::claim(self, ids, now, leased_until).await
    }

    async fn finish_pushes(&self, results: &[PushResult]) -> Result<()> {
        push_claims::finish(self, results).await
    }

    async fn last_message(&self) -> Result<i64> {
        read!(self, c => push_sweep::last(c))
    }

    async fn unpushed_people(&self, after: i64, until: Timestamp) -> Result<UnpushedPeople> {
        snapshot!(self, c => push_sweep::people(c, after, until))
    }

    async fn push_candidates(
        &self,
        user: UserId,
        after: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<PushCandidate>> {
        snapshot!(self, c => push::candidates(c, user, after, until))
    }
}

#[async_trait]
impl WebhookStore for Backend {
    fn webhook_switch(&self) -> &WebhookSwitch {
        &self.webhooks
    }

    async fn add_webhook(&self, new: &NewWebhook, now: Timestamp) -> Result<Webhook> {
        webhooks::add(self, new, now).await
    }

    async fn webhooks(&self) -> Result<Vec<Webhook>> {
        read!(self, c => webhooks::all(c))
    }

    async fn remove_webhook(&self, id: i64) -> Result<bool> {
        webhooks::remove(self, id).await
    }

    async fn claim_webhook_events(
        &self,
        webhook: i64,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Vec<Vec<WebhookDelivery>>> {
        webhooks::claim(self, webhook, now, leased_until).await
    }

    async fn finish_webhook_events(
        &self,
        results: &[(WebhookClaim, DeliveryResult)],
        now: Timestamp,
    ) -> Result<()> {
        webhooks::finish(self, results, now).await
    }

    async fn webhook_facts(&self, event: &WebhookDelivery, now: Timestamp) -> Result<Option<WebhookFacts>> {
        snapshot!(self, c => webhooks::facts(c, event, now))
    }

    async fn webhook_deliveries(
        &self,
        webhook: i64,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>> {
        read!(self, c => webhooks::page(c, webhook, before, limit))
    }

    async fn resend_webhook_event(&self, id: i64, now: Timestamp, expires_at: Timestamp) -> Result<bool> {
        webhooks::resend(self, id, now, expires_at).await
    }

    async fn sweep_webhook_events(&self, before: Timestamp) -> Result<u64> {
        webhooks::sweep(self, before).await
    }
}

#[async_trait]
impl AdministrationStore for Backend {
    async fn managed_people(&self, after: UserId, limit: usize) -> Result<Vec<ManagedPerson>> {
        read!(self, c => administration::people(c, after, limit))
    }

    async fn managed_person(&self, id: UserId) -> Result<Option<ManagedPerson>> {
        read!(self, c => administration::one_person(c, id))
    }

    async fn managed_groups(&self, after: ConversationId, limit: usize) -> Result<Vec<ManagedGroup>> {
        read!(self, c => administration::groups(c, after, limit))
    }

    async fn managed_group(&self, id: ConversationId) -> Result<Option<(ManagedGroup, Vec<(Person, Role)>)>> {
        read!(self, c => administration::one_group(c, id))
    }
}

#[async_trait]
impl ServiceKeyStore for Backend {
    async fn add_service_key(&self, new: &NewServiceKey, now: Timestamp) -> Result<StoredServiceKey> {
        service_keys::add(self, new, now).await
    }

    async fn service_keys(&self) -> Result<Vec<StoredServiceKey>> {
        read!(self, c => service_keys::all(c))
    }

    async fn service_key(&self, hash: TokenHash) -> Result<Option<StoredServiceKey>> {
        read!(self, c => service_keys::by_hash(c, hash))
    }

    async fn revoke_service_key(&self, id: i64, now: Timestamp) -> Result<bool> {
        service_keys::revoke(self, id, now).await
    }

    async fn note_service_key_use(&self, id: i64, now: Timestamp, unless_after: Timestamp) -> Result<()> {
        service_keys::note_use(self, id, now, unless_after).await
    }
}

#[async_trait]
impl IncomingWebhookStore for Backend {
    async fn incoming_webhooks(&self, user: UserId, id: ConversationId) -> Result<Vec<IncomingWebhook>> {
        snapshot!(self, c => incoming_webhooks::of(c, user, id))
    }

    async fn incoming_webhook(&self, token: TokenHash) -> Result<Option<(Person, ConversationId)>> {
        read!(self, c => incoming_webhooks::by_token(c, token))
    }
}

#[async_trait]
impl SubjectStore for Backend {
    async fn subject_conversations(
        &self,
        key: &SubjectKey,
        after: ConversationId,
        limit: usize,
    ) -> Result<Vec<SubjectConversation>> {
        snapshot!(self, c => subjects::of(c, key, after, limit))
    }

    async fn own_subject_conversation(
        &self,
        user: UserId,
        key: &SubjectKey,
    ) -> Result<Option<ConversationId>> {
        read!(self, c => subjects::own(c, user, key))
    }
}

#[async_trait]
impl ModerationStore for Backend {
    async fn role_in_product(&self, user: UserId) -> Result<Option<String>> {
        read!(self, c => moderation::role(c, user))
    }

    async fn moderated_list(
        &self,
        filter: ModerationFilter<'_>,
        after: Option<ModerationPosition>,
        limit: usize,
    ) -> Result<Vec<ModeratedEntry>> {
        snapshot!(self, c => moderation::list(c, filter, after, limit))
    }

    async fn subject_of(&self, id: ConversationId) -> Result<Option<SubjectKey>> {
        read!(self, c => moderation::subject_of(c, id))
    }

    async fn moderated_conversation(&self, id: ConversationId) -> Result<ModeratedConversation> {
        snapshot!(self, c => moderation::conversation(c, id))
    }

    async fn moderated_page(&self, id: ConversationId, before: Option<i64>, limit: usize) -> Result<Page> {
        snapshot!(self, c => moderation::page(c, id, before, limit))
    }

    async fn moderation_access(
        &self,
        moderator: UserId,
        id: ConversationId,
    ) -> Result<Option<ModerationAccess>> {
        read!(self, c => moderation::access(c, moderator, id))
    }

    async fn give_moderation_access(
        &self,
        moderator: UserId,
        id: ConversationId,
        reason: &str,
        now: Timestamp,
    ) -> Result<ModerationAccess> {
        moderation::give_access(self, moderator, id, reason, now).await
    }
}
