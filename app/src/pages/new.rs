//! Starting a conversation: find people, talk with one, or gather a group.

use crate::client::use_client;
use crate::live;
use crate::parts::{Avatar, Failure, Head};
use crate::rpc;
use crate::words::t;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use protocol::Person;
use protocol::limits::MAX_TITLE;
use std::time::Duration;

/// Nobody is asked for while the next letter is on its way.
const PAUSE: Duration = Duration::from_millis(150);

/// `/new?q=&participants=…`: who is looked for and who was gathered for a group stand in the address.
#[component]
pub(crate) fn New() -> impl IntoView {
    let query = use_query_map();
    let words = Memo::new(move |_| query.read().get("q").unwrap_or_default());
    let gathered = Memo::new(move |_| query.read().get_all("participants").unwrap_or_default());
    let found = Resource::new(move || words.get(), rpc::people);
    let typed = RwSignal::new(words.get_untracked());
    // Enter was pressed: whoever is found alone is meant.
    let enter = RwSignal::new(false);
    let navigate = use_navigate();
    let look = move || {
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&address(&typed.get_untracked(), &gathered.get_untracked()), options);
    };
    let look_soon = look.clone();
    view! {
        <Head title=t!("find.title") />
        <div class="sheet">
            <Failure />
            <form
                class="row"
                method="get"
                action="/new"
                role="search"
                on:submit=move |event| {
                    event.prevent_default();
                    enter.set(true);
                    look();
                    live::press_only_person(&typed.get_untracked());
                }
            >
                <label class="field grow">
                    <span>{t!("find.whom")}</span>
                    <input
                        type="search"
                        name="q"
                        dir="auto"
                        value=words.get_untracked()
                        placeholder=t!("find.hint")
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        enterkeyhint="search"
                        on:input=move |event| {
                            let now = event_target_value(&event);
                            typed.set(now.clone());
                            enter.set(false);
                            let look = look_soon.clone();
                            set_timeout(move || if typed.try_get_untracked() == Some(now) { look() }, PAUSE);
                        }
                    />
                </label>
                {move || hidden_participants(gathered.get())}
                <button class="button plain without-script">{t!("find.search")}</button>
            </form>
            {move || view! { <Chips words=words.get() gathered=gathered.get() /> }}
            <Transition>
                {move || {
                    let (words, gathered) = (words.get(), gathered.get());
                    Suspend::new(async move {
                        match found.await {
                            Ok(found) => view! { <Found words gathered found enter /> }.into_any(),
                            Err(refused) => {
                                view! { <p class="notice bad" role="alert">{crate::words::reason(&refused.error)}</p> }
                                    .into_any()
                            }
                        }
                    })
                }}
            </Transition>
            {move || {
                let gathered = gathered.get();
                (!gathered.is_empty()).then(|| view! { <Group gathered /> })
            }}
        </div>
    }
}

fn hidden_participants(names: Vec<String>) -> impl IntoView {
    names
        .into_iter()
        .map(|name| view! { <input type="hidden" name="participants" value=name /> })
        .collect_view()
}

/// Who was gathered; each can be let go again.
#[component]
fn Chips(words: String, gathered: Vec<String>) -> impl IntoView {
    let chips = gathered.iter().map(|name| {
        let others: Vec<String> = gathered.iter().filter(|other| *other != name).cloned().collect();
        view! {
            <li>
                <a class="chip" href=address(&words, &others) aria-label=t!("find.remove", name = name)>
                    <bdi>{name.clone()}</bdi>
                    <span aria-hidden="true">"×"</span>
                </a>
            </li>
        }
    });
    let chips = chips.collect_view();
    (!gathered.is_empty()).then(|| view! { <ul class="chips" aria-label=t!("find.group")>{chips}</ul> })
}

/// Who was found: a button to talk, a link to add them to a group.
#[component]
fn Found(words: String, gathered: Vec<String>, found: Vec<Person>, enter: RwSignal<bool>) -> impl IntoView {
    let me = use_client().me();
    let found: Vec<Person> = found.into_iter().filter(|person| person.id != me).collect();
    let hint = match (words.trim(), found.is_empty()) {
        ("", _) => Some(t!("find.type_a_name")),
        (words, true) => Some(t!("find.nobody", words = words)),
        _ => None,
    };
    let asked_for = words.clone();
    Effect::new(move || {
        if enter.get_untracked() {
            live::press_only_person(&asked_for);
        }
    });
    let rows = found
        .into_iter()
        .map(|person| {
            let name = person.display_name();
            let add = (!gathered.contains(&person.username)).then(|| {
                let mut names = gathered.clone();
                names.push(person.username.clone());
                view! {
                    <a
                        class="button plain"
                        href=address(&words, &names)
                        aria-label=t!("find.add_to_group_name", name = name)
                    >
                        {t!("find.add_to_group")}
                    </a>
                }
            });
            view! {
                <li class="row">
                    <button class="person grow" name="participants" value=person.username.clone()>
                        <Avatar id=person.id.0 name=name.clone() />
                        <span class="person-words">
                            <bdi class="person-name">{name}</bdi>
                            <span class="quiet" dir="ltr">{format!("@{}", person.username)}</span>
                        </span>
                    </button>
                    {add}
                </li>
            }
        })
        .collect_view();
    view! {
        <form method="post" action="/conversations">
            <p class="quiet" role="status">{hint}</p>
            <ul class="people" aria-label=t!("find.people") data-words=words>
                {rows}
            </ul>
        </form>
    }
}

/// A group that is about to be founded.
#[component]
fn Group(gathered: Vec<String>) -> impl IntoView {
    view! {
        <form class="form group" method="post" action="/conversations">
            <h2>{t!("find.group")}</h2>
            {hidden_participants(gathered)}
            <label class="field">
                <span>{t!("find.group_title")}</span>
                <input name="title" dir="auto" maxlength=MAX_TITLE autocomplete="off" />
            </label>
            <button class="button">{t!("find.start_group")}</button>
        </form>
    }
}

/// `/new` with these words and these people.
fn address(words: &str, names: &[String]) -> String {
    let mut address = format!("/new?q={}", crate::parts::escape(words));
    for name in names {
        address.push_str("&participants=");
        address.push_str(&crate::parts::escape(name));
    }
    address
}
