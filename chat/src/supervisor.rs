//! Supervisor of the background tasks. A node without its writer or its hub looks alive and delivers nothing, so a task that
//! panics or ends early is logged and stops the node; the process manager starts it again.

use crate::metrics;
use futures::FutureExt as _;
use std::any::Any;
use std::collections::BTreeSet;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The supervisor of one node. Cheap to clone.
#[derive(Clone)]
pub struct Supervisor {
    stop: CancellationToken,
    failed: Arc<OnceLock<&'static str>>,
    injector: Option<PanicInjector>,
}

impl Supervisor {
    /// Creates a supervisor. `stop` ends the node; a failed task cancels it.
    #[must_use]
    pub fn new(stop: CancellationToken) -> Self {
        Self { stop, failed: Arc::default(), injector: None }
    }

    /// Like [`Self::new`], for tests: tasks panic on demand.
    #[doc(hidden)]
    #[must_use]
    pub fn with_injector(stop: CancellationToken, injector: PanicInjector) -> Self {
        Self { injector: Some(injector), ..Self::new(stop) }
    }

    /// The token that is cancelled when the node stops.
    #[must_use]
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// The name of the first task that failed.
    #[must_use]
    pub fn failed_task(&self) -> Option<&'static str> {
        self.failed.get().copied()
    }

    /// Spawns a task that runs at least until the stop. It fails by a panic at any time, or by an earlier end.
    pub fn spawn(
        &self,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        let supervisor = self.clone();
        let injected = self.injector.as_ref().map(|injector| injector.register(name));
        tokio::spawn(async move {
            let task = async {
                match injected {
                    None => task.await,
                    Some(injected) => tokio::select! {
                        () = task => {}
                        () = injected => panic!("injected"),
                    },
                }
            };
            let ended = contain(name, task).await.is_some();
            if ended && supervisor.stop.is_cancelled() {
                return;
            }
            if ended {
                tracing::error!(task = name, "a background task ended unexpectedly");
            }
            // Only the first failure is the cause: tasks that depend on a failed one may fail as well.
            let _ = supervisor.failed.set(name);
            if !supervisor.stop.is_cancelled() {
                tracing::error!(task = name, "the node stops, because it cannot go on without this task");
                supervisor.stop.cancel();
            }
        })
    }
}

/// For tests: makes supervised tasks panic, and records their names. A server of the program has none.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct PanicInjector {
    registered: watch::Sender<BTreeSet<&'static str>>,
    target: watch::Sender<Option<&'static str>>,
}

impl PanicInjector {
    /// The names of the tasks that were spawned.
    #[must_use]
    pub fn registered(&self) -> watch::Receiver<BTreeSet<&'static str>> {
        self.registered.subscribe()
    }

    /// Makes all tasks of this name panic.
    pub fn panic_in(&self, name: &'static str) {
        self.target.send_replace(Some(name));
    }

    /// Records a task; the future ends when the task has to panic.
    fn register(&self, name: &'static str) -> impl Future<Output = ()> + use<> {
        self.registered.send_modify(|registered| {
            registered.insert(name);
        });
        let mut target = self.target.subscribe();
        async move {
            if target.wait_for(|target| *target == Some(name)).await.is_err() {
                std::future::pending().await
            }
        }
    }
}

/// Runs a future whose failure concerns nobody else. A panic is logged and counted, and gives `None`. State that the future
/// shares with others has to be valid at each point where it can panic.
pub fn contain<T>(name: &'static str, task: impl Future<Output = T>) -> impl Future<Output = Option<T>> {
    // Not an async function, which would hold the future twice.
    AssertUnwindSafe(task).catch_unwind().map(move |ended| ended.map_err(|panic| report(name, &*panic)).ok())
}

/// Like [`contain`], for a function.
pub(crate) fn contain_call<T>(name: &'static str, call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| report(name, &*panic)).ok()
}

fn report(name: &'static str, panic: &(dyn Any + Send)) {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let cause = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message");
    metrics::TASK_PANICS.increment(1);
    tracing::error!(task = name, %cause, "a task panicked");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supervisor() -> Supervisor {
        Supervisor::new(CancellationToken::new())
    }

    #[tokio::test]
    async fn a_panic_stops_the_node_and_names_the_task() {
        let supervisor = supervisor();
        let other = supervisor.stop().clone();
        let waits = supervisor.spawn("the other", async move { other.cancelled().await });
        supervisor.spawn("the first", async { panic!("injected") }).await.expect("contained");
        waits.await.expect("ends by the stop");
        assert!(supervisor.stop().is_cancelled());
        assert_eq!(supervisor.failed_task(), Some("the first"));
    }

    #[tokio::test]
    async fn an_end_before_the_stop_is_a_failure() {
        let supervisor = supervisor();
        supervisor.spawn("short", async {}).await.expect("ends");
        assert!(supervisor.stop().is_cancelled());
        assert_eq!(supervisor.failed_task(), Some("short"));
    }

    #[tokio::test]
    async fn an_end_after_the_stop_is_none_but_a_panic_is() {
        let supervisor = supervisor();
        supervisor.stop().cancel();
        supervisor.spawn("ends", async {}).await.expect("ends");
        assert_eq!(supervisor.failed_task(), None);
        supervisor.spawn("panics", async { panic!("injected, {}", 1) }).await.expect("contained");
        assert_eq!(supervisor.failed_task(), Some("panics"));
    }

    #[tokio::test]
    async fn a_contained_panic_stops_nothing() {
        assert_eq!(contain("a future", async { 1 }).await, Some(1));
        assert_eq!(contain("a future", async { panic!("injected") }).await, None::<()>);
        assert_eq!(contain_call("a function", || 2), Some(2));
        assert_eq!(contain_call("a function", || -> u8 { panic!("injected") }), None);
    }
}
