//! Who is in a conversation, and since when it is there.

use super::avatar;
use super::presence::{face, other, status, words};
use crate::client as live;
use crate::client::Client;
use crate::i18n::{plural, t};
use crate::markup::{Markup, markup};
use leptos::prelude::*;
use protocol::{ConversationId, ConversationKind, Role, Status};

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
pub(super) fn details(client: Client, id: ConversationId) -> Markup {
    markup!(
        "<section class='details' aria-labelledby='details'><header class='details-head'><h2 id='details'>~</h2>\
         <a class='icon-button details-close' href='/c/~' rel='external' data-do='details' aria-label='~' title='~'>\
         <span class='icon icon-close' aria-hidden='true'></span></a></header>~</section>",
        t!("head.details"),
        id.0,
        t!("details.close"),
        t!("details.close"),
        contents(client, id)
    )
}

/// As it is now.
fn contents(client: Client, id: ConversationId) -> Option<Markup> {
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
        let members = summary.members.iter().filter(|member| !member.left).map(|member| {
            let user = &member.user;
            let name = user.display_name();
            let about = if user.id == me { t!("details.you") } else { words(client, state, user.id) };
            let role = match member.role {
                Role::Owner if group => t!("details.owner"),
                Role::Moderator if group => t!("details.moderator"),
                _ => String::new(),
            };
            markup!(
                "<li class='member'>~<div><p class='one-line' dir='auto'><bdi>~</bdi></p>\
                 <p class='quiet'>~</p></div><span class='quiet'>~</span></li>",
                avatar::face(user.face(), &name, false, status(state, user.id)),
                name,
                about,
                role
            )
        });
        Some(markup!(
            "<div class='details-who'>~<p class='details-name' dir='auto'><bdi>~</bdi></p>\
             <p class='quiet'><bdi>~</bdi></p><p class='quiet'>~</p></div>\
             <h3 class='members-head'>~</h3><ul class='members'>~</ul>",
            avatar::face(face(summary, me), &name, group, Status::Offline),
            name,
            about,
            t!("details.began", when = began),
            t!("details.members"),
            members.collect::<Vec<_>>()
        ))
    })
}
