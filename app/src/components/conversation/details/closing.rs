//! Closing and reopening a conversation about a subject. They are forms, so that they work without scripts.

use super::request::{GroupRequest, Refusal};
use crate::client::{Client, RoomPart, use_client};
use crate::components::PersonField;
use crate::components::conversation::members::Members;
use crate::components::focus::focus_when_there;
use crate::components::view_fn::{handler, view_fn};
use crate::i18n::t;
use leptos::html;
use leptos::prelude::*;
use protocol::limits::MAX_CLOSING_REASON;
use protocol::{ClientFrame, ClientId, ClosedBy, ConversationId};

/// The form that the state of the conversation calls for, if the reader's role in the subject may close and reopen.
#[component]
pub(super) fn Closing(members: Members) -> impl IntoView {
    let client = use_client();
    let is_closed = Memo::new(move |_| state(client, members));
    let request = GroupRequest::new();
    let typed = StoredValue::new(client.take_typed(members.id, "reason"));
    let form =
        move || is_closed.get().map(|is_closed| form(members.id, is_closed, typed.get_value(), request));
    view! {
        {view_fn(form)}
        <Refusal request />
    }
    .into_any()
}

/// Whether the conversation is closed; `None`: the reader may not change that.
fn state(client: Client, members: Members) -> Option<bool> {
    let subject = client.room(members.id, RoomPart::Summary, |room| {
        room.summary.subject.as_ref().map(|subject| (subject.kind.clone(), subject.closed_by))
    });
    let (kind, closed_by) = subject.flatten()?;
    let role = members.subject_role(client.me())?;
    let may = client.subject_kinds(|kinds| {
        kinds.iter().any(|known| known.kind == kind && known.closed_by.contains(&role))
    });
    match closed_by {
        _ if !may => None,
        None => Some(false),
        Some(ClosedBy::Participant) => Some(true),
        Some(ClosedBy::Product | ClosedBy::Moderator) => None,
    }
}

/// Folds the form after it was done. The focus goes to the control that opens the other one.
fn fold() {
    if let Ok(Some(form)) = document().query_selector(".closing[open]") {
        let _ = form.remove_attribute("open");
    }
    focus_when_there(".closing summary");
}

/// `typed`: the reason of a form that was refused.
fn form(id: ConversationId, is_closed: bool, typed: Option<String>, request: GroupRequest) -> AnyView {
    let client = use_client();
    let reason = NodeRef::<html::Input>::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (conversation_id, client_id) = (Some(id), Some(ClientId::mint()));
        let frame = if is_closed {
            ClientFrame::ReopenConversation { conversation_id, client_id }
        } else {
            let reason = reason.get_untracked().map(|field| field.value()).unwrap_or_default();
            ClientFrame::CloseConversation { conversation_id, reason, client_id }
        };
        // The other form takes the place of this one.
        request.send_and_leave(frame, fold);
    };
    let (path, label, question, confirm) = if is_closed {
        ("reopen", t!("subject.reopen"), t!("subject.reopen_ask"), t!("subject.reopen_yes"))
    } else {
        ("close", t!("subject.close"), t!("subject.close_ask"), t!("subject.close_yes"))
    };
    let is_open = typed.is_some() && !is_closed;
    let field = (!is_closed).then(|| {
        view! {
            <label class="field">
                <span>{t!("subject.reason")}</span>
                // A space alone is no reason.
                <input
                    node_ref=reason
                    name="reason"
                    value=typed
                    dir="auto"
                    required
                    pattern=r".*\S.*"
                    title=t!("subject.reason_rule")
                    maxlength=MAX_CLOSING_REASON
                    autocomplete="off"
                />
            </label>
        }
    });
    view! {
        <details class="question closing" open=is_open>
            <summary>{label}</summary>
            <p class="quiet">{question}</p>
            <form class="form" method="post" action=format!("/c/{id}/{path}") on:submit=handler(submit)>
                <PersonField me=client.me() />
                {field}
                <p>
                    <button class="button">{confirm}</button>
                </p>
            </form>
        </details>
    }
    .into_any()
}
