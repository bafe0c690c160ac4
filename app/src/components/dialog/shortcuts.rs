//! The dialog of keyboard shortcuts.

use crate::components::keys::is_apple;
use crate::effect::effect;
use crate::i18n::t;
use leptos::prelude::*;

/// Opened by `?` and by the button under the list.
#[component]
pub(crate) fn ShortcutsDialog() -> impl IntoView {
    // The server does not know the keyboard.
    let command = RwSignal::new("Ctrl");
    effect(move || {
        if is_apple() {
            command.set("⌘");
        }
    });
    let jump = Signal::derive(move || format!("{} + K", command.get()));
    let key = |name: &str| Signal::stored(name.to_owned());
    let keys = [
        (t!("keys.send"), key("Enter")),
        (t!("keys.line"), key("Shift + Enter")),
        (t!("keys.jump"), jump),
        (t!("keys.previous"), key("Alt + ↑")),
        (t!("keys.next"), key("Alt + ↓")),
        (t!("keys.this"), key("?")),
        (t!("keys.close"), key("Esc")),
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
