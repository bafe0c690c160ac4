//! To a conversation by a few letters of its name.

use super::presence::face;
use super::{avatar, dialog};
use crate::client::Client;
use crate::i18n::t;
use crate::markup::{Markup, markup, part};
use crate::wires::{effect, find, hear_at};
use js_sys::JsString;
use leptos::prelude::*;
use protocol::{ConversationKind, Status};
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, KeyboardEvent};

/// No more are offered at once.
const MOST: usize = 8;

/// The dialog, and what it offers.
#[derive(Clone, Copy)]
pub(crate) struct Jump {
    client: Client,
    offers: RwSignal<Vec<Offer>>,
    /// The one that Enter leads to.
    at: RwSignal<usize>,
}

/// A conversation that is offered.
struct Offer {
    id: i64,
    name: String,
    face: i64,
    group: bool,
}

impl Jump {
    /// Closed.
    pub(crate) fn new(client: Client) -> Self {
        Self { client, offers: RwSignal::new(Vec::new()), at: RwSignal::new(0) }
    }

    /// Shows it, from a new beginning.
    pub(crate) fn open(self) {
        if let Some(field) = field() {
            field.set_value("");
            self.look("");
            dialog::show("jump");
        }
    }

    fn look(self, words: &str) {
        self.offers.set(offers(self.client, words));
        self.at.set(0);
    }

    /// The dialog.
    pub(crate) fn view(self) -> Markup {
        effect(move || {
            hear_at("#jump", "input", move |_| {
                field().into_iter().for_each(|field| self.look(&field.value()));
            });
            hear_at("#jump", "keydown", move |event| {
                if event.dyn_ref::<KeyboardEvent>().is_some_and(|event| self.pressed(&event.key())) {
                    event.prevent_default();
                }
            });
            hear_at("#jump-list", "click", |_| dialog::close("jump"));
        });
        part("jump", move || {
            let (label, list) = (t!("frame.jump"), t!("list.label"));
            markup!(
                "<dialog class='dialog' id='jump' aria-label='~'><div class='jump-field'>\
                 <span class='icon icon-search' aria-hidden='true'></span>\
                 <input role='combobox' aria-expanded='true' aria-autocomplete='list' aria-controls='jump-list' \
                 aria-activedescendant='jump-~' aria-label='~' placeholder='~' autocomplete='off' \
                 spellcheck='false'></div>\
                 <div class='jump-list' id='jump-list' role='listbox' aria-label='~'>~</div></dialog>",
                label,
                self.at.get(),
                label,
                label,
                list,
                self.offers.with(|offers| options(offers, self.at.get()))
            )
        })
    }

    fn pressed(self, key: &str) -> bool {
        let last = self.offers.with_untracked(Vec::len).saturating_sub(1);
        let at = self.at.get_untracked();
        match key {
            "ArrowDown" => self.at.set(if at < last { at + 1 } else { 0 }),
            "ArrowUp" => self.at.set(at.checked_sub(1).unwrap_or(last)),
            // As a click does: the link is followed, and the list closes the dialog.
            "Enter" => find(&format!("#jump-{at}")).into_iter().for_each(|option| option.click()),
            _ => return false,
        }
        true
    }
}

fn field() -> Option<HtmlInputElement> {
    find("#jump input")?.dyn_into().ok()
}

/// By the browser: its table of letters is there already.
fn lower_case(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}

/// Those whose name holds these words, in the order of the list.
fn offers(client: Client, words: &str) -> Vec<Offer> {
    let words = lower_case(words.trim());
    let me = client.me();
    client.peek(|state| {
        let all = state.list().into_iter().map(|conversation| (conversation, conversation.name_for(me)));
        let fit = all.filter(|(_, name)| lower_case(name).contains(&words));
        fit.take(MOST)
            .map(|(conversation, name)| {
                let group = conversation.kind == ConversationKind::Group;
                Offer { id: conversation.id.0, name, face: face(conversation, me), group }
            })
            .collect()
    })
}

fn options(offers: &[Offer], at: usize) -> Vec<Markup> {
    if offers.is_empty() {
        return vec![markup!("<p>~</p>", t!("frame.jump_nothing"))];
    }
    let option = |(place, Offer { id, name, face, group }): (usize, &Offer)| {
        markup!(
            "<a role='option' id='jump-~' aria-selected='~' tabindex='-1' href='/c/~'>~\
             <bdi class='one-line'>~</bdi></a>",
            place,
            if place == at { "true" } else { "false" },
            *id,
            avatar::face(*face, name, *group, Status::Offline),
            *name
        )
    };
    offers.iter().enumerate().map(option).collect()
}
