//! A model of the server: counters, messages and members of conversations, and the counter of one person. It answers from
//! the state at the time of the request, as the real one does from a snapshot.

use protocol::limits::{CHANGES, MUTED_FOREVER, PAGE, RESET_BEHIND, UNREAD_CAP};
use protocol::{
    Changes, ClientId, Conversation, ConversationId, ConversationKind, ConversationRemoved,
    ConversationUpdated, GroupEvent, GroupEventKind, GroupPreview, Hidden, History, Invitation,
    InvitationAdded, InvitationId, InvitationRemoved, ListFilter, ListPage, ListPart, ListPosition, Member,
    MembershipUpdated, Message, MessageDeleted, MessageDelivered, MessageId, MessageRead, MessageType,
    NewMessage, Page, Person, PersonStatus, PersonalState, Preferences, PreferencesUpdated, Role,
    ServerFrame, Status, Subject, SyncAnswer, SyncRequest, Timestamp, Typing, TypingNow, UserId,
};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn person(id: i64) -> Person {
    Person {
        id: UserId(id),
        username: format!("person{id}"),
        first_name: String::new(),
        last_name: String::new(),
        hue: None,
        suspended: false,
        bot: false,
        name_key: None,
        picture: None,
    }
}

/// Conversations on a page of the list.
const LIST: usize = 1;
/// Archived conversations that an answer names.
const ARCHIVED: usize = 1;

/// The person whose client is tested.
pub(crate) const ME: UserId = UserId(1);

#[derive(Clone)]
pub(crate) struct Talk {
    pub(crate) id: ConversationId,
    pub(crate) rev: i64,
    pub(crate) messages: Vec<Message>,
    pub(crate) members: Vec<Member>,
    pub(crate) mine: bool,
    /// What the tested person alone has set.
    pub(crate) own: PersonalState,
    pub(crate) title: Option<String>,
    pub(crate) subject: Option<Box<Subject>>,
    pub(crate) emoji: Option<String>,
    pub(crate) history: History,
}

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) talks: Vec<Talk>,
    pub(crate) user_rev: i64,
    /// By message: hidden or not, and since which value of the person's counter.
    pub(crate) hidden: BTreeMap<MessageId, (ConversationId, bool, i64)>,
    pub(crate) presence: BTreeMap<UserId, PersonStatus>,
    pub(crate) typing: BTreeSet<(ConversationId, UserId)>,
    pub(crate) preferences: Preferences,
    /// Frames for the tested person that go out before the next one.
    pub(crate) before: Vec<ServerFrame>,
    /// The tested person's invitations, the newest first.
    pub(crate) invitations: Vec<Invitation>,
    next_id: i64,
}

impl Server {
    pub(crate) fn new() -> Self {
        let talk = |id| Talk {
            id: ConversationId(id),
            rev: 0,
            messages: Vec::new(),
            members: (1..=3).map(|id| member(id, 0)).collect(),
            mine: true,
            own: PersonalState::default(),
            title: None,
            emoji: None,
            history: History::Whole,
            subject: Some(subject(0)),
        };
        let (hidden, presence, typing, preferences, before, invitations) = Default::default();
        let talks = (1..=3).map(talk).collect();
        Self { talks, user_rev: 3, hidden, presence, typing, preferences, before, invitations, next_id: 0 }
    }

    fn is_hidden(&self, id: MessageId) -> bool {
        self.hidden.get(&id).is_some_and(|(_, hidden, _)| *hidden)
    }

    /// A new message; the same `client_id` of the same sender is the same message.
    pub(crate) fn append(
        &mut self,
        talk: usize,
        sender: i64,
        client_id: ClientId,
        kind: MessageType,
    ) -> (Message, Option<ServerFrame>) {
        let mut sent = self.talks.iter().flat_map(|talk| &talk.messages);
        if let Some(message) = sent.find(|m| m.client_id == client_id && m.sender.id.0 == sender) {
            return (message.clone(), None);
        }
        if kind == MessageType::Text && sender != ME.0 {
            self.leaves_archive(talk);
        }
        self.next_id += 1;
        let talk = &mut self.talks[talk];
        talk.rev += 1;
        let member = talk.members.iter().find(|member| member.user.id.0 == sender);
        let message = Message {
            // Ids are no order.
            id: MessageId(self.next_id * 7_919 % 1_000_003),
            conversation_id: talk.id,
            seq: talk.rev,
            rev: talk.rev,
            client_id,
            sender: member.map_or_else(|| person(sender), |member| member.user.clone()),
            content: format!("message {}", self.next_id),
            message_type: kind,
            timestamp: Timestamp(self.next_id * 1_000_000),
            edited_at: None,
            deleted_at: None,
            reply_to: None,
            event: None,
        };
        talk.messages.push(message.clone());
        let frame = ServerFrame::NewMessage(NewMessage {
            conversation_id: talk.id,
            rev: talk.rev,
            message: message.clone(),
            members: Vec::new(),
        });
        (message, Some(frame))
    }

