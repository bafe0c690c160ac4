//! The live link in the browser.

mod activity;
mod browser_events;
mod delivery_receipts;
mod drafts;
mod driver;
mod find;
mod http;
mod identity_check;
mod keepalive;
mod keyboard;
mod outbox;
mod page;
mod part;
mod poll;
mod send;
mod sleep;
mod socket;
mod storage;
mod web_locks;

use crate::client::Client;
pub(crate) use crate::routing::links::{asked, follow, is_at};
pub(crate) use drafts::{draft, follow_draft, keep_draft};
use driver::Engine;
pub(crate) use find::help_to_find;
pub(crate) use page::{enter, hold_place, leave};
pub(crate) use part::part;
use protocol::reducer::Need;
use protocol::{ClientFrame, Timestamp};
use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    static ENGINE: RefCell<Option<Rc<Engine>>> = const { RefCell::new(None) };
}

fn engine() -> Option<Rc<Engine>> {
    ENGINE.with_borrow(Clone::clone)
}

/// Makes the page that the server sent live: its parts stand there, its wires are laid.
pub fn hydrate() {
    console_error_panic_hook::set_once();
    // Fails only where it is laid already.
    let _ = any_spawner::Executor::init_wasm_bindgen();
    let owner = leptos::prelude::Owner::new();
    owner.with(crate::app::root);
    // For as long as the page lives.
    std::mem::forget(owner);
}

/// Begins to keep this client up to date; once for a page.
pub(crate) fn begin(client: Client) {
    if engine().is_some() {
        return;
    }
    let (engine, orders) = Engine::new(client);
    ENGINE.set(Some(engine.clone()));
    storage::tell(client.keeping);
    let outbox = outbox::Outbox::begin(client);
    browser_events::watch(&engine, &outbox);
    activity::watch(&engine);
    keyboard::watch();
    engine.carry_out(orders);
}

/// What the reducer needs.
pub(crate) fn ask(needs: Vec<Need>) {
    if let Some(engine) = engine() {
        engine.ask(needs);
    }
}

/// Says something that must arrive, when it can.
pub(crate) fn tell(frame: ClientFrame) {
    if let Some(engine) = engine() {
        engine.tell(frame);
    }
}

/// Says something that is worth nothing later.
pub(crate) fn mention(frame: ClientFrame) {
    if let Some(engine) = engine() {
        engine.mention(frame);
    }
}

/// Sends what waits.
pub(crate) fn pump() {
    if let Some(engine) = engine() {
        engine.pump();
    }
}

/// Puts the whole address of a path where it can be pasted from; true when that could be tried. Where a browser keeps
/// that from a page (no TLS), it goes there, so that the address can be copied by hand.
pub(crate) fn copy(path: &str) -> bool {
    let location = leptos::prelude::window().location();
    let copied = copy_text(&(location.origin().unwrap_or_default() + path));
    if !copied {
        let _ = location.set_href(path);
    }
    copied
}

/// Puts a text where it can be pasted from; false where a browser keeps that from a page.
pub(crate) fn copy_text(text: &str) -> bool {
    let may = may_copy();
    if may {
        // Whether it worked is told by a promise; a browser that asks does so by itself.
        let _ = leptos::prelude::window().navigator().clipboard().write_text(text);
    }
    may
}

/// Whether there is any use in trying.
pub(crate) fn may_copy() -> bool {
    leptos::prelude::window().is_secure_context()
}

/// Milliseconds of a clock that only grows.
pub(crate) fn now_ms() -> u64 {
    let now = leptos::prelude::window().performance().map_or(0.0, |performance| performance.now());
    // A page is not open for 285,000 years.
    now as u64
}

/// Minutes east of UTC at that moment, here.
pub(crate) fn offset_at(at: Timestamp) -> i32 {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.millis() as f64));
    -(date.get_timezone_offset() as i32)
}

/// Whether a field grows with its text without our doing.
pub(crate) fn fits_by_itself() -> bool {
    web_sys::css::supports_with_value("field-sizing", "content").unwrap_or(false)
}
