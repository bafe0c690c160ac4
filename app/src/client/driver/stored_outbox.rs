//! The outbox in local storage: unsent messages survive a reload, a closed tab, an expired sign-in. Each tab stores its
//! own under a key that it holds a lock of; the next tab takes over what a closed one left. A message that is taken over
//! twice is sent with the same id.

use super::{Driver, with};
use crate::client::chat_client::Client;
use crate::client::storage;
use crate::client::web_locks::{self, Lock};
use crate::effect::effect;
use leptos::task::spawn_local;
use protocol::reducer::{Pending, PendingState, State};
use protocol::{ClientId, ConversationId, ErrorBody, ErrorCode, MessageId, ServerFrame, UserId};
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// An unsent message as it is stored.
#[derive(Serialize, Deserialize)]
struct StoredMessage {
    conversation_id: ConversationId,
    client_id: ClientId,
    content: String,
    reply_to: Option<MessageId>,
    /// Reason of a final refusal: it is sent again only when the person asks for it. A code of another version is read
    /// as text and dropped, so that the message itself is not lost.
    #[serde(default)]
    refused: Option<String>,
}

impl StoredMessage {
    fn new(conversation_id: ConversationId, pending: &Pending) -> Self {
        let code = match &pending.state {
            PendingState::Refused(why) => serde_json::to_string(&why.code).ok(),
            _ => None,
        };
        Self {
            conversation_id,
            client_id: pending.client_id,
            content: pending.content.clone(),
            reply_to: pending.reply_to,
            refused: code.map(|code| code.trim_matches('"').to_owned()),
        }
    }

    fn refusal(&self) -> Option<ErrorCode> {
        serde_json::from_str(&format!("\"{}\"", self.refused.as_ref()?)).ok()
    }
}

/// This tab's outbox in local storage.
pub(super) struct Outbox {
    client: Client,
    key: String,
    lock: Cell<Option<Lock>>,
    /// Messages that are stored under the key.
    stored: RefCell<Vec<(ConversationId, ClientId)>>,
}

fn key_prefix(me: UserId) -> String {
    format!("rapport.outbox.{me}.")
}

impl Outbox {
    /// Takes over what closed tabs left, and stores the outbox whenever it changes.
    pub(super) fn start(client: Client) -> Rc<Self> {
        let key = key_prefix(client.me()) + &ClientId::mint().to_string();
        let outbox = Rc::new(Self { client, key, lock: Cell::new(None), stored: RefCell::default() });
        outbox.acquire();
        outbox.take_over();
        let stores = outbox.clone();
        effect(move || stores.store(&client.unsent()));
        outbox
    }

    /// The page is left and may never come back: any tab may take over what it did not send.
    pub(super) fn release(&self) {
        self.lock.take();
    }

    /// The page came back from the browser's cache. Messages that another tab took over meanwhile are dropped here.
    pub(super) fn resume(self: &Rc<Self>) {
        let stored = self.stored.borrow().clone();
        if !stored.is_empty() && storage::get(&self.key).is_none() {
            self.client.update(|state| stored.into_iter().for_each(|(id, sent)| state.discard(id, sent)));
        }
        self.acquire();
        self.take_over();
    }

    fn acquire(self: &Rc<Self>) {
        let outbox = self.clone();
        let request = web_locks::request(&self.key, false);
        spawn_local(async move {
            if let web_locks::Request::Granted(lock) = request.await {
                outbox.lock.set(Some(lock));
            }
        });
    }

    fn take_over(self: &Rc<Self>) {
        let mut left = storage::keys(&key_prefix(self.client.me()));
        left.retain(|key| *key != self.key);
        if left.is_empty() {
            return;
        }
        let outbox = self.clone();
        spawn_local(async move {
            // All locks first: messages are ordered over all outboxes.
            let mut free = Vec::new();
            for key in left {
                match web_locks::request(&key, true).await {
                    web_locks::Request::Busy => {}
                    web_locks::Request::Granted(lock) => free.push((key, Some(lock))),
                    web_locks::Request::Unsupported => free.push((key, None)),
                }
            }
            let mut unsent: Vec<StoredMessage> = Vec::new();
            free.retain(|(key, _)| match load(key) {
                Ok(messages) => {
                    unsent.extend(messages);
                    true
                }
                // Kept aside under another key, for a version that can read it.
                Err(text) => storage::set(&format!("aside.{key}"), Some(&text)),
            });
            // A UUIDv7 sorts by time.
            unsent.sort_unstable_by_key(|message| message.client_id);
            unsent.dedup_by_key(|message| message.client_id);
            if !unsent.is_empty() {
                outbox.client.update(|state| unsent.into_iter().for_each(|message| restore(state, message)));
                outbox.store(&outbox.client.peek(State::unsent));
            }
            // The messages are stored under this tab's key before the other keys are removed.
            if outbox.is_stored() {
                for (key, _) in &free {
                    storage::set(key, None);
                }
            }
            with(Driver::pump);
        });
    }

    fn store(&self, unsent: &[(ConversationId, Pending)]) {
        let messages: Vec<_> = unsent.iter().map(|(id, pending)| StoredMessage::new(*id, pending)).collect();
        let text = match serde_json::to_string(&messages) {
            Ok(text) => Some(text).filter(|_| !messages.is_empty()),
            Err(error) => {
                // The messages that are stored already are kept.
                leptos::logging::error!("unsent messages cannot be encoded: {error}");
                return;
            }
        };
        if storage::set(&self.key, text.as_deref()) {
            self.stored.replace(unsent.iter().map(|(id, pending)| (*id, pending.client_id)).collect());
        }
    }

    fn is_stored(&self) -> bool {
        let unsent = self.client.peek(State::unsent);
        let stored = self.stored.borrow();
        unsent.iter().all(|(_, pending)| stored.iter().any(|(_, id)| *id == pending.client_id))
    }
}

fn restore(state: &mut State, message: StoredMessage) {
    let refusal = message.refusal();
    let StoredMessage { conversation_id, client_id, content, reply_to, .. } = message;
    state.compose(conversation_id, client_id, content, reply_to);
    if let Some(code) = refusal {
        let why = ErrorBody { client_id: Some(client_id), ..code.into() };
        let _ = state.apply(ServerFrame::Error(why), 0);
    }
}

/// Messages that are stored under a key; the text itself where it cannot be read (foreign, of another version, broken).
fn load(key: &str) -> Result<Vec<StoredMessage>, String> {
    let Some(text) = storage::get(key) else { return Ok(Vec::new()) };
    serde_json::from_str(&text).map_err(|_| {
        leptos::logging::warn!("{key} cannot be read and is put aside");
        text
    })
}
