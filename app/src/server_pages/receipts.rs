//! Page of the receipts of a message, which works without scripts.

use crate::components::Receipts as ReceiptsView;
use crate::datetime::{ReaderZone, Zone};
use crate::i18n::t;
use crate::initial_data::server::Receipts;
use leptos::prelude::*;

/// Renders the page as HTML.
pub(super) fn receipts(receipts: Receipts) -> String {
    let Receipts { conversation, found, now } = receipts;
    let zone = Zone::Known(StoredValue::new(use_context::<ReaderZone>().unwrap_or_default()));
    let back = match found.as_ref().map_or(0, |(message, _)| message.seq) {
        seq if seq > 0 => format!("/c/{conversation}?at={seq}#m{seq}"),
        _ => format!("/c/{conversation}"),
    };
    if found.is_none() {
        crate::server_fns::answer_not_found();
    }
    let contents = match found {
        Some((message, receipts)) => view! { <ReceiptsView message receipts zone now /> }.into_any(),
        None => view! { <p>{t!("receipts.not_here")}</p> }.into_any(),
    };
    view! {
        <header class="head">
            <a class="icon-button back" href=back.clone() aria-label=t!("receipts.back")>
                <span class="icon icon-back" aria-hidden="true"></span>
            </a>
            <div class="head-words">
                <h1 tabindex="-1">{t!("receipts.title")}</h1>
            </div>
        </header>
        <div class="sheet">
            <div class="receipts" id="receipts">
                {contents}
            </div>
            <p>
                <a class="button plain" href=back>
                    {t!("receipts.back")}
                </a>
            </p>
        </div>
    }
    .into_view()
    .to_html()
}
