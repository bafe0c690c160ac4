//! What moves in the log: it takes what changed once a frame, holds the reader's place, loads what is near, marks what
//! is seen.

use super::keys;
use super::message_row::message_row;
use super::note::Note;
use super::reading;
use super::scroll::{Visible, at_bottom, center, hold, near_bottom, near_top, to_bottom};
use crate::client::Client;
use crate::datetime::Zone;
use crate::i18n::t;
use crate::markup::{Markup, Row, bring_rows, markup, places};
use crate::rows::{Entry, Item, Laid, lay_out};
use crate::wires::find;
use leptos::prelude::*;
use protocol::{ConversationId, ConversationKind, Side};
use std::time::Duration;
use web_sys::HtmlElement;

/// How a log looks as a whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// Nothing is here yet.
    Loading,
    /// Nothing was said yet.
    Empty,
    /// Older messages are to be had.
    More,
    /// From the beginning.
    Whole,
}

/// The log of one conversation.
#[derive(Clone, Copy)]
pub(super) struct Log {
    client: Client,
    id: ConversationId,
    pub(super) shape: RwSignal<Shape>,
    /// Where the "N new" line stands: past what was read when the reader came, or looked away.
    divider: RwSignal<Option<i64>>,
    /// How many unread ones are further down; `None` while the reader is at the end.
    pub(super) below: RwSignal<Option<u32>>,
    /// Something to say, for some seconds.
    pub(super) note: RwSignal<Option<Note>>,
    /// The row that the menu is for.
    pub(super) chosen: RwSignal<Option<Entry>>,
    /// What stands in it, and by whose clock.
    laid: StoredValue<(Laid, Zone)>,
    /// Between two people.
    pub(super) direct: bool,
    hands: StoredValue<Hands>,
}

/// What is remembered between two frames.
#[derive(Clone, Copy, Default)]
struct Hands {
    lay_due: bool,
    look_due: bool,
    /// What is shown ends before the newest messages.
    apart: bool,
    /// The last place marked as read.
    told: i64,
    /// The message that a link leads to, until it is shown.
    target: Option<i64>,
}

impl Log {
    pub(super) fn new(client: Client, id: ConversationId) -> Self {
        let (unread, read_seq, direct) = client
            .peek(|state| {
                let summary = &state.rooms.get(&id)?.summary;
                Some((summary.unread, summary.read_seq, summary.kind == ConversationKind::Direct))
            })
            .unwrap_or_default();
        let divider = (unread > 0).then_some(read_seq);
        let zone = client.zone.get_untracked();
        Self {
            client,
            id,
            laid: StoredValue::new((client.peek(|state| lay_out(state, id, zone, divider)), zone)),
            direct,
            shape: RwSignal::new(shape(client, id)),
            divider: RwSignal::new(divider),
            below: RwSignal::new(None),
            note: RwSignal::new(None),
            chosen: RwSignal::new(None),
            hands: StoredValue::new(Hands { apart: is_apart(client, id), ..Hands::default() }),
        }
    }

    /// The element, while this log is on screen.
    pub(super) fn node(self) -> Option<HtmlElement> {
        self.hands.try_get_value().and_then(|_| find(".log"))
    }

    /// Runs once in the next frame, however often it is asked for; never once the log is gone.
    fn once(self, due: fn(&mut Hands) -> &mut bool, run: fn(Self, HtmlElement)) {
        if self.hands.try_update_value(|hands| std::mem::replace(due(hands), true)) == Some(false) {
            request_animation_frame(move || {
                self.hands.try_update_value(|hands| *due(hands) = false);
                self.node().into_iter().for_each(|log| run(self, log));
            });
        }
    }

    /// The conversation, or how it is shown, changed.
    pub(super) fn changed(self) {
        self.client.room(self.id, |_| ());
        self.client.zone.track();
        self.client.now.track();
        self.divider.track();
        self.once(|hands| &mut hands.lay_due, Self::lay);
    }

    /// The reader, or what is around the log, moved.
    pub(super) fn moved(self) {
        self.once(|hands| &mut hands.look_due, Self::look);
    }

