//! The history checker and the measurements, against real Rapport servers over loopback. All runs are bounded in count and
//! time, and end the processes that they start.

pub mod api;
pub mod checker;
pub mod community;
pub mod compare;
pub mod measure;
pub mod process;
pub mod proxy;

/// Any error of a run.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
