//! A store whose methods fail on request.

use crate::lock::lock;
use crate::store::{
    Account, AccountStore, NewAccount, Outcome, Profile, Revocation, Sqlite, Store, StoredSignIn, SyncRows,
    TokenSwap, UserCounters, Write,
};
use crate::{Error, Result};
use async_trait::async_trait;
use protocol::{
    Changes, ClientId, Conversation, ConversationId, ErrorCode, ListPage, ListPosition, Message, MessageId,
    MessageReceipt, Page, Person, Preferences, ServerFrame, SyncRequest, Timestamp, UserId,
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
    fn conversation(user: UserId, id: ConversationId) -> Conversation;
    fn conversations(user: UserId) -> Vec<Conversation>;
    fn list_page(user: UserId, after: ListPosition) -> ListPage;
    fn conversation_page(user: UserId, after: Option<ListPosition>, limit: usize) -> (Vec<Conversation>, Option<ListPosition>);
    fn changes(user: UserId, id: ConversationId, after: i64) -> Changes;
    fn page(user: UserId, id: ConversationId, before: Option<i64>, limit: usize) -> Page;
    fn page_after(user: UserId, id: ConversationId, after: i64, limit: usize) -> Page;
    fn sent(sender: UserId, client_id: ClientId) -> Option<(Message, [u8; 16])>;
    fn member_ids(id: ConversationId) -> Vec<UserId>;
    fn is_member(user: UserId, id: ConversationId) -> bool;
    fn contacts(user: UserId) -> Vec<(Person, Option<Timestamp>)>;
    fn receipts(user: UserId, id: ConversationId, message: MessageId) -> Vec<MessageReceipt>;
    fn sweep_receipts(before: Timestamp) -> u64;
    fn counters(ids: &[ConversationId]) -> Vec<(ConversationId, i64)>;
    fn user_revs(users: &[UserId]) -> Vec<(UserId, i64)>;
    fn shared(name: &str, fresh: &str) -> String;
    fn frames_after(id: ConversationId, after: i64) -> Vec<ServerFrame>;
    fn people(user: UserId, query: &str, limit: usize) -> Vec<Person>;
    fn seen(users: &[UserId], now: Timestamp) -> ();
    fn ready() -> ();
    fn scrub() -> ();
    fn close() -> ();
} }

delegate! { AccountStore {
    fn create_account(account: NewAccount, now: Timestamp) -> Account;
    fn has_accounts() -> bool;
    fn account(id: UserId) -> Option<Account>;
    fn account_by_name(username: &str) -> Option<Account>;
    fn accounts_by_name(usernames: &[String]) -> Vec<Account>;
    fn set_profile(id: UserId, profile: &Profile) -> Account;
    fn set_preferences(id: UserId, preferences: &Preferences) -> ();
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
