//! Static assets: style sheet, script, WASM, images. They are embedded in the binary or read from the site directory.

mod content_type;
mod disk;
mod embedded;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use std::borrow::Cow;

/// The source of assets, and the paths of those that every page needs.
#[derive(Clone, Debug)]
pub(crate) struct Assets {
    source: Source,
    /// Path of the style sheet.
    pub(crate) css: String,
    /// Path of the module that loads the WASM.
    pub(crate) js: String,
    /// Path of the WASM.
    pub(crate) wasm: String,
}

#[derive(Clone, Debug)]
enum Source {
    Embedded,
    Disk(std::path::PathBuf),
}

/// A file in the encoding that a client accepts.
struct AssetFile {
    bytes: Bytes,
    encoding: Option<&'static str>,
    etag: Option<&'static str>,
}

impl Assets {
    /// Uses the embedded assets, else those in the site directory.
    pub(crate) fn find() -> Self {
        let (source, names) = if embedded::is_empty() {
            let folder = disk::folder();
            let names = disk::names(&folder);
            (Source::Disk(folder), names)
        } else {
            (Source::Embedded, embedded::names())
        };
        let path = |ending: &str| {
            let named = names.iter().find(|name| is_entry(name, ending));
            format!("/pkg/{}", named.map_or_else(|| format!("rapport.{ending}"), Clone::clone))
        };
        let (css, js, wasm) = (path("css"), path("js"), path("wasm"));
        Self { source, css, js, wasm }
    }

    /// The current paths. In debug builds they are looked up each time, because file names change while the server runs.
    pub(crate) fn current(&self) -> Cow<'_, Self> {
        match &self.source {
            Source::Disk(_) if cfg!(debug_assertions) => Cow::Owned(Self::find()),
            _ => Cow::Borrowed(self),
        }
    }

    async fn get(&self, path: &str, accepts: &str) -> Option<AssetFile> {
        match &self.source {
            Source::Embedded => embedded::get(path, accepts),
            Source::Disk(folder) => disk::get(folder, path).await,
        }
    }
}

/// `rapport.css`, or with a hash between: `rapport.Zm9v.css`.
fn is_entry(name: &str, ending: &str) -> bool {
    let middle = name.strip_prefix("rapport").and_then(|rest| rest.strip_suffix(ending));
    middle.and_then(|middle| middle.strip_suffix('.')).is_some_and(|hash| {
        hash.is_empty() || hash.strip_prefix('.').is_some_and(|hash| !hash.is_empty() && !hash.contains('.'))
    })
}

/// Whether the name holds a hash of the content, so that it can be cached for good.
fn is_immutable(path: &str) -> bool {
    path.strip_prefix("/pkg/").is_some_and(|name| !name.contains('/') && name.split('.').count() > 2)
}

/// The service worker of web pushes.
const PUSH_WORKER: &str = "/push-worker.js";
/// It requests the API of this server, and the icon of notifications.
const WORKER_POLICY: &str = "default-src 'none'; connect-src 'self'; img-src 'self'; frame-ancestors 'none'";

/// Serves the asset at this path, if there is one.
pub(crate) async fn serve(assets: &Assets, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    let accepts =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let file = assets.get(uri.path(), accepts).await?;
    let cache_control =
        if is_immutable(uri.path()) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = match (file.etag, headers.get(header::IF_NONE_MATCH)) {
        (Some(etag), Some(known)) if known.as_bytes() == etag.as_bytes() => {
            StatusCode::NOT_MODIFIED.into_response()
        }
        _ => file.bytes.into_response(),
    };
    let set = response.headers_mut();
    set.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type::of(uri.path())));
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control));
    set.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if uri.path() == PUSH_WORKER {
        // A worker is bound by the policy of its file, not by that of a page.
        set.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(WORKER_POLICY));
    }
    if let Some(etag) = file.etag {
        set.insert(header::ETAG, HeaderValue::from_static(etag));
    }
    if let Some(encoding) = file.encoding {
        set.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_and_without_a_hash() {
        assert!(is_entry("rapport.css", "css") && is_entry("rapport.Zm_-9v.css", "css"));
        assert!(
            !is_entry("rapport.css.map", "css")
                && !is_entry("rapportx.css", "css")
                && !is_entry("a.css", "css")
        );
        assert!(is_immutable("/pkg/rapport.Zm9v.wasm") && !is_immutable("/pkg/rapport.wasm"));
        assert!(!is_immutable("/pkg/snippets/a.b.js") && !is_immutable("/icon.32.png"));
    }
}
