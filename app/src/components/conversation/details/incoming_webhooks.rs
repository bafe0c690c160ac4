//! Incoming webhooks in the details of a group, for its owners and moderators.

use crate::client::{Client, RoomPart, use_client};
use crate::components::PersonField;
use crate::components::conversation::members::manages_group;
use crate::components::copy_button::CopyButton;
use crate::components::focus::focus_when_there;
use crate::components::view_fn::{handler, view_fn};
use crate::effect::effect;
use crate::i18n::{reason, t};
use crate::server_fns::{RequestError, create_incoming_webhook, incoming_webhooks, revoke_incoming_webhook};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{ClientId, ConversationId, ErrorBody, ErrorCode, IncomingWebhook};

/// State of the section.
#[derive(Clone, Copy)]
struct Section {
    client: Client,
    id: ConversationId,
    webhooks: RwSignal<Vec<IncomingWebhook>>,
    /// URL of the webhook that was created last.
    url: RwSignal<String>,
    failure: RwSignal<Option<ErrorBody>>,
    busy: RwSignal<bool>,
    /// Name and id of a request whose answer was lost: a repeat is the same request.
    unanswered: StoredValue<Option<(String, ClientId)>>,
}

impl Section {
    fn load(self) {
        spawn_local(async move {
            // Who may see them no more keeps the list until the section goes.
            if let Ok(webhooks) = incoming_webhooks(self.id).await {
                let _ = self.webhooks.try_set(webhooks);
            }
        });
    }

    /// Creates a webhook; `done` runs after that.
    fn create(self, name: String, done: impl FnOnce() + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let before = self.unanswered.get_value().filter(|(of, _)| *of == name);
        let client_id = before.map_or_else(ClientId::mint, |(_, id)| id);
        self.unanswered.set_value(Some((name.clone(), client_id)));
        spawn_local(async move {
            let created = create_incoming_webhook(self.client.me(), self.id, name, client_id).await;
            if !self.has_ended(created.as_ref().err()) {
                return;
            }
            let Ok(created) = created else { return };
            let origin = window().location().origin().unwrap_or_default();
            self.webhooks.update(|all| {
                // It may have come with the list.
                all.retain(|webhook| webhook.id != created.webhook.id);
                all.push(created.webhook);
            });
            self.url.set(format!("{origin}/api/incoming/{}", created.token));
            done();
        });
    }

    fn revoke(self, webhook: i64) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            let revoked = revoke_incoming_webhook(self.client.me(), self.id, webhook).await;
            if self.has_ended(revoked.as_ref().err()) && revoked.is_ok() {
                self.webhooks.update(|all| all.retain(|one| one.id != webhook));
                // Its button is gone.
                focus_when_there("#webhooks");
            }
        });
    }

    /// Notes the end of a request; whether the section is still there.
    fn has_ended(self, refused: Option<&RequestError>) -> bool {
        if self.busy.try_set(false).is_some() {
            return false;
        }
        if !refused.is_some_and(|refused| refused.unreached) {
            self.unanswered.set_value(None);
        }
        self.failure.set(refused.map(|refused| refused.error.clone()));
        true
    }
}

/// The incoming webhooks of a group; nothing for those who may not see them.
#[component]
pub(super) fn IncomingWebhooks(id: ConversationId) -> impl IntoView {
    let client = use_client();
    let manages = manages_group(client, id);
    view! {
        <Show when=move || manages.get()>
            <Webhooks id />
        </Show>
    }
}

#[component]
fn Webhooks(id: ConversationId) -> impl IntoView {
    let client = use_client();
    let given = client.take_incoming_webhooks(id);
    let is_given = StoredValue::new(given.is_some());
    let section = Section {
        client,
        id,
        webhooks: RwSignal::new(given.unwrap_or_default()),
        url: RwSignal::new(String::new()),
        failure: RwSignal::new(None),
        busy: RwSignal::new(false),
        unanswered: StoredValue::new(None),
    };
    // A bot is a member: the list changes with the members.
    let members = Memo::new(move |_| client.room(id, RoomPart::Summary, |room| room.summary.member_count));
    effect(move || {
        members.track();
        if is_given.try_update_value(std::mem::take) != Some(true) {
            section.load();
        }
    });
    let field = NodeRef::<html::Input>::new();
    let create = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(name) = field.get_untracked() else { return };
        section.create(name.value(), move || name.set_value(""));
    };
    let refused = move || {
        let error = section.failure.get()?;
        let words = match error.code {
            ErrorCode::Conflict => t!("webhook.full"),
            ErrorCode::Invalid => t!("webhook.invalid"),
            _ => reason(&error),
        };
        Some(view! { <p class="notice bad" role="alert">{words}</p> })
    };
    view! {
        <section class="links" aria-labelledby="webhooks">
            <h3 class="members-head" id="webhooks" tabindex="-1">
                {t!("webhook.head")}
            </h3>
            <p class="quiet">{t!("webhook.about")}</p>
            {view_fn(refused)}
            {view_fn(move || new_url(section))}
            <form
                class="form"
                method="post"
                action=format!("/c/{id}/incoming-webhooks")
                on:submit=handler(create)
            >
                <PersonField me=client.me() />
                <input type="hidden" name="client_id" value=client.form_id.to_string() />
                <label class="field">
                    <span>{t!("webhook.name")}</span>
                    <input name="name" required maxlength="80" autocomplete="off" dir="auto" node_ref=field />
                </label>
                <button class="button plain">{t!("webhook.create")}</button>
            </form>
            <ul class="link-list">
                <For each=move || section.webhooks.get() key=|webhook| webhook.id let:webhook>
                    <WebhookItem section webhook />
                </For>
            </ul>
        </section>
    }
    .into_any()
}

/// URL of the webhook that was created last, with a button that copies it. It cannot be shown again.
fn new_url(section: Section) -> Option<AnyView> {
    let url = section.url.get();
    let is_there = !url.is_empty();
    let box_view = move || {
        view! {
            <div class="new-link">
                <p>{t!("webhook.once")}</p>
                <label class="field">
                    <span>{t!("webhook.url")}</span>
                    <input readonly value=url.clone() dir="ltr" />
                </label>
                <CopyButton text=url label=t!("webhook.copy") />
            </div>
        }
        .into_any()
    };
    is_there.then(box_view)
}

/// A webhook: its bot, who created it and when, and the button that revokes it, with a question before it.
#[component]
fn WebhookItem(section: Section, webhook: IncomingWebhook) -> impl IntoView {
    let IncomingWebhook { id, bot, by, created_at } = webhook;
    let Section { client, id: conversation, .. } = section;
    let revoke = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        section.revoke(id);
    };
    let name = bot.display_name();
    let label = t!("webhook.revoke_one", name = name);
    let made =
        move || t!("webhook.made", who = client.name_of(&by), when = client.zone.get().full(created_at));
    view! {
        <li class="link-item webhook-item">
            <div>
                <p class="one-line" dir="auto">
                    <bdi>{name}</bdi>
                </p>
                <p class="quiet">{Signal::derive(made)}</p>
            </div>
            <details class="question" name="webhook-question">
                <summary aria-label=label>{t!("invitation.revoke")}</summary>
                <p class="quiet">{t!("webhook.revoke_ask")}</p>
                <form
                    method="post"
                    action=format!("/c/{conversation}/incoming-webhooks/revoke")
                    on:submit=handler(revoke)
                >
                    <PersonField me=client.me() />
                    <input type="hidden" name="webhook" value=id.to_string() />
                    <button class="button danger">{t!("webhook.revoke_yes")}</button>
                </form>
            </details>
        </li>
    }
    .into_any()
}
