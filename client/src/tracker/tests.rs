//! The tracker against a server in memory that loses connections, pushes and answers.

use super::*;
use protocol::{
    Changes, ClientId, ConversationKind, Member, MessageDeleted, MessageId, MessageType, MessageUpdated,
    NewMessage, Page, Person, Role, Timestamp,
};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Rows of an answer, messages of a page, and the distance of a reset: smaller than those of the real server.
const ROWS: usize = 3;
const PAGE: usize = 4;
const RESET: i64 = 9;
const ME: UserId = UserId(1);

fn person() -> Person {
    Person {
        id: ME,
        username: "robot".into(),
        first_name: String::new(),
        last_name: String::new(),
        hue: None,
        suspended: false,
        bot: false,
        name_key: None,
        picture: None,
    }
}

/// A conversation of the server.
struct Room {
    id: ConversationId,
    rev: i64,
    messages: Vec<Message>,
}

impl Room {
    fn new(id: i64) -> Self {
        Self { id: ConversationId(id), rev: 0, messages: Vec::new() }
    }

    fn send(&mut self) -> ServerFrame {
        self.rev += 1;
        let rev = self.rev;
        let message = Message {
            id: MessageId(self.id.0 * 10_000 + rev),
            conversation_id: self.id,
            seq: rev,
            rev,
            client_id: ClientId::mint(),
            sender: person(),
            content: rev.to_string(),
            message_type: MessageType::Text,
            timestamp: Timestamp(rev),
            edited_at: None,
            deleted_at: None,
            reply_to: None,
            event: None,
        };
        self.messages.push(message.clone());
        ServerFrame::NewMessage(NewMessage { conversation_id: self.id, rev, message, members: Vec::new() })
    }

    /// Edits a message, or deletes it for everyone.
    fn change(&mut self, at: usize, deletes: bool) -> ServerFrame {
        self.rev += 1;
        let (conversation_id, rev) = (self.id, self.rev);
        let message = &mut self.messages[at];
        message.rev = rev;
        if deletes {
            message.deleted_at = Some(Timestamp(rev));
            let (message_id, message) = (message.id, Some(message.clone()));
            return ServerFrame::MessageDeleted(MessageDeleted {
                conversation_id,
                message_id,
                rev: Some(rev),
                user_rev: None,
                message,
            });
        }
        message.edited_at = Some(Timestamp(rev));
        ServerFrame::MessageUpdated(MessageUpdated { conversation_id, rev, message: message.clone() })
    }

    fn conversation(&self) -> Conversation {
        Conversation {
            id: self.id,
            kind: ConversationKind::Direct,
            title: None,
            rev: self.rev,
            members: Vec::new(),
            member_count: 1,
            last_message: self.messages.last().cloned(),
            unread: 0,
            read_seq: 0,
            created_at: Timestamp(0),
            muted_until: None,
            archived: false,
            pinned: None,
            marked_unread: false,
            draft: None,
            hue: None,
            emoji: None,
            history: protocol::History::Whole,
            notify: protocol::NotificationLevel::Default,
            subject: None,
        }
    }

    fn changes(&self, after: i64) -> ServerFrame {
        let member = Member {
            user: person(),
            role: Role::Member,
            rev: 0,
            joined_seq: 0,
            read_seq: 0,
            delivered_seq: 0,
            left: false,
            subject_role: None,
        };
        let mut changes = Changes {
            conversation_id: self.id,
            after,
            rows: Vec::new(),
            members: vec![member],
            cursor: self.rev,
            more: false,
            reset: None,
        };
        if after <= 0 || after > self.rev || self.rev - after > RESET {
            let from = self.messages.len().saturating_sub(PAGE);
            let messages = self.messages[from..].to_vec();
            changes.reset = Some(Page { messages, as_of: self.rev, at_start: from == 0, at_end: true });
            return ServerFrame::Changes(changes);
        }
        let mut rows: Vec<_> = self.messages.iter().filter(|message| message.rev > after).cloned().collect();
        rows.sort_by_key(|message| message.rev);
        changes.more = rows.len() > ROWS;
        rows.truncate(ROWS);
        if changes.more {
            changes.cursor = rows.last().unwrap().rev;
        }
        ServerFrame::Changes(Changes { rows, ..changes })
    }

    fn page(&self, after: i64) -> ServerFrame {
        let newer: Vec<_> = self.messages.iter().filter(|message| message.seq > after).cloned().collect();
        let messages: Vec<_> = newer.iter().take(PAGE).cloned().collect();
        let at_end = newer.len() <= PAGE;
        let page = Page { messages, as_of: self.rev, at_start: false, at_end };
        ServerFrame::Page(PageAnswer { conversation_id: self.id, before: None, after: Some(after), page })
    }
}

