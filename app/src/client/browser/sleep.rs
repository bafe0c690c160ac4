//! Waiting, in the browser.

use futures::channel::oneshot;
use futures::future::{Either, select};
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

/// So many milliseconds.
pub(super) async fn sleep(ms: u32) {
    let (done, wait) = oneshot::channel::<()>();
    leptos::prelude::set_timeout(
        move || {
            let _ = done.send(());
        },
        Duration::from_millis(ms.into()),
    );
    let _ = wait.await;
}

/// What comes first: the work's result, or the end of the wait.
pub(super) async fn first<T>(work: impl Future<Output = T>, end: impl Future<Output = ()>) -> Option<T> {
    match select(pin!(work), pin!(end)).await {
        Either::Left((result, _)) => Some(result),
        Either::Right(_) => None,
    }
}
