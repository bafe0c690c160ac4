//! Where the reader is in the log. Only called in the browser.
//!
//! The log is a box that grows from its bottom (`flex-direction: column-reverse`), so that it begins at the newest
//! message without a script, and older ones put on top move nothing. `scrollTop` is 0 at the bottom and negative above.
//! What comes in below while the reader is further up would move the text: it is held at its place by an anchor.

use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// So near to the bottom counts as there, in pixels.
const NEAR: i32 = 40;
/// So near to the top older messages are asked for.
const AHEAD: i32 = 800;

/// At the newest message.
pub(super) fn at_bottom(log: &HtmlElement) -> bool {
    log.scroll_top() > -NEAR
}

/// Near enough to the oldest loaded message to want more.
pub(super) fn near_top(log: &HtmlElement) -> bool {
    log.scroll_height() - log.client_height() + log.scroll_top() < AHEAD
}

/// To the newest message.
pub(super) fn to_bottom(log: &HtmlElement) {
    log.set_scroll_top(0);
}

/// Rows on screen, the newest first.
fn visible(log: &HtmlElement) -> Option<impl Iterator<Item = Element>> {
    let frame = log.get_bounding_client_rect();
    let rows = log.query_selector_all("[data-client-id]").ok()?;
    Some((0..rows.length()).rev().filter_map(move |at| rows.get(at)?.dyn_into::<Element>().ok()).filter(
        move |row| {
            let row = row.get_bounding_client_rect();
            row.height() > 0.0 && row.top() < frame.bottom() - 8.0 && row.bottom() > frame.top()
        },
    ))
}

/// The `seq` of the newest message on screen.
pub(super) fn newest_visible(log: &HtmlElement) -> Option<i64> {
    visible(log)?.find_map(|row| row.get_attribute("data-seq")?.parse().ok())
}

thread_local! {
    /// The row that shall stay where it is, and where that was. A page shows one log at a time.
    static ANCHOR: RefCell<Option<(Element, f64)>> = const { RefCell::new(None) };
}

/// Remembers where the newest visible row stands.
pub(super) fn take_anchor(log: &HtmlElement) {
    let row = visible(log).and_then(|mut rows| rows.next());
    ANCHOR.set(row.map(|row| {
        let top = row.get_bounding_client_rect().top();
        (row, top)
    }));
}

/// Puts it back there.
pub(super) fn hold_anchor(log: &HtmlElement) {
    ANCHOR.with_borrow(|anchor| {
        if let Some((row, top)) = anchor
            && row.is_connected()
        {
            let moved = (row.get_bounding_client_rect().top() - top).round();
            if moved != 0.0 {
                log.set_scroll_top(log.scroll_top() + moved as i32);
            }
        }
    });
}
