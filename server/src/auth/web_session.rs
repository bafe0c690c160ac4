//! Web sessions: the cookie session of a browser (tower-sessions), stored in the table of sign-ins.

use crate::config::AllowedOrigins;
use crate::error::HttpError;
use app::EMBED_BASES;
use async_trait::async_trait;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use chat::ChatService;
use chat::account::Identity;
use chat::audit::{AuditAction, AuditEvent, AuditOutcome, client_address};
use chat::store::{Account, Store, StoredSignIn};
use protocol::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tower_sessions::cookie::{Cookie, SameSite};
use tower_sessions::session::{Error, Id, Record};
use tower_sessions::session_store::{self, SessionStore};
use tower_sessions::{Expiry, Session, SessionManagerLayer};

/// Name of the session cookie over plain HTTP.
pub(crate) const COOKIE: &str = "rapport";
/// Name of the session cookie over TLS. Browsers accept a `__Host-` cookie only over TLS, for this host and all paths.
pub(crate) const COOKIE_OVER_TLS: &str = "__Host-rapport";

/// Name of the session cookie of embedded pages over plain HTTP.
const EMBEDDED_COOKIE: &str = "rapport-embed";
/// Name of the session cookie of embedded pages over TLS. The name alone keeps the two apart: a `__Host-` cookie is sent to all paths,
/// and pages outside of `/embed` do not read this one.
const EMBEDDED_COOKIE_OVER_TLS: &str = "__Host-rapport-embed";

const KEY: &str = "who";
const LIFETIME: Duration = Duration::days(30);
/// The time of last use is written at most this often.
const USE_RECORD_INTERVAL_SECONDS: i64 = 300;

/// Session data of a signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SessionData {
    user: UserId,
    /// The account's `ver` at sign-in; the session is invalid once the account has another.
    ver: i64,
    /// When the session was last written, in seconds since 1970. Each use extends the session, but not each is written.
    #[serde(default)]
    used: i64,
    /// Browser and system at sign-in, for the list of sign-ins.
    #[serde(default)]
    device: String,
}

/// Name of the session cookie of this server.
pub(crate) fn cookie_name(origins: &AllowedOrigins) -> &'static str {
    if origins.is_https() { COOKIE_OVER_TLS } else { COOKIE }
}

/// Name of the session cookie of embedded pages of this server.
pub(crate) fn embedded_cookie_name(origins: &AllowedOrigins) -> &'static str {
    if origins.is_https() { EMBEDDED_COOKIE_OVER_TLS } else { EMBEDDED_COOKIE }
}

/// Like [`layer`], for the pages in frames of other sites. [`correct_cookies`] adds `Partitioned`.
pub(crate) fn embedded_layer(
    origins: &AllowedOrigins,
    store: Arc<dyn Store>,
) -> SessionManagerLayer<WebSessionStore> {
    SessionManagerLayer::new(WebSessionStore(store))
        .with_name(embedded_cookie_name(origins))
        // Browsers take it on `http://localhost`, too, and none without it.
        .with_secure(true)
        .with_same_site(SameSite::None)
        .with_http_only(true)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(LIFETIME))
}

/// The layer that reads and sets the session cookie. A visitor without session data gets no cookie.
pub(crate) fn layer(origins: &AllowedOrigins, store: Arc<dyn Store>) -> SessionManagerLayer<WebSessionStore> {
    SessionManagerLayer::new(WebSessionStore(store))
        .with_name(cookie_name(origins))
        .with_secure(origins.is_https())
        .with_same_site(SameSite::Lax)
        .with_http_only(true)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(LIFETIME))
}

/// Corrects the lines that the session layer writes for the session cookie.
///
/// - Requests of scripts (`/api`, `/rpc`, `/ws`) neither set nor remove it: the answer to a request under way, which began with a
///   session that has ended, would replace the cookie of a sign-in in another tab meanwhile. Pages and forms do both.
/// - A removal gets the attributes that the cookie was set with. The session layer leaves them out, and browsers ignore a
///   `__Host-` cookie without `Secure`, so that the ended one would stay.
pub(crate) async fn correct_cookies(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let path = EMBED_BASES.iter().find_map(|base| path.strip_prefix(base)).unwrap_or(path);
    let by_script = ["/api/", "/rpc/", "/ws/"].iter().any(|prefix| path.starts_with(prefix));
    let mut response = next.run(request).await;
    let lines: Vec<HeaderValue> = response.headers().get_all(header::SET_COOKIE).iter().cloned().collect();
    response.headers_mut().remove(header::SET_COOKIE);
    for line in lines {
        match session_cookie(&line) {
            Some(_) if by_script => {}
            Some(cookie) if cookie.value().is_empty() => append_cookie(&mut response, removal(cookie)),
            Some(cookie) if is_embedded(&cookie) => append_cookie(&mut response, partitioned(cookie)),
            _ => {
                response.headers_mut().append(header::SET_COOKIE, line);
            }
        }
    }
    response
}

/// The session cookie that a line of `Set-Cookie` sets or removes.
fn session_cookie(line: &HeaderValue) -> Option<Cookie<'static>> {
    let cookie = Cookie::parse(line.to_str().ok()?.to_owned()).ok()?;
    let is_ours = [COOKIE, COOKIE_OVER_TLS].contains(&cookie.name()) || is_embedded(&cookie);
    is_ours.then_some(cookie)
}

fn is_embedded(cookie: &Cookie<'_>) -> bool {
    [EMBEDDED_COOKIE, EMBEDDED_COOKIE_OVER_TLS].contains(&cookie.name())
}

/// The cookie for one site around the frame alone (CHIPS), which browsers accept where they block other third-party cookies.
fn partitioned(mut cookie: Cookie<'static>) -> Cookie<'static> {
    cookie.set_secure(true);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::None);
    cookie.set_partitioned(true);
    cookie
}

