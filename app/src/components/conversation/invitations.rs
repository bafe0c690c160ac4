//! Invitation links in the details of a group, for its owners and moderators.

use super::members::manages_group;
use crate::client::{Client, use_client};
use crate::components::PersonField;
use crate::components::copy_button::CopyButton;
use crate::components::view_fn::{handler, view_fn};
use crate::effect::effect;
use crate::i18n::{plural, reason, t};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::limits::LINK_SECONDS;
use protocol::{
    ClientFrame, ClientId, ConversationId, ErrorBody, InvitationLink, InvitationLinkCreated, InvitationLinks,
    ServerFrame,
};

/// Choices of the lifetime, in seconds.
const LIFETIMES: [i64; 5] = [3_600, 86_400, LINK_SECONDS, 30 * 86_400, 365 * 86_400];
/// Choices of the number of people.
const USES: [u32; 5] = [1, 5, 10, 50, 100];

/// State of the section.
#[derive(Clone, Copy)]
struct Section {
    client: Client,
    id: ConversationId,
    links: RwSignal<Vec<InvitationLink>>,
    /// Token of the link that was made last.
    token: RwSignal<String>,
    failure: RwSignal<Option<ErrorBody>>,
    busy: RwSignal<bool>,
}

impl Section {
    /// Sends a frame, and shows its answer or refusal. Nothing is sent before the answer to the frame before.
    fn send(self, frame: ClientFrame) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            let answer = self.client.request(frame).await;
            // The section may be gone.
            if self.busy.try_set(false).is_some() {
                return;
            }
            self.failure.set(answer.as_ref().err().cloned());
            match answer {
                Ok(Some(ServerFrame::InvitationLinks(InvitationLinks { links, .. }))) => {
                    self.links.set(links)
                }
                Ok(Some(ServerFrame::InvitationLinkCreated(InvitationLinkCreated {
                    token, link, ..
                }))) => {
                    self.links.update(|links| links.insert(0, link));
                    self.token.set(token);
                }
                _ => {}
            }
        });
    }
}

/// The links of a group; nothing for those who may not make any.
#[component]
pub(super) fn ConversationInvitations(id: ConversationId) -> impl IntoView {
    let client = use_client();
    let manages = manages_group(client, id);
    view! {
        <Show when=move || manages.get()>
            <Links id />
        </Show>
    }
}

#[component]
fn Links(id: ConversationId) -> impl IntoView {
    let client = use_client();
    let section = Section {
        client,
        id,
        links: RwSignal::new(Vec::new()),
        token: RwSignal::new(String::new()),
        failure: RwSignal::new(None),
        busy: RwSignal::new(false),
    };
    // The choices of a form that was refused.
    let typed = |field| client.take_typed(id, field).and_then(|text| text.parse().ok());
    let (typed_lifetime, typed_uses) = (typed("expires_in").unwrap_or(LINK_SECONDS), typed("uses"));
    effect(move || section.send(ClientFrame::ListInvitationLinks { conversation_id: Some(id) }));
    let (lifetime, uses) = (NodeRef::<html::Select>::new(), NodeRef::<html::Select>::new());
    let create = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let chosen = |field: NodeRef<html::Select>| field.get_untracked()?.value().parse().ok();
        section.send(ClientFrame::CreateInvitationLink {
            conversation_id: Some(id),
            expires_in: chosen(lifetime),
            uses: chosen(uses),
            client_id: Some(ClientId::mint()),
        });
    };
    let refused = move || {
        let words = reason(&section.failure.get()?);
        Some(view! { <p class="notice bad" role="alert">{words}</p> })
    };
    view! {
        <section class="links" aria-labelledby="links">
            <h3 class="members-head" id="links">
                {t!("invitation.links")}
            </h3>
            {view_fn(refused)}
            {view_fn(move || new_link(section))}
            <form class="form" method="post" action=format!("/c/{id}/invitations") on:submit=handler(create)>
                <PersonField me=client.me() />
                <input type="hidden" name="client_id" value=client.form_id.to_string() />
                <div class="pair">
                    <label class="field">
                        <span>{t!("invitation.lifetime")}</span>
                        <select name="expires_in" node_ref=lifetime>
                            {LIFETIMES.map(|seconds| lifetime_option(seconds, typed_lifetime)).collect_view()}
                        </select>
                    </label>
                    <label class="field">
                        <span>{t!("invitation.uses")}</span>
                        <select name="uses" node_ref=uses>
                            <option value="">{t!("invitation.uses_any")}</option>
                            {USES.map(|number| uses_option(number, typed_uses)).collect_view()}
                        </select>
                    </label>
                </div>
                <button class="button plain">{t!("invitation.create")}</button>
            </form>
            <ul class="link-list">
                <For each=move || section.links.get() key=|link| link.id let:link>
                    <LinkItem section link />
                </For>
            </ul>
        </section>
    }
    .into_any()
}

