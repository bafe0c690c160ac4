//! The handle of a connection.

use crate::Error;
use crate::address::Address;
use crate::authentication::{Authentication, Credentials};
use crate::driver::Driver;
use crate::event::{Cursors, Events};
use crate::http::{self, Http};
use crate::local::Command;
use crate::outbox::Submission;
use protocol::{ClientFrame, ClientId, Conversation, ConversationId, Message, MessageId, Person};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// Requests that wait for the connection's task.
const COMMANDS: usize = 64;

/// A connection of a person or a bot. Cheap to clone; the connection ends with the last clone and the [`Events`].
#[derive(Clone, Debug)]
pub struct Client {
    me: Arc<Person>,
    commands: mpsc::Sender<Command>,
    http: Http,
    /// The access token of the last connection.
    token: watch::Receiver<String>,
}

impl Client {
    /// Connects to the server at this origin, such as `https://chat.example`, and gives what happens from now on.
    ///
    /// # Errors
    /// The first connection fails. Later ones are made again.
    pub async fn connect(url: &str, credentials: Credentials) -> Result<(Self, Events), Error> {
        Self::start(url, credentials, None).await
    }

    /// Connects, and gives what happened since these [`Events::cursors`].
    ///
    /// # Errors
    /// The first connection fails. Later ones are made again.
    pub async fn resume(
        url: &str,
        credentials: Credentials,
        cursors: Cursors,
    ) -> Result<(Self, Events), Error> {
        Self::start(url, credentials, Some(cursors)).await
    }

    async fn start(
        url: &str,
        credentials: Credentials,
        cursors: Option<Cursors>,
    ) -> Result<(Self, Events), Error> {
        let address = Address::parse(url)?;
        let http = Http::new(address.clone())?;
        let authentication = Authentication::new(http.clone(), credentials);
        let token = authentication.access();
        let (commands, received) = mpsc::channel(COMMANDS);
        let known = cursors.clone().unwrap_or_default();
        let (driver, items, ready) = Driver::new(address, authentication, cursors, received);
        tokio::spawn(driver.run());
        let me = ready.await.map_err(|_| Error::Ended)??;
        Ok((Self { me: Arc::new(me), commands, http, token }, Events::new(items, known)))
    }

    /// The person that the client is signed in as.
    #[must_use]
    pub fn me(&self) -> &Person {
        &self.me
    }

    /// Sends a message, and waits until it is stored. It is stored once, whatever happens to the connection meanwhile; it is
    /// also sent if the future is dropped.
    ///
    /// # Errors
    /// The server refuses it, or does not acknowledge it for five minutes ([`Error::Unacknowledged`]).
    pub async fn send(
        &self,
        conversation: ConversationId,
        content: impl Into<String>,
    ) -> Result<Message, Error> {
        self.send_as(ClientId::mint(), conversation, content).await
    }

    /// As [`Self::send`], under an id of the caller: the same message under the same id is stored once, also by different
    /// runs of a program.
    ///
    /// # Errors
    /// As those of [`Self::send`].
    pub async fn send_as(
        &self,
        client_id: ClientId,
        conversation: ConversationId,
        content: impl Into<String>,
    ) -> Result<Message, Error> {
        let (result, answer) = oneshot::channel();
        let submission = Submission { client_id, conversation, content: content.into(), result };
        self.command(Command::Send(submission)).await?;
        answer.await.map_err(|_| Error::Ended)?
    }

    /// Says that the person began, goes on or stopped typing: every 3 s while it lasts. Nothing is said while there is no
    /// connection.
    ///
    /// # Errors
    /// The client has ended.
    pub async fn typing(&self, conversation: ConversationId, is_typing: bool) -> Result<(), Error> {
        self.command(Command::Notice(ClientFrame::Typing { conversation_id: Some(conversation), is_typing }))
            .await
    }

    /// Marks everything up to a message as read; after the next connection if there is none.
    ///
    /// # Errors
    /// The client has ended.
    pub async fn mark_read(&self, conversation: ConversationId, message: MessageId) -> Result<(), Error> {
        let (conversation_id, message_id) = (Some(conversation), Some(message));
        self.command(Command::Notice(ClientFrame::MarkRead { conversation_id, message_id })).await
    }

    /// The conversation, as the person sees it.
    ///
    /// # Errors
    /// The conversation does not exist for this person, or the server cannot be reached.
    pub async fn conversation(&self, id: ConversationId) -> Result<Conversation, Error> {
        let token = self.token.borrow().clone();
        let request = self.http.get(&format!("/api/conversations/{id}")).bearer_auth(token);
        http::answer(request).await
    }

    async fn command(&self, command: Command) -> Result<(), Error> {
        self.commands.send(command).await.map_err(|_| Error::Ended)
    }
}