fn answer(rooms: &[Room], listed: usize, request: &ClientFrame) -> ServerFrame {
    let room = |id: &Option<ConversationId>| rooms.iter().find(|room| Some(room.id) == *id).unwrap();
    match request {
        ClientFrame::Sync(_) => ServerFrame::Synced(SyncAnswer {
            user_rev: 0,
            user: person(),
            list: Some(rooms.iter().take(listed).map(Room::conversation).collect()),
            next: None,
            unread_after: 0,
            archived: Vec::new(),
            open: Vec::new(),
            gone: Vec::new(),
            hidden: Vec::new(),
            presence: Vec::new(),
            typing: Vec::new(),
            preferences: None,
            notifications: None,
            invitations: None,
        }),
        ClientFrame::Changes { conversation_id, after } => room(conversation_id).changes(*after),
        ClientFrame::Page { conversation_id, after, .. } => room(conversation_id).page(after.unwrap()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_message_is_given_once_and_in_order_whatever_is_lost() {
    for seed in 0..300 {
        let mut random = StdRng::seed_from_u64(seed);
        let mut rooms = vec![Room::new(1), Room::new(2)];
        for _ in 0..random.random_range(0..30) {
            rooms[0].send();
        }
        let before = rooms[0].rev;
        let mut tracker = Tracker::new(None);
        tracker.on_connect(ME);
        let sync = tracker.next_request(true).unwrap();
        // The second conversation comes into the list with its first message.
        assert!(tracker.on_frame(answer(&rooms, 1, &sync), true));

        let mut outstanding: Option<ClientFrame> = None;
        let mut connected = true;
        let mut step = |tracker: &mut Tracker, rooms: &mut Vec<Room>, quiet: bool| {
            let has_room = quiet || random.random_bool(0.9);
            if !quiet && random.random_bool(0.05) {
                connected = false;
                outstanding = None;
            } else if !connected && (quiet || random.random_bool(0.3)) {
                connected = true;
                tracker.on_connect(ME);
            }
            if !quiet && random.random_bool(0.6) {
                let room = &mut rooms[random.random_range(0..2)];
                let known: Vec<_> =
                    (0..room.messages.len()).filter(|at| room.messages[*at].deleted_at.is_none()).collect();
                let frame = if known.is_empty() || random.random_bool(0.7) {
                    room.send()
                } else {
                    room.change(known[random.random_range(0..known.len())], random.random_bool(0.3))
                };
                // Pushes are lost at times, and come twice.
                for _ in 0..[0, 1, 1, 1, 1, 2][random.random_range(0..6)] {
                    if connected {
                        tracker.on_frame(frame.clone(), has_room);
                    }
                }
            }
            if connected {
                match outstanding.take() {
                    Some(request) if quiet || random.random_bool(0.7) => {
                        let listed = if rooms[1].rev == 0 { 1 } else { 2 };
                        assert!(tracker.on_frame(answer(rooms, listed, &request), has_room));
                    }
                    Some(request) => outstanding = Some(request),
                    None => outstanding = tracker.next_request(has_room),
                }
            }
        };
        for _ in 0..200 {
            step(&mut tracker, &mut rooms, false);
        }
        // The last push may have been lost: the next connection finds it.
        tracker.on_connect(ME);
        for _ in 0..200 {
            step(&mut tracker, &mut rooms, true);
        }

        for (room, from) in rooms.iter().zip([before, 0]) {
            let of_room = |event: &Event| match event {
                Event::Message(message) if message.conversation_id == room.id => Some(message.seq),
                _ => None,
            };
            let events = tracker.items.iter().filter_map(|item| match item {
                Item::Event(event) => Some(&**event),
                _ => None,
            });
            let given: Vec<_> = events.clone().filter_map(of_room).collect();
            let mut sorted = given.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(given, sorted, "{seed}: once, and in order");
            // Those that were deleted before they could be given are left out.
            let all = room.messages.iter().filter(|message| message.seq > from);
            for message in all.filter(|message| message.deleted_at.is_none()) {
                assert!(given.contains(&message.seq), "{seed}: {} of {} is missing", message.seq, room.id);
            }
            assert!(given.iter().all(|seq| *seq > from), "{seed}: {given:?}");
            if room.rev > 0 {
                assert_eq!(tracker.cursors.get(&room.id), Some(&room.rev), "{seed}");
            }
        }
    }
}

#[test]
fn a_conversation_that_is_gone_is_told_once() {
    let mut rooms = vec![Room::new(1)];
    rooms[0].send();
    let mut tracker = Tracker::new(Some(Cursors::from([(ConversationId(1), 1), (ConversationId(2), 7)])));
    tracker.on_connect(ME);
    let sync = tracker.next_request(true).unwrap();
    tracker.on_frame(answer(&rooms, 1, &sync), true);
    assert_eq!(tracker.next_request(true), None, "nothing was missed");
    rooms[0].send();
    let frame = rooms[0].send();
    tracker.on_frame(frame, true);
    let changes = tracker.next_request(true).unwrap();
    assert_eq!(changes, ClientFrame::Changes { conversation_id: Some(ConversationId(1)), after: 1 });
    tracker.on_not_found();
    assert_eq!(tracker.next_request(true), None);
    let removed = tracker
        .items()
        .iter()
        .filter(|item| matches!(item, Item::Event(event) if matches!(**event, Event::Removed(_))))
        .count();
    assert_eq!(removed, 1);
}
