//! How old the list is.

use crate::client::Client;
use crate::client::LinkState;
use crate::i18n::t;
use crate::markup::{Markup, markup, part};
use crate::wires::{asked, effect, hear_at};
use leptos::prelude::*;
use std::time::Duration;

/// A quiet line under the list, with a way to have it anew; without a live page that is a load of this one.
pub(super) fn updated(client: Client) -> Markup {
    // While the link is up the list is of this moment.
    let updated = RwSignal::new(client.now.get_untracked());
    effect(move || {
        if matches!(client.link.get(), LinkState::Connected | LinkState::Polling) {
            updated.set(client.now.get());
        }
    });
    // A turn is seen, however quick the answer.
    let turning = RwSignal::new(false);
    effect(move || {
        hear_at(".list", "click", move |event| {
            if asked(&event) == "refresh" {
                event.prevent_default();
                turning.set(true);
                client.refresh();
                let turned = move || {
                    let _ = turning.try_set(false);
                };
                set_timeout(turned, Duration::from_millis(800));
            }
        });
    });
    part("updated", move || {
        let is_busy = if turning.get() || client.refreshing.get() { " is-busy" } else { "" };
        markup!(
            "<p class='updated'><span>~</span>\
             <a class='icon-button refresh~' href='' rel='external' data-do='refresh' aria-label='~' title='~'>\
             <span class='icon icon-refresh' aria-hidden='true'></span></a></p>",
            t!("list.updated", when = client.zone.get().clock(updated.get())),
            is_busy,
            t!("list.refresh"),
            t!("list.refresh")
        )
    })
}
