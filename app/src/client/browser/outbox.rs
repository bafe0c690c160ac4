//! Unsent messages survive a reload, a closed tab, an expired sign-in. Each tab keeps its own under a name that it holds a
//! lock of; what a closed tab left is taken over by whichever comes next. Taken twice it does no harm: the ids are the same.

use super::storage::{get, keep, keys};
use super::web_locks::{self as lock, Lock, Taken};
use crate::client::Client;
use crate::wires::effect;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::reducer::{Pending, PendingState};
use protocol::{ClientId, ConversationId, ErrorBody, ErrorCode, MessageId, ServerFrame, UserId};
use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Deserializer, Serialize};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

type Unsent = Vec<(ConversationId, Pending)>;

/// An unsent message as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(rename = "conversation_id")]
    conversation: ConversationId,
    client_id: ClientId,
    content: String,
    reply_to: Option<MessageId>,
    /// Why the server would not have it: it goes out again only when that is asked for.
    #[serde(default, deserialize_with = "known")]
    refused: Option<ErrorCode>,
}

impl Kept {
    fn of((conversation, pending): &(ConversationId, Pending)) -> Self {
        Self {
            conversation: *conversation,
            client_id: pending.client_id,
            content: pending.content.clone(),
            reply_to: pending.reply_to,
            refused: if let PendingState::Refused(why) = &pending.state { Some(why.code) } else { None },
        }
    }
}

/// A reason of another version is no reason to lose the text.
fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ErrorCode>, D::Error> {
    let code = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
    let code: StrDeserializer<'_, serde::de::value::Error> = code.as_str().into_deserializer();
    Ok(ErrorCode::deserialize(code).ok())
}

/// This tab's outbox in the browser's storage.
pub(super) struct Outbox {
    client: Client,
    key: String,
    lock: Cell<Option<Lock>>,
    /// What is written there.
    written: RefCell<Vec<(ConversationId, ClientId)>>,
}

fn prefix(me: UserId) -> String {
    format!("rapport.outbox.{me}.")
}

impl Outbox {
    /// Takes over what closed tabs left, and writes the outbox down whenever it changes.
    pub(super) fn begin(client: Client) -> Rc<Self> {
        let key = prefix(client.me()) + &ClientId::mint().to_string();
        let outbox = Rc::new(Self { client, key, lock: Cell::new(None), written: RefCell::default() });
        outbox.hold();
        outbox.take_over();
        let unsent = Memo::new(move |_| client.read(protocol::reducer::State::unsent));
        let keeps = outbox.clone();
        effect(move || unsent.with(|unsent| keeps.write(unsent)));
        outbox
    }

    /// The page is left: it may never come back, so that what it did not send is anybody's.
    pub(super) fn let_go(&self) {
        self.lock.take();
    }

    /// The page came back. What was taken over meanwhile is no longer ours.
    pub(super) fn return_to(self: &Rc<Self>) {
        let written = self.written.borrow().clone();
        if !written.is_empty() && get(&self.key).is_none() {
            self.client.change(|state| written.into_iter().for_each(|(id, sent)| state.discard(id, sent)));
        }
        self.hold();
        self.take_over();
    }

    fn hold(self: &Rc<Self>) {
        let outbox = self.clone();
        let taken = lock::take(&self.key, false);
        spawn_local(async move {
            if let Taken::Ours(lock) = taken.await {
                outbox.lock.set(Some(lock));
            }
        });
    }

    fn take_over(self: &Rc<Self>) {
        let left: Vec<_> =
            keys(&prefix(self.client.me())).into_iter().filter(|key| *key != self.key).collect();
        if left.is_empty() {
            return;
        }
        let outbox = self.clone();
        spawn_local(async move {
            // All of them first: what goes out is ordered over all.
            let mut free = Vec::new();
            for key in left {
                match lock::take(&key, true).await {
                    Taken::Busy => {}
                    Taken::Ours(lock) => free.push((key, Some(lock))),
                    Taken::NoLocks => free.push((key, None)),
                }
            }
            let mut unsent: Vec<Kept> = Vec::new();
            free.retain(|(key, _)| match read(key) {
                Ok(theirs) => {
                    unsent.extend(theirs);
                    true
                }
                Err(text) => keep(&format!("aside.{key}"), Some(&text)),
            });
            // UUIDv7: by id is by time.
            unsent.sort_unstable_by_key(|kept| kept.client_id);
            unsent.dedup_by_key(|kept| kept.client_id);
            if !unsent.is_empty() {
                outbox.client.change(|state| {
                    for Kept { conversation, client_id, content, reply_to, refused } in unsent {
                        state.compose(conversation, client_id, content, reply_to);
                        if let Some(code) = refused {
                            let why = ErrorBody { client_id: Some(client_id), ..code.into() };
                            let _ = state.apply(ServerFrame::Error(why), 0);
                        }
                    }
                });
                outbox.write(&outbox.client.peek(protocol::reducer::State::unsent));
            }
            // Written down as ours before theirs is removed.
            if outbox.is_written() {
                free.iter().for_each(|(key, _)| {
                    keep(key, None);
                });
            }
            super::pump();
        });
    }

    fn write(&self, unsent: &Unsent) {
        let all: Vec<_> = unsent.iter().map(Kept::of).collect();
        let text = (!all.is_empty()).then(|| serde_json::to_string(&all).unwrap_or_default());
        if keep(&self.key, text.as_deref()) {
            self.written.replace(unsent.iter().map(|(id, pending)| (*id, pending.client_id)).collect());
        }
    }

    fn is_written(&self) -> bool {
        let unsent = self.client.peek(protocol::reducer::State::unsent);
        let written = self.written.borrow();
        unsent.iter().all(|(_, pending)| written.iter().any(|(_, id)| *id == pending.client_id))
    }
}

/// What is kept there. What we cannot read (not ours, of an older shape, broken) comes back as it is: it is put aside,
/// for somebody who can.
fn read(key: &str) -> Result<Vec<Kept>, String> {
    let Some(text) = get(key) else { return Ok(Vec::new()) };
    serde_json::from_str(&text).map_err(|_| {
        leptos::logging::warn!("{key} cannot be read and is put aside");
        text
    })
}
