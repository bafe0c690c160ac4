//! The domain of Rapport: what can be said, by whom, where; kept by a [`store::Store`], spread by a [`bus::Bus`].

pub mod account;
pub mod audit;
pub mod bus;
mod chat;
mod clock;
pub mod connection;
mod error;
mod hub;
mod limits;
mod lock;
pub mod metrics;
mod pace;
mod presence;
mod rate_limit;
mod receipts;
mod revocations;

pub mod store;
#[cfg(test)]
mod tests;
mod typing;
mod writer;
pub mod zone;

pub use chat::{Chat, Sent};
pub use clock::{Clock, ManualClock, SystemClock};
pub use error::{Error, Result};
pub use limits::Limits;
