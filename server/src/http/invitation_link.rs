//! The address of an invitation link, its QR code, and its removal from paths that are logged.

use crate::error::HttpError;
use crate::state::AppState;
use axum::http::{HeaderMap, header};
use protocol::ErrorCode;
use qrcode::QrCode;
use qrcode::render::svg;

/// Width and height of a QR code, in pixels; it scales.
const SIZE: u32 = 240;

/// The address of a link. It contains the token.
pub(crate) struct LinkUrl(pub(crate) String);

impl LinkUrl {
    /// The address below the public origin, or else below the address of this request.
    pub(crate) fn of(state: &AppState, headers: &HeaderMap, token: &str) -> Self {
        Self(format!("{}/join/{token}", origin(state, headers)))
    }
}

/// The public origin, or else the one of this request.
pub(crate) fn origin(state: &AppState, headers: &HeaderMap) -> String {
    match state.origins.public() {
        Some(public) => public.to_string(),
        None => {
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
            format!("http://{}", host.unwrap_or_default())
        }
    }
}

/// The address as a QR code, in SVG without styles and scripts. Dark on white, as scanners expect it.
pub(crate) fn qr_code(url: &LinkUrl) -> Result<String, HttpError> {
    // An address fits, unless the host name is absurdly long.
    let code = QrCode::new(url.0.as_bytes()).map_err(|_| HttpError::from(ErrorCode::Invalid))?;
    Ok(code.render::<svg::Color<'_>>().min_dimensions(SIZE, SIZE).build())
}

/// The path without the token of a link, for logs: what follows `/join/`, `/invitations/` or `/incoming/` is left out.
pub(crate) fn without_token(path: &str) -> String {
    let mut cut = false;
    let segments = path.split('/').map(|segment| {
        let shown = if cut && !segment.is_empty() { "…" } else { segment };
        // A token may be such a word.
        cut = !cut && matches!(segment, "join" | "invitations" | "incoming");
        shown
    });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c3_a_logged_path_has_no_token() {
        for (path, logged) in [
            ("/join/abc", "/join/…"),
            ("/join/abc/", "/join/…/"),
            ("/join/join/abc", "/join/…/abc"),
            ("/api/incoming/abc", "/api/incoming/…"),
            ("/api/invitations/abc/accept", "/api/invitations/…/accept"),
            ("/api/conversations/7/invitations/abc", "/api/conversations/7/invitations/…"),
            ("/api/conversations/7/invitations", "/api/conversations/7/invitations"),
            ("/api/invitations", "/api/invitations"),
            ("/c/7", "/c/7"),
            ("", ""),
        ] {
            assert_eq!(without_token(path), logged, "{path}");
        }
    }

    #[test]
    fn c3_a_qr_code_passes_a_strict_policy() {
        let url = LinkUrl(format!("https://chat.example/join/{}", "x".repeat(32)));
        let image = qr_code(&url).expect("it fits");
        assert!(image.contains("<svg") && image.contains("<path"), "{image:.300}");
        for forbidden in ["style", "script", "href", "x".repeat(32).as_str()] {
            assert!(!image.contains(forbidden), "{forbidden}");
        }
    }
}
