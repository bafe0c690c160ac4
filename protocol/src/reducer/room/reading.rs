//! The window of messages that the reader looks at or waits for.

use super::super::HistoryWindow;
use super::super::deferred_page::Placement;
use super::{RequestState, Room};
use crate::Side;
use crate::limits::PAGE;

impl Room {
    /// Reloads the past window, which may be out of date, around the viewport.
    pub(super) fn reload_past(&mut self) {
        let Some(past) = self.timeline.as_ref().and_then(|timeline| timeline.past.as_ref()) else { return };
        if !self.is_jumping() {
            let below = |last| past.messages.keys().filter(move |seq| **seq >= last).nth(PAGE / 4);
            let to = self.viewport.and_then(|(_, last)| below(last)).map_or(past.to, |seq| *seq);
            self.set_request(Some(RequestState::Jump(Side::Before(to + 1))));
        }
    }

    /// Whether the reader waits for messages.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.request.is_some()
    }

    /// Whether another window will replace the shown one.
    #[must_use]
    pub fn is_jumping(&self) -> bool {
        matches!(self.request, Some(RequestState::Jump(_)))
    }

    pub(in crate::reducer) fn set_request(&mut self, request: Option<RequestState>) {
        let before = (self.is_reading(), self.is_jumping());
        self.request = request;
        self.touched.parts.rows |= before != (self.is_reading(), self.is_jumping());
    }

    /// The placement of the next page to request.
    pub(in crate::reducer) fn next_page(&self) -> Option<Placement> {
        self.page_for(self.request?)
    }

    /// The placement of the page that serves a request.
    pub(in crate::reducer) fn page_for(&self, request: RequestState) -> Option<Placement> {
        let timeline = self.timeline.as_ref()?;
        let shown = timeline.shown();
        match request {
            RequestState::Jump(side) => Some(Placement::Separate(side)),
            RequestState::Older => (!shown.at_start).then_some(Placement::Adjacent(Side::Before(shown.from))),
            RequestState::Newer => {
                timeline.past.as_ref().map(|past| Placement::Adjacent(Side::After(past.to)))
            }
        }
    }

    /// Shows the window on this side of a position, and requests it if it is not loaded.
    pub(in crate::reducer) fn jump_to(&mut self, side: Side) {
        let nearest = match side {
            Side::Before(before) => before - 1,
            Side::After(after) => after + 1,
        };
        let within = |window: &HistoryWindow| window.places().contains(&nearest);
        self.viewport = None;
        if let Some(timeline) = &mut self.timeline {
            if !matches!(self.request, Some(RequestState::Jump(_)))
                && timeline.past.as_ref().is_some_and(within)
            {
                return;
            }
            if within(&timeline.latest) {
                return self.show_latest();
            }
        }
        self.set_request(Some(RequestState::Jump(side)));
    }

    /// Shows the newest messages.
    pub(in crate::reducer) fn show_latest(&mut self) {
        self.set_request(None);
        self.viewport = None;
        if let Some(timeline) = &mut self.timeline {
            self.touched.parts.rows |= timeline.past.take().is_some();
        }
        self.deferred.take_if(|deferred| matches!(deferred.placement, Placement::Separate(_)));
        self.trim();
    }

    /// Drops messages far from the viewport; true if there were any.
    pub(in crate::reducer) fn trim(&mut self) -> bool {
        let (viewport, is_jumping) = (self.viewport, self.is_jumping());
        let timeline = self.timeline.as_mut().filter(|_| !is_jumping);
        let went = timeline.is_some_and(|timeline| timeline.trim(viewport));
        if went {
            self.touched.parts.rows = true;
            self.request = None;
        }
        went
    }
}
