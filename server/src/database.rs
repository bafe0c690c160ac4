//! The configured database: where it is, whether it exists, and how it is opened.

use crate::config::Config;
use crate::data_dir;
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
