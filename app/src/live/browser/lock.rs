//! Who of a browser's tabs polls for all: the one that holds a Web Lock. It passes on by itself when a tab closes.

use js_sys::{Function, Promise, Reflect};
use std::future::Future;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// Runs `lead` once the lock is ours, and holds it until that ends. False where the browser has no locks (a page over
/// plain HTTP from another machine): then each tab is on its own.
pub(super) fn when_held<F: Future<Output = ()> + 'static>(
    name: &str,
    lead: impl FnOnce() -> F + 'static,
) -> bool {
    let navigator = leptos::prelude::window().navigator();
    let Ok(locks) = Reflect::get(&navigator, &"locks".into()) else { return false };
    let Ok(request) = Reflect::get(&locks, &"request".into()) else { return false };
    let Ok(request) = request.dyn_into::<Function>() else { return false };
    let held = Closure::once_into_js(move |_lock: JsValue| -> JsValue {
        let work = lead();
        future_to_promise(async move {
            work.await;
            Ok(JsValue::UNDEFINED)
        })
        .into()
    });
    let Ok(promise) = request.call2(&locks, &name.into(), &held) else { return false };
    if let Ok(promise) = promise.dyn_into::<Promise>() {
        leptos::task::spawn_local(async move {
            let _ = JsFuture::from(promise).await;
        });
    }
    true
}
