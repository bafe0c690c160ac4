//! What a server and the commands beside it stand on: the folder, the secret, the database.

use crate::config::Config;
use crate::data_dir;
use crate::net::listener::ListenError;
use chat::account::Accounts;
use chat::bus::{Bus, Local, Redis};
use chat::store::{Postgres, Sqlite, Store};
use chat::{Clock, SystemClock};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Why a server or a command cannot go on, in words.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The data folder.
    #[error(transparent)]
    Data(#[from] data_dir::DataError),
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
        data_dir::make(&config.data)?;
        let store: Arc<dyn Store> = match &config.database_url {
            Some(url) if Postgres::is_url(url) => Arc::new(Postgres::open_url(url).await?),
            Some(url) => Arc::new(Sqlite::open_url(url).await?),
            None => Arc::new(Sqlite::open(database(&config.data)).await?),
        };
        let secret = secret(config, &*store).await?;
        Ok(Self { store, clock: Arc::new(SystemClock), secret })
    }

    /// What carries changes between nodes, if there are to be several. Installations on one Redis are told apart by a
    /// name that is in the database.
    pub(crate) async fn bus(&self, config: &Config, stop: &CancellationToken) -> Result<Arc<dyn Bus>, Fault> {
        let Some(url) = &config.redis_url else { return Ok(Arc::new(Local::new())) };
        let name = self.store.shared("installation", &Uuid::new_v4().to_string()).await?;
        Ok(Arc::new(Redis::start(url, &name, stop.clone())?))
    }

    pub(crate) fn accounts(&self, config: &Config) -> Accounts {
        Accounts::new(Arc::clone(&self.store), Arc::clone(&self.clock), &config.limits, &self.secret)
    }
}

/// What signs tokens and cookies. Nodes on one Postgres share one that is in it, made by the first of them; a database
/// in a file has it beside itself.
async fn secret(config: &Config, store: &dyn Store) -> Result<Vec<u8>, Fault> {
    let shared = config.database_url.as_deref().is_some_and(Postgres::is_url);
    Ok(match &config.secret {
        Some(secret) => secret.clone().into_bytes(),
        None if shared => store.shared("secret", &data_dir::random()?).await?.into_bytes(),
        None => data_dir::secret(&config.data)?,
    })
}
