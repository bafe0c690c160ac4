//! Pages in the frame whose content comes from the server, whole.

use crate::client as live;
use crate::client::Client;
use crate::components::badge;
use crate::markup::{Markup, markup, part};
use crate::wires::{effect, find};

/// The browser has no code for what stands in it, and leaves it as it is.
pub(crate) fn server_page(client: Client) -> Markup {
    effect(|| find(".page").iter().for_each(live::help_to_find));
    // The page under it is live: where the list and its badge are not beside it, this one tells how that goes.
    let badge = part("sheet-badge", move || badge(client));
    markup!("~<div class='page'>~</div>", badge, Markup::made(crate::server_fns::sheet()))
}
