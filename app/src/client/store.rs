//! The client state as signals: the reducer's [`State`] with a trigger for each part of it that views follow.
//!
//! The reducer says what a change touched, and only the triggers of those parts are notified: a typing frame wakes the
//! typing line and one row of the list, and no log.

use super::drafts::Draft;
use leptos::prelude::*;
use litemap::LiteMap;
use protocol::reducer::{Pending, Room, RoomTouched, State, Touched};
use protocol::{ConversationId, Invitation, PersonStatus, UserId};

/// Part of a conversation's state that is notified by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RoomPart {
    /// Entry of the list: name, members, last message, unread count, own read position.
    Summary,
    /// The person's own state: muted, archived, pinned, marked as unread, draft.
    Own,
    /// Read and delivery positions of the members.
    Receipts,
    /// People who are typing.
    Typing,
    /// Ephemeral lines: who came and went.
    Ephemeral,
    /// Messages on screen and unsent ones.
    Rows,
}

/// The state of the signed-in person's client. On the server it never changes.
#[derive(Clone, Copy)]
pub(crate) struct Store {
    state: StoredValue<State>,
    triggers: StoredValue<Triggers>,
}

#[derive(Default)]
struct Triggers {
    list: ArcTrigger,
    me: ArcTrigger,
    preferences: ArcTrigger,
    names: ArcTrigger,
    notifications: ArcTrigger,
    unsent: ArcTrigger,
    invitations: ArcTrigger,
    presence: LiteMap<UserId, ArcTrigger>,
    rooms: LiteMap<ConversationId, RoomTriggers>,
}

#[derive(Default)]
struct RoomTriggers {
    summary: ArcTrigger,
    own: ArcTrigger,
    receipts: ArcTrigger,
    typing: ArcTrigger,
    ephemeral: ArcTrigger,
    rows: ArcTrigger,
}

impl RoomTriggers {
    fn of(&self, part: RoomPart) -> &ArcTrigger {
        match part {
            RoomPart::Summary => &self.summary,
            RoomPart::Own => &self.own,
            RoomPart::Receipts => &self.receipts,
            RoomPart::Typing => &self.typing,
            RoomPart::Ephemeral => &self.ephemeral,
            RoomPart::Rows => &self.rows,
        }
    }
}

impl Store {
    /// Starts from a state.
    pub(crate) fn new(mut state: State) -> Self {
        let _ = state.take_touched();
        Self { state: StoredValue::new(state), triggers: StoredValue::new(Triggers::default()) }
    }

    /// Reads the state without tracking it.
    pub(crate) fn peek<T>(self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.read_value())
    }

    /// Reads the state and tracks which conversations are loaded, in which order, and whether there are more.
    pub(crate) fn list<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.track(|triggers| triggers.list.clone());
        self.peek(read)
    }

    /// Reads the state and tracks the signed-in person's own name and picture.
    pub(crate) fn me<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.track(|triggers| triggers.me.clone());
        self.peek(read)
    }

    /// Reads the state and tracks the preferences.
    pub(crate) fn preferences<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.track(|triggers| triggers.preferences.clone());
        self.peek(read)
    }

    /// Reads the state and tracks whose names look alike.
    pub(crate) fn names<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.track(|triggers| triggers.names.clone());
        self.peek(read)
    }

    /// Reads the state and tracks the notifications.
    pub(crate) fn notifications<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.track(|triggers| triggers.notifications.clone());
        self.peek(read)
    }

    /// Unsent messages of all conversations, tracked.
    pub(crate) fn unsent(self) -> Vec<(ConversationId, Pending)> {
        self.track(|triggers| triggers.unsent.clone());
        self.peek(State::unsent)
    }

    /// Reads the invitations that wait for an answer, tracked.
    pub(crate) fn invitations<T>(self, read: impl FnOnce(&[Invitation]) -> T) -> T {
        self.track(|triggers| triggers.invitations.clone());
        self.peek(|state| read(&state.invitations))
    }

    /// Presence of a person, tracked.
    pub(crate) fn presence(self, user: UserId) -> Option<PersonStatus> {
        self.track(|triggers| triggers.presence.entry(user).or_default().clone());
        self.peek(|state| state.presence.get(&user).cloned())
    }

    /// Reads one conversation and tracks one part of it; `None` where it is not in the list.
    pub(crate) fn room<T>(
        self,
        id: ConversationId,
        part: RoomPart,
        read: impl FnOnce(&Room) -> T,
    ) -> Option<T> {
        self.track_room(id, part);
        self.peek(|state| state.rooms.get(&id).map(read))
    }

    /// Tracks one part of a conversation, whether it is in the list or not.
    pub(crate) fn track_room(self, id: ConversationId, part: RoomPart) {
        self.track(|triggers| triggers.rooms.entry(id).or_default().of(part).clone());
    }

    /// Changes the state and notifies what was touched. Does nothing once the page is gone.
    pub(crate) fn update<T: Default>(self, change: impl FnOnce(&mut State) -> T) -> T {
        let (result, touched, drafts) = {
            let Some(mut state) = self.state.try_write_value() else { return T::default() };
            let result = change(&mut state);
            let touched = state.take_touched();
            let drafts = drafts(&state, &touched);
            (result, touched, drafts)
        };
        for (draft, text) in drafts {
            draft.confirm(&text);
        }
        self.notify(touched);
        result
    }

    fn track(self, trigger: impl FnOnce(&mut Triggers) -> ArcTrigger) {
        // The lock is released before the trigger is tracked.
        let trigger = self.triggers.try_write_value().map(|mut triggers| trigger(&mut triggers));
        if let Some(trigger) = trigger {
            trigger.track();
        }
    }

    fn notify(self, touched: Touched) {
        let mut due = Vec::new();
        {
            let triggers = self.triggers.read_value();
            due.extend(touched.list.then(|| triggers.list.clone()));
            due.extend(touched.me.then(|| triggers.me.clone()));
            due.extend(touched.preferences.then(|| triggers.preferences.clone()));
            due.extend(touched.notifications.then(|| triggers.notifications.clone()));
            due.extend(touched.names.then(|| triggers.names.clone()));
            due.extend(touched.unsent.then(|| triggers.unsent.clone()));
            due.extend(touched.invitations.then(|| triggers.invitations.clone()));
            due.extend(touched.presence.keys().filter_map(|user| triggers.presence.get(user).cloned()));
            for (id, parts) in touched.rooms {
                let Some(room) = triggers.rooms.get(&id) else { continue };
                let RoomTouched { summary, own, receipts, typing, ephemeral, rows } = parts;
                let parts = [
                    (summary, &room.summary),
                    (own, &room.own),
                    (receipts, &room.receipts),
                    (typing, &room.typing),
                    (ephemeral, &room.ephemeral),
                    (rows, &room.rows),
                ];
                due.extend(parts.into_iter().filter(|(is, _)| *is).map(|(_, trigger)| trigger.clone()));
            }
        }
        // No lock is held here: effects run later, but a derived value may be read at once.
        due.iter().for_each(Notify::notify);
    }
}

/// The drafts that the server has of the conversations whose own state was touched: no composer may be open to hear of them.
fn drafts(state: &State, touched: &Touched) -> Vec<(Draft, String)> {
    let own = touched.rooms.iter().filter(|(_, parts)| parts.own);
    own.filter_map(|(id, _)| {
        let room = state.rooms.get(id)?;
        Some((Draft::new(state.me.id, *id), room.summary.draft.clone().unwrap_or_default()))
    })
    .collect()
}
