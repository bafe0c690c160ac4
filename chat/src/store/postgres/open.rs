//! Opens the database: address, settings, version, migrations.

use super::Postgres;
use super::circuit_breaker::CircuitBreaker;
use super::connect::connect;
use super::connections::{Connections, READERS, WRITERS};
use super::shared_sql::person_words;
use crate::store::error::{Result, StoreError};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// The oldest supported major version of Postgres; its own project supports no older one.
const OLDEST: u32 = 13;
/// How long to wait for a database that is just starting.
const STARTING: Duration = Duration::from_secs(10);

pub(super) static MIGRATOR: Migrator = sqlx::migrate!("migrations/postgres");

/// The query parameters that a URL may have.
const PARAMETERS: [&str; 16] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
];

// A migration has no time limit.
const UNHURRIED: &str =
    "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0";

fn options(url: &str) -> Result<PgConnectOptions, String> {
    const SHAPE: &str = "write postgres://user:password@host:5432/database, \
        with %23 for # and the like in the password (%40 for @, %2F for /, %3F for ?, %3A for :)";
    if !Postgres::is_url(url) || url.contains('#') {
        return Err(format!("this is no address of a Postgres database; {SHAPE}"));
    }
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        let key = parameter.split('=').next().unwrap_or_default();
        if !PARAMETERS.contains(&key) {
            let known = PARAMETERS.join(", ");
            return Err(format!("a parameter behind the ? is not known; those known are {known}"));
        }
    }
    // The parser's message can repeat parts of the URL, and the password with them.
    let options: PgConnectOptions = url.parse().map_err(|_| {
        format!(
            "this address of a Postgres database cannot be read; {SHAPE}; sslmode is one of disable, allow, \
            prefer, require, verify-ca, verify-full"
        )
    })?;
    let named = options.get_application_name().is_some();
    let options = if named { options } else { options.application_name("rapport") };
    Ok(options.disable_statement_logging())
}

impl Postgres {
    /// Whether a URL has the scheme of Postgres.
    #[must_use]
    pub fn is_url(url: &str) -> bool {
        url.starts_with("postgres:") || url.starts_with("postgresql:")
    }

    /// Parses a URL.
    ///
    /// # Errors
    /// The reason, without any part of the URL that could be a secret.
    pub fn check_url(url: &str) -> Result<(), String> {
        options(url).map(|_| ())
    }

    /// Opens `postgres://…` (or `postgresql://…`), and applies migrations. Waits up to 10 s for a database that is just
    /// starting.
    ///
    /// # Errors
    /// The database cannot be reached or migrated, or is too old.
    pub async fn open_url(url: &str) -> crate::Result<Self> {
        let options = options(url).map_err(StoreError::Internal)?;
        let connection = first_connection(&options).await?;
        Ok(open(options, connection).await?)
    }

    /// Host and name of the database, without a password.
    #[must_use]
    pub fn place(url: &str) -> Option<String> {
        let options = options(url).ok()?;
        let database = options.get_database().unwrap_or_else(|| options.get_username());
        Some(format!("the Postgres database \"{database}\" at {}", options.get_host()))
    }

    /// Like [`Self::open_url`], and creates no tables; `None` if the database has none of ours.
    ///
    /// # Errors
    /// The errors of [`Self::open_url`].
    pub async fn open_existing(url: &str) -> crate::Result<Option<Self>> {
        let options = options(url).map_err(StoreError::Internal)?;
        let mut connection = first_connection(&options).await?;
        if !is_installed(&mut connection).await? {
            return Ok(None);
        }
        Ok(Some(open(options, connection).await?))
    }
}

/// Whether migrations were applied.
async fn is_installed(connection: &mut PgConnection) -> Result<bool> {
    let table: Option<String> = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations')::text")
        .fetch_one(&mut *connection)
        .await?;
    if table.is_none() {
        return Ok(false);
    }
    let applied = sqlx::query("SELECT 1 FROM _sqlx_migrations LIMIT 1").fetch_optional(connection).await?;
    Ok(applied.is_some())
}

async fn open(options: PgConnectOptions, mut connection: PgConnection) -> Result<Postgres> {
    check(&mut connection).await?;
    migrate(&mut connection).await?;
    fold_names(&mut connection).await?;
    connection.close().await?;
    let breaker = Arc::<CircuitBreaker>::default();
    Ok(Postgres {
        writer: Connections::new(options.clone(), WRITERS, Arc::clone(&breaker)),
        readers: Connections::new(options, READERS, breaker),
        webhooks: Default::default(),
    })
}

async fn first_connection(options: &PgConnectOptions) -> Result<PgConnection> {
    let begun = Instant::now();
    let mut told = false;
    loop {
        match connect(options).await {
            Err(error @ (StoreError::Lost(_) | StoreError::Timeout(_))) if begun.elapsed() < STARTING => {
                if !std::mem::replace(&mut told, true) {
                    tracing::warn!(cause = %error, "the database is not there yet");
                }
                sleep(Duration::from_millis(250)).await;
            }
            done => return done,
        }
    }
}

async fn check(connection: &mut PgConnection) -> Result<()> {
    let version = connection.server_version_num().unwrap_or(0) / 10_000;
    if version < OLDEST {
        return Err(StoreError::Unsupported(format!(
            "Postgres {version} is too old: it must be {OLDEST} or newer"
        )));
    }
    let encoding: String = sqlx::query_scalar("SHOW server_encoding").fetch_one(connection).await?;
    if encoding != "UTF8" {
        let why = format!("the database's encoding is {encoding}: make it with ENCODING 'UTF8'");
        return Err(StoreError::Unsupported(why));
    }
    Ok(())
}

/// Applies migrations. An advisory lock, which ends with the connection, lets one of several nodes do it while the others wait.
/// Each migration is one transaction with its row in `_sqlx_migrations`, so that a node that dies leaves nothing half done.
async fn migrate(connection: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql(UNHURRIED).execute(&mut *connection).await?;
    let mut migrating = pin!(MIGRATOR.run_direct(None, connection, false));
    loop {
        match timeout(Duration::from_secs(10), migrating.as_mut()).await {
            Ok(done) => return done.map_err(StoreError::from),
            Err(_) => tracing::warn!("still migrating the database, or waiting for another server that does"),
        }
    }
}

/// Folds names in one transaction. Rows are locked, so that another node that starts waits, and finds them done.
async fn fold_names(connection: &mut PgConnection) -> Result<()> {
    let mut transaction = connection.begin().await?;
    person_words::fold_outdated(&mut transaction).await?;
    transaction.commit().await.map_err(StoreError::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_or_refused_without_being_repeated() {
        for good in [
            "postgres://rapport:s3cret@db.example:5433/rapport",
            "postgresql://rapport@localhost/rapport?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            "postgres:///rapport?host=/run/postgresql&user=rapport",
        ] {
            assert_eq!(Postgres::check_url(good), Ok(()), "{good}");
        }
        for bad in [
            "postgres://rapport:s3cret#x@db.example/rapport",
            "postgres://rapport:s3cret/x@db.example/rapport",
            "postgres://rapport@db.example:s3cret/rapport",
            "postgres://rapport@db.example/rapport?pasword=s3cret",
            "postgres://rapport:s3cret@db.example/rapport?sslmode=s3cret",
            "mysql://rapport:s3cret@db.example/rapport",
        ] {
            let why = Postgres::check_url(bad).unwrap_err();
            assert!(!why.contains("s3cret"), "{why}");
        }
    }
}