    /// A message of somebody else brings a conversation back to the list, unless it is muted.
    fn leaves_archive(&mut self, talk: usize) {
        if !self.talks[talk].mine
            || !self.talks[talk].own.archived
            || self.talks[talk].own.muted_until.is_some()
        {
            return;
        }
        self.talks[talk].own.archived = false;
        self.user_rev += 1;
        let conversation = self.entry(&self.talks[talk]);
        let user_rev = self.user_rev;
        self.before.push(ServerFrame::ConversationUpdated(ConversationUpdated { conversation, user_rev }));
    }

    /// The tested person changes their own state of a conversation; the frames about each that changed.
    pub(crate) fn own(&mut self, talk: usize, what: u16) -> Vec<ServerFrame> {
        if !self.talks[talk].mine {
            return Vec::new();
        }
        let before: Vec<_> = self.talks.iter().map(|talk| talk.own.clone()).collect();
        let own = &mut self.talks[talk].own;
        match what % 12 {
            0 => own.muted_until = Some(Timestamp(MUTED_FOREVER)),
            1 => own.muted_until = None,
            2 => (own.archived, own.pinned) = (true, None),
            3 => own.archived = false,
            // Before or behind all others.
            4 => (own.archived, own.pinned) = (false, Some(0)),
            5 => (own.archived, own.pinned) = (false, Some(9)),
            6 => own.pinned = None,
            7 => own.marked_unread = true,
            8 => own.marked_unread = false,
            9 => own.notify = protocol::NotificationLevel::Nothing,
            10 => own.notify = protocol::NotificationLevel::Default,
            _ => own.draft = (what.is_multiple_of(4)).then(|| format!("draft {what}")),
        }
        let mut pinned: Vec<_> =
            (0..self.talks.len()).filter(|at| self.talks[*at].own.pinned.is_some()).collect();
        pinned.sort_by_key(|at| self.talks[*at].own.pinned);
        for (place, at) in (1..).zip(pinned) {
            self.talks[at].own.pinned = Some(place);
        }
        let mut frames = Vec::new();
        for (talk, before) in self.talks.iter().zip(before) {
            if talk.own != before {
                self.user_rev += 1;
                let updated = MembershipUpdated::new(talk.id, self.user_rev, talk.own.clone());
                frames.push(ServerFrame::MembershipUpdated(updated));
            }
        }
        frames
    }

    pub(crate) fn delete(&mut self, talk: usize, which: usize) -> Option<ServerFrame> {
        let talk = &mut self.talks[talk];
        let message = talk.messages.get_mut(which).filter(|message| message.deleted_at.is_none())?;
        talk.rev += 1;
        message.rev = talk.rev;
        message.content.clear();
        message.deleted_at = Some(Timestamp(talk.rev));
        Some(ServerFrame::MessageDeleted(MessageDeleted {
            conversation_id: talk.id,
            message_id: message.id,
            rev: Some(talk.rev),
            user_rev: None,
            message: Some(message.clone()),
        }))
    }

    /// Hidden from the tested person, or shown again; the latter comes by sync alone, announced by the entry.
    pub(crate) fn hide(&mut self, talk: usize, which: usize, hidden: bool) -> Option<ServerFrame> {
        let id = self.talks[talk].messages.get(which)?.id;
        if self.is_hidden(id) == hidden {
            return None;
        }
        self.user_rev += 1;
        self.hidden.insert(id, (self.talks[talk].id, hidden, self.user_rev));
        Some(match hidden {
            true => ServerFrame::MessageDeleted(MessageDeleted {
                conversation_id: self.talks[talk].id,
                message_id: id,
                rev: None,
                user_rev: Some(self.user_rev),
                message: None,
            }),
            // Told with a counter past what the client has, so that it must ask.
            false => {
                self.user_rev += 1;
                ServerFrame::ConversationUpdated(ConversationUpdated {
                    conversation: self.entry(&self.talks[talk]),
                    user_rev: self.user_rev,
                })
            }
        })
    }

