//! The domain of Rapport: accounts, conversations, messages, presence. State is kept in a [`store::Store`], events are
//! distributed over a [`bus::Bus`].

pub mod account;
mod after_commit;
pub mod audit;
pub mod bus;
mod clock;
mod commit_health;
pub mod connection;
mod entered_text;
mod error;
mod hub;
mod limits;
mod lock;
pub mod metrics;
mod name_key;
mod policy;
mod presence;
pub mod rate_limit;
mod receipts;
mod revocations;
mod scrubber;
mod search_words;
mod service;
pub mod store;
mod supervisor;
mod suspensions;
#[cfg(test)]
mod tests;
mod timings;
mod typing;
mod writer;
pub mod zone;

pub use clock::{Clock, ManualClock, SystemClock};
pub use error::{Error, Result};
pub use limits::Limits;
pub use service::{ChatService, Sent};
pub use supervisor::{PanicInjector, Supervisor, contain};
