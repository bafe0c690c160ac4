//! The commands of the program: each with its arguments and its exit code.

pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod export;
pub(crate) mod fixture;
pub(crate) mod group;
pub(crate) mod import;
pub(crate) mod key;
mod progress;
pub(crate) mod serve;
pub(crate) mod tail;
pub(crate) mod user;
pub(crate) mod webhook;

use std::process::ExitCode;

/// Exit code for invalid flags or configuration, and for resources in use.
const REFUSED: u8 = 2;

/// Reports an error that other flags or settings would avoid.
pub(crate) fn refuse(why: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("rapport: {why}");
    ExitCode::from(REFUSED)
}

/// Reports a failure.
fn fail(why: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("rapport: {why}");
    ExitCode::FAILURE
}
