//! The bytes of the first load: the page, and all code and style that it names, in brotli.

use crate::api::Api;
use crate::{BoxError, process::Server};
use std::collections::BTreeSet;
use std::path::Path;

/// One part of the first load.
#[derive(Debug)]
pub struct Part {
    /// The path.
    pub path: String,
    /// The content encoding.
    pub encoding: String,
    /// The bytes of the encoded body.
    pub bytes: usize,
}

/// Fetches the page of a conversation, and everything under `/pkg/` that it names.
///
/// # Errors
/// The server could not be started or used, or a part is missing.
pub async fn run(program: &Path) -> Result<Vec<Part>, BoxError> {
    let folder = tempfile::tempdir()?;
    let mut server = Server::new(program, folder.path())?.logging_to(folder.path().join("log"));
    server.start().await?;
    let http = reqwest::Client::new();
    let anna = Api::register(&http, &server.address(), "anna").await?;
    Api::register(&http, &server.address(), "ben").await?;
    let page = format!("/c/{}", anna.open_conversation(&["ben".to_owned()], None).await?);
    let get = |path: &str, encodings: &'static str| {
        let request = http.get(format!("http://{}{path}", server.address())).bearer_auth(&anna.token);
        request.header("accept-encoding", encodings).send()
    };
    let plain = get(&page, "identity").await?.error_for_status()?.text().await?;
    let mut paths: BTreeSet<String> = plain
        .match_indices("/pkg/")
        .map(|(at, _)| {
            plain[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || "/._-".contains(*c)).collect()
        })
        .collect();
    paths.insert(page);
    let mut parts = Vec::new();
    for path in paths {
        let answer = get(&path, "br").await?.error_for_status()?;
        let encoding =
            answer.headers().get("content-encoding").and_then(|value| value.to_str().ok()).unwrap_or("none");
        let encoding = encoding.to_owned();
        parts.push(Part { path, encoding, bytes: answer.bytes().await?.len() });
    }
    Ok(parts)
}
