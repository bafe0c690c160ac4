//! Controller of the log: takes changes once a frame, keeps the reader's place, loads messages that are near, and marks
//! the ones that were seen as read.

use super::keyboard;
use super::layout::{Entry, lay_out};
use super::notice::Notice;
use super::read_tracking;
use super::rows::LogRows;
use super::scroll::{Visible, at_bottom, center, hold, near_bottom, near_top, to_bottom};
use crate::client::{Client, RoomPart};
use crate::components::dialog::ReceiptsRequest;
use crate::components::focus::focus_in_place;
use crate::i18n::t;
use crate::routing::{Location, use_location};
use leptos::html;
use leptos::prelude::*;
use leptos::task::{spawn_local, tick};
use protocol::reducer::Room;
use protocol::{ConversationId, ConversationKind, Message, Side};
use std::sync::Arc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// State of the log above the first loaded message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Top {
    /// No messages are loaded yet.
    Loading,
    /// The conversation has no messages.
    Empty,
    /// Older messages can be loaded.
    Older,
    /// The first message of the conversation.
    Beginning,
}

/// The log of one conversation.
#[derive(Clone, Copy)]
pub(super) struct Log {
    pub(super) client: Client,
    pub(super) id: ConversationId,
    pub(super) location: Location,
    /// Between two people.
    pub(super) direct: bool,
    pub(super) node: NodeRef<html::Div>,
    pub(super) rows: LogRows,
    pub(super) top: RwSignal<Top>,
    /// `seq` past which the "N new" divider stands: what was read when the reader came, or looked away.
    divider: RwSignal<Option<i64>>,
    /// Number of unread messages further down; `None` while the reader is at the end.
    pub(super) below: RwSignal<Option<u32>>,
    /// The end of the log is on screen: a message that is added now has just arrived, and slides in.
    pub(super) at_end: RwSignal<bool>,
    pub(super) notice: RwSignal<Option<Notice>>,
    /// Row whose menu is open.
    pub(super) chosen: RwSignal<Option<Entry>>,
    receipts: ReceiptsRequest,
    progress: StoredValue<Progress>,
}

/// State between two frames.
#[derive(Clone, Copy, Default)]
struct Progress {
    layout_due: bool,
    look_due: bool,
    /// The messages on screen end before the newest ones.
    in_past: bool,
    /// Last `seq` that was marked as read.
    marked: i64,
    /// `seq` of the message that a link leads to, until it is shown.
    target: Option<i64>,
}

