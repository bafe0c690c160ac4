//! Web Locks: what one of a browser's tabs does for all, or has for itself. A lock passes on when its tab closes.

use super::lease::{self, Lease, Refusal};
use futures::channel::oneshot;
use js_sys::{Function, Promise};
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

// `web_sys` has this API only as an unstable one.
#[wasm_bindgen]
extern "C" {
    type NavigatorLocks;
    #[wasm_bindgen(method, getter)]
    fn locks(this: &NavigatorLocks) -> Option<LockManager>;

    type LockManager;
    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &LockOptions,
        granted: &Function,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(extends = js_sys::Object)]
    type LockOptions;
    #[wasm_bindgen(method, setter, js_name = ifAvailable)]
    fn set_if_available(this: &LockOptions, if_available: bool);
}

/// Outcome of a request for a lock.
pub(super) enum Request {
    /// Granted until it is dropped.
    Granted(Lock),
    /// Held by another tab.
    Busy,
    /// The browser has neither locks nor a storage: each tab is on its own.
    Unsupported,
}

/// A lock that is held until it is dropped.
pub(super) enum Lock {
    /// Dropping the sender releases it.
    Web { _release: oneshot::Sender<()> },
    /// In place of a lock on a page over plain HTTP from another machine, where browsers have none.
    Lease(Lease),
}

impl Lock {
    /// Whether another tab cannot have it.
    pub(super) fn is_held(&self) -> bool {
        match self {
            Self::Web { .. } => true,
            Self::Lease(lease) => lease.is_held(),
        }
    }
}

/// Requests a lock at once and waits until it is granted; `if_available`: does not wait for another tab.
pub(super) fn request(name: &str, if_available: bool) -> impl Future<Output = Request> + use<> {
    let (tell, told) = oneshot::channel();
    let granted = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        if lock.is_null() {
            let _ = tell.send(Request::Busy);
            return JsValue::UNDEFINED;
        }
        let (release, released) = oneshot::channel();
        let _ = tell.send(Request::Granted(Lock::Web { _release: release }));
        future_to_promise(async move {
            let _ = released.await;
            Ok(JsValue::UNDEFINED)
        })
        .into()
    });
    let requested = start(name, if_available, granted.unchecked_ref());
    let name = name.to_owned();
    async move {
        if let Some(promise) = requested {
            spawn_local(async move {
                let _ = JsFuture::from(promise).await;
            });
            // Without a call the browser refused, as on a page that may not use storage.
            if let Ok(answer) = told.await {
                return answer;
            }
        }
        match lease::request(&name, if_available).await {
            Ok(lease) => Request::Granted(Lock::Lease(lease)),
            Err(Refusal::Busy) => Request::Busy,
            Err(Refusal::Unsupported) => Request::Unsupported,
        }
    }
}

fn start(name: &str, if_available: bool, granted: &Function) -> Option<Promise> {
    let navigator: JsValue = leptos::prelude::window().navigator().into();
    let locks = navigator.unchecked_into::<NavigatorLocks>().locks()?;
    let options: LockOptions = js_sys::Object::new().unchecked_into();
    options.set_if_available(if_available);
    locks.request(name, &options, granted).ok()
}
