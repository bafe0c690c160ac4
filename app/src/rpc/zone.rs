//! Where the reader's clock stands.

use leptos::prelude::use_context;

/// Minutes east of UTC, as the browser told in its `tz` cookie; UTC before it told anything.
pub(super) fn offset_of_request() -> i32 {
    let parts = use_context::<http::request::Parts>();
    parts
        .iter()
        .flat_map(|parts| parts.headers.get_all(http::header::COOKIE))
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| offset(pair.trim().strip_prefix("tz=")?))
        .unwrap_or(0)
}

fn offset(value: &str) -> Option<i32> {
    value.parse().ok().filter(|minutes| (-900..=900).contains(minutes))
}

#[cfg(test)]
mod tests {
    use super::offset;

    #[test]
    fn believes_only_an_offset() {
        assert_eq!(offset("-120"), Some(-120));
        for bad in ["", "x", "99999", "1.5", "+-3"] {
            assert_eq!(offset(bad), None, "{bad}");
        }
    }
}
