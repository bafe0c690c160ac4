//! The list of conversations, in live order.

use super::list_item::{Item, item, list_item};
use super::updated::updated;
use crate::client as live;
use crate::client::Client;
use crate::datetime::Zone;
use crate::i18n::t;
use crate::markup::{Markup, Row, bring_rows, markup, places};
use crate::routing::{conversation_of, use_path};
use crate::wires::effect;
use leptos::prelude::*;
use protocol::{ConversationId, Timestamp};

/// What the list shows.
struct Shown {
    order: Vec<ConversationId>,
    items: Vec<Item>,
    here: Option<ConversationId>,
    clock: (Zone, Timestamp),
}

impl Shown {
    fn now(client: Client, path: RwSignal<String>) -> Self {
        let order = client.read(|state| state.list().iter().map(|summary| summary.id).collect::<Vec<_>>());
        let (order, items) = order.into_iter().filter_map(|id| Some((id, item(client, id)?))).unzip();
        let clock = (client.zone.get(), client.now.get());
        Self { order, items, here: conversation_of(&path.read()), clock }
    }

    fn row(&self, client: Client, at: usize) -> Markup {
        let id = self.order[at];
        list_item(client, id, &self.items[at], self.here == Some(id))
    }

    /// Whether a row looks as one of an earlier list did.
    fn is_same(&self, at: usize, before: &Self, was: usize) -> bool {
        let is_here = |list: &Self, at: usize| list.here == Some(list.order[at]);
        self.clock == before.clock
            && self.items[at] == before.items[was]
            && is_here(self, at) == is_here(before, was)
    }
}

/// Brings the rows on screen from one to the other.
fn bring(client: Client, before: &Shown, now: &Shown) {
    let Ok(Some(list)) = document().query_selector(".list ul") else { return };
    if before.order != now.order {
        // Rows move: the reader's place and the keyboard's stay.
        live::hold_place(".list", ".item");
    }
    let rows = places(&before.order, &now.order).into_iter().enumerate().map(|(at, was)| {
        let same = was.is_some_and(|was| now.is_same(at, before, was));
        Row { was, markup: (!same).then(|| now.row(client, at)) }
    });
    bring_rows(&list, rows.collect());
}

/// The list. What it says while it is empty is shown by the style sheet.
pub(crate) fn conversation_list(client: Client) -> Markup {
    let path = use_path();
    let first = untrack(|| Shown::now(client, path));
    let rows = (0..first.order.len()).map(|at| first.row(client, at)).collect::<Vec<_>>();
    let shown = StoredValue::new(first);
    effect(move || {
        let now = Shown::now(client, path);
        shown.update_value(|shown| {
            bring(client, shown, &now);
            *shown = now;
        });
    });
    markup!(
        "<nav class='list' aria-label='~'><ul>~</ul>\
         <div class='list-empty'><p>~</p><a class='button' href='/new'>~</a></div>~</nav>",
        t!("list.label"),
        rows,
        t!("home.begin"),
        t!("home.find"),
        updated(client)
    )
}
