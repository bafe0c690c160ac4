//! Operations that write.

use super::{ChatService, Sent};
use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::metrics;
use crate::store::{Mark, NewConversation, NewMessage, Outcome, Write, content_hash};
use crate::{Error, Result};
use protocol::{
    ClientId, Conversation, ConversationId, DeleteFor, ErrorBody, ErrorCode, MessageId, Person, UserId,
    limits,
};

impl ChatService {
    /// Sends a message: normalises it, checks the rate limit, and waits until it is durable. Without a `client_id`, one is
    /// generated.
    pub async fn send(
        &self,
        sender: &Person,
        conversation: ConversationId,
        content: &str,
        client_id: Option<ClientId>,
        reply_to: Option<MessageId>,
    ) -> Result<Sent> {
        let sent = self.sent(sender, conversation, content, client_id, reply_to).await;
        let ended = match &sent {
            Ok(Sent { repeated: false, .. }) => &metrics::MESSAGES_SENT,
            Ok(Sent { repeated: true, .. }) => &metrics::MESSAGES_REPEATED,
            Err(Error::Refused(_)) => &metrics::MESSAGES_REFUSED,
            Err(_) => &metrics::MESSAGES_FAILED,
        };
        ended.increment(1);
        sent
    }

    async fn sent(
        &self,
        sender: &Person,
        conversation: ConversationId,
        content: &str,
        client_id: Option<ClientId>,
        reply_to: Option<MessageId>,
    ) -> Result<Sent> {
        let content = protocol::normalise(content).map_err(|error| Error::from(error.code()))?;
        let hash = content_hash(conversation, &content, reply_to);
        let flight = client_id.map(|client_id| self.inner.in_flight.begin(sender.id, client_id));
        let repeats = flight.as_ref().is_some_and(|flight| flight.repeats);
        // A repeat costs no token. Without a token left, only repeats are accepted: stored ones, or ones in flight.
        if !repeats && let Err(retry_after) = self.inner.send_limit.take(sender.id) {
            let before = match client_id {
                Some(client_id) => self.inner.store.sent(sender.id, client_id).await?,
                None => None,
            };
            return match before {
                Some((message, same)) if same == hash => Ok(Sent { message, repeated: true }),
                Some(_) => Err(ErrorCode::IdConflict.into()),
                None => {
                    metrics::LIMITED_MESSAGES.increment(1);
                    AuditEvent::new(AuditAction::Send, AuditOutcome::Throttled)
                        .by(sender.id)
                        .conversation(conversation)
                        .emit();
                    Err(ErrorBody::rate_limited(retry_after).into())
                }
            };
        }
        let refund = || {
            if !repeats {
                self.inner.send_limit.refund(sender.id);
            }
        };
        let client_id = client_id.unwrap_or_else(ClientId::mint);
        let message = NewMessage { sender: sender.id, conversation, client_id, hash, content, reply_to };
        match self.inner.writer.write(Write::Send(message)).await {
            Ok(Outcome::Sent { message, repeated, .. }) => {
                if repeated {
                    refund();
                } else {
                    self.inner.typing.stop(conversation, sender.id);
                }
                Ok(Sent { message, repeated })
            }
            Ok(other) => Err(unexpected(&other)),
            Err(error) => {
                if !matches!(error, Error::Refused(_)) {
                    refund();
                }
                Err(error)
            }
        }
    }

    /// Marks messages as read up to this one (`None`: all).
    pub async fn mark_read(
        &self,
        user: &Person,
        conversation: ConversationId,
        up_to: Option<MessageId>,
    ) -> Result<()> {
        self.mark(Mark { user: user.id, conversation, message: up_to, read: true }).await
    }

    /// Marks messages as delivered up to this one (`None`: all).
    pub async fn mark_delivered(
        &self,
        user: &Person,
        conversation: ConversationId,
        up_to: Option<MessageId>,
    ) -> Result<()> {
        self.mark(Mark { user: user.id, conversation, message: up_to, read: false }).await
    }

    async fn mark(&self, mark: Mark) -> Result<()> {
        self.inner.writer.write(Write::Mark(mark)).await.map(drop)
    }

    /// Deletes a message for this person or for everyone.
    pub async fn delete(
        &self,
        user: &Person,
        conversation: ConversationId,
        message: MessageId,
        audience: DeleteFor,
    ) -> Result<()> {
        let user = user.id;
        let write = match audience {
            DeleteFor::Me => Write::Hide { user, conversation, message, hidden: true },
            DeleteFor::Everyone => Write::Delete { user, conversation, message },
        };
        let deleted = self.inner.writer.write(write).await.map(drop);
        if let (DeleteFor::Everyone, Some(event)) =
            (audience, AuditEvent::of(AuditAction::DeleteForEveryone, &deleted))
        {
            event.by(user).conversation(conversation).message(message).emit();
        }
        deleted
    }

