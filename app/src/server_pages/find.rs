//! Starting a conversation: find people, talk with one, or gather a group.

use super::head::Head;
use crate::components::{as_whom, avatar, escape};
use crate::i18n::t;
use leptos::prelude::*;
use protocol::limits::MAX_TITLE;
use protocol::{ErrorBody, Person, UserId};

/// What `/new?q=&participants=…` is made of: who is looked for and who was gathered for a group stand in the address.
#[derive(Clone, Debug)]
pub struct Search {
    /// Who looks.
    pub me: UserId,
    /// For whom.
    pub words: String,
    /// Who was gathered.
    pub gathered: Vec<String>,
    /// Who was found.
    pub found: Result<Vec<Person>, ErrorBody>,
}

/// The page, as HTML.
pub(super) fn find(search: Search, refused: Option<String>) -> String {
    let Search { me, words, gathered, found } = search;
    let group = (!gathered.is_empty()).then(|| view! { <Group me gathered=gathered.clone() /> });
    let result = match found {
        Ok(found) => {
            let found = found.into_iter().filter(|person| person.id != me).collect();
            view! { <Found words=words.clone() gathered=gathered.clone() found /> }.into_any()
        }
        Err(error) => {
            view! { <p class="notice bad" role="alert">{crate::i18n::reason(&error)}</p> }.into_any()
        }
    };
    view! {
        <Head title=t!("find.title") />
        <div class="sheet">
            {refused.map(|words| view! { <p class="notice bad" role="alert">{words}</p> })}
            <form class="row" method="get" action="/new" role="search">
                <label class="field grow">
                    <span>{t!("find.whom")}</span>
                    <input
                        type="search"
                        name="q"
                        dir="auto"
                        value=words.clone()
                        placeholder=t!("find.hint")
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        enterkeyhint="search"
                    />
                </label>
                {hidden_participants(gathered.clone())}
                <button class="button plain without-script">{t!("find.search")}</button>
            </form>
            <Chips words gathered />
            <form method="post" action="/conversations">
                {as_whom(me)}
                <div id="found">{result}</div>
            </form>
            {group}
        </div>
    }
    .into_view()
    .to_html()
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
fn Found(words: String, gathered: Vec<String>, found: Vec<Person>) -> impl IntoView {
    let hint = match (words.trim(), found.is_empty()) {
        ("", _) => Some(t!("find.type_a_name")),
        (words, true) => Some(t!("find.nobody", words = words)),
        _ => None,
    };
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
                        {avatar(person.face(), &name)}
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
        <p class="quiet" role="status">{hint}</p>
        <ul class="people" aria-label=t!("find.people") data-words=words>
            {rows}
        </ul>
    }
}

/// A group that is about to be founded.
#[component]
fn Group(me: UserId, gathered: Vec<String>) -> impl IntoView {
    view! {
        <form class="form group" method="post" action="/conversations">
            {as_whom(me)}
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
    let mut address = format!("/new?q={}", escape(words));
    for name in names {
        address.push_str("&participants=");
        address.push_str(&escape(name));
    }
    address
}
