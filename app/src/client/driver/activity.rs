//! Activity of the reader: watched, and reported to the server as presence.

use super::Driver;
use super::browser_events::on;
use crate::client::clock::now_ms;
use crate::client::connection::Event;
use crate::client::status::ConnectionStatus;
use crate::client::visibility::Visibility;
use leptos::prelude::document;
use protocol::{ClientFrame, Status};
use std::cell::RefCell;
use std::rc::Rc;

/// Silence of the socket after which an input of the reader makes it probed, in milliseconds.
const SILENT_MS: u64 = 2_000;

/// Activity of this tab's reader.
pub(super) struct Activity(RefCell<Visibility>);

impl Activity {
    pub(super) fn new() -> Self {
        Self(RefCell::new(Visibility::begin(now_ms(), document().hidden())))
    }
}

/// Listens to input for as long as the page lives.
pub(super) fn listen(driver: &Rc<Driver>) {
    for name in ["keydown", "pointerdown", "pointermove", "wheel"] {
        on(driver, name, |driver, _| {
            let came_back = !driver.is_watched();
            driver.activity.0.borrow_mut().input(now_ms());
            driver.report_activity();
            if came_back && driver.silence().is_none() {
                driver.event(Event::Woke);
            }
            driver.probe_if_silent(SILENT_MS);
        });
    }
}

impl Driver {
    /// Whether somebody is in front of the page.
    pub(super) fn is_watched(&self) -> bool {
        !self.activity.0.borrow().is_away(now_ms())
    }

    /// Takes a change of the page's visibility.
    pub(super) fn page_shown(self: &Rc<Self>, shown: bool) {
        self.activity.0.borrow_mut().hidden(!shown, now_ms());
        self.report_activity();
    }

    /// Reports a change of the status where there is a transport; a new connection is told again.
    pub(super) fn report_activity(self: &Rc<Self>) {
        if !matches!(self.status(), ConnectionStatus::Connected | ConnectionStatus::Polling) {
            return;
        }
        let changed = self.activity.0.borrow_mut().changed(now_ms());
        if let Some(away) = changed {
            let status = if away { Status::Away } else { Status::Online };
            self.may_send(ClientFrame::UserStatus { status });
        }
    }

    /// Reports the status to a new connection.
    pub(super) fn report_activity_again(self: &Rc<Self>) {
        self.activity.0.borrow_mut().reconnected(self.status() == ConnectionStatus::Polling);
        self.report_activity();
    }
}
