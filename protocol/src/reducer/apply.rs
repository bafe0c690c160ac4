//! Applies frames to the state.

use super::outbox::retry_ms;
use super::room::InFlightRequests;
use super::{Need, State};
use crate::{
    ClientId, ConnectionEstablished, ConversationId, ConversationRemoved, ConversationUpdated, ErrorBody,
    ErrorCode, Hidden, InvitationAdded, InvitationRemoved, Member, Message, MessageDeleted, MessageRestored,
    PageAnswer, Person, PersonStatus, PreferencesUpdated, ServerFrame, Side, Status, SyncAnswer, Typing,
    TypingNow,
};
use litemap::LiteMap;

impl State {
    /// Applies a frame; returns the requests for what is missing. `now`: milliseconds of a monotonic clock, by which
    /// typing expires.
    pub fn apply(&mut self, frame: ServerFrame, now: u64) -> Vec<Need> {
        self.retry_requests(now);
        self.apply_frame(frame, now);
        self.follow_changed_rooms();
        self.compare_departed();
        self.compare_names();
        self.needs()
    }

    fn apply_frame(&mut self, frame: ServerFrame, now: u64) {
        let me = self.me.id;
        match frame {
            ServerFrame::ConnectionEstablished(established) => self.established(established),
            ServerFrame::NewMessage(mut new) => {
                self.conceal_reads(&mut new.members);
                self.moved(new.conversation_id, new.rev, Some(new.message), &new.members);
            }
            ServerFrame::MessageUpdated(updated) => {
                self.moved(updated.conversation_id, updated.rev, Some(updated.message), &[]);
            }
            ServerFrame::MessageDeleted(deleted) => self.deleted(deleted),
            ServerFrame::MessageRestored(MessageRestored { conversation_id, message_id, user_rev }) => {
                // It may have been hidden again since.
                if user_rev > self.user_rev {
                    self.hide(Hidden { conversation_id, message_id, hidden: false });
                }
                self.user_moved(user_rev);
            }
            ServerFrame::Typing(Typing { conversation_id, user_id, username, is_typing }) => {
                let shown = user_id != me && self.preferences.show_typing;
                if let Some(room) = self.rooms.get_mut(&conversation_id).filter(|_| shown) {
                    room.typing(user_id, username, is_typing, now);
                }
            }
            ServerFrame::MessageRead(read) => {
                if let Some(room) = self.rooms.get_mut(&read.conversation_id) {
                    // Reading implies delivery, which is shown in any case.
                    let shown = read.reader_id == me || self.preferences.send_read_receipts;
                    room.receipt_grew(read.reader_id, read.seq, shown, me);
                }
                if read.reader_id == me && !self.rooms.contains_key(&read.conversation_id) {
                    self.unlisted_read(read.conversation_id, read.seq);
                }
                if let Some(user_rev) = read.user_rev {
                    let newest = self.user_moved(user_rev);
                    if newest && let Some(room) = self.rooms.get_mut(&read.conversation_id) {
                        room.unmark();
                    }
                    // Of a conversation that is not loaded: only the server counts what is unread behind the loaded ones.
                    self.list_wanted |=
                        newest && self.pages.unread > 0 && !self.is_known(read.conversation_id);
                }
            }
            ServerFrame::MessageDelivered(delivered) => {
                if let Some(room) = self.rooms.get_mut(&delivered.conversation_id) {
                    room.receipt_grew(delivered.user_id, delivered.seq, false, me);
                }
            }
            ServerFrame::UserStatus(status) => {
                self.presence_changed(&status, now);
                self.status(status);
            }
            ServerFrame::UserUpdated(updated) => self.user_updated(&updated.user),
            ServerFrame::Ack(ack) => self.ack(ack.client_id, ack.message),
            ServerFrame::Error(error) => self.error(error, now),
            ServerFrame::Synced(answer) => self.synced(answer, now),
            ServerFrame::List(page) => self.list_page(page),
            ServerFrame::Changes(mut changes) => {
                self.conceal_reads(&mut changes.members);
                self.check_changes_for_rollback(&changes);
                self.people_changed = true;
                let open = self.opened.contains_key(&changes.conversation_id);
                if let Some(room) = self.rooms.get_mut(&changes.conversation_id) {
                    room.answered(changes, me, open, &self.hidden);
                }
            }
            ServerFrame::Page(PageAnswer { conversation_id, before, after, page }) => {
                let side = Side::of(before, after);
                self.people_changed = true;
                if let (Some(room), Some(side)) = (self.rooms.get_mut(&conversation_id), side) {
                    room.page(side, page, me, &self.hidden);
                }
            }
            ServerFrame::ConversationUpdated(ConversationUpdated { conversation, user_rev }) => {
                if self.user_moved(user_rev) {
                    // From an older snapshot than the entry here: only a list tells what changed for this person.
                    let held = self.rooms.get(&conversation.id).map(|room| room.summary.rev);
                    self.list_wanted |= held.is_some_and(|rev| conversation.rev < rev);
                    self.enter(conversation);
                }
            }
            ServerFrame::ConversationRemoved(ConversationRemoved { conversation_id, user_rev }) => {
                if self.user_moved(user_rev) {
                    self.archived.remove(&conversation_id);
                    self.leave(conversation_id);
                }
            }
            ServerFrame::PreferencesUpdated(PreferencesUpdated { preferences, user_rev }) => {
                if self.user_moved(user_rev) {
                    self.preferences_changed(preferences);
                }
            }
            ServerFrame::Notification(added) => {
                let (user_rev, is_news) = (added.user_rev, added.user_rev > self.user_rev);
                self.notified(added, is_news);
                self.user_moved(user_rev);
            }
            ServerFrame::NotificationsRead(read) => {
                self.notifications_read(read.up_to);
                self.user_moved(read.user_rev);
            }
            ServerFrame::Notifications(page) => self.notification_page(page),
            ServerFrame::MembershipUpdated(updated) => {
                // An older one may come late; the gap before it has requested a list.
                if self.user_moved(updated.user_rev) {
                    self.personal_changed(updated);
                }
            }
            ServerFrame::InvitationAdded(InvitationAdded { invitation, user_rev }) => {
                if self.user_moved(user_rev) {
                    self.invited(invitation);
                }
            }
            ServerFrame::InvitationRemoved(InvitationRemoved { invitation_id, user_rev }) => {
                if self.user_moved(user_rev) {
                    self.no_longer_invited(invitation_id);
                }
            }
            // Nothing to store, or unreadable to this version.
            ServerFrame::UserJoin(_)
            | ServerFrame::UserLeave(_)
            | ServerFrame::Done(_)
            | ServerFrame::InvitationLinkCreated(_)
            | ServerFrame::InvitationLinks(_)
            | ServerFrame::Ping
            | ServerFrame::Pong
            | ServerFrame::Unreadable(_) => {}
        }
    }

