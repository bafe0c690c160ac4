//! Details of a conversation: its members and the date of its creation.

use crate::client::{Client, RoomPart, use_client};
use crate::components::avatar::{Avatar, Face, presence_code};
use crate::components::presence::{hue, other_member, presence_words};
use crate::components::view_fn::{handler, view_fn};
use crate::i18n::{plural, t};
use crate::routing::use_location;
use leptos::prelude::*;
use protocol::{ConversationId, ConversationKind, Member, Role};

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
            {view_fn(move || about(client, id))}
            <h3 class="members-head">{t!("details.members")}</h3>
            <ul class="members">{view_fn(move || members(client, id))}</ul>
        </section>
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
                <Face hue=hue(summary, me) name=name.clone() group />
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

fn members(client: Client, id: ConversationId) -> Option<Vec<AnyView>> {
    let members = client.room(id, RoomPart::Summary, |room| {
        let group = room.summary.kind == ConversationKind::Group;
        let there = room.summary.members.iter().filter(|member| !member.left);
        there.cloned().map(|member| (member, group)).collect::<Vec<_>>()
    });
    Some(
        members?
            .into_iter()
            .map(|(member, group)| view! { <MemberItem member group /> }.into_any())
            .collect(),
    )
}

/// A member with presence and role.
#[component]
fn MemberItem(member: Member, group: bool) -> impl IntoView {
    let client = use_client();
    let Member { user, role, .. } = member;
    let id = user.id;
    let status = move || client.presence(id).map(|there| there.status).unwrap_or_default();
    let suspended = user.suspended;
    let about = move || match id {
        _ if suspended => t!("presence.suspended"),
        id if id == client.me() => t!("details.you"),
        id => presence_words(client, id),
    };
    let name = client.name_of(&user);
    let role = match role {
        Role::Owner if group => t!("details.owner"),
        Role::Moderator if group => t!("details.moderator"),
        _ => String::new(),
    };
    view! {
        <li class="member">
            <span class="face" data-presence=Signal::derive(move || presence_code(status()))>
                <Avatar hue=user.face() name=user.display_name() />
            </span>
            <div>
                <p class="one-line" dir="auto">
                    <bdi>{name}</bdi>
                </p>
                <p class="quiet">{Signal::derive(about)}</p>
            </div>
            <span class="quiet">{role}</span>
        </li>
    }
}
