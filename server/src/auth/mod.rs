//! Authentication of requests: extractors, web sessions, sign-in, throttling, client addresses.

pub(crate) mod client_addr;
pub(crate) mod extractors;
pub(crate) mod sign_in;
pub(crate) mod throttle;
pub(crate) mod user_agent;
pub(crate) mod web_session;
