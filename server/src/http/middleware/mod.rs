//! Middleware: security checks and headers, request bodies, the error format, request ids.

pub(crate) mod body;
pub(crate) mod error_format;
pub(crate) mod etag;
pub(crate) mod rate_limit_headers;
pub(crate) mod request_id;
pub(crate) mod security;
