//! The configured database: where it is, whether it exists, and how it is opened.

use crate::backend::ServerError;
use crate::config::Config;
use crate::data_dir;
use crate::file_lock::FileLock;
use chat::store::{Postgres, Sqlite, Store};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Place of the database.
#[derive(Debug)]
pub(crate) enum Location {
    /// The URL of a Postgres database.
    Postgres(String),
    /// The file of a SQLite database.
    File(PathBuf),
}

impl Location {
    /// The configured place: by default the file in the data directory.
    ///
    /// # Errors
    /// The URL names no file.
    pub(crate) fn of(config: &Config) -> chat::Result<Self> {
        Ok(match &config.database_url {
            Some(url) if Postgres::is_url(url) => Self::Postgres(url.clone()),
            Some(url) => Self::File(Sqlite::path_of(url)?),
            None => Self::File(data_dir::database_path(&config.data)),
        })
    }

    /// Keeps other servers off a database file, which is created if it is missing. Several servers may share Postgres.
    /// Has to be called before this process opens the database.
    ///
    /// # Errors
    /// Another server has locked it, or it cannot be created.
    pub(crate) async fn lock(&self) -> Result<Option<FileLock>, ServerError> {
        match self {
            Self::Postgres(_) => Ok(None),
            Self::File(path) => {
                Sqlite::create(path).await?;
                Ok(Some(data_dir::lock_database(path)?))
            }
        }
    }

    /// Opens the database, or creates it.
    pub(crate) async fn open(&self) -> chat::Result<Arc<dyn Store>> {
        Ok(match self {
            Self::Postgres(url) => Arc::new(Postgres::open_url(url).await?),
            Self::File(path) => Arc::new(Sqlite::open(path).await?),
        })
    }

    /// Opens a database that exists; `None` if it does not.
    pub(crate) async fn open_existing(&self) -> chat::Result<Option<Arc<dyn Store>>> {
        Ok(match self {
            Self::Postgres(url) => Postgres::open_existing(url).await?.map(|store| Arc::new(store) as _),
            Self::File(path) => Sqlite::open_existing(path).await?.map(|store| Arc::new(store) as _),
        })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(url) => f.write_str(&Postgres::place(url).unwrap_or_else(|| "Postgres".into())),
            Self::File(path) => path.display().fmt(f),
        }
    }
}