impl Log {
    pub(super) fn new(
        client: Client,
        id: ConversationId,
        receipts: ReceiptsRequest,
        notice: RwSignal<Option<Notice>>,
    ) -> Self {
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
            location: use_location(),
            direct,
            node: NodeRef::new(),
            rows: LogRows::new(client.peek(|state| lay_out(state, id, zone, divider))),
            top: RwSignal::new(top(client, id)),
            divider: RwSignal::new(divider),
            below: RwSignal::new(None),
            at_end: RwSignal::new(false),
            notice,
            chosen: RwSignal::new(None),
            receipts,
            progress: StoredValue::new(Progress { in_past: is_in_past(client, id), ..Progress::default() }),
        }
    }

    fn element(self) -> Option<HtmlElement> {
        self.node.try_get_untracked().flatten().map(Into::into)
    }

    /// Runs once in the next frame, however often it is asked for; never once the log is gone.
    fn once(self, due: fn(&mut Progress) -> &mut bool, run: fn(Self, HtmlElement)) {
        if self.progress.try_update_value(|progress| std::mem::replace(due(progress), true)) == Some(false) {
            request_animation_frame(move || {
                self.progress.try_update_value(|progress| *due(progress) = false);
                self.element().into_iter().for_each(|log| run(self, log));
            });
        }
    }

    /// Tracks what the layout depends on, and lays the log out anew. Called by an effect.
    pub(super) fn follow_changes(self) {
        self.client.track_room(self.id, RoomPart::Rows);
        self.client.track_room(self.id, RoomPart::Receipts);
        self.client.zone.track();
        self.divider.track();
        self.once(|progress| &mut progress.layout_due, Self::update);
    }

    /// The reader scrolled, or the size of something changed.
    pub(super) fn moved(self) {
        self.once(|progress| &mut progress.look_due, Self::look);
    }

    fn update(self, log: HtmlElement) {
        let Self { client, id, .. } = self;
        // At the end the log follows new messages; elsewhere the rows that the reader sees stay where they are.
        let follows = at_bottom(&log) && !self.progress.get_value().in_past;
        let anchor = if follows { None } else { Visible::of(&log).and_then(|rows| rows.anchor()) };
        let focused = keyboard::focused_in(&log);
        let (zone, divider) = (client.zone.get_untracked(), self.divider.get_untracked());
        self.rows.set(client.peek(|state| lay_out(state, id, zone, divider)));
        let top = top(client, id);
        if self.top.get_untracked() != top {
            self.top.set(top);
        }
        self.progress.update_value(|progress| progress.in_past = is_in_past(client, id));
        // After the rows have changed, before the frame is painted.
        spawn_local(async move {
            tick().await;
            if let Some(focused) = focused {
                restore_focus(&log, &focused);
            }
            if let Some(anchor) = anchor {
                hold(&log, &anchor);
            }
            if self.progress.try_get_value().is_some() {
                self.show_target(&log);
                self.set_busy(&log);
                self.moved();
            }
        });
    }

    /// Keeps screen readers from speaking older messages that are being put in.
    fn set_busy(self, log: &HtmlElement) {
        let loads = self.client.peek(|state| state.rooms.get(&self.id).is_some_and(Room::is_reading));
        if loads {
            let _ = log.set_attribute("aria-busy", "true");
            let _ = log.set_attribute("aria-live", "off");
        } else if log.has_attribute("aria-busy") {
            let _ = log.remove_attribute("aria-busy");
            let log = log.clone();
            let settled = move || {
                if !log.has_attribute("aria-busy") {
                    let _ = log.remove_attribute("aria-live");
                }
            };
            set_timeout(settled, Duration::from_secs(1));
        }
    }

    fn look(self, log: HtmlElement) {
        let Self { client, id, .. } = self;
        let progress = self.progress.get_value();
        // Pending changes are laid out first, and this runs again.
        let Some(visible) = Visible::of(&log).filter(|_| !progress.layout_due) else { return };
        let seqs = visible.seqs();
        let at_end = at_bottom(&log) && !progress.in_past;
        let (loads, unread) = client
            .peek(|state| state.rooms.get(&id).map(|room| (room.is_reading(), room.summary.unread)))
            .unwrap_or_default();
        let below = (!at_end).then_some(unread);
        if self.below.get_untracked() != below {
            self.below.set(below);
        }
        let top = self.top.get_untracked();
        let at_loaded_end = at_end && top != Top::Loading;
        if self.at_end.get_untracked() != at_loaded_end {
            self.at_end.set(at_loaded_end);
        }
        client.set_viewport(id, seqs.filter(|_| !at_end));
        if !loads && top == Top::Older && near_top(&log) {
            client.load_older(id);
            self.set_busy(&log);
        } else if !loads && progress.in_past && near_bottom(&log) {
            client.load_newer(id);
            self.set_busy(&log);
        }
        if read_tracking::is_watched()
            && let Some((_, last)) = seqs
            && let Some((message, seq)) = read_tracking::to_mark(client, id, last, progress.marked)
        {
            self.progress.update_value(|progress| progress.marked = seq);
            client.mark_read(id, message);
        }
    }

    /// Sends read marks again that a lost transport may have lost. Called by an effect.
    pub(super) fn follow_connection(self) {
        self.client.status.track();
        self.progress.update_value(|progress| progress.marked = 0);
        self.moved();
    }

    /// The page lost or gained visibility or focus.
    pub(super) fn attention_changed(self) {
        if !read_tracking::is_watched() {
            let read_seq = self.client.peek(|state| {
                let summary = state.rooms.get(&self.id).map(|room| &room.summary);
                summary.filter(|summary| summary.unread == 0).map(|summary| summary.read_seq)
            });
            if read_seq.is_some() {
                self.divider.set(read_seq);
            }
        }
        self.moved();
    }

    /// The reader sent a message: the log goes to its end, without a divider.
    pub(super) fn sent(self) {
        self.divider.set(None);
        self.go_to_latest();
    }

    /// Goes to the newest message.
    pub(super) fn go_to_latest(self) {
        if self.progress.get_value().in_past {
            self.client.show_latest(self.id);
            // No visible row remains, so there is no scroll position to keep.
            self.progress.update_value(|progress| progress.in_past = false);
        }
        self.element().iter().for_each(to_bottom);
    }

    /// Goes to the message with this `seq`.
    pub(super) fn go_to(self, seq: i64) {
        self.progress.update_value(|progress| progress.target = Some(seq));
        self.client.jump_to(self.id, Side::Before(seq.saturating_add(1)));
        self.once(|progress| &mut progress.layout_due, Self::update);
    }

    /// Shows the message that a link leads to once it is loaded, or says that it is not there.
    fn show_target(self, log: &HtmlElement) {
        let Some(seq) = self.progress.get_value().target else { return };
        let row = log.query_selector(&format!("[data-seq='{seq}']")).ok().flatten();
        let loads = self.client.peek(|state| {
            state.rooms.get(&self.id).is_none_or(|room| room.timeline.is_none() || room.is_jumping())
        });
        if let Some(row) = row.and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
            if let Ok(Some(found)) = log.query_selector("[data-found]") {
                let _ = found.remove_attribute("data-found");
            }
            let _ = row.set_attribute("data-found", "");
            center(log, &row);
            focus_in_place(&row);
        } else if loads {
            return;
        } else {
            self.notice.set(Some(Notice::Words(t!("message.not_here"))));
            self.go_to_latest();
        }
        self.progress.update_value(|progress| progress.target = None);
    }

    /// Shows who has a message in a dialog.
    pub(super) fn show_receipts(self, message: Arc<Message>) {
        let failed = move || drop(self.notice.try_set(Some(Notice::Words(t!("message.no_receipts")))));
        self.receipts.show(self.id, message, failed.into());
    }

    /// Focuses the row of an entry, where it is still shown.
    pub(super) fn focus_row(self, entry: &Entry) {
        let selector = format!("[data-client-id='{}']", entry.key.1);
        let row = self.element().and_then(|log| log.query_selector(&selector).ok().flatten());
        if let Some(row) = row.and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
            focus_in_place(&row);
        }
    }
}

