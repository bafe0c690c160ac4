//! Dispatch of client frames to the operations.

use super::ChatService;
use crate::Error;
use crate::account::Identity;
use crate::presence::PresenceSource;
use protocol::{
    Ack, ClientFrame, ConversationId, DeleteFor, ErrorBody, ErrorCode, MessageId, PageAnswer, Person,
    ServerFrame, Side, Status, limits,
};

impl ChatService {
    /// Like [`ChatService::handle`], for the connection with this id (0: none).
    pub(crate) async fn handle_from(
        &self,
        connection: u64,
        who: &Identity,
        scope: Option<ConversationId>,
        frame: ClientFrame,
    ) -> Vec<ServerFrame> {
        match self.reply(connection, who, scope, frame).await {
            Ok(reply) => reply.into_iter().collect(),
            Err(body) => vec![ServerFrame::Error(body)],
        }
    }

    async fn reply(
        &self,
        connection: u64,
        who: &Identity,
        scope: Option<ConversationId>,
        frame: ClientFrame,
    ) -> Result<Option<ServerFrame>, ErrorBody> {
        let said = Error::into_body;
        let me = &who.person;
        match frame {
            ClientFrame::ChatMessage { conversation_id, content, client_id, reply_to } => {
                let about = |body: ErrorBody| body.about(client_id);
                let id = conversation_of(scope, conversation_id).map_err(about)?;
                let sent = self.send(me, id, &content, client_id, reply_to).await;
                let sent = sent.map_err(|error| about(error.into_body()))?;
                Ok(client_id.map(|client_id| ServerFrame::Ack(Ack { client_id, message: sent.message })))
            }
            ClientFrame::Typing { conversation_id, is_typing } => {
                let id = conversation_of(scope, conversation_id)?;
                self.typing_from(connection, me, id, is_typing).await.map_err(said)?;
                Ok(None)
            }
            ClientFrame::MarkRead { conversation_id, message_id } => {
                self.mark_read(me, conversation_of(scope, conversation_id)?, message_id)
                    .await
                    .map_err(said)?;
                Ok(None)
            }
            ClientFrame::MarkDelivered { conversation_id, message_id } => {
                self.mark_delivered(me, conversation_of(scope, conversation_id)?, message_id)
                    .await
                    .map_err(said)?;
                Ok(None)
            }
            ClientFrame::DeleteMessage { conversation_id, message_id, audience } => {
                let id = conversation_of(scope, conversation_id)?;
                let message = message_id.ok_or(ErrorCode::MessageIdRequired)?;
                self.delete_message(me, id, message, audience).await?;
                Ok(None)
            }
            ClientFrame::RestoreMessage { conversation_id, message_id } => {
                let id = conversation_of(scope, conversation_id)?;
                let message = message_id.ok_or(ErrorCode::MessageIdRequired)?;
                self.restore(me, id, message).await.map_err(said)?;
                Ok(None)
            }
            ClientFrame::UserStatus { status } => {
                self.reader_is(connection, who, status)?;
                Ok(None)
            }
            ClientFrame::Sync(request) => {
                let answer = self.sync(me, &request).await.map_err(said)?;
                Ok(Some(ServerFrame::Synced(answer)))
            }
            ClientFrame::List { after } => {
                Ok(Some(ServerFrame::List(self.list_page(me, after).await.map_err(said)?)))
            }
            ClientFrame::Changes { conversation_id, after } => {
                let id = conversation_of(scope, conversation_id)?;
                Ok(Some(ServerFrame::Changes(self.changes(me, id, after).await.map_err(said)?)))
            }
            ClientFrame::Page { conversation_id, before, after } => {
                let conversation_id = conversation_of(scope, conversation_id)?;
                let page = match Side::of(before, after) {
                    Some(Side::Before(before)) => {
                        self.page(me, conversation_id, Some(before), limits::PAGE).await
                    }
                    Some(Side::After(after)) => {
                        self.page_after(me, conversation_id, after, limits::PAGE).await
                    }
                    None => {
                        return Err(ErrorBody::because(ErrorCode::Malformed, "Either `before` or `after`"));
                    }
                };
                let page = page.map_err(said)?;
                Ok(Some(ServerFrame::Page(PageAnswer { conversation_id, before, after, page })))
            }
            ClientFrame::Ping => Ok(Some(ServerFrame::Pong)),
            ClientFrame::Pong => Ok(None),
        }
    }

    /// The reader of a connection is there, or away.
    fn reader_is(&self, connection: u64, who: &Identity, status: Status) -> Result<(), ErrorBody> {
        let away = match status {
            Status::Online => false,
            Status::Away => true,
            Status::Offline => {
                return Err(ErrorBody::because(ErrorCode::Malformed, "A client is online or away"));
            }
        };
        let source = match connection {
            0 => PresenceSource::LongPoll(who.sign_in.clone()),
            id => PresenceSource::Socket(id),
        };
        self.presence().set(who.person.id, &source, away);
        Ok(())
    }

    async fn delete_message(
        &self,
        me: &Person,
        id: ConversationId,
        message: MessageId,
        audience: DeleteFor,
    ) -> Result<(), ErrorBody> {
        self.delete(me, id, message, audience).await.map_err(|error| {
            let body = error.into_body();
            match body.code {
                // The clients that we replace know this sentence.
                ErrorCode::NotFound | ErrorCode::Forbidden => {
                    ErrorBody::because(body.code, "Failed to delete message")
                }
                _ => body,
            }
        })
    }
}

/// The conversation of a frame. On the socket of a single conversation, no other is allowed.
fn conversation_of(
    scope: Option<ConversationId>,
    named: Option<ConversationId>,
) -> Result<ConversationId, ErrorBody> {
    match (scope, named) {
        (Some(scope), Some(named)) if scope != named => Err(ErrorCode::NotFound.into()),
        (Some(id), _) | (None, Some(id)) => Ok(id),
        (None, None) => Err(ErrorBody::because(ErrorCode::Malformed, "conversation_id required")),
    }
}
