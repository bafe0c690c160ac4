//! The head of a conversation: who it is with, whether they are there, and what can be done with it.

use super::badge::badge;
use super::presence::{face, other, status, words};
use super::typing_line::typing_names;
use super::{as_whom, avatar, back};
use crate::client::Client;
use crate::i18n::{plural, t};
use crate::markup::{Markup, markup};
use protocol::{ConversationId, ConversationKind};

/// Who, presence or typing, badge, more. `details`: they are shown beside it. The name opens them, and closes them.
pub(super) fn conversation_head(client: Client, id: ConversationId, details: bool) -> Markup {
    let me = client.me();
    let typing = !typing_names(client, id).is_empty();
    let head = client.read(|state| {
        let summary = &state.rooms.get(&id)?.summary;
        let group = summary.kind == ConversationKind::Group;
        let other = other(summary, me);
        let typing = typing && !group;
        let about = match other {
            _ if typing => t!("typing.short"),
            Some(other) => words(client, state, other),
            None => plural!("head.members", u32::try_from(summary.member_count).unwrap_or(u32::MAX)),
        };
        let name = summary.name_for(me);
        let status = other.map(|other| status(state, other)).unwrap_or_default();
        let about = (!about.is_empty()).then(|| {
            let is_typing = if typing { " is-typing" } else { "" };
            markup!("<p class='quiet one-line~'>~</p>", is_typing, about)
        });
        Some((avatar::face(face(summary, me), &name, group, status), name, about, summary.unread > 0))
    });
    let (face, name, about, unread) = head.unwrap_or_default();
    let href = if details { format!("/c/{id}") } else { format!("/c/{id}?details") };
    let mark_read = |class: &str, icon: &str| {
        markup!(
            "<form class='~' method='post' action='/c/~/read'>~<button class='~' data-do='read'>~~</button></form>",
            class,
            id.0,
            as_whom(me),
            if icon.is_empty() { "button plain" } else { "" },
            Markup::made(icon.to_owned()),
            t!("head.mark_read")
        )
    };
    let icon = "<span class='icon icon-read' aria-hidden='true'></span>";
    markup!(
        "<header class='head'>~~<div class='head-words'><h1 class='one-line' dir='auto' tabindex='-1'>\
         <a href='~' rel='external' data-do='details'><bdi>~</bdi></a></h1>~</div>~~\
         <button class='icon-button' type='button' popovertarget='more' aria-label='~' title='~'>\
         <span class='icon icon-more' aria-hidden='true'></span></button>\
         <div class='drop' id='more' popover='auto'><a href='~' rel='external' data-do='details'>\
         <span class='icon icon-details' aria-hidden='true'></span>~</a>~\
         <button class='with-script' type='button' data-do='copy'>\
         <span class='icon icon-link' aria-hidden='true'></span>~</button></div></header>",
        back(),
        face,
        href,
        name,
        about,
        unread.then(|| mark_read("without-script", "")),
        badge(client),
        t!("head.more"),
        t!("head.more"),
        href,
        t!("head.details"),
        unread.then(|| mark_read("", icon)),
        t!("head.copy_link")
    )
}
