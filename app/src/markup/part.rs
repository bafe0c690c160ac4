//! Parts of a page that follow the state.

use super::{Markup, bring, markup};
use crate::wires::{effect, find};
use leptos::prelude::untrack;

/// A place of the page whose contents are made anew whenever something changes that they are made of. The server sends
/// them along, and the browser goes on with what was sent. What is made within, wires and further parts, lasts until it is
/// made anew. A page has one part of a name.
pub(crate) fn part(name: &'static str, make: impl FnMut() -> Markup + 'static) -> Markup {
    place(name, Box::new(make))
}

fn place(name: &'static str, mut make: Box<dyn FnMut() -> Markup>) -> Markup {
    let contents = if cfg!(feature = "ssr") { untrack(&mut make) } else { Markup::default() };
    let mut stands = None;
    effect(move || {
        let now = make();
        let found = stands.take().or_else(|| {
            let place = find(&format!("[data-part={name}]"))?;
            // What the server sent is the same.
            let sent = if place.has_child_nodes() { now.clone() } else { Markup::default() };
            Some((place, sent))
        });
        if let Some((place, before)) = found {
            if before != now {
                bring::bring(&place, &now);
            }
            stands = Some((place, now));
        }
    });
    markup!("<div class='part' data-part='~'>~</div>", name, contents)
}
