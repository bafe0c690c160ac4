//! `rapport fixture`.

use super::{fail, refuse};
use crate::config::Config;
use crate::fixture::{self, Options};
use std::process::ExitCode;

pub(super) async fn fixture(config: &Config, options: &Options) -> ExitCode {
    match fixture::make(config, options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.refuses() => refuse(&error),
        Err(error) => fail(&error),
    }
}
