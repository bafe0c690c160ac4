//! The composer: a plain form that the live page takes over.

use super::composer_note::{ComposerNote, counted};
use super::mention_offer::{MentionList, MentionOffer};
use super::server_draft::ServerDraft;
use crate::client::{Client, Draft, TypingThrottle, draft_key, now_ms, use_client};
use crate::components::PersonField;
use crate::components::focus::{has_focus, has_focus_elsewhere, is_touch};
use crate::components::keys::is_composing;
use crate::components::view_fn::handler;
use crate::effect::effect;
use crate::i18n::t;
use crate::routing::use_location;
use leptos::html;
use leptos::prelude::*;
use protocol::limits::{MAX_CONTENT, TYPING_SILENCE_MS};
use protocol::{ContentError, ConversationId, normalise};
use std::time::Duration;
use web_sys::{HtmlElement, HtmlTextAreaElement, KeyboardEvent, MouseEvent};

/// Path of the paper plane on the send button.
const PLANE: &str = "M4.5 12 3 4.6c-.2-.9.7-1.6 1.5-1.2l16.3 7.7c.8.4.8 1.4 0 1.8L4.5 20.6c-.8.4-1.7-.3-1.5-1.2L4.5 12Zm0 0h8";

/// Makes the field as high as its text, where the browser does not; the style sheet bounds it. The form keeps its height
/// meanwhile, so that the messages above do not move.
fn fit_height(field: &HtmlTextAreaElement) {
    if web_sys::css::supports_with_value("field-sizing", "content").unwrap_or(false) {
        return;
    }
    let Some(form) = field.form() else { return };
    let height = form.offset_height();
    let (form, style) = (HtmlElement::style(&form), HtmlElement::style(field));
    let _ = form.set_property("height", &format!("{height}px"));
    let _ = style.set_property("height", "auto");
    let borders = field.offset_height() - field.client_height();
    let _ = style.set_property("height", &format!("{}px", field.scroll_height() + borders));
    let _ = form.remove_property("height");
}

/// Whether this key sends. On a touch keyboard Enter breaks the line.
fn is_send_key(event: &KeyboardEvent) -> bool {
    let forced = event.ctrl_key() || event.meta_key();
    event.key() == "Enter" && !is_composing(event) && (forced || !event.shift_key() && !is_touch())
}

/// Text that was typed before the page came alive, behind a draft that it did not know of; and the number of UTF-16
/// units that the caret moves by.
fn joined(draft: &str, typed: &str) -> Option<(String, u32)> {
    if draft.is_empty() || typed.starts_with(draft) {
        return None;
    }
    if typed.is_empty() {
        return Some((draft.to_owned(), 0));
    }
    let moved = draft.encode_utf16().count() + 1;
    Some((format!("{draft}\n{typed}"), u32::try_from(moved).unwrap_or(u32::MAX)))
}

/// Text as the contents of a `<textarea>`.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Typing of the reader, as the others are told of it.
#[derive(Clone, Copy)]
struct Typing {
    client: Client,
    id: ConversationId,
    throttle: StoredValue<TypingThrottle>,
}

impl Typing {
    /// Takes an input, and schedules the check for silence.
    fn input(self) {
        if self.throttle.try_update_value(|throttle| throttle.pressed(now_ms())) == Some(true) {
            self.client.set_typing(self.id, true);
        }
        let silence = move || {
            if self.throttle.try_update_value(|throttle| throttle.silent(now_ms())) == Some(true) {
                self.client.set_typing(self.id, false);
            }
        };
        set_timeout(silence, Duration::from_millis(TYPING_SILENCE_MS + 20));
    }

    /// Sent, left or emptied.
    fn end(self) {
        if self.throttle.try_update_value(TypingThrottle::ended) == Some(true) {
            self.client.set_typing(self.id, false);
        }
    }
}

