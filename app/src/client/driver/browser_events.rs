//! Events of the browser that the connection depends on: network, sleep, page visibility, and the clock.

use super::Driver;
use super::stored_outbox::Outbox;
use crate::client::clock::{now_ms, wall_clock};
use crate::client::connection::Event;
use crate::client::visibility::is_from_cache;
use crate::datetime::Zone;
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;

const TICK: Duration = Duration::from_secs(5);
/// Ticks between two updates of `Client::now`: ages are shown in minutes.
const TICKS_A_MINUTE: u32 = 6;
/// A tick that is later than this means that the machine slept, in milliseconds.
const SLEPT_MS: u64 = 45_000;
/// Silence of the socket after which it is probed, in milliseconds.
const SILENT_MS: u64 = 15_000;
/// Time after which a page that is still there connects again, although it was to be signed out, in milliseconds.
const SIGN_OUT_MS: u32 = 10_000;

/// Listens for as long as the page lives.
pub(super) fn listen(driver: &Rc<Driver>, outbox: &Rc<Outbox>) {
    update_clock(driver);

    on(driver, "online", |driver, _| driver.event(Event::Online));
    on(driver, "focus", |driver, _| driver.event(Event::Woke));
    on(driver, "offline", |driver, _| driver.event(Event::Offline));
    let kept = outbox.clone();
    on(driver, "pagehide", move |driver, _| {
        driver.event(Event::Left);
        kept.release();
    });
    // The server ends the connections of a sign-in before it answers.
    on(driver, "submit", |driver, event| {
        if signs_out(event) {
            driver.event(Event::Left);
            driver.after(SIGN_OUT_MS, |driver| driver.event(Event::Returned));
        }
    });
    let kept = outbox.clone();
    on(driver, "pageshow", move |driver, event| {
        if is_from_cache(event) {
            kept.resume();
            update_clock(driver);
            driver.event(Event::Returned);
        }
    });
    // Events of the document, which bubble to the window.
    on(driver, "resume", |driver, _| driver.event(Event::Woke));
    on(driver, "visibilitychange", |driver, _| {
        driver.page_shown(!document().hidden());
        if !document().hidden() {
            update_clock(driver);
            driver.event(Event::Woke);
        }
    });

    let driver = driver.clone();
    let last = Cell::new((now_ms(), js_sys::Date::now()));
    let ticks = Cell::new(0_u32);
    set_interval(
        move || {
            let (clock, date) = last.replace((now_ms(), js_sys::Date::now()));
            // The monotonic clock may stop while the machine sleeps, and the wall clock may be changed.
            let slept = now_ms().saturating_sub(clock).max((js_sys::Date::now() - date) as u64) > SLEPT_MS;
            ticks.set(ticks.get().wrapping_add(1));
            if slept || ticks.get().is_multiple_of(TICKS_A_MINUTE) {
                update_clock(&driver);
            }
            driver.report_activity();
            if slept {
                driver.woke(slept);
            }
            driver.probe_if_silent(SILENT_MS);
        },
        TICK,
    );
}

/// Calls back on each event of the window, for as long as the page lives.
pub(super) fn on(
    driver: &Rc<Driver>,
    name: &'static str,
    then: impl Fn(&Rc<Driver>, &web_sys::Event) + 'static,
) {
    let driver = driver.clone();
    let handle = window_event_listener_untyped(name, move |event| then(&driver, &event));
    std::mem::forget(handle);
}

/// Whether a form that signs this browser out is being sent.
fn signs_out(event: &web_sys::Event) -> bool {
    let form = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    !event.default_prevented() && form.is_some_and(|form| form.has_attribute("data-sign-out"))
}

/// Updates the current time, and the time zone, which changes when somebody travels.
fn update_clock(driver: &Rc<Driver>) {
    let zone = driver.client.zone;
    let name = time_zone();
    if driver.time_zone.borrow().as_ref() != Some(&name) {
        store_time_zone(&name);
        driver.client.report_time_zone(&name);
        if !zone.get_untracked().fits(&name) {
            // Notifies also where the browser was asked before: its answers differ now.
            let _ = zone.try_set(Zone::Browser);
        }
        driver.time_zone.replace(Some(name));
    }
    driver.client.set_clock(wall_clock());
}

/// The name of the browser's time zone.
fn time_zone() -> String {
    let options = js_sys::Intl::DateTimeFormat::default().resolved_options();
    let name = js_sys::Reflect::get(&options, &"timeZone".into()).ok().and_then(|name| name.as_string());
    name.unwrap_or_default()
}

/// Stores the browser's time zone in a cookie, for the server's next page.
fn store_time_zone(name: &str) {
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        let _ = document.set_cookie(&format!("tz={name}; Path=/; Max-Age=31536000; SameSite=Lax"));
    }
}
