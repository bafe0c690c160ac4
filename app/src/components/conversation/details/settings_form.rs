//! Form of a group's title, picture and history.

use super::request::{GroupRequest, Refusal};
use crate::client::{Client, RoomPart, use_client};
use crate::components::PersonField;
use crate::components::conversation::members::Members;
use crate::components::view_fn::{handler, view_fn};
use crate::i18n::{nth, t};
use leptos::html;
use leptos::prelude::*;
use protocol::limits::MAX_TITLE;
use protocol::{ClientFrame, ClientId, ConversationId, History, Role};

/// The settings of a group.
#[derive(Clone, Debug, Default, PartialEq)]
struct Settings {
    title: String,
    hue: Option<u8>,
    emoji: String,
    history: History,
}

/// The value of the field.
fn history_name(history: History) -> &'static str {
    match history {
        History::Whole => "whole",
        History::FromJoining => "from_joining",
    }
}

fn history(name: &str) -> Option<History> {
    [History::Whole, History::FromJoining].into_iter().find(|history| history_name(*history) == name)
}

/// Input of a form that was refused; fields that were not sent are those of `settings`.
fn refused(client: Client, id: ConversationId, settings: Settings) -> Option<Settings> {
    let typed = |field| client.take_typed(id, field);
    let [title, hue, emoji, history] = ["title", "hue", "emoji", "history"].map(typed);
    title.as_ref().or(emoji.as_ref())?;
    Some(Settings {
        title: title.unwrap_or(settings.title),
        hue: hue.and_then(|hue| hue.parse().ok()).or(settings.hue),
        emoji: emoji.unwrap_or(settings.emoji),
        history: history.and_then(|name| self::history(&name)).unwrap_or(settings.history),
    })
}

/// The form, if the reader's role allows it.
#[component]
pub(super) fn SettingsForm(members: Members) -> impl IntoView {
    let client = use_client();
    let id = members.id;
    let role = Memo::new(move |_| members.role(client.me()).unwrap_or_default());
    let settings = Memo::new(move |_| {
        let settings = client.room(id, RoomPart::Summary, |room| Settings {
            title: room.summary.title.clone().unwrap_or_default(),
            hue: room.summary.hue,
            emoji: room.summary.emoji.clone().unwrap_or_default(),
            history: room.summary.history,
        });
        settings.unwrap_or_default()
    });
    let typed = StoredValue::new(refused(client, id, settings.get_untracked()));
    let form = move || {
        (role.get() > Role::Member).then(|| {
            view! { <details class="disclosed" open=typed.with_value(Option::is_some)>
                <summary>{t!("group.edit")}</summary>
                {view_fn(move || fields(id, settings.get(), typed.get_value(), role.get() == Role::Owner))}
            </details> }
        })
    };
    view_fn(form).into_any()
}

fn fields(id: ConversationId, settings: Settings, typed: Option<Settings>, owner: bool) -> AnyView {
    let client = use_client();
    let request = GroupRequest::new();
    let (title, emoji) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let shown = typed.unwrap_or_else(|| settings.clone());
    let (hue, history) = (StoredValue::new(shown.hue), StoredValue::new(shown.history));
    let before = settings;
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let text = |field: NodeRef<html::Input>| field.get_untracked().map(|field| field.value());
        // Unchanged fields stay out, so that they undo no change of somebody else.
        let frame = ClientFrame::UpdateConversation {
            conversation_id: Some(id),
            title: text(title).filter(|title| *title != before.title),
            hue: hue.get_value().filter(|hue| Some(*hue) != before.hue),
            emoji: text(emoji).filter(|emoji| *emoji != before.emoji),
            history: Some(history.get_value()).filter(|history| *history != before.history),
            client_id: Some(ClientId::mint()),
        };
        request.send(frame, || ());
    };
    let names = t!("group.colours");
    let colours = (0..8_u8).map(|number| {
        view! {
            <label class=format!("swatch hue-{number}")>
                <input
                    type="radio"
                    name="hue"
                    value=number.to_string()
                    checked=shown.hue == Some(number)
                    aria-label=nth(&names, number.into())
                    on:change=handler(move |_| hue.set_value(Some(number)))
                />
            </label>
        }
    });
    let choice = move |of: History, label: String| {
        view! {
            <label class="option">
                <input
                    type="radio"
                    name="history"
                    value=history_name(of)
                    checked=shown.history == of
                    on:change=handler(move |_| history.set_value(of))
                />
                <span>{label}</span>
            </label>
        }
    };
    let histories = owner.then(|| {
        view! {
            <fieldset class="choice">
                <legend>{t!("group.history")}</legend>
                <div class="options">
                    {choice(History::Whole, t!("group.history_whole"))}
                    {choice(History::FromJoining, t!("group.history_joining"))}
                </div>
            </fieldset>
        }
    });
    view! {
        <form class="form" method="post" action=format!("/c/{id}/settings") on:submit=handler(submit)>
            <PersonField me=client.me() />
            <label class="field">
                <span>{t!("group.title")}</span>
                <input node_ref=title name="title" dir="auto" value=shown.title maxlength=MAX_TITLE autocomplete="off" />
            </label>
            <label class="field">
                <span>{t!("group.emoji")}</span>
                <input node_ref=emoji name="emoji" value=shown.emoji autocomplete="off" placeholder="🎲" />
            </label>
            <fieldset class="choice">
                <legend>{t!("group.colour")}</legend>
                <div class="swatches">{colours.collect_view()}</div>
            </fieldset>
            {histories}
            <Refusal request />
            <p>
                <button class="button">{t!("group.save")}</button>
            </p>
        </form>
    }
    .into_any()
}
