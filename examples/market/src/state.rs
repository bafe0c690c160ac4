//! What all requests share.

use crate::config::Config;
use crate::data::Data;
use crate::mail::Mailbox;
use crate::rapport::Rapport;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tower_cookies::Key;

/// Handle to the market, cheap to clone.
#[derive(Clone)]
pub(crate) struct AppState(Arc<Shared>);

/// The parts of the market.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) rapport: Rapport,
    pub(crate) mailbox: Mailbox,
    /// Signs the session cookies. It is new at each start, which ends all sessions.
    pub(crate) cookie_key: Key,
    data: Mutex<Data>,
}

impl AppState {
    /// Builds a new market; fails if the folder of e-mails cannot be made, or TLS not be set up.
    pub(crate) fn new(config: Config) -> Result<Self, Box<dyn std::error::Error>> {
        Ok(Self(Arc::new(Shared {
            rapport: Rapport::new(&config)?,
            mailbox: Mailbox::new(config.mail.clone())?,
            cookie_key: Key::generate(),
            data: Mutex::new(Data::new()),
            config,
        })))
    }
}

impl std::ops::Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Shared {
    /// The data, locked.
    pub(crate) fn data(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
