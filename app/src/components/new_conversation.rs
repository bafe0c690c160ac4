//! `/new`: people search, to start a conversation or gather a group.

use super::address::escape;
use super::connection_badge::PageBadge;
use super::view_fn::{handler, view_fn};
use super::{Avatar, BackLink, PersonField};
use crate::client::use_client;
use crate::components::form_failure::FormFailure;
use crate::effect::effect;
use crate::i18n::{reason, t};
use crate::initial_data::SearchData;
use crate::routing::use_location;
use crate::server_fns::find_people;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::limits::MAX_TITLE;
use protocol::{ClientId, ErrorBody, Person};
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Pause in typing after which people are searched for, in milliseconds.
const PAUSE_MS: u64 = 150;

/// State of the search. The address carries the words and the participants, so that the page works without scripts.
#[derive(Clone, Copy)]
struct Search {
    words: RwSignal<String>,
    /// Usernames gathered for a group.
    participants: RwSignal<Vec<String>>,
    found: RwSignal<Vec<Person>>,
    error: RwSignal<Option<ErrorBody>>,
    /// Words that `found` answers.
    answered: RwSignal<String>,
    field: NodeRef<html::Input>,
    /// Id of the group that the form creates: a repeat of the form, as by a double click, creates no second one.
    form_id: RwSignal<ClientId>,
    title: StoredValue<String>,
}

impl Search {
    fn new(data: SearchData) -> Self {
        let SearchData { words, participants, found, error, form_id, title } = data;
        Self {
            answered: RwSignal::new(words.clone()),
            words: RwSignal::new(words),
            participants: RwSignal::new(participants),
            found: RwSignal::new(found),
            error: RwSignal::new(error),
            field: NodeRef::new(),
            form_id: RwSignal::new(form_id.unwrap_or_else(ClientId::mint)),
            title: StoredValue::new(title),
        }
    }

    /// Takes typed words, and searches when the next letter does not follow at once.
    fn typed(self, words: String) {
        self.words.set(words.clone());
        let look = move || {
            if self.words.try_with_untracked(|now| *now == words) == Some(true) {
                self.look(words, false);
            }
        };
        set_timeout(look, Duration::from_millis(PAUSE_MS));
    }

    /// Searches. `enter`: a person who is found alone is chosen.
    fn look(self, words: String, enter: bool) {
        spawn_local(async move {
            let found =
                if words.trim().is_empty() { Ok(Vec::new()) } else { find_people(words.clone()).await };
            if self.words.try_with_untracked(|now| *now == words) != Some(true) {
                return;
            }
            match found {
                Ok(found) => {
                    let alone = found.len() == 1;
                    self.found.set(found);
                    self.error.set(None);
                    self.answered.set(words);
                    if enter && alone {
                        // Once the row is on the page.
                        request_animation_frame(|| click(".people button.person"));
                    }
                }
                Err(refused) => self.error.set(Some(refused.error)),
            }
            self.update_address();
        });
    }

    fn add(self, username: String) {
        self.participants.update(|participants| participants.push(username));
        self.changed();
    }

    fn remove(self, username: &str) {
        self.participants.update(|participants| participants.retain(|other| other != username));
        self.changed();
    }

    /// Updates the address and selects the field for the next name.
    fn changed(self) {
        // Other people are another group. A page that the browser restores has its former id.
        self.form_id.set(ClientId::mint());
        self.update_address();
        if let Some(field) = self.field.get_untracked() {
            let _ = field.focus();
            field.select();
        }
    }

    fn update_address(self) {
        let address = address(&self.words.get_untracked(), &self.participants.get_untracked());
        use_location().replace(&address);
    }
}

fn click(selector: &str) {
    let element = document().query_selector(selector).ok().flatten();
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.click();
    }
}

/// Address of this page with these words and participants.
fn address(words: &str, participants: &[String]) -> String {
    let mut address = format!("/new?q={}", escape(words));
    for name in participants {
        address.push_str("&participants=");
        address.push_str(&escape(name));
    }
    address
}

/// The page. `data`: what it came with, unless it was reached by a link within the application.
#[component]
pub(crate) fn NewConversation(data: Option<SearchData>) -> impl IntoView {
    let search = Search::new(data.unwrap_or_default());
    let client = use_client();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        search.look(search.words.get_untracked(), true);
    };
    // Text that was typed before hydration.
    effect(move || {
        if let Some(field) = search.field.get() {
            let typed = field.value();
            if *search.words.read_untracked() != typed {
                search.typed(typed);
            }
        }
    });
    let value = search.words.get_untracked();
    view! {
        <PageBadge />
        <div class="page">
            <header class="head">
                <BackLink />
                <div class="head-words">
                    <h1 tabindex="-1">{t!("find.title")}</h1>
                </div>
            </header>
            <div class="sheet">
                <FormFailure />
                <form class="row people-search" method="get" action="/new" role="search" on:submit=handler(submit)>
                    <label class="field grow">
                        <span>{t!("find.whom")}</span>
                        <input
                            node_ref=search.field
                            type="search"
                            name="q"
                            dir="auto"
                            value=value
                            placeholder=t!("find.hint")
                            autocomplete="off"
                            autocapitalize="none"
                            spellcheck="false"
                            enterkeyhint="search"
                            autofocus
                            on:input=handler(move |event| search.typed(event_target_value(&event)))
                        />
                    </label>
                    {view_fn(move || hidden_participants(&search.participants.read()))}
                    <button class="button plain without-script">{t!("find.search")}</button>
                </form>
                <Participants search />
                <form method="post" action="/conversations">
                    <PersonField me=client.me() />
                    <div id="found">
                        <Found search />
                    </div>
                </form>
                <Show when=move || !search.participants.read().is_empty()>
                    <Group search />
                </Show>
            </div>
        </div>
    }
    .into_any()
}

