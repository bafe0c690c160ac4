//! Web Locks: what one of a browser's tabs does for all, or has for itself. A lock passes on by itself when a tab closes.

use futures::channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// What came of asking for a lock.
pub(super) enum Taken {
    /// Ours until this is dropped.
    Ours(Lock),
    /// Another tab has it.
    Busy,
    /// The browser has no locks (a page over plain HTTP from another machine): then each tab is on its own.
    NoLocks,
}

/// A lock, until dropped.
pub(super) struct Lock(#[allow(dead_code)] oneshot::Sender<()>);

fn request(name: &str, if_available: bool, held: &JsValue) -> Option<Promise> {
    let navigator = leptos::prelude::window().navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    let request = Reflect::get(&locks, &"request".into()).ok()?.dyn_into::<Function>().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &if_available.into()).ok()?;
    request.call3(&locks, &name.into(), &options, held).ok()?.dyn_into().ok()
}

/// Waits until the lock is ours; `if_available`: does not wait. Asked for at once, before the first wait.
pub(super) fn take(name: &str, if_available: bool) -> impl Future<Output = Taken> + use<> {
    let (tell, told) = oneshot::channel();
    let held = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        if lock.is_null() {
            let _ = tell.send(Taken::Busy);
            return JsValue::UNDEFINED;
        }
        let (release, released) = oneshot::channel();
        let _ = tell.send(Taken::Ours(Lock(release)));
        future_to_promise(async move {
            let _ = released.await;
            Ok(JsValue::UNDEFINED)
        })
        .into()
    });
    let asked = request(name, if_available, &held);
    async move {
        let Some(promise) = asked else { return Taken::NoLocks };
        leptos::task::spawn_local(async move {
            let _ = JsFuture::from(promise).await;
        });
        // Not told: the browser refused (a page that it does not trust with storage).
        told.await.unwrap_or(Taken::NoLocks)
    }
}
