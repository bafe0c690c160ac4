//! Actions on the person's own state of a conversation: plain forms that the live page takes over. The menu of a row and the
//! details of a conversation show them.

use super::PersonField;
use super::view_fn::{handler, view_fn};
use crate::client::{Client, RoomPart, use_client, wall_clock};
use crate::i18n::t;
use leptos::prelude::*;
use protocol::limits::{MAX_PINNED, MUTED_FOREVER};
use protocol::{ConversationId, MembershipChange, NotificationLevel, Timestamp};

/// Seconds of the mutings that have an end.
const HOUR: i64 = 3_600;
const EIGHT_HOURS: i64 = 8 * HOUR;
const WEEK: i64 = 7 * 24 * HOUR;

/// The personal state, as far as the actions depend on it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Own {
    muted_until: Option<Timestamp>,
    archived: bool,
    pinned: Option<u32>,
    marked: bool,
    notify: NotificationLevel,
    /// Number of pinned conversations.
    pins: usize,
}

fn own(client: Client, id: ConversationId) -> Option<Own> {
    let now = client.now.get();
    let pins = client.list(|state| state.rooms.values().filter(|room| room.summary.pinned.is_some()).count());
    client.room(id, RoomPart::Own, |room| Own {
        muted_until: room.summary.muted_until.filter(|_| room.summary.is_muted(now)),
        archived: room.summary.archived,
        pinned: room.summary.pinned,
        marked: room.summary.marked_unread,
        notify: room.summary.notify,
        pins,
    })
}

/// "Muted", or until when.
fn muted_words(client: Client, until: Timestamp) -> String {
    if until.0 >= MUTED_FOREVER {
        return t!("own.muted");
    }
    t!("own.muted_until", when = client.zone.get().full(until))
}

/// Mute, archive, pin, move, mark as unread. `done` runs after each.
#[component]
pub(super) fn PersonalActions(id: ConversationId, #[prop(into)] done: Callback<()>) -> impl IntoView {
    let client = use_client();
    let own = Memo::new(move |_| own(client, id).unwrap_or_default());
    let muted = Memo::new(move |_| own.read().muted_until);
    let places = Memo::new(move |_| {
        let own = own.read();
        (own.pinned, own.pins, own.archived)
    });
    let archived = Memo::new(move |_| own.read().archived);
    let marked = Memo::new(move |_| own.read().marked);
    let notify = Memo::new(move |_| own.read().notify);
    let action = move |action: Action| view! { <ActionForm id action done /> }.into_any();
    view! {
        <div class="own-actions">
            {view_fn(move || match muted.get() {
                Some(until) => {
                    view! {
                        <p class="quiet">{muted_words(client, until)}</p>
                        {action(Action::Unmute)}
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <details class="own-mute">
                            <summary>
                                <span class="icon icon-mute" aria-hidden="true"></span>
                                {t!("own.mute")}
                            </summary>
                            {action(Action::Mute(HOUR, t!("own.mute_hour")))}
                            {action(Action::Mute(EIGHT_HOURS, t!("own.mute_hours")))}
                            {action(Action::Mute(WEEK, t!("own.mute_week")))}
                            {action(Action::MuteForever)}
                        </details>
                    }
                        .into_any()
                }
            })}
            {view_fn(move || {
                let level = notify.get();
                let others = NotificationLevel::ALL.into_iter().filter(|other| *other != level);
                view! {
                    <details class="own-mute own-notify">
                        <summary>
                            <span class="icon icon-sound" aria-hidden="true"></span>
                            {t!("own.notify", level = notify_words(level))}
                        </summary>
                        {others.map(|other| action(Action::Notify(other))).collect_view()}
                    </details>
                }
                    .into_any()
            })}
            {view_fn(move || match places.get() {
                (Some(place), pins, _) => pinned_actions(place, pins).into_iter().map(action).collect_view().into_any(),
                (None, pins, _) if pins >= MAX_PINNED => {
                    view! { <p class="quiet">{t!("own.pins_full", n = MAX_PINNED)}</p> }.into_any()
                }
                (None, _, true) => ().into_any(),
                (None, _, false) => action(Action::Pin),
            })}
            {view_fn(move || action(Action::Archive(!archived.get())))}
            {view_fn(move || action(Action::Mark(!marked.get())))}
        </div>
    }
    .into_any()
}