fn lifetime_option(seconds: i64, chosen: i64) -> AnyView {
    let words = match seconds {
        3_600 => t!("invitation.hour"),
        86_400 => t!("invitation.day"),
        LINK_SECONDS => t!("invitation.week"),
        31_536_000 => t!("invitation.year"),
        _ => t!("invitation.month"),
    };
    view! {
        <option value=seconds.to_string() selected=seconds == chosen>
            {words}
        </option>
    }
    .into_any()
}

fn uses_option(people: u32, chosen: Option<i64>) -> AnyView {
    let selected = chosen == Some(people.into());
    view! { <option value=people.to_string() selected=selected>{plural!("invitation.people", people)}</option> }.into_any()
}

/// Address, button and QR code of the link that was made last. It cannot be shown again.
fn new_link(section: Section) -> Option<AnyView> {
    let token = section.token.get();
    if token.is_empty() {
        return None;
    }
    let origin = window().location().origin().unwrap_or_default();
    let url = format!("{origin}/join/{token}");
    let box_view = view! {
        <div class="new-link">
            <p>{t!("invitation.once")}</p>
            <label class="field">
                <span>{t!("invitation.link")}</span>
                <input readonly value=url.clone() dir="ltr" />
            </label>
            <CopyButton text=url label=t!("invitation.copy") />
            <img
                class="qr"
                src=format!("/api/invitations/{token}/qr")
                width="200"
                height="200"
                alt=t!("invitation.qr")
            />
        </div>
    };
    Some(box_view.into_any())
}

/// A link with what is left of it, and the button that revokes it.
#[component]
fn LinkItem(section: Section, link: InvitationLink) -> impl IntoView {
    let InvitationLink { id, token_start, by, expires_at, uses_left, .. } = link;
    let Section { client, id: conversation, .. } = section;
    let left = match uses_left {
        Some(left) => plural!("invitation.left", u32::try_from(left).unwrap_or(u32::MAX)),
        None => t!("invitation.left_any"),
    };
    let until = move || t!("invitation.until", when = client.zone.get().full(expires_at));
    let revoke = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        section.send(ClientFrame::RevokeInvitationLink { conversation_id: Some(conversation), link_id: id });
    };
    view! {
        <li class="link-item">
            <div>
                <p>
                    <code dir="ltr">{format!("{token_start}…")}</code>
                    " "
                    <span class="quiet">{left}</span>
                </p>
                <p class="quiet">{Signal::derive(until)}</p>
                <p class="quiet">{Signal::derive(move || t!("invitation.made_by", who = client.name_of(&by)))}</p>
            </div>
            <form method="post" action=format!("/c/{conversation}/invitations/revoke") on:submit=handler(revoke)>
                <PersonField me=client.me() />
                <input type="hidden" name="link" value=id.to_string() />
                <button class="button plain">{t!("invitation.revoke")}</button>
            </form>
        </li>
    }
    .into_any()
}
