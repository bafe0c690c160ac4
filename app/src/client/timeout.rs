//! Timers as futures.

use futures::channel::oneshot;
use futures::future::{Either, select};
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

/// Waits so many milliseconds.
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

/// The result of `work`, or `None` if `end` comes first.
pub(super) async fn race<T>(work: impl Future<Output = T>, end: impl Future<Output = ()>) -> Option<T> {
    match select(pin!(work), pin!(end)).await {
        Either::Left((result, _)) => Some(result),
        Either::Right(_) => None,
    }
}