    fn established(&mut self, established: ConnectionEstablished) {
        let ConnectionEstablished { user, conversation_id, presence, .. } = established;
        self.is_me(user);
        match conversation_id {
            None => self.statuses(presence),
            // The socket of one conversation reports its members only.
            Some(_) => presence.into_iter().for_each(|status| self.status(status)),
        }
    }

    fn deleted(&mut self, deleted: MessageDeleted) {
        let MessageDeleted { conversation_id, message_id, rev, user_rev, message } = deleted;
        if message.is_some() || user_rev.is_some_and(|user_rev| user_rev > self.user_rev) {
            self.notification_gone(message_id);
        }
        if let Some(rev) = rev {
            self.moved(conversation_id, rev, message, &[]);
        } else if let Some(user_rev) = user_rev {
            // It may have been restored since.
            if user_rev > self.user_rev {
                self.hide(Hidden { conversation_id, message_id, hidden: true });
            }
            self.user_moved(user_rev);
        }
    }

    /// Replaces the person of this client, if it changed.
    pub(super) fn is_me(&mut self, user: Person) {
        if user.id == self.me.id && user != self.me {
            self.me = user;
            self.touched.me = true;
            self.people_changed = true;
        }
    }

    /// A live presence frame: adds a notice if the person came online or went offline. Other changes, such as to away, add none.
    fn presence_changed(&mut self, status: &PersonStatus, now: u64) {
        let was = self.presence.get(&status.user_id).map_or(Status::Offline, |held| held.status);
        let came = was == Status::Offline && status.status == Status::Online;
        let went = was != Status::Offline && status.status == Status::Offline;
        if !(came || went) || status.user_id == self.me.id {
            return;
        }
        for id in self.opened.keys() {
            if let Some(room) = self.rooms.get_mut(id) {
                room.presence_changed(status.user_id, came, now);
            }
        }
    }

    /// The person's own counter advanced; true if this is the newest value so far. The cursor advances by one: after a gap it
    /// waits for a sync, which tells what else changed.
    fn user_moved(&mut self, user_rev: i64) -> bool {
        let newest = user_rev > self.user_seen;
        self.user_seen = self.user_seen.max(user_rev);
        if user_rev == self.user_rev + 1 {
            self.user_rev = user_rev;
        }
        newest
    }

    /// The counter of a conversation advanced.
    fn moved(&mut self, id: ConversationId, rev: i64, message: Option<Message>, members: &[Member]) {
        let me = self.me.id;
        let hidden = message.as_ref().is_some_and(|message| self.hidden.contains_key(&message.id));
        match (self.rooms.get_mut(&id), message) {
            (Some(room), Some(message)) => {
                let held = &room.summary.members;
                self.people_changed |=
                    !members.is_empty() || !held.iter().any(|member| member.user.id == message.sender.id);
                room.merge_members(members, me);
                room.live(rev, message, me, hidden);
            }
            // A change without its message.
            (Some(room), None) => room.saw(rev),
            (None, message) => {
                match self.archived.get_mut(&id) {
                    // It stays in the archive, or comes back with a frame of its own.
                    Some(seen) => *seen = rev.max(*seen),
                    None => self.list_wanted = true,
                }
                if let Some(message) = message.filter(|message| message.sender.id == me) {
                    self.discard(id, message.client_id);
                }
            }
        }
    }

