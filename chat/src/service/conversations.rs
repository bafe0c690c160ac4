//! Creating conversations, and removing members.

use super::{ChatService, Operation, unexpected};
use crate::audit::{AuditAction, AuditEvent};
use crate::entered_text::{LineError, one_line};
use crate::store::{NewConversation, Outcome, Write};
use crate::{Error, Result};
use protocol::{ClientId, Conversation, ConversationId, ErrorBody, ErrorCode, Person, UserId, limits};

impl ChatService {
    /// Creates a conversation with these people (usernames; the creator is implied), or finds the direct conversation. The
    /// flag tells whether it was created.
    pub async fn open_conversation(
        &self,
        creator: &Person,
        participants: &[String],
        title: Option<&str>,
    ) -> Result<(Conversation, bool)> {
        self.open_conversation_once(creator, participants, title, None).await
    }

    /// Like [`Self::open_conversation`]. A repeat of the request with the same `client_id` gives the same conversation; another
    /// request with it is refused with [`ErrorCode::IdConflict`].
    pub async fn open_conversation_once(
        &self,
        creator: &Person,
        participants: &[String],
        title: Option<&str>,
        client_id: Option<ClientId>,
    ) -> Result<(Conversation, bool)> {
        let title = one_line(title.unwrap_or_default(), limits::MAX_TITLE).map_err(refused_title)?;
        let title = Some(title).filter(|title| !title.is_empty());
        // One row for each member, in the tables and in the frames.
        self.charge_many(creator, Operation::Change, participants.len().max(1))?;
        let participants = self.participants(creator, participants).await?;
        let new = NewConversation { creator: creator.id, participants, title, client_id };
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
            if self.inner.store.account_by_name(unknown).await?.is_some_and(|account| account.suspended) {
                return Err(ErrorCode::Suspended.into());
            }
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
        self.charge(by, Operation::Change)?;
        let removed = self.inner.writer.write(Write::Remove { by: by.id, conversation, member }).await;
        if let Some(event) = AuditEvent::of(AuditAction::RemoveMember, &removed) {
            event.by(by.id).user(member).conversation(conversation).emit();
        }
        removed?;
        self.inner.typing.stop(conversation, member);
        Ok(())
    }
}

fn refused_title(error: LineError) -> Error {
    match error {
        LineError::TooLong => invalid(format!("A title has at most {} characters", limits::MAX_TITLE)),
        LineError::Marks => invalid("A title has at most 4 marks on one letter"),
        LineError::BeginsWithMark => invalid("A title cannot begin with a mark that belongs to a letter"),
        LineError::Invisible => invalid("A title is one line of text without invisible characters"),
    }
}

fn invalid(why: impl Into<String>) -> Error {
    ErrorBody::because(ErrorCode::Invalid, why).into()
}
