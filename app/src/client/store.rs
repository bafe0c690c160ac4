//! What the person in front of the screen has: one state, made by the reducer, and how the link stands.

use crate::client::{self as live, Keeping, LinkState};
use crate::datetime::Zone;
use crate::initial_data::Loaded;
use leptos::prelude::*;
use protocol::reducer::{Need, Room, State};
use protocol::{
    ClientFrame, ClientId, ConversationId, DeleteFor, MessageId, PageAnswer, ServerFrame, Side, Timestamp,
    UserId,
};

/// In the context of all pages behind the sign-in. The same on the server, where nothing ever changes it.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    state: RwSignal<State>,
    me: UserId,
    /// How the link stands.
    pub(crate) link: RwSignal<LinkState>,
    /// Whom the server takes this browser for, when that is somebody else by now.
    pub(crate) somebody_else: RwSignal<String>,
    /// Whether what is typed survives this tab.
    pub(crate) keeping: RwSignal<Keeping>,
    /// Whose clock times are shown by.
    pub(crate) zone: RwSignal<Zone>,
    /// Roughly now: what "5 min" is counted from.
    pub(crate) now: RwSignal<Timestamp>,
    /// The list was asked for by hand, and has not come yet.
    pub(crate) refreshing: RwSignal<bool>,
    /// The id that the plain form's next message bears.
    pub(crate) form_id: ClientId,
    form_text: StoredValue<Option<(ConversationId, String)>>,
    failure: StoredValue<Option<String>>,
}

impl Client {
    /// From what the page came with.
    #[must_use]
    pub(crate) fn new(loaded: Loaded, open: Option<ConversationId>) -> Self {
        let Loaded { synced, pages, now, zone, form_id, form_text, failure } = loaded;
        let me = synced.user.id;
        let mut state = State::new(synced.user.clone());
        // What it asks for comes with `synced`.
        if let Some(id) = open.filter(|id| !synced.gone.contains(id)) {
            let _ = state.open(id);
        }
        let _ = state.apply(ServerFrame::Synced(synced), 0);
        // The same way as when a reader pages: the first is turned to, the next goes on there.
        for (at, page) in pages.into_iter().enumerate() {
            if let ServerFrame::Page(PageAnswer { conversation_id, before, after, .. }) = &page {
                let _ = match Side::of(*before, *after) {
                    Some(side) if at == 0 => state.turn_to(*conversation_id, side),
                    _ => state.load_newer(*conversation_id),
                };
            }
            let _ = state.apply(page, 0);
        }
        Self {
            state: RwSignal::new(state),
            me,
            link: RwSignal::new(LinkState::Connecting),
            somebody_else: RwSignal::new(String::new()),
            keeping: RwSignal::new(Keeping::Kept),
            zone: RwSignal::new(Zone::Known(StoredValue::new(zone))),
            now: RwSignal::new(now),
            refreshing: RwSignal::new(false),
            form_id,
            form_text: StoredValue::new(open.map(|id| (id, form_text))),
            failure: StoredValue::new(failure),
        }
    }

    /// Who is signed in.
    #[must_use]
    pub(crate) fn me(self) -> UserId {
        self.me
    }

    /// What the plain form of this conversation sent last, when it was refused.
    #[must_use]
    pub(crate) fn form_text(self, id: ConversationId) -> String {
        self.form_text.with_value(|kept| {
            kept.as_ref().filter(|(of, _)| *of == id).map(|(_, text)| text.clone()).unwrap_or_default()
        })
    }

    /// It is in the composer by now, and the page is live.
    pub(crate) fn forget_form_text(self) {
        self.form_text.set_value(None);
    }

    /// Why the form was refused that brought the reader here: told once.
    #[must_use]
    pub(crate) fn take_failure(self) -> Option<String> {
        self.failure.try_update_value(Option::take).flatten()
    }

