//! Small things of the page around the application.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, FocusOptions, HtmlElement};

/// The rows of a list are about to be put in another order. Before that is painted the rows that the reader sees stand
/// where they stood, and the one with the focus has it still: a browser takes it from an element that moves. A reader
/// at the very top stays there, to see what is new.
pub(crate) fn hold_place(list: &str, row: &str) {
    let Some(list) = document().query_selector(list).ok().flatten() else { return };
    let Ok(rows) = list.query_selector_all(row) else { return };
    let frame = list.get_bounding_client_rect();
    let top = |row: &Element| row.get_bounding_client_rect().top();
    let seen: Vec<(Element, f64)> = (0..rows.length())
        .filter_map(|at| rows.get(at)?.dyn_into::<Element>().ok())
        .map(|row| (top(&row), row))
        .filter(|(top, _)| *top >= frame.top() && *top < frame.bottom())
        .map(|(top, row)| (row, top))
        .collect();
    let active = document().active_element().filter(|active| active.matches(row).unwrap_or(false));
    let from_top = list.scroll_top();
    request_animation_frame(move || {
        if from_top > 0 {
            // At most one row goes elsewhere: of the first and the last one that were seen, the other tells how far.
            let moved = |seen: Option<&(Element, f64)>| {
                seen.filter(|(row, _)| row.is_connected()).map(|(row, was)| (top(row) - was).round() as i32)
            };
            let moved =
                [moved(seen.first()), moved(seen.last())].into_iter().flatten().min_by_key(|by| by.abs());
            if let Some(by) = moved.filter(|by| *by != 0) {
                list.set_scroll_top(list.scroll_top() + by);
            }
        }
        let lost = document().active_element().is_none_or(|now| now.tag_name() == "BODY");
        if let Some(active) = active.filter(|active| lost && active.is_connected())
            && let Ok(active) = active.dyn_into::<HtmlElement>()
        {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = active.focus_with_options(&options);
        }
    });
}

/// The page shows something over the same place: its address says so, and the way back leads out of it.
pub(crate) fn enter(path: &str) {
    let history = window().history();
    let _ = history.and_then(|history| history.push_state_with_url(&JsValue::TRUE, "", Some(path)));
}

/// Out of it: true when that is the way back, which is told like any other (`popstate`). Who came by an address is
/// put to the other one.
pub(crate) fn leave(path: &str) -> bool {
    let Ok(history) = window().history() else { return false };
    let entered = history.state().is_ok_and(|state| state.is_truthy());
    let _ =
        if entered { history.back() } else { history.replace_state_with_url(&JsValue::NULL, "", Some(path)) };
    entered
}
