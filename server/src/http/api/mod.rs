//! The HTTP API: JSON over the same functions of the domain that sockets and pages use.

pub(crate) mod accounts;
pub(crate) mod connection;
pub(crate) mod conversations;
pub(crate) mod me;
pub(crate) mod messages;
pub(crate) mod sessions;
pub(crate) mod sync;
