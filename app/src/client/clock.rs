//! Clocks of the browser.

use js_sys::Date;
use leptos::prelude::window;
use protocol::Timestamp;

/// Milliseconds of a clock that only grows.
pub(crate) fn now_ms() -> u64 {
    let now = window().performance().map_or(0.0, |performance| performance.now());
    // Exact for 285,000 years.
    now as u64
}

/// Time of the browser's wall clock.
pub(crate) fn wall_clock() -> Timestamp {
    Timestamp((Date::now() * 1_000.0) as i64)
}
