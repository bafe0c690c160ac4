//! What a server and the commands beside it stand on: the folder, the secret, the database.

use crate::config::Config;
use crate::data;
use crate::listener::ListenError;
use chat::account::Accounts;
use chat::store::{Sqlite, Store};
use chat::{Clock, SystemClock};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a server or a command cannot go on, in words.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The data folder.
    #[error(transparent)]
    Data(#[from] data::DataError),
    /// The address of the metrics.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The domain, or its database.
    #[error(transparent)]
    Chat(#[from] chat::Error),
}

/// The open database with its secret.
pub(crate) struct Ground {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) secret: Vec<u8>,
}

/// The database of a data folder.
pub(crate) fn database(data: &Path) -> PathBuf {
    data.join("rapport.db")
}

impl Ground {
    pub(crate) async fn open(config: &Config) -> Result<Self, Fault> {
        data::make(&config.data)?;
        let secret = match &config.secret {
            Some(secret) => secret.clone().into_bytes(),
            None => data::secret(&config.data)?,
        };
        let store: Arc<dyn Store> = match &config.database_url {
            Some(url) => Arc::new(Sqlite::open_url(url).await?),
            None => Arc::new(Sqlite::open(database(&config.data)).await?),
        };
        Ok(Self { store, clock: Arc::new(SystemClock), secret })
    }

    pub(crate) fn accounts(&self, config: &Config) -> Accounts {
        Accounts::new(Arc::clone(&self.store), Arc::clone(&self.clock), &config.limits, &self.secret)
    }
}
