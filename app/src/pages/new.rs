//! Starting a conversation: find people, talk with one, or gather a group.

use crate::client::use_client;
use crate::parts::{Avatar, Failure, Head};
use crate::rpc;
use crate::words::Place;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use protocol::Person;
use protocol::limits::MAX_TITLE;

/// `/new?q=&participants=…`: who was gathered for a group stands in the address.
#[component]
pub(crate) fn New() -> impl IntoView {
    let query = use_query_map();
    let words = Memo::new(move |_| query.read().get("q").unwrap_or_default());
    let gathered = Memo::new(move |_| query.read().get_all("participants").unwrap_or_default());
    let found = Resource::new(move || words.get(), rpc::people);
    view! {
        <Head title="New conversation" />
        <div class="sheet">
            <Failure place=Place::Elsewhere />
            <form class="row" method="get" action="/new" role="search">
                <label class="field grow">
                    <span>"Find people"</span>
                    <input type="search" name="q" value=move || words.get() autocomplete="off" autocapitalize="none" />
                </label>
                {move || hidden_participants(gathered.get())}
                <button class="button plain">"Search"</button>
            </form>
            <Suspense>
                {move || {
                    let (words, gathered) = (words.get(), gathered.get());
                    Suspend::new(async move {
                        match found.await {
                            Ok(found) => view! { <Found words gathered found /> }.into_any(),
                            Err(refused) => {
                                view! { <p class="notice bad">{crate::words::reason(&refused.error)}</p> }.into_any()
                            }
                        }
                    })
                }}
            </Suspense>
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

/// Who was found: a button to talk, a link to add them to a group.
#[component]
fn Found(words: String, gathered: Vec<String>, found: Vec<Person>) -> impl IntoView {
    let me = use_client().me();
    let hint = match (words.trim(), found.is_empty()) {
        ("", _) => Some("Type a name and search.".to_owned()),
        (words, true) => Some(format!("Nobody found for “{words}”.")),
        _ => None,
    };
    let rows = found
        .into_iter()
        .filter(|person| person.id != me)
        .map(|person| {
            let add = (!gathered.contains(&person.username)).then(|| {
                let mut names = gathered.clone();
                names.push(person.username.clone());
                let label = format!("Add {} to a group", person.display_name());
                view! {
                    <a class="button plain" href=address(&words, &names) aria-label=label>
                        "Add to group"
                    </a>
                }
            });
            let name = person.display_name();
            view! {
                <li class="row">
                    <button class="person grow" name="participants" value=person.username.clone()>
                        <Avatar id=person.id.0 name=name.clone() />
                        <bdi class="person-name">{name}</bdi>
                        <span class="quiet">{format!("@{}", person.username)}</span>
                    </button>
                    {add}
                </li>
            }
        })
        .collect_view();
    view! {
        <form method="post" action="/conversations">
            {hint.map(|hint| view! { <p class="quiet">{hint}</p> })}
            <ul class="people" aria-label="People">
                {rows}
            </ul>
        </form>
    }
}

/// A group that is about to be founded.
#[component]
fn Group(gathered: Vec<String>) -> impl IntoView {
    let names = gathered.join(", ");
    view! {
        <form class="form" method="post" action="/conversations">
            <h2>"Group"</h2>
            <p>"With " <bdi>{names}</bdi></p>
            {hidden_participants(gathered)}
            <label class="field">
                <span>"Title"</span>
                <input name="title" maxlength=MAX_TITLE autocomplete="off" />
            </label>
            <button class="button">"Start group"</button>
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
