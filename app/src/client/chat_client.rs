//! The client of the signed-in person: what views read, and what a person does.

use super::clock::now_ms;
use super::driver::{self, Driver};
use super::status::{ConnectionStatus, StorageStatus};
use super::store::{RoomPart, Store};
use crate::datetime::Zone;
use crate::initial_data::InitialData;
use leptos::prelude::*;
use protocol::reducer::{Need, Pending, Room, State};
use protocol::{
    ClientFrame, ClientId, ConversationId, DeleteFor, MessageId, PersonStatus, ServerFrame, Side, Timestamp,
    UserId,
};

/// In the context of all pages behind the sign-in.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    store: Store,
    me: UserId,
    /// State of the connection.
    pub(crate) status: RwSignal<ConnectionStatus>,
    /// Name of the person whom this browser is signed in as by now, where that is somebody else.
    pub(crate) other_person: RwSignal<String>,
    /// Whether drafts and unsent messages survive this tab.
    pub(crate) storage: RwSignal<StorageStatus>,
    /// Time zone of the reader.
    pub(crate) zone: RwSignal<Zone>,
    /// Time now, to the minute: what "5 min" is counted from.
    pub(crate) now: RwSignal<Timestamp>,
    /// The list was asked for by hand and has not come yet.
    pub(crate) refreshing: RwSignal<bool>,
    /// Whether the list is collapsed to faces.
    pub(crate) collapsed: RwSignal<bool>,
    /// `client_id` of the plain form's next message.
    pub(crate) form_id: ClientId,
    form_text: StoredValue<Option<(ConversationId, String)>>,
    failure: StoredValue<Option<String>>,
}

/// The client of this page.
pub(crate) fn use_client() -> Client {
    expect_context()
}

impl Client {
    /// A client that begins with the data of the page. `open`: the conversation that the address shows.
    pub(crate) fn new(data: InitialData, open: Option<ConversationId>) -> Self {
        let InitialData { synced, pages, now, zone, form_id, collapsed, form_text, failure, .. } = data;
        let me = synced.user.id;
        let mut state = State::new(synced.user.clone());
        // What it asks for comes with `synced`.
        if let Some(id) = open.filter(|id| !synced.gone.contains(id)) {
            let _ = state.open(id);
        }
        let _ = state.apply(ServerFrame::Synced(synced), 0);
        // The same calls as when a reader pages: the first page is turned to, the next continues it.
        for (at, page) in pages.into_iter().enumerate() {
            if let ServerFrame::Page(page) = &page {
                let _ = match Side::of(page.before, page.after) {
                    Some(side) if at == 0 => state.jump_to(page.conversation_id, side),
                    _ => state.load_newer(page.conversation_id),
                };
            }
            let _ = state.apply(page, 0);
        }
        Self {
            store: Store::new(state),
            me,
            status: RwSignal::new(ConnectionStatus::Connecting),
            other_person: RwSignal::new(String::new()),
            storage: RwSignal::new(StorageStatus::Kept),
            zone: RwSignal::new(Zone::Known(StoredValue::new(zone))),
            now: RwSignal::new(now),
            refreshing: RwSignal::new(false),
            collapsed: RwSignal::new(collapsed),
            form_id,
            form_text: StoredValue::new(open.map(|id| (id, form_text))),
            failure: StoredValue::new(failure),
        }
    }

    /// Connects, once for a page.
    pub(crate) fn connect(self) {
        driver::start(self);
    }

    /// The signed-in person.
    #[must_use]
    pub(crate) fn me(self) -> UserId {
        self.me
    }

    /// Text of this conversation's plain form that was refused.
    #[must_use]
    pub(crate) fn form_text(self, id: ConversationId) -> String {
        self.form_text.with_value(|kept| {
            kept.as_ref().filter(|(of, _)| *of == id).map(|(_, text)| text.clone()).unwrap_or_default()
        })
    }

    /// The refused text is in the live composer by now.
    pub(crate) fn forget_form_text(self) {
        self.form_text.set_value(None);
    }

    /// Reason why the form was refused that led here; given once.
    #[must_use]
    pub(crate) fn take_failure(self) -> Option<String> {
        self.failure.try_update_value(Option::take).flatten()
    }

