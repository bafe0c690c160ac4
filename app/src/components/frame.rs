//! What all pages behind the sign-in share: who one is, the list, the live link.

use super::{home, not_found, server_page};
use crate::client as live;
use crate::client::Client;
use crate::components::{self as parts, Jump};
use crate::i18n::t;
use crate::initial_data::{Loaded, loaded};
use crate::markup::{Markup, markup, part};
use crate::routing::{Place, conversation_of, use_path};
use crate::server_fns::{self, Refused};
use crate::wires::{asked, effect, find, hear_at};
use leptos::prelude::*;
use protocol::ConversationId;

/// Begins with what the page brought; from then on the link keeps it up to date.
pub(crate) fn inside() -> Markup {
    let path = use_path().get_untracked();
    let open = conversation_of(&path);
    match loaded() {
        Ok(loaded) => {
            if open.is_some_and(|id| loaded.synced.gone.contains(&id)) {
                // The page still shows the list; only its status tells programs.
                server_fns::answer_not_found();
            }
            frame(loaded, open)
        }
        Err(refused) => no_entry(&refused, &path),
    }
}

/// The two panes.
fn frame(loaded: Loaded, open: Option<ConversationId>) -> Markup {
    let client = Client::new(loaded, open);
    let path = use_path();
    let jump = Jump::new(client);
    effect(move || live::begin(client));
    effect(move || tell("html", "data-link", &client.link.get().to_string()));
    effect(move || tell(".frame", "data-pane", pane(&path.read())));
    let mut before = None;
    effect(move || {
        let path = path.get();
        if let Some(before) = before.replace(path.clone()).filter(|before| *before != path) {
            parts::moved(&before, &path);
        }
    });
    let mut before = String::new();
    effect(move || {
        let title = title(client, &path.read());
        if title != before {
            document().set_title(&title);
            before = title;
        }
    });
    effect(move || {
        parts::listen(jump);
        hear_at(".frame", "click", move |event| match asked(&event).as_str() {
            "jump" => jump.open(),
            "fold" => parts::fold(),
            "keys" => parts::show("keys"),
            _ => {}
        });
    });
    let place = Memo::new(move |_| Place::of(&path.read()));
    let main = move || match place.get() {
        Place::Home => home(client),
        Place::Talk(id) => parts::conversation(client, id),
        Place::New | Place::Settings | Place::Receipts => server_page(client),
        Place::Nowhere => not_found(),
    };
    markup!(
        "<div class='frame' data-pane='~'><a class='button skip' href='#main' rel='external'>~</a>\
         <div class='side'>~~~</div><main class='main' id='main' tabindex='-1'>~~</main>~~~</div>",
        pane(&path.read_untracked()),
        t!("frame.skip"),
        part("side-head", move || parts::side_head(client)),
        parts::conversation_list(client),
        part("side-foot", move || parts::side_foot(client)),
        part("signed-out", move || parts::signed_out(client, &path.read())),
        part("main", main),
        parts::announcer(client),
        jump.view(),
        parts::shortcuts()
    )
}

/// Which of the two panes a narrow screen shows.
fn pane(path: &str) -> &'static str {
    if path == "/" { "list" } else { "main" }
}

fn tell(selector: &str, name: &str, value: &str) {
    if let Some(element) = find(selector) {
        let _ = element.set_attribute(name, value);
    }
}

fn title(client: Client, path: &str) -> String {
    let unread = client.read(protocol::reducer::State::unread);
    let open = conversation_of(path);
    let name = open.and_then(|id| client.room(id, |room| room.summary.name_for(client.me())));
    let count = if unread > 0 { format!("({}) ", parts::count(unread)) } else { String::new() };
    let name = name.map(|name| format!("{name} · ")).unwrap_or_default();
    format!("{count}{name}Rapport")
}

/// Not signed in: to the sign-in page. Anything else: in words.
fn no_entry(refused: &Refused, path: &str) -> Markup {
    if refused.signed_out() {
        let to = parts::with_next("/sign-in", path);
        server_fns::redirect(&to);
        return markup!(
            "<div class='outside'><p>~</p><p><a class='button' href='~' rel='external'>~</a></p></div>",
            t!("frame.signed_out"),
            to,
            t!("frame.sign_in")
        );
    }
    markup!(
        "<div class='outside' role='alert'><p>~</p><p><a class='button' href='~' rel='external'>~</a></p></div>",
        crate::i18n::reason(&refused.error),
        path,
        t!("frame.try_again")
    )
}
