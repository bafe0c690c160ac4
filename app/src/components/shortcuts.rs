//! The keyboard, written down.

use crate::i18n::t;
use crate::markup::{Markup, markup};

/// Opened by `?` and by the button under the list.
pub(crate) fn shortcuts() -> Markup {
    let keys = [
        (t!("keys.send"), "Enter"),
        (t!("keys.line"), "Shift + Enter"),
        (t!("keys.jump"), "Ctrl + K"),
        (t!("keys.previous"), "Alt + ↑"),
        (t!("keys.next"), "Alt + ↓"),
        (t!("keys.this"), "?"),
        (t!("keys.close"), "Esc"),
    ];
    let rows = keys.map(|(what, key)| markup!("<dt>~</dt><dd><kbd dir='ltr'>~</kbd></dd>", what, key));
    markup!(
        "<dialog class='dialog' id='keys' aria-labelledby='keys-title'>\
         <form class='dialog-head' method='dialog'><h2 id='keys-title'>~</h2>\
         <button class='icon-button' aria-label='~'>\
         <span class='icon icon-close' aria-hidden='true'></span></button></form>\
         <dl class='keys'>~</dl></dialog>",
        t!("keys.title"),
        t!("keys.close"),
        Vec::from(rows)
    )
}
