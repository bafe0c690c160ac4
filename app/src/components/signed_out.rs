//! What stands in the way of sending, beyond the network: the sign-in has ended, it is somebody else's by now, or the
//! browser keeps nothing.

use crate::client::Client;
use crate::client::{Keeping, LinkState, Stop};
use crate::components::with_next;
use crate::i18n::t;
use crate::markup::{Markup, markup};
use leptos::prelude::Get;

fn notice(words: &str, way: Option<(&str, String)>) -> Markup {
    let way = way.map(|(to, name)| markup!("<a href='~' rel='external'>~</a>", to, name));
    markup!("<p class='notice bad' role='alert'>~ ~</p>", words, way)
}

/// Says so, and how to go on.
pub(crate) fn signed_out(client: Client, path: &str) -> Markup {
    let stopped = match client.link.get() {
        LinkState::Stopped(Stop::SignedOut) => {
            let to = with_next("/sign-in", path);
            Some(notice(&t!("link.signed_out"), Some((&to, t!("link.sign_in_again")))))
        }
        LinkState::Stopped(Stop::SomebodyElse) => {
            let name = client.somebody_else.get();
            let way = ("/", t!("link.go_on_as", name = name));
            Some(notice(&t!("link.somebody_else", name = name), Some(way)))
        }
        _ => None,
    };
    let unkept = match client.keeping.get() {
        Keeping::Kept => None,
        Keeping::Full => Some(notice(&t!("link.storage_full"), None)),
        Keeping::Nowhere => Some(notice(&t!("link.no_storage"), None)),
    };
    markup!("~~", stopped, unkept)
}
