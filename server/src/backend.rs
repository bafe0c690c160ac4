//! The backend that the server and the other commands share: data directory, secret, database, bus.

use crate::config::Config;
use crate::data_dir;
use crate::net::listener::ListenError;
use chat::account::Accounts;
use chat::bus::{Bus, Local, Redis};
use chat::store::{Postgres, Sqlite, Store};
use chat::{Clock, Supervisor, SystemClock};
use std::sync::Arc;
use uuid::Uuid;

/// Why the server or a command cannot run, as a message for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Data(#[from] data_dir::DataDirError),
    /// The address of the metrics cannot be bound.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The domain or its database failed.
    #[error(transparent)]
    Chat(#[from] chat::Error),
    /// A background task failed, and the server stopped because of it.
    #[error("stopped because the background task \"{0}\" failed; the log says why")]
    TaskFailed(&'static str),
}

/// The open database, the clock and the secret.
pub(crate) struct Backend {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) secret: Vec<u8>,
}

impl Backend {
    /// Opens the configured database and loads the secret.
    pub(crate) async fn open(config: &Config) -> Result<Self, ServerError> {
        data_dir::create(&config.data)?;
        let store: Arc<dyn Store> = match &config.database_url {
            Some(url) if Postgres::is_url(url) => Arc::new(Postgres::open_url(url).await?),
            Some(url) => Arc::new(Sqlite::open_url(url).await?),
            None => Arc::new(Sqlite::open(data_dir::database_path(&config.data)).await?),
        };
        let secret = secret(config, &*store).await?;
        Ok(Self { store, clock: Arc::new(SystemClock), secret })
    }

    /// The bus between nodes: Redis if it is configured, else local. A random name in the database keeps installations that
    /// share a Redis apart.
    pub(crate) async fn bus(
        &self,
        config: &Config,
        supervisor: &Supervisor,
    ) -> Result<Arc<dyn Bus>, ServerError> {
        let Some(url) = &config.redis_url else { return Ok(Arc::new(Local::new())) };
        let name = self.store.shared("installation", &Uuid::new_v4().to_string()).await?;
        Ok(Arc::new(Redis::start(url, &name, supervisor)?))
    }

    /// The account service, for commands that run without a server.
    pub(crate) fn accounts(&self, config: &Config) -> Accounts {
        Accounts::new(Arc::clone(&self.store), Arc::clone(&self.clock), &config.limits, &self.secret)
    }
}

/// The secret that signs tokens: the configured one; else, on Postgres, one in the database that all nodes share; else one
/// in the data directory.
async fn secret(config: &Config, store: &dyn Store) -> Result<Vec<u8>, ServerError> {
    let shared = config.database_url.as_deref().is_some_and(Postgres::is_url);
    Ok(match &config.secret {
        Some(secret) => secret.clone().into_bytes(),
        None if shared => store.shared("secret", &data_dir::generate_secret()?).await?.into_bytes(),
        None => data_dir::load_or_create_secret(&config.data)?,
    })
}
