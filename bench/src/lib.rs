//! Drives real Rapport servers over loopback: the history checker and the measurements. Everything here is bounded in
//! count and time, and ends what it started.

pub mod api;
pub mod checker;
pub mod compare;
pub mod measure;
pub mod process;
pub mod proxy;

/// What can go wrong while driving a server, in words.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;
