//! The jump dialog: to a conversation or a person by a few letters of the name.

use super::{close, open};
use crate::client::{Client, search_words, use_client};
use crate::components::PersonField;
use crate::components::avatar::{Face, Picture};
use crate::components::keys::is_composing;
use crate::components::presence::{other_member, other_username, picture};
use crate::components::view_fn::{handler, view_fn};
use crate::effect::effect;
use crate::i18n::t;
use crate::server_fns::find_people;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{Conversation, ConversationKind, Person, UserId};
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

const ID: &str = "jump";
/// Most conversations, and most people, that are offered at once.
const MOST: usize = 8;
/// Pause in typing after which people are searched for, in milliseconds.
const PAUSE_MS: u64 = 150;

/// A conversation that is offered.
#[derive(Clone, Debug, PartialEq)]
struct Offer {
    href: String,
    name: String,
    /// Username of the other person of a direct conversation whose name looks like another's.
    username: Option<String>,
    picture: Picture,
    group: bool,
    /// The other person of a direct conversation.
    other: Option<UserId>,
}

/// Conversations with a word that begins with each of the words, in the order of the list. A direct conversation is found by the
/// username, too.
fn conversations(client: Client, words: &str) -> Vec<Offer> {
    let query = words.trim();
    let query_words = search_words::of_query(query);
    let me = client.me();
    client.list(|state| {
        let named = state
            .all()
            .into_iter()
            .map(|conversation| (conversation, state.name_of_conversation(conversation)));
        let fit = named.filter(|(conversation, name)| {
            let username = other_username(conversation, me);
            query.is_empty() || search_words::fit(&query_words, &format!("{name} {username}"))
        });
        let offer = |(conversation, name): (&Conversation, String)| {
            let other = other_member(conversation, me);
            let alike = other.is_some_and(|other| state.is_namesake(other));
            Offer {
                href: format!("/c/{}", conversation.id),
                // Beside it, the username is seen even where a long name is cut.
                name: if alike { conversation.name_for(me) } else { name },
                username: alike.then(|| other_username(conversation, me).to_owned()),
                picture: picture(conversation, me),
                group: conversation.kind == ConversationKind::Group,
                other,
            }
        };
        fit.take(MOST).map(offer).collect()
    })
}