    /// Somebody comes, or goes, with a system message.
    pub(crate) fn member(&mut self, talk: usize, who: i64) -> ServerFrame {
        self.next_id += 1;
        let id = ClientId(uuid::Uuid::from_u128(u128::from(u64::MAX) + self.next_id as u128));
        let (message, frame) = self.append(talk, 2, id, MessageType::System);
        let talk = &mut self.talks[talk];
        let member = match talk.members.iter_mut().find(|member| member.user.id.0 == who) {
            Some(member) => {
                member.left = !member.left;
                member.rev = message.rev;
                member.clone()
            }
            None => {
                talk.members.push(member(who, message.rev));
                member(who, message.rev)
            }
        };
        match frame {
            Some(ServerFrame::NewMessage(NewMessage { conversation_id, rev, message, .. })) => {
                ServerFrame::NewMessage(NewMessage { conversation_id, rev, message, members: vec![member] })
            }
            _ => unreachable!("a new id is a new message"),
        }
    }

    /// Somebody changes the title, the picture, the subject or the history of the group.
    pub(crate) fn group(&mut self, talk: usize, what: u16) -> ServerFrame {
        self.next_id += 1;
        let id = ClientId(uuid::Uuid::from_u128(u128::from(u64::MAX) + self.next_id as u128));
        self.append(talk, 2, id, MessageType::System);
        let talk = &mut self.talks[talk];
        let mut event = GroupEvent::new(GroupEventKind::Renamed);
        let text = Some(format!("{what}")).filter(|_| !what.is_multiple_of(5));
        match what % 4 {
            0 => {
                talk.title.clone_from(&text);
                event.title = text;
            }
            1 => {
                event.kind = GroupEventKind::PictureChanged;
                talk.emoji.clone_from(&text);
                event.emoji = text;
            }
            2 => {
                event.kind = GroupEventKind::Closed;
                let mut changed = subject(what);
                changed.closed = text;
                talk.subject = Some(changed);
                event.subject.clone_from(&talk.subject);
            }
            _ => {
                event.kind = GroupEventKind::HistoryChanged;
                talk.history = if what.is_multiple_of(2) { History::Whole } else { History::FromJoining };
                event.history = Some(talk.history);
            }
        }
        let message = talk.messages.last_mut().expect("was appended");
        message.event = Some(Box::new(event));
        ServerFrame::NewMessage(NewMessage {
            conversation_id: talk.id,
            rev: talk.rev,
            message: message.clone(),
            members: Vec::new(),
        })
    }

    pub(crate) fn read(&mut self, talk: usize, who: i64, seq: i64) -> Option<ServerFrame> {
        let talk = &mut self.talks[talk];
        let message = talk.messages.iter().rev().find(|message| message.seq <= seq)?;
        let member = talk.members.iter_mut().find(|member| member.user.id.0 == who)?;
        let marked = who == ME.0 && std::mem::take(&mut talk.own.marked_unread);
        if message.seq <= member.read_seq && !marked {
            return None;
        }
        member.read_seq = member.read_seq.max(message.seq);
        member.delivered_seq = member.delivered_seq.max(message.seq);
        // The tested person's own reading is told to their devices with their own counter.
        let user_rev = (who == ME.0).then(|| {
            self.user_rev += 1;
            self.user_rev
        });
        Some(ServerFrame::MessageRead(MessageRead {
            conversation_id: talk.id,
            message_id: message.id,
            reader_id: UserId(who),
            seq: message.seq,
            user_rev,
        }))
    }

