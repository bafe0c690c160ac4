//! The head of a conversation: who it is with, whether they are there, and what can be done with it.

use super::presence::{face, other, status, words};
use super::typing_line::typing_names;
use super::{Back, Badge, Face, as_whom};
use crate::client::{Client, use_client};
use crate::live;
use crate::words::{plural, t};
use leptos::prelude::*;
use protocol::{ConversationId, ConversationKind, MessageId, Status};

/// What the head says.
#[derive(Clone, Debug, Default, PartialEq)]
struct Words {
    name: String,
    face: i64,
    group: bool,
    status: Status,
    about: String,
    typing: bool,
    /// The newest message, while some are unread.
    unread: Option<MessageId>,
}

fn read(client: Client, id: ConversationId) -> Option<Words> {
    let me = client.me();
    let typing = !typing_names(client, id).is_empty();
    client.read(|state| {
        let summary = &state.rooms.get(&id)?.summary;
        let group = summary.kind == ConversationKind::Group;
        let other = other(summary, me);
        let about = match other {
            _ if typing && !group => t!("typing.short"),
            Some(other) => words(client, state, other),
            None => plural!("head.members", u32::try_from(summary.member_count).unwrap_or(u32::MAX)),
        };
        Some(Words {
            name: summary.name_for(me),
            face: face(summary, me),
            group,
            status: other.map(|other| status(state, other)).unwrap_or_default(),
            about,
            typing: typing && !group,
            unread: summary.last_message.as_ref().filter(|_| summary.unread > 0).map(|last| last.id),
        })
    })
}

/// Who, presence or typing, badge, more.
#[component]
pub(crate) fn ConversationHead(
    id: ConversationId,
    /// Whether the details are shown.
    details: RwSignal<bool>,
) -> impl IntoView {
    let client = use_client();
    let words = Memo::new(move |_| read(client, id).unwrap_or_default());
    // The name opens the details, and closes them.
    let turn = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        super::details::turn(id, details);
    };
    let href = move || if details.get() { format!("/c/{id}") } else { format!("/c/{id}?details") };
    view! {
        <header class="head">
            <Back />
            {move || {
                let Words { name, face, group, status, about, typing, .. } = words.get();
                view! {
                    <Face id=face name=name.clone() group status />
                    <div class="head-words">
                        <h1 class="one-line" dir="auto" tabindex="-1">
                            <a href=href() rel="external" on:click=turn>
                                <bdi>{name}</bdi>
                            </a>
                        </h1>
                        {(!about.is_empty())
                            .then(|| {
                                view! {
                                    <p class=if typing { "quiet one-line is-typing" } else { "quiet one-line" }>
                                        {about}
                                    </p>
                                }
                            })}
                    </div>
                }
            }}
            {move || {
                words.with(|words| words.unread).map(|_| {
                    view! {
                        <form class="without-script" method="post" action=format!("/c/{id}/read")>
                            {as_whom(client.me())}
                            <button class="button plain">{t!("head.mark_read")}</button>
                        </form>
                    }
                })
            }}
            <Badge />
            <button
                class="icon-button"
                r#type="button"
                popovertarget="more"
                aria-label=t!("head.more")
                title=t!("head.more")
            >
                <span class="icon icon-more" aria-hidden="true"></span>
            </button>
            <div class="drop" id="more" popover="auto" on:click=move |_| super::dialog::hide("more")>
                <a href=href rel="external" on:click=turn>
                    <span class="icon icon-details" aria-hidden="true"></span>
                    {t!("head.details")}
                </a>
                {move || {
                    words.with(|words| words.unread).map(|newest| {
                        view! {
                            <form
                                method="post"
                                action=format!("/c/{id}/read")
                                on:submit=move |event| {
                                    event.prevent_default();
                                    client.mark_read(id, newest);
                                }
                            >
                                {as_whom(client.me())}
                                <button>
                                    <span class="icon icon-read" aria-hidden="true"></span>
                                    {t!("head.mark_read")}
                                </button>
                            </form>
                        }
                    })
                }}
                <button
                    class="with-script"
                    r#type="button"
                    on:click=move |_| {
                        live::copy(&format!("/c/{id}"));
                    }
                >
                    <span class="icon icon-link" aria-hidden="true"></span>
                    {t!("head.copy_link")}
                </button>
            </div>
        </header>
    }
}