    /// Reads the state, and again when it changes.
    pub(crate) fn read<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.state.with(read)
    }

    /// Reads the state as it is now.
    pub(crate) fn peek<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.state.with_untracked(read)
    }

    /// Reads one conversation, and again when it changes.
    pub(crate) fn room<T>(self, id: ConversationId, read: impl FnOnce(&Room) -> T) -> Option<T> {
        self.state.with(|state| state.rooms.get(&id).map(read))
    }

    /// Folds a frame in.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
    pub(crate) fn apply(self, frame: ServerFrame) -> Vec<Need> {
        if matches!(frame, ServerFrame::Synced(_)) && self.refreshing.try_get_untracked() == Some(true) {
            self.refreshing.set(false);
        }
        self.change(|state| state.apply(frame, live::now_ms()))
    }

    /// Asks for the list anew, by whatever transport there is, or as soon as there is one.
    pub(crate) fn refresh(self) {
        if !self.refreshing.get_untracked() {
            self.refreshing.set(true);
            live::tell(ClientFrame::Sync(self.peek(State::sync_request)));
        }
    }

    /// Changes the state; nothing happens when the page has gone.
    pub(crate) fn change<T: Default>(self, change: impl FnOnce(&mut State) -> T) -> T {
        self.state.try_update(change).unwrap_or_default()
    }

    /// Changes the state where the answer tells whether there was a change at all.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
    pub(crate) fn change_if(self, change: impl FnOnce(&mut State) -> bool) {
        let _ = self.state.try_maybe_update(|state| (change(state), ()));
    }

    /// The conversation is on screen.
    pub(crate) fn open(self, id: ConversationId) {
        let needs = self.change(|state| state.open(id));
        live::ask(needs);
    }

    /// It is no longer.
    pub(crate) fn close(self, id: ConversationId) {
        self.change(|state| state.close(id));
    }

    /// The reader scrolled to the top.
    pub(crate) fn load_older(self, id: ConversationId) {
        let needs = self.change(|state| state.load_older(id));
        live::ask(needs);
    }

    /// The reader scrolled to the end of a stretch that is not the newest.
    pub(crate) fn load_newer(self, id: ConversationId) {
        let needs = self.change(|state| state.load_newer(id));
        live::ask(needs);
    }

    /// The reader followed a link to a place.
    pub(crate) fn turn_to(self, id: ConversationId, side: Side) {
        let needs = self.change(|state| state.turn_to(id, side));
        live::ask(needs);
    }

    /// The reader wants to see the newest messages.
    pub(crate) fn to_latest(self, id: ConversationId) {
        self.change(|state| state.show_latest(id));
    }

    /// Sends what was typed.
    pub(crate) fn compose(self, id: ConversationId, content: String) {
        self.change(|state| state.compose(id, ClientId::mint(), content, None));
        live::pump();
    }

    /// A refused message goes out again.
    pub(crate) fn try_again(self, id: ConversationId, client_id: ClientId) {
        self.change(|state| state.try_again(id, client_id));
        live::pump();
    }

    /// A refused message is given up.
    pub(crate) fn discard(self, id: ConversationId, client_id: ClientId) {
        self.change(|state| state.discard(id, client_id));
    }

    /// Deletes a message.
    pub(crate) fn delete(self, id: ConversationId, message_id: MessageId, audience: DeleteFor) {
        live::tell(ClientFrame::DeleteMessage {
            conversation_id: Some(id),
            message_id: Some(message_id),
            audience,
        });
    }

    /// Takes back that it was deleted for oneself.
    pub(crate) fn restore(self, id: ConversationId, message_id: MessageId) {
        live::tell(ClientFrame::RestoreMessage { conversation_id: Some(id), message_id: Some(message_id) });
    }

    /// Typing began, goes on or ended.
    pub(crate) fn typing(self, id: ConversationId, is_typing: bool) {
        live::mention(ClientFrame::Typing { conversation_id: Some(id), is_typing });
    }

    /// Seen up to there.
    pub(crate) fn mark_read(self, id: ConversationId, message_id: MessageId) {
        live::mention(ClientFrame::MarkRead { conversation_id: Some(id), message_id: Some(message_id) });
    }
}
