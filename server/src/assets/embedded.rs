//! Assets embedded in the binary, uncompressed and compressed at build time.

use super::AssetFile;
use axum::body::Bytes;

struct Embedded {
    path: &'static str,
    etag: &'static str,
    identity: &'static [u8],
    br: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

pub(super) fn is_empty() -> bool {
    EMBEDDED.is_empty()
}

/// Names of the files in `pkg`.
pub(super) fn names() -> Vec<String> {
    EMBEDDED.iter().filter_map(|file| file.path.strip_prefix("/pkg/")).map(str::to_owned).collect()
}

pub(super) fn get(path: &str, accepts: &str) -> Option<AssetFile> {
    let file = EMBEDDED.iter().find(|file| file.path == path)?;
    let (bytes, encoding) = match (file.br, file.gzip) {
        (Some(bytes), _) if accepts_encoding(accepts, "br") => (bytes, Some("br")),
        (_, Some(bytes)) if accepts_encoding(accepts, "gzip") => (bytes, Some("gzip")),
        _ => (file.identity, None),
    };
    Some(AssetFile { bytes: Bytes::from_static(bytes), encoding, etag: Some(file.etag) })
}

/// Whether `Accept-Encoding` lists the encoding with a weight other than 0.
fn accepts_encoding(accepts: &str, encoding: &str) -> bool {
    accepts.split(',').any(|part| {
        let mut part = part.split(';');
        let named = part.next().is_some_and(|name| name.trim().eq_ignore_ascii_case(encoding));
        let refused = part.filter_map(|q| q.trim().strip_prefix("q=")?.parse::<f32>().ok()).any(|q| q == 0.0);
        named && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_used_if_the_client_accepts_it() {
        assert!(accepts_encoding("gzip, deflate, br", "br") && accepts_encoding("BR;q=0.5", "br"));
        assert!(
            !accepts_encoding("gzip;q=1, br;q=0", "br")
                && !accepts_encoding("", "br")
                && !accepts_encoding("brotli", "br")
        );
    }
}
