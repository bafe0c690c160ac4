//! Fixture: people and conversations in a store.

use crate::store::{
    AccountKind, GroupChange, GroupChanged, GroupWrite, Mark, NewAccount, NewConversation, NewMessage,
    Outcome, Store, Write,
};
use crate::{Error, Result};
use protocol::{
    AddableBy, ClientId, ConversationId, ErrorCode, Message, MessageId, SyncRequest, Timestamp, UserId,
    content_hash_input,
};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A store, and a clock that advances by a second at each reading.
pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    clock: AtomicI64,
}

/// A message as the service passes it to the store.
pub(crate) fn new_message(sender: UserId, conversation: ConversationId, content: &str) -> NewMessage {
    reply(sender, conversation, content, None)
}

/// A message that replies to another.
pub(crate) fn reply(
    sender: UserId,
    conversation: ConversationId,
    content: &str,
    reply_to: Option<MessageId>,
) -> NewMessage {
    let digest = Sha256::digest(content_hash_input(conversation, content, reply_to));
    NewMessage {
        sender,
        conversation,
        client_id: ClientId::mint(),
        hash: digest[..16].try_into().unwrap(),
        content: content.to_owned(),
        reply_to,
    }
}

/// A read receipt up to a message; `None`: the newest.
pub(crate) fn read(user: UserId, conversation: ConversationId, message: Option<MessageId>) -> Write {
    Write::Mark(Mark { user, conversation, message, read: true })
}

/// A delivery receipt up to a message; `None`: the newest.
pub(crate) fn delivered(user: UserId, conversation: ConversationId, message: Option<MessageId>) -> Write {
    Write::Mark(Mark { user, conversation, message, read: false })
}

/// The code of a refusal.
#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T>) -> ErrorCode {
    match result {
        Err(Error::Refused(body)) => body.code,
        other => panic!("not refused: {other:?}"),
    }
}

/// The message that was sent, and whether it is a repeat.
#[track_caller]
pub(crate) fn sent(outcome: Result<Outcome>) -> (Message, bool) {
    match outcome {
        Ok(Outcome::Sent { message, repeated, .. }) => (message, repeated),
        other => panic!("not sent: {other:?}"),
    }
}