/// A row that moved to make room for others has lost the focus. From a row that is gone the focus goes to the notice
/// that says so.
fn restore_focus(log: &HtmlElement, focused: &HtmlElement) {
    if focused.is_connected() {
        return focus_in_place(focused);
    }
    let undo = log.parent_element().and_then(|frame| frame.query_selector(".log-note button").ok().flatten());
    if let Some(undo) = undo.and_then(|undo| undo.dyn_into::<HtmlElement>().ok()) {
        focus_in_place(&undo);
    }
}

fn is_in_past(client: Client, id: ConversationId) -> bool {
    client.peek(|state| {
        let timeline = state.rooms.get(&id).and_then(|room| room.timeline.as_ref());
        timeline.is_some_and(|timeline| timeline.past.is_some())
    })
}

fn top(client: Client, id: ConversationId) -> Top {
    client.peek(|state| {
        let room = state.rooms.get(&id);
        let Some(timeline) = room.and_then(|room| room.timeline.as_ref()) else { return Top::Loading };
        let shown = timeline.shown();
        let is_empty = shown.messages.is_empty() && room.is_none_or(|room| room.outbox.is_empty());
        match (shown.at_start, is_empty) {
            (false, _) => Top::Older,
            (true, true) => Top::Empty,
            (true, false) => Top::Beginning,
        }
    })
}
