//! The subject of a product that the conversation is about, and the note in place of the composer of a closed one.

use crate::client::{RoomPart, use_client};
use crate::components::view_fn::view_fn;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::{ConversationId, Subject};

/// The card under the header; nothing in a conversation without a subject.
#[component]
pub(super) fn SubjectCard(id: ConversationId) -> impl IntoView {
    let client = use_client();
    let subject =
        Memo::new(move |_| client.room(id, RoomPart::Summary, |room| room.summary.subject.clone()).flatten());
    view_fn(move || subject.get().map(|subject| card(*subject))).into_any()
}

fn card(subject: Subject) -> AnyView {
    let Subject { kind: _, id: _, kind_name, title, url, image, fields, closed, closed_by: _ } = subject;
    // The page of the product learns nothing of the conversation, neither by its address nor by the window.
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
    let state = if closed.is_some() { t!("subject.closed") } else { t!("subject.open") };
    let fields = (!fields.is_empty()).then(|| {
        let each = |field: protocol::SubjectField| {
            view! {
                <div>
                    <dt class="quiet" dir="auto">
                        {field.name}
                    </dt>
                    <dd dir="auto">{field.value}</dd>
                </div>
            }
        };
        view! {
            <details class="subject-more">
                <summary>{t!("subject.more")}</summary>
                <dl>{fields.into_iter().map(each).collect_view()}</dl>
            </details>
        }
    });
    view! {
        <section class="subject" aria-label=t!("subject.label")>
            {image}
            <div class="subject-words">
                <p class="subject-title one-line" dir="auto">
                    {title}
                </p>
                <p class="quiet one-line">
                    <bdi>{kind_name}</bdi>
                    " · "
                    <span class:is-closed=closed.is_some()>{state}</span>
                </p>
            </div>
            {fields}
        </section>
    }
    .into_any()
}

/// The reason why nobody can write, in place of the composer.
#[component]
pub(super) fn ClosedNote(reason: Signal<String>) -> impl IntoView {
    view! {
        <p class="closed-note" role="status">
            {t!("subject.closed_because")}
            " "
            <bdi>{reason}</bdi>
        </p>
    }
    .into_any()
}