    /// Restores a message that this person deleted for themselves.
    pub async fn restore(
        &self,
        user: &Person,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<()> {
        let write = Write::Hide { user: user.id, conversation, message, hidden: false };
        self.inner.writer.write(write).await.map(drop)
    }

    /// Sets whether a person is typing. Refused if the person is not a member.
    pub async fn typing(&self, user: &Person, conversation: ConversationId, is_typing: bool) -> Result<()> {
        self.typing_from(0, user, conversation, is_typing).await
    }

    /// Like [`Self::typing`], for a connection: its typing ends with it.
    pub(crate) async fn typing_from(
        &self,
        connection: u64,
        user: &Person,
        conversation: ConversationId,
        is_typing: bool,
    ) -> Result<()> {
        if !self.inner.typing.knows(conversation, user.id) {
            let members = self.inner.store.member_ids(conversation).await?;
            if !members.contains(&user.id) {
                return Err(Error::not_found());
            }
        }
        self.inner.typing.set(conversation, user, connection, is_typing);
        Ok(())
    }

    /// Creates a conversation with these people (usernames; the creator is implied), or finds the direct conversation. The
    /// flag tells whether it was created.
    pub async fn open_conversation(
        &self,
        creator: &Person,
        participants: &[String],
        title: Option<&str>,
    ) -> Result<(Conversation, bool)> {
        let title = title.map(str::trim).filter(|title| !title.is_empty());
        if title.is_some_and(|title| title.chars().count() > limits::MAX_TITLE) {
            return Err(invalid(format!("A title has at most {} characters", limits::MAX_TITLE)));
        }
        if title.is_some_and(|title| title.chars().any(char::is_control)) {
            return Err(invalid("A title is one line of text"));
        }
        let participants = self.participants(creator, participants).await?;
        let title = title.map(str::to_owned);
        let new = NewConversation { creator: creator.id, participants, title };
        match self.inner.writer.write(Write::CreateConversation(new)).await? {
            Outcome::ConversationCreated { id, created, .. } => {
                Ok((self.inner.store.conversation(creator.id, id).await?, created))
            }
            other => Err(unexpected(&other)),
        }
    }

    /// The ids of the creator and these others, each once.
    async fn participants(&self, creator: &Person, names: &[String]) -> Result<Vec<UserId>> {
        if names.len() > limits::MAX_PARTICIPANTS {
            return Err(invalid(format!("At most {} people at once", limits::MAX_PARTICIPANTS)));
        }
        let names: Vec<_> = names.iter().map(|name| name.trim().to_owned()).collect();
        let accounts = self.inner.store.accounts_by_name(&names).await?;
        let folded = |name: &str| name.to_lowercase();
        let known: std::collections::HashSet<_> =
            accounts.iter().map(|account| folded(&account.person.username)).collect();
        if let Some(unknown) = names.iter().find(|name| !known.contains(&folded(name))) {
            let shown: String = unknown.chars().take(*limits::USERNAME.end()).collect();
            return Err(invalid(format!("There is nobody named {shown}")));
        }
        let mut ids = vec![creator.id];
        for account in accounts {
            if !ids.contains(&account.person.id) {
                ids.push(account.person.id);
            }
        }
        match ids.len() {
            1 => Err(invalid("A conversation needs somebody else")),
            n if n > limits::MAX_PARTICIPANTS => {
                Err(invalid(format!("At most {} people at once", limits::MAX_PARTICIPANTS)))
            }
            _ => Ok(ids),
        }
    }

    /// Removes a member, or leaves if `member` is the person itself.
    pub async fn remove_member(
        &self,
        by: &Person,
        conversation: ConversationId,
        member: UserId,
    ) -> Result<()> {
        let removed = self.inner.writer.write(Write::Remove { by: by.id, conversation, member }).await;
        if let Some(event) = AuditEvent::of(AuditAction::RemoveMember, &removed) {
            event.by(by.id).user(member).conversation(conversation).emit();
        }
        removed?;
        self.inner.typing.stop(conversation, member);
        Ok(())
    }
}

fn invalid(why: impl Into<String>) -> Error {
    ErrorBody::because(ErrorCode::Invalid, why).into()
}

fn unexpected(outcome: &Outcome) -> Error {
    // Not the outcome itself: it may contain a message, and this error is logged.
    let kind = std::mem::discriminant(outcome);
    Error::Internal(format!("another outcome than the write's: {kind:?}"))
}
