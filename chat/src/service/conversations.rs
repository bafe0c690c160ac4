//! Creating conversations.

use super::{ChatService, Operation, unexpected};
use crate::entered_text::{LineError, one_line};
use crate::store::{NewConversation, Outcome, Write};
use crate::{Error, Result};
use protocol::{ClientId, Conversation, ErrorBody, ErrorCode, Person, UserId, limits};

/// A conversation that a person created or found.
#[derive(Clone, Debug)]
pub struct OpenedConversation {
    /// The conversation as the person sees it.
    pub conversation: Conversation,
    /// Whether it was created.
    pub is_new: bool,
    /// The people who do not let this person add them: they were invited, and are no members.
    pub invited: Vec<Person>,
}

impl ChatService {
    /// Creates a conversation with these people (usernames; the creator is implied), or finds the direct conversation. The
    /// flag tells whether it was created. Of a group, those who do not let the creator add them are invited instead.
    pub async fn open_conversation(
        &self,
        creator: &Person,
        participants: &[String],
        title: Option<&str>,
    ) -> Result<(Conversation, bool)> {
        let opened = self.open_conversation_once(creator, participants, title, None).await?;
        Ok((opened.conversation, opened.is_new))
    }

    /// Like [`Self::open_conversation`]. A repeat of the request with the same `client_id` gives the same conversation; another
    /// request with it is refused with [`ErrorCode::IdConflict`].
    pub async fn open_conversation_once(
        &self,
        creator: &Person,
        participants: &[String],
        title: Option<&str>,
        client_id: Option<ClientId>,
    ) -> Result<OpenedConversation> {
        let title = one_line(title.unwrap_or_default(), limits::MAX_TITLE).map_err(refused_title)?;
        let title = Some(title).filter(|title| !title.is_empty());
        // One row for each member, in the tables and in the frames.
        self.charge_many(creator, Operation::Change, participants.len().max(1))?;
        let people = self.participants(creator, participants).await?;
        let participants = people.iter().map(|person| person.id).collect();
        let new = NewConversation { creator: creator.id, participants, title, client_id, invites: true };
        match self.inner.writer.write(Write::CreateConversation(new)).await? {
            Outcome::ConversationCreated { id, created: is_new, .. } => {
                let conversation = self.inner.store.conversation(creator.id, id).await?;
                let is_member =
                    |user: UserId| conversation.members.iter().any(|member| member.user.id == user);
                let invited = people.into_iter().filter(|person| !is_member(person.id)).collect();
                Ok(OpenedConversation { conversation, is_new, invited })
            }
            other => Err(unexpected(&other)),
        }
    }

    /// The creator and these others, each once.
    async fn participants(&self, creator: &Person, names: &[String]) -> Result<Vec<Person>> {
        let mut people = vec![creator.clone()];
        let others = self.people_named(names).await?;
        people.extend(others.into_iter().filter(|person| person.id != creator.id));
        match people.len() {
            1 => Err(invalid("A conversation needs somebody else")),
            n if n > limits::MAX_PARTICIPANTS => {
                Err(invalid(format!("At most {} people at once", limits::MAX_PARTICIPANTS)))
            }
            _ => Ok(people),
        }
    }

    /// The people with these usernames, each once.
    pub(super) async fn people_named(&self, names: &[String]) -> Result<Vec<Person>> {
        if names.len() > limits::MAX_PARTICIPANTS {
            return Err(invalid(format!("At most {} people at once", limits::MAX_PARTICIPANTS)));
        }
        let names: Vec<_> = names.iter().map(|name| name.trim().to_owned()).collect();
        // Postgres refuses a text with NUL, which no username has.
        if names.iter().any(|name| name.contains('\0')) {
            return Err(invalid("A username has no control characters"));
        }
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
        let mut people: Vec<Person> = Vec::with_capacity(accounts.len());
        for account in accounts {
            if people.iter().all(|person| person.id != account.person.id) {
                people.push(account.person);
            }
        }
        Ok(people)
    }
}

/// The reason why a title is refused.
pub(crate) fn refused_title(error: LineError) -> Error {
    match error {
        LineError::TooLong => invalid(format!("A title has at most {} characters", limits::MAX_TITLE)),
        LineError::Marks => invalid("A title has at most 4 marks on one letter"),
        LineError::BeginsWithMark => invalid("A title cannot begin with a mark that belongs to a letter"),
        LineError::Invisible => invalid("A title is one line of text without invisible characters"),
    }
}

pub(super) fn invalid(why: impl Into<String>) -> Error {
    ErrorBody::because(ErrorCode::Invalid, why).into()
}
