//! Middleware: security checks and headers, request ids.

pub(crate) mod request_id;
pub(crate) mod security;
