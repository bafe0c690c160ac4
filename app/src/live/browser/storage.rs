//! What survives a reload: unsent messages, drafts. By user id, in `localStorage`; each tab keeps its own outbox, and
//! whichever comes next takes over what a closed one left. Twice does no harm: the ids are the same.

use crate::client::Client;
use leptos::prelude::*;
use protocol::reducer::Pending;
use protocol::wire::{self, Fields, Json, Read};
use protocol::{ClientId, ConversationId, MessageId, UserId};
use web_sys::Storage;

type Unsent = Vec<(ConversationId, Pending)>;

/// An unsent message as it is kept: the frame that would carry it.
struct Kept {
    conversation: ConversationId,
    client_id: ClientId,
    content: String,
    reply_to: Option<MessageId>,
}

impl Read for Kept {
    fn read(json: Json) -> Option<Self> {
        let mut fields = Fields::of(json)?;
        Some(Self {
            conversation: Read::read(fields.take("conversation_id"))?,
            client_id: Read::read(fields.take("client_id"))?,
            content: Read::read(fields.take("content"))?,
            reply_to: Read::read(fields.take("reply_to"))?,
        })
    }
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn outbox_prefix(me: UserId) -> String {
    format!("rapport.outbox.{me}.")
}

/// Where this tab's outbox is kept.
pub(super) fn own_key(me: UserId) -> String {
    format!("{}{}", outbox_prefix(me), ClientId::mint())
}

/// Puts back what earlier pages could not send. It is written down as ours before theirs is removed.
pub(super) fn restore(client: Client, own_key: &str) {
    let Some(storage) = storage() else { return };
    let prefix = outbox_prefix(client.me());
    let keys: Vec<String> = (0..storage.length().unwrap_or(0))
        .filter_map(|at| storage.key(at).ok().flatten())
        .filter(|key| key.starts_with(&prefix))
        .collect();
    let read = |key: &String| {
        let text = storage.get_item(key).ok().flatten()?;
        wire::read::<Vec<Kept>>(&text)
    };
    let mut unsent: Vec<Kept> = keys.iter().filter_map(read).flatten().collect();
    // UUIDv7: by id is by time.
    unsent.sort_unstable_by_key(|kept| kept.client_id);
    unsent.dedup_by_key(|kept| kept.client_id);
    if !unsent.is_empty() {
        client.change(|state| {
            for Kept { conversation, client_id, content, reply_to } in unsent {
                state.compose(conversation, client_id, content, reply_to);
            }
        });
        keep(&storage, own_key, &client.peek(protocol::reducer::State::unsent));
    }
    for key in keys {
        let _ = storage.remove_item(&key);
    }
}

fn keep(storage: &Storage, key: &str, unsent: &Unsent) {
    if unsent.is_empty() {
        let _ = storage.remove_item(key);
    } else {
        let frames: Vec<_> = unsent.iter().map(|(id, pending)| pending.frame(*id)).collect();
        let _ = storage.set_item(key, &wire::write(&frames));
    }
}

/// Writes the outbox down whenever it changes.
pub(super) fn keep_outbox(client: Client, own_key: String) {
    let Some(storage) = storage() else { return };
    let unsent = Memo::new(move |_| client.read(protocol::reducer::State::unsent));
    Effect::new(move || unsent.with(|unsent| keep(&storage, &own_key, unsent)));
}

fn draft_key(me: UserId, id: ConversationId) -> String {
    format!("rapport.draft.{me}.{id}")
}

/// What was typed here and not sent.
pub(crate) fn draft(me: UserId, id: ConversationId) -> Option<String> {
    storage()?.get_item(&draft_key(me, id)).ok().flatten()
}

/// Keeps what is typed.
pub(crate) fn keep_draft(me: UserId, id: ConversationId, text: &str) {
    let Some(storage) = storage() else { return };
    let key = draft_key(me, id);
    let _ = if text.is_empty() { storage.remove_item(&key) } else { storage.set_item(&key, text) };
}
