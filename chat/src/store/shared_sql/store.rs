//! The traits, implemented by the functions of the other modules.

use super::connections::{read, snapshot, transaction};
use super::{
    Backend, accounts, changes, commit, counters, erase, erasure, list, people, read as history, receipts,
    sign_ins, sync,
};
use crate::Result;
use crate::store::{
    Account, AccountStore, NewAccount, Outcome, Profile, Revocation, Store, StoredSignIn, SyncRows,
    TokenSwap, UserCounters, Write,
};
use async_trait::async_trait;
use protocol::{
    Changes, ClientId, Conversation, ConversationId, ListPage, ListPosition, Message, MessageId,
    MessageReceipt, Page, Person, Preferences, ServerFrame, SyncRequest, Timestamp, UserId,
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
        snapshot!(self, c => sync::rows(c, user, request))
    }

    async fn conversation(&self, user: UserId, id: ConversationId) -> Result<Conversation> {
        snapshot!(self, c => list::one(c, user, id))
    }

    async fn conversation_page(
        &self,
        user: UserId,
        after: Option<ListPosition>,
        limit: usize,
    ) -> Result<(Vec<Conversation>, Option<ListPosition>)> {
        snapshot!(self, c => list::page(c, user, after, limit, &[]))
    }

    async fn list_page(&self, user: UserId, after: ListPosition) -> Result<ListPage> {
        snapshot!(self, c => list::page_after(c, user, after))
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

    async fn contacts(&self, user: UserId) -> Result<Vec<(Person, Option<Timestamp>)>> {
        read!(self, c => people::contacts(c, user))
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

    async fn ready(&self) -> Result<()> {
        read!(self, c => accounts::are_there(c)).map(|_| ())
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

    async fn accounts_by_name(&self, usernames: &[String]) -> Result<Vec<Account>> {
        read!(self, c => accounts::by_names(c, usernames))
    }

    async fn set_profile(&self, id: UserId, profile: &Profile) -> Result<Account> {
        accounts::set_profile(self, id, profile).await
    }

    async fn set_preferences(&self, id: UserId, preferences: &Preferences) -> Result<()> {
        accounts::set_preferences(self, id, preferences).await
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
        erase::account(self, id).await
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
