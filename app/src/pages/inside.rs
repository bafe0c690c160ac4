//! What all pages behind the sign-in share: who one is, the list, the live link.

use super::{Home, NotFound, Sheet};
use crate::client::Client;
use crate::live;
use crate::loaded::{Loaded, loaded};
use crate::parts::{
    self, Announcer, Conversation, ConversationList, Jump, Shortcuts, SideFoot, SideHead, SignedOut,
};
use crate::route::{Place, conversation_of, use_path};
use crate::rpc::{self, Refused};
use crate::words::t;
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
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if let Some(before) = before.filter(|before| *before != path) {
            parts::moved(&before, &path);
        }
        path
    });
    let title = Memo::new(move |_| {
        let unread = client.read(protocol::reducer::State::unread);
        let open = conversation_of(&path.read());
        let name = open.and_then(|id| client.room(id, |room| room.summary.name_for(client.me())));
        let count = if unread > 0 { format!("({}) ", parts::count(unread)) } else { String::new() };
        let name = name.map(|name| format!("{name} · ")).unwrap_or_default();
        format!("{count}{name}Rapport")
    });
    Effect::new(move || title.with(|title| document().set_title(title)));
    let jump = RwSignal::new(false);
    Effect::new(move || parts::listen(jump));
    let place = Memo::new(move |_| Place::of(&path.read()));
    let main = move || match place.get() {
        Place::Home => view! { <Home /> }.into_any(),
        Place::Talk(id) => view! { <Conversation id /> }.into_any(),
        Place::New | Place::Settings | Place::Receipts => view! { <Sheet /> }.into_any(),
        Place::Nowhere => view! { <NotFound /> }.into_any(),
    };
    view! {
        <div class="frame" data-pane=pane>
            <a class="button skip" href="#main" rel="external">
                {t!("frame.skip")}
            </a>
            <div class="side">
                <SideHead jump />
                <ConversationList />
                <SideFoot />
            </div>
            <main class="main" id="main" tabindex="-1">
                <SignedOut />
                {main}
            </main>
            <Announcer />
            <Jump open=jump />
            <Shortcuts />
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
                <p>{t!("frame.signed_out")}</p>
                <p><a class="button" href=to rel="external">{t!("frame.sign_in")}</a></p>
            </div>
        }
        .into_any();
    }
    let words = crate::words::reason(&refused.error);
    view! {
        <div class="outside" role="alert">
            <p>{words}</p>
            <p><a class="button" href=path rel="external">{t!("frame.try_again")}</a></p>
        </div>
    }
    .into_any()
}
