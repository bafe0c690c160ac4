//! The HTTP API: JSON over the domain functions that sockets and pages use, too.

pub(crate) mod accounts;
pub(crate) mod connection;
pub(crate) mod conversations;
pub(crate) mod me;
pub(crate) mod messages;
pub(crate) mod sign_ins;
pub(crate) mod sync;
