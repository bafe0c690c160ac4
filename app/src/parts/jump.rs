//! To a conversation by a few letters of its name.

use super::presence::face;
use super::{Face, dialog};
use crate::client::{Client, use_client};
use crate::words::t;
use leptos::html;
use leptos::prelude::*;
use protocol::ConversationKind;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// No more are offered at once.
const MOST: usize = 8;

/// The dialog. What it offers is worked out while it is open.
#[component]
pub(crate) fn Jump(open: RwSignal<bool>) -> impl IntoView {
    let client = use_client();
    let input = NodeRef::<html::Input>::new();
    let words = RwSignal::new(String::new());
    let at = RwSignal::new(0_usize);
    let names = Memo::new(move |_| if open.get() { find(client, &words.get()) } else { Vec::new() });
    Effect::new(move || {
        if open.get() {
            if let Some(input) = input.get_untracked() {
                input.set_value("");
            }
            words.set(String::new());
            at.set(0);
            dialog::show("jump");
        }
    });
    let key = move |event: web_sys::KeyboardEvent| {
        let last = names.with(Vec::len).saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => at.set(if at.get_untracked() < last { at.get_untracked() + 1 } else { 0 }),
            "ArrowUp" => at.set(at.get_untracked().checked_sub(1).unwrap_or(last)),
            "Enter" => go(at.get_untracked()),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <dialog class="dialog" id="jump" aria-label=t!("frame.jump") on:close=move |_| open.set(false)>
            <div class="jump-field">
                <span class="icon icon-search" aria-hidden="true"></span>
                <input
                    node_ref=input
                    role="combobox"
                    aria-expanded="true"
                    aria-autocomplete="list"
                    aria-controls="jump-list"
                    aria-activedescendant=move || format!("jump-{}", at.get())
                    aria-label=t!("frame.jump")
                    placeholder=t!("frame.jump")
                    autocomplete="off"
                    spellcheck="false"
                    on:input=move |event| {
                        words.set(event_target_value(&event));
                        at.set(0);
                    }
                    on:keydown=key
                />
            </div>
            <div
                class="jump-list"
                id="jump-list"
                role="listbox"
                aria-label=t!("list.label")
                on:click=move |_| dialog::close("jump")
            >
                {move || options(names.get(), at.get())}
            </div>
        </dialog>
    }
}

/// A conversation that is offered.
type Offer = (i64, String, i64, bool);

/// Those whose name holds these words, in the order of the list.
fn find(client: Client, words: &str) -> Vec<Offer> {
    let words = words.trim().to_lowercase();
    let me = client.me();
    client.read(|state| {
        let all = state.list().into_iter().map(|conversation| (conversation, conversation.name_for(me)));
        let fit = all.filter(|(_, name)| name.to_lowercase().contains(&words));
        fit.take(MOST)
            .map(|(conversation, name)| {
                let group = conversation.kind == ConversationKind::Group;
                (conversation.id.0, name, face(conversation, me), group)
            })
            .collect()
    })
}

fn options(names: Vec<Offer>, at: usize) -> impl IntoView {
    if names.is_empty() {
        return view! { <p>{t!("frame.jump_nothing")}</p> }.into_any();
    }
    let option = |(place, (id, name, face, group)): (usize, Offer)| {
        view! {
            <a
                role="option"
                id=format!("jump-{place}")
                aria-selected=(place == at).to_string()
                tabindex="-1"
                href=format!("/c/{id}")
            >
                <Face id=face name=name.clone() group />
                <bdi class="one-line">{name}</bdi>
            </a>
        }
    };
    names.into_iter().enumerate().map(option).collect_view().into_any()
}

/// As a click does: the router takes it, and the list closes the dialog.
fn go(at: usize) {
    let option = document().get_element_by_id(&format!("jump-{at}"));
    if let Some(option) = option.and_then(|option| option.dyn_into::<HtmlElement>().ok()) {
        option.click();
    }
}
