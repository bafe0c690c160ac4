//! Sending messages.

use super::{ChatService, Sent, unexpected};
use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::metrics;
use crate::rate_limit::Quota;
use crate::store::{NewMessage, Outcome, Write, content_hash};
use crate::{Error, Result};
use protocol::{ClientId, ConversationId, ErrorBody, ErrorCode, MessageId, Person};

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
        if !repeats && let Err(retry_after) = self.inner.rate_limiter.take(Quota::Sends, sender.id.0) {
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
                self.inner.rate_limiter.refund(Quota::Sends, sender.id.0);
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
}
