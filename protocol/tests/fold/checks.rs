//! The invariants of a world, and shorthands of its tests.

use super::model::counted;
use super::run::{Step, World};
use protocol::reducer::{HistoryWindow, Row};
use protocol::{ConversationId, ListFilter, ListPart, MessageRead, ServerFrame, UserId};
use std::collections::BTreeSet;

impl World {
    /// Invariants at any time: no message twice, messages in order, no unsent message lost.
    pub(crate) fn holds_at_all_times(&self) {
        for room in 1..=3 {
            let rows = self.client.rows(ConversationId(room));
            let mut keys = BTreeSet::new();
            let mut last = 0;
            for row in &rows {
                let key = match row {
                    Row::Message(message) => {
                        assert!(message.seq > last, "out of order: {rows:?}");
                        last = message.seq;
                        message.client_id
                    }
                    Row::Pending(pending) => pending.client_id,
                };
                assert!(keys.insert(key), "twice on screen: {rows:?}");
            }
        }
        let unsent: BTreeSet<_> =
            self.client.unsent().into_iter().map(|(_, pending)| pending.client_id).collect();
        let stored = self.server.talks.iter().flat_map(|talk| &talk.messages);
        let stored: BTreeSet<_> = stored.map(|message| message.client_id).collect();
        for (_, id) in &self.composed {
            assert!(unsent.contains(id) || stored.contains(id), "lost: {id}");
        }
    }

    /// The list and the invitations equal fresh ones, and so does each timeline over its loaded range.
    pub(crate) fn is_as_fresh(&self) {
        self.list_is_as_fresh();
        assert_eq!(self.client.invitations, self.server.invitations);
        for talk in &self.server.talks {
            let room = self.client.rooms.get(&talk.id);
            assert!(room.is_some() || talk.own.archived, "not loaded");
            let Some(timeline) = room.and_then(|room| room.timeline.as_ref()) else {
                assert!(!self.open.contains(&talk.id), "open and not loaded");
                continue;
            };
            assert_eq!(timeline.cursor, talk.rev);
            let all = self.server.page(talk, i64::MAX, usize::MAX - 1).messages;
            for window in timeline.past.iter().chain([&timeline.latest]) {
                let loaded: Vec<_> = window.messages.values().map(|message| (**message).clone()).collect();
                let places = window.places();
                let fresh: Vec<_> =
                    all.iter().filter(|message| places.contains(&message.seq)).cloned().collect();
                assert_eq!(loaded, fresh);
                let older = all.iter().any(|message| message.seq < *places.start());
                assert!(!(window.at_start && older), "at the start, and there is more");
            }
            assert!(timeline.latest.places().contains(&talk.rev.max(1)), "the newest are not loaded");
            let gap = |past: &HistoryWindow| past.places().end() + 1 < *timeline.latest.places().start();
            assert!(timeline.past.as_ref().is_none_or(gap), "two that are one");
        }
    }

    /// The list equals a fresh one, and the whole number of unread messages is right.
    fn list_is_as_fresh(&self) {
        let part = self.client.part();
        let mut list: Vec<_> = self.client.list().into_iter().cloned().collect();
        let mut fresh = self.server.list(part);
        if part.filter.is_some() {
            // The open conversations stay while they are read.
            let is_open = |id| self.client.rooms[&id].timeline.is_some();
            list.retain(|entry| fresh.iter().any(|fresh| fresh.id == entry.id) || !is_open(entry.id));
        }
        for entry in list.iter_mut().chain(&mut fresh) {
            entry.members.sort_by_key(|member| member.user.id);
        }
        assert_eq!(list, fresh);
        assert_eq!(
            self.client.unread(),
            self.server.list(&ListPart::default()).iter().map(counted).sum::<u32>()
        );
    }

    /// Each part of the list can be filtered, and is complete.
    pub(crate) fn filters_are_fresh(&mut self) {
        for filter in [
            Some(ListFilter::Unread),
            Some(ListFilter::Archived),
            Some(ListFilter::Open),
            Some(ListFilter::Closed),
            None,
        ] {
            for kind in [Some("listing"), Some("job"), None] {
                self.step(&Step::Filter(filter));
                self.step(&Step::Kind(kind));
                self.rest();
                self.list_is_as_fresh();
            }
        }
    }

    /// The number of loaded messages is bounded.
    pub(crate) fn is_bounded(&self) {
        for timeline in self.client.rooms.values().filter_map(|room| room.timeline.as_ref()) {
            let loaded = timeline.messages().count();
            assert!(loaded <= 550, "{loaded} messages are loaded");
        }
    }

    /// The whole history can be read in pages, up and then down, from any position.
    pub(crate) fn reads_all_of(&mut self, room: u16) {
        let id = Self::id(room);
        let all: Vec<_> =
            self.server.page(self.server.talk(id).expect("is there"), i64::MAX, usize::MAX - 1).messages;
        let all: BTreeSet<_> = all.into_iter().map(|message| message.seq).collect();
        let mut seen = BTreeSet::new();
        for (up, step) in [(true, Step::Older(room)), (false, Step::Newer(room))] {
            for round in 0.. {
                assert!(round < 1_000, "no end to it");
                let rows = self.client.rows(id);
                let seqs: Vec<_> = rows
                    .iter()
                    .filter_map(|row| match row {
                        Row::Message(message) => Some(message.seq),
                        Row::Pending(_) => None,
                    })
                    .collect();
                seen.extend(seqs.iter().copied());
                let edge = if up { seqs.first() } else { seqs.last() };
                self.client.set_viewport(id, edge.map(|edge| (*edge, *edge)));
                self.is_bounded();
                let timeline = self.client.rooms[&id].timeline.as_ref().expect("is open");
                if if up { timeline.shown().at_start } else { timeline.past.is_none() } {
                    break;
                }
                self.step(&step);
                while !self.requests.is_empty() || !self.answers.is_empty() {
                    self.step(&Step::Read1(0));
                    self.step(&Step::Answer(0));
                }
            }
        }
        assert_eq!(seen, all);
    }

    /// Each composed message is on the server exactly once, in the order of composing.
    pub(crate) fn sent_once_in_order(&self) {
        for talk in &self.server.talks {
            let ours: BTreeSet<_> = self.composed.iter().map(|(_, id)| *id).collect();
            let stored: Vec<_> =
                talk.messages.iter().map(|m| m.client_id).filter(|id| ours.contains(id)).collect();
            let composed: Vec<_> =
                self.composed.iter().filter(|(room, _)| *room == talk.id).map(|(_, id)| *id).collect();
            assert_eq!(stored, composed);
        }
    }

    pub(crate) fn load_with(&mut self, count: u16) {
        self.step(&Step::Flood(0, count));
        self.step(&Step::Open(0));
        self.settle();
    }

    pub(crate) fn read_frame(&mut self, who: u16, seq: i64) {
        let message_id = self.server.talks[0].messages[usize::try_from(seq).expect("small") - 1].id;
        self.apply(ServerFrame::MessageRead(MessageRead {
            conversation_id: ConversationId(1),
            message_id,
            reader_id: UserId(i64::from(who) + 1),
            seq,
            user_rev: None,
        }));
    }

    pub(crate) fn read_is(&self, who: u16, seq: i64) {
        let summary = &self.client.rooms[&ConversationId(1)].summary;
        let member = summary.members.iter().find(|member| member.user.id.0 == i64::from(who) + 1);
        assert_eq!(member.expect("is in it").read_seq, seq);
        if who == 0 {
            assert_eq!(summary.read_seq, seq);
        }
    }
}
