//! What all pages behind the sign-in share: who one is, the list, the live link.

use super::{Home, NotFound, Sheet};
use crate::client::Client;
use crate::live;
use crate::loaded::{Loaded, loaded};
use crate::parts::{Badge, Conversation, ConversationList, SignedOut};
use crate::route::{Place, conversation_of, use_path};
use crate::rpc::{self, Refused};
use leptos::prelude::*;
use protocol::ConversationId;

/// Begins with what the page brought; from then on the link keeps it up to date.
#[component]
pub(crate) fn Inside() -> impl IntoView {
    let path = use_path().get_untracked();
    let open = conversation_of(&path);
    match loaded() {
        Ok(loaded) => {
            if open.is_some_and(|id| loaded.synced.gone.contains(&id)) {
                // The page still shows the list; only its status tells programs.
                rpc::answer_not_found();
            }
            view! { <Frame loaded open /> }.into_any()
        }
        Err(refused) => view! { <NoEntry refused path /> }.into_any(),
    }
}

/// The two panes.
#[component]
fn Frame(loaded: Loaded, open: Option<ConversationId>) -> impl IntoView {
    let client = Client::new(loaded, open);
    provide_context(client);
    Effect::new(move || live::begin(client));
    Effect::new(move || {
        if let Some(html) = document().document_element() {
            let _ = html.set_attribute("data-link", &client.link.get().to_string());
        }
    });

    let path = use_path();
    let pane = move || if path.read().as_str() == "/" { "list" } else { "main" };
    let unread = Memo::new(move |_| client.read(protocol::reducer::State::unread));
    Effect::new(move || {
        document().set_title(&match unread.get() {
            0 => "Rapport".to_owned(),
            unread => format!("({}) Rapport", crate::parts::count(unread)),
        });
    });
    let place = Memo::new(move |_| Place::of(&path.read()));
    let main = move || match place.get() {
        Place::Home => view! { <Home /> }.into_any(),
        Place::Talk(id) => view! { <Conversation id /> }.into_any(),
        Place::New | Place::Settings => view! { <Sheet /> }.into_any(),
        Place::Nowhere => view! { <NotFound /> }.into_any(),
    };
    view! {
        <div class="frame" data-pane=pane>
            <header class="side">
                <div class="side-head">
                    <a class="brand" href="/">"Rapport"</a>
                    <Badge />
                    <a class="icon-button" href="/new" aria-label="New conversation" title="New conversation">
                        "+"
                    </a>
                    <a class="icon-button" href="/settings" rel="external" aria-label="Settings" title="Settings">
                        "⚙"
                    </a>
                </div>
                <ConversationList />
            </header>
            <main class="main">
                <SignedOut />
                {main}
            </main>
        </div>
    }
}

/// Not signed in: to the sign-in page. Anything else: in words.
#[component]
fn NoEntry(refused: Refused, path: String) -> impl IntoView {
    if refused.signed_out() {
        let to = crate::parts::with_next("/sign-in", &path);
        rpc::redirect(&to);
        return view! {
            <div class="outside">
                <p>"You are not signed in."</p>
                <p><a class="button" href=to rel="external">"Sign in"</a></p>
            </div>
        }
        .into_any();
    }
    let words = crate::words::reason(&refused.error);
    view! {
        <div class="outside" role="alert">
            <p>{words}</p>
            <p><a class="button" href=path rel="external">"Try again"</a></p>
        </div>
    }
    .into_any()
}
