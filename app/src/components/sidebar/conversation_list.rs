//! The list of conversations: pinned ones, then by activity; or a part of them.

use super::last_updated::LastUpdated;
use super::list_item::ListItem;
use super::part_address::{leave_address, query};
use crate::client::{Client, search_words, use_client};
use crate::components::count;
use crate::components::focus::focus_in_place;
use crate::components::presence::other_username;
use crate::components::view_fn::{handler, view_fn};
use crate::effect::effect;
use crate::i18n::t;
use crate::routing::{Location, Route, use_location};
use leptos::html;
use leptos::prelude::*;
use protocol::limits::LIST_PAGE;
use protocol::{Conversation, ConversationId, Invitation, ListFilter};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Height below the visible rows from which on the next page is loaded, in CSS pixels: some ten rows.
const AHEAD: i32 = 600;

/// The list. What it says while it is empty is shown by the style sheet. `words`: the name that it is filtered by.
#[component]
pub(super) fn ConversationList(words: RwSignal<String>) -> impl IntoView {
    let client = use_client();
    let location = use_location();
    let list = NodeRef::<html::Nav>::new();
    let order = Memo::new(move |before: Option<&Vec<RowKey>>| {
        let ids = named(client, &words.read());
        row_keys(before.map_or(&[], Vec::as_slice), &ids)
    });
    let shown = move || {
        let order: Vec<RowKey> = order.get();
        // Rows are about to move: the reader's place and the focus stay.
        if let Some(list) = list.get_untracked() {
            keep_place(&list);
        }
        order
    };
    // Every conversation can be found by its name: the rest is loaded, page after page.
    effect(move || {
        if !words.read().trim().is_empty() && client.list(|state| !state.list_is_complete()) {
            client.load_list();
        }
    });
    let emptiness = Memo::new(move |_| emptiness(client, &words.read()));
    let scrolled = move |_: web_sys::Event| {
        if let Some(list) = list.get_untracked() {
            let below = list.scroll_height() - list.scroll_top() - list.client_height();
            if below < AHEAD && client.peek(|state| !state.list_is_complete()) {
                client.load_list();
            }
        }
    };
    view! {
        <nav class="list" aria-label=t!("list.label") node_ref=list on:scroll=handler(scrolled)>
            {view_fn(move || invitations(client))}
            <ul>
                <For each=shown key=|key| *key let:key>
                    <ListItem id=key.0 />
                </For>
            </ul>
            {view_fn(move || more(client))}
            <div class="list-empty">{view_fn(move || emptiness.get().map(|it| empty(it, client, location)))}</div>
            <LastUpdated />
        </nav>
    }
}

/// The conversations of the list with a word that begins with each of the words: of their names, or of their subject and its kind.
fn named(client: Client, words: &str) -> Vec<ConversationId> {
    let words = words.trim();
    let query = if words.is_empty() { Vec::new() } else { search_words::of_query(words) };
    let me = client.me();
    client.list(|state| {
        let fits = |conversation: &&Conversation| {
            let name = state.name_of_conversation(conversation);
            let subject = conversation.subject.as_deref();
            let subject =
                subject.map(|subject| format!("{} {}", subject.kind_name, subject.title)).unwrap_or_default();
            words.is_empty()
                || search_words::fit(
                    &query,
                    &format!("{name} {} {subject}", other_username(conversation, me)),
                )
        };
        state.list().into_iter().filter(fits).map(|conversation| conversation.id).collect()
    })
}

/// Kinds of an empty list.
#[derive(Clone, Copy, PartialEq)]
enum Emptiness {
    /// The whole list.
    All,
    /// The conversations of a state.
    Filtered(ListFilter),
    /// The conversations about a kind of subjects.
    OfKind,
    /// The conversations of a name.
    Named,
}

/// Nothing while a page is on its way. Whether there are rows is a matter of the style sheet.
fn emptiness(client: Client, words: &str) -> Option<Emptiness> {
    client.list(|state| {
        let part = state.part();
        let what = match part.filter {
            _ if !words.trim().is_empty() => Emptiness::Named,
            Some(filter) => Emptiness::Filtered(filter),
            None if part.is_list() => Emptiness::All,
            None => Emptiness::OfKind,
        };
        state.list_is_complete().then_some(what)
    })
}

/// Text of an empty list, with a link to the next step.
fn empty(what: Emptiness, client: Client, location: Location) -> AnyView {
    let said = match what {
        Emptiness::All => t!("home.begin"),
        Emptiness::Named => t!("filter.none_named"),
        Emptiness::OfKind => t!("filter.none_of_kind"),
        Emptiness::Filtered(ListFilter::Unread) => t!("filter.none_unread"),
        Emptiness::Filtered(ListFilter::Archived) => t!("filter.none_archived"),
        Emptiness::Filtered(ListFilter::Open) => t!("filter.none_open"),
        Emptiness::Filtered(ListFilter::Closed) => t!("filter.none_closed"),
    };
    if let Emptiness::All | Emptiness::Named = what {
        let find = view! {
            <p>{said}</p>
            <a class="button" href="/new">
                {t!("home.find")}
            </a>
        };
        return find.into_any();
    }
    let show_all = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        client.show_all();
        leave_address(location);
    };
    let all = view! {
        <p>{said}</p>
        <a class="button plain" href="?filter=all" rel="external" on:click=handler(show_all)>
            {t!("filter.show_all")}
        </a>
    };
    all.into_any()
}

