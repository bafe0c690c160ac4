//! Steps that load the assets of a page.

use super::report::Problem;
use super::web::Web;
use reqwest::Method;
use reqwest::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap,
};

/// Smaller files need no compression, in bytes.
const SMALL: usize = 4 * 1024;

/// Checks each asset; returns the steps with their results.
pub(super) async fn files(web: &Web, page: &str) -> Vec<(&'static str, Result<(), Problem>)> {
    let mut found = Vec::new();
    for (step, ending, kind) in [
        ("The style sheet loads", ".css", "text/css"),
        ("The script loads", ".js", "text/javascript"),
        ("The WASM loads", ".wasm", "application/wasm"),
    ] {
        let file = match path(page, ending) {
            Some(path) => file(web, path, kind).await,
            None => Err(Problem::new(
                format!("the page refers to no {ending} file"),
                "a proxy changes pages, or the server was built without its site",
            )
            .change("cargo leptos build --release")),
        };
        found.push((step, file));
    }
    found
}

/// The first path below `/pkg/` with this extension in the page.
fn path<'a>(page: &'a str, ending: &str) -> Option<&'a str> {
    page.match_indices("/pkg/").find_map(|(at, _)| {
        let rest = &page[at..];
        let path = &rest[..rest.find(['"', '\'', ' ', '>'])?];
        path.ends_with(ending).then_some(path)
    })
}

async fn file(web: &Web, path: &str, kind: &str) -> Result<(), Problem> {
    let request = web.request(Method::GET, path).header(ACCEPT_ENCODING, "br, gzip");
    let answer = web.send(request).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    if status == 404 {
        return Err(Problem::new(
            format!("{path} is not found"),
            "the server was built without its site, or the proxy serves this path itself",
        )
        .change("nginx: no location of its own for /pkg/")
        .change("cargo leptos build --release"));
    }
    if !status.is_success() {
        return Err(web.refused(status, None, ""));
    }
    let body = answer.bytes().await.map_err(|error| super::web::lost(&error))?;
    let shown = text(&headers, CONTENT_TYPE.as_str());
    if !shown.starts_with(kind) {
        return Err(Problem::new(
            format!("{path} has the content type `{shown}` instead of {kind}, and browsers reject it"),
            "the proxy sets its own content type, or serves another file",
        )
        .change(format!("nginx: types {{ {kind} {}; }}", path.rsplit('.').next().unwrap_or_default())));
    }
    kept(path, &headers)?;
    packed(path, &headers, body.len())
}

/// Checks that a file with a hash in its name may be cached for good.
fn kept(path: &str, headers: &HeaderMap) -> Result<(), Problem> {
    let is_hashed = path.split('.').count() > 2;
    let fresh = text(headers, CACHE_CONTROL.as_str());
    if !is_hashed || fresh.contains("immutable") {
        return Ok(());
    }
    Err(Problem::new(
        format!("{path} is not cached for good (`cache-control: {fresh}`)"),
        "the proxy sets a Cache-Control of its own",
    )
    .change("nginx: no expires and no add_header Cache-Control for /pkg/")
    .warning())
}

/// Checks that a file is compressed. Only release builds compress.
fn packed(path: &str, headers: &HeaderMap, length: usize) -> Result<(), Problem> {
    let is_packed = headers.contains_key(CONTENT_ENCODING);
    let whole = text(headers, CONTENT_LENGTH.as_str()).parse().unwrap_or(length);
    if is_packed || whole < SMALL {
        return Ok(());
    }
    Err(Problem::new(
        format!("{path} is not compressed, {} KiB", whole / 1024),
        "the proxy removes the Accept-Encoding header",
    )
    .change("nginx: no proxy_set_header Accept-Encoding \"\";")
    .warning())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn asset_paths_are_found_in_a_page() {
        let page = r#"<link rel="stylesheet" href="/pkg/rapport.Ab.css"><script>import x from "/pkg/rapport.Cd.js"; "/pkg/a.wasm"</script>"#;
        assert_eq!(path(page, ".css"), Some("/pkg/rapport.Ab.css"));
        assert_eq!(path(page, ".js"), Some("/pkg/rapport.Cd.js"));
        assert_eq!(path(page, ".wasm"), Some("/pkg/a.wasm"));
        assert_eq!(path("<p>/pkg/", ".css"), None);
    }
}