/// The composer. `sent` counts the messages that were sent from it.
#[component]
pub(super) fn Composer(id: ConversationId, sent: RwSignal<u32>) -> impl IntoView {
    let client = use_client();
    let me = client.me();
    let draft = Draft::new(me, id);
    let server_draft = ServerDraft::new(client, id, draft);
    let location = use_location();
    let typing = Typing { client, id, throttle: StoredValue::new(TypingThrottle::default()) };
    let field = NodeRef::<html::Textarea>::new();
    let offer = MentionOffer::new(client, id, field);
    // Whether what stands in the field was typed in this tab, rather than taken over from another one.
    let is_typed_here = StoredValue::new(false);
    // Time of the last input or sending in this tab, in milliseconds.
    let typed_at = StoredValue::new(None::<u64>);
    let is_typing = move || {
        typed_at.try_get_value().flatten().is_some_and(|at| now_ms() < at.saturating_add(TYPING_SILENCE_MS))
    };
    let refused = client.take_typed(id, "content").unwrap_or_default();
    // Set only from where the counter is shown.
    let length = RwSignal::new(counted(&refused));

    let measured = move |field: &HtmlTextAreaElement, text: &str| {
        let now = counted(text);
        if length.get_untracked() != now {
            length.set(now);
        }
        fit_height(field);
    };
    let take_over = move |field: &HtmlTextAreaElement, text: &str| {
        field.set_value(text);
        offer.close();
        is_typed_here.set_value(false);
        measured(field, text);
    };
    let text_now = move || field.try_get_untracked().flatten().map(|field| field.value());
    // A draft of another tab that came while the reader was typing here.
    let take_over_later = move || {
        let Some(field) = field.try_get_untracked().flatten() else { return };
        if !is_typing() && field.value().is_empty() {
            take_over(&field, &draft.load());
        }
    };
    let changed = move |field: &HtmlTextAreaElement| {
        let text = field.value();
        draft.store(&text);
        measured(field, &text);
        offer.update(field, &text);
        is_typed_here.set_value(!text.is_empty());
        typed_at.set_value(Some(now_ms()));
        server_draft.typed(text_now);
        if text.is_empty() {
            typing.end();
            set_timeout(take_over_later, Duration::from_millis(TYPING_SILENCE_MS + 20));
        } else {
            typing.input();
        }
    };
    let send = move || {
        let Some(field) = field.get_untracked() else { return };
        let text = field.value();
        let _ = field.focus();
        match normalise(&text) {
            Err(ContentError::TooLong) => return, // The note says why.
            Err(ContentError::Empty) => {}
            // The server reports any other error, which the message's row shows.
            Ok(_) | Err(ContentError::Nul) => {
                client.send(id, text.clone());
                sent.update(|times| *times += 1);
            }
        }
        field.set_value("");
        changed(&field);
        server_draft.sent(&text);
    };
    let node = field;
    effect(move || {
        let Some(field) = node.get() else { return };
        let stored = draft.load();
        server_draft.begin();
        if draft.load() != stored && field.value() == stored {
            // The early script has put it there.
            field.set_value("");
        }
        if let Some((text, moved)) = joined(&draft.load(), &field.value()) {
            let caret = field.selection_end().ok().flatten().unwrap_or_default() + moved;
            field.set_value(&text);
            if moved > 0 {
                let _ = field.set_selection_range(caret, caret);
            }
        }
        let text = field.value();
        is_typed_here.set_value(!text.is_empty() && has_focus(&field));
        draft.store(&text);
        if text.is_empty()
            && let Some(text) = server_draft.fill()
        {
            field.set_value(&text);
        }
        measured(&field, &field.value());
        // After a page load, as when a conversation was created, the composer has the focus, unless a link leads to a
        // message.
        if !is_touch() && !has_focus_elsewhere() && location.query_param("at").is_none() {
            let _ = field.focus();
        }
        let shown = field.clone();
        server_draft.follow(
            move || {
                let field = node.try_get_untracked().flatten()?;
                Some((field.value(), has_focus(&field), is_typing()))
            },
            move |text| take_over(&shown, text),
        );
        // Another tab changed the draft, or sent it. It is taken over only where nobody is typing.
        draft.on_change_elsewhere(move |before, now| {
            let has_changed = before.is_some_and(|before| before != field.value());
            let has_focus = has_focus(&field);
            let is_own = is_typed_here.get_value() && (has_focus || has_changed);
            let keeps_own = is_own || has_focus && is_typing();
            if !keeps_own && field.value() != now {
                take_over(&field, &now);
            }
        });
        on_cleanup(move || {
            typing.end();
            server_draft.leave();
        });
    });
    // The composer is left: saves what was typed, or shows what came meanwhile.
    let left = move || {
        let Some(field) = field.try_get_untracked().flatten() else { return };
        if is_typed_here.get_value() {
            server_draft.save(&field.value());
        } else if field.value().is_empty()
            && !is_typing()
            && let Some(text) = server_draft.fill()
        {
            take_over(&field, &text);
        }
    };
    let is_too_long = move || length.get().is_some_and(|length| length > MAX_CONTENT);
    view! {
        <form
            class="composer"
            method="post"
            action=format!("/c/{id}/messages")
            on:submit=handler(move |event: web_sys::SubmitEvent| {
                event.prevent_default();
                send();
            })
        >
            <input type="hidden" name="client_id" value=client.form_id.to_string() />
            <PersonField me />
            <textarea
                node_ref=field
                name="content"
                rows="1"
                dir="auto"
                aria-label=t!("composer.message")
                aria-describedby="composer-note"
                aria-autocomplete=offer.autocomplete()
                aria-controls=offer.controls()
                aria-activedescendant=offer.active()
                placeholder=t!("composer.message")
                autocomplete="off"
                enterkeyhint="enter"
                data-draft=draft_key(me, id)
                inner_html=escaped(&refused)
                on:input=handler(move |event| changed(&event_target(&event)))
                on:click=handler(move |event: MouseEvent| offer.follow_caret(&event_target(&event)))
                on:keyup=handler(move |event: KeyboardEvent| offer.follow_caret(&event_target(&event)))
                on:blur=move |_| {
                    offer.close();
                    typing.end();
                    left();
                }
                on:keydown=handler(move |event| {
                    if offer.key(&event) {
                        // It was for the list.
                    } else if is_send_key(&event) {
                        event.prevent_default();
                        send();
                    } else if event.key() == "Escape" && !is_composing(&event) {
                        let _ = event_target::<HtmlTextAreaElement>(&event).blur();
                    }
                })
            ></textarea>
            <MentionList offer />
            <ComposerNote id length />
            <button
                class="send"
                aria-label=t!("composer.send")
                aria-describedby="composer-note"
                aria-disabled=Signal::derive(move || is_too_long().to_string())
            >
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d=PLANE></path>
                </svg>
            </button>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t7_text_typed_while_loading_goes_behind_the_draft() {
        assert_eq!(joined("", "typed"), None);
        assert_eq!(joined("draft", ""), Some(("draft".into(), 0)));
        assert_eq!(joined("dra", "draft"), None, "the early script put it there, and it was gone on with");
        assert_eq!(joined("👩 draft", "typed"), Some(("👩 draft\ntyped".into(), 9)));
    }

    #[test]
    fn b3_a_text_put_back_into_the_field_ends_no_element() {
        assert_eq!(escaped("</textarea><b>&amp;"), "&lt;/textarea>&lt;b>&amp;amp;");
    }
}
