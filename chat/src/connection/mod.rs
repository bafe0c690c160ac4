//! The connection of one client: a socket ([`run`]) or long polls ([`PollSessions`]).

mod long_poll;
mod scope;
mod socket;
mod subscription;

pub use crate::hub::{DirectWrite, WriteOutcome};
pub use long_poll::PollSessions;
pub use scope::Scope;
pub use socket::{Incoming, Outgoing, ReadFault, run};
