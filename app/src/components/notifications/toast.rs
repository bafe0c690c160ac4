//! The toast: the newest news over the page, for some seconds. It leads to its place.

use crate::client::{headline, is_read, use_client};
use crate::components::address::permalink;
use crate::components::keys::is_modified;
use crate::components::view_fn::{handler, view_fn};
use crate::effect::effect;
use crate::i18n::t;
use crate::routing::{message_href, use_location};
use leptos::prelude::*;
use protocol::reducer::News;

/// The toast, one at a time. The style sheet ends it after six seconds, and not while the pointer or the focus is on it.
#[component]
pub(crate) fn Toast() -> impl IntoView {
    let client = use_client();
    let location = use_location();
    let toast = client.toast;
    // It is of no use at its place, or once its message was read elsewhere.
    effect(move || {
        let here = location.route.get().conversation();
        client.notifications(|_| ());
        let is_over = toast.with(|news| news.as_ref().is_some_and(|news| is_over(client, news, here)));
        if is_over {
            toast.set(None);
        }
    });
    let close = move || drop(toast.try_set(None));
    let shown = move || {
        let news = toast.get()?;
        let (id, seq) = (news.conversation_id, news.seq);
        let go = move |event: web_sys::MouseEvent| {
            if !is_modified(&event) && location.route.get_untracked().is_live() {
                event.prevent_default();
                close();
                location.navigate(&message_href(id, seq));
            }
        };
        Some(view! {
            <div class="toast" on:animationend=handler(move |_| close())>
                <a href=permalink(id, seq) rel="external" on:click=handler(go)>
                    <span class="toast-words">{headline(client, (&news).into())}</span>
                    <span class="one-line" dir="auto">
                        {news.preview.clone()}
                    </span>
                </a>
                <button
                    class="icon-button"
                    type="button"
                    aria-label=t!("notification.close")
                    title=t!("notification.close")
                    on:click=handler(move |_| close())
                >
                    <span class="icon icon-close" aria-hidden="true"></span>
                </button>
            </div>
        })
    };
    view! {
        <div class="toasts" aria-live="polite">
            {view_fn(shown)}
        </div>
    }
    .into_any()
}

fn is_over(client: crate::client::Client, news: &News, here: Option<protocol::ConversationId>) -> bool {
    here == Some(news.conversation_id) || is_read(client, news)
}
