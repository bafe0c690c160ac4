//! The history of a conversation for a moderator: read-only, in pages.

use crate::components::event_words;
use crate::datetime::Zone;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::{ConversationId, Message, MessageType, Page, Person, Timestamp, UserId};
use std::collections::HashMap;

/// How the rows of a page are shown.
struct Reader {
    me: UserId,
    /// The roles of the participants.
    roles: HashMap<UserId, String>,
    /// People whose names look like another's.
    alike: Vec<UserId>,
    zone: Zone,
}

impl Reader {
    fn name(&self, person: &Person) -> String {
        if self.alike.contains(&person.id) { person.full_name() } else { person.display_name() }
    }
}

/// A page of the history, with links to the older and the newest messages.
#[component]
pub(super) fn History(
    id: ConversationId,
    page: Page,
    me: UserId,
    roles: HashMap<UserId, String>,
    alike: Vec<UserId>,
    zone: Zone,
    now: Timestamp,
) -> impl IntoView {
    let reader = Reader { me, roles, alike, zone };
    let oldest = page.messages.first().map(|message| message.seq);
    let older = oldest.filter(|_| !page.at_start).map(|seq| {
        view! {
            <a class="button plain" href=format!("/moderation/{id}?before={seq}#history") rel="prev">
                {t!("moderation.older_messages")}
            </a>
        }
    });
    let newest = (!page.at_end).then(|| {
        view! {
            <a class="button plain" href=format!("/moderation/{id}#history")>
                {t!("moderation.newest_messages")}
            </a>
        }
    });
    let mut day = None;
    let rows: Vec<AnyView> = page
        .messages
        .iter()
        .flat_map(|message| {
            let today = zone.day(message.timestamp);
            let heading = (day.replace(today) != Some(today)).then(|| {
                let words = zone.day_heading(today, now);
                view! { <li class="moderation-day">{words}</li> }.into_any()
            });
            heading.into_iter().chain([row(message, &reader)])
        })
        .collect();
    let contents = if rows.is_empty() {
        view! { <p class="moderation-empty">{t!("moderation.no_messages")}</p> }.into_any()
    } else {
        view! { <ol class="moderation-log">{rows}</ol> }.into_any()
    };
    view! {
        <section class="moderation-history" id="history" aria-labelledby="messages">
            <h2 id="messages">{t!("moderation.messages")}</h2>
            {older.map(|link| view! { <p class="moderation-pages">{link}</p> })}
            {contents}
            {newest.map(|link| view! { <p class="moderation-pages">{link}</p> })}
        </section>
    }
}

fn row(message: &Message, reader: &Reader) -> AnyView {
    let at = message.timestamp;
    let time = view! {
        <time class="quiet" datetime=at.to_string() title=reader.zone.full(at)>
            {reader.zone.clock(at)}
        </time>
    };
    let anchor = format!("m{}", message.seq);
    if message.message_type == MessageType::System {
        let event = message.event.as_deref();
        let words =
            event.and_then(|event| event_words(event, &message.sender, reader.me, |who| reader.name(who)));
        let words = words.unwrap_or_else(|| message.content.clone());
        return view! {
            <li class="moderation-said system" id=anchor>
                <p>{words} " " {time}</p>
            </li>
        }
        .into_any();
    }
    let role = reader.roles.get(&message.sender.id).filter(|role| !role.is_empty()).cloned();
    let role = role.map(|role| view! { <bdi class="quiet">{role}</bdi> });
    let text = match message.deleted_at {
        Some(_) => view! { <p class="gone">{t!("message.deleted")}</p> }.into_any(),
        None => view! {
            <p class="moderation-text" dir="auto">
                {message.content.clone()}
            </p>
        }
        .into_any(),
    };
    view! {
        <li class="moderation-said" id=anchor>
            <p class="moderation-by">
                <bdi class="moderation-author">{reader.name(&message.sender)}</bdi>
                {role}
                {time}
            </p>
            {text}
        </li>
    }
    .into_any()
}
