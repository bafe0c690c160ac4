//! The notifications of the person. The server's first page comes with each `sync`, further ones when the reader wants them;
//! what follows from the conversations of the list (unread messages of direct ones, and what was read) is computed here.

use super::{Need, State};
use crate::limits::UNREAD_CAP;
use crate::notify::Event;
use crate::reducer::Room;
use crate::reducer::timeline::counts;
use crate::{
    ClientFrame, ConversationId, ConversationKind, MessageId, Notification, NotificationAdded,
    NotificationId, NotificationKind, NotificationPage, Person, Role, Timestamp, UserId, preview,
};

/// Something new that may be announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The kind of news.
    pub event: Event,
    /// The conversation that it leads to.
    pub conversation_id: ConversationId,
    /// The `seq` of the message that it leads to.
    pub seq: i64,
    /// The title of the conversation, if it has one.
    pub title: Option<String>,
    /// The person who wrote the message or made the change.
    pub actor: Person,
    /// The role that the person has got.
    pub role: Option<Role>,
    /// The beginning of the message.
    pub preview: String,
    /// The time of the message or change.
    pub created_at: Timestamp,
}

impl From<&Notification> for News {
    fn from(item: &Notification) -> Self {
        Self {
            event: Event::Notification(item.kind),
            conversation_id: item.conversation_id,
            seq: item.seq,
            title: item.title.clone(),
            actor: item.actor.clone(),
            role: item.role,
            preview: item.preview.clone(),
            created_at: item.created_at,
        }
    }
}

/// The loaded notifications.
#[derive(Clone, Debug, Default)]
pub(in crate::reducer) struct Notifications {
    /// Newest first.
    items: Vec<Notification>,
    /// The number of unread ones that are not loaded.
    behind: u32,
    /// The key behind which further ones can be loaded; `None` if all are.
    end: Option<NotificationId>,
    /// The time up to which the person marked all as read, as far as this client was told.
    read_up_to: Timestamp,
    /// The reader wants the next page.
    wanted: bool,
    /// The key of a request in flight.
    in_flight: Option<NotificationId>,
    /// They may have changed since the last [`State::take_touched`].
    is_dirty: bool,
    /// What was shown then.
    shown: (Vec<Notification>, u32, Option<NotificationId>),
}

impl Notifications {
    fn unread(&self) -> u32 {
        let loaded = self.items.iter().filter(|item| !item.read).count();
        u32::try_from(loaded).unwrap_or(UNREAD_CAP).saturating_add(self.behind).min(UNREAD_CAP)
    }

    fn take(&mut self, page: NotificationPage) {
        for item in page.notifications {
            if self.items.iter().all(|held| held.id != item.id) {
                self.items.push(item);
            }
        }
        self.items.sort_unstable_by_key(|item| std::cmp::Reverse(item.id));
        self.end = page.next;
        self.behind = 0;
        self.behind = page.unread.saturating_sub(self.unread());
        self.is_dirty = true;
    }

    fn insert(&mut self, item: Notification) {
        // Before the loaded ones: it comes with its page.
        if self.end.is_some_and(|end| item.id <= end) || self.items.iter().any(|held| held.id == item.id) {
            return;
        }
        let at = self.items.partition_point(|held| held.id > item.id);
        self.items.insert(at, item);
        self.is_dirty = true;
    }

    fn retain(&mut self, stays: impl FnMut(&Notification) -> bool) {
        let before = self.items.len();
        self.items.retain(stays);
        self.is_dirty |= self.items.len() != before;
    }

    /// The person read a conversation up to this `seq`.
    fn conversation_read(&mut self, id: ConversationId, seq: i64) {
        self.retain(|item| {
            item.kind != NotificationKind::Direct || item.conversation_id != id || item.seq > seq
        });
        for item in self.items.iter_mut().filter(|item| item.conversation_id == id && item.seq <= seq) {
            self.is_dirty |= !item.read;
            item.read = true;
        }
    }

