//! Mark of accounts by which programs write.

use crate::i18n::t;
use leptos::prelude::*;

/// The mark behind the name of a bot.
#[component]
pub(super) fn BotBadge() -> impl IntoView {
    view! { <span class="bot-badge">{t!("message.bot")}</span> }.into_any()
}
