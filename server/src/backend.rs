//! The backend that the server and the other commands share: data directory, secret, database, bus.

use crate::config::Config;
use crate::data_dir;
use crate::database::Location;
use crate::file_lock::FileLock;
use crate::net::listener::ListenError;
use chat::account::Accounts;
use chat::bus::{Bus, Local, Redis};
use chat::store::{Sqlite, Store};
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
    /// A command needs an installation, and there is none.
    #[error(
        "there is no installation here: {0} does not exist or is empty. Name the server's data folder (--data, RAPPORT_DATA) and \
         database (RAPPORT_DATABASE_URL). `rapport serve` and `rapport user add --create NAME` create an installation"
    )]
    NoInstallation(String),
    /// The domain or its database failed.
    #[error(transparent)]
    Chat(#[from] chat::Error),
    /// A background task failed, and the server stopped because of it.
    #[error("stopped because the background task \"{0}\" failed; the log says why")]
    TaskFailed(&'static str),
}

impl ServerError {
    /// Whether other flags or settings would avoid the error, and a restart would not.
    pub(crate) fn refuses(&self) -> bool {
        use data_dir::DataDirError::{BadSecret, InUse};
        matches!(
            self,
            Self::Listen(_)
                | Self::NoInstallation(_)
                | Self::Chat(chat::Error::Unsupported(_))
                | Self::Data(InUse { .. } | BadSecret(_))
        )
    }
}

/// The open database, the clock and the secret.
pub(crate) struct Backend {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) secret: Vec<u8>,
}

impl Backend {
    /// Keeps other servers off the database file, which is created if it is missing. Several servers may share Postgres. Has to be
    /// called before this process opens the database.
    ///
    /// # Errors
    /// Another server has locked it, or it cannot be created.
    pub(crate) async fn lock_database(config: &Config) -> Result<Option<FileLock>, ServerError> {
        match Location::of(config)? {
            Location::Postgres(_) => Ok(None),
            Location::File(path) => {
                Sqlite::create(&path).await?;
                Ok(Some(data_dir::lock_database(&path)?))
            }
        }
    }

    /// Opens the configured database and loads the secret. Creates what is missing.
    pub(crate) async fn create(config: &Config) -> Result<Self, ServerError> {
        data_dir::create(&config.data)?;
        let location = Location::of(config)?;
        let store = location.open().await?;
        let secret = match (&config.secret, &location) {
            (Some(secret), _) => secret.clone().into_bytes(),
            (None, Location::Postgres(_)) => shared_secret(&*store).await?,
            (None, Location::File(_)) => data_dir::load_or_create_secret(&config.data)?,
        };
        Ok(Self { store, clock: Arc::new(SystemClock), secret })
    }

    /// Like [`Self::create`], for commands: creates nothing.
    ///
    /// # Errors
    /// [`ServerError::NoInstallation`] if the database or the secret is missing.
    pub(crate) async fn open(config: &Config) -> Result<Self, ServerError> {
        let location = Location::of(config)?;
        let missing = |place: &dyn std::fmt::Display| ServerError::NoInstallation(place.to_string());
        let store = location.open_existing().await?.ok_or_else(|| missing(&location))?;
        let secret = match (&config.secret, &location) {
            (Some(secret), _) => secret.clone().into_bytes(),
            (None, Location::Postgres(_)) => shared_secret(&*store).await?,
            (None, Location::File(_)) => {
                let path = data_dir::secret_path(&config.data);
                data_dir::load_secret(&config.data)?.ok_or_else(|| missing(&path.display()))?
            }
        };
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

/// The secret that all nodes of a Postgres database share: the first one creates it there.
async fn shared_secret(store: &dyn Store) -> Result<Vec<u8>, ServerError> {
    Ok(store.shared("secret", &data_dir::generate_secret()?).await?.into_bytes())
}