/// The dialog. Its options are worked out while it is open.
#[component]
pub(crate) fn JumpDialog(open: RwSignal<bool>) -> impl IntoView {
    let client = use_client();
    let field = NodeRef::<html::Input>::new();
    let words = RwSignal::new(String::new());
    let selected = RwSignal::new(0_usize);
    let people = RwSignal::new(Vec::<Person>::new());
    let offers =
        Memo::new(move |_| if open.get() { conversations(client, &words.read()) } else { Vec::new() });
    // People without a direct conversation among the offers.
    let strangers = Memo::new(move |_| {
        let offered = offers.get();
        let mut people = people.get();
        people.retain(|person| !offered.iter().any(|offer| offer.other == Some(person.id)));
        people.truncate(MOST);
        people
    });
    effect(move || {
        if open.get() {
            if let Some(field) = field.get_untracked() {
                field.set_value("");
            }
            words.set(String::new());
            selected.set(0);
            people.set(Vec::new());
            self::open(ID);
        }
    });
    // Every conversation can be found: the rest of the list is loaded, page after page.
    effect(move || {
        if open.get() && client.list(|state| state.rest_of_list().is_some()) {
            client.load_rest();
        }
    });
    let search = move |typed: String| {
        words.set(typed.clone());
        selected.set(0);
        let look = move || {
            if words.try_with_untracked(|words| *words == typed) != Some(true) {
                return;
            }
            spawn_local(async move {
                let found = if typed.trim().is_empty() {
                    Vec::new()
                } else {
                    find_people(typed.clone()).await.unwrap_or_default()
                };
                if words.try_with_untracked(|words| *words == typed) == Some(true) {
                    people.set(found);
                }
            });
        };
        set_timeout(look, Duration::from_millis(PAUSE_MS));
    };
    let key = move |event: KeyboardEvent| {
        let last = (offers.read().len() + strangers.read().len()).saturating_sub(1);
        let at = selected.get_untracked();
        match event.key().as_str() {
            _ if is_composing(&event) => return,
            "ArrowDown" => selected.set(if at < last { at + 1 } else { 0 }),
            "ArrowUp" => selected.set(at.checked_sub(1).unwrap_or(last)),
            "Enter" => choose(at),
            _ => return,
        }
        event.prevent_default();
    };
    let nothing = move || offers.read().is_empty() && strangers.read().is_empty();
    view! {
        <dialog class="dialog" id=ID aria-label=t!("layout.jump") on:close=handler(move |_| open.set(false))>
            <div class="jump-field">
                <span class="icon icon-search" aria-hidden="true"></span>
                <input
                    node_ref=field
                    role="combobox"
                    dir="auto"
                    aria-expanded="true"
                    aria-autocomplete="list"
                    aria-controls="jump-list"
                    aria-activedescendant=Signal::derive(move || format!("jump-{}", selected.get()))
                    aria-describedby="jump-scope"
                    aria-label=t!("layout.jump")
                    placeholder=t!("layout.jump")
                    autocomplete="off"
                    spellcheck="false"
                    on:input=handler(move |event| search(event_target_value(&event)))
                    on:keydown=handler(key)
                />
            </div>
            <div
                class="jump-list"
                id="jump-list"
                role="listbox"
                aria-label=t!("list.label")
                on:click=handler(move |_| close(ID))
            >
                {view_fn(move || offers.get().into_iter().enumerate().map(|(at, offer)| conversation(at, offer, selected)).collect_view())}
                {view_fn(move || {
                    let first = offers.read().len();
                    let people = strangers.get().into_iter().enumerate();
                    people.map(|(at, person)| view! { <PersonOption at=first + at person selected me=client.me() /> }).collect_view()
                })}
                {view_fn(move || nothing().then(|| view! { <p>{t!("dialog.jump_nothing")}</p> }))}
            </div>
            <p class="jump-scope quiet" id="jump-scope">
                {t!("dialog.jump_scope")}
            </p>
        </dialog>
    }
    .into_any()
}

fn conversation(at: usize, offer: Offer, selected: RwSignal<usize>) -> AnyView {
    let Offer { href, name, username, picture, group, .. } = offer;
    view! {
        <a
            role="option"
            id=format!("jump-{at}")
            aria-selected=Signal::derive(move || (selected.get() == at).to_string())
            tabindex="-1"
            href=href
        >
            <Face picture name=name.clone() group />
            <bdi class="one-line grow">{name}</bdi>
            {username.map(|username| username_words(&username))}
        </a>
    }
    .into_any()
}

fn username_words(username: &str) -> AnyView {
    view! {
        <span class="quiet" dir="ltr">
            {format!("@{username}")}
        </span>
    }
    .into_any()
}

/// A person whom one may start a conversation with: a plain form, as on `/new`.
#[component]
fn PersonOption(at: usize, person: Person, selected: RwSignal<usize>, me: UserId) -> impl IntoView {
    let name = person.display_name();
    view! {
        <form method="post" action="/conversations">
            <PersonField me />
            <button
                role="option"
                id=format!("jump-{at}")
                aria-selected=Signal::derive(move || (selected.get() == at).to_string())
                tabindex="-1"
                name="participants"
                value=person.username.clone()
            >
                <Face picture=&person name=name.clone() />
                <bdi class="one-line grow">{name}</bdi>
                {username_words(&person.username)}
            </button>
        </form>
    }
    .into_any()
}

/// As a click does: the link is followed, or the form is sent.
fn choose(at: usize) {
    let option = document().get_element_by_id(&format!("jump-{at}"));
    if let Some(option) = option.and_then(|option| option.dyn_into::<HtmlElement>().ok()) {
        option.click();
    }
}
