//! Drives real Rapport servers over loopback: the history checker and the measurements. Everything here is bounded in
//! count and time, and ends what it started.

pub mod api;
pub mod checker;
pub mod compare;
pub mod measure;
pub mod process;
pub mod proxy;

/// Any error of a run.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
