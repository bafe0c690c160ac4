//! The place of the client in each conversation: which messages it has given, and what it has to read to miss none. Without
//! I/O: it takes frames, and gives items for the stream and the next request.
//!
//! Live frames are given while they follow each other without a gap. After a gap, a reconnect or a full queue the
//! conversation is read from its cursor. The live frames that come meanwhile are dropped, because the answer contains them.

use crate::Cursors;
use crate::event::{Event, Item};
use protocol::{
    Changes, ClientFrame, Conversation, ConversationId, ListFilter, ListPage, ListPosition, Message,
    PageAnswer, ServerFrame, SyncAnswer, SyncRequest, UserId,
};
use std::collections::{BTreeMap, VecDeque};

/// The part of the list of conversations that is read next, after each connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listing {
    First,
    Next(ListPosition),
    Archive(Option<ListPosition>),
}

/// A conversation that is read from its cursor on.
#[derive(Debug)]
struct CatchUp {
    id: ConversationId,
    /// The messages with a higher `seq` were not given yet. `None`: those since the person joined.
    given: Option<i64>,
    /// The cursor of the next `changes`.
    after: i64,
    /// Changed messages by `seq`, in their newest state.
    rows: BTreeMap<i64, Message>,
    /// Set while history is read page by page, because the cursor was too far behind: the counter when that began.
    as_of: Option<i64>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Tracker {
    me: Option<UserId>,
    cursors: Cursors,
    listing: Option<Listing>,
    archive_is_used: bool,
    /// The conversations begin where they are at the first connection, unless their cursors are known.
    begins_now: bool,
    waiting: VecDeque<ConversationId>,
    current: Option<CatchUp>,
    /// [`CatchUp::given`] of those that a lost connection interrupted.
    given: BTreeMap<ConversationId, i64>,
    items: VecDeque<Item>,
}

impl Tracker {
    /// With the cursors of an earlier connection, or none to begin with what happens from now on.
    pub(crate) fn new(cursors: Option<Cursors>) -> Self {
        Self {
            me: None,
            begins_now: cursors.is_none(),
            cursors: cursors.unwrap_or_default(),
            listing: None,
            archive_is_used: false,
            waiting: VecDeque::new(),
            current: None,
            given: BTreeMap::new(),
            items: VecDeque::new(),
        }
    }

    /// A connection was opened as this person.
    pub(crate) fn on_connect(&mut self, me: UserId) {
        self.me = Some(me);
        self.listing = Some(Listing::First);
        self.archive_is_used = false;
        if let Some(interrupted) = self.current.take() {
            if let Some(given) = interrupted.given {
                self.given.insert(interrupted.id, given);
            }
            self.wait(interrupted.id);
        }
    }

    /// Whether the list of conversations was read since the connection.
    pub(crate) fn is_listed(&self) -> bool {
        self.listing.is_none()
    }

    /// The items for the stream, in their order.
    pub(crate) fn items(&mut self) -> &mut VecDeque<Item> {
        &mut self.items
    }

    /// The next request, if there is one; it has been answered before the next is asked for. `may_read`: the queue has room
    /// for what was missed.
    pub(crate) fn next_request(&mut self, may_read: bool) -> Option<ClientFrame> {
        if let Some(listing) = self.listing {
            return Some(match listing {
                Listing::First => ClientFrame::Sync(SyncRequest { list: true, ..SyncRequest::default() }),
                Listing::Next(after) => {
                    ClientFrame::List { after: Some(after), filter: None, subject_kind: None }
                }
                Listing::Archive(after) => {
                    ClientFrame::List { after, filter: Some(ListFilter::Archived), subject_kind: None }
                }
            });
        }
        if self.current.is_none() && may_read {
            let id = self.waiting.pop_front()?;
            let cursor = self.cursors.get(&id).copied();
            let (given, after) = (self.given.remove(&id).or(cursor), cursor.unwrap_or(0));
            self.current = Some(CatchUp { id, given, after, rows: BTreeMap::new(), as_of: None });
        }
        let CatchUp { id, after, as_of, given, .. } = self.current.as_ref()?;
        let conversation_id = Some(*id);
        Some(match as_of {
            None => ClientFrame::Changes { conversation_id, after: *after },
            Some(_) => ClientFrame::Page { conversation_id, before: None, after: Some(given.unwrap_or(0)) },
        })
    }

