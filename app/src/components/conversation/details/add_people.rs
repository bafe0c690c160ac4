//! Adding people to a group: by a search, or by usernames without scripts.

use super::request::{GroupRequest, Refusal};
use crate::client::use_client;
use crate::components::conversation::members::Members;
use crate::components::view_fn::{handler, view_fn};
use crate::components::{Avatar, PersonField, Picture};
use crate::i18n::t;
use crate::server_fns::find_people;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{ClientFrame, ClientId, Person, Role, UserId};
use std::time::Duration;

/// Pause in typing after which people are searched for, in milliseconds.
const PAUSE_MS: u64 = 150;

/// The search, and the people chosen by it.
#[derive(Clone, Copy)]
struct Search {
    members: Members,
    words: RwSignal<String>,
    found: RwSignal<Vec<Person>>,
    /// Words that `found` answers.
    answered: RwSignal<String>,
    chosen: RwSignal<Vec<Person>>,
    /// People of the last request.
    requested: RwSignal<Vec<Person>>,
    field: NodeRef<html::Input>,
    request: GroupRequest,
}

impl Search {
    /// Takes typed words, and searches when the next letter does not follow at once.
    fn typed(self, words: String) {
        self.words.set(words.clone());
        let look = move || {
            if self.words.try_with_untracked(|now| *now == words) == Some(true) {
                self.look(words);
            }
        };
        set_timeout(look, Duration::from_millis(PAUSE_MS));
    }

    fn look(self, words: String) {
        spawn_local(async move {
            let found =
                if words.trim().is_empty() { Ok(Vec::new()) } else { find_people(words.clone()).await };
            if self.words.try_with_untracked(|now| *now == words) == Some(true)
                && let Ok(found) = found
            {
                self.found.set(found);
                self.answered.set(words);
            }
        });
    }

    /// Chooses a person, and gets ready for the next name.
    fn choose(self, person: Person) {
        self.chosen.update(|chosen| {
            if chosen.iter().all(|other| other.id != person.id) {
                chosen.push(person);
            }
        });
        self.clear();
    }

    fn clear(self) {
        self.words.set(String::new());
        self.found.set(Vec::new());
        self.answered.set(String::new());
        if let Some(field) = self.field.get_untracked() {
            field.set_value("");
            let _ = field.focus();
        }
    }

    fn add(self) {
        // Enter after a name that only one person has.
        if let [person] = self.found.get_untracked().as_slice() {
            self.choose(person.clone());
        }
        let user_ids: Vec<UserId> = self.chosen.read_untracked().iter().map(|person| person.id).collect();
        if user_ids.is_empty() {
            // Enter before the search has answered.
            return self.look(self.words.get_untracked());
        }
        let (conversation_id, client_id) = (Some(self.members.id), Some(ClientId::mint()));
        let frame = ClientFrame::AddMembers { conversation_id, user_ids, client_id };
        self.request.send(frame, move || {
            self.requested.set(self.chosen.get_untracked());
            self.chosen.set(Vec::new());
            self.clear();
        });
    }
}

/// The form, if the reader's role allows it.
#[component]
pub(super) fn AddPeople(members: Members) -> impl IntoView {
    let client = use_client();
    let may = Memo::new(move |_| members.role(client.me()).unwrap_or_default() > Role::Member);
    view_fn(move || may.get().then(|| form(members))).into_any()
}

fn form(members: Members) -> AnyView {
    let client = use_client();
    let refused = client.take_typed(members.id, "usernames");
    let is_open = refused.is_some();
    let (words, answered) =
        (RwSignal::new(refused.clone().unwrap_or_default()), RwSignal::new(String::new()));
    let (found, chosen) = (RwSignal::new(Vec::new()), RwSignal::new(Vec::new()));
    let search = Search {
        members,
        words,
        found,
        answered,
        chosen,
        requested: RwSignal::new(Vec::new()),
        field: NodeRef::new(),
        request: GroupRequest::new(),
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        search.add();
    };
    let typed = move |event| search.typed(event_target_value(&event));
    view! {
        <details class="disclosed" open=is_open>
            <summary>{t!("group.add")}</summary>
            <form
                class="form add-people"
                method="post"
                action=format!("/c/{}/members", members.id)
                on:submit=handler(submit)
            >
                <PersonField me=client.me() />
                {view_fn(move || chips(search))}
                <label class="field">
                    <span>{t!("group.names")}</span>
                    <input
                        node_ref=search.field
                        type="search"
                        name="usernames"
                        value=refused
                        dir="auto"
                        placeholder=t!("find.hint")
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        on:input=handler(typed)
                    />
                </label>
                {view_fn(move || results(search))}
                <Refusal request=search.request />
                {view_fn(move || invited(search))}
                <p>
                    <button class="button">{t!("group.add_yes")}</button>
                </p>
            </form>
        </details>
    }
    .into_any()
}

/// The chosen people; each can be taken out again.
fn chips(search: Search) -> Option<AnyView> {
    let chosen = search.chosen.get();
    let chip = |person: Person| {
        let (user, name) = (person.id, person.display_name());
        let remove = move |_| search.chosen.update(|chosen| chosen.retain(|other| other.id != user));
        view! {
            <li>
                <button
                    class="chip"
                    type="button"
                    aria-label=t!("find.remove", name = name)
                    on:click=handler(remove)
                >
                    <bdi>{name.clone()}</bdi>
                    <span aria-hidden="true">"×"</span>
                </button>
            </li>
        }
    };
    (!chosen.is_empty()).then(|| {
        view! { <ul class="chips" aria-label=t!("group.add")>{chosen.into_iter().map(chip).collect_view()}</ul> }
            .into_any()
    })
}

/// The people of the last request who were invited in place of becoming members.
fn invited(search: Search) -> Option<AnyView> {
    let invited = search.request.invited.get();
    let requested = search.requested.get();
    let names: Vec<String> =
        requested.iter().filter(|person| invited.contains(&person.id)).map(Person::display_name).collect();
    (!names.is_empty()).then(|| {
        let words = t!("invitation.invited", who = names.join(", "));
        view! { <p class="notice good" role="status">{words}</p> }.into_any()
    })
}

/// The people found who are neither members nor chosen.
fn results(search: Search) -> Option<AnyView> {
    let words = search.answered.get();
    if words.trim().is_empty() {
        return None;
    }
    let is_new = |person: &Person| {
        search.members.role(person.id).is_none()
            && search.chosen.read().iter().all(|other| other.id != person.id)
    };
    let found: Vec<Person> = search.found.get().into_iter().filter(is_new).collect();
    if found.is_empty() {
        return Some(
            view! { <p class="quiet" role="status">{t!("find.nobody", words = words.trim())}</p> }.into_any(),
        );
    }
    let row = |person: Person| {
        let (name, username) = (person.display_name(), person.username.clone());
        let picture = Picture::from(&person);
        let choose = move |_| search.choose(person.clone());
        view! {
            <li>
                <button class="person" type="button" on:click=handler(choose)>
                    <Avatar picture name=name.clone() />
                    <span class="person-words">
                        <bdi class="person-name">{name}</bdi>
                        <span class="quiet" dir="ltr">
                            {format!("@{username}")}
                        </span>
                    </span>
                </button>
            </li>
        }
    };
    Some(
        view! { <ul class="people" aria-label=t!("find.people")>{found.into_iter().map(row).collect_view()}</ul> }
            .into_any(),
    )
}