    fn lay(self, log: HtmlElement) {
        let Self { client, id, .. } = self;
        // At the end it follows; elsewhere what the reader sees stays where it is.
        let follows = at_bottom(&log) && !self.hands.get_value().apart;
        let anchor = if follows { None } else { Visible::of(&log).and_then(|rows| rows.anchor()) };
        let focused = keys::focused(&log);
        self.bring(&log);
        let shape = shape(client, id);
        if self.shape.get_untracked() != shape {
            self.shape.set(shape);
        }
        self.hands.update_value(|hands| hands.apart = is_apart(client, id));
        // A row that was moved to make room for others has lost the focus; from one that has gone it goes to what is said
        // of that.
        if let Some(focused) = focused {
            let next = find(".log-note button").filter(|_| !focused.is_connected());
            keys::focus(next.as_deref().unwrap_or(&focused));
        }
        if let Some(anchor) = anchor {
            hold(&log, &anchor);
        }
        self.arrive(&log);
        self.busy(&log);
        self.moved();
    }

    /// All rows, as the log begins with them.
    pub(super) fn markup(self) -> Markup {
        let rows = |(laid, _): &(Laid, Zone)| {
            laid.rows().map(|(item, entry)| self.row(item, entry)).collect::<Vec<_>>()
        };
        let class = if self.direct { "messages direct" } else { "messages" };
        markup!("<ol class='~'>~</ol>", class, self.laid.with_value(rows))
    }

    fn row(self, item: Item, entry: Option<&Entry>) -> Markup {
        let Self { client, id, direct, .. } = self;
        match (item, entry) {
            // The head of a day stays in sight while its messages are.
            (Item::Day(day), _) => {
                let words = client.zone.get_untracked().day_heading(day, client.now.get_untracked());
                markup!("<li class='day'><span>~</span></li>", words)
            }
            (_, Some(entry)) => message_row(client, id, direct, entry),
            (Item::Row(_), None) => Markup::default(),
        }
    }

    /// Brings the rows on screen to what the state says; those that did not change are left alone.
    fn bring(self, log: &HtmlElement) {
        let Ok(Some(list)) = log.query_selector(".messages") else { return };
        let (zone, divider) = (self.client.zone.get_untracked(), self.divider.get_untracked());
        let laid = self.client.peek(|state| lay_out(state, self.id, zone, divider));
        self.laid.update_value(|(before, before_zone)| {
            let places = places(&before.items, &laid.items);
            let entries: Vec<_> = before.rows().map(|(_, entry)| entry).collect();
            let rows = laid.rows().zip(places).map(|((item, entry), was)| {
                let same =
                    was.is_some_and(|was| entry.is_some() && entries[was] == entry) && *before_zone == zone;
                Row { was, markup: (!same).then(|| self.row(item, entry)) }
            });
            bring_rows(&list, rows.collect());
            *before = laid;
            *before_zone = zone;
        });
    }

    /// The row of the message at this place.
    pub(super) fn find(self, seq: i64) -> Option<Entry> {
        self.laid.with_value(|(laid, _)| laid.entries.iter().find(|entry| entry.seq() == Some(seq)).cloned())
    }

    /// Tells screen readers that older (or further) messages are being put in, which they shall not read out.
    fn busy(self, log: &HtmlElement) {
        let busy = self.client.peek(|state| state.rooms.get(&self.id).is_some_and(|room| room.is_reading()));
        if busy {
            let _ = log.set_attribute("aria-busy", "true");
            let _ = log.set_attribute("aria-live", "off");
        } else if log.has_attribute("aria-busy") {
            let _ = log.remove_attribute("aria-busy");
            let log = log.clone();
            let heard = move || {
                if !log.has_attribute("aria-busy") {
                    let _ = log.remove_attribute("aria-live");
                }
            };
            set_timeout(heard, Duration::from_secs(1));
        }
    }

