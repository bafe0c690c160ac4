//! Connections: the listener, the accept loop, and the stream that each connection is served on.

pub(crate) mod accept;
pub(crate) mod address_limit;
pub(crate) mod connection;
pub(crate) mod listener;
mod raw_response;
