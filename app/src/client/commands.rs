//! Commands of the signed-in person: they change the state, and the driver sends what follows.

use super::announcements;
use super::chat_client::Client;
use super::driver::{self, Driver};
use crate::routing::Location;
use crate::server_fns::submit;
use leptos::prelude::*;
use protocol::reducer::{Need, State};
use protocol::{
    AUTO, ClientFrame, ClientId, ConversationId, DeleteFor, ErrorBody, ErrorCode, ListFilter, ListPart,
    MembershipChange, MessageId, Preferences, PreferencesChange, ServerFrame, Side, Timestamp,
};

impl Client {
    /// Connects. Does nothing after the first call on a page.
    pub(crate) fn connect(self) {
        driver::start(self);
    }

    /// Requests the list again over the current transport.
    pub(crate) fn refresh(self) {
        if !self.refreshing.get_untracked() {
            self.refreshing.set(true);
            self.must_send(ClientFrame::Sync(self.peek(State::sync_request)));
        }
    }

    /// Loads the next page of the list, if there is one.
    pub(crate) fn load_list(self) {
        self.ask(State::load_list);
    }

    /// Shows the conversations of a state in the list; `None`: all that are not archived.
    pub(crate) fn set_filter(self, filter: Option<ListFilter>) {
        self.ask(|state| state.set_filter(filter));
    }

    /// Shows the conversations about a kind of subjects in the list; `None`: all.
    pub(crate) fn set_subject_kind(self, kind: Option<String>) {
        self.ask(|state| state.set_subject_kind(kind));
    }

    /// Shows the list without a filter.
    pub(crate) fn show_all(self) {
        self.ask(|state| state.show(ListPart::default()));
    }

    /// Changes the person's own state of a conversation.
    pub(crate) fn update_membership(self, id: ConversationId, change: MembershipChange) {
        self.must_send(ClientFrame::update_membership(id, change));
    }

    /// Stores a draft on the server, or removes it (empty); false without a transport.
    pub(crate) fn save_draft(self, id: ConversationId, text: &str) -> bool {
        let draft = Some((!text.is_empty()).then(|| text.to_owned()));
        let change = MembershipChange { draft, ..MembershipChange::default() };
        driver::with(|driver| driver.may_send(ClientFrame::update_membership(id, change)))
    }

    /// Sets the time, by which mutings end.
    pub(super) fn set_clock(self, now: Timestamp) {
        let _ = self.now.try_set(now);
        self.update(|state| state.set_clock(now));
    }

    /// Loads the next page of the list, whatever its filter.
    pub(crate) fn load_rest(self) {
        self.ask(State::load_rest);
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

    /// Tells the others that typing began or ended, unless the person hides it.
    pub(crate) fn set_typing(self, id: ConversationId, is_typing: bool) {
        if !self.peek(|state| state.preferences.show_typing) {
            return;
        }
        self.may_send(ClientFrame::Typing { conversation_id: Some(id), is_typing });
    }

    /// Reports the time zone of this device, if the quiet hours follow it.
    pub(super) fn report_time_zone(self, zone: &str) {
        let concerns = self.peek(|state| {
            let Preferences { time_zone, quiet_from, device_time_zone, .. } = &state.preferences;
            time_zone == AUTO && quiet_from.is_some() && device_time_zone.as_deref() != Some(zone)
        });
        if concerns {
            self.must_send(ClientFrame::UpdatePreferences(PreferencesChange {
                device_time_zone: Some(zone.to_owned()),
                ..PreferencesChange::default()
            }));
        }
    }

    /// Marks everything up to a message as read.
    pub(crate) fn mark_read(self, id: ConversationId, message_id: MessageId) {
        self.may_send(ClientFrame::MarkRead { conversation_id: Some(id), message_id: Some(message_id) });
    }

    /// Marks everything in a conversation as read.
    pub(crate) fn mark_all_read(self, id: ConversationId) {
        let newest = self.peek(|state| Some(state.rooms.get(&id)?.summary.last_message.as_ref()?.id));
        match newest {
            Some(newest) => self.mark_read(id, newest),
            None => self.unmark(id),
        }
    }

    /// Removes the unread mark.
    pub(crate) fn unmark(self, id: ConversationId) {
        self.update_membership(id, MembershipChange { unread: Some(false), ..MembershipChange::default() });
    }

    /// Loads the next page of the notifications, if there is one.
    pub(crate) fn load_notifications(self) {
        self.ask(State::load_notifications);
    }

    /// Marks the notifications up to this time as read.
    pub(crate) fn read_notifications(self, up_to: Timestamp) {
        self.must_send(ClientFrame::ReadNotifications { up_to: Some(up_to) });
    }

    /// Announces news from now on: by toasts, browser notifications and sounds.
    pub(crate) fn announce(self, location: Location) {
        announcements::start(self, location);
    }

    /// Sends a frame over HTTP, where its answer is needed at once, and returns that answer.
    ///
    /// # Errors
    /// The frame was refused, or did not reach the server.
    pub(crate) async fn request(self, frame: ClientFrame) -> Result<Option<ServerFrame>, ErrorBody> {
        let answers = submit(Some(self.me()), vec![frame]).await.map_err(|refused| refused.error)?;
        match answers.into_iter().next() {
            Some(ServerFrame::Error(refused)) => Err(refused),
            // This browser is signed in as somebody else by now.
            Some(ServerFrame::ConnectionEstablished(_)) => Err(ErrorCode::NotAuthenticated.into()),
            answer => Ok(answer),
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

    /// Sends a frame now, or drops it without a transport: it would be outdated later.
    fn may_send(self, frame: ClientFrame) {
        driver::with(|driver| driver.may_send(frame));
    }

    fn pump() {
        driver::with(Driver::pump);
    }
}
