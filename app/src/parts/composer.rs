//! Where messages are written. A plain form that the live page takes over.

use crate::client::use_client;
use crate::live::{self, Typing};
use leptos::html;
use leptos::prelude::*;
use protocol::limits::MAX_CONTENT;
use protocol::{ContentError, ConversationId, normalise};
use std::time::Duration;
use web_sys::HtmlTextAreaElement;

/// From here on the counter is shown.
const NEARLY: usize = MAX_CONTENT - 500;

/// Makes the box as high as its text; the style sheet bounds it.
fn fit(area: &HtmlTextAreaElement) {
    let style = web_sys::HtmlElement::style(area);
    let _ = style.set_property("height", "auto");
    let _ = style.set_property("height", &format!("{}px", area.scroll_height()));
}

/// Whether Enter comes from fingers on glass, where it breaks the line.
fn touched() -> bool {
    window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches())
}

/// The composer.
#[component]
pub(crate) fn Composer(id: ConversationId, sent: RwSignal<u32>) -> impl IntoView {
    let client = use_client();
    let me = client.me();
    let area = NodeRef::<html::Textarea>::new();
    let length = RwSignal::new(0_usize);
    let pace = StoredValue::new(Typing::default());

    let typing_ended = move || {
        if pace.try_update_value(Typing::ended) == Some(true) {
            client.typing(id, false);
        }
    };
    // Asks itself again until it has been silent for long enough.
    let typed = move || {
        let now = live::now_ms();
        if pace.try_update_value(|pace| pace.pressed(now)) == Some(true) {
            client.typing(id, true);
        }
        set_timeout(
            move || {
                if pace.try_update_value(|pace| pace.silent(live::now_ms())) == Some(true) {
                    client.typing(id, false);
                }
            },
            Duration::from_millis(protocol::limits::TYPING_SILENCE_MS + 20),
        );
    };
    let changed = move || {
        if let Some(area) = area.get_untracked() {
            let text = area.value();
            length.set(text.trim().chars().count());
            live::keep_draft(me, id, &text);
            fit(&area);
            text.is_empty()
        } else {
            true
        }
    };
    let send = move || {
        let Some(area) = area.get_untracked() else { return };
        let text = area.value();
        match normalise(&text) {
            Err(ContentError::TooLong) => return, // The counter says why.
            Err(ContentError::Empty) => {}
            // What else is wrong the server says, at the row that it is about.
            Ok(_) | Err(ContentError::Nul) => {
                client.compose(id, text);
                sent.update(|times| *times += 1);
            }
        }
        area.set_value("");
        typing_ended();
        changed();
        let _ = area.focus();
    };

    // What was typed before the page came alive stays; else the draft comes back.
    Effect::new(move || {
        let Some(area) = area.get() else { return };
        if area.value().is_empty()
            && let Some(draft) = live::draft(me, id)
        {
            area.set_value(&draft);
        }
        changed();
        on_cleanup(typing_ended);
    });

    let too_long = move || length.get() > MAX_CONTENT;
    view! {
        <form
            class="composer"
            method="post"
            action=format!("/c/{id}/messages")
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <input type="hidden" name="client_id" value=client.form_id.to_string() />
            <textarea
                node_ref=area
                name="content"
                rows="1"
                aria-label="Message"
                placeholder="Message"
                autocomplete="off"
                on:input=move |_| {
                    if changed() { typing_ended() } else { typed() }
                }
                on:blur=move |_| typing_ended()
                on:keydown=move |event| {
                    // 229: some browsers end a composition with an Enter that is not one.
                    let enter = event.key() == "Enter" && !event.is_composing() && event.key_code() != 229;
                    if enter && !event.shift_key() && !touched() {
                        event.prevent_default();
                        send();
                    }
                }
            ></textarea>
            <Show when=move || { length.get() >= NEARLY }>
                <span class="counter" class:is-over=too_long role="status">
                    {move || format!("{} / {MAX_CONTENT}", length.get())}
                </span>
            </Show>
            <button class="send" aria-label="Send" disabled=too_long>
                "➤"
            </button>
        </form>
    }
}
