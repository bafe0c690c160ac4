//! Page of an incoming webhook that was created by the plain form.

use super::outside::Outside;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::{ConversationId, IncomingWebhook};

/// An incoming webhook that was created by the plain form. Only its page contains the URL.
#[derive(Clone)]
pub struct CreatedWebhook {
    /// The group.
    pub conversation: ConversationId,
    /// The URL to post to.
    pub url: String,
    /// The webhook.
    pub webhook: IncomingWebhook,
}

/// Renders the page of the webhook.
pub fn created_webhook(created: CreatedWebhook) -> impl IntoView {
    let CreatedWebhook { conversation, url, webhook } = created;
    view! {
        <Outside title=t!("webhook.one")>
            <p dir="auto">
                <bdi>{webhook.bot.display_name()}</bdi>
            </p>
            <p>{t!("webhook.once")}</p>
            <label class="field">
                <span>{t!("webhook.url")}</span>
                <input readonly value=url dir="ltr" />
            </label>
            <a class="button plain" href=format!("/c/{conversation}?details")>
                {t!("invitation.back")}
            </a>
        </Outside>
    }
}
