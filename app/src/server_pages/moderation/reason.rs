//! The reason that a moderator gives before the first look at a conversation.

use super::Page;
use crate::components::PersonField;
use crate::flash::{Flash, Form};
use crate::i18n::t;
use crate::server_pages::outside::Refused;
use leptos::prelude::*;
use protocol::{ConversationId, ErrorBody, ErrorCode, Person};

/// Data of the form.
pub struct ModerationReason {
    /// The moderator.
    pub me: Person,
    /// The conversation.
    pub id: ConversationId,
    /// The name of the kind of its subject.
    pub kind: String,
    /// The product's id of its subject.
    pub subject: String,
    /// The reason why the form was refused.
    pub refused: Option<ErrorBody>,
    /// The text that was refused.
    pub typed: String,
}

pub(super) fn reason(page: ModerationReason) -> AnyView {
    let ModerationReason { me, id, kind, subject, refused, typed } = page;
    view! {
        <Page heading=format!("{kind} {subject}") back=("/moderation", t!("moderation.back"))>
            <main class="moderation-sheet">
                <form class="form moderation-reason" method="post" action=format!("/moderation/{id}/access")>
                    <PersonField me=me.id />
                    <Refused words=refused.as_ref().map(refusal) />
                    <p>{t!("moderation.reason_needed")}</p>
                    <ReasonField label=t!("moderation.reason") hint=t!("moderation.reason_hint") typed />
                    <p>
                        <button class="button">{t!("moderation.open")}</button>
                    </p>
                </form>
            </main>
        </Page>
    }
    .into_any()
}

/// Field of one line.
#[component]
pub(super) fn ReasonField(label: String, hint: String, typed: String) -> impl IntoView {
    view! {
        <div class="field">
            <label r#for="reason">{label}</label>
            <input
                id="reason"
                name="reason"
                dir="auto"
                autocomplete="off"
                required
                maxlength="280"
                value=typed
                aria-describedby="reason-hint"
            />
            <small id="reason-hint">{hint}</small>
        </div>
    }
}

/// Why the form was refused, in the reader's language.
pub(super) fn refusal(error: &ErrorBody) -> String {
    match error.code {
        ErrorCode::Invalid => t!("moderation.reason_invalid"),
        _ => Flash::refused(Form::Message, "", error.clone()).words(),
    }
}