fn removal(mut cookie: Cookie<'static>) -> Cookie<'static> {
    if is_embedded(&cookie) {
        return partitioned(cookie);
    }
    cookie.set_secure(cookie.name() == COOKIE_OVER_TLS);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie
}

fn append_cookie(response: &mut Response, cookie: Cookie<'static>) {
    if let Ok(line) = cookie.to_string().parse() {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

/// Signs a browser in. The session id changes, against session fixation.
pub(crate) async fn sign_in(session: &Session, account: &Account, device: String) -> Result<(), Error> {
    session.cycle_id().await?;
    session
        .insert(KEY, SessionData { user: account.person.id, ver: account.ver, used: unix_seconds(), device })
        .await?;
    // Saved before the response, so that the next request finds the session.
    session.save().await
}

/// The user of the session, if it is signed in and still valid.
pub(crate) async fn current_user(
    session: &Session,
    chat: &ChatService,
) -> Result<Option<Identity>, WebSessionError> {
    let Some(data) = session.get::<SessionData>(KEY).await? else { return Ok(None) };
    let Some(id) = session.id() else { return Ok(None) };
    let identity = chat.accounts().by_session(&stored_id(id), data.user, data.ver).await?;
    if identity.is_some() && unix_seconds() - data.used >= USE_RECORD_INTERVAL_SECONDS {
        session.insert(KEY, SessionData { used: unix_seconds(), ..data }).await?;
    }
    Ok(identity)
}

/// Whether the session has sign-in data, valid or not.
pub(crate) async fn is_signed_in(session: &Session) -> bool {
    session.get_value(KEY).await.ok().flatten().is_some()
}

/// Why the user of a session cannot be determined.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebSessionError {
    #[error(transparent)]
    Session(#[from] Error),
    #[error(transparent)]
    Chat(#[from] chat::Error),
}

impl From<WebSessionError> for HttpError {
    fn from(error: WebSessionError) -> Self {
        match error {
            WebSessionError::Session(error) => error.into(),
            WebSessionError::Chat(error) => error.into(),
        }
    }
}

/// Updates the session's `ver` after a change of password, so that it stays valid.
pub(crate) async fn renew(session: &Session, account: &Account) -> Result<(), Error> {
    // A client that authenticates by token has no session.
    let Some(data) = session.get::<SessionData>(KEY).await? else { return Ok(()) };
    session.insert(KEY, SessionData { ver: account.ver, used: unix_seconds(), ..data }).await?;
    session.save().await
}

/// Ends the session and removes its cookie.
pub(crate) async fn sign_out(session: &Session) -> Result<(), Error> {
    let data = session.get::<SessionData>(KEY).await?;
    session.flush().await?;
    if let Some(data) = data {
        AuditEvent::new(AuditAction::SignOut, AuditOutcome::Ok).by(data.user).emit();
    }
    Ok(())
}

fn unix_seconds() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// The SHA-256 of a session id: ids in the database cannot be used as cookies.
fn stored_id(id: Id) -> String {
    let digest = Sha256::digest(id.to_string().as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The session store of tower-sessions over [`Store`].
#[derive(Clone)]
pub(crate) struct WebSessionStore(Arc<dyn Store>);

impl fmt::Debug for WebSessionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebSessionStore")
    }
}

fn backend(error: chat::Error) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

fn now() -> Timestamp {
    timestamp(OffsetDateTime::now_utc())
}

fn timestamp(time: OffsetDateTime) -> Timestamp {
    Timestamp(i64::try_from(time.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX))
}

/// The row of a session.
fn stored(record: &Record) -> session_store::Result<StoredSignIn> {
    let session_data =
        record.data.get(KEY).and_then(|value| serde_json::from_value::<SessionData>(value.clone()).ok());
    let data = serde_json::to_string(&record.data)
        .map_err(|error| session_store::Error::Encode(error.to_string()))?;
    Ok(StoredSignIn {
        id: stored_id(record.id),
        user: session_data.as_ref().map(|data| data.user),
        data,
        expires_at: timestamp(record.expiry_date),
        device: session_data.map(|data| data.device).unwrap_or_default(),
        began_at: now(),
        used_at: now(),
        address: client_address(),
    })
}

#[async_trait]
impl SessionStore for WebSessionStore {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        // Ids are 128 random bits; collisions need no check.
        self.0.create_sign_in(stored(record)?).await.map_err(backend)
    }

    /// A session that was ended while the request was under way stays ended.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.0.update_sign_in(stored(record)?).await.map(drop).map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let Some(kept) = self.0.sign_in(&stored_id(*id), now()).await.map_err(backend)? else {
            return Ok(None);
        };
        let data = serde_json::from_str(&kept.data)
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(kept.expires_at.0) * 1_000)
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.0.end_sign_in(&stored_id(*id), now()).await.map_err(backend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat::store::Sqlite;

    #[tokio::test]
    async fn v1_a_session_that_was_ended_stays_ended() {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Sqlite::open(folder.path().join("rapport.db")).await.unwrap());
        let store = WebSessionStore(store);
        let expiry_date = OffsetDateTime::now_utc() + LIFETIME;
        let mut record = Record { id: Id::default(), data: Default::default(), expiry_date };
        store.create(&mut record).await.unwrap();
        record.data.insert("flash".into(), "of the request under way".into());
        store.save(&record).await.unwrap();
        assert_eq!(store.load(&record.id).await.unwrap().unwrap().data, record.data);
        store.delete(&record.id).await.unwrap();
        store.save(&record).await.unwrap();
        assert_eq!(store.load(&record.id).await.unwrap(), None);
    }
}
