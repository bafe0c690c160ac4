//! Authentication of requests: extractors, service keys, web sessions, sign-in, throttling, client addresses, flash cookies.

pub(crate) mod client_addr;
mod extractors;
pub(crate) mod flash_cookies;
mod forwarded;
pub(crate) mod registration;
mod service_key;
pub(crate) mod sign_in;
pub(crate) mod throttle;
pub(crate) mod user_agent;
pub(crate) mod web_session;

pub(crate) use extractors::{
    Authenticated, Caller, CurrentUser, MaybeUser, bearer_token, has_session_cookie, user_by_cookie,
    user_by_token,
};
pub(crate) use service_key::ServiceKey;
