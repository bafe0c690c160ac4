//! Errors inside the stores. They become [`crate::Error`] where a store answers.

mod postgres;
mod sqlite;

pub(super) use sqlite::is_busy;

use protocol::{ErrorBody, ErrorCode};
use sqlx::migrate::MigrateError;

/// Error of a statement or a transaction.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The request is refused; the transaction is intact.
    #[error("refused: {0}")]
    Refused(ErrorBody),
    /// The connection is lost, or could not be opened.
    #[error("no connection to the database: {0}")]
    Lost(#[source] sqlx::Error),
    /// Two transactions collided. Nothing was written, and a retry can succeed.
    #[error("two transactions collided: {0}")]
    Collision(String),
    /// The database did not answer in time.
    #[error("the database does not answer: {0}")]
    Timeout(&'static str),
    /// The database refuses for now, for example because a disk is full. The connection is intact.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A bug in this program, or a damaged database.
    #[error("{0}")]
    Internal(String),
    /// The database is missing, or this version of the program cannot use it or its server.
    #[error("{0}")]
    Unsupported(String),
}

/// Result inside the stores.
pub(crate) type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    /// The error for whatever the user may not see, or does not exist.
    pub(crate) fn not_found() -> Self {
        ErrorCode::NotFound.into()
    }

    /// The error for a row whose existence is an invariant.
    pub(crate) fn missing(what: &str) -> Self {
        Self::Internal(format!("no row where one must be: {what}"))
    }

    /// Whether a retry can succeed without a change to the program.
    pub(crate) fn is_transient(&self) -> bool {
        !matches!(self, Self::Refused(_) | Self::Internal(_) | Self::Unsupported(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => Self::Lost(error),
            sqlx::Error::PoolTimedOut => Self::Timeout("no free connection in time"),
            sqlx::Error::PoolClosed => Self::Unavailable(error.to_string()),
            sqlx::Error::Database(database) => {
                let code = database.code().unwrap_or_default();
                if database.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
                    postgres::classify(&code)(error)
                } else {
                    sqlite::classify(&code)(error)
                }
            }
            _ => Self::Internal(error.to_string()),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => Self::Unsupported(format!(
                "the database belongs to a newer version of Rapport (its migration {version} is unknown here): start that one"
            )),
            MigrateError::Execute(error) => error.into(),
            error => Self::Internal(format!("migrating the database: {error}")),
        }
    }
}

impl From<ErrorBody> for StoreError {
    fn from(body: ErrorBody) -> Self {
        Self::Refused(body)
    }
}

impl From<ErrorCode> for StoreError {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code.into())
    }
}

impl From<StoreError> for crate::Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(body) => Self::Refused(body),
            StoreError::Internal(cause) => Self::Internal(cause),
            StoreError::Unsupported(cause) => Self::Unsupported(cause),
            transient => Self::Unavailable(transient.to_string()),
        }
    }
}
