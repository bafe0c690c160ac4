//! In the browser: what the page brought along.

use super::Loaded;
use crate::server_fns::Refused;
use leptos::prelude::document;
use protocol::{ApiError, ErrorBody, ErrorCode};

pub(super) fn loaded() -> Result<Loaded, Refused> {
    let text = document().get_element_by_id("loaded").and_then(|script| script.text_content());
    let text = text.unwrap_or_default();
    serde_json::from_str(&text).map_err(|_| match serde_json::from_str(&text) {
        Ok(ApiError { error }) => error.into(),
        Err(_) => ErrorBody::new(ErrorCode::Internal).into(),
    })
}
