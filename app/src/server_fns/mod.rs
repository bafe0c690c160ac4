//! Server functions: thin doors to the domain, JSON both ways, under `/rpc`.

// The macro makes a public type out of each function's arguments.
#![allow(missing_docs, unreachable_pub)]

mod poll;
mod refused;
mod submit;

pub use poll::{Poll, poll};
pub use refused::Refused;
pub use submit::{Submit, submit};

#[cfg(feature = "ssr")]
mod asker;
#[cfg(feature = "ssr")]
pub(crate) use asker::refuse;

/// Tells the browser 404 for the page that is being rendered.
pub fn answer_not_found() {
    #[cfg(feature = "ssr")]
    let _ = asker::refuse(protocol::ErrorCode::NotFound.into());
}

/// The part of a page that the server alone makes: in the browser it stands there already.
pub fn sheet() -> String {
    #[cfg(feature = "ssr")]
    return crate::server_pages::sheet();
    #[cfg(not(feature = "ssr"))]
    String::new()
}

/// Sends the browser to another page instead of the one being rendered. `to` is ASCII, and ours.
pub fn redirect(to: &str) {
    #[cfg(feature = "ssr")]
    leptos_axum::redirect(to);
    #[cfg(not(feature = "ssr"))]
    let _ = to;
}
