//! Browsers' sessions: the library's cookie and record, kept where sign-ins are kept.

use crate::state::AppState;
use async_trait::async_trait;
use chat::account::Identity;
use chat::audit::{Act, Ended, Note, client_address};
use chat::store::{Account, Store, StoredSession};
use protocol::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Error, Id, Record};
use tower_sessions::session_store::{self, SessionStore};
use tower_sessions::{Expiry, Session, SessionManagerLayer};

const KEY: &str = "who";
const LIFE: Duration = Duration::days(30);
/// That a session is used is written this often at most, in seconds.
const USED_EVERY: i64 = 300;

/// What a session says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SessionData {
    user: UserId,
    /// The account's `ver` at sign-in.
    ver: i64,
    /// When it was last kept, in seconds since 1970: its life begins anew with a use, but it is not written for each.
    #[serde(default)]
    used: i64,
    /// What it was made on.
    #[serde(default)]
    device: String,
}

/// The layer that reads and sets the cookie. Somebody who only looks gets none.
pub(crate) fn layer(state: &AppState, store: Arc<dyn Store>) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions(store))
        .with_name(state.cookie())
        .with_secure(state.ours.is_https())
        .with_same_site(SameSite::Lax)
        .with_http_only(true)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(LIFE))
}

/// Signs a browser in. Its id changes, so that one planted before is worth nothing.
pub(crate) async fn sign_in(session: &Session, account: &Account, device: String) -> Result<(), Error> {
    session.cycle_id().await?;
    session
        .insert(KEY, SessionData { user: account.person.id, ver: account.ver, used: seconds(), device })
        .await?;
    // At once: whatever the browser asks next finds it.
    session.save().await
}

/// Who the browser is, if it is signed in and that still holds.
pub(crate) async fn current(session: &Session, state: &AppState) -> Result<Option<Identity>, CurrentError> {
    let Some(data) = session.get::<SessionData>(KEY).await? else { return Ok(None) };
    let Some(id) = session.id() else { return Ok(None) };
    let identity = state.chat.accounts().by_session(&kept_as(id), data.user, data.ver).await?;
    if identity.is_some() && seconds() - data.used >= USED_EVERY {
        session.insert(KEY, SessionData { used: seconds(), ..data }).await?;
    }
    Ok(identity)
}

/// Whether the browser says that it is signed in, true or not.
pub(crate) async fn is_signed_in(session: &Session) -> bool {
    session.get_value(KEY).await.ok().flatten().is_some()
}

/// Why it is not known who the browser is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CurrentError {
    #[error(transparent)]
    Session(#[from] Error),
    #[error(transparent)]
    Chat(#[from] chat::Error),
}

impl From<CurrentError> for crate::http::error::Refusal {
    fn from(error: CurrentError) -> Self {
        match error {
            CurrentError::Session(error) => error.into(),
            CurrentError::Chat(error) => error.into(),
        }
    }
}

/// After a change of password: the session goes on with the new `ver`.
pub(crate) async fn renew(session: &Session, account: &Account) -> Result<(), Error> {
    // A program that changed the password has none.
    let Some(data) = session.get::<SessionData>(KEY).await? else { return Ok(()) };
    session.insert(KEY, SessionData { ver: account.ver, used: seconds(), ..data }).await?;
    session.save().await
}

/// Ends the browser's session.
pub(crate) async fn sign_out(session: &Session) -> Result<(), Error> {
    let data = session.get::<SessionData>(KEY).await?;
    session.flush().await?;
    if let Some(data) = data {
        Note::new(Act::SignOut, Ended::Ok).by(data.user).tell();
    }
    Ok(())
}

fn seconds() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// Who can read the database finds no session that can be used.
fn kept_as(id: Id) -> String {
    let digest = Sha256::digest(id.to_string().as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The library's store, over ours.
#[derive(Clone)]
pub(crate) struct Sessions(Arc<dyn Store>);

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

fn backend(error: chat::Error) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

fn now() -> Timestamp {
    moment(OffsetDateTime::now_utc())
}

fn moment(time: OffsetDateTime) -> Timestamp {
    Timestamp(i64::try_from(time.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX))
}

#[async_trait]
impl SessionStore for Sessions {
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let session_data =
            record.data.get(KEY).and_then(|value| serde_json::from_value::<SessionData>(value.clone()).ok());
        let data = serde_json::to_string(&record.data)
            .map_err(|error| session_store::Error::Encode(error.to_string()))?;
        let session = StoredSession {
            id: kept_as(record.id),
            user: session_data.as_ref().map(|data| data.user),
            data,
            expires_at: moment(record.expiry_date),
            device: session_data.map(|data| data.device).unwrap_or_default(),
            began_at: now(),
            used_at: now(),
            address: client_address(),
        };
        self.0.save_session(session).await.map_err(backend)
    }

    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        // 128 random bits: two that are alike do not happen.
        self.save(record).await
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let Some(kept) = self.0.session(&kept_as(*id), now()).await.map_err(backend)? else {
            return Ok(None);
        };
        let data = serde_json::from_str(&kept.data)
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(kept.expires_at.0) * 1_000)
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.0.end_session(&kept_as(*id), now()).await.map_err(backend)
    }
}