    /// The conversation of the last request is not there any more.
    pub(crate) fn on_not_found(&mut self) {
        if let Some(gone) = self.current.take() {
            self.forget(gone.id);
        }
    }

    /// Takes a frame. `has_room`: events may be given; else they are read later. True: it answers the last request.
    pub(crate) fn on_frame(&mut self, frame: ServerFrame, has_room: bool) -> bool {
        if let Some((id, rev)) = frame.moves() {
            self.on_change(id, rev, frame, has_room);
            return false;
        }
        match frame {
            ServerFrame::Synced(answer) => self.on_synced(answer),
            ServerFrame::List(page) => self.on_list(page),
            ServerFrame::Changes(changes) => self.on_changes(changes),
            ServerFrame::Page(page) => self.on_page(page),
            ServerFrame::ConversationRemoved(removed) => {
                self.forget(removed.conversation_id);
                return false;
            }
            ServerFrame::ConnectionEstablished(_) | ServerFrame::Ack(_) | ServerFrame::Error(_) => {
                return false;
            }
            ServerFrame::Ping | ServerFrame::Pong | ServerFrame::Unreadable(_) => return false,
            ServerFrame::MessageDeleted(deleted) => {
                let (conversation_id, message_id) = (deleted.conversation_id, deleted.message_id);
                self.give(Event::Deleted { conversation_id, message_id }, has_room);
                return false;
            }
            frame => {
                if let ServerFrame::ConversationUpdated(updated) = &frame
                    && !self.cursors.contains_key(&updated.conversation.id)
                    && !self.begins_now
                {
                    self.wait(updated.conversation.id);
                }
                self.give(Event::Frame(Box::new(frame)), has_room);
                return false;
            }
        }
        true
    }

    fn give(&mut self, event: Event, has_room: bool) {
        if has_room {
            self.items.push_back(Item::Event(Box::new(event)));
        }
    }

    /// A live frame that advances the counter of a conversation.
    fn on_change(&mut self, id: ConversationId, rev: i64, frame: ServerFrame, has_room: bool) {
        if self.waiting.contains(&id) || self.current.as_ref().is_some_and(|current| current.id == id) {
            return;
        }
        let cursor = match self.cursors.get(&id) {
            Some(cursor) => *cursor,
            None if self.begins_now => rev - 1,
            None => return self.wait(id),
        };
        if rev <= cursor {
            return;
        }
        if rev > cursor + 1 || !has_room {
            // A cursor that was unknown stays what it was taken for.
            self.cursors.entry(id).or_insert(cursor);
            return self.wait(id);
        }
        let event = match frame {
            ServerFrame::NewMessage(new) => Event::Message(new.message),
            ServerFrame::MessageUpdated(updated) => Event::Updated(updated.message),
            ServerFrame::MessageDeleted(deleted) => {
                Event::Deleted { conversation_id: id, message_id: deleted.message_id }
            }
            _ => return,
        };
        self.seen(id, rev);
        self.give(event, true);
    }

    fn on_synced(&mut self, answer: SyncAnswer) {
        self.archive_is_used = !answer.archived.is_empty();
        answer.list.iter().flatten().for_each(|conversation| self.note(conversation));
        self.list_on(answer.next.map(Listing::Next));
    }

    fn on_list(&mut self, page: ListPage) {
        page.conversations.iter().for_each(|conversation| self.note(conversation));
        let archived = page.filter == Some(ListFilter::Archived);
        if archived {
            self.archive_is_used = false;
        }
        self.list_on(
            page.next.map(|next| if archived { Listing::Archive(Some(next)) } else { Listing::Next(next) }),
        );
    }

    fn list_on(&mut self, next: Option<Listing>) {
        self.listing = next.or(self.archive_is_used.then_some(Listing::Archive(None)));
        if self.listing.is_none() {
            self.begins_now = false;
        }
    }

