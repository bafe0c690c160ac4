//! What happens around the page: networks that come and go, tabs that sleep, pages that are left, minutes that pass.

use super::driver::Engine;
use super::now_ms;
use super::outbox::Outbox;
use crate::client::connection::Event;
use crate::datetime::Zone;
use leptos::prelude::*;
use protocol::Timestamp;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

const TICK: Duration = Duration::from_secs(5);
/// So often the page is told what time it is, in ticks: what it says of it is counted in minutes.
const TICKS_A_MINUTE: u32 = 6;
/// A tick so late was slept through.
const SLEPT_MS: u64 = 45_000;
/// A socket silent for so long is asked for a sign of life: a pulled cable says nothing by itself.
const SILENT_MS: u64 = 15_000;

/// Watches for as long as the page lives.
pub(super) fn watch(engine: &Rc<Engine>, outbox: &Rc<Outbox>) {
    if !engine.client.zone.get_untracked().fits(&tell_the_zone()) {
        let _ = engine.client.zone.try_set(Zone::Browser);
    }
    tell_the_time(engine);

    on(engine, "online", |engine, _| engine.event(Event::Online));
    on(engine, "focus", |engine, _| engine.event(Event::Woke));
    on(engine, "offline", |engine, _| engine.event(Event::Offline));
    let kept = outbox.clone();
    on(engine, "pagehide", move |engine, _| {
        engine.event(Event::Left);
        kept.let_go();
    });
    let kept = outbox.clone();
    on(engine, "pageshow", move |engine, event| {
        if was_kept(event) {
            kept.return_to();
            tell_the_time(engine);
            engine.event(Event::Returned);
        }
    });
    let resumed = engine.clone();
    let resume = Closure::<dyn FnMut()>::new(move || resumed.event(Event::Woke));
    let _ = document().add_event_listener_with_callback("resume", resume.as_ref().unchecked_ref());
    resume.forget();
    on(engine, "visibilitychange", |engine, _| {
        engine.reader_is_shown(!document().hidden());
        if !document().hidden() {
            tell_the_time(engine);
            engine.event(Event::Woke);
        }
    });

    let engine = engine.clone();
    let last = Cell::new((now_ms(), js_sys::Date::now()));
    let ticks = Cell::new(0_u32);
    set_interval(
        move || {
            let (clock, date) = last.replace((now_ms(), js_sys::Date::now()));
            // Some clocks stop while the machine sleeps; the other one may be set. Either is worth a look.
            let slept = now_ms().saturating_sub(clock).max((js_sys::Date::now() - date) as u64) > SLEPT_MS;
            ticks.set(ticks.get().wrapping_add(1));
            if slept || ticks.get().is_multiple_of(TICKS_A_MINUTE) {
                tell_the_time(&engine);
            }
            engine.tell_reader();
            if slept {
                engine.woke(slept);
            }
            engine.wonder(SILENT_MS);
        },
        TICK,
    );
}

/// Whether this `pageshow` brings a page back that the browser had kept.
pub(super) fn was_kept(event: &web_sys::Event) -> bool {
    event.dyn_ref::<web_sys::PageTransitionEvent>().is_some_and(web_sys::PageTransitionEvent::persisted)
}

pub(super) fn on(
    engine: &Rc<Engine>,
    name: &'static str,
    then: impl Fn(&Rc<Engine>, &web_sys::Event) + 'static,
) {
    let engine = engine.clone();
    let handle = window_event_listener_untyped(name, move |event| then(&engine, &event));
    std::mem::forget(handle);
}

fn tell_the_time(engine: &Rc<Engine>) {
    let now = Timestamp((js_sys::Date::now() * 1_000.0) as i64);
    let _ = engine.client.now.try_set(now);
}

/// So that the server's next page says times as the clock here does.
fn tell_the_zone() -> String {
    let options = js_sys::Intl::DateTimeFormat::default().resolved_options();
    let name = js_sys::Reflect::get(&options, &"timeZone".into()).ok().and_then(|name| name.as_string());
    let name = name.unwrap_or_default();
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        let _ = document.set_cookie(&format!("tz={name}; Path=/; Max-Age=31536000; SameSite=Lax"));
    }
    name
}
