//! Postgres, for several nodes on one database. Row locks, taken in one order everywhere, serialise their writes.

mod circuit_breaker;
mod connect;
mod connections;
mod delete_account;
mod dialect;
mod erasure;
mod locks;
mod mark_sql;
mod open;
mod send_sql;
#[cfg(test)]
mod tests;

// Compiled for each database with its own types.
#[path = "../shared_sql/mod.rs"]
mod shared_sql;

use crate::store::WebhookSwitch;
use connections::Connections;

/// A database of a Postgres server.
pub struct Postgres {
    writer: Connections,
    readers: Connections,
    webhooks: WebhookSwitch,
}

// The types that the shared modules are compiled for.
type Backend = Postgres;
type Connection = sqlx::PgConnection;
type Database = sqlx::Postgres;
type Row = sqlx::postgres::PgRow;