    fn ack(&mut self, client_id: ClientId, message: Message) {
        let (id, me) = (message.conversation_id, self.me.id);
        let hidden = self.hidden.contains_key(&message.id);
        match self.rooms.get_mut(&id) {
            Some(room) => room.live(message.rev, message, me, hidden),
            None => self.discard(id, client_id),
        }
    }

    fn error(&mut self, error: ErrorBody, now: u64) {
        if let Some(client_id) = error.client_id {
            let mut changed = None;
            for (id, outbox) in self.outboxes() {
                if let Some(pending) = outbox.iter_mut().find(|pending| pending.client_id == client_id) {
                    changed = pending.refused(error, now).then_some(id);
                    break;
                }
            }
            changed.into_iter().for_each(|id| self.outbox_changed(id));
        } else if matches!(
            error.code,
            ErrorCode::RateLimited | ErrorCode::RequestTimeout | ErrorCode::Unavailable | ErrorCode::Internal
        ) {
            // It may be the answer to any request.
            self.retry_requests_at.get_or_insert(now.saturating_add(retry_ms(&error)));
        }
    }

    /// After a refusal and its delay, all requests may be made again.
    pub(super) fn retry_requests(&mut self, now: u64) {
        if self.retry_requests_at.take_if(|at| *at <= now).is_some() {
            self.list_wanted |= self.sync_in_flight.take().is_some();
            self.forget_list_requests();
            self.forget_notification_request();
            for (_, room) in &mut self.rooms {
                let page_void = room.in_flight.page_void;
                room.reload |= room.timeline.is_some() && room.in_flight.changes == Some(0);
                room.in_flight = InFlightRequests { page_void, ..InFlightRequests::default() };
            }
        }
    }

    fn hide(&mut self, Hidden { conversation_id, message_id, hidden }: Hidden) {
        let me = self.me.id;
        let news = if hidden {
            self.hidden.insert(message_id, ()).is_none()
        } else {
            self.hidden.remove(&message_id).is_some()
        };
        match self.rooms.get_mut(&conversation_id) {
            Some(room) if hidden && news => room.hide(message_id, me),
            // Also if it was hidden before this client started.
            Some(room) if !hidden => room.show(),
            _ => {}
        }
    }

    fn synced(&mut self, answer: SyncAnswer, now: u64) {
        self.check_sync_for_rollback(&answer);
        self.is_me(answer.user);
        // From a snapshot before a change of the person that is already known: its list is out of date.
        let fresh = answer.user_rev >= self.user_seen;
        if let Some(preferences) = answer.preferences.filter(|_| fresh) {
            let wanted = self.list_wanted;
            self.preferences_changed(preferences);
            // The list of this answer has all that is shown now.
            self.list_wanted = wanted || (self.list_wanted && answer.list.is_none());
        }
        let current = answer.user_rev >= self.user_rev;
        if current {
            self.user_rev = answer.user_rev;
            self.user_seen = self.user_seen.max(answer.user_rev);
            answer.hidden.into_iter().for_each(|hidden| self.hide(hidden));
        }
        if fresh {
            if let Some(list) = answer.list {
                // Inserted one by one: collecting would sort first, with code that every visitor downloads.
                let mut there = LiteMap::new_vec();
                for conversation in &list {
                    there.insert(conversation.id, ());
                }
                self.list_begins(&there);
                self.replace_archived(&answer.archived);
                list.into_iter().for_each(|conversation| self.enter(conversation));
                self.list_ends(answer.next, answer.unread_after);
            }
            answer.gone.into_iter().for_each(|id| self.leave(id));
            if let Some(page) = answer.notifications {
                self.first_notifications(page);
            }
            if let Some(invitations) = answer.invitations {
                self.set_invitations(invitations);
            }
        }
        self.people_changed |= !answer.open.is_empty();
        for mut changes in answer.open {
            self.conceal_reads(&mut changes.members);
            let id = changes.conversation_id;
            let Some(room) = self.rooms.get_mut(&id) else { continue };
            if !current {
                // It may lack messages that were restored since, so nothing of it counts as applied.
                room.saw(changes.cursor);
                continue;
            }
            if changes.reset.is_some() {
                // An unrequested page belongs to a conversation that whoever sent the request has open.
                self.opened.insert(id, ());
                // From the same snapshot as the restored messages; but an older page may still be in flight.
                room.reload &= changes.after > 0 || room.in_flight.changes == Some(0);
            }
            room.changes(changes, self.me.id, self.opened.contains_key(&id), &self.hidden);
        }
        self.statuses(answer.presence);
        for (id, room) in &mut self.rooms {
            room.typing_only(|user| {
                answer.typing.iter().any(|now| now.conversation_id == *id && now.user_id == user)
            });
        }
        for TypingNow { conversation_id, user_id, username } in answer.typing {
            let shown = user_id != self.me.id && self.preferences.show_typing;
            if let Some(room) = self.rooms.get_mut(&conversation_id).filter(|_| shown) {
                room.typing(user_id, username, true, now);
            }
        }
    }
}
