//! Requests of pages that are shown in a frame of another page.

use crate::state::AppState;
use app::EMBEDDED_CONVERSATION;
use axum::http::Uri;
use axum::response::{IntoResponse as _, Redirect, Response};

/// Marks the requests of embedded pages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Embedded {
    /// One of [`app::EMBED_BASES`].
    pub(crate) base: &'static str,
}

/// The origins that may show a page in a frame: the value of `frame-ancestors`.
pub(crate) struct FrameAncestors(String);

impl FrameAncestors {
    pub(crate) fn none() -> Self {
        Self("'none'".into())
    }

    /// Those that may embed.
    pub(crate) fn embedding(state: &AppState) -> Self {
        let origins: Vec<_> = state.embed_origins.iter().map(ToString::to_string).collect();
        if origins.is_empty() { Self::none() } else { Self(origins.join(" ")) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Redirects an embedded page that is not signed in to the first page of its frame, which goes on with the same.
pub(crate) fn start_again(base: &'static str, uri: &Uri) -> Response {
    let kept = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let kept = kept.filter(|(name, _)| ["origin", "subject", "theme", "lang", "autosize"].contains(&&**name));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(kept);
    if let Some(id) = uri.path().strip_prefix("/c/").filter(|_| base == EMBEDDED_CONVERSATION) {
        query.append_pair("conversation", id);
    }
    Redirect::to(&format!("/embed/start?{}", query.finish())).into_response()
}
