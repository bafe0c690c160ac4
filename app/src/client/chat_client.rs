//! State of the signed-in person's client, as views read it. What a person does is in [`super::commands`].

use super::clock::now_ms;
use super::status::{ConnectionStatus, StorageStatus};
use super::store::{RoomPart, Store};
use crate::datetime::Zone;
use crate::initial_data::{InitialData, SubjectKindData};
use leptos::prelude::*;
use protocol::reducer::{Need, News, Pending, Room, State};
use protocol::{
    ClientId, Conversation, ConversationId, Invitation, ListPart, Member, Person, PersonStatus, Preferences,
    ServerFrame, Side, Timestamp, UserId,
};

/// Input of a plain form of a conversation: each field, and behind it its text.
type TypedFields = (ConversationId, Vec<String>);

/// Handle of the client, in the context of all pages behind the sign-in.
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
    /// Current time, updated every minute; relative times such as "5 min" refer to it.
    pub(crate) now: RwSignal<Timestamp>,
    /// The reader requested the list, and it has not arrived yet.
    pub(crate) refreshing: RwSignal<bool>,
    /// Whether the list is collapsed to faces.
    pub(crate) collapsed: RwSignal<bool>,
    /// `client_id` of the plain form's next message.
    pub(crate) form_id: ClientId,
    /// News that a toast shows, the newest alone.
    pub(crate) toast: RwSignal<Option<News>>,
    /// Number of members whom the composer offers to mention.
    pub(crate) offered: RwSignal<u32>,
    typed: StoredValue<Option<TypedFields>>,
    failure: StoredValue<Option<String>>,
    members: StoredValue<Vec<Member>>,
    subject_kinds: StoredValue<Vec<SubjectKindData>>,
    done: StoredValue<Option<String>>,
}

/// The client of this page.
pub(crate) fn use_client() -> Client {
    expect_context()
}

impl Client {
    /// Creates the client from the data of the page. `open`: the conversation that the address shows.
    pub(crate) fn new(data: InitialData, open: Option<ConversationId>) -> Self {
        let InitialData {
            synced,
            pages,
            filter,
            subject_kind,
            subject_kinds,
            members,
            now,
            zone,
            form_id,
            collapsed,
            typed,
            failure,
            done,
            ..
        } = data;
        let me = synced.user.id;
        let mut state = State::new(synced.user.clone());
        state.set_clock(now);
        // Its page is among `pages`.
        let _ = state.show(ListPart { filter, subject_kind });
        // `synced` answers the requests that follow.
        if let Some(id) = open.filter(|id| !synced.gone.contains(id)) {
            let _ = state.open(id);
        }
        let _ = state.apply(ServerFrame::Synced(synced), 0);
        // The calls of a reader who pages: a jump to the first page, then the page after it.
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
            toast: RwSignal::new(None),
            offered: RwSignal::new(0),
            typed: StoredValue::new(open.map(|id| (id, typed))),
            failure: StoredValue::new(failure),
            members: StoredValue::new(members),
            subject_kinds: StoredValue::new(subject_kinds),
            done: StoredValue::new(done),
        }
    }

    /// The signed-in person.
    #[must_use]
    pub(crate) fn me(self) -> UserId {
        self.me
    }

    /// Input of this field, of a plain form of this conversation that was refused; given once.
    #[must_use]
    pub(crate) fn take_typed(self, id: ConversationId, field: &str) -> Option<String> {
        let take = |typed: &mut Option<TypedFields>| {
            let (_, typed) = typed.as_mut().filter(|(of, _)| *of == id)?;
            let place = typed.iter().step_by(2).position(|name| name == field)?;
            typed.remove(2 * place);
            Some(typed.remove(2 * place))
        };
        self.typed.try_update_value(take).flatten()
    }

    /// Reason why the form was refused that led here; given once.
    #[must_use]
    pub(crate) fn take_failure(self) -> Option<String> {
        self.failure.try_update_value(Option::take).flatten()
    }

    /// All members of the large group whose details the page came with; given once.
    #[must_use]
    pub(crate) fn take_members(self) -> Vec<Member> {
        self.members.try_update_value(std::mem::take).unwrap_or_default()
    }

    /// Reads the configured kinds of subjects, which stay the same while the page is open.
    pub(crate) fn subject_kinds<T>(self, read: impl FnOnce(&[SubjectKindData]) -> T) -> T {
        self.subject_kinds.with_value(|kinds| read(kinds))
    }

    /// Outcome of the form that led here; given once.
    #[must_use]
    pub(crate) fn take_done(self) -> Option<String> {
        self.done.try_update_value(Option::take).flatten()
    }

    /// The invitations that wait for an answer, the newest first. Tracked.
    pub(crate) fn invitations<T>(self, read: impl FnOnce(&[Invitation]) -> T) -> T {
        self.store.invitations(read)
    }

    /// Reads the state without tracking it.
    pub(crate) fn peek<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.store.peek(read)
    }

    /// Reads the state and tracks the set and the order of the loaded conversations, and whether there are more.
    pub(crate) fn list<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.store.list(read)
    }

    /// The name of a person to show, with the username where another name looks the same. Tracked.
    pub(crate) fn name_of(self, person: &Person) -> String {
        self.store.names(|state| state.name_of(person))
    }

    /// The name of a conversation to show. Tracked.
    pub(crate) fn name_of_conversation(self, conversation: &Conversation) -> String {
        self.store.names(|state| state.name_of_conversation(conversation))
    }

    /// Reads the state and tracks the person's own name and picture.
    pub(crate) fn profile<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.store.me(read)
    }

    /// Reads the preferences of the person, tracked.
    pub(crate) fn preferences<T>(self, read: impl FnOnce(&Preferences) -> T) -> T {
        self.store.preferences(|state| read(&state.preferences))
    }

    /// Reads the state and tracks the notifications.
    pub(crate) fn notifications<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.store.notifications(read)
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
}
