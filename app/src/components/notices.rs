//! Notices over the page: the sign-in has ended or is somebody else's, or the browser stores nothing.

use super::address::with_next;
use super::view_fn::view_fn;
use crate::client::{ConnectionStatus, StopReason, StorageStatus, use_client};
use crate::i18n::t;
use crate::routing::{join_base, use_location};
use leptos::prelude::*;

/// Notices about obstacles to sending other than the network, with a link that helps.
#[component]
pub(crate) fn Notices() -> impl IntoView {
    let client = use_client();
    let location = use_location();
    let stopped = move || match client.status.get() {
        ConnectionStatus::Stopped(StopReason::SignedOut) => {
            // The page around an embedded one signs in again.
            let link = location
                .base
                .is_empty()
                .then(|| (with_next("/sign-in", &location.pathname.read()), t!("notice.sign_in_again")));
            Some(view! { <Notice words=t!("notice.signed_out") link /> })
        }
        ConnectionStatus::Stopped(StopReason::OtherPerson) => {
            let name = client.other_person.get();
            let link = Some((join_base(location.base, "/"), t!("notice.go_on_as", name = name)));
            Some(view! { <Notice words=t!("notice.somebody_else", name = name) link /> })
        }
        _ => None,
    };
    let unstored = move || match client.storage.get() {
        StorageStatus::Kept => None,
        StorageStatus::Full => Some(view! { <Notice words=t!("notice.storage_full") link=None /> }),
        StorageStatus::Nowhere => Some(view! { <Notice words=t!("notice.no_storage") link=None /> }),
    };
    view! {
        {view_fn(stopped)}
        {view_fn(unstored)}
    }
}

/// A notice. `link`: address and text.
#[component]
fn Notice(words: String, link: Option<(String, String)>) -> impl IntoView {
    view! {
        <p class="notice bad" role="alert">
            {words}
            " "
            {link
                .map(|(to, name)| {
                    view! {
                        <a href=to rel="external">
                            {name}
                        </a>
                    }
                })}
        </p>
    }
    .into_any()
}
