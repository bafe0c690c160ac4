//! Page of an invitation link, and of one that was made by the plain form.

use super::outside::{Outside, Refused};
use crate::components::{Face, PersonField, group_name, group_picture, group_size};
use crate::datetime::{ReaderZone, Zone};
use crate::i18n::{plural, reason, t};
use chat::store::LinkPreview;
use leptos::prelude::*;
use protocol::{ConversationId, ErrorBody, ErrorCode, InvitationLink, Person};

/// Data of the page of a link.
#[derive(Clone, Debug)]
pub struct Join {
    /// The signed-in person.
    pub me: Person,
    /// The token of the link.
    pub token: String,
    /// The group of the link, or the reason why this person cannot join.
    pub found: Result<LinkPreview, ErrorBody>,
    /// The reason why the form was refused.
    pub refused: Option<ErrorBody>,
}

/// Renders `/join/{token}`.
pub fn join(join: Join) -> impl IntoView {
    let Join { me, token, found, refused } = join;
    let words = |error: &ErrorBody| match error.code {
        ErrorCode::NotFound => t!("invitation.ended"),
        ErrorCode::NotAuthenticated => t!("form.somebody_elses_page"),
        _ => reason(error),
    };
    let LinkPreview { conversation: group, by, is_member } = match found {
        Ok(preview) => preview,
        Err(error) => {
            let home = view! { <a class="button" href="/">{t!("conversation.to_list")}</a> };
            return view! {
                <Outside title=t!("invitation.one")>
                    <Refused words=Some(words(&error)) />
                    {home}
                </Outside>
            }
            .into_any();
        }
    };
    let name = group_name(&group);
    let action = if is_member {
        view! {
            <p class="notice good">{t!("invitation.is_member")}</p>
            <a class="button" href=format!("/c/{}", group.id)>
                {t!("invitation.open")}
            </a>
        }
        .into_any()
    } else {
        view! {
            <form class="form" method="post" action=format!("/join/{token}")>
                <PersonField me=me.id />
                <button class="button">{t!("invitation.join")}</button>
            </form>
        }
        .into_any()
    };
    view! {
        <Outside title=t!("invitation.one")>
            <Refused words=refused.as_ref().map(words) />
            <div class="details-who">
                <Face picture=group_picture(&group) name=name.clone() group=true />
                <p class="details-name" dir="auto">
                    <bdi>{name}</bdi>
                </p>
                <p class="quiet">{group_size(&group)}</p>
                <p>{t!("invitation.by", who = by.display_name())}</p>
            </div>
            {action}
        </Outside>
    }
    .into_any()
}

/// A link that was made by the plain form. Only its page contains the token.
#[derive(Clone)]
pub struct CreatedLink {
    /// The group.
    pub conversation: ConversationId,
    /// The token.
    pub token: String,
    /// The address of the link.
    pub url: String,
    /// The link.
    pub link: InvitationLink,
}

/// Renders the page of the link.
pub fn created_link(created: CreatedLink) -> impl IntoView {
    let CreatedLink { conversation, token, url, link } = created;
    let zone = Zone::Known(StoredValue::new(use_context::<ReaderZone>().unwrap_or_default()));
    let left = match link.uses_left {
        Some(left) => plural!("invitation.left", u32::try_from(left).unwrap_or(u32::MAX)),
        None => t!("invitation.left_any"),
    };
    view! {
        <Outside title=t!("invitation.link")>
            <p>{t!("invitation.once")}</p>
            <label class="field">
                <span>{t!("invitation.link")}</span>
                <input readonly value=url dir="ltr" />
            </label>
            <img
                class="qr"
                src=format!("/api/invitations/{token}/qr")
                width="200"
                height="200"
                alt=t!("invitation.qr")
            />
            <p class="quiet">{left} " · " {t!("invitation.until", when = zone.full(link.expires_at))}</p>
            <a class="button plain" href=format!("/c/{conversation}?details")>
                {t!("invitation.back")}
            </a>
        </Outside>
    }
}
