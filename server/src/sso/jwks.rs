//! Public keys from a file or URL, kept in memory.

use super::SsoError;
use super::keys::KeySet;
use chat::contain;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Time for a request, with its answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Least time between two reads.
const MIN_INTERVAL: Duration = Duration::from_secs(60);
/// Least time between two attempts while there are no keys.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// Age from which on the keys are read again, so that a key which the product withdrew ends.
const MAX_AGE: Duration = Duration::from_secs(3_600);
/// Maximum size of a document, in bytes.
const MAX_DOCUMENT: usize = 64 * 1024;

/// The public keys of a product.
pub(super) struct Jwks {
    source: Arc<Source>,
    // Requests wait for one that reads: there is at most one of each product.
    state: Arc<Mutex<State>>,
}

enum Source {
    File(PathBuf),
    Url(String),
}

#[derive(Default)]
struct State {
    keys: Option<Arc<KeySet>>,
    /// The last attempt to read.
    tried: Option<Instant>,
    /// The last attempt failed, or goes on.
    has_failed: bool,
}

impl Jwks {
    pub(super) fn file(path: PathBuf) -> Self {
        Self { source: Arc::new(Source::File(path)), state: Arc::default() }
    }

    pub(super) fn url(url: String) -> Self {
        Self { source: Arc::new(Source::Url(url)), state: Arc::default() }
    }

    /// The keys. Reads them if none has this `kid`, or they are old, but at most once a minute; after a failure the earlier ones
    /// remain, and the next attempt is a minute later.
    pub(super) async fn with(&self, kid: Option<&str>) -> Result<Arc<KeySet>, SsoError> {
        let mut state = Arc::clone(&self.state).lock_owned().await;
        let age = state.tried.map(|tried| tried.elapsed());
        let is_due = match (&state.keys, age) {
            (_, None) => true,
            (None, Some(age)) => age >= RETRY_INTERVAL,
            (Some(keys), Some(age)) => {
                age >= MAX_AGE || (age >= MIN_INTERVAL && (state.has_failed || !keys.has(kid)))
            }
        };
        if !is_due {
            return state.keys.clone().ok_or(SsoError::Unavailable);
        }
        (state.tried, state.has_failed) = (Some(Instant::now()), true);
        let source = Arc::clone(&self.source);
        // In a task of its own: a client that goes away does not end the read for all others.
        let read = tokio::spawn(contain("keys of single sign-on", async move {
            match source.read().await {
                Ok(keys) => (state.keys, state.has_failed) = (Some(Arc::new(keys)), false),
                Err(cause) => tracing::warn!(cause, "the keys of single sign-on cannot be read"),
            }
            state.keys.clone()
        }));
        read.await.ok().flatten().flatten().ok_or(SsoError::Unavailable)
    }
}

impl Source {
    async fn read(&self) -> Result<KeySet, String> {
        let text = match self {
            Self::File(path) => std::fs::read_to_string(path).map_err(|error| error.to_string())?,
            Self::Url(url) => fetch(url).await?,
        };
        KeySet::parse(&text).map_err(str::to_owned)
    }
}

async fn fetch(url: &str) -> Result<String, String> {
    let text = |error: reqwest::Error| error.to_string();
    let client = reqwest::Client::builder()
        .user_agent(concat!("Rapport/", env!("CARGO_PKG_VERSION")))
        .timeout(TIMEOUT)
        // The keys decide who signs in: they come from the configured place alone.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(text)?;
    let mut answer = client.get(url).send().await.map_err(text)?;
    if answer.status() != reqwest::StatusCode::OK {
        return Err(format!("{url} answered {}", answer.status()));
    }
    let mut document = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(text)? {
        if document.len() + chunk.len() > MAX_DOCUMENT {
            return Err(format!("{url} has more than {MAX_DOCUMENT} bytes"));
        }
        document.extend_from_slice(&chunk);
    }
    String::from_utf8(document).map_err(|_| format!("{url} is not text"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    const KEYS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    #[tokio::test]
    async fn x2_a_client_that_goes_away_does_not_end_the_read() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let jwks = Jwks::url(format!("http://{}/jwks", listener.local_addr().unwrap()));
        // The first client waits until the product is asked, and closes its connection.
        let (mut asked, _) = tokio::select! {
            accepted = listener.accept() => accepted.unwrap(),
            keys = jwks.with(Some("1")) => panic!("nobody answered: {:?}", keys.is_ok()),
        };
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{KEYS}", KEYS.len());
        let product = async move {
            let _ = asked.read(&mut [0; 1_024]).await.unwrap();
            asked.write_all(answer.as_bytes()).await.unwrap();
            asked
        };
        let (keys, _asked) = tokio::join!(jwks.with(Some("1")), product);
        assert!(keys.unwrap().has(Some("1")));
    }
}
