//! Where nothing is.

use super::outside::Outside;
use crate::i18n::t;
use leptos::prelude::*;

/// Any other address.
pub fn not_found() -> impl IntoView {
    view! {
        <Outside title=t!("outside.nothing_here")>
            <p>{t!("outside.nothing_at_address")}</p>
            <p><a class="button" href="/">{t!("outside.to_conversations")}</a></p>
        </Outside>
    }
}
