//! Keys, whatever the keyboard's layout, the input method and the platform.

use leptos::prelude::window;
use web_sys::{KeyboardEvent, MouseEvent};

/// Key code of a key that an input method takes.
const INPUT_METHOD: u32 = 229;

/// Whether the key belongs to an input method, which composes a text. Safari reports the key that ends a composition
/// after its end, by its key code alone.
pub(super) fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == INPUT_METHOD
}

/// Whether the key of commands is held alone: Cmd on Apple's devices, where Ctrl edits text, and Ctrl elsewhere.
pub(super) fn is_command(event: &KeyboardEvent) -> bool {
    let (command, other) =
        if is_apple() { (event.meta_key(), event.ctrl_key()) } else { (event.ctrl_key(), event.meta_key()) };
    command && !other && !event.alt_key() && !event.shift_key()
}

/// Whether a click asks for a new tab or a download.
pub(super) fn is_modified(event: &MouseEvent) -> bool {
    event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key()
}

/// Whether this is a device of Apple's, by its keyboard. False on the server.
pub(super) fn is_apple() -> bool {
    let platform = window().navigator().platform().unwrap_or_default();
    ["Mac", "iPhone", "iPad"].iter().any(|apple| platform.starts_with(apple))
}

/// Whether the key is this Latin letter: by the layout, and where the layout has other letters, by the place of the key.
pub(super) fn is_letter(event: &KeyboardEvent, letter: char) -> bool {
    let key = event.key();
    if key.is_ascii() {
        return key.eq_ignore_ascii_case(letter.encode_utf8(&mut [0; 4]));
    }
    event.code().strip_prefix("Key").is_some_and(|code| code.starts_with(letter.to_ascii_uppercase()))
}
