//! Long polling, for clients without a socket.

mod fingerprint;
mod request;
mod session;

pub use session::PollSessions;
