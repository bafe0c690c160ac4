//! Where messages are written. A plain form that the live page takes over.

use super::as_whom;
use crate::client::Client;
use crate::client::{self as live, Typing};
use crate::i18n::{plural, t};
use crate::markup::{Markup, markup, part};
use crate::wires::{effect, find, hear, hear_at};
use leptos::prelude::*;
use protocol::limits::MAX_CONTENT;
use protocol::{ContentError, ConversationId, measure, normalise};
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlTextAreaElement, KeyboardEvent};

/// From here on the counter is shown.
const NEARLY: usize = MAX_CONTENT - 500;

/// A paper plane.
const PLANE: &str = "M4.5 12 3 4.6c-.2-.9.7-1.6 1.5-1.2l16.3 7.7c.8.4.8 1.4 0 1.8L4.5 20.6c-.8.4-1.7-.3-1.5-1.2L4.5 12Zm0 0h8";

/// Makes the box as high as its text, where the browser does not; the style sheet bounds it. The form keeps its height
/// meanwhile, so that the messages above do not move.
fn fit(area: &HtmlTextAreaElement) {
    let Some(form) = area.form() else { return };
    let (form, style) = (HtmlElement::style(&form), HtmlElement::style(area));
    let height = area.form().map_or(0, |form| form.offset_height());
    let _ = form.set_property("height", &format!("{height}px"));
    let _ = style.set_property("height", "auto");
    let borders = area.offset_height() - area.client_height();
    let _ = style.set_property("height", &format!("{}px", area.scroll_height() + borders));
    let _ = form.remove_property("height");
}

/// Whether Enter comes from fingers on glass, where it breaks the line.
fn touched() -> bool {
    window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches())
}

/// Whether this key sends. While a word is being put together (with an input method), Enter belongs to that: some
/// browsers say so by 229, some of them after the composition has ended.
fn sends(event: &KeyboardEvent) -> bool {
    let composing = event.is_composing() || event.key_code() == 229;
    let asked = event.ctrl_key() || event.meta_key();
    event.key() == "Enter" && !composing && (asked || !event.shift_key() && !touched())
}

/// What was typed before the page came alive, behind the draft that it did not know of; and by how much the caret moves.
fn joined(draft: &str, typed: &str) -> Option<(String, u32)> {
    if draft.is_empty() || typed.starts_with(draft) {
        return None;
    }
    if typed.is_empty() {
        return Some((draft.to_owned(), 0));
    }
    let text = format!("{draft}\n{typed}");
    let moved = draft.encode_utf16().count() + 1;
    Some((text, u32::try_from(moved).unwrap_or(u32::MAX)))
}

/// The composer.
pub(super) fn composer(client: Client, id: ConversationId, sent: RwSignal<u32>) -> Markup {
    let me = client.me();
    let refused = client.form_text(id);
    // Told only from where the counter is shown.
    let length = RwSignal::new(Some(measure(&refused)).filter(|length| *length >= NEARLY));
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
    let measured = move |area: &HtmlTextAreaElement, text: &str| {
        let now = Some(measure(text)).filter(|length| *length >= NEARLY);
        if length.get_untracked() != now {
            length.set(now);
        }
        if !live::fits_by_itself() {
            fit(area);
        }
    };
    let changed = move |area: &HtmlTextAreaElement| {
        let text = area.value();
        live::keep_draft(me, id, &text);
        measured(area, &text);
        if text.is_empty() { typing_ended() } else { typed() }
    };
    let send = move || {
        let Some(area) = field() else { return };
        let text = area.value();
        let _ = area.focus();
        match normalise(&text) {
            Err(ContentError::TooLong) => return, // The note says why.
            Err(ContentError::Empty) => {}
            // What else is wrong the server says, at the row that it is about.
            Ok(_) | Err(ContentError::Nul) => {
                client.compose(id, text);
                sent.update(|times| *times += 1);
            }
        }
        area.set_value("");
        changed(&area);
    };

    let form = part("composer", move || {
        let length = length.get();
        markup!(
            "<form class='composer' method='post' action='/c/~/messages'>\
             <input type='hidden' name='client_id' value='~'>~\
             <textarea name='content' rows='1' aria-label='~' aria-describedby='composer-note' placeholder='~' \
             autocomplete='off' enterkeyhint='enter' data-draft='~'>~</textarea>\
             <p class='note' id='composer-note' role='status'>~</p>\
             <button class='send' aria-label='~' aria-describedby='composer-note' aria-disabled='~'>\
             <svg viewBox='0 0 24 24' aria-hidden='true'><path d='~'/></svg></button></form>",
            id.0,
            client.form_id.to_string(),
            as_whom(me),
            t!("composer.message"),
            t!("composer.message"),
            live::draft_key(me, id),
            refused,
            length.map(note),
            t!("composer.send"),
            if length.is_some_and(|length| length > MAX_CONTENT) { "true" } else { "false" },
            PLANE
        )
    });
    effect(move || {
        let Some(area) = field() else { return };
        client.forget_form_text();
        let typed = area.value();
        if let Some((text, moved)) = joined(&live::draft(me, id).unwrap_or_default(), &typed) {
            let caret = area.selection_end().ok().flatten().unwrap_or_default() + moved;
            area.set_value(&text);
            if moved > 0 {
                let _ = area.set_selection_range(caret, caret);
            }
        }
        let text = area.value();
        live::keep_draft(me, id, &text);
        measured(&area, &text);
        let here = area.clone();
        hear(&area, "input", move |_| changed(&here));
        hear(&area, "blur", move |_| typing_ended());
        let here = area.clone();
        hear(&area, "keydown", move |event| match event.dyn_ref::<KeyboardEvent>() {
            Some(key) if sends(key) => {
                event.prevent_default();
                send();
            }
            Some(key) if key.key() == "Escape" && !key.is_composing() => drop(here.blur()),
            _ => {}
        });
        hear_at(".composer", "submit", move |event| {
            event.prevent_default();
            send();
        });
        // Another tab goes on with the same draft, or has sent it. What differs from what that one began with stays.
        live::follow_draft(me, id, move |before, now| {
            if before.is_none_or(|before| before == area.value()) && area.value() != now {
                area.set_value(&now);
                measured(&area, &now);
            }
        });
        on_cleanup(typing_ended);
    });
    form
}

fn field() -> Option<HtmlTextAreaElement> {
    find(".composer textarea")?.dyn_into().ok()
}

/// How long the text is, when it is nearly too long, and by how much it is.
fn note(length: usize) -> Markup {
    match u32::try_from(length.saturating_sub(MAX_CONTENT)).unwrap_or(u32::MAX) {
        // Nobody wants to hear each number.
        0 => markup!(
            "<span class='counter' aria-hidden='true'>~</span>",
            t!("composer.count", n = length, most = MAX_CONTENT)
        ),
        over => markup!("<span class='counter is-over'>~</span>", plural!("composer.too_long", over)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t7_what_was_typed_while_loading_goes_behind_the_draft() {
        assert_eq!(joined("", "typed"), None);
        assert_eq!(joined("draft", ""), Some(("draft".into(), 0)));
        assert_eq!(joined("dra", "draft"), None, "the early script put it there, and it was gone on with");
        assert_eq!(joined("👩 draft", "typed"), Some(("👩 draft\ntyped".into(), 9)));
    }
}
