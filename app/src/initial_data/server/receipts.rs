//! Data of the page of a message's receipts.

use chat::account::Identity;
use chat::{ChatService, Clock};
use protocol::{ConversationId, Message, MessageReceipt, Timestamp};

/// Data of `/c/{id}/receipts/{seq}`.
#[derive(Clone, Debug)]
pub(crate) struct Receipts {
    /// Conversation of the message.
    pub(crate) conversation: ConversationId,
    /// The message with its receipts; `None` where it does not exist for this person.
    pub(crate) found: Option<(Message, Vec<MessageReceipt>)>,
    /// Clock of the server.
    pub(crate) now: Timestamp,
}

impl Receipts {
    /// Reads the receipts of the message at this address, through the person's memberships.
    pub(super) async fn read(chat: &ChatService, who: &Identity, path: &str) -> Self {
        let mut parts = path.trim_start_matches("/c/").split('/');
        let mut number = || parts.find_map(|part| part.parse::<i64>().ok()).unwrap_or_default();
        let (conversation, seq) = (ConversationId(number()), number());
        let found = async {
            let page = chat.page(&who.person, conversation, Some(seq.checked_add(1)?), 1).await.ok()?;
            let message = page.messages.into_iter().find(|message| message.seq == seq)?;
            let receipts = chat.receipts(&who.person, conversation, message.id).await.ok()?;
            Some((message, receipts))
        };
        Self { conversation, found: found.await, now: chat::SystemClock.now() }
    }
}
