//! What happens around the page: networks that come and go, tabs that sleep, minutes that pass.

use super::engine::Engine;
use super::now_ms;
use crate::live::link::Event;
use crate::when::Zone;
use leptos::prelude::*;
use protocol::Timestamp;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

const TICK: Duration = Duration::from_secs(15);
/// A tick so late was slept through.
const SLEPT_MS: u64 = 45_000;
/// A socket silent for so long is asked for a sign of life: a pulled cable says nothing by itself.
const SILENT_MS: u64 = 30_000;

/// Watches for as long as the page lives.
pub(super) fn watch(engine: &Rc<Engine>) {
    if !engine.client.zone.get_untracked().fits(&tell_the_zone()) {
        let _ = engine.client.zone.try_set(Zone::Browser);
    }
    tick(engine);

    on(engine, "online", |engine| engine.event(Event::Online));
    on(engine, "offline", |engine| engine.event(Event::Offline));
    on(engine, "pageshow", |engine| engine.event(Event::Woke));
    let resumed = engine.clone();
    let resume = Closure::<dyn FnMut()>::new(move || resumed.event(Event::Woke));
    let _ = document().add_event_listener_with_callback("resume", resume.as_ref().unchecked_ref());
    resume.forget();
    on(engine, "visibilitychange", |engine| {
        if !document().hidden() {
            tick(engine);
            engine.event(Event::Woke);
        }
    });

    let engine = engine.clone();
    let last = Cell::new(now_ms());
    set_interval(
        move || {
            let slept = now_ms().saturating_sub(last.replace(now_ms())) > SLEPT_MS;
            tick(&engine);
            if slept || engine.silence().is_some_and(|silent| silent > SILENT_MS) {
                engine.event(Event::Woke);
            }
        },
        TICK,
    );
}

fn on(engine: &Rc<Engine>, name: &'static str, then: impl Fn(&Rc<Engine>) + 'static) {
    let engine = engine.clone();
    let handle = window_event_listener_untyped(name, move |_| then(&engine));
    std::mem::forget(handle);
}

fn tick(engine: &Rc<Engine>) {
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
