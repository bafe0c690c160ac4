//! Header of a conversation: name, presence or typing, status of the connection, and a menu.

use super::details::QUERY;
use super::typing_line::is_typing;
use crate::client::{Client, RoomPart, can_copy, use_client};
use crate::components::avatar::{Avatar, Picture, presence_code};
use crate::components::connection_badge::Badge;
use crate::components::log::notice::{Notice, copy};
use crate::components::presence::{is_suspended, other_member, picture, presence_words};
use crate::components::view_fn::{handler, view_fn};
use crate::components::{BackLink, PersonField, dialog};
use crate::i18n::{plural, t};
use crate::routing::use_location;
use leptos::prelude::*;
use protocol::{ConversationId, ConversationKind, Status, UserId};

/// Id of the menu.
const MENU: &str = "more";

/// Part of the summary that the header shows.
#[derive(Clone, Debug, Default, PartialEq)]
struct Title {
    name: String,
    picture: Picture,
    group: bool,
    other: Option<UserId>,
    suspended: bool,
    members: u32,
    unread: bool,
}

fn title(client: Client, id: ConversationId) -> Option<Title> {
    let me = client.me();
    client.room(id, RoomPart::Summary, |room| {
        let summary = &room.summary;
        Title {
            name: client.name_of_conversation(summary),
            suspended: is_suspended(summary, me),
            picture: picture(summary, me),
            group: summary.kind == ConversationKind::Group,
            other: other_member(summary, me),
            members: u32::try_from(summary.member_count).unwrap_or(u32::MAX),
            unread: summary.unread > 0,
        }
    })
}

/// The header. The name opens the details and closes them. `notice` says whether a link was copied.
#[component]
pub(super) fn ConversationHeader(id: ConversationId, notice: RwSignal<Option<Notice>>) -> impl IntoView {
    let client = use_client();
    let location = use_location();
    let title = Memo::new(move |_| title(client, id).unwrap_or_default());
    let name = Signal::derive(move || title.read().name.clone());
    let other = Signal::derive(move || title.read().other);
    let marked = Memo::new(move |_| {
        client.room(id, RoomPart::Own, |room| room.summary.marked_unread).unwrap_or_default()
    });
    let unread = Signal::derive(move || title.read().unread || marked.get());
    let typing = Signal::derive(move || is_typing(client, id) && !title.read().group);
    // Memos, because a new message changes only the unread count of the title.
    let about = Memo::new(move |_| match other.get() {
        _ if title.read().suspended => t!("presence.suspended"),
        _ if typing.get() => t!("typing.short"),
        Some(other) => presence_words(client, other),
        None => plural!("head.members", title.read().members),
    });
    let status = move || match other.get() {
        Some(other) => client.presence(other).map(|there| there.status).unwrap_or_default(),
        None => Status::Offline,
    };
    let with_details = move || *location.search.read() == *QUERY;
    let href =
        Signal::derive(move || if with_details() { format!("/c/{id}") } else { format!("/c/{id}?{QUERY}") });
    let toggle_details = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        dialog::hide(MENU);
        if *location.search.read_untracked() == *QUERY {
            location.go_back_to(&format!("/c/{id}"));
        } else {
            location.navigate(&format!("/c/{id}?{QUERY}"));
        }
    };
    let face = Memo::new(move |_| {
        let title = title.read();
        (title.picture.clone(), title.name.clone())
    });
    let face = move || {
        let (picture, name) = face.get();
        view! { <Avatar picture name /> }
    };
    view! {
        <header class="head">
            <BackLink />
            <span
                class="face"
                class:is-group=Signal::derive(move || title.read().group)
                data-presence=Signal::derive(move || presence_code(status()))
            >
                {view_fn(face)}
            </span>
            <div class="head-words">
                <h1 class="one-line" dir="auto" tabindex="-1">
                    <a href=href on:click=handler(toggle_details)>
                        <bdi>{name}</bdi>
                    </a>
                </h1>
                {view_fn(move || {
                    let about = about.get();
                    (!about.is_empty())
                        .then(|| {
                            view! {
                                <p class="quiet one-line" class:is-typing=typing>
                                    {about}
                                </p>
                            }
                        })
                })}
            </div>
            {view_fn(move || {
                unread.get().then(|| {
                    view! {
                        <form class="without-script" method="post" action=format!("/c/{id}/read")>
                            <PersonField me=client.me() />
                            <button class="button plain">{t!("head.mark_read")}</button>
                        </form>
                    }
                })
            })}
            <Badge />
            <button
                class="icon-button"
                type="button"
                popovertarget=MENU
                aria-label=t!("head.more")
                title=t!("head.more")
            >
                <span class="icon icon-more" aria-hidden="true"></span>
            </button>
            <div class="drop" id=MENU popover="auto">
                <a href=href on:click=handler(toggle_details)>
                    <span class="icon icon-details" aria-hidden="true"></span>
                    {t!("head.details")}
                </a>
                {view_fn(move || unread.get().then(|| view! { <MarkRead id /> }))}
                <CopyLink id notice />
            </div>
        </header>
    }
    .into_any()
}

/// Marks the conversation as read.
#[component]
fn MarkRead(id: ConversationId) -> impl IntoView {
    let client = use_client();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        dialog::hide(MENU);
        client.mark_all_read(id);
    };
    view! {
        <form method="post" action=format!("/c/{id}/read") on:submit=handler(submit)>
            <PersonField me=client.me() />
            <button>
                <span class="icon icon-read" aria-hidden="true"></span>
                {t!("head.mark_read")}
            </button>
        </form>
    }
}

/// Copies the link to the conversation; where a browser keeps that from the page (no TLS), goes there instead.
#[component]
fn CopyLink(id: ConversationId, notice: RwSignal<Option<Notice>>) -> impl IntoView {
    let copy = move |_| {
        dialog::hide(MENU);
        let path = format!("/c/{id}");
        let location = window().location();
        if !can_copy() {
            let _ = location.set_href(&path);
            return;
        }
        copy(location.origin().unwrap_or_default() + &path, t!("message.link_copied"), notice);
    };
    view! {
        <button class="with-script" type="button" on:click=handler(copy)>
            <span class="icon icon-link" aria-hidden="true"></span>
            {t!("head.copy_link")}
        </button>
    }
}
