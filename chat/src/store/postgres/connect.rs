//! Opens one connection; the settings of all connections.

use crate::store::error::{Result, StoreError};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};
use std::time::Duration;
use tokio::time::timeout;

/// The longest time that opening a connection may take.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

// A commit waits for the disk, whatever the server is set to, unless it is set to wait for more. The server ends a statement
// that takes too long before the client gives the connection up.
const SETTINGS: &str = "\
    SELECT set_config('synchronous_commit', 'on', false) \
        WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write'); \
    SET statement_timeout = '6s'; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '15s'; \
    SET client_min_messages = 'warning'; \
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; \
    SET jit = 'off'";

/// Has the server notice the death of a client while its statement runs or waits for a lock. Since Postgres 14.
const CHECK_CLIENT: &str = "SET client_connection_check_interval = '1s'";

/// Opens a connection, and applies the settings.
pub(super) async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    let connecting = timeout(CONNECT_TIMEOUT, async {
        let mut connection = options.connect().await?;
        apply_settings(&mut connection).await?;
        Ok(connection)
    });
    connecting.await.unwrap_or_else(|_| Err(StoreError::Timeout("no connection within 3 s")))
}

/// Applies the settings to a new connection.
pub(super) async fn apply_settings(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(SETTINGS).execute(&mut *connection).await?;
    if connection.server_version_num().is_some_and(|version| version >= 140_000) {
        sqlx::raw_sql(CHECK_CLIENT).execute(connection).await?;
    }
    Ok(())
}