    /// The tested person enters or leaves.
    pub(crate) fn mine(&mut self, talk: usize, mine: bool) -> Option<ServerFrame> {
        if self.talks[talk].mine == mine {
            return None;
        }
        self.talks[talk].mine = mine;
        self.talks[talk].own = PersonalState::default();
        self.user_rev += 1;
        Some(match mine {
            true => ServerFrame::ConversationUpdated(ConversationUpdated {
                conversation: self.entry(&self.talks[talk]),
                user_rev: self.user_rev,
            }),
            false => ServerFrame::ConversationRemoved(ConversationRemoved {
                conversation_id: self.talks[talk].id,
                user_rev: self.user_rev,
            }),
        })
    }

    /// The tested person hides typing and reading, or shows them.
    pub(crate) fn prefer(&mut self, show_typing: bool, send_read_receipts: bool) -> ServerFrame {
        self.user_rev += 1;
        self.preferences = Preferences { show_typing, send_read_receipts, ..Preferences::default() };
        let (preferences, user_rev) = (self.preferences.clone(), self.user_rev);
        ServerFrame::PreferencesUpdated(PreferencesUpdated { preferences, user_rev })
    }

    /// The members, without what others read where the tested person hides reading.
    fn members(&self, talk: &Talk) -> Vec<Member> {
        let mut members = talk.members.clone();
        for member in &mut members {
            if member.user.id != ME && !self.preferences.send_read_receipts {
                member.read_seq = 0;
            }
        }
        members
    }

    fn visible<'a>(&'a self, talk: &'a Talk) -> impl DoubleEndedIterator<Item = &'a Message> {
        talk.messages.iter().filter(|message| !self.is_hidden(message.id))
    }

    pub(crate) fn entry(&self, talk: &Talk) -> Conversation {
        let me = talk.members.iter().find(|member| member.user.id == ME).expect("is in it");
        let unread = self.visible(talk).filter(|message| {
            message.seq > me.read_seq.max(me.joined_seq)
                && message.sender.id != ME
                && message.message_type == MessageType::Text
                && message.deleted_at.is_none()
        });
        Conversation {
            id: talk.id,
            kind: ConversationKind::Group,
            title: talk.title.clone(),
            rev: talk.rev,
            members: self.members(talk),
            member_count: talk.members.iter().filter(|member| !member.left).count() as i64,
            last_message: self.visible(talk).next_back().cloned(),
            unread: (unread.count() as u32).min(UNREAD_CAP),
            read_seq: me.read_seq,
            created_at: Timestamp(talk.id.0),
            muted_until: talk.own.muted_until,
            archived: talk.own.archived,
            pinned: talk.own.pinned,
            marked_unread: talk.own.marked_unread,
            notify: talk.own.notify,
            draft: talk.own.draft.clone(),
            hue: None,
            emoji: talk.emoji.clone(),
            history: talk.history,
            subject: talk.subject.clone(),
        }
    }

    pub(crate) fn list(&self, part: &ListPart) -> Vec<Conversation> {
        let is_in = |entry: &Conversation| {
            let kind = entry.subject.as_ref().map(|subject| subject.kind.as_str());
            (part.subject_kind.is_none() || part.subject_kind.as_deref() == kind)
                && match part.filter {
                    None => !entry.archived,
                    Some(filter) => filter.contains(entry),
                }
        };
        let mine = self.talks.iter().filter(|talk| talk.mine);
        let mut list: Vec<_> = mine.map(|talk| self.entry(talk)).filter(is_in).collect();
        list.sort_by_key(|entry| {
            let pinned = entry.pinned.filter(|_| part.is_list()).unwrap_or(u32::MAX);
            (pinned, std::cmp::Reverse((entry.last_activity(), entry.id)))
        });
        list
    }

