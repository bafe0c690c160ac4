//! Receipts of a message in a dialog over the conversation.

use super::{close, open};
use crate::client::use_client;
use crate::components::Receipts;
use crate::components::view_fn::{handler, view_fn};
use crate::i18n::t;
use crate::server_fns::message_receipts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{ConversationId, Message, MessageReceipt};
use std::sync::Arc;

const ID: &str = "receipts-dialog";

/// Content of the dialog; `None` while it is closed.
#[derive(Clone, Copy)]
pub(crate) struct ReceiptsRequest(RwSignal<Option<ShownReceipts>>);

/// A message, and its receipts once they are loaded.
#[derive(Clone)]
struct ShownReceipts {
    message: Arc<Message>,
    receipts: Option<Vec<MessageReceipt>>,
}

impl ReceiptsRequest {
    pub(crate) fn new() -> Self {
        Self(RwSignal::new(None))
    }

    /// Opens the dialog and loads the receipts; `failed` runs when they cannot be had.
    pub(crate) fn show(self, id: ConversationId, message: Arc<Message>, failed: Callback<()>) {
        self.0.set(Some(ShownReceipts { message: message.clone(), receipts: None }));
        open(ID);
        spawn_local(async move {
            match message_receipts(id, message.id).await {
                Ok(receipts) => {
                    let is_shown = |shown: &ShownReceipts| shown.message.id == message.id;
                    if self.0.try_with_untracked(|shown| shown.as_ref().is_some_and(is_shown)) == Some(true) {
                        self.0.set(Some(ShownReceipts { message, receipts: Some(receipts) }));
                    }
                }
                Err(_) => {
                    close(ID);
                    failed.run(());
                }
            }
        });
    }
}

/// The dialog.
#[component]
pub(crate) fn ReceiptsDialog(request: ReceiptsRequest) -> impl IntoView {
    let client = use_client();
    let contents = move || {
        let ShownReceipts { message, receipts } = request.0.get()?;
        let (zone, now) = (client.zone.get(), client.now.get());
        Some(receipts.map(|receipts| view! { <Receipts message=(*message).clone() receipts zone now /> }))
    };
    view! {
        <dialog
            class="dialog receipts"
            id=ID
            closedby="any"
            aria-label=t!("message.receipts")
            on:close=handler(move |_| request.0.set(None))
        >
            <form class="dialog-head" method="dialog">
                <h2>{t!("receipts.title")}</h2>
                <button class="icon-button" aria-label=t!("receipts.close") title=t!("receipts.close")>
                    <span class="icon icon-close" aria-hidden="true"></span>
                </button>
            </form>
            {view_fn(contents)}
        </dialog>
    }
}
