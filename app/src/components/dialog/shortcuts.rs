//! The dialog of keyboard shortcuts.

use crate::i18n::t;
use leptos::prelude::*;

/// Opened by `?` and by the button under the list.
#[component]
pub(crate) fn ShortcutsDialog() -> impl IntoView {
    let keys = [
        (t!("keys.send"), "Enter"),
        (t!("keys.line"), "Shift + Enter"),
        (t!("keys.jump"), "Ctrl + K"),
        (t!("keys.previous"), "Alt + ↑"),
        (t!("keys.next"), "Alt + ↓"),
        (t!("keys.this"), "?"),
        (t!("keys.close"), "Esc"),
    ];
    let rows = keys.map(|(what, key)| {
        view! {
            <dt>{what}</dt>
            <dd>
                <kbd dir="ltr">{key}</kbd>
            </dd>
        }
    });
    view! {
        <dialog class="dialog" id="keys" aria-labelledby="keys-title">
            <form class="dialog-head" method="dialog">
                <h2 id="keys-title">{t!("keys.title")}</h2>
                <button class="icon-button" aria-label=t!("keys.close")>
                    <span class="icon icon-close" aria-hidden="true"></span>
                </button>
            </form>
            <dl class="keys">{rows.collect_view()}</dl>
        </dialog>
    }
}
