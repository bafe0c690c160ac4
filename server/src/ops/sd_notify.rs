//! State notification for systemd and compatible supervisors.

use sd_notify::NotifyState;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::notify";

/// The server accepts connections.
pub(crate) const READY: NotifyState<'_> = NotifyState::Ready;
/// The server is shutting down.
pub(crate) const STOPPING: NotifyState<'_> = NotifyState::Stopping;

/// Sends the state to the supervisor, if `NOTIFY_SOCKET` names one.
pub(crate) fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(std::slice::from_ref(&state)) {
        tracing::warn!(target: LOG_TARGET, cause = %error, "the supervisor cannot be notified of {state}");
    }
}
