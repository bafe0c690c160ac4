//! Redirect targets that a request names.

/// Maximum length of a target, in bytes: the form of a group names its participants in it.
const MAX_LENGTH: usize = 2_048;

/// A redirect target, if it is a path of this site; else `/`. `//evil.example` and `/\evil.example` are not.
pub(crate) fn local_path(next: &str) -> &str {
    let here = next.starts_with('/')
        && !next[1..].starts_with(['/', '\\'])
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && next.len() <= MAX_LENGTH;
    if here { next } else { "/" }
}

/// The path of an address without its query and fragment.
pub(crate) fn path_of(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn a7_only_local_paths_are_redirect_targets() {
        for good in ["/", "/c/1", "/c/1?before=5#m7", "/settings"] {
            assert_eq!(local_path(good), good);
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "evil.example",
            "/\t/evil.example",
            "/c/1\r\nSet-Cookie: x=1",
            "javascript:alert(1)",
            " /",
            "/\u{2028}",
        ] {
            assert_eq!(local_path(bad), "/", "{bad:?}");
        }
    }
}
