//! Details of a conversation: its name and picture, its members, and what the reader may change of a group.

mod actions;
mod add_people;
mod closing;
mod member_list;
mod request;
mod settings_form;

use super::invitations::ConversationInvitations;
use super::members::{Members, is_group, manages_group};
use crate::client::{Client, RoomPart, use_client};
use crate::components::avatar::Face;
use crate::components::form_failure::FormFailure;
use crate::components::membership_actions::PersonalActions;
use crate::components::presence::{other_member, picture};
use crate::components::view_fn::{handler, view_fn};
use crate::i18n::{plural, t};
use crate::routing::use_location;
use actions::Leave;
use add_people::AddPeople;
use closing::Closing;
use leptos::prelude::*;
use member_list::MemberList;
use protocol::{ConversationId, ConversationKind};
use settings_form::SettingsForm;

/// Query of an address that shows the details.
pub(super) const QUERY: &str = "details";

/// `?details` of a conversation: beside it, over it, or in its place, as the screen allows.
#[component]
pub(super) fn Details(id: ConversationId) -> impl IntoView {
    let client = use_client();
    let location = use_location();
    let close = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        location.go_back_to(&format!("/c/{id}"));
    };
    let members = Members::new(client, id);
    // The product decides about a conversation that has a subject.
    let has_subject =
        client.room(id, RoomPart::Summary, |room| room.summary.subject.is_some()).unwrap_or_default();
    let group = is_group(client, id) && !has_subject;
    view! {
        <section class="details" aria-labelledby="details">
            <header class="details-head">
                <h2 id="details">{t!("head.details")}</h2>
                <a
                    class="icon-button details-close"
                    href=format!("/c/{id}")
                    on:click=handler(close)
                    aria-label=t!("details.close")
                    title=t!("details.close")
                >
                    <span class="icon icon-close" aria-hidden="true"></span>
                </a>
            </header>
            <FormFailure />
            {view_fn(move || about(client, id))}
            {group.then(|| view! { <SettingsForm members /> })}
            {group.then(|| view! { <AddPeople members /> })}
            <section class="own-state" aria-labelledby="own">
                <h3 class="members-head" id="own">
                    {t!("own.head")}
                </h3>
                <PersonalActions id done=|()| () />
            </section>
            <h3 class="members-head" tabindex="-1">
                {t!("details.members")}
            </h3>
            <MemberList members />
            {group.then(|| view! { <ConversationInvitations id /> })}
            {group.then(|| webhooks_link(client, id))}
            {group.then(|| view! { <Leave id /> })}
            {has_subject.then(|| view! { <Closing members /> })}
        </section>
    }
    .into_any()
}

/// Link to the page of the incoming webhooks, for owners and moderators.
fn webhooks_link(client: Client, id: ConversationId) -> AnyView {
    let manages = manages_group(client, id);
    view! {
        <p hidden=move || !manages.get()>
            <a class="button plain" href=format!("/c/{id}/incoming-webhooks") rel="external">
                {t!("webhook.head")}
            </a>
        </p>
    }
    .into_any()
}

/// Name, picture and presence of the conversation.
fn about(client: Client, id: ConversationId) -> Option<AnyView> {
    let me = client.me();
    let (zone, now) = (client.zone.get(), client.now.get());
    client.room(id, RoomPart::Summary, |room| {
        let summary = &room.summary;
        let group = summary.kind == ConversationKind::Group;
        let name = client.name_of_conversation(summary);
        let other = other_member(summary, me);
        let about = match summary.members.iter().find(|member| Some(member.user.id) == other) {
            Some(other) => format!("@{}", other.user.username),
            None => plural!("head.members", u32::try_from(summary.member_count).unwrap_or(u32::MAX)),
        };
        let began = zone.day_within(summary.created_at, now);
        view! {
            <div class="details-who">
                <Face picture=picture(summary, me) name=name.clone() group />
                <p class="details-name" dir="auto">
                    <bdi>{name}</bdi>
                </p>
                <p class="quiet">
                    <bdi>{about}</bdi>
                </p>
                <p class="quiet">{t!("details.began", when = began)}</p>
            </div>
        }
        .into_any()
    })
}