/// The actions on a pinned conversation at this place of so many.
fn pinned_actions(place: u32, pins: usize) -> Vec<Action> {
    let is_last = usize::try_from(place).is_ok_and(|place| place >= pins);
    let up = (place > 1).then(|| Action::Move(place - 1, t!("own.up"), "icon-up"));
    let down = (!is_last).then(|| Action::Move(place + 1, t!("own.down"), "icon-down"));
    [up, down, Some(Action::Unpin)].into_iter().flatten().collect()
}

/// The words of a level of notifications.
fn notify_words(level: NotificationLevel) -> String {
    match level {
        NotificationLevel::Default => t!("own.notify_default"),
        NotificationLevel::All => t!("own.notify_all"),
        NotificationLevel::Mentions => t!("own.notify_mentions"),
        NotificationLevel::Nothing => t!("own.notify_nothing"),
    }
}

/// One change of the personal state.
#[derive(Clone, Debug)]
enum Action {
    /// Mute for so many seconds, with the words of the button.
    Mute(i64, String),
    MuteForever,
    Unmute,
    /// Pin behind the others.
    Pin,
    Unpin,
    /// Move to this place, with the words and the icon of the button.
    Move(u32, String, &'static str),
    /// Archive, or move to the list.
    Archive(bool),
    /// Mark as unread, or not.
    Mark(bool),
    /// Notify of these messages.
    Notify(NotificationLevel),
}

impl Action {
    /// Words and icon of the button; field and value of the plain form.
    fn form(&self) -> (String, &'static str, &'static str, String) {
        match self {
            Self::Mute(seconds, words) => (words.clone(), "", "mute", seconds.to_string()),
            Self::MuteForever => (t!("own.mute_forever"), "", "mute", "forever".into()),
            Self::Unmute => (t!("own.unmute"), "icon-sound", "mute", "off".into()),
            Self::Pin => (t!("own.pin"), "icon-pin", "pinned", MAX_PINNED.to_string()),
            Self::Unpin => (t!("own.unpin"), "icon-unpin", "pinned", "none".into()),
            Self::Move(place, words, icon) => (words.clone(), icon, "pinned", place.to_string()),
            Self::Archive(true) => (t!("own.archive"), "icon-archive", "archived", "true".into()),
            Self::Archive(false) => (t!("own.unarchive"), "icon-archive", "archived", "false".into()),
            Self::Mark(true) => (t!("own.mark"), "icon-mark", "unread", "true".into()),
            Self::Mark(false) => (t!("own.unmark"), "icon-mark", "unread", "false".into()),
            Self::Notify(level) => (notify_words(*level), "", "notify", level.name().into()),
        }
    }

    /// The change, at this time.
    fn change(&self, now: Timestamp) -> MembershipChange {
        let none = MembershipChange::default();
        let last = u32::try_from(MAX_PINNED).ok();
        match *self {
            Self::Mute(seconds, _) => {
                let until = Timestamp(now.0 + seconds * 1_000_000);
                MembershipChange { muted_until: Some(Some(until)), ..none }
            }
            Self::MuteForever => {
                MembershipChange { muted_until: Some(Some(Timestamp(MUTED_FOREVER))), ..none }
            }
            Self::Unmute => MembershipChange { muted_until: Some(None), ..none },
            Self::Pin => MembershipChange { pinned: Some(last), ..none },
            Self::Unpin => MembershipChange { pinned: Some(None), ..none },
            Self::Move(place, ..) => MembershipChange { pinned: Some(Some(place)), ..none },
            Self::Archive(archived) => MembershipChange { archived: Some(archived), ..none },
            Self::Mark(unread) => MembershipChange { unread: Some(unread), ..none },
            Self::Notify(level) => MembershipChange { notify: Some(level), ..none },
        }
    }
}

#[component]
fn ActionForm(id: ConversationId, action: Action, done: Callback<()>) -> impl IntoView {
    let client = use_client();
    let (words, icon, field, value) = action.form();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        client.update_membership(id, action.change(wall_clock()));
        done.run(());
    };
    let icon = (!icon.is_empty()).then(|| {
        view! { <span class=format!("icon {icon}") aria-hidden="true"></span> }
    });
    view! {
        <form method="post" action=format!("/c/{id}/me") on:submit=handler(submit)>
            <PersonField me=client.me() />
            <input type="hidden" name=field value=value />
            <button>{icon} {words}</button>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c5_a_muting_ends_after_its_time() {
        let change = Action::Mute(HOUR, String::new()).change(Timestamp(5));
        assert_eq!(change.muted_until, Some(Some(Timestamp(3_600_000_005))));
        assert_eq!(Action::Pin.change(Timestamp(5)).pinned, Some(Some(50)));
        assert_eq!(Action::Unpin.change(Timestamp(5)).pinned, Some(None));
    }
}
