//! Scroll position of the log.
//!
//! The log is a box that grows from its bottom (`flex-direction: column-reverse`), so that it begins at the newest
//! message without a script, and older ones put on top move nothing. `scrollTop` is 0 at the bottom and negative above.
//! Changes below the view of a reader who is further up would move the text, so it is held in place by an anchor.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, NodeList};

/// Distance that counts as being at the bottom, in pixels.
const NEAR: i32 = 40;
/// Distance to an end of the loaded messages within which more are loaded, in pixels.
const AHEAD: i32 = 800;

/// Whether the reader is at the bottom.
pub(super) fn at_bottom(log: &HtmlElement) -> bool {
    log.scroll_top() > -NEAR
}

/// Whether older messages should be loaded.
pub(super) fn near_top(log: &HtmlElement) -> bool {
    log.scroll_height() - log.client_height() + log.scroll_top() < AHEAD
}

/// Whether newer messages should be loaded.
pub(super) fn near_bottom(log: &HtmlElement) -> bool {
    log.scroll_top() > -AHEAD
}

/// Scrolls to the bottom.
pub(super) fn to_bottom(log: &HtmlElement) {
    log.set_scroll_top(0);
}

/// The rows on screen.
pub(super) struct Visible {
    rows: NodeList,
    first: u32,
    end: u32,
}

impl Visible {
    /// Finds the rows on screen by binary search: only a few are measured.
    pub(super) fn of(log: &HtmlElement) -> Option<Self> {
        let frame = log.get_bounding_client_rect();
        let rows = log.query_selector_all("[data-client-id]").ok()?;
        let before = |is: &dyn Fn(&web_sys::DomRect) -> bool| {
            let (mut low, mut high) = (0, rows.length());
            while low < high {
                let middle = (low + high) / 2;
                if row(&rows, middle).is_some_and(|row| is(&row.get_bounding_client_rect())) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            low
        };
        let first = before(&|rect| rect.bottom() <= frame.top());
        let end = before(&|rect| rect.top() < frame.bottom() - 8.0);
        Some(Self { first, end, rows })
    }

    fn all(&self) -> impl DoubleEndedIterator<Item = Element> {
        (self.first..self.end).filter_map(|at| row(&self.rows, at))
    }

    /// `seq` of the first and of the last message on screen.
    pub(super) fn seqs(&self) -> Option<(i64, i64)> {
        Some((self.all().find_map(|row| seq(&row))?, self.all().rev().find_map(|row| seq(&row))?))
    }

    /// The last row and its position, in pixels.
    pub(super) fn anchor(&self) -> Option<(Element, f64)> {
        self.last().map(|row| {
            let top = row.get_bounding_client_rect().top();
            (row, top)
        })
    }

    /// The last row on screen.
    pub(super) fn last(&self) -> Option<Element> {
        self.all().next_back()
    }
}

fn row(rows: &NodeList, at: u32) -> Option<Element> {
    rows.get(at)?.dyn_into().ok()
}

/// `seq` of a row's message.
pub(super) fn seq(row: &Element) -> Option<i64> {
    row.get_attribute("data-seq")?.parse().ok()
}

/// Scrolls a row back to its position.
pub(super) fn hold(log: &HtmlElement, (row, top): &(Element, f64)) {
    if row.is_connected() {
        shift(log, row.get_bounding_client_rect().top() - top);
    }
}

/// Scrolls a row into the middle.
pub(super) fn center(log: &HtmlElement, row: &Element) {
    let (frame, row) = (log.get_bounding_client_rect(), row.get_bounding_client_rect());
    let room = (frame.height() - row.height()).max(0.0) / 2.0;
    shift(log, row.top() - frame.top() - room);
}

fn shift(log: &HtmlElement, by: f64) {
    let by = by.round() as i32;
    if by != 0 {
        log.set_scroll_top(log.scroll_top() + by);
    }
}
