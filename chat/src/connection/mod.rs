//! The connection of one client.

mod long_poll;
mod scope;
mod socket;
mod subscription;

pub use crate::hub::{DirectWrite, WriteOutcome};
pub(crate) use long_poll::PollSessions;
pub use scope::Scope;
pub use socket::{Incoming, Outgoing, ReadFault, run};
