//! Page of the incoming webhooks of a group, for its owners and moderators.

use super::outside::{Outside, Refused};
use crate::components::PersonField;
use crate::datetime::{ReaderZone, Zone};
use crate::flash::Flash;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::{ClientId, ConversationId, IncomingWebhook, UserId};

/// Data of `/c/{id}/incoming-webhooks`.
#[derive(Clone)]
pub struct IncomingWebhooks {
    /// The reader.
    pub me: UserId,
    /// The group.
    pub conversation: ConversationId,
    /// Its webhooks, in the order in which they were created.
    pub webhooks: Vec<IncomingWebhook>,
    /// The URL of the webhook that was just created. No other page contains it.
    pub url: Option<String>,
    /// The outcome of the form before.
    pub flash: Option<Flash>,
    /// The id that a request to create gets, so that a repeat is the same request.
    pub client_id: ClientId,
}

/// Renders the page of the webhooks.
pub fn incoming_webhooks(page: IncomingWebhooks) -> impl IntoView {
    let IncomingWebhooks { me, conversation, webhooks, url, flash, client_id } = page;
    let name = flash.as_ref().and_then(|flash| flash.text("name")).unwrap_or_default();
    let zone = Zone::Known(StoredValue::new(use_context::<ReaderZone>().unwrap_or_default()));
    let items = webhooks.iter().map(|webhook| item(webhook, me, conversation, zone)).collect_view();
    view! {
        <Outside title=t!("webhook.head")>
            <p class="quiet">{t!("webhook.about")}</p>
            <Refused words=flash.map(|flash| flash.words()) />
            {url.map(new_url)}
            <ul class="link-list">{items}</ul>
            <form class="form" method="post" action=format!("/c/{conversation}/incoming-webhooks")>
                <PersonField me />
                <input type="hidden" name="client_id" value=client_id.to_string() />
                <label class="field">
                    <span>{t!("webhook.name")}</span>
                    <input name="name" required maxlength="80" autocomplete="off" dir="auto" value=name />
                </label>
                <button class="button">{t!("webhook.create")}</button>
            </form>
            <a class="button plain" href=format!("/c/{conversation}?details")>
                {t!("invitation.back")}
            </a>
        </Outside>
    }
}

/// The URL of the webhook that was just created.
fn new_url(url: String) -> AnyView {
    view! {
        <div class="new-link">
            <p>{t!("webhook.once")}</p>
            <label class="field">
                <span>{t!("webhook.url")}</span>
                <input readonly value=url dir="ltr" />
            </label>
        </div>
    }
    .into_any()
}

/// A webhook: its bot, who created it and when, and the button that revokes it, with a question before it.
fn item(webhook: &IncomingWebhook, me: UserId, conversation: ConversationId, zone: Zone) -> AnyView {
    let name = webhook.bot.display_name();
    let made = t!("webhook.made", who = webhook.by.display_name(), when = zone.full(webhook.created_at));
    let label = t!("webhook.revoke_one", name = name);
    view! {
        <li class="link-item webhook-item">
            <div>
                <p class="one-line" dir="auto">
                    <bdi>{name}</bdi>
                </p>
                <p class="quiet">{made}</p>
            </div>
            <details class="question" name="webhook-question">
                <summary aria-label=label>{t!("invitation.revoke")}</summary>
                <p class="quiet">{t!("webhook.revoke_ask")}</p>
                <form method="post" action=format!("/c/{conversation}/incoming-webhooks/revoke")>
                    <PersonField me />
                    <input type="hidden" name="webhook" value=webhook.id.to_string() />
                    <button class="button danger">{t!("webhook.revoke_yes")}</button>
                </form>
            </details>
        </li>
    }
    .into_any()
}