    /// Brings the notifications of a conversation in line with its entry in the list.
    fn follow(&mut self, room: &Room, me: UserId, is_muted: bool) {
        let summary = &room.summary;
        let id = summary.id;
        let floor = room.read_floor(me);
        let is_direct =
            |item: &Notification| item.kind == NotificationKind::Direct && item.conversation_id == id;
        let was_there = self.items.iter().any(is_direct);
        self.conversation_read(id, summary.read_seq);
        for item in self.items.iter_mut().filter(|item| item.conversation_id == id) {
            if item.title != summary.title {
                item.title.clone_from(&summary.title);
                self.is_dirty = true;
            }
        }
        if summary.kind != ConversationKind::Direct {
            return;
        }
        let last = summary.last_message.as_ref();
        let gone = |item: &Notification| {
            summary.unread == 0
                || is_muted
                || item.seq <= floor
                || last.is_some_and(|last| last.id == item.message_id && !counts(last, me))
        };
        self.retain(|item| !is_direct(item) || !gone(item));
        let Some(last) =
            last.filter(|last| summary.unread > 0 && !is_muted && last.seq > floor && counts(last, me))
        else {
            return;
        };
        self.retain(|item| !is_direct(item) || item.seq >= last.seq);
        let preview = preview(&last.content);
        if let Some(item) = self.items.iter_mut().find(|item| is_direct(item) && item.seq == last.seq) {
            if item.preview != preview || item.actor != last.sender {
                (item.preview, item.actor) = (preview, last.sender.clone());
                self.is_dirty = true;
            }
            return;
        }
        let (seq, created_at) = (last.seq, last.timestamp);
        if !was_there && summary.unread > 1 && self.end.is_some() {
            // It was among those that are not loaded.
            self.behind = self.behind.saturating_sub(1);
        }
        self.insert(Notification {
            id: NotificationId { created_at, conversation_id: id, seq },
            kind: NotificationKind::Direct,
            conversation_id: id,
            seq,
            message_id: last.id,
            title: summary.title.clone(),
            actor: last.sender.clone(),
            role: None,
            preview,
            created_at,
            read: created_at <= self.read_up_to,
        });
    }
}

impl State {
    /// The loaded notifications, newest first.
    #[must_use]
    pub fn notifications(&self) -> &[Notification] {
        &self.notifications.items
    }

    /// The number of unread notifications, at most [`UNREAD_CAP`].
    #[must_use]
    pub fn unread_notifications(&self) -> u32 {
        self.notifications.unread()
    }

    /// What is unread and happened after a time, oldest first: the notifications, and the newest message of each group, unless it
    /// is a notification as well.
    #[must_use]
    pub fn news(&self, since: Timestamp) -> Vec<News> {
        let items = self.notifications.items.iter().filter(|item| !item.read && item.created_at > since);
        let mut news: Vec<News> = items.map(News::from).collect();
        for room in self.rooms.values().filter(|room| room.summary.kind == ConversationKind::Group) {
            let summary = &room.summary;
            let Some(last) = summary.last_message.as_ref() else { continue };
            let is_new = last.timestamp > since && last.seq > room.read_floor(self.me.id);
            let is_told = news.iter().any(|one| one.conversation_id == summary.id && one.seq == last.seq);
            if is_new && !is_told && counts(last, self.me.id) {
                news.push(News {
                    event: Event::GroupMessage,
                    conversation_id: summary.id,
                    seq: last.seq,
                    title: summary.title.clone(),
                    actor: last.sender.clone(),
                    role: None,
                    preview: preview(&last.content),
                    created_at: last.timestamp,
                });
            }
        }
        news.sort_unstable_by_key(|one| one.created_at);
        news
    }

    /// The time of the newest activity in the loaded list; 1970 for an empty one.
    #[must_use]
    pub fn newest_activity(&self) -> Timestamp {
        self.rooms.values().map(|room| room.summary.last_activity()).max().unwrap_or_default()
    }

    /// The key behind which further notifications can be loaded; `None` if all are loaded.
    #[must_use]
    pub fn notifications_end(&self) -> Option<NotificationId> {
        self.notifications.end
    }

    /// Requests the next page of the notifications, if there is one.
    pub fn load_notifications(&mut self) -> Vec<Need> {
        self.notifications.wanted = self.notifications.end.is_some();
        self.needs()
    }

