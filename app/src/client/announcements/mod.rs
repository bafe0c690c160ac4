//! Announcements of news: a toast in each tab that is in front of the reader, and one browser notification and one sound
//! by the leading tab of the browser ([`leader`]).

mod browser;
mod headline;
mod in_view;
mod leader;
mod sound;

pub(crate) use headline::headline;

use super::chat_client::Client;
use super::clock::wall_clock;
use super::store::RoomPart;
use crate::effect::effect;
use crate::routing::Location;
use in_view::InView;
use leader::Leader;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::notify::{Decision, Situation, WantedEvents, decide};
use protocol::reducer::{News, State};
use protocol::{ConversationId, NotificationLevel, Timestamp};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

thread_local! {
    static STARTED: Cell<bool> = const { Cell::new(false) };
}

/// Announces news from now on, for as long as the page lives.
pub(super) fn start(client: Client, location: Location) {
    if STARTED.replace(true) {
        return;
    }
    let announcer = Rc::new(Announcer {
        client,
        location,
        told: RefCell::default(),
        leader: Leader::start(client.me()),
        in_view: InView::start(client.me(), location),
    });
    // All of the page itself is known, and what is loaded later of what was before it.
    announcer.told.borrow_mut().at = client.peek(State::newest_activity);
    let _ = announcer.take_news();
    browser::close_at_end();
    effect(move || announcer.follow());
}

/// The newest news that were announced.
#[derive(Default)]
struct Told {
    /// The time of the newest news.
    at: Timestamp,
    /// The news of that time.
    keys: Vec<(ConversationId, i64)>,
}

struct Announcer {
    client: Client,
    location: Location,
    told: RefCell<Told>,
    leader: Leader,
    in_view: InView,
}

impl Announcer {
    /// Tracks what news follow from, and announces them. Called by an effect.
    fn follow(self: &Rc<Self>) {
        let client = self.client;
        client.notifications(|_| ());
        if may_want_groups(client) {
            let rooms = client.list(|state| state.rooms.keys().copied().collect::<Vec<_>>());
            rooms.into_iter().for_each(|id| client.track_room(id, RoomPart::Summary));
        }
        self.take_news().into_iter().for_each(|one| self.announce(one));
        let unread = client.peek(|state| {
            let items = state.notifications().iter().filter(|item| !item.read);
            items.map(|item| item.conversation_id).collect::<Vec<_>>()
        });
        browser::close_read(&unread);
    }

    /// The news since the last call.
    fn take_news(&self) -> Vec<News> {
        let mut told = self.told.borrow_mut();
        let mut news = self.client.peek(|state| state.news(told.at));
        news.retain(|one| one.created_at > told.at || !told.keys.contains(&(one.conversation_id, one.seq)));
        for one in &news {
            if one.created_at > told.at {
                told.at = one.created_at;
                told.keys.clear();
            }
            told.keys.push((one.conversation_id, one.seq));
        }
        news
    }

    fn announce(self: &Rc<Self>, news: News) {
        let client = self.client;
        let decision = decide(Situation {
            event: news.event,
            is_muted: is_muted(client, news.conversation_id),
            is_in_view: self.in_view.is_here(news.conversation_id),
            wanted: wanted(client, news.conversation_id),
            is_quiet: is_quiet(client),
        });
        if decision == Decision::Nothing {
            return;
        }
        if !document().hidden() {
            let _ = client.toast.try_set(Some(news.clone()));
        }
        if decision == Decision::Announce {
            let announcer = self.clone();
            spawn_local(async move {
                // Asked before the wait: what another tab shows now counts.
                if !announcer.in_view.is_elsewhere(news.conversation_id).await
                    && announcer.leader.leads_soon().await
                    && !is_read(client, &news)
                {
                    sound::play(client);
                    browser::show(client, announcer.location, &news);
                }
            });
        }
    }
}

/// The events of a conversation that the person wants to be told of.
fn wanted(client: Client, id: ConversationId) -> WantedEvents {
    client.peek(|state| {
        let level = state.rooms.get(&id).map(|room| room.summary.notify).unwrap_or_default();
        WantedEvents::of(&state.preferences, level)
    })
}

/// Whether the person wants to be told of all messages of some group. Tracked.
fn may_want_groups(client: Client) -> bool {
    let some =
        client.list(|state| state.rooms.values().any(|room| room.summary.notify == NotificationLevel::All));
    client.preferences(|preferences| preferences.notify_group) || some
}

/// Whether the message of news was read, in any tab or on another device.
pub(crate) fn is_read(client: Client, news: &News) -> bool {
    client.peek(|state| {
        let room = state.rooms.get(&news.conversation_id);
        room.is_some_and(|room| room.summary.read_seq >= news.seq)
    })
}

/// Whether the person has muted the conversation.
fn is_muted(client: Client, id: ConversationId) -> bool {
    client.peek(|state| state.rooms.get(&id).is_some_and(|room| room.summary.is_muted(wall_clock())))
}

/// Whether it is within the person's quiet hours.
fn is_quiet(client: Client) -> bool {
    let minute = client.zone.get_untracked().minute_of_day(wall_clock());
    client.peek(|state| protocol::is_quiet(&state.preferences, minute))
}