    /// Reads the state without tracking it.
    pub(crate) fn peek<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.store.peek(read)
    }

    /// Reads the state and tracks the set and the order of the conversations.
    pub(crate) fn list<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.store.list(read)
    }

    /// Reads the state and tracks the person's own name and picture.
    pub(crate) fn profile<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.store.me(read)
    }

    /// Unsent messages of all conversations, tracked.
    pub(super) fn unsent(self) -> Vec<(ConversationId, Pending)> {
        self.store.unsent()
    }

    /// Presence of a person, tracked.
    pub(crate) fn presence(self, user: UserId) -> Option<PersonStatus> {
        self.store.presence(user)
    }

    /// Reads one conversation and tracks one part of it.
    pub(crate) fn room<T>(
        self,
        id: ConversationId,
        part: RoomPart,
        read: impl FnOnce(&Room) -> T,
    ) -> Option<T> {
        self.store.room(id, part, read)
    }

    /// Tracks one part of a conversation.
    pub(crate) fn track_room(self, id: ConversationId, part: RoomPart) {
        self.store.track_room(id, part);
    }

    /// Changes the state.
    pub(super) fn update<T: Default>(self, change: impl FnOnce(&mut State) -> T) -> T {
        self.store.update(change)
    }

    /// Applies a frame of the server.
    pub(super) fn apply(self, frame: ServerFrame) -> Vec<Need> {
        if matches!(frame, ServerFrame::Synced(_)) && self.refreshing.try_get_untracked() == Some(true) {
            self.refreshing.set(false);
        }
        self.update(|state| state.apply(frame, now_ms()))
    }

    /// Asks for the list again, over whatever transport there is.
    pub(crate) fn refresh(self) {
        if !self.refreshing.get_untracked() {
            self.refreshing.set(true);
            self.must_send(ClientFrame::Sync(self.peek(State::sync_request)));
        }
    }

    /// Opens a conversation: it is on screen.
    pub(crate) fn open(self, id: ConversationId) {
        self.ask(|state| state.open(id));
    }

    /// Closes a conversation: it is no longer on screen.
    pub(crate) fn close(self, id: ConversationId) {
        self.update(|state| state.close(id));
    }

    /// Loads the page before the messages on screen.
    pub(crate) fn load_older(self, id: ConversationId) {
        self.ask(|state| state.load_older(id));
    }

    /// Loads the page after the messages on screen, where those are not the newest.
    pub(crate) fn load_newer(self, id: ConversationId) {
        self.ask(|state| state.load_newer(id));
    }

    /// Shows the messages on one side of a place.
    pub(crate) fn jump_to(self, id: ConversationId, side: Side) {
        self.ask(|state| state.jump_to(id, side));
    }

    /// Shows the newest messages.
    pub(crate) fn show_latest(self, id: ConversationId) {
        self.update(|state| state.show_latest(id));
    }

    /// The reader sees the messages between two places; `None` for the newest. Messages far from there are dropped.
    pub(crate) fn set_viewport(self, id: ConversationId, seen: Option<(i64, i64)>) {
        self.update(|state| state.set_viewport(id, seen));
    }

    /// Sends a message.
    pub(crate) fn send(self, id: ConversationId, content: String) {
        self.update(|state| state.compose(id, ClientId::mint(), content, None));
        Self::pump();
    }

    /// Sends a refused message again.
    pub(crate) fn retry(self, id: ConversationId, client_id: ClientId) {
        self.update(|state| state.try_again(id, client_id));
        Self::pump();
    }

    /// Discards a refused message.
    pub(crate) fn discard(self, id: ConversationId, client_id: ClientId) {
        self.update(|state| state.discard(id, client_id));
    }

    /// Deletes a message.
    pub(crate) fn delete(self, id: ConversationId, message_id: MessageId, audience: DeleteFor) {
        self.must_send(ClientFrame::DeleteMessage {
            conversation_id: Some(id),
            message_id: Some(message_id),
            audience,
        });
    }

    /// Undoes a deletion for oneself.
    pub(crate) fn restore(self, id: ConversationId, message_id: MessageId) {
        self.must_send(ClientFrame::RestoreMessage {
            conversation_id: Some(id),
            message_id: Some(message_id),
        });
    }

    /// Tells the others that typing began or ended.
    pub(crate) fn set_typing(self, id: ConversationId, is_typing: bool) {
        self.may_send(ClientFrame::Typing { conversation_id: Some(id), is_typing });
    }

    /// Marks everything up to a message as read.
    pub(crate) fn mark_read(self, id: ConversationId, message_id: MessageId) {
        self.may_send(ClientFrame::MarkRead { conversation_id: Some(id), message_id: Some(message_id) });
    }

    /// Marks everything in a conversation as read.
    pub(crate) fn mark_all_read(self, id: ConversationId) {
        let newest = self.peek(|state| Some(state.rooms.get(&id)?.summary.last_message.as_ref()?.id));
        if let Some(newest) = newest {
            self.mark_read(id, newest);
        }
    }

    fn ask(self, change: impl FnOnce(&mut State) -> Vec<Need>) {
        let needs = self.update(change);
        driver::with(|driver| driver.ask(needs));
    }

    /// Sends a frame as soon as there is a transport.
    fn must_send(self, frame: ClientFrame) {
        driver::with(|driver| driver.must_send(frame));
    }

    /// Sends a frame that is worth nothing later: now or never.
    fn may_send(self, frame: ClientFrame) {
        driver::with(|driver| driver.may_send(frame));
    }

    fn pump() {
        driver::with(Driver::pump);
    }
}
