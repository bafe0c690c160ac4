//! The layout of all pages behind the sign-in: the list on one side, the page on the other.

use super::address::with_next;
use super::announcer::Announcer;
use super::conversation::Conversation;
use super::dialog::{JumpDialog, ShortcutsDialog};
use super::home::Home;
use super::invitations::Invitations;
use super::new_conversation::NewConversation;
use super::not_found::NotFound;
use super::notices::Notices;
use super::notifications::{NotificationsPage, Toast, show_unread};
use super::server_page::ServerPage;
use super::sidebar::Sidebar;
use super::sign_out::ConfirmSignOut;
use super::{count, embed, focus, preferences, shortcuts_handler};
use crate::client::{Client, RoomPart};
use crate::effect::effect;
use crate::i18n::{reason, t};
use crate::initial_data::{InitialData, SearchData};
use crate::routing::{EMBEDDED_CONVERSATION, Location, Route, join_base, use_location};
use crate::server_fns::{RequestError, redirect};
use leptos::prelude::*;
use protocol::ConversationId;

/// The two panes. Begins with the data of the page; from then on the connection keeps it up to date.
#[component]
pub(crate) fn Layout(mut data: InitialData, open: Option<ConversationId>) -> impl IntoView {
    let search = StoredValue::new(data.search.take());
    let client = Client::new(data, open);
    provide_context(client);
    let location = use_location();
    let jump = RwSignal::new(false);
    effect(move || client.connect());
    let is_embedded = !location.base.is_empty();
    if is_embedded {
        // The page around it tells of messages, and has the keys.
        embed::show_unread(client, location);
    } else {
        effect(move || client.announce(location));
        effect(move || shortcuts_handler::listen(jump));
        show_unread(client);
    }
    effect(move || {
        if let Some(html) = document().document_element() {
            let _ = html.set_attribute("data-link", &client.status.get().to_string());
        }
    });
    preferences::follow(client, location);
    move_focus(location);
    set_title(client, location);
    let pane = move || if location.route.get() == Route::Home { "list" } else { "main" };
    let page = move |route: Route| match route {
        Route::Home => view! { <Home /> }.into_any(),
        Route::Conversation(id) => view! { <Conversation id /> }.into_any(),
        Route::NewConversation => {
            // Only the first page comes with data of its search.
            let data: Option<SearchData> = search.try_update_value(Option::take).flatten();
            view! { <NewConversation data /> }.into_any()
        }
        Route::Notifications => view! { <NotificationsPage /> }.into_any(),
        Route::Invitations => view! { <Invitations /> }.into_any(),
        Route::Settings | Route::Receipts => view! { <ServerPage /> }.into_any(),
        Route::NotFound => view! { <NotFound /> }.into_any(),
    };
    view! {
        <div class="layout" data-pane=Signal::derive(pane) data-embed=embed::view_name(location)>
            <a class="button skip" href="#main" rel="external">
                {t!("layout.skip")}
            </a>
            {(location.base != EMBEDDED_CONVERSATION).then(|| view! { <Sidebar jump /> })}
            <main class="main" id="main" tabindex="-1">
                <Notices />
                <Toast />
                // Keyed by the route: a page is never rebuilt into that of another conversation.
                <For each=move || [location.route.get()] key=|route| *route let:route>
                    {page(route)}
                </For>
            </main>
            <Announcer />
            <JumpDialog open=jump />
            <ShortcutsDialog />
            <ConfirmSignOut />
        </div>
    }
}

fn move_focus(location: Location) {
    Effect::new(move |before: Option<String>| {
        let path = location.pathname.get();
        if let Some(before) = before.filter(|before| *before != path) {
            focus::after_navigation(&before, &path);
        }
        path
    });
}

/// Keeps the document's title: unread messages, the open conversation, Rapport.
fn set_title(client: Client, location: Location) {
    let title = Memo::new(move |_| {
        let rooms = client.list(|state| state.rooms.keys().copied().collect::<Vec<_>>());
        for id in rooms {
            client.track_room(id, RoomPart::Summary);
            client.track_room(id, RoomPart::Own);
        }
        let unread = client.peek(protocol::reducer::State::unread);
        let name = location.route.get().conversation().and_then(|id| {
            client.room(id, RoomPart::Summary, |room| client.name_of_conversation(&room.summary))
        });
        let count = if unread > 0 { format!("({}) ", count(unread)) } else { String::new() };
        let name = name.map(|name| format!("{name} · ")).unwrap_or_default();
        format!("{count}{name}Rapport")
    });
    effect(move || document().set_title(&title.read()));
}

/// In place of the layout: nobody is signed in (and is sent to the sign-in), or the data could not be read.
#[component]
pub(crate) fn NoEntry(refused: RequestError) -> impl IntoView {
    let location = use_location();
    let path = location.pathname.get_untracked();
    if refused.is_signed_out() {
        let to = with_next("/sign-in", &path);
        redirect(&to);
        return view! {
            <div class="outside">
                <p>{t!("layout.signed_out")}</p>
                <p>
                    <a class="button" href=to rel="external">
                        {t!("layout.sign_in")}
                    </a>
                </p>
            </div>
        }
        .into_any();
    }
    view! {
        <div class="outside" role="alert">
            <p>{reason(&refused.error)}</p>
            <p>
                <a class="button" href=join_base(location.base, &path) rel="external">
                    {t!("layout.try_again")}
                </a>
            </p>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::{EMBEDDED_LIST, RequestUrl, provide_location};

    #[test]
    fn x2_to_try_again_leads_to_the_same_embedded_page() {
        for (base, target) in [("", "/c/7"), (EMBEDDED_LIST, "/embed/list/c/7")] {
            let html = Owner::new().with(|| {
                provide_context(RequestUrl { base, path: "/c/7".into(), query: String::new() });
                provide_location();
                view! { <NoEntry refused=RequestError::unreached() /> }.to_html()
            });
            assert!(html.contains(&format!("href=\"{target}\"")), "{html}");
        }
    }
}
