//! `/invitations`: the invitations of the reader to groups.

use super::avatar::{Face, Picture};
use super::connection_badge::PageBadge;
use super::form_failure::FormFailure;
use super::view_fn::{handler, view_fn};
use super::{BackLink, PersonField};
use crate::client::{RoomPart, use_client};
use crate::effect::effect;
use crate::i18n::{plural, reason, t};
use crate::routing::use_location;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{ClientFrame, ConversationId, ErrorBody, ErrorCode, GroupPreview, Invitation};

/// The title of a group, or words in its place.
pub(crate) fn group_name(group: &GroupPreview) -> String {
    group.title.clone().unwrap_or_else(|| t!("invitation.untitled"))
}

/// The picture of a group.
pub(crate) fn group_picture(group: &GroupPreview) -> Picture {
    Picture { hue: group.hue.map_or(group.id.0, i64::from), emoji: group.emoji.clone(), image: None }
}

/// "3 members".
pub(crate) fn group_size(group: &GroupPreview) -> String {
    plural!("head.members", u32::try_from(group.member_count).unwrap_or(u32::MAX))
}

/// The page. An accepted invitation leads to its group as soon as that is in the list.
#[component]
pub(crate) fn Invitations() -> impl IntoView {
    let client = use_client();
    let location = use_location();
    let accepted = RwSignal::new(None::<ConversationId>);
    let failure = RwSignal::new(None::<ErrorBody>);
    effect(move || {
        if let Some(id) = accepted.get()
            && client.room(id, RoomPart::Summary, |_| ()).is_some()
        {
            location.navigate(&format!("/c/{id}"));
        }
    });
    let waiting = move || client.invitations(<[Invitation]>::to_vec);
    let none = move || client.invitations(<[Invitation]>::is_empty);
    let refused = move || {
        let words = match failure.get()? {
            ErrorBody { code: ErrorCode::NotFound, .. } => t!("invitation.ended"),
            refused => reason(&refused),
        };
        Some(view! { <p class="notice bad" role="alert">{words}</p> })
    };
    view! {
        <PageBadge />
        <div class="page">
            <header class="head">
                <BackLink />
                <div class="head-words">
                    <h1 tabindex="-1">{t!("invitation.title")}</h1>
                </div>
            </header>
            <div class="sheet">
                <FormFailure />
                {view_fn(refused)}
                <ul class="invitations">
                    <For each=waiting key=|invitation| invitation.id let:invitation>
                        <InvitationItem invitation accepted failure />
                    </For>
                </ul>
                {view_fn(move || none().then(|| view! { <p class="quiet">{t!("invitation.none")}</p> }))}
            </div>
        </div>
    }
    .into_any()
}

/// An invitation with the forms that answer it.
#[component]
fn InvitationItem(
    invitation: Invitation,
    accepted: RwSignal<Option<ConversationId>>,
    failure: RwSignal<Option<ErrorBody>>,
) -> impl IntoView {
    let client = use_client();
    let Invitation { id, conversation: group, by, created_at } = invitation;
    let (name, picture) = (group_name(&group), group_picture(&group));
    let invited = move || {
        let when = client.zone.get().brief(created_at, client.now.get());
        t!("invitation.by_when", who = client.name_of(&by), when = when)
    };
    let busy = RwSignal::new(false);
    let answer = move |frame: ClientFrame, done: Option<ConversationId>| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let refused = client.request(frame).await.err();
            // The page may be gone.
            let _ = busy.try_set(false);
            match refused {
                None => drop(accepted.try_set(done)),
                refused => drop(failure.try_set(refused)),
            }
        });
    };
    let accept = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        answer(ClientFrame::AcceptInvitation { invitation_id: Some(id), token: None }, Some(group.id));
    };
    let decline = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        answer(ClientFrame::DeclineInvitation { invitation_id: id }, None);
    };
    view! {
        <li class="invitation">
            <Face picture name=name.clone() group=true />
            <div class="invitation-words">
                <p class="invitation-name" dir="auto">
                    <bdi>{name}</bdi>
                </p>
                <p class="quiet">{Signal::derive(invited)}</p>
                <p class="quiet">{group_size(&group)}</p>
            </div>
            <form method="post" action=format!("/invitations/{id}/accept") on:submit=handler(accept)>
                <PersonField me=client.me() />
                <button class="button">{t!("invitation.accept")}</button>
            </form>
            <form method="post" action=format!("/invitations/{id}/decline") on:submit=handler(decline)>
                <PersonField me=client.me() />
                <button class="button plain">{t!("invitation.decline")}</button>
            </form>
        </li>
    }
    .into_any()
}
