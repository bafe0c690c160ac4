//! What stands in the way of sending, beyond the network: the sign-in has ended, it is somebody else's by now, or the
//! browser keeps nothing.

use crate::client::use_client;
use crate::live::{Keeping, LinkState, Stop};
use crate::parts::with_next;
use crate::route::use_path;
use crate::words::t;
use leptos::prelude::*;

/// Says so, and how to go on.
#[component]
pub(crate) fn SignedOut() -> impl IntoView {
    let client = use_client();
    let path = use_path();
    let notice = |words: String, way: Option<(String, String)>| {
        view! {
            <p class="notice bad" role="alert">
                {words} " " {way.map(|(to, name)| view! { <a href=to rel="external">{name}</a> })}
            </p>
        }
    };
    let stopped = move || match client.link.get() {
        LinkState::Stopped(Stop::SignedOut) => {
            let to = with_next("/sign-in", &path.read());
            Some(notice(t!("link.signed_out"), Some((to, t!("link.sign_in_again")))))
        }
        LinkState::Stopped(Stop::SomebodyElse) => {
            let name = client.somebody_else.get();
            let way = (String::from("/"), t!("link.go_on_as", name = name));
            Some(notice(t!("link.somebody_else", name = name), Some(way)))
        }
        _ => None,
    };
    let unkept = move || match client.keeping.get() {
        Keeping::Kept => None,
        Keeping::Full => Some(notice(t!("link.storage_full"), None)),
        Keeping::Nowhere => Some(notice(t!("link.no_storage"), None)),
    };
    view! {
        {stopped}
        {unkept}
    }
}