    /// Compares the counter of a conversation with its cursor.
    fn note(&mut self, conversation: &Conversation) {
        let (id, rev) = (conversation.id, conversation.rev);
        match self.cursors.get(&id) {
            Some(cursor) if *cursor == rev => {}
            // A live frame may have come before a page of the list that was read earlier.
            Some(cursor) if *cursor > rev && !self.is_listed() && self.begins_now => {}
            None if self.begins_now => self.seen(id, rev),
            _ => self.wait(id),
        }
    }

    fn on_changes(&mut self, changes: Changes) {
        let Some(mut current) = self.current.take_if(|current| current.id == changes.conversation_id) else {
            return;
        };
        let me = self.me;
        let own = changes.members.iter().find(|member| Some(member.user.id) == me);
        let given = *current.given.get_or_insert(own.map_or(changes.cursor, |own| own.joined_seq));
        for message in changes.rows {
            current.rows.insert(message.seq, message);
        }
        if let Some(page) = changes.reset {
            // The cursor may belong to another history: that before a backup was restored, or of an earlier membership.
            let given = given.max(own.map_or(0, |own| own.joined_seq)).min(page.as_of);
            current.given = Some(given);
            let reaches = page.at_start || page.messages.first().is_some_and(|first| first.seq <= given + 1);
            if !reaches && given < page.as_of {
                current.as_of = Some(page.as_of);
                self.current = Some(current);
                return;
            }
            let new = page.messages.into_iter().filter(|message| message.seq > given);
            current.rows = new.map(|message| (message.seq, message)).collect();
            return self.finish(current, page.as_of);
        }
        if changes.more {
            current.after = changes.cursor;
            self.current = Some(current);
            return;
        }
        self.finish(current, changes.cursor);
    }

    /// A page of the history, which is read forwards; what changed meanwhile is read afterwards.
    fn on_page(&mut self, answer: PageAnswer) {
        let Some(mut current) = self.current.take_if(|current| current.id == answer.conversation_id) else {
            return;
        };
        let given = current.given.unwrap_or(0);
        let page = answer.page;
        for message in page.messages {
            if message.seq > given {
                current.given = Some(message.seq);
                if message.deleted_at.is_none() {
                    self.items.push_back(Item::Event(Box::new(Event::Message(message))));
                }
            }
        }
        if page.at_end || current.given == Some(given) {
            current.after = current.as_of.take().unwrap_or(page.as_of);
        }
        self.current = Some(current);
    }

    /// Gives what was read, new messages in their order. The cursor comes before the last event, so that a program that has
    /// handled it finds the cursor behind it.
    fn finish(&mut self, current: CatchUp, cursor: i64) {
        let given = current.given.unwrap_or(cursor);
        let events = current.rows.into_iter().filter_map(|(seq, message)| {
            match (seq > given, message.deleted_at.is_some()) {
                (true, true) => None,
                (true, false) => Some(Event::Message(message)),
                (false, false) => Some(Event::Updated(message)),
                (false, true) => {
                    Some(Event::Deleted { conversation_id: message.conversation_id, message_id: message.id })
                }
            }
        });
        self.items.extend(events.map(|event| Item::Event(Box::new(event))));
        let last = self.items.pop_back_if(|item| matches!(item, Item::Event(_)));
        self.seen(current.id, cursor);
        self.items.extend(last);
    }

    fn seen(&mut self, id: ConversationId, rev: i64) {
        self.cursors.insert(id, rev);
        self.items.push_back(Item::Cursor(id, Some(rev)));
    }

    fn wait(&mut self, id: ConversationId) {
        if !self.waiting.contains(&id) {
            self.waiting.push_back(id);
        }
    }

    fn forget(&mut self, id: ConversationId) {
        self.waiting.retain(|waiting| *waiting != id);
        self.given.remove(&id);
        if self.cursors.remove(&id).is_some() {
            self.items.push_back(Item::Cursor(id, None));
            self.items.push_back(Item::Event(Box::new(Event::Removed(id))));
        }
    }
}

#[cfg(test)]
#[path = "tracker/tests.rs"]
mod tests;
