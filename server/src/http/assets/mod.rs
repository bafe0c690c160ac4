//! What pages are made with: style, script, WASM, pictures. From the binary where they are embedded, else from the
//! folder of the site.

mod disk;
mod embedded;
mod kind;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use std::borrow::Cow;

/// The site's folder or its embedded files, and the names of what every page needs.
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

/// A file as one client takes it.
struct Served {
    bytes: Bytes,
    encoding: Option<&'static str>,
    etag: Option<&'static str>,
}

impl Assets {
    /// Embedded ones first; else what is on the disk now.
    pub(crate) fn find() -> Self {
        let (source, names) = if embedded::is_empty() {
            let folder = disk::folder();
            let names = disk::names(&folder);
            (Source::Disk(folder), names)
        } else {
            (Source::Embedded, embedded::names())
        };
        let path = |ending: &str| {
            let named = names.iter().find(|name| is_main(name, ending));
            format!("/pkg/{}", named.map_or_else(|| format!("rapport.{ending}"), Clone::clone))
        };
        let (css, js, wasm) = (path("css"), path("js"), path("wasm"));
        Self { source, css, js, wasm }
    }

    /// As they are now: while somebody works on a style sheet, its name changes without a new start of the server.
    pub(crate) fn now(&self) -> Cow<'_, Self> {
        match &self.source {
            Source::Disk(_) if cfg!(debug_assertions) => Cow::Owned(Self::find()),
            _ => Cow::Borrowed(self),
        }
    }

    async fn get(&self, path: &str, accepts: &str) -> Option<Served> {
        match &self.source {
            Source::Embedded => embedded::get(path, accepts),
            Source::Disk(folder) => disk::get(folder, path).await,
        }
    }
}

/// `rapport.css`, or with a hash between: `rapport.Zm9v.css`.
fn is_main(name: &str, ending: &str) -> bool {
    let middle = name.strip_prefix("rapport").and_then(|rest| rest.strip_suffix(ending));
    middle.and_then(|middle| middle.strip_suffix('.')).is_some_and(|hash| {
        hash.is_empty() || hash.strip_prefix('.').is_some_and(|hash| !hash.is_empty() && !hash.contains('.'))
    })
}

/// A name that holds a hash of its content never means anything else.
fn is_hashed(path: &str) -> bool {
    path.strip_prefix("/pkg/").is_some_and(|name| !name.contains('/') && name.split('.').count() > 2)
}

/// The file at this address, if there is one.
pub(crate) async fn serve(assets: &Assets, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    let accepts =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let served = assets.get(uri.path(), accepts).await?;
    let fresh = if is_hashed(uri.path()) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = match (served.etag, headers.get(header::IF_NONE_MATCH)) {
        (Some(etag), Some(known)) if known.as_bytes() == etag.as_bytes() => {
            StatusCode::NOT_MODIFIED.into_response()
        }
        _ => served.bytes.into_response(),
    };
    let set = response.headers_mut();
    set.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind::of(uri.path())));
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static(fresh));
    set.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(etag) = served.etag {
        set.insert(header::ETAG, HeaderValue::from_static(etag));
    }
    if let Some(encoding) = served.encoding {
        set.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_and_without_a_hash() {
        assert!(is_main("rapport.css", "css") && is_main("rapport.Zm_-9v.css", "css"));
        assert!(
            !is_main("rapport.css.map", "css") && !is_main("rapportx.css", "css") && !is_main("a.css", "css")
        );
        assert!(is_hashed("/pkg/rapport.Zm9v.wasm") && !is_hashed("/pkg/rapport.wasm"));
        assert!(!is_hashed("/pkg/snippets/a.b.js") && !is_hashed("/icon.32.png"));
    }
}
