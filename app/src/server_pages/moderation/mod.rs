//! Pages of moderators: the list of conversations about subjects, the reason to look into one, and the conversation with its
//! history, which is read-only.

mod conversation;
mod history;
mod list;
mod reason;

pub use conversation::ModerationConversation;
pub use list::ModerationList;
pub use reason::ModerationReason;

use super::document::Document;
use crate::datetime::{ReaderZone, Zone};
use crate::i18n::t;
use leptos::prelude::*;

/// A page of moderation.
pub enum Moderation {
    /// `/moderation`.
    List(ModerationList),
    /// `/moderation/{id}`, before the moderator has given a reason.
    Reason(ModerationReason),
    /// `/moderation/{id}`.
    Conversation(Box<ModerationConversation>),
}

/// Renders the page.
pub fn moderation(page: Moderation) -> impl IntoView {
    match page {
        Moderation::List(page) => list::list(page),
        Moderation::Reason(page) => reason::reason(page),
        Moderation::Conversation(page) => conversation::conversation(*page),
    }
}

/// The time zone of the reader.
fn zone() -> Zone {
    Zone::Known(StoredValue::new(use_context::<ReaderZone>().unwrap_or_default()))
}

/// Document with a header. `back`: the address of the page above, and its name.
#[component]
fn Page(heading: String, back: (&'static str, String), children: Children) -> impl IntoView {
    let (href, name) = back;
    view! {
        // The heading may be a text of the product, which is no title of the catalogue.
        <Document title=super::titled(&t!("moderation.title"))>
            <div class="moderation">
                <header class="head">
                    <a class="icon-button back" href=href aria-label=name>
                        <span class="icon icon-back" aria-hidden="true"></span>
                    </a>
                    <div class="head-words">
                        <h1 tabindex="-1">
                            <bdi>{heading}</bdi>
                        </h1>
                    </div>
                </header>
                {children()}
            </div>
        </Document>
    }
}

/// "Open" or "Closed".
fn state(is_closed: bool) -> AnyView {
    let words = if is_closed { t!("subject.closed") } else { t!("subject.open") };
    view! { <span class="moderation-state" class:is-closed=is_closed>{words}</span> }.into_any()
}
