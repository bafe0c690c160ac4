//! What all pages behind the sign-in share: who one is, the list, the live link.

use crate::client::Client;
use crate::live;
use crate::parts::{Badge, ConversationList, SignedOut};
use crate::rpc::{self, Loaded, Refused};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_location, use_query_map};
use protocol::ConversationId;

/// The conversation that a path is about.
pub(crate) fn conversation_of(path: &str) -> Option<ConversationId> {
    path.strip_prefix("/c/")?.trim_end_matches('/').parse().ok().filter(|id: &ConversationId| id.0 > 0)
}

/// Loads what the page begins with, once; from then on the link keeps it up to date.
#[component]
pub(crate) fn Inside() -> impl IntoView {
    let path = use_location().pathname.get_untracked();
    let open = conversation_of(&path);
    let before = use_query_map().read_untracked().get("before").and_then(|before| before.parse().ok());
    let loaded = Resource::new(|| (), move |()| rpc::load(open, before));
    view! {
        <Suspense>
            {move || {
                let path = path.clone();
                Suspend::new(async move {
                    match loaded.await {
                        Ok(loaded) => view! { <Frame loaded open /> }.into_any(),
                        Err(refused) => view! { <NoEntry refused path /> }.into_any(),
                    }
                })
            }}
        </Suspense>
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

    let pathname = use_location().pathname;
    let pane = move || if pathname.read().as_str() == "/" { "list" } else { "main" };
    let unread = Memo::new(move |_| client.read(protocol::reducer::State::unread));
    let title = move || match unread.get() {
        0 => "Rapport".to_owned(),
        unread => format!("({}) Rapport", crate::parts::count(unread)),
    };
    view! {
        <Title text=title />
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
                <Outlet />
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_conversation_off_the_path() {
        assert_eq!(conversation_of("/c/7"), Some(ConversationId(7)));
        assert_eq!(conversation_of("/c/7/"), Some(ConversationId(7)));
        for path in ["/", "/c/", "/c/x", "/c/0", "/c/-1", "/c/7/messages", "/c/99999999999999999999"] {
            assert_eq!(conversation_of(path), None, "{path}");
        }
    }
}