    /// The request for the next page, if it is wanted and not in flight.
    pub(in crate::reducer) fn needs_notifications(&mut self) -> Option<ClientFrame> {
        let held = &mut self.notifications;
        let end = held.end.filter(|end| held.wanted && held.in_flight != Some(*end))?;
        held.in_flight = Some(end);
        Some(ClientFrame::Notifications { cursor: Some(end) })
    }

    /// Requests may be made again.
    pub(in crate::reducer) fn forget_notification_request(&mut self) {
        self.notifications.in_flight = None;
    }

    /// A live notification. `is_news`: its counter is past everything that was applied.
    pub(in crate::reducer) fn notified(&mut self, added: NotificationAdded, is_news: bool) {
        let mut item = added.notification;
        let room = self.rooms.get(&item.conversation_id);
        item.read |= room.is_some_and(|room| room.summary.read_seq >= item.seq);
        if is_news {
            self.notifications.insert(item);
        }
    }

    /// The person marked notifications as read.
    pub(in crate::reducer) fn notifications_read(&mut self, up_to: Timestamp) {
        let held = &mut self.notifications;
        held.read_up_to = held.read_up_to.max(up_to);
        for item in held.items.iter_mut().filter(|item| item.created_at <= up_to) {
            held.is_dirty |= !item.read;
            item.read = true;
        }
        // Those that are not loaded are older than the loaded ones.
        if held.end.is_some_and(|end| end.created_at <= up_to) {
            held.is_dirty |= held.behind > 0;
            held.behind = 0;
        }
        self.list_wanted |= held.behind > 0;
    }

    /// A page that was requested.
    pub(in crate::reducer) fn notification_page(&mut self, page: NotificationPage) {
        let held = &mut self.notifications;
        held.in_flight.take_if(|cursor| Some(*cursor) == page.cursor);
        // From a snapshot before a change that is already known, or of an earlier list: it is requested again.
        if page.user_rev < self.user_seen || page.cursor != held.end {
            return;
        }
        held.wanted = false;
        held.take(page);
        self.follow_rooms(|_| true);
    }

    /// The first page, of the newest snapshot: it replaces everything.
    pub(in crate::reducer) fn first_notifications(&mut self, page: NotificationPage) {
        self.notifications.items.clear();
        self.notifications.take(page);
        self.follow_rooms(|_| true);
    }

    /// The person read a conversation that is not in the loaded list.
    pub(in crate::reducer) fn unlisted_read(&mut self, id: ConversationId, seq: i64) {
        self.notifications.conversation_read(id, seq);
        self.list_wanted |= self.notifications.behind > 0;
    }

    /// A message was deleted or hidden.
    pub(in crate::reducer) fn notification_gone(&mut self, message: MessageId) {
        self.notifications.retain(|item| item.message_id != message);
    }

    /// A person has another name or picture.
    pub(in crate::reducer) fn notifications_renamed(&mut self, user: &Person) {
        let held = &mut self.notifications;
        for item in held.items.iter_mut().filter(|item| item.actor.id == user.id && item.actor != *user) {
            item.actor = user.clone();
            held.is_dirty = true;
        }
    }

    /// A conversation left the list.
    pub(in crate::reducer) fn notifications_left(&mut self, id: ConversationId) {
        self.notifications.retain(|item| item.conversation_id != id);
    }

    /// Brings the notifications in line with the entries of the list that changed.
    pub(in crate::reducer) fn follow_changed_rooms(&mut self) {
        self.follow_rooms(|room| room.touched.parts.summary || room.touched.parts.own);
    }

    pub(in crate::reducer) fn follow_rooms(&mut self, concerns: impl Fn(&Room) -> bool) {
        for room in self.rooms.values().filter(|room| concerns(room)) {
            self.notifications.follow(room, self.me.id, room.summary.is_muted(self.clock));
        }
    }

    /// Whether the notifications or their number differ from those at the last call.
    pub(in crate::reducer) fn take_notifications_changed(&mut self) -> bool {
        let held = &mut self.notifications;
        if !std::mem::take(&mut held.is_dirty) {
            return false;
        }
        let now = (held.items.clone(), held.unread(), held.end);
        let changed = held.shown != now;
        held.shown = now;
        changed
    }
}
