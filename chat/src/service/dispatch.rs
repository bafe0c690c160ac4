//! Dispatch of client frames to the operations.

use super::{
    BrowserSubscription, ChatService, GroupSettings, LinkSettings, NewInvitationLink, OpenedConversation,
};
use crate::Error;
use crate::account::Identity;
use crate::presence::PresenceSource;
use crate::store::{LinkKey, ProfileChange};
use protocol::{
    AUTO, Ack, ClientFrame, ClientId, ConversationId, DeleteFor, Done, ErrorBody, ErrorCode,
    InvitationLinkCreated, InvitationLinks, MembershipChange, MessageId, PageAnswer, Person, PushKeys,
    ServerFrame, Side, Status, limits,
};

impl ChatService {
    /// Handles a frame of the connection with this id (0: none) and gives the replies. `scope` is the conversation of frames that
    /// name none.
    pub(crate) async fn handle(
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
            ClientFrame::UpdateMembership {
                conversation_id,
                muted_until,
                archived,
                pinned,
                unread,
                draft,
                notify,
            } => {
                let id = conversation_of(scope, conversation_id)?;
                let change = MembershipChange { muted_until, archived, pinned, unread, draft, notify };
                self.update_membership(me, id, change).await.map_err(said)?;
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
            ClientFrame::List { after, filter, subject_kind } => {
                let page = self.list_page(me, filter, subject_kind, after).await.map_err(said)?;
                Ok(Some(ServerFrame::List(page)))
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
            ClientFrame::UpdatePreferences(change) => {
                self.update_preferences(me, change).await.map_err(said)?;
                Ok(None)
            }
            ClientFrame::Notifications { cursor } => {
                let page = self.notifications(me, cursor, limits::NOTIFICATIONS).await.map_err(said)?;
                Ok(Some(ServerFrame::Notifications(page)))
            }
            ClientFrame::ReadNotifications { up_to } => {
                self.read_notifications(me, up_to).await.map_err(said)?;
                Ok(None)
            }
            ClientFrame::UpdateConversation { conversation_id, title, hue, emoji, history, client_id } => {
                let settings = GroupSettings { title, hue, emoji, history };
                done(client_id, async {
                    let id = conversation_of(scope, conversation_id)?;
                    self.update_conversation(me, id, settings, client_id).await
                })
                .await
            }
            ClientFrame::AddMembers { conversation_id, user_ids, client_id } => {
                let added = async {
                    let id = conversation_of(scope, conversation_id)?;
                    self.add_members(me, id, &user_ids, client_id).await
                };
                let invited = added.await.map_err(|error: Error| error.into_body().about(client_id))?;
                Ok(client_id
                    .map(|client_id| ServerFrame::Done(Done { client_id, invited, conversation_id: None })))
            }
            ClientFrame::CreateConversation { usernames, title, client_id } => {
                let opened =
                    self.open_conversation_once(me, &usernames, title.as_deref(), Some(client_id)).await;
                let OpenedConversation { conversation, invited, .. } =
                    opened.map_err(|error| error.into_body().about(Some(client_id)))?;
                let invited = invited.into_iter().map(|person| person.id).collect();
                let conversation_id = Some(conversation.id);
                Ok(Some(ServerFrame::Done(Done { client_id, invited, conversation_id })))
            }
            ClientFrame::RemoveMember { conversation_id, user_id, client_id } => {
                done(client_id, async {
                    let id = conversation_of(scope, conversation_id)?;
                    self.remove_member(me, id, user_id, client_id).await
                })
                .await
            }
            ClientFrame::SetRole { conversation_id, user_id, role, client_id } => {
                done(client_id, async {
                    let id = conversation_of(scope, conversation_id)?;
                    self.set_role(me, id, user_id, role, client_id).await
                })
                .await
            }
            ClientFrame::CloseConversation { conversation_id, reason, client_id } => {
                done(client_id, async {
                    let id = conversation_of(scope, conversation_id)?;
                    self.close_conversation(me, id, &reason, client_id).await
                })
                .await
            }
            ClientFrame::ReopenConversation { conversation_id, client_id } => {
                done(client_id, async {
                    let id = conversation_of(scope, conversation_id)?;
                    self.reopen_conversation(me, id, client_id).await
                })
                .await
            }
            ClientFrame::CreateInvitationLink { conversation_id, expires_in, uses, client_id } => {
                let conversation_id = conversation_of(scope, conversation_id)?;
                let settings = LinkSettings { expires_in, uses, client_id };
                let made = self.create_link(me, conversation_id, settings).await;
                let made = made.map_err(|error| error.into_body().about(client_id))?;
                let NewInvitationLink { token, link } = made;
                let created = InvitationLinkCreated { conversation_id, token, link };
                Ok(Some(ServerFrame::InvitationLinkCreated(created)))
            }
            ClientFrame::ListInvitationLinks { conversation_id } => {
                self.links_of(me, conversation_of(scope, conversation_id)?).await.map(Some)
            }
            ClientFrame::RevokeInvitationLink { conversation_id, link_id } => {
                let id = conversation_of(scope, conversation_id)?;
                self.revoke_link(me, id, LinkKey::Id(link_id)).await.map_err(said)?;
                self.links_of(me, id).await.map(Some)
            }
            ClientFrame::AcceptInvitation { invitation_id, token } => {
                let joined = match (invitation_id, token) {
                    (Some(id), None) => self.accept_invitation(me, id).await,
                    (None, Some(token)) => self.join_by_link(me, &token).await,
                    _ => {
                        let why = "Either `invitation_id` or `token`";
                        return Err(ErrorBody::because(ErrorCode::Malformed, why));
                    }
                };
                joined.map(|_| None).map_err(said)
            }
            ClientFrame::DeclineInvitation { invitation_id } => {
                self.decline_invitation(me, invitation_id).await.map_err(said)?;
                Ok(None)
            }
            ClientFrame::UpdateProfile { first_name, last_name, hue, client_id } => {
                let change = ProfileChange { first_name, last_name, hue, picture: None };
                done(client_id, async { self.update_profile(me, change).await.map(drop) }).await
            }
            ClientFrame::SubscribePush { endpoint, keys: PushKeys { p256dh, auth }, language, client_id } => {
                let subscription = BrowserSubscription { endpoint, p256dh, auth };
                let language = language.as_deref().unwrap_or(AUTO);
                done(client_id, async { self.subscribe_push(who, &subscription, language).await.map(drop) })
                    .await
            }
            ClientFrame::UnsubscribePush { endpoint, client_id } => {
                done(client_id, self.unsubscribe_push(who, &endpoint)).await
            }
            ClientFrame::Ping => Ok(Some(ServerFrame::Pong)),
            ClientFrame::Pong => Ok(None),
        }
    }

    async fn links_of(&self, me: &Person, conversation_id: ConversationId) -> Result<ServerFrame, ErrorBody> {
        let links = self.links(me, conversation_id).await.map_err(Error::into_body)?;
        Ok(ServerFrame::InvitationLinks(InvitationLinks { conversation_id, links }))
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

/// Answers a request that its client may have given an id.
async fn done(
    client_id: Option<ClientId>,
    request: impl Future<Output = Result<(), Error>>,
) -> Result<Option<ServerFrame>, ErrorBody> {
    request.await.map_err(|error| error.into_body().about(client_id))?;
    Ok(client_id
        .map(|client_id| ServerFrame::Done(Done { client_id, invited: Vec::new(), conversation_id: None })))
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
