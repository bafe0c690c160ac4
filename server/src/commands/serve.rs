//! `rapport serve`.

use super::{fail, refuse};
use crate::backend::ServerError;
use crate::config::{Config, Listen};
use crate::demo::{self, Demo};
use crate::lifecycle::run_with;
use crate::net::listener::{ListenError, Listener};
use crate::ops::sd_notify;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Arguments of `rapport serve`.
#[derive(clap::Args, Debug, Default)]
pub(crate) struct Options {
    /// Run a demonstration with people, conversations and bots in a temporary folder, deleted when it stops
    #[arg(long)]
    pub(crate) demo: bool,
    /// Allow the demonstration to listen on public addresses, where every visitor can sign in as anybody
    #[arg(long, requires = "demo")]
    pub(crate) demo_public: bool,
}

/// Runs the server until a signal stops it.
pub(crate) async fn serve(config: Config) -> ExitCode {
    let listener = match Listener::bind(&config.listen).await {
        Ok(listener) => listener,
        Err(error) => return refuse(&error),
    };
    let stop = match cancel_on(STOP_SIGNALS).and_then(|stop| continue_on_hangup().map(|()| stop)) {
        Ok(stop) => stop,
        Err(error) => return refuse(&error),
    };
    exit_code(run_with(config, listener, None, stop).await)
}

/// `rapport serve --demo`. With `any_port`, another port is used if the default is taken.
pub(crate) async fn demo(mut config: Config, any_port: bool) -> ExitCode {
    let listener = match Listener::bind(&config.listen).await {
        Err(ListenError::InUse(Listen::Tcp(address), _)) if any_port => {
            Listener::bind(&Listen::Tcp((address.ip(), 0).into())).await
        }
        taken => taken,
    };
    let listener = match listener {
        Ok(listener) => listener,
        Err(error) => return refuse(&error),
    };
    // SIGHUP also stops it, so that the temporary directory is removed when the terminal closes.
    let stop = match cancel_on(STOP_SIGNALS.into_iter().chain([SignalKind::hangup()])) {
        Ok(stop) => stop,
        Err(error) => return refuse(&error),
    };
    let folder = match demo::folder() {
        Ok(folder) => folder,
        Err(error) => return refuse(&error),
    };
    config.data = folder.path().to_owned();
    let demo = match Demo::make(&config.data, demo::Timing::default()).await {
        Ok(demo) => demo,
        Err(error) => return fail(&error),
    };
    let code = exit_code(run_with(config, listener, Some(demo), stop).await);
    if let Err(error) = folder.close() {
        return fail(&error);
    }
    code
}

/// Signals that stop a server gracefully, with a close frame for each socket.
const STOP_SIGNALS: [SignalKind; 5] = [
    SignalKind::terminate(),
    SignalKind::interrupt(),
    SignalKind::quit(),
    SignalKind::user_defined1(),
    SignalKind::user_defined2(),
];

/// Lets the server continue after SIGHUP, which asks for new log files: the audit log finds them by itself.
fn continue_on_hangup() -> std::io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            tracing::info!("SIGHUP: a log file that was moved is reopened with its next line");
        }
    });
    Ok(())
}

/// A token that the first of these signals cancels.
fn cancel_on(kinds: impl IntoIterator<Item = SignalKind>) -> std::io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    for kind in kinds {
        let (mut signal, stop) = (signal(kind)?, stop.clone());
        tokio::spawn(async move {
            if signal.recv().await.is_some() && !stop.is_cancelled() {
                tracing::info!("stopping");
                sd_notify::notify(sd_notify::STOPPING);
                stop.cancel();
            }
        });
    }
    Ok(stop)
}

/// The exit code of a server: 2 if it cannot start with these settings, 1 for every other error.
fn exit_code(run: Result<(), ServerError>) -> ExitCode {
    match run {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.refuses() => refuse(&error),
        Err(error) => fail(&error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_dir::DataDirError;

    #[test]
    fn a_failed_task_is_a_failure_that_a_restart_may_repair() {
        assert_eq!(exit_code(Ok(())), ExitCode::SUCCESS);
        assert_eq!(exit_code(Err(ServerError::TaskFailed("writer"))), ExitCode::FAILURE);
        // The unit of systemd does not restart after this one.
        let in_use = DataDirError::InUse { place: "data".into(), holder: Some(4711) };
        assert_eq!(exit_code(Err(in_use.into())), ExitCode::from(super::super::REFUSED));
        let newer = chat::Error::Unsupported("a newer database".into());
        assert_eq!(exit_code(Err(newer.into())), ExitCode::from(super::super::REFUSED));
    }
}
