//! What can be done with a message.

use crate::client::use_client;
use leptos::prelude::*;
use protocol::{ConversationId, DeleteFor, MessageId};

/// Opens on demand; needs the live page, and is hidden without it.
#[component]
pub(crate) fn Menu(conversation: ConversationId, message: MessageId, own: bool) -> impl IntoView {
    let client = use_client();
    let open = RwSignal::new(false);
    let delete = move |audience| {
        open.set(false);
        client.delete(conversation, message, audience);
    };
    view! {
        <div
            class="menu"
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    open.set(false);
                }
            }
        >
            <button
                class="menu-button"
                r#type="button"
                aria-label="More"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                "⋯"
            </button>
            <Show when=move || open.get()>
                <div class="menu-list">
                    <button r#type="button" on:click=move |_| delete(DeleteFor::Me)>
                        "Delete for me"
                    </button>
                    {own
                        .then(|| {
                            view! {
                                <button r#type="button" on:click=move |_| delete(DeleteFor::Everyone)>
                                    "Delete for everyone"
                                </button>
                            }
                        })}
                </div>
            </Show>
        </div>
    }
}
