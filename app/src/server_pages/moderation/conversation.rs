//! A conversation as a moderator sees it: its subject, the participants, the history; closing and reopening.

use super::history::History;
use super::reason::{ReasonField, refusal};
use super::{Page as Sheet, state, zone};
use crate::components::{Avatar, PersonField};
use crate::datetime::Zone;
use crate::i18n::t;
use crate::server_pages::outside::Refused;
use chat::store::{ModeratedConversation, ModeratedMember, ReadPosition};
use leptos::prelude::*;
use protocol::reducer::namesakes;
use protocol::{ConversationId, ErrorBody, Page, Person, Subject, SubjectField, Timestamp, UserId};

/// Data of the page of a conversation.
pub struct ModerationConversation {
    /// The moderator.
    pub me: Person,
    /// The conversation.
    pub conversation: ModeratedConversation,
    /// A page of its history.
    pub page: Page,
    /// The reason why a form was refused.
    pub refused: Option<ErrorBody>,
    /// The text that was refused.
    pub typed: String,
    /// Clock of the server.
    pub now: Timestamp,
}

pub(super) fn conversation(page: ModerationConversation) -> AnyView {
    let ModerationConversation { me, conversation, page, refused, typed, now } = page;
    let ModeratedConversation { id, subject, members, .. } = conversation;
    let zone = zone();
    let people =
        members.iter().map(|member| &member.user).chain(page.messages.iter().map(|said| &said.sender));
    let alike = namesakes(people.map(|person| (person.name_key(), person.id)).collect());
    let roles = members.iter().map(|member| (member.user.id, member.role.clone())).collect();
    let rows = members.iter().map(|member| participant(member, &alike, zone, now)).collect_view();
    let heading = subject.title.clone();
    let closing = closing(id, me.id, subject.closed.clone(), refused, typed);
    view! {
        <Sheet heading back=("/moderation", t!("moderation.back"))>
            <main class="moderation-parts">
                <div class="moderation-about">
                    {card(subject)}
                    <section aria-labelledby="participants">
                        <h2 id="participants">{t!("moderation.participants")}</h2>
                        <ul class="members">{rows}</ul>
                    </section>
                </div>
                <History id page me=me.id roles alike zone now />
                {closing}
            </main>
        </Sheet>
    }
    .into_any()
}

fn card(subject: Subject) -> AnyView {
    let Subject { kind: _, id, kind_name, title, url, image, fields, closed, closed_by: _ } = subject;
    // The page of the product learns nothing of the moderator, neither by the address nor by the window.
    let title = match url {
        Some(url) => view! {
            <a href=url target="_blank" rel="noopener noreferrer">
                <bdi>{title}</bdi>
            </a>
        }
        .into_any(),
        None => view! { <bdi>{title}</bdi> }.into_any(),
    };
    let image = image.map(|image| {
        view! { <img class="subject-image" src=image alt="" loading="lazy" referrerpolicy="no-referrer" /> }
    });
    let each = |SubjectField { name, value }: SubjectField| {
        view! {
            <div>
                <dt class="quiet" dir="auto">
                    {name}
                </dt>
                <dd dir="auto">{value}</dd>
            </div>
        }
    };
    let fields = (!fields.is_empty())
        .then(|| view! { <dl class="moderation-fields">{fields.into_iter().map(each).collect_view()}</dl> });
    view! {
        <section aria-label=t!("subject.label")>
            <div class="moderation-card">
                {image}
                <div class="subject-words">
                    <p class="subject-title">{title}</p>
                    <p class="quiet">
                        <bdi>{kind_name}</bdi>
                        " "
                        <bdi>{id}</bdi>
                    </p>
                </div>
                {state(closed.is_some())}
            </div>
            {fields}
        </section>
    }
    .into_any()
}

fn participant(member: &ModeratedMember, alike: &[UserId], zone: Zone, now: Timestamp) -> AnyView {
    let user = &member.user;
    let name = if alike.contains(&user.id) { user.full_name() } else { user.display_name() };
    let moment =
        |at: Timestamp| t!("time.date_and_clock", date = zone.heading(at, now), clock = zone.clock(at));
    let read = match member.read {
        None => t!("moderation.read_hidden"),
        Some(ReadPosition { at: None, .. }) => t!("moderation.read_nothing"),
        Some(ReadPosition { at: Some(at), .. }) => t!("moderation.read_up_to", when = moment(at)),
    };
    view! {
        <li class="member">
            <Avatar picture=user name=user.display_name() />
            <div>
                <p>
                    <bdi>{name}</bdi>
                    " · "
                    <bdi>{member.role.clone()}</bdi>
                </p>
                <p class="quiet">{t!("moderation.since", when = moment(member.since))}</p>
                <p class="quiet">{read}</p>
            </div>
        </li>
    }
    .into_any()
}

/// The form that closes the conversation, or the reason for which it is closed and the form that reopens it.
fn closing(
    id: ConversationId,
    me: UserId,
    closed: Option<String>,
    refused: Option<ErrorBody>,
    typed: String,
) -> AnyView {
    let refused = view! { <Refused words=refused.as_ref().map(refusal) /> };
    let form = match closed {
        None => view! {
            <form class="form" method="post" action=format!("/moderation/{id}/close")>
                <PersonField me />
                {refused}
                <ReasonField label=t!("moderation.close_reason") hint=t!("moderation.close_hint") typed />
                <p>
                    <button class="button danger">{t!("moderation.close")}</button>
                </p>
            </form>
        }
        .into_any(),
        Some(reason) => view! {
            <p>{t!("subject.closed_because")} " " <bdi>{reason}</bdi></p>
            <form class="form" method="post" action=format!("/moderation/{id}/reopen")>
                <PersonField me />
                {refused}
                <p>
                    <button class="button plain">{t!("moderation.reopen")}</button>
                </p>
            </form>
        }
        .into_any(),
    };
    view! {
        <section class="moderation-closing" aria-labelledby="closing">
            <h2 id="closing">{t!("moderation.closing")}</h2>
            {form}
        </section>
    }
    .into_any()
}
