//! HTTP request metrics, labelled by route pattern. Paths would make labels of unbounded number.

use axum::extract::MatchedPath;
use axum::http::{Method, StatusCode};
use std::time::Duration;

/// Counts a response.
pub(crate) fn count(method: &Method, route: Option<&MatchedPath>, status: StatusCode, took: Duration) {
    if !super::is_recording() {
        return;
    }
    let method = match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    };
    let route = route.map_or("other", MatchedPath::as_str).to_owned();
    metrics::histogram!("rapport_http_seconds", "route" => route.clone()).record(took);
    let status = status.as_u16().to_string();
    metrics::counter!("rapport_http_requests_total", "method" => method, "route" => route, "status" => status)
        .increment(1);
}
