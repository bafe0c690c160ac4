//! Whether somebody is in front of the page: watched, and told to the server.

use super::browser_events::on;
use super::driver::Engine;
use super::now_ms;
use crate::client::connection::Event;
use crate::client::status::LinkState;
use crate::client::visibility::Attention;
use leptos::prelude::document;
use protocol::{ClientFrame, Status};
use std::cell::RefCell;
use std::rc::Rc;

/// Whoever does something wants to know whether the line is there, if it has been silent for so long.
const SILENT_MS: u64 = 2_000;

/// What is known of the reader.
pub(super) struct Reader(RefCell<Attention>);

impl Reader {
    pub(super) fn begin() -> Self {
        Self(RefCell::new(Attention::begin(now_ms(), document().hidden())))
    }
}

/// Watches for as long as the page lives.
pub(super) fn watch(engine: &Rc<Engine>) {
    for name in ["keydown", "pointerdown", "pointermove", "wheel"] {
        on(engine, name, |engine, _| {
            let came_back = !engine.is_watched();
            engine.reader.0.borrow_mut().input(now_ms());
            engine.tell_reader();
            if came_back && engine.silence().is_none() {
                engine.event(Event::Woke);
            }
            engine.wonder(SILENT_MS);
        });
    }
}

impl Engine {
    /// Somebody is in front of the page.
    pub(super) fn is_watched(&self) -> bool {
        !self.reader.0.borrow().is_away(now_ms())
    }

    /// The page is shown, or hidden.
    pub(super) fn reader_is_shown(self: &Rc<Self>, shown: bool) {
        self.reader.0.borrow_mut().hidden(!shown, now_ms());
        self.tell_reader();
    }

    /// Tells what changed, where there is somebody to hear it; a new connection is told anew.
    pub(super) fn tell_reader(self: &Rc<Self>) {
        if !matches!(self.state(), LinkState::Connected | LinkState::Polling) {
            return;
        }
        let news = self.reader.0.borrow_mut().news(now_ms());
        if let Some(away) = news {
            let status = if away { Status::Away } else { Status::Online };
            self.mention(ClientFrame::UserStatus { status });
        }
    }

    /// There is a new connection.
    pub(super) fn tell_reader_anew(self: &Rc<Self>) {
        self.reader.0.borrow_mut().anew(self.state() == LinkState::Polling);
        self.tell_reader();
    }
}
