//! The list of the members, with what the reader may do with each.

use super::actions::Actions;
use crate::client::use_client;
use crate::components::avatar::{Avatar, presence_code};
use crate::components::bot_badge::BotBadge;
use crate::components::conversation::members::{Members, is_group};
use crate::components::presence::presence_words;
use crate::components::view_fn::view_fn;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::{Person, Role, UserId};

/// The list. A member's row stays the same while others come and go.
#[component]
pub(super) fn MemberList(members: Members) -> impl IntoView {
    let client = use_client();
    let group = is_group(client, members.id);
    let users =
        Memo::new(move |_| members.all.read().iter().map(|member| member.user.id).collect::<Vec<_>>());
    view! {
        <ul class="members">
            <For each=move || users.get() key=|user| *user let:user>
                <MemberItem members user group />
            </For>
        </ul>
    }
    .into_any()
}

/// A member with presence and role.
#[component]
fn MemberItem(members: Members, user: UserId, group: bool) -> impl IntoView {
    let client = use_client();
    // A row that is about to go keeps its appearance.
    let member = Memo::new(move |before: Option<&Option<(Person, Role, Option<String>)>>| {
        let all = members.all.read();
        let now = all.iter().find(|member| member.user.id == user);
        now.map(|member| (member.user.clone(), member.role, member.subject_role.clone()))
            .or_else(|| before.cloned().flatten())
    });
    let person = move || member.get().map(|(person, ..)| person);
    let name = Signal::derive(move || person().map(|person| client.name_of(&person)).unwrap_or_default());
    let status = move || client.presence(user).map(|there| there.status).unwrap_or_default();
    let about = move || match person() {
        Some(person) if person.suspended => t!("presence.suspended"),
        // Nobody is there.
        Some(person) if person.bot => String::new(),
        _ if user == client.me() => t!("details.you"),
        _ => presence_words(client, user),
    };
    let role = move || match member.get() {
        Some((.., Some(of_subject))) => of_subject,
        Some((_, Role::Owner, _)) if group => t!("details.owner"),
        Some((_, Role::Moderator, _)) if group => t!("details.moderator"),
        _ => String::new(),
    };
    let badge = move || person().filter(|person| person.bot).map(|_| view! { <BotBadge /> });
    let face = move || person().map(|person| view! { <Avatar picture=&person name=person.display_name() /> });
    view! {
        <li class="member">
            <span class="face" data-presence=Signal::derive(move || presence_code(status()))>
                {view_fn(face)}
            </span>
            <div>
                <p class="one-line" dir="auto">
                    <bdi>{name}</bdi>
                    {view_fn(badge)}
                </p>
                <p class="quiet">{Signal::derive(about)}</p>
            </div>
            <span class="quiet" dir="auto">{Signal::derive(role)}</span>
            {group.then(|| view! { <Actions members user name /> })}
        </li>
    }
    .into_any()
}
