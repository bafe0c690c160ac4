//! The question before a message is deleted for everyone.

use super::{close, open};
use crate::client::use_client;
use crate::components::view_fn::handler;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::{ConversationId, DeleteFor, MessageId};

const ID: &str = "confirm-delete";

/// A message that is to be deleted for everyone, once that is confirmed.
#[derive(Clone, Copy)]
pub(crate) struct DeleteRequest(RwSignal<Option<MessageId>>);

impl DeleteRequest {
    pub(crate) fn new() -> Self {
        Self(RwSignal::new(None))
    }

    /// Opens the dialog for this message.
    pub(crate) fn ask(self, message: MessageId) {
        self.0.set(Some(message));
        open(ID);
    }
}

/// The dialog. `after`: runs when it was closed either way.
#[component]
pub(crate) fn ConfirmDelete(
    id: ConversationId,
    request: DeleteRequest,
    #[prop(into)] after: Callback<()>,
) -> impl IntoView {
    let client = use_client();
    let delete = move |_| {
        if let Some(message) = request.0.get_untracked() {
            client.delete(id, message, DeleteFor::Everyone);
        }
        close(ID);
    };
    view! {
        <dialog
            class="dialog confirm"
            id=ID
            role="alertdialog"
            aria-labelledby="confirm-title"
            aria-describedby="confirm-why"
            on:close=handler(move |_| {
                request.0.set(None);
                after.run(());
            })
        >
            <h2 id="confirm-title">{t!("dialog.delete_title")}</h2>
            <p id="confirm-why">{t!("dialog.delete_why")}</p>
            <form class="buttons" method="dialog">
                <button class="button plain">{t!("dialog.cancel")}</button>
                <button class="button danger" type="button" on:click=handler(delete)>
                    {t!("dialog.delete_confirm")}
                </button>
            </form>
        </dialog>
    }
}