    /// The page of the list behind a place, and the place behind it: by the activity as of the first page, hidden messages
    /// included.
    pub(crate) fn list_page(&self, part: &ListPart, after: Option<ListPosition>) -> ListPage {
        let as_of = after.map_or(Timestamp(i64::MAX), |after| after.as_of);
        let is_pinned = |entry: &Conversation| part.is_list() && entry.pinned.is_some();
        let (pinned, others): (Vec<_>, Vec<_>) = self.list(part).into_iter().partition(is_pinned);
        let mut all: Vec<_> = others
            .into_iter()
            .map(|entry| {
                let talk = self.talk(entry.id).expect("is listed");
                let mut messages = talk.messages.iter().rev().filter(|message| message.timestamp <= as_of);
                (messages.next().map_or(entry.created_at, |message| message.timestamp), entry.id, entry)
            })
            .filter(|(at, id, _)| after.is_none_or(|after| !after.is_after(*at, *id)))
            .collect();
        all.sort_by_key(|(at, id, _)| std::cmp::Reverse((*at, *id)));
        let as_of = after.map_or_else(|| all.first().map_or(as_of, |first| first.0), |after| after.as_of);
        let rest = all.split_off(all.len().min(LIST));
        let last = all.last().filter(|_| !rest.is_empty());
        let next = last.map(|(active_at, id, _)| ListPosition { as_of, active_at: *active_at, id: *id });
        ListPage {
            user_rev: self.user_rev,
            filter: part.filter,
            subject_kind: part.subject_kind.clone(),
            after,
            conversations: pinned
                .into_iter()
                .filter(|_| after.is_none())
                .chain(all.into_iter().map(|(.., entry)| entry))
                .collect(),
            next,
            unread_after: if part.is_list() {
                rest.iter().map(|(.., entry)| counted(entry)).sum::<u32>().min(UNREAD_CAP)
            } else {
                0
            },
        }
    }

    pub(crate) fn talk(&self, id: ConversationId) -> Option<&Talk> {
        self.talks.iter().find(|talk| talk.id == id && talk.mine)
    }

    pub(crate) fn page(&self, talk: &Talk, before: i64, limit: usize) -> Page {
        let mut newest: Vec<_> = self
            .visible(talk)
            .rev()
            .filter(|message| message.seq < before)
            .take(limit + 1)
            .cloned()
            .collect();
        let at_start = newest.len() <= limit;
        newest.truncate(limit);
        newest.reverse();
        Page { messages: newest, as_of: talk.rev, at_start, at_end: before == i64::MAX }
    }

    pub(crate) fn page_after(&self, talk: &Talk, after: i64, limit: usize) -> Page {
        let newer = self.visible(talk).filter(|message| message.seq > after);
        let mut messages: Vec<_> = newer.take(limit + 1).cloned().collect();
        let at_end = messages.len() <= limit;
        messages.truncate(limit);
        Page { messages, as_of: talk.rev, at_start: false, at_end }
    }

    pub(crate) fn changes(&self, talk: &Talk, after: i64) -> Changes {
        let members = self.members(talk);
        if after <= 0 || talk.rev - after > RESET_BEHIND {
            let page = self.page(talk, i64::MAX, PAGE);
            let (rows, cursor) = (Vec::new(), talk.rev);
            return Changes {
                conversation_id: talk.id,
                after,
                rows,
                members,
                cursor,
                more: false,
                reset: Some(page),
            };
        }
        let mut rows: Vec<_> = self.visible(talk).filter(|message| message.rev > after).cloned().collect();
        rows.sort_by_key(|message| message.rev);
        let more = rows.len() > CHANGES;
        rows.truncate(CHANGES);
        let cursor = if more { rows.last().expect("is full").rev } else { talk.rev.max(after) };
        Changes { conversation_id: talk.id, after, rows, members, cursor, more, reset: None }
    }

    pub(crate) fn sync(&self, request: &SyncRequest) -> SyncAnswer {
        let (mut open, mut gone) = (Vec::new(), Vec::new());
        for (id, after) in &request.open.0 {
            match self.talk(*id) {
                Some(talk) => open.push(self.changes(talk, *after)),
                None => gone.push(*id),
            }
        }
        let ListPage { mut conversations, next, unread_after, .. } =
            self.list_page(&ListPart::default(), None);
        for id in request.open.0.keys() {
            if let Some(talk) = self.talk(*id).filter(|_| conversations.iter().all(|one| one.id != *id)) {
                conversations.push(self.entry(talk));
            }
        }
        let archived = ListPart { filter: Some(ListFilter::Archived), subject_kind: None };
        let hidden = self.hidden.iter().filter(|(_, (.., since))| *since > request.user_rev);
        SyncAnswer {
            user_rev: self.user_rev,
            user: person(1),
            list: (request.list || self.user_rev > request.user_rev).then_some(conversations),
            next,
            unread_after,
            archived: self.list(&archived).iter().take(ARCHIVED).map(|entry| entry.id).collect(),
            open,
            gone,
            hidden: hidden
                .map(|(id, (talk, hidden, _))| Hidden {
                    conversation_id: *talk,
                    message_id: *id,
                    hidden: *hidden,
                })
                .collect(),
            presence: self.presence.values().cloned().collect(),
            typing: self.typing.iter().map(|(room, who)| typing_now(*room, *who)).collect(),
            preferences: Some(self.preferences.clone()),
            notifications: None,
            invitations: (request.list || self.user_rev > request.user_rev).then(|| self.invitations.clone()),
        }
    }

