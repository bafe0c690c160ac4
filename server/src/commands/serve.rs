//! `rapport serve`.

use super::{fail, refuse};
use crate::config::Config;
use crate::data::DataError;
use crate::listener::Listener;
use crate::node::Fault;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

pub(super) async fn serve(config: Config) -> ExitCode {
    let listener = match Listener::take(&config.listen).await {
        Ok(listener) => listener,
        Err(error) => return refuse(&error),
    };
    let stop = CancellationToken::new();
    let (mut term, mut int) = match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(term), Ok(int)) => (term, int),
        (Err(error), _) | (_, Err(error)) => return refuse(&error),
    };
    let told = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
        tracing::info!("stopping");
        told.cancel();
    });
    match crate::run(config, listener, stop).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ Fault::Data(DataError::InUse(_) | DataError::BadSecret(_))) => refuse(&error),
        Err(error) => fail(&error),
    }
}