impl World {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, clock: AtomicI64::new(1_700_000_000_000_000) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.clock.fetch_add(1_000_000, Ordering::SeqCst))
    }

    pub(crate) fn wait(&self, micros: i64) {
        self.clock.fetch_add(micros, Ordering::SeqCst);
    }

    pub(crate) async fn person(&self, username: &str) -> UserId {
        self.named(username, "", "").await
    }

    pub(crate) async fn named(&self, username: &str, first_name: &str, last_name: &str) -> UserId {
        let account = NewAccount {
            username: username.to_owned(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            password_hash: "hash".to_owned(),
            kind: AccountKind::Person,
            addable_by: AddableBy::Everyone,
            request_hash: None,
        };
        self.store.create_account(account, self.now()).await.unwrap().person.id
    }

    pub(crate) async fn three(&self) -> (UserId, UserId, UserId) {
        (self.person("ana").await, self.person("bo").await, self.person("cy").await)
    }

    pub(crate) async fn batch(&self, batch: Vec<Write>) -> Vec<Result<Outcome>> {
        self.store.commit(&batch, self.now()).await.unwrap()
    }

    pub(crate) async fn write(&self, write: Write) -> Result<Outcome> {
        let mut outcomes = self.batch(vec![write]).await;
        assert_eq!(outcomes.len(), 1);
        outcomes.remove(0)
    }

    pub(crate) async fn send(&self, sender: UserId, conversation: ConversationId, content: &str) -> Message {
        sent(self.write(Write::Send(new_message(sender, conversation, content))).await).0
    }

    /// Sends this number of messages in one batch.
    pub(crate) async fn send_many(
        &self,
        sender: UserId,
        conversation: ConversationId,
        count: usize,
    ) -> Vec<Message> {
        let batch = (0..count)
            .map(|n| Write::Send(new_message(sender, conversation, &format!("message {n}"))))
            .collect();
        self.batch(batch).await.into_iter().map(|outcome| sent(outcome).0).collect()
    }

    pub(crate) async fn create_conversation(&self, participants: &[UserId], title: Option<&str>) -> Outcome {
        let new = NewConversation {
            creator: participants[0],
            participants: participants.to_vec(),
            title: title.map(str::to_owned),
            client_id: None,
            invites: false,
        };
        self.write(Write::CreateConversation(new)).await.unwrap()
    }

    /// A conversation that all participants have in their lists, without a message.
    pub(crate) async fn conversation(&self, participants: &[UserId]) -> ConversationId {
        let id = self.opened(participants).await;
        if let [one, other] = participants {
            assert_eq!(self.opened(&[*other, *one]).await, id);
        }
        id
    }

    /// A conversation that only the first participant has in their list.
    pub(crate) async fn opened(&self, participants: &[UserId]) -> ConversationId {
        match self.create_conversation(participants, None).await {
            Outcome::ConversationCreated { id, .. } => id,
            other => panic!("not founded: {other:?}"),
        }
    }

    pub(crate) async fn group(&self, participants: &[UserId]) -> ConversationId {
        match self.create_conversation(participants, Some("A group")).await {
            Outcome::ConversationCreated { id, .. } => id,
            other => panic!("not founded: {other:?}"),
        }
    }

    pub(crate) async fn hide(
        &self,
        user: UserId,
        conversation: ConversationId,
        message: MessageId,
        hidden: bool,
    ) -> Result<Option<i64>> {
        match self.write(Write::Hide { user, conversation, message, hidden }).await? {
            Outcome::Hidden { user_rev } => Ok(user_rev),
            other => panic!("not hidden: {other:?}"),
        }
    }

    pub(crate) async fn delete(
        &self,
        user: UserId,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Option<Message>> {
        match self.write(Write::Delete { user, conversation, message }).await? {
            Outcome::Deleted { message } => Ok(message),
            other => panic!("not deleted: {other:?}"),
        }
    }

    pub(crate) async fn remove(
        &self,
        by: UserId,
        conversation: ConversationId,
        member: UserId,
    ) -> Result<(Message, protocol::Member, i64)> {
        match self.write(Write::remove(by, conversation, member)).await? {
            Outcome::GroupChanged(GroupChanged {
                mut messages,
                mut members,
                removed: Some((_, user_rev)),
                ..
            }) => Ok((messages.remove(0), members.remove(0), user_rev)),
            other => panic!("not removed: {other:?}"),
        }
    }

    pub(crate) async fn change_group(
        &self,
        by: UserId,
        conversation: ConversationId,
        change: GroupChange,
    ) -> Result<GroupChanged> {
        let write = GroupWrite { by, conversation, change, client_id: None };
        match self.write(Write::Group(write)).await? {
            Outcome::GroupChanged(changed) => Ok(changed),
            other => panic!("no change of a group: {other:?}"),
        }
    }

    pub(crate) async fn user_rev(&self, user: UserId) -> i64 {
        self.store.sync(user, &SyncRequest::default()).await.unwrap().user_rev
    }

    /// Everything that can be read of these people and conversations. Equal dumps mean that nothing changed in between.
    pub(crate) async fn dump(&self, people: &[UserId], conversations: &[ConversationId]) -> String {
        let mut dump = String::new();
        writeln!(dump, "{:?}", self.store.counters(conversations).await.unwrap()).unwrap();
        for &person in people {
            let request = SyncRequest { user_rev: 0, list: true, ..SyncRequest::default() };
            writeln!(dump, "{:?}", self.store.sync(person, &request).await.unwrap()).unwrap();
            for &id in conversations {
                writeln!(dump, "{:?}", self.store.page(person, id, None, 1_000).await).unwrap();
                writeln!(dump, "{:?}", self.store.conversation(person, id).await).unwrap();
            }
        }
        dump
    }
}