    fn look(self, log: HtmlElement) {
        let Self { client, id, .. } = self;
        let hands = self.hands.get_value();
        // What has come is put in first; then it is looked at again.
        let Some(visible) = Visible::of(&log).filter(|_| !hands.lay_due) else { return };
        let places = visible.places();
        let at_end = at_bottom(&log) && !hands.apart;
        let (reading, unread) = client
            .peek(|state| state.rooms.get(&id).map(|room| (room.is_reading(), room.summary.unread)))
            .unwrap_or_default();
        let below = (!at_end).then_some(unread);
        if self.below.get_untracked() != below {
            self.below.set(below);
        }
        client.change_if(|state| state.sees(id, places.filter(|_| !at_end)));
        if !reading && self.shape.get_untracked() == Shape::More && near_top(&log) {
            client.load_older(id);
            self.busy(&log);
        } else if !reading && hands.apart && near_bottom(&log) {
            client.load_newer(id);
            self.busy(&log);
        }
        if reading::watched()
            && let Some((_, last)) = places
            && let Some((message, seq)) = reading::to_mark(client, id, last, hands.told)
        {
            self.hands.update_value(|hands| hands.told = seq);
            client.mark_read(id, message);
        }
    }

    /// A link that was lost may have lost what was marked.
    pub(super) fn link_changed(self) {
        self.client.link.track();
        self.hands.update_value(|hands| hands.told = 0);
        self.moved();
    }

    /// The reader looked away, or back.
    pub(super) fn attention_changed(self) {
        if !reading::watched() {
            let read = self.client.peek(|state| {
                let summary = state.rooms.get(&self.id).map(|room| &room.summary);
                summary.filter(|summary| summary.unread == 0).map(|summary| summary.read_seq)
            });
            if read.is_some() {
                self.divider.set(read);
            }
        }
        self.moved();
    }

    /// To the newest message; `sent`: since the reader has just written it.
    pub(super) fn to_latest(self, sent: bool) {
        if sent {
            self.divider.set(None);
        }
        if self.hands.get_value().apart {
            self.client.to_latest(self.id);
            // Nothing of what is shown stays: no place is to be held.
            self.hands.update_value(|hands| hands.apart = false);
        }
        self.node().iter().for_each(to_bottom);
    }

    /// To the message at this place.
    pub(super) fn go_to(self, seq: i64) {
        self.hands.update_value(|hands| hands.target = Some(seq));
        self.client.turn_to(self.id, Side::Before(seq.saturating_add(1)));
        self.once(|hands| &mut hands.lay_due, Self::lay);
    }

    /// Shows the message that a link leads to, once it is here, or says that it is not.
    fn arrive(self, log: &HtmlElement) {
        let Some(seq) = self.hands.get_value().target else { return };
        let row = log.query_selector(&format!("[data-seq='{seq}']")).ok().flatten();
        let waits = self.client.peek(|state| {
            state.rooms.get(&self.id).is_none_or(|room| room.timeline.is_none() || room.turns())
        });
        if let Some(row) = row {
            for found in [log.query_selector("[data-found]").ok().flatten()].into_iter().flatten() {
                let _ = found.remove_attribute("data-found");
            }
            let _ = row.set_attribute("data-found", "");
            center(log, &row);
            keys::focus(&row);
        } else if waits {
            return;
        } else {
            self.note.set(Some(Note::Words(t!("message.not_here"))));
            self.to_latest(false);
        }
        self.hands.update_value(|hands| hands.target = None);
    }
}

fn is_apart(client: Client, id: ConversationId) -> bool {
    client.peek(|state| {
        let timeline = state.rooms.get(&id).and_then(|room| room.timeline.as_ref());
        timeline.is_some_and(|timeline| timeline.past.is_some())
    })
}

fn shape(client: Client, id: ConversationId) -> Shape {
    client.peek(|state| {
        let room = state.rooms.get(&id);
        let Some(timeline) = room.and_then(|room| room.timeline.as_ref()) else { return Shape::Loading };
        let shown = timeline.shown();
        match (shown.at_start, shown.messages.is_empty() && room.is_none_or(|room| room.outbox.is_empty())) {
            (false, _) => Shape::More,
            (true, true) => Shape::Empty,
            (true, false) => Shape::Whole,
        }
    })
}