fn hidden_participants(names: &[String]) -> AnyView {
    let fields =
        names.iter().map(|name| view! { <input type="hidden" name="participants" value=name.clone() /> });
    fields.collect_view().into_any()
}

/// People gathered for a group; each can be removed again.
#[component]
fn Participants(search: Search) -> impl IntoView {
    let chip = move |name: String| {
        let others: Vec<String> =
            search.participants.read().iter().filter(|other| **other != name).cloned().collect();
        let removed = name.clone();
        let remove = move |event: web_sys::MouseEvent| {
            event.prevent_default();
            search.remove(&removed);
        };
        view! {
            <li>
                <a
                    class="chip"
                    href=address(&search.words.get_untracked(), &others)
                    aria-label=t!("find.remove", name = name)
                    on:click=handler(remove)
                >
                    <bdi>{name.clone()}</bdi>
                    <span aria-hidden="true">"×"</span>
                </a>
            </li>
        }
    };
    view_fn(move || {
        let participants = search.participants.get();
        (!participants.is_empty()).then(|| {
            view! {
                <ul class="chips" aria-label=t!("find.group")>
                    {participants.into_iter().map(chip).collect_view()}
                </ul>
            }
        })
    })
}

/// People found: a button to talk with each, and a link to add them to a group.
#[component]
fn Found(search: Search) -> impl IntoView {
    let hint = move || {
        let (words, is_empty) = (search.answered.get(), search.found.read().is_empty());
        match (words.trim(), is_empty) {
            ("", _) => Some(t!("find.type_a_name")),
            (words, true) => Some(t!("find.nobody", words = words)),
            _ => None,
        }
    };
    let error = move || {
        let error = search.error.get()?;
        Some(view! { <p class="notice bad" role="alert">{reason(&error)}</p> })
    };
    let rows = move || {
        search.found.get().into_iter().map(|person| view! { <FoundPerson search person /> }).collect_view()
    };
    view! {
        {view_fn(error)}
        <p class="quiet" role="status">
            {Signal::derive(hint)}
        </p>
        <ul class="people" aria-label=t!("find.people") data-words=search.answered>
            {view_fn(rows)}
        </ul>
    }
}

#[component]
fn FoundPerson(search: Search, person: Person) -> impl IntoView {
    let name = person.display_name();
    let username = person.username.clone();
    let add = {
        let (username, name) = (username.clone(), name.clone());
        move || {
            let mut participants = search.participants.get();
            if participants.contains(&username) {
                return None;
            }
            let added = username.clone();
            participants.push(added.clone());
            let add = move |event: web_sys::MouseEvent| {
                event.prevent_default();
                search.add(added.clone());
            };
            Some(view! {
                <a
                    class="button plain"
                    href=address(&search.words.get_untracked(), &participants)
                    aria-label=t!("find.add_to_group_name", name = name)
                    on:click=handler(add)
                >
                    {t!("find.add_to_group")}
                </a>
            })
        }
    };
    view! {
        <li class="row">
            <button class="person grow" name="participants" value=username.clone()>
                <Avatar picture=&person name=name.clone() />
                <span class="person-words">
                    <bdi class="person-name">{name}</bdi>
                    <span class="quiet" dir="ltr">
                        {format!("@{username}")}
                    </span>
                </span>
            </button>
            {view_fn(add)}
        </li>
    }
    .into_any()
}

/// A group that is about to be created.
#[component]
fn Group(search: Search) -> impl IntoView {
    view! {
        <form class="form group" method="post" action="/conversations">
            <PersonField me=use_client().me() />
            <input type="hidden" name="client_id" value=Signal::derive(move || search.form_id.get().to_string()) />
            <h2>{t!("find.group")}</h2>
            {view_fn(move || hidden_participants(&search.participants.read()))}
            <label class="field">
                <span>{t!("find.group_title")}</span>
                <input name="title" dir="auto" value=search.title.get_value() maxlength=MAX_TITLE autocomplete="off" />
            </label>
            <button class="button">{t!("find.start_group")}</button>
        </form>
    }
}