    /// Somebody invites the tested person.
    pub(crate) fn invite(&mut self, by: i64) -> ServerFrame {
        self.next_id += 1;
        self.user_rev += 1;
        let group = GroupPreview {
            id: ConversationId(100 + self.next_id),
            title: None,
            hue: None,
            emoji: None,
            member_count: by,
        };
        let invitation = Invitation {
            // Ids are no order.
            id: InvitationId(self.next_id * 7_919 % 1_000_003),
            conversation: group,
            by: person(by),
            created_at: Timestamp(self.next_id * 1_000_000),
        };
        self.invitations.insert(0, invitation.clone());
        ServerFrame::InvitationAdded(InvitationAdded { invitation, user_rev: self.user_rev })
    }

    /// An invitation is answered on another device.
    pub(crate) fn answer_invitation(&mut self, which: u16) -> Option<ServerFrame> {
        let which = usize::from(which) % self.invitations.len().max(1);
        let invitation_id = self.invitations.get(which)?.id;
        self.invitations.remove(which);
        self.user_rev += 1;
        let user_rev = self.user_rev;
        Some(ServerFrame::InvitationRemoved(InvitationRemoved { invitation_id, user_rev }))
    }

    /// Somebody has it on a device up to there.
    pub(crate) fn deliver(&mut self, talk: usize, who: i64, seq: i64) -> Option<ServerFrame> {
        let talk = &mut self.talks[talk];
        let message = talk.messages.iter().rev().find(|message| message.seq <= seq)?;
        let member = talk.members.iter_mut().find(|member| member.user.id.0 == who)?;
        member.delivered_seq = member.delivered_seq.max(message.seq);
        Some(ServerFrame::MessageDelivered(MessageDelivered {
            conversation_id: talk.id,
            message_id: message.id,
            user_id: UserId(who),
            seq: message.seq,
        }))
    }

    pub(crate) fn typing(&mut self, talk: usize, who: i64, is_typing: bool) -> ServerFrame {
        let (conversation_id, user_id) = (self.talks[talk].id, UserId(who));
        if is_typing {
            self.typing.insert((conversation_id, user_id));
        } else {
            self.typing.remove(&(conversation_id, user_id));
        }
        let username = person(who).username;
        ServerFrame::Typing(Typing { conversation_id, user_id, username, is_typing })
    }

    pub(crate) fn status(&mut self, who: i64, status: Status) -> ServerFrame {
        let (user_id, username) = (UserId(who), person(who).username);
        let status = PersonStatus { user_id, username, status, last_seen_at: None };
        self.presence.insert(user_id, status.clone());
        ServerFrame::UserStatus(status)
    }
}

/// The number by which a conversation of the list counts in the whole.
pub(crate) fn counted(entry: &Conversation) -> u32 {
    if entry.muted_until.is_some() { 0 } else { entry.unread.max(entry.marked_unread.into()) }
}

fn typing_now(conversation_id: ConversationId, user_id: UserId) -> TypingNow {
    TypingNow { conversation_id, user_id, username: person(user_id.0).username }
}

fn member(id: i64, rev: i64) -> Member {
    Member {
        user: person(id),
        role: Role::Member,
        rev,
        joined_seq: rev,
        read_seq: rev,
        delivered_seq: rev,
        left: false,
        subject_role: None,
    }
}

fn subject(number: u16) -> Box<Subject> {
    Box::new(Subject {
        kind: if number.is_multiple_of(3) { "job".into() } else { "listing".into() },
        id: "1".into(),
        kind_name: "Listing".into(),
        title: format!("title {number}"),
        url: None,
        image: None,
        fields: Vec::new(),
        closed: None,
        closed_by: None,
    })
}
