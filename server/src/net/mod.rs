//! Connections: the listener, the accept loop, and the stream that each connection is served on.

pub(crate) mod accept;
pub(crate) mod connection;
pub(crate) mod listener;
