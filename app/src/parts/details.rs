//! Who is in a conversation, and since when it is there.

use super::Face;
use super::presence::{face, other, status, words};
use crate::client::{Client, use_client};
use crate::live;
use crate::words::{plural, t};
use leptos::prelude::*;
use protocol::{ConversationId, ConversationKind, Role};

/// Opens the details, or closes them.
pub(super) fn turn(id: ConversationId, shown: RwSignal<bool>) {
    let place = format!("/c/{id}");
    if !shown.get_untracked() {
        live::enter(&format!("{place}?details"));
        shown.set(true);
    } else if !live::leave(&place) {
        shown.set(false);
    }
}

/// `?details` of a conversation: beside it, over it, or in its place, as the screen allows.
#[component]
pub(crate) fn Details(id: ConversationId, shown: RwSignal<bool>) -> impl IntoView {
    let client = use_client();
    view! {
        <section class="details" aria-labelledby="details">
            <header class="details-head">
                <h2 id="details">{t!("head.details")}</h2>
                <a
                    class="icon-button details-close"
                    href=format!("/c/{id}")
                    rel="external"
                    on:click=move |event| {
                        event.prevent_default();
                        turn(id, shown);
                    }
                    aria-label=t!("details.close")
                    title=t!("details.close")
                >
                    <span class="icon icon-close" aria-hidden="true"></span>
                </a>
            </header>
            {move || contents(client, id)}
        </section>
    }
}

/// As it is now.
fn contents(client: Client, id: ConversationId) -> Option<impl IntoView> {
    let me = client.me();
    client.read(|state| {
        let summary = &state.rooms.get(&id)?.summary;
        let group = summary.kind == ConversationKind::Group;
        let name = summary.name_for(me);
        let about = match other(summary, me) {
            Some(other) => {
                let member = summary.members.iter().find(|member| member.user.id == other);
                member.map(|member| format!("@{}", member.user.username)).unwrap_or_default()
            }
            None => plural!("head.members", u32::try_from(summary.member_count).unwrap_or(u32::MAX)),
        };
        let began = client.zone.get().heading(summary.created_at, client.now.get());
        let members = summary
            .members
            .iter()
            .filter(|member| !member.left)
            .map(|member| {
                let user = &member.user;
                let status = status(state, user.id);
                let about = if user.id == me { t!("details.you") } else { words(client, state, user.id) };
                let role = match member.role {
                    Role::Owner if group => t!("details.owner"),
                    Role::Moderator if group => t!("details.moderator"),
                    _ => String::new(),
                };
                view! {
                    <li class="member">
                        <Face id=user.face() name=user.display_name() status />
                        <div>
                            <p class="one-line" dir="auto"><bdi>{user.display_name()}</bdi></p>
                            <p class="quiet">{about}</p>
                        </div>
                        <span class="quiet">{role}</span>
                    </li>
                }
            })
            .collect_view();
        Some(view! {
            <div class="details-who">
                <Face id=face(summary, me) name=name.clone() group />
                <p class="details-name" dir="auto"><bdi>{name}</bdi></p>
                <p class="quiet"><bdi>{about}</bdi></p>
                <p class="quiet">{t!("details.began", when = began)}</p>
            </div>
            <h3 class="members-head">{t!("details.members")}</h3>
            <ul class="members">{members}</ul>
        })
    })
}