/// Link to the invitations that wait for an answer, if there are any.
fn invitations(client: Client) -> Option<AnyView> {
    let waiting = u32::try_from(client.invitations(<[Invitation]>::len)).unwrap_or(u32::MAX);
    let route = use_location().route;
    (waiting > 0).then(|| {
        view! {
            <a
                class="list-invitations"
                href="/invitations"
                aria-current=Signal::derive(move || (route.get() == Route::Invitations).then_some("page"))
            >
                {t!("invitation.waiting", n = count(waiting))}
            </a>
        }
        .into_any()
    })
}

/// Link to the rest of the list: without scripts it loads the page again, with more rows.
fn more(client: Client) -> Option<AnyView> {
    // The first page of a filter comes without a click.
    let (part, rows) =
        client.list(|state| state.list_end().map(|_| (state.part().clone(), state.list().len())))?;
    let part = if part.is_list() { String::new() } else { format!("&{}", query(&part)) };
    let load = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        client.load_list();
    };
    let link = view! {
        <a class="button plain list-more" href=format!("?list={}{part}", rows + LIST_PAGE) rel="external" on:click=handler(load)>
            {t!("list.more")}
        </a>
    };
    Some(link.into_any())
}

/// Key of a row: the conversation, and how often it has changed its place among the others.
///
/// When one row moves, Leptos moves each row that it passes. A row that changes its place gets a new key instead: it is
/// removed and added, and no other row is touched.
type RowKey = (ConversationId, u32);

/// Keys of the rows in this order. Going up from the last row, a row keeps its place if it stood above all rows below.
fn row_keys(before: &[RowKey], order: &[ConversationId]) -> Vec<RowKey> {
    let mut above = before.len();
    let mut keys: Vec<RowKey> = order
        .iter()
        .rev()
        .map(|&id| match before.iter().position(|(other, _)| *other == id) {
            None => (id, 0),
            Some(place) if place < above => {
                above = place;
                before[place]
            }
            Some(place) => (id, before[place].1.wrapping_add(1)),
        })
        .collect();
    keys.reverse();
    keys
}

/// Puts the rows that the reader sees back where they stand now, before the next frame is painted; and the focus, which
/// a browser takes from an element that moves. A reader at the very top stays there, to see what is new.
fn keep_place(list: &HtmlElement) {
    let list = list.clone();
    let Ok(rows) = list.query_selector_all(".item") else { return };
    let frame = list.get_bounding_client_rect();
    let top = |row: &Element| row.get_bounding_client_rect().top();
    let seen: Vec<(Element, f64)> = (0..rows.length())
        .filter_map(|at| rows.get(at)?.dyn_into::<Element>().ok())
        .map(|row| (top(&row), row))
        .filter(|(top, _)| *top >= frame.top() && *top < frame.bottom())
        .map(|(top, row)| (row, top))
        .collect();
    // In a row the focus is on its link, or on the button of its menu.
    let focused = document().active_element().and_then(|focused| focused.closest(".list-row").ok().flatten());
    let focused = focused.and_then(|row| row.query_selector(".item").ok().flatten());
    let scrolled = list.scroll_top() > 0;
    request_animation_frame(move || {
        if scrolled {
            // At most one row moves elsewhere; of the first and the last visible row, the one that moved less gives the
            // distance.
            let moved = |seen: Option<&(Element, f64)>| {
                seen.filter(|(row, _)| row.is_connected()).map(|(row, was)| (top(row) - was).round() as i32)
            };
            let moved = [moved(seen.first()), moved(seen.last())];
            let by = moved.into_iter().flatten().min_by_key(|by| by.abs()).unwrap_or(0);
            if by != 0 {
                list.set_scroll_top(list.scroll_top() + by);
            }
        }
        let lost = document().active_element().is_none_or(|now| now.tag_name() == "BODY");
        // A row that changed its place is another element with the same address.
        let href = focused.filter(|_| lost).and_then(|focused| focused.get_attribute("href"));
        let row = href.and_then(|href| list.query_selector(&format!(".item[href='{href}']")).ok().flatten());
        if let Some(row) = row.and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
            focus_in_place(&row);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c2_only_the_row_that_moves_gets_a_new_key() {
        let ids = |ids: &[i64]| ids.iter().copied().map(ConversationId).collect::<Vec<_>>();
        let first = row_keys(&[], &ids(&[1, 2, 3, 4]));
        assert_eq!(first.iter().map(|key| key.1).collect::<Vec<_>>(), [0, 0, 0, 0]);
        let moved = row_keys(&first, &ids(&[3, 1, 2, 4]));
        assert_eq!(
            moved.iter().map(|key| (key.0.0, key.1)).collect::<Vec<_>>(),
            [(3, 1), (1, 0), (2, 0), (4, 0)]
        );
        let added = row_keys(&moved, &ids(&[5, 3, 1, 4]));
        assert_eq!(
            added.iter().map(|key| (key.0.0, key.1)).collect::<Vec<_>>(),
            [(5, 0), (3, 1), (1, 0), (4, 0)]
        );
    }
}
